//! A site of two tenants with people, in front of a stage.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use underpin::{
    base::{Clock, Principal, Role, Secret, UserId},
    files::Limits,
    http::{Api, ApiSettings, Parts, Repeats, router},
    identity::{Identity, NewTenant, NewUser},
    log::Log,
    runtime::Health,
};
use underpin_funds::module;
use utoipa_axum::router::OpenApiRouter;

use crate::stage::Stage;

const PASSWORD: &str = "correct horse battery";
pub(crate) const UPLOAD_MAX: u64 = 2 << 20;

pub(crate) struct Site {
    pub(crate) stage: Stage,
    router: Router,
    pub(crate) identity: Identity,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What is wrong with which field.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        assert_eq!(self.problem(), (422, "invalid".to_owned()), "{}", self.text);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let body = self.json();
        let errors = body["errors"].as_array().unwrap();
        errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap().to_owned())
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    underpin::Platform::new(vec![module()]).routes()
}

impl Site {
    /// Tenants `north` (ada, member mel, investor ivy) and `south` (sue).
    pub(crate) async fn new() -> Self {
        Self::of(Stage::new().await).await
    }

    /// The same in front of a stage of one's own.
    pub(crate) async fn of(stage: Stage) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(stage.clock.clone());
        let db = stage.db().clone();
        let identity = Identity::new(db.clone(), Arc::clone(&clock), b"a secret key of a test");
        for (slug, people) in [
            ("north", &[("ada", Role::Owner), ("mel", Role::Member), ("ivy", Role::Investor)][..]),
            ("south", &[("sue", Role::Owner)]),
        ] {
            let tenant = NewTenant {
                slug: slug.to_owned(),
                name: slug.to_owned(),
                accent: "#336699".to_owned(),
                currency: "USD".parse().unwrap(),
            };
            let tenant = identity.create_tenant(tenant).await.unwrap().into_inner();
            for (name, role) in people {
                let password = Secret::new(PASSWORD.to_owned());
                let user = NewUser { email: email(name), name: (*name).to_owned(), password };
                let user = identity.create_user(user).await.unwrap().into_inner();
                identity.add_member(tenant, user, *role).await.unwrap();
            }
        }
        let parts = Parts {
            identity: identity.clone(),
            log: Log::new(db.clone()),
            uploads: stage.uploads.clone(),
            files: stage.uploads.files().clone(),
            health: Health::new(),
            stop: stage.stop.clone(),
            db,
        };
        let limits = Limits { bytes_max: UPLOAD_MAX, ..Limits::default() };
        let limits = Limits { idle_timeout: std::time::Duration::from_millis(300), ..limits };
        let settings = ApiSettings {
            upload_limits: limits,
            repeats: Repeats::Refuse,
            ..ApiSettings::default()
        };
        let rooms = underpin::Platform::new(vec![module()]).rooms();
        let api = Api::new(parts, clock, settings).with_rooms(rooms);
        tokio::spawn(api.live.run(stage.stop.clone()));
        let router = router(api, routes());
        Self { stage, router, identity }
    }

    pub(crate) async fn open(&self, mut request: Request<Body>) -> Response {
        let peer: SocketAddr = "192.0.2.1:4444".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub(crate) async fn token(&self, name: &str) -> String {
        let body = json!({"email": email(name), "password": PASSWORD, "delivery": "token"});
        let request = Request::post("/v1/session").header(header::CONTENT_TYPE, "application/json");
        let answer = self.ask(request.body(body.to_string().into()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(
        &self,
        token: &str,
        path: &str,
        kind: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, kind);
        self.ask(request.body(body.into()).unwrap()).await
    }

    /// Send a JSON body with some headers more.
    pub(crate) async fn write(
        &self,
        token: &str,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.ask(request.body(body.to_string().into()).unwrap()).await
    }

    /// Make something, with a key of its own.
    pub(crate) async fn make(&self, token: &str, path: &str, body: &Value) -> Answer {
        let key = UserId::new().to_string();
        self.write(token, ("POST", path), &[("idempotency-key", &key)], body).await
    }

    /// Change something that was seen with a tag, in quotes as it came.
    pub(crate) async fn change(&self, token: &str, path: &str, tag: &str, body: &Value) -> Answer {
        self.write(token, ("PATCH", path), &[("if-match", tag)], body).await
    }

    /// Everything that was told: topic, audience, person, kind, version, payload.
    pub(crate) async fn told(&self) -> Vec<Value> {
        let client = self.stage.test.superuser().await;
        let sql = "select topic, audience, audience_user, kind, version, payload from underpin.event order by id";
        let rows = client.query(sql, &[]).await.unwrap();
        let told = |row: &tokio_postgres::Row| {
            let user = row.get::<_, Option<uuid::Uuid>>(2).map(|user| user.to_string());
            json!([
                row.get::<_, String>(0),
                row.get::<_, String>(1),
                user,
                row.get::<_, String>(3),
                row.get::<_, i64>(4),
                row.get::<_, Value>(5)
            ])
        };
        rows.iter().map(told).collect()
    }

    pub(crate) async fn import(&self, token: &str, file: &'static [u8]) -> String {
        let path = "/v1/t/north/imports?kind=funds&filename=book.csv&currency=USD";
        let answer = self.send(token, path, "text/csv; charset=utf-8", file).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
        answer.json()["import_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn principal(&self, name: &str) -> Principal {
        self.identity.principal_of("north", &email(name)).await.unwrap()
    }
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.com")
}

/// Read a stream until a text has come, and everything up to it.
pub(crate) async fn read_until(stream: &mut Body, text: &str) -> String {
    let read = async {
        let mut all = String::new();
        while let Some(frame) = stream.frame().await {
            let Ok(data) = frame.unwrap().into_data() else { continue };
            all.push_str(str::from_utf8(&data).unwrap());
            if all.contains(text) {
                return all;
            }
        }
        panic!("the stream ended before {text}: {all}")
    };
    tokio::time::timeout(std::time::Duration::from_mins(2), read).await.unwrap()
}

/// Show an investor's rows to a person.
pub(crate) async fn link(site: &Site, investor: &str, user: UserId) {
    let client = site.stage.test.superuser().await;
    let sql = "update funds.investor set user_id = $1 where name = $2";
    assert_eq!(client.execute(sql, &[&user.uuid(), &investor]).await.unwrap(), 1);
}
