//! Bounds on how many requests run at the same time, and for how long.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::unhurried::Hurry;
use crate::{Api, Code, Problem};

/// Let a request in if there is a place, and end it at the time limit unless its handler is [`Unhurried`](super::Unhurried).
pub(super) async fn admit(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let Ok(_place) = api.shared.in_flight.try_acquire() else {
        let full = Problem::new(Code::Unavailable).detail("the service is busy");
        return full.retry_after(Duration::from_secs(1)).into_response();
    };
    let hurry = Hurry::default();
    request.extensions_mut().insert(hurry.clone());
    let work = next.run(request);
    tokio::pin!(work);
    match tokio::time::timeout(api.settings.request_timeout, &mut work).await {
        Ok(response) => response,
        Err(_) if hurry.is_lifted() => work.await,
        Err(_) => Problem::new(Code::Unavailable).detail("this took too long").into_response(),
    }
}
