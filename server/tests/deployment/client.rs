//! Imports, as a member makes them.

use serde_json::Value;
use underpin_testkit::{Answer, Client, read, wait_for};

/// What a member does with imports.
pub(crate) trait Imports {
    /// Upload a file; returns the id of the import.
    fn import(&self, tenant: &str, body: impl Into<reqwest::blocking::Body>) -> String;

    /// Upload a file.
    fn upload(&self, tenant: &str, body: impl Into<reqwest::blocking::Body>) -> Answer;

    /// Wait for an import's end; returns it.
    fn finished(&self, tenant: &str, import: &str) -> Value;
}

impl Imports for Client {
    fn import(&self, tenant: &str, body: impl Into<reqwest::blocking::Body>) -> String {
        let answer = self.upload(tenant, body);
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.body["import_id"].as_str().unwrap().to_owned()
    }

    fn upload(&self, tenant: &str, body: impl Into<reqwest::blocking::Body>) -> Answer {
        let path = format!("/v1/t/{tenant}/imports?kind=funds&filename=book.csv&currency=USD");
        let request = self.request(reqwest::Method::POST, &path).header("content-type", "text/csv");
        read(request.body(body).send().unwrap())
    }

    fn finished(&self, tenant: &str, import: &str) -> Value {
        let mut last = Value::Null;
        wait_for("the import ends", || {
            // A process that was just killed may leave a request without an answer: ask again.
            let path = format!("/v1/t/{tenant}/imports/{import}");
            let Ok(response) = self.request(reqwest::Method::GET, &path).send() else {
                return false;
            };
            let answer = read(response);
            if answer.status == 200 {
                last = answer.body;
            }
            last["state"] == "done" || last["state"] == "failed"
        });
        last
    }
}
