use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use utoipa::{
    IntoParams,
    openapi::{
        Object, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use crate::{Api, Code, Problem};

/// Longest version that is read.
const VERSION_BYTES_MAX: usize = 200;

/// `If-Match`: the version that a change is meant for, as the `ETag` of an answer named it, without its quotes.
///
/// Missing is 428; weak, a list, `*` or anything else is 400: a change that does not say what it saw could undo somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(
    /// The version.
    pub String,
);

impl FromRequestParts<Api> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        read(&parts.headers).map(Self)
    }
}

fn read(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else {
        return Err(Problem::new(Code::PreconditionRequired)
            .detail("send If-Match with the ETag of the version that you saw"));
    };
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    let version = text.and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"'));
    let visible = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    match version {
        Some(version)
            if (1..=VERSION_BYTES_MAX).contains(&version.len()) && version.bytes().all(visible) =>
        {
            Ok(version.to_owned())
        }
        _ => Err(Problem::new(Code::Malformed).detail("If-Match is one strong ETag in quotes")),
    }
}

/// Its line in the OpenAPI document.
impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some("The `ETag` of the version that the change is meant for."))
            .schema(Some(Object::with_type(Type::String)));
        vec![header.build()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(values: &[&str]) -> Result<String, Code> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, value.parse().unwrap());
        }
        read(&headers).map_err(|problem| problem.code())
    }

    #[test]
    fn one_strong_version_is_read_and_nothing_else() {
        assert_eq!(judged(&["\"7\""]), Ok("7".to_owned()));
        assert_eq!(judged(&[" \"7-12\" "]), Ok("7-12".to_owned()));
        assert_eq!(judged(&[]), Err(Code::PreconditionRequired));
        for odd in ["", "7", "*", "\"\"", "\"", "W/\"7\"", "\"7\", \"8\"", "\"7 8\"", "\"7\"x"] {
            assert_eq!(judged(&[odd]), Err(Code::Malformed), "{odd}");
        }
        assert_eq!(judged(&["\"7\"", "\"8\""]), Err(Code::Malformed));
        assert_eq!(judged(&[&format!("\"{}\"", "7".repeat(201))]), Err(Code::Malformed));
    }
}
