//! `docs/api.md` says of every POST whether it takes a key, and the document says the same.

use std::collections::BTreeMap;

use underpin_server::{Build, openapi, platform};

/// Route and what the section *Sending again* says of it, `required`, `accepted` or `none: why`.
fn documented() -> BTreeMap<String, String> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api.md")).unwrap();
    let section = text.split("\n## Sending again\n").nth(1).expect("the section is there");
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter(|line| line.starts_with("| `POST "))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let path = cells[0].trim_matches('`').replace('…', "/v1/t/{tenant}");
            let why = cells.get(2).copied().unwrap_or_default();
            let key = if cells[1] == "none" { format!("none: {why}") } else { cells[1].to_owned() };
            (path, key)
        })
        .collect()
}

#[test]
fn every_post_takes_a_key_or_says_why_not_and_the_table_agrees() {
    let document: serde_json::Value =
        serde_json::from_str(&openapi(Build::of(platform)).unwrap()).unwrap();
    let mut served = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("post") else { continue };
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        let header = parameters.find(|parameter| parameter["name"] == "Idempotency-Key");
        let key = match header {
            Some(header) if header["required"] == true => "required".to_owned(),
            Some(_) => "accepted".to_owned(),
            None => operation["x-idempotency"]
                .as_str()
                .unwrap_or("neither a key nor a reason")
                .to_owned(),
        };
        served.insert(format!("POST {path}"), key);
    }
    assert_eq!(documented(), served);
}
