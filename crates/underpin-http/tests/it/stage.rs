//! A deployment of one process: two tenants, their people, and a module that misbehaves on demand.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, State},
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use underpin_base::{Principal, Role, Secret};
use underpin_db::{Component, Db};
use underpin_files::{Files, Uploads};
use underpin_http::{
    Api, ApiSettings, LastEventId, Parts, Problem, Repeats, Tenant, Unhurried, events_response,
    in_area, reports, router,
};
use underpin_identity::{Identity, NewTenant, NewUser};
use underpin_log::{Audience, Log, NewEvent, Sequencer, Topic, emit};
use underpin_mail::{Mailer, Outlet};
use underpin_runtime::{CancellationToken, Environment, Health};
use underpin_testkit::{FakeClock, TestDb};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{live, things, traced};

pub(crate) const COMPONENTS: [Component; 7] = [
    underpin_log::COMPONENT,
    underpin_identity::COMPONENT,
    underpin_jobs::COMPONENT,
    underpin_mail::COMPONENT,
    underpin_files::COMPONENT,
    underpin_http::COMPONENT,
    things::COMPONENT,
];
pub(crate) const PASSWORD: &str = "correct horse battery";
const SECRET_KEY: &[u8] = b"a secret key of a test";
pub(crate) const OPERATOR: &str = "an operator's token";

pub(crate) struct Stage {
    pub(crate) db: TestDb,
    pub(crate) clock: FakeClock,
    pub(crate) api: Api,
    pub(crate) router: Router,
    pub(crate) stop: CancellationToken,
    files: PathBuf,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?} is no JSON"))
    }

    pub(crate) fn code(&self) -> String {
        let kind = self.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!(kind, "application/problem+json", "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        assert_eq!(json["instance"], self.headers["x-request-id"].to_str().unwrap());
        json["code"].as_str().unwrap().to_owned()
    }

    /// What is left of a problem without the request's own id.
    pub(crate) fn without_instance(&self) -> Value {
        let mut json = self.json();
        json.as_object_mut().unwrap().remove("instance");
        json
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(ApiSettings::default()).await
    }

    pub(crate) async fn with(settings: ApiSettings) -> Self {
        let db = TestDb::new(&COMPONENTS).await;
        let clock = FakeClock::default();
        let shared: Arc<dyn underpin_base::Clock> = Arc::new(clock.clone());
        let identity = Identity::new(db.db.clone(), Arc::clone(&shared), SECRET_KEY);
        populate(&identity).await;
        let files = std::env::temp_dir().join(format!("underpin-http-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&files).unwrap();
        let stop = CancellationToken::new();
        let api = instance(&db.db, &shared, &files, &stop, settings);
        let router = router(api.clone(), modules());
        Self { db, clock, api, router, stop, files }
    }

    /// The public router of another process.
    pub(crate) fn second_instance(&self) -> Router {
        let clock: Arc<dyn underpin_base::Clock> = Arc::new(self.clock.clone());
        let (db, settings) = (self.db.second_process(), (*self.api.settings).clone());
        router(instance(&db, &clock, &self.files, &self.stop, settings), modules())
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        read(self.open(request).await).await
    }

    /// Ask and leave the body unread.
    pub(crate) async fn open(&self, mut request: Request<Body>) -> Response {
        let peer: SocketAddr = "192.0.2.1:4444".parse().unwrap();
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A bearer token of a person.
    pub(crate) async fn token(&self, name: &str) -> String {
        let body = json!({ "email": email(name), "password": PASSWORD, "delivery": "token" });
        let answer = self.ask(post("/v1/session", &body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// A cookie of a person, as a browser sends it.
    pub(crate) async fn cookie(&self, name: &str) -> String {
        let body = json!({ "email": email(name), "password": PASSWORD, "delivery": "cookie" });
        let answer = self.ask(post("/v1/session", &body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        assert_eq!(answer.json().get("token"), None, "a cookie's token is in no body");
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn principal(&self, tenant: &str, name: &str) -> Principal {
        self.api.identity.principal_of(tenant, &email(name)).await.unwrap()
    }

    /// Tell something on a topic.
    pub(crate) async fn tell(&self, by: Principal, audience: Audience, number: i64) {
        let event = NewEvent {
            topic: Topic::named("news"),
            entity: by.tenant.uuid(),
            version: number,
            kind: "news.told",
            schema_version: 1,
            audience,
            payload: json!({ "number": number }),
        };
        let at = self.api.now();
        let event = &[event];
        self.db
            .db
            .transact(by, |tx, _| Box::pin(async move { emit(tx, at, event).await }))
            .await
            .unwrap();
    }

    /// Give events their places, as a worker would.
    pub(crate) fn sequence(&self) {
        let db = self.db.second_process();
        link(&db, &self.stop);
        tokio::spawn(Sequencer::run(db, self.stop.clone()));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
        let _ = std::fs::remove_dir_all(&self.files);
    }
}

/// What one process has. A request that repeats statements fails its test.
fn instance(
    db: &Db,
    clock: &Arc<dyn underpin_base::Clock>,
    files: &Path,
    stop: &CancellationToken,
    settings: ApiSettings,
) -> Api {
    let files = Files::local(files).unwrap();
    let mut identity = Identity::new(db.clone(), Arc::clone(clock), SECRET_KEY);
    if settings.environment == Environment::Dev {
        // Mails are there to be read, as on a developer's machine.
        let mailbox = Mailer::new(db.clone(), Arc::clone(clock), SECRET_KEY, &Outlet::Mailbox);
        identity = identity.with_mail(mailbox.unwrap(), "http://app.test");
    }
    let parts = Parts {
        db: db.clone(),
        identity,
        log: Log::new(db.clone()),
        uploads: Uploads::new(db.clone(), files.clone(), Arc::clone(clock)),
        files,
        health: Health::new(),
        stop: stop.clone(),
    };
    let operator_token = Some(Secret::new(OPERATOR.to_owned()));
    let areas = vec!["things"];
    let settings = ApiSettings { operator_token, repeats: Repeats::Refuse, areas, ..settings };
    let api = Api::new(parts, Arc::clone(clock), settings).with_rooms(live::rooms());
    tokio::spawn(api.live.run(stop.clone()));
    link(db, stop);
    api
}

/// Carry hints from and to this process.
fn link(db: &Db, stop: &CancellationToken) {
    let (db, stop) = (db.clone(), stop.clone());
    tokio::spawn(async move { db.run_wakes(stop).await });
}

/// What modules serve here.
pub(crate) fn modules() -> OpenApiRouter<Api> {
    misbehaving().merge(in_area(things::routes(), "things")).merge(traced::routes())
}

/// Tenants `north` (owner ada, admin bob, member cyd, investor ivy) and `south` (owner sue); one password for all.
async fn populate(identity: &Identity) {
    for (slug, people) in [
        (
            "north",
            &[
                ("ada", Role::Owner),
                ("bob", Role::Admin),
                ("cyd", Role::Member),
                ("ivy", Role::Investor),
            ][..],
        ),
        ("south", &[("sue", Role::Owner)]),
    ] {
        let tenant = NewTenant {
            slug: slug.to_owned(),
            name: format!("The {slug}"),
            accent: "#336699".to_owned(),
            currency: "USD".parse().unwrap(),
        };
        let tenant = identity.create_tenant(tenant).await.unwrap().into_inner();
        for (name, role) in people {
            let user = NewUser {
                email: email(name),
                name: (*name).to_owned(),
                password: Secret::new(PASSWORD.to_owned()),
            };
            let user = identity.create_user(user).await.unwrap().into_inner();
            identity.add_member(tenant, user, *role).await.unwrap();
        }
    }
}

/// A module for tests: it panics, it is slow, it streams.
fn misbehaving() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(panics))
        .routes(routes!(hangs))
        .routes(routes!(takes_its_time))
        .routes(routes!(news))
        .merge(reports(OpenApiRouter::new().routes(routes!(reads_much))))
}

#[utoipa::path(get, path = "/v1/test/reads-much", security(()))]
async fn reads_much() -> &'static str {
    "much"
}

#[utoipa::path(get, path = "/v1/test/panics", security(()))]
async fn panics() -> &'static str {
    panic!("an internal secret")
}

#[utoipa::path(get, path = "/v1/test/hangs", security(()))]
async fn hangs() {
    std::future::pending::<()>().await;
}

#[utoipa::path(get, path = "/v1/test/takes-its-time", security(()))]
async fn takes_its_time(State(api): State<Api>, _: Unhurried) -> &'static str {
    // The subject of a test: a handler that takes longer than it may.
    tokio::time::sleep(api.settings.request_timeout + Duration::from_millis(100)).await;
    "done"
}

#[utoipa::path(get, path = "/v1/t/{tenant}/test/news", params(("tenant" = String, Path)))]
async fn news(
    State(api): State<Api>,
    tenant: Tenant,
    last: LastEventId,
) -> Result<Response, Problem> {
    events_response(&api, &tenant, Topic::named("news"), last).await
}

pub(crate) async fn read(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, text }
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.com")
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(crate) fn post(path: &str, body: &Value) -> Request<Body> {
    send("POST", path, body)
}

pub(crate) fn send(method: &str, path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// Add headers to a request.
pub(crate) trait With {
    fn with(self, name: &'static str, value: &str) -> Self;
    fn bearer(self, token: &str) -> Self;
    fn from(self, peer: &str) -> Self;
}

impl With for Request<Body> {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers_mut().append(name, value.parse().unwrap());
        self
    }

    fn bearer(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    fn from(mut self, peer: &str) -> Self {
        let peer: SocketAddr = peer.parse().unwrap();
        self.extensions_mut().insert(ConnectInfo(peer));
        self
    }
}
