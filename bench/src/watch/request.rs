//! The workload, in each manner.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use axum::{Router, body::Body, http::Request};
use http_body_util::BodyExt as _;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use underpin::{
    Platform, Routes,
    base::{Principal, Role, Secret, SystemClock, TenantId, Trace, UserId},
    db::watch::Watch,
    files::{Files, Uploads},
    http::{Api, ApiSettings, Parts, router},
    identity::{Identity, NewUser},
    log::Log,
    runtime::Health,
};
use underpin_testkit::TestDb;

use crate::store::{ALL, ASK};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// The statement by itself.
    Unwatched,
    /// The same in the scope of a watch, and the look at what it saw.
    Watched,
    /// The same in a trace: the session is named after it.
    Traced,
    /// `GET /v1/session` through every layer: one statement too.
    Request,
}

impl Manner {
    pub(crate) const ALL: [Self; 4] = [Self::Unwatched, Self::Watched, Self::Traced, Self::Request];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unwatched => "the statement alone, no watch",
            Self::Watched => "watched",
            Self::Traced => "watched, in a trace",
            Self::Request => "`GET /v1/session` as served (watched, in a trace), in process",
        }
    }
}

pub(crate) struct Site {
    test: TestDb,
    principal: Principal,
    router: Router,
    authorization: String,
}

impl Site {
    pub(crate) async fn start() -> Result<Self> {
        assert_eq!(ALL.len(), 1);
        let test = TestDb::new(&Platform::new(Vec::new()).components()).await;
        let (db, clock) = (test.db.clone(), Arc::new(SystemClock));
        let identity =
            Identity::new(db.clone(), Arc::clone(&clock) as _, b"a secret key of a bench");
        let password = Secret::new(PASSWORD.to_owned());
        let user = NewUser { email: EMAIL.to_owned(), name: "Ada".to_owned(), password };
        identity.create_user(user).await?;
        let files = Files::local(&std::env::temp_dir().join("underpin-bench-watch"))?;
        let parts = Parts {
            identity,
            log: Log::new(db.clone()),
            uploads: Uploads::new(db.clone(), files.clone(), Arc::clone(&clock) as _),
            files,
            health: Health::new(),
            stop: CancellationToken::new(),
            db,
        };
        let router = router(Api::new(parts, clock, ApiSettings::default()), Routes::new());
        let authorization = format!("Bearer {}", sign_in(&router).await?);
        let (tenant, subject) = (TenantId::new(), UserId::new());
        let principal = Principal { tenant, subject, role: Role::Member };
        Ok(Self { test, principal, router, authorization })
    }

    pub(crate) async fn ask(&self, manner: Manner, number: i64) -> Result<()> {
        let watch = match manner {
            Manner::Unwatched => return self.query(number).await,
            Manner::Request => return self.request().await,
            Manner::Watched => Watch::new(),
            Manner::Traced => Watch::traced(Trace::new()),
        };
        Arc::clone(&watch).over(self.query(number)).await?;
        // As the layer around every request does.
        let repeats = self.test.db.findings().note(&watch, || "GET /bench".to_owned());
        ensure!(repeats.is_empty() && watch.totals().0 == 1, "one statement was to be seen");
        Ok(())
    }

    async fn query(&self, number: i64) -> Result<()> {
        let (tenant, name) = (self.principal.tenant.uuid(), "a name of middling length");
        self.test.db.query_one(self.principal, &ASK, &[&tenant, &name, &number]).await?;
        Ok(())
    }

    async fn request(&self) -> Result<()> {
        let request = Request::get("/v1/session").header("authorization", &self.authorization);
        let response = self.router.clone().oneshot(request.body(Body::empty())?).await?;
        ensure!(response.status() == 200, "{response:?}");
        Ok(())
    }
}

async fn sign_in(router: &Router) -> Result<String> {
    let body = format!(r#"{{"email": "{EMAIL}", "password": "{PASSWORD}", "delivery": "token"}}"#);
    let request = Request::post("/v1/session").header("content-type", "application/json");
    let response = router.clone().oneshot(request.body(Body::from(body))?).await?;
    ensure!(response.status() == 201, "{response:?}");
    let bytes = response.into_body().collect().await?.to_bytes();
    let session: serde_json::Value = serde_json::from_slice(&bytes)?;
    Ok(session["token"].as_str().context("a session has a token")?.to_owned())
}
