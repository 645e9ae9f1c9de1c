//! `docs/api.md` and the generated document name the same things.

use std::collections::BTreeSet;

use underpin_server::{Build, openapi, platform};

/// `GET /v1/t/{}/funds` and so on, from the tables of `docs/api.md` (`…` stands for the tenant's prefix).
fn documented() -> BTreeSet<String> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api.md")).unwrap();
    let public = text.split("## Operator listener").next().unwrap();
    public
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .filter(|cell| cell.contains("/v1/") || cell.contains('…'))
        .map(|cell| {
            let (verb, path) = cell.split_once(' ').unwrap();
            let path = path.replace('…', "/v1/t/{tenant}");
            format!("{verb} {}", anonymous(path.split('?').next().unwrap()))
        })
        .collect()
}

/// A path with the names of its parameters left out.
fn anonymous(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn the_table_of_names_and_the_document_list_the_same_routes() {
    let document: serde_json::Value =
        serde_json::from_str(&openapi(Build::of(platform)).unwrap()).unwrap();
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let mut served = BTreeSet::new();
    let mut operations = BTreeSet::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            if path.starts_with("/v1/") {
                served.insert(format!("{} {}", verb.to_uppercase(), anonymous(path)));
            }
            let id = operation["operationId"]
                .as_str()
                .unwrap_or_else(|| panic!("{verb} {path} has no operation id"));
            assert!(operations.insert(id.to_owned()), "two operations are called {id}");
        }
    }
    // The document does not list itself.
    served.insert("GET /v1/openapi.json".into());
    assert_eq!(documented(), served);
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/openapi.json");
    let committed: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let served: serde_json::Value =
        serde_json::from_str(&openapi(Build::of(platform)).unwrap()).unwrap();
    assert!(committed == served, "run `make gen` and commit web/openapi.json");
}
