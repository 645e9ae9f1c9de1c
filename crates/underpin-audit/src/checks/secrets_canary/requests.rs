//! Requests that carry a made-up secret wherever people and programs put secrets.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Ask, Stage, Stopped, Tenant};

/// Where requests go, and what they carry.
pub(super) struct Carrier<'c> {
    pub(super) stage: &'c Stage,
    pub(super) tenant: &'c Tenant,
    pub(super) base: &'c str,
    /// What this deployment calls its cookie.
    pub(super) cookie: &'c str,
    pub(super) canary: &'c str,
}

impl Carrier<'_> {
    /// Every request. The last one writes to the log, so that all are there when it is.
    pub(super) fn requests(&self) -> Result<Vec<Ask>, Stopped> {
        let mut asks = self.as_password();
        asks.extend(self.as_token());
        asks.extend(self.as_key()?);
        asks.push(self.sign_in(&json!({ "email": self.email(), "password": self.canary })));
        Ok(asks)
    }

    fn open(&self, method: Method, path: &str) -> Ask {
        Ask::bare(self.stage.http(), method, &format!("{}{path}", self.base))
    }

    fn sign_in(&self, body: &Value) -> Ask {
        self.open(Method::POST, "/v1/session").json(body)
    }

    fn email(&self) -> String {
        format!("nobody@{}.example", self.tenant.slug)
    }

    /// A password: wrong, of the wrong type, in the wrong field, in a body that breaks off, is no JSON or holds a zero.
    fn as_password(&self) -> Vec<Ask> {
        let (canary, email) = (self.canary, self.email());
        let (with_zero, member) = (format!("{canary}\u{0}"), &self.tenant.member);
        let raw =
            |body: String| self.open(Method::POST, "/v1/session").body("application/json", body);
        let change = |body: &Value| member.ask(Method::PUT, "/v1/password").json(body);
        vec![
            self.sign_in(&json!({ "email": email, "password": canary })),
            self.sign_in(&json!({ "email": email, "password": [canary] })),
            self.sign_in(&json!({ "email": canary, "password": canary })),
            self.sign_in(&json!({ "email": email, "password": canary, "delivery": canary })),
            self.sign_in(&json!({ "email": with_zero, "password": with_zero })),
            raw(format!("{{\"email\": \"{email}\", \"password\": \"{canary}")),
            raw(format!("{{\"email\": \"{email}\", \"password\": {canary}}}")),
            self.open(Method::POST, "/v1/session").body("text/plain", canary.to_owned()),
            change(&json!({ "current": canary, "new": canary })),
            change(&json!({ "current": canary, "new": "short" })),
        ]
    }

    /// A token: as bearer, in another scheme, as cookie, in the path, in the query, in a body.
    fn as_token(&self) -> Vec<Ask> {
        let (canary, list) = (self.canary, self.tenant.path("/funds"));
        let authorized = |method, path: &str, value: String| {
            self.open(method, path).header("authorization", &value)
        };
        let in_query = format!("{list}?token={canary}&access_token={canary}");
        let cookie = format!("{}={canary}; {canary}={canary}", self.cookie);
        let look_up = |body: &Value| self.open(Method::POST, "/v1/invites/lookup").json(body);
        let accept = json!({ "token": canary, "name": "N", "password": canary });
        let owner = &self.tenant.owner;
        vec![
            authorized(Method::GET, &list, format!("Bearer {canary}")),
            authorized(Method::DELETE, "/v1/session", format!("Bearer {canary}")),
            authorized(Method::GET, &list, format!("Basic {canary}")),
            authorized(Method::GET, &list, canary.to_owned()),
            self.open(Method::GET, &list).header("cookie", &cookie),
            self.open(Method::GET, &in_query),
            self.open(Method::GET, &self.tenant.path(&format!("/live?access_token={canary}"))),
            self.open(Method::GET, &format!("/v1/t/{canary}/funds/{canary}")),
            owner.ask(Method::GET, &format!("{list}?sort={canary}&cursor={canary}")),
            owner.ask(Method::GET, &format!("{list}/{canary}")),
            look_up(&json!({ "token": canary })),
            look_up(&json!({ "token": { "is": canary } })),
            self.open(Method::POST, "/v1/invites/accept").json(&accept),
        ]
    }

    /// A key of operators or programs, where keys are taken and where none are.
    fn as_key(&self) -> Result<Vec<Ask>, Stopped> {
        let (canary, owner) = (self.canary, &self.tenant.owner);
        let list = owner.ask(Method::GET, &self.tenant.path("/funds"));
        let invite = owner.ask(Method::POST, &self.tenant.path("/invites"));
        let mut asks = vec![
            list.header("x-operator-token", canary).header("x-api-key", canary),
            invite.json(&json!({ "email": canary, "role": canary })),
        ];
        let deployment = self.stage.deployment()?;
        let (url, _) = deployment.operator()?;
        for path in ["/ops/v1/queues", "/metrics"] {
            let ask = Ask::bare(self.stage.http(), Method::GET, &format!("{url}{path}"));
            asks.push(ask.header("authorization", &format!("Bearer {canary}")));
        }
        Ok(asks)
    }
}
