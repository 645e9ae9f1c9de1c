//! The HTTP side: signing in, asking, and streaming a file.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use reqwest::{Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use tokio_util::io::ReaderStream;

use super::deployment::{Pass, Place};

/// How long a connection may take to open.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long the other side may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// What is read from the file at a time.
const PART_BYTES: usize = 64 * 1024;

/// A signed-in client of a deployment.
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// Why a request failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The deployment did not answer.
    Away(reqwest::Error),
    /// It answered with a problem.
    Refused { status: StatusCode, code: String, detail: String },
}

impl Failure {
    /// Whether waiting may help.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Away(_) => true,
            Self::Refused { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Away(_) => f.write_str("the deployment does not answer"),
            Self::Refused { status, code, detail } => {
                write!(f, "{detail} ({code}, status {})", status.as_u16())
            }
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Away(error) => Some(error),
            Self::Refused { .. } => None,
        }
    }
}

/// A problem document, as far as a person needs it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
    code: String,
    errors: Vec<FieldError>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FieldError {
    field: String,
    message: String,
}

#[derive(Deserialize)]
struct Session {
    token: String,
}

impl Client {
    /// Sign in.
    pub(super) async fn connect(place: Place) -> anyhow::Result<Self> {
        let http =
            reqwest::Client::builder().connect_timeout(CONNECT_MAX).read_timeout(SILENCE_MAX);
        let mut client = Self { http: http.build()?, url: place.url, token: String::new() };
        client.token = match place.pass {
            Pass::Token(token) => token,
            Pass::Password { email, password } => {
                let body = serde_json::json!({
                    "email": email, "password": password, "delivery": "token",
                });
                let request = client.http.post(client.url("/v1/session")).json(&body);
                let signed_in = client.send::<Session>(request).await;
                signed_in.with_context(|| format!("cannot sign in at {}", client.url))?.token
            }
        };
        Ok(client)
    }

    /// The full URL of a path.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Ask for a resource.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.send(self.http.get(self.url(path)).bearer_auth(&self.token)).await
    }

    /// Stream a file as the body of a request, in constant memory.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        file: &Path,
    ) -> anyhow::Result<T> {
        let unreadable = || format!("cannot read {}", file.display());
        let open = tokio::fs::File::open(file).await.with_context(unreadable)?;
        let metadata = open.metadata().await.with_context(unreadable)?;
        anyhow::ensure!(metadata.is_file(), "{} is no file", file.display());
        let body = reqwest::Body::wrap_stream(ReaderStream::with_capacity(open, PART_BYTES));
        let request = self.http.post(self.url(path)).bearer_auth(&self.token);
        let request = request
            .header(header::CONTENT_TYPE, "text/csv")
            .header(header::CONTENT_LENGTH, metadata.len())
            .body(body);
        self.send(request).await.context("the file was not accepted")
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, Failure> {
        let response = request.send().await.map_err(Failure::Away)?;
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        response.json().await.map_err(Failure::Away)
    }
}

async fn refusal(response: Response) -> Failure {
    let status = response.status();
    let problem: Problem = response.json().await.unwrap_or_default();
    let mut detail = match (problem.detail, problem.title) {
        (detail, _) if !detail.is_empty() => detail,
        (_, title) if !title.is_empty() => title,
        _ => "the answer is no problem document; is this URL a deployment of underpin?".to_owned(),
    };
    for FieldError { field, message } in &problem.errors {
        detail = format!("{detail}; {field}: {message}");
    }
    Failure::Refused { status, code: problem.code, detail }
}

/// Percent-encode a part of a path or query.
pub(super) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect::<Vec<_>>()
        .concat()
}
