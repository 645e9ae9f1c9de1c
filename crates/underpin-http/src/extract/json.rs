use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Api, Code, Problem};

/// A JSON body, in or out. In: at most 1 MiB (settings), refused by its header before a byte is read, or by its count.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(
    /// The value.
    pub T,
);

impl<T: DeserializeOwned> FromRequest<Api> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        read(&bytes(&parts.headers, body, api).await?).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let bytes = match serde_json::to_vec(&self.0) {
            Ok(bytes) => bytes,
            Err(error) => return Problem::new(Code::Internal).caused_by(error).into_response(),
        };
        let mut response = (StatusCode::OK, bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // Answers belong to whoever asked.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// The whole of a JSON body within the limits of bytes and time.
pub(crate) async fn bytes(headers: &HeaderMap, body: Body, api: &Api) -> Result<Bytes, Problem> {
    if !is_json(headers) {
        return Err(Problem::new(Code::MediaType).detail("send application/json"));
    }
    let most = api.settings.body_bytes_max;
    let too_large =
        || Problem::new(Code::TooLarge).detail(format!("a body has at most {most} bytes"));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|n| n > most) {
        return Err(too_large());
    }
    let limited = Limited::new(body, usize::try_from(most).unwrap_or(usize::MAX));
    match tokio::time::timeout(api.settings.body_timeout, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(Code::Malformed).detail("the body broke off")),
        Err(_) => Err(Problem::new(Code::BodyTimeout)),
    }
}

/// What the bytes say.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() { describe(&path, &inner.to_string()) } else { malformed(&inner) }
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(Code::Malformed).detail(format!("no JSON at line {line}, column {column}"))
}

/// Turn serde's words into a field, a stable code and a rule. The value itself is not repeated: it may be a password.
pub(super) fn describe(path: &str, words: &str) -> Problem {
    let named = words.split('`').nth(1).unwrap_or_default();
    let at = |name: &str| match path {
        "." | "?" | "" => name.to_owned(),
        // A duplicate or unknown field is part of the path already.
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    if words.starts_with("missing field") {
        Problem::field(at(named), "missing", "this field is missing")
    } else if words.starts_with("unknown field") {
        Problem::field(at(named), "unknown", "there is no such field")
    } else if words.starts_with("duplicate field") {
        Problem::field(at(named), "duplicate", "this field is given twice")
    } else {
        let expected = words.split_once("expected ").map(|(_, rest)| rest);
        let expected = expected.and_then(|rest| rest.split(" at line ").next());
        let message = expected.map_or_else(
            || "this value cannot be read".to_owned(),
            |expected| format!("expected {expected}"),
        );
        Problem::field(at("").trim_end_matches('.'), "bad_value", message)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the refusal is looked at")]
    struct Wanted {
        email: String,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only the refusal is looked at")]
    struct Inner {
        size: u8,
    }

    #[test]
    fn a_refusal_names_the_field_and_never_repeats_the_value() {
        for (body, field, code) in [
            ("{}", "email", "missing"),
            (r#"{"email": 5}"#, "email", "bad_value"),
            (r#"{"email": "a", "inner": {}}"#, "inner.size", "missing"),
            (r#"{"email": "a", "inner": {"size": "secret"}}"#, "inner.size", "bad_value"),
            (r#"{"email": "a", "other": 1}"#, "other", "unknown"),
            (r#"{"email": "a", "email": "b"}"#, "email", "duplicate"),
            ("[]", "", "missing"),
            ("5", "", "bad_value"),
        ] {
            let problem = read::<Wanted>(body.as_bytes()).unwrap_err();
            let text = format!("{problem:?}");
            if !field.is_empty() {
                assert!(text.contains(&format!("field: {field:?}")), "{body}: {text}");
                assert!(text.contains(&format!("code: {code:?}")), "{body}: {text}");
            }
            assert_eq!(problem.code(), Code::Invalid, "{body}");
            assert!(!text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in ["", "{", "{\"email\": \"a\"", "{\"email\": \"a\"} x", "\u{feff}{}", "\0"] {
            let problem = read::<Wanted>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code(), Code::Malformed, "{body:?}");
        }
    }
}
