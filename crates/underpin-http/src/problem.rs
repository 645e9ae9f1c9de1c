//! Errors as they leave: RFC 9457 problem details.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Code;

/// A problem: what a handler returns in place of an answer.
///
/// Internal text never leaves: [`Problem::caused_by`] keeps it for the log, which gets it once, with the request id.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// The field, with a path where it lies deeper.
    field: String,
    /// A stable name of the rule.
    code: String,
    /// The rule in words.
    message: String,
}

/// RFC 9457 problem details.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document {
    /// A stable URI for the code.
    r#type: String,
    /// The same for every problem of this code.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is special about this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The request's id, as in `X-Request-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// A stable name; docs/api.md lists them.
    code: &'static str,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

/// A wait that is told when the problem does not know one itself.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Problem {
    /// A problem of a code.
    pub const fn new(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new(), retry_after: None, cause: None }
    }

    /// One field is not valid.
    pub fn field(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self::new(Code::Invalid).and_field(field, code, message)
    }

    /// A problem from an error of a crate: its kind decides; text leaves only where the caller can mend something.
    pub fn from_error(
        kind: underpin_base::ErrorKind,
        error: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self::new(kind.into()).caused_by(error)
    }

    /// One more field that is not valid.
    #[must_use]
    pub fn and_field(
        mut self,
        field: impl Into<String>,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        let (field, code, message) = (field.into(), code.to_owned(), message.into());
        self.errors.push(FieldError { field, code, message });
        self
    }

    /// Say what is special about this one, in words for outside.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Say when to try again; whole seconds, rounded up.
    #[must_use]
    pub const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Keep the cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// Its code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The cause and its causes in one line, for the log.
    pub(crate) fn cause(&self) -> Option<String> {
        let mut text = String::new();
        let mut next: Option<&dyn StdError> = self.cause.as_ref().map(|c| c.as_ref() as _);
        while let Some(error) = next {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            next = error.source();
        }
        (!text.is_empty()).then_some(text)
    }

    /// The document, with the request's id once it is known.
    pub(crate) fn body(&self, instance: Option<&str>) -> Body {
        let document = Document {
            r#type: format!("urn:underpin:problem:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: self.detail.clone(),
            instance: instance.map(str::to_owned),
            code: self.code.as_str(),
            errors: self.errors.clone(),
        };
        Body::from(serde_json::to_vec(&document).unwrap_or_default())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body(None));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.code.comes_back() {
            let wait = self.retry_after.unwrap_or(RETRY_AFTER).as_millis().div_ceil(1_000);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.max(1) as u64));
        }
        if self.code == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The outermost layer writes the body again with the request's id, and logs the cause.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<underpin_db::Error> for Problem {
    fn from(error: underpin_db::Error) -> Self {
        if let Some(field) = error.refused_field() {
            return Self::field(field, "not_allowed", "this value is not allowed here");
        }
        match error {
            underpin_db::Error::Exhausted => {
                return Self::new(Code::PoolExhausted).caused_by(error);
            }
            underpin_db::Error::TooLong { .. } => {
                let problem = Self::new(Code::Unavailable).detail("a statement took too long");
                return problem.caused_by(error);
            }
            _ => {}
        }
        // A constraint that nobody named, or a statement refused by policies, is a fault of ours.
        let code = match Code::from(error.kind()) {
            code @ (Code::Unavailable | Code::NotFound) => code,
            _ => Code::Internal,
        };
        Self::new(code).caused_by(error)
    }
}

impl From<underpin_log::Error> for Problem {
    fn from(error: underpin_log::Error) -> Self {
        match error {
            underpin_log::Error::Db(error) => error.into(),
            error => Self::from_error(error.kind(), error),
        }
    }
}

impl From<underpin_files::Error> for Problem {
    fn from(error: underpin_files::Error) -> Self {
        if let underpin_files::Error::Db(error) = error {
            return error.into();
        }
        let code = error.code().and_then(Code::find).unwrap_or_else(|| error.kind().into());
        let problem = Self::new(code);
        let problem =
            if error.is_outspoken() { problem.detail(error.to_string()) } else { problem };
        problem.caused_by(error)
    }
}

impl From<underpin_identity::Error> for Problem {
    fn from(error: underpin_identity::Error) -> Self {
        use underpin_identity::Error as E;
        match error {
            E::WrongCredentials => Self::new(Code::WrongCredentials),
            E::WrongCode => Self::new(Code::WrongCode),
            E::SecondFactorNeeded => Self::new(Code::SecondFactorNeeded),
            E::SecondFactorExists | E::TooManyKeys(_) => {
                Self::new(Code::Conflict).detail(error.to_string())
            }
            E::NoMail => Self::new(Code::Unavailable).detail(error.to_string()),
            E::AlreadyMember => Self::new(Code::AlreadyMember),
            E::LastOwner => Self::new(Code::LastOwner),
            E::BadCursor => Self::new(Code::BadCursor),
            E::Invalid { field, code, message } => Self::field(field, code, message),
            E::Throttled { retry_after } => Self::new(Code::RateLimited).retry_after(retry_after),
            E::Db(error) | E::Mail(underpin_mail::Error::Db(error)) => error.into(),
            E::Log(error) => error.into(),
            error => Self::from_error(error.kind(), error),
        }
    }
}

impl From<underpin_mail::Error> for Problem {
    fn from(error: underpin_mail::Error) -> Self {
        match error {
            underpin_mail::Error::Db(error) => error.into(),
            error => Self::from_error(error.kind(), error),
        }
    }
}

impl From<underpin_base::BadCursor> for Problem {
    fn from(_: underpin_base::BadCursor) -> Self {
        Self::new(Code::BadCursor)
    }
}
