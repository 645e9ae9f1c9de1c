//! Answers that say what was made and which version of it they show.

use std::fmt::Display;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use underpin_db::Row;

use crate::{Code, Problem};

/// A JSON answer with the headers that a client goes on with: `Location` of what was made, `ETag` of the version shown.
///
/// Its status is always a success: what fails is a [`Problem`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Answer<T> {
    status: StatusCode,
    body: Option<T>,
    location: Option<String>,
    etag: Option<String>,
}

impl<T> Answer<T> {
    const fn new(status: StatusCode, body: Option<T>) -> Self {
        Self { status, body, location: None, etag: None }
    }

    /// 200: here it is.
    pub const fn ok(body: T) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }

    /// 201: it was made.
    pub const fn created(body: T) -> Self {
        Self::new(StatusCode::CREATED, Some(body))
    }

    /// 202: it will be done.
    pub const fn accepted(body: T) -> Self {
        Self::new(StatusCode::ACCEPTED, Some(body))
    }

    /// Where what was made is found: a path.
    pub fn location(self, path: impl Into<String>) -> Self {
        Self { location: Some(path.into()), ..self }
    }

    /// Which version this shows, as `If-Match` names it later; in visible ASCII without quotes.
    pub fn etag(self, version: impl Display) -> Self {
        Self { etag: Some(format!("\"{version}\"")), ..self }
    }
}

impl Answer<()> {
    /// 204: it was done, there is nothing to show.
    pub const fn empty() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match Written::of(&self) {
            Ok(written) => written.into_response(),
            Err(problem) => problem.into_response(),
        }
    }
}

/// What a handler returns whose answer may be a repeat.
pub type Answered = Result<Response, Problem>;

/// An answer as bytes: what is kept for a repeated request, and what leaves the first time too, so that both are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Written {
    pub(crate) fn of<T: Serialize>(answer: &Answer<T>) -> Result<Self, Problem> {
        let fault = |error| Problem::new(Code::Internal).caused_by(error);
        let body = answer.body.as_ref().map(serde_json::to_vec).transpose().map_err(fault)?;
        Ok(Self {
            status: answer.status.as_u16(),
            content_type: body.is_some().then(|| "application/json".to_owned()),
            location: answer.location.clone(),
            etag: answer.etag.clone(),
            body: body.unwrap_or_default(),
        })
    }

    /// Status, content type, location, etag and body, from this column on.
    pub(crate) fn from_row(row: &Row, at: usize) -> Self {
        Self {
            status: row.get::<_, i16>(at).unsigned_abs(),
            content_type: row.get(at + 1),
            location: row.get(at + 2),
            etag: row.get(at + 3),
            body: row.get(at + 4),
        }
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let fault = |error| Problem::new(Code::Internal).caused_by(error).into_response();
        let mut response = Response::new(self.body.into());
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, self.content_type),
            (header::LOCATION, self.location),
            (header::ETAG, self.etag),
        ] {
            match value.map(HeaderValue::try_from).transpose() {
                Ok(Some(value)) => drop(headers.insert(name, value)),
                Ok(None) => {}
                Err(error) => return fault(error),
            }
        }
        // Answers belong to whoever asked.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_its_headers() {
        let response = Answer::created(7).location("/v1/things/7").etag(3).into_response();
        assert_eq!(response.status(), StatusCode::CREATED);
        let header = |name| response.headers().get(name).map(HeaderValue::as_bytes);
        assert_eq!(header(header::LOCATION), Some(&b"/v1/things/7"[..]));
        assert_eq!(header(header::ETAG), Some(&b"\"3\""[..]));
        assert_eq!(header(header::CACHE_CONTROL), Some(&b"no-store"[..]));
        let empty = Answer::empty().into_response();
        assert_eq!(empty.status(), StatusCode::NO_CONTENT);
        assert!(!empty.headers().contains_key(header::CONTENT_TYPE));
    }

    #[test]
    fn a_header_that_cannot_be_is_a_fault_of_ours_and_no_answer_without_it() {
        let response = Answer::ok(1).etag("line\nbreak").into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
