//! Bounds on how many requests run at the same time, and for how long.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use underpin_db::Class;

use super::{
    rank::{Crowd, Rank},
    unhurried::Hurry,
};
use crate::{Api, Code, Problem};

/// Let a request in if there is a place for its rank, and end it at the time limit unless its handler is [`Unhurried`](super::Unhurried).
pub(super) async fn admit(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let crowd =
        Crowd { places: Arc::clone(&api.shared.in_flight), most: api.settings.in_flight_max };
    if crowd.refuses(Rank::of(&request)) {
        return busy().into_response();
    }
    let Ok(_place) = api.shared.in_flight.try_acquire() else { return busy().into_response() };
    request.extensions_mut().insert(crowd);
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

/// Routes that read much: the first that a full process sends away, and whose statements may take longer.
pub(crate) async fn report(request: Request, next: Next) -> Response {
    if Crowd::refuses_report(request.extensions()) {
        return busy().into_response();
    }
    Class::Report.over(next.run(request)).await
}

/// The answer to whom there is no place for.
fn busy() -> Problem {
    let busy = Problem::new(Code::Unavailable).detail("the service is busy");
    busy.retry_after(Duration::from_secs(1))
}
