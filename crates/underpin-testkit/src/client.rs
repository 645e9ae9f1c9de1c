//! A program that talks to a deployment as a member does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

use serde_json::{Value, json};

use crate::Dev;

/// A signed-in client.
#[derive(Debug)]
pub struct Client {
    http: reqwest::blocking::Client,
    base: String,
    token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body as JSON; null if it is none.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Client {
    /// The first user of the first role among `roles` in the tenant at `index` of the ready file.
    pub fn sign_in(dev: &Dev, index: usize, role: &str) -> (Self, String) {
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
    pub fn open(base: &str, email: &str, password: &str) -> Self {
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
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { http: self.http.clone(), base: base.to_owned(), token: self.token.clone() }
    }

    /// A request with the session.
    pub fn request(
        &self,
        method: reqwest::Method,
        path: &str,
    ) -> reqwest::blocking::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        read(self.request(reqwest::Method::GET, path).send().unwrap())
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        read(self.request(reqwest::Method::POST, path).json(body).send().unwrap())
    }
}

/// A client without a session.
pub fn http() -> reqwest::blocking::Client {
    // Fails only where an earlier test of this process chose it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::blocking::Client::builder();
    builder.timeout(std::time::Duration::from_mins(2)).build().unwrap()
}

/// Read an answer whole.
pub fn read(response: reqwest::blocking::Response) -> Answer {
    let status = response.status().as_u16();
    let text = response.text().unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, body, text }
}
