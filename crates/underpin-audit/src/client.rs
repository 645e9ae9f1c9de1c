//! Asking as a person does.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Method, RequestBuilder,
    header::{HeaderMap, HeaderName},
};
use serde_json::Value;
use tokio::time::Instant;
use underpin_base::{Secret, UserId};
use uuid::Uuid;

use crate::{Error, Result};

/// Longest that a connection may take to open.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Longest that an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// What is kept of a body in an error.
const BODY_CHARS_MAX: usize = 300;
/// Headers that belong to one answer alone.
const OF_ONE_ANSWER: [&str; 4] = ["date", "x-request-id", "traceparent", "server-timing"];

/// The client of an audit: bounded waits, no proxies, no redirects.
pub(crate) fn http() -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder().connect_timeout(CONNECT_MAX).timeout(ANSWER_MAX);
    let builder = builder.no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().map_err(|source| Error::Away { what: "a client".into(), source })
}

/// Somebody with an account and a session. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Person {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: Secret<String>,
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: Uuid,
    /// The name to sign in with.
    pub email: String,
    /// The password.
    pub password: Secret<String>,
    /// What the person is in the tenant, or was.
    pub role: &'static str,
}

impl Person {
    /// Sign in.
    pub async fn sign_in(
        http: &reqwest::Client,
        base: &str,
        email: &str,
        password: &Secret<String>,
        role: &'static str,
    ) -> Result<Self> {
        let body = serde_json::json!({
            "email": email, "password": password.expose(), "delivery": "token",
        });
        let request = http.post(format!("{base}/v1/session")).json(&body);
        let answer = send(request, format!("signing in as {role}")).await?.expect(201)?;
        Ok(Self {
            http: http.clone(),
            base: base.to_owned(),
            token: Secret::new(answer.text_at("/token")?),
            user: UserId::from_uuid(answer.id_at("/user/id")?),
            session: answer.id_at("/id")?,
            email: email.to_owned(),
            password: password.clone(),
            role,
        })
    }

    /// The same person in a session of their own.
    pub async fn again(&self) -> Result<Self> {
        Self::sign_in(&self.http, &self.base, &self.email, &self.password, self.role).await
    }

    /// The same session at another address of the deployment.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The address that this person asks.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The session's token.
    pub const fn token(&self) -> &Secret<String> {
        &self.token
    }

    /// Begin a request.
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        let what = format!("{method} {path} as {}", self.role);
        let request = self.http.request(method, format!("{}{path}", self.base));
        Ask { request: request.bearer_auth(self.token.expose()), what }
    }

    /// Read something.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.ask(Method::GET, path).send().await
    }

    /// Send something under an Idempotency-Key of its own.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.ask(Method::POST, path).key(&Uuid::now_v7().to_string()).json(body).send().await
    }
}

/// A request that is being put together.
#[derive(Debug)]
pub struct Ask {
    request: RequestBuilder,
    what: String,
}

impl Ask {
    /// A request without a session.
    pub fn bare(http: &reqwest::Client, method: Method, url: &str) -> Self {
        Self { what: format!("{method} {url}"), request: http.request(method, url) }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        Self { request: self.request.json(body), ..self }
    }

    /// With any body.
    #[must_use]
    pub fn body(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        let request = self.request.header("content-type", media_type).body(body);
        Self { request, ..self }
    }

    /// With these bytes, whatever they are called.
    #[must_use]
    pub fn bytes(self, body: impl Into<reqwest::Body>) -> Self {
        Self { request: self.request.body(body), ..self }
    }

    /// With a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// With an Idempotency-Key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With another limit of time.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { request: self.request.timeout(limit), ..self }
    }

    /// Send it and read the whole answer.
    pub async fn send(self) -> Result<Answer> {
        send(self.request, self.what).await
    }

    /// Send it and read the answer's body only if it is no success: a stream would never end.
    pub async fn send_for_head(self) -> Result<Answer> {
        let started = Instant::now();
        let Self { request, what } = self;
        let response = request.send().await;
        let response = response.map_err(|source| Error::Away { what: what.clone(), source })?;
        if response.status().is_success() {
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            return Ok(Answer {
                what,
                status,
                headers,
                body: Bytes::new(),
                took: started.elapsed(),
            });
        }
        read(response, what, started).await
    }
}

async fn send(request: RequestBuilder, what: String) -> Result<Answer> {
    let started = Instant::now();
    let response = request.send().await;
    let response = response.map_err(|source| Error::Away { what: what.clone(), source })?;
    read(response, what, started).await
}

async fn read(response: reqwest::Response, what: String, started: Instant) -> Result<Answer> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await;
    let body = body.map_err(|source| Error::Away { what: what.clone(), source })?;
    Ok(Answer { what, status, headers, body, took: started.elapsed() })
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The request.
    pub what: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// How long it took.
    pub took: Duration,
}

impl Answer {
    /// Itself, if it has this status.
    pub fn expect(self, status: u16) -> Result<Self> {
        if self.status == status { Ok(self) } else { Err(self.unexpected()) }
    }

    /// Itself as an error: nothing can be concluded from it.
    pub fn unexpected(&self) -> Error {
        let body = String::from_utf8_lossy(&self.body).chars().take(BODY_CHARS_MAX).collect();
        Error::Answer { what: self.what.clone(), status: self.status, body }
    }

    /// Whether it is a success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of a problem.
    pub fn code(&self) -> Option<String> {
        self.json()["code"].as_str().map(str::to_owned)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A text of the body by its JSON pointer.
    pub fn text_at(&self, pointer: &str) -> Result<String> {
        let json = self.json();
        let text = json.pointer(pointer).and_then(Value::as_str);
        text.map(str::to_owned).ok_or_else(|| self.lacking(pointer))
    }

    /// An id of the body by its JSON pointer.
    pub fn id_at(&self, pointer: &str) -> Result<Uuid> {
        self.text_at(pointer)?.parse().map_err(|_| self.lacking(pointer))
    }

    /// A count of the body by its JSON pointer.
    pub fn count_at(&self, pointer: &str) -> Result<u64> {
        let count = self.json().pointer(pointer).and_then(Value::as_u64);
        count.ok_or_else(|| self.lacking(pointer))
    }

    pub(crate) fn lacking(&self, field: &str) -> Error {
        Error::Lacking { what: self.what.clone(), field: field.to_owned() }
    }

    /// The entity's version, as `If-Match` wants it.
    pub fn etag(&self) -> Option<&str> {
        self.header("etag")
    }

    /// How many statements the route took, as operators are told by `Server-Timing`: without the one that asks who this is, which the
    /// process may know from memory.
    pub fn statements(&self) -> Result<u64> {
        let all = self.timing("statements").and_then(|all| all.checked_sub(self.lookups()?));
        all.ok_or_else(|| self.lacking("Server-Timing with its statements"))
    }

    /// How many statements asked who this is; none if the process knew. Operators are told by `Server-Timing`.
    pub fn lookups(&self) -> Option<u64> {
        self.timing("session")
    }

    fn timing(&self, metric: &str) -> Option<u64> {
        let mut parts = self.header("server-timing")?.split(',');
        let metric = parts.find_map(|part| part.trim().strip_prefix(metric)?.strip_prefix(';'))?;
        metric.split("desc=").nth(1)?.trim_matches('"').parse().ok()
    }

    /// All that somebody can tell two answers apart by: status, headers and body without what belongs to one answer alone.
    pub fn essence(&self) -> String {
        let of_one = |name: &HeaderName| OF_ONE_ANSWER.contains(&name.as_str());
        let headers = self.headers.iter().filter(|(name, _)| !of_one(name));
        let mut headers: Vec<_> = headers.map(|(n, v)| format!("{n}: {v:?}")).collect();
        headers.sort();
        let body = match serde_json::from_slice::<Value>(&self.body) {
            Ok(Value::Object(mut problem)) => {
                problem.remove("instance");
                Value::Object(problem).to_string()
            }
            _ => String::from_utf8_lossy(&self.body).into_owned(),
        };
        format!("{} [{}] {body}", self.status, headers.join("; "))
    }
}
