//! The deployment's own list of its routes.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Error, Result, Stage, client::Ask};

/// An operation of the OpenAPI document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// Its verb.
    pub method: Method,
    /// Its path, with `{name}` where an id stands.
    pub path: String,
    /// Whether it takes a JSON body.
    pub takes_json: bool,
    /// Whether anybody may ask, by the document's own word.
    pub public: bool,
}

impl Operation {
    /// The names in its path, in order.
    pub fn parameters(&self) -> Vec<&str> {
        let parts = self.path.split('/');
        parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    /// Whether an id stands in its path, beside the tenant's slug.
    pub fn has_id(&self) -> bool {
        self.parameters().iter().any(|name| *name != "tenant")
    }

    /// Its path with each name replaced by what `value` says.
    pub fn fill(&self, value: impl Fn(&str) -> String) -> String {
        let parts = self.path.split('/').map(|part| {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            name.map_or_else(|| part.to_owned(), &value)
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// What people call it.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Every operation of the deployment.
pub async fn operations(stage: &Stage) -> Result<Vec<Operation>, crate::Stopped> {
    let url = format!("{}/v1/openapi.json", stage.deployment()?.url);
    let document = Ask::bare(stage.http(), Method::GET, &url).send().await?.expect(200)?.json();
    let operations = read(&document);
    if operations.is_empty() {
        let field = "paths".to_owned();
        return Err(Error::Lacking { what: "the OpenAPI document".into(), field }.into());
    }
    Ok(operations)
}

fn read(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let verbs = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(verb, operation)| (path, verb, operation))
    });
    let read = verbs.filter_map(|(path, verb, operation)| {
        let method = Method::from_bytes(verb.to_uppercase().as_bytes()).ok()?;
        let id = operation["operationId"].as_str()?.to_owned();
        let takes_json = operation["requestBody"]["content"]["application/json"].is_object();
        // An explicit empty requirement.
        let public = operation["security"] == json!([{}]);
        Some(Operation { id, method, path: path.clone(), takes_json, public })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_paths_and_replaced() {
        let document = json!({ "paths": {
            "/v1/t/{tenant}/funds/{fund}": {
                "get": { "operationId": "get_fund" },
                "patch": { "operationId": "update_fund",
                    "requestBody": { "content": { "application/json": {} } } },
            },
        }});
        let operations = read(&document);
        assert_eq!(operations.len(), 2);
        assert_eq!(operations[0].parameters(), ["tenant", "fund"]);
        assert_eq!(operations[0].fill(|name| format!("<{name}>")), "/v1/t/<tenant>/funds/<fund>");
        assert!(operations.iter().any(|o| o.method == Method::PATCH && o.takes_json));
    }
}
