use axum::{extract::FromRequestParts, http::request::Parts};
use serde::de::DeserializeOwned;

use super::json::describe;
use crate::{Api, Problem};

/// Parameters of the query; a refusal names the one at fault.
#[derive(Debug, Clone)]
pub struct Query<T>(
    /// The parameters.
    pub T,
);

impl<T: DeserializeOwned> FromRequestParts<Api> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

pub(super) fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_pairs(query));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        describe(&path, &error.into_inner().to_string())
    })
}

/// The pairs of a query, percent-decoded.
fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only the refusal is looked at")]
    struct Wanted {
        size: u8,
        #[serde(default)]
        name: String,
    }

    #[test]
    fn a_refusal_names_the_parameter() {
        assert!(read::<Wanted>("size=7&name=a%20b").is_ok());
        for query in ["size=x", "size=300", "name=a", "size=1&size=2"] {
            let problem = format!("{:?}", read::<Wanted>(query).unwrap_err());
            assert!(problem.contains("field: \"size\""), "{query}: {problem}");
        }
    }
}
