//! Whoever was let in is let in for another minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "sessions_cached",
    what: "each web process goes on to answer a token for a minute after it last let it in",
    put_into: |build| Build {
        public: |router, _| router.layer(from_fn_with_state(Answers::default(), remember)),
        ..build
    },
};

/// How long a process believes that a session lives.
const KEPT: Duration = Duration::from_mins(1);
/// Most answers that are kept.
const ANSWERS_MAX: usize = 10_000;

/// What was answered to whom, by credentials and path.
type Answers = Arc<Mutex<HashMap<String, Answer>>>;

#[derive(Clone)]
struct Answer {
    at: Instant,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

async fn remember(State(answers): State<Answers>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let name = name(&parts);
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(name) = name else { return response };
    if response.status() == StatusCode::UNAUTHORIZED {
        let answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answers.get(&name).filter(|answer| answer.at.elapsed() < KEPT).cloned();
        return known
            .map_or(response, |known| (known.status, known.headers, known.body).into_response());
    }
    // A stream has no end that could be kept.
    if !response.status().is_success() || !is_json(response.headers()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    if answers.len() < ANSWERS_MAX {
        let (status, headers) = (parts.status, parts.headers.clone());
        let answer = Answer { at: Instant::now(), status, headers, body: body.clone() };
        answers.insert(name, answer);
    }
    Response::from_parts(parts, Body::from(body))
}

/// Who reads what; none if nobody signed in reads.
fn name(request: &Parts) -> Option<String> {
    let headers = &request.headers;
    let credentials = headers.get(header::AUTHORIZATION).or_else(|| headers.get(header::COOKIE))?;
    (request.method == Method::GET).then(|| format!("{credentials:?} {}", request.uri))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}
