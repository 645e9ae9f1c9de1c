//! A program that talks to a deployment as a member does.

use serde_json::{Value, json};

use crate::dev::Dev;

/// A signed-in client.
pub(crate) struct Client {
    http: reqwest::blocking::Client,
    base: String,
    token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Client {
    /// The first user of the first role among `roles` in the tenant at `index` of the ready file.
    pub(crate) fn sign_in(dev: &Dev, index: usize, role: &str) -> (Self, String) {
        let tenant = &dev.ready["tenants"][index];
        let users = tenant["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["role"] == role).unwrap();
        let client = Self::open(
            dev.url(),
            user["email"].as_str().unwrap(),
            user["password"].as_str().unwrap(),
        );
        (client, tenant["slug"].as_str().unwrap().to_owned())
    }

    /// Sign in with a mail address and a password.
    pub(crate) fn open(base: &str, email: &str, password: &str) -> Self {
        let http = http();
        let session: Value = http
            .post(format!("{base}/v1/session"))
            .json(&json!({ "email": email, "password": password, "delivery": "token" }))
            .send()
            .unwrap()
            .json()
            .unwrap();
        let token = session["token"].as_str().unwrap_or_else(|| panic!("{session}")).to_owned();
        Self { http, base: base.to_owned(), token }
    }

    /// The same session on another address of the deployment.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { http: self.http.clone(), base: base.to_owned(), token: self.token.clone() }
    }

    pub(crate) fn request(
        &self,
        method: reqwest::Method,
        path: &str,
    ) -> reqwest::blocking::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        read(self.request(reqwest::Method::GET, path).send().unwrap())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        read(self.request(reqwest::Method::POST, path).json(body).send().unwrap())
    }

    /// Upload a file; returns the id of the import.
    pub(crate) fn import(&self, tenant: &str, body: impl Into<reqwest::blocking::Body>) -> String {
        let answer = self.upload(tenant, body);
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.body["import_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn upload(&self, tenant: &str, body: impl Into<reqwest::blocking::Body>) -> Answer {
        let path = format!("/v1/t/{tenant}/imports?kind=funds&filename=book.csv&currency=USD");
        let request = self.request(reqwest::Method::POST, &path).header("content-type", "text/csv");
        read(request.body(body).send().unwrap())
    }

    /// Wait for an import's end; returns it.
    pub(crate) fn finished(&self, tenant: &str, import: &str) -> Value {
        let mut last = Value::Null;
        let deadline = std::time::Instant::now() + std::time::Duration::from_mins(4);
        loop {
            // A process that was just killed may leave a request without an answer: ask again.
            let path = format!("/v1/t/{tenant}/imports/{import}");
            if let Ok(response) = self.request(reqwest::Method::GET, &path).send() {
                let answer = read(response);
                if answer.status == 200 {
                    last = answer.body;
                    if last["state"] == "done" || last["state"] == "failed" {
                        return last;
                    }
                }
            }
            assert!(std::time::Instant::now() < deadline, "the import never ended: {last}");
            crate::dev::pause();
        }
    }
}

/// A client without a session.
pub(crate) fn http() -> reqwest::blocking::Client {
    // Fails only where an earlier test of this process chose it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::blocking::Client::builder();
    builder.timeout(std::time::Duration::from_mins(2)).build().unwrap()
}

pub(crate) fn read(response: reqwest::blocking::Response) -> Answer {
    let status = response.status().as_u16();
    let text = response.text().unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, body, text }
}
