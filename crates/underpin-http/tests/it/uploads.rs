//! Files that go past the server, and what is shown of any.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio_util::task::AbortOnDropHandle;
use underpin_base::{Clock, Secret};
use underpin_files::{
    Bounds, Encoding, Files, Incoming, Limits, Result, S3Settings, UploadId, Uploads,
};
use underpin_http::{ApiSettings, VerifyUpload, router};
use underpin_jobs::{Registry, Runner, RunnerSettings};
use underpin_testkit::until;
use underpin_testkit_s3::{ACCESS_KEY_ID, BUCKET, S3Server, SECRET_ACCESS_KEY};

use crate::stage::{Answer, Stage, With as _, get, modules, post, send};

const UPLOADS: &str = "/v1/t/north/uploads";
const BOOK: &[u8] = b"investor,fund,as_of,commitment\nA,F,2025-03-31,1\n";

/// A stage whose files lie in a bucket.
struct Site {
    stage: Stage,
    bucket: S3Server,
    ada: String,
}

impl Site {
    async fn new(bounds: Bounds) -> Self {
        let upload_limits = Limits { bytes_max: 1 << 20, ..Limits::default() };
        let settings = ApiSettings { upload_limits, ..ApiSettings::default() };
        let (mut stage, bucket) = (Stage::with(settings).await, S3Server::start().await);
        let settings = S3Settings {
            bucket: BUCKET.to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: Some(bucket.endpoint()),
            public_endpoint: None,
            access_key_id: ACCESS_KEY_ID.to_owned(),
            secret_access_key: Secret::new(SECRET_ACCESS_KEY.to_owned()),
            path_style: true,
        };
        let (files, db) = (Files::s3(&settings).unwrap(), stage.db.db.clone());
        let clock: Arc<dyn Clock> = Arc::new(stage.clock.clone());
        let uploads = Uploads::new(db, files.clone(), clock).with_bounds(bounds);
        stage.api = stage.api.clone().with(|api| (api.uploads, api.files) = (uploads, files));
        stage.router = router(stage.api.clone(), modules());
        let ada = stage.token("ada").await;
        Self { stage, bucket, ada }
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        self.stage.ask(request.bearer(&self.ada)).await
    }

    async fn announce(&self, file: &[u8]) -> Answer {
        self.ask(post(UPLOADS, &announced(file))).await
    }

    /// Announce a file and send it; its path.
    async fn sent(&self, file: &[u8]) -> String {
        let made = self.announce(file).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let made = made.json();
        put(&made["put"], file).await;
        format!("{UPLOADS}/{}", made["upload"]["id"].as_str().unwrap())
    }

    async fn complete(&self, path: &str) -> Answer {
        self.ask(send("POST", &format!("{path}/complete"), &Value::Null)).await
    }

    /// What an upload becomes; a worker must be at work.
    async fn judged(&self, path: &str) -> Value {
        until("the upload is judged", async || {
            let upload = self.ask(get(path)).await.json();
            (upload["state"] != "verifying").then_some(upload)
        })
        .await
    }

    fn work(&self) -> AbortOnDropHandle<()> {
        let mut registry = Registry::new();
        registry.register::<VerifyUpload>(self.stage.api.uploads.clone());
        let runner = Runner::new(self.stage.db.db.clone(), registry, RunnerSettings::default());
        AbortOnDropHandle::new(tokio::spawn(runner.run(self.stage.stop.clone())))
    }
}

fn announced(file: &[u8]) -> Value {
    let digest: [u8; 32] = Sha256::digest(file).into();
    let digest = digest.map(|byte| format!("{byte:02x}")).concat();
    json!({ "filename": "book \"1\".csv", "media_type": "text/csv", "bytes": file.len(), "sha256": digest })
}

/// What a client does with the URL that it was given.
async fn put(put: &Value, file: &[u8]) {
    assert_eq!(put["method"], "PUT");
    let client = reqwest::Client::builder().build().unwrap();
    let mut request = client.put(put["url"].as_str().unwrap()).body(file.to_vec());
    for (name, value) in put["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_file_goes_past_the_server_is_looked_at_and_loaded_by_a_url_of_the_store() {
    let site = Site::new(Bounds::default()).await;
    let made = site.announce(BOOK).await;
    let path = made.headers[header::LOCATION].to_str().unwrap().to_owned();
    let made = made.json();
    assert_eq!(
        (&made["upload"]["state"], &made["put"]["method"]),
        (&json!("expected"), &json!("PUT"))
    );
    assert_eq!(made["put"]["headers"]["content-type"], "text/csv");
    let early = site.complete(&path).await;
    assert_eq!((early.status.as_u16(), early.code()), (409, "conflict".to_owned()));
    assert_eq!(early.json()["detail"], "nothing has arrived at the URL");

    put(&made["put"], BOOK).await;
    for _ in 0..2 {
        let completed = site.complete(&path).await;
        assert_eq!(completed.status, StatusCode::ACCEPTED, "{completed:?}");
        assert_eq!(completed.json()["state"], "verifying");
    }
    let unread = site.ask(get(&format!("{path}/content"))).await;
    assert_eq!((unread.status.as_u16(), unread.code()), (409, "conflict".to_owned()));
    let jobs = site.stage.db.superuser().await;
    let jobs = jobs.query_one("select count(*) from underpin.job", &[]).await.unwrap();
    assert_eq!(jobs.get::<_, i64>(0), 1, "said twice, looked at once");

    let worker = site.work();
    let stored = site.judged(&path).await;
    assert_eq!((&stored["state"], &stored["used"]), (&json!("stored"), &json!(false)));
    assert_eq!(stored["sha256"], announced(BOOK)["sha256"]);
    assert_eq!(site.complete(&path).await.json()["state"], "stored");
    drop(worker);

    let content = site.ask(get(&format!("{path}/content"))).await;
    assert_eq!(content.status, StatusCode::FOUND, "{content:?}");
    assert_eq!(content.headers[header::CACHE_CONTROL], "no-store");
    let url = content.headers[header::LOCATION].to_str().unwrap();
    assert!(url.contains("X-Amz-Expires=600"), "{url}");
    let loaded = reqwest::get(url).await.unwrap();
    assert_eq!(loaded.headers()["content-type"], "application/octet-stream");
    let name = loaded.headers()["content-disposition"].to_str().unwrap();
    assert!(name.starts_with("attachment; filename=\"book _1_.csv\""), "{name}");
    assert_eq!(loaded.bytes().await.unwrap(), BOOK);

    let gone = site.ask(send("DELETE", &path, &Value::Null)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
    assert_eq!(site.ask(get(&path)).await.code(), "not_found");
    assert_eq!(site.bucket.objects(), 0);
}

#[tokio::test]
async fn an_upload_of_another_tenant_does_not_exist_and_outside_persons_have_none() {
    let site = Site::new(Bounds::default()).await;
    let path = site.sent(BOOK).await;
    let (sue, ivy) = (site.stage.token("sue").await, site.stage.token("ivy").await);
    let south = path.replace("north", "south");
    let nobody = format!("{UPLOADS}/{}", UploadId::new());
    for (method, action) in
        [("GET", ""), ("POST", "/complete"), ("GET", "/content"), ("DELETE", "")]
    {
        let ask = async |token: &str, path: &str| {
            let request = send(method, &format!("{path}{action}"), &Value::Null).bearer(token);
            let answer = site.stage.ask(request).await;
            (answer.status.as_u16(), answer.code())
        };
        let missing = (404, "not_found".to_owned());
        assert_eq!(ask(&sue, &path).await, missing, "{method} {action}");
        assert_eq!(ask(&sue, &south).await, missing, "{method} {action}");
        assert_eq!(ask(&site.ada, &nobody).await, missing, "{method} {action}");
        assert_eq!(ask(&site.ada, &format!("{UPLOADS}/no-uuid")).await, missing);
        assert_eq!(ask(&ivy, &path).await, (403, "forbidden".to_owned()), "{method} {action}");
    }
    let ivy = site.stage.ask(post(UPLOADS, &announced(BOOK)).bearer(&ivy)).await;
    assert_eq!(ivy.code(), "forbidden");
    let nobody = site.stage.ask(post(UPLOADS, &announced(BOOK))).await;
    assert_eq!(nobody.code(), "unauthenticated");
}

#[tokio::test]
async fn what_cannot_be_announced_is_named_and_leaves_nothing() {
    let site = Site::new(Bounds { tenant_bytes_max: 2_000_000, ..Bounds::default() }).await;
    let with = |field: &str, value: Value| {
        let mut body = announced(BOOK);
        body[field] = value;
        body
    };
    for (body, expected) in [
        (with("filename", json!("")), (422, "invalid")),
        (with("filename", json!("a\u{7}b")), (422, "invalid")),
        (with("sha256", json!("abc")), (422, "invalid")),
        (with("media_type", json!("text")), (422, "invalid")),
        (with("media_type", json!("text/csv\r\nx: y")), (422, "invalid")),
        (with("bytes", json!(-1)), (422, "invalid")),
        (with("bytes", json!("many")), (422, "invalid")),
        (with("more", json!(1)), (422, "invalid")),
        (with("bytes", json!((1 << 20) + 1)), (413, "too_large")),
        (with("bytes", json!(u64::MAX)), (413, "too_large")),
    ] {
        let answer = site.ask(post(UPLOADS, &body)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), expected, "{body}");
    }
    let rows = site.stage.db.superuser().await;
    let rows = rows.query_one("select count(*) from underpin.upload", &[]).await.unwrap();
    assert_eq!(rows.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn room_and_open_urls_are_bounded() {
    let bounds = Bounds { tenant_bytes_max: 60, urls_per_user_max: 2, ..Bounds::default() };
    let site = Site::new(bounds).await;
    let worker = site.work();
    let path = site.sent(BOOK).await;
    site.complete(&path).await;
    assert_eq!(site.judged(&path).await["state"], "stored");
    drop(worker);
    let full = site.announce(BOOK).await;
    assert_eq!((full.status.as_u16(), full.code()), (409, "quota_exceeded".to_owned()));
    for _ in 0..2 {
        assert_eq!(site.announce(b"x").await.status, StatusCode::CREATED);
    }
    let many = site.announce(b"x").await;
    assert_eq!((many.status.as_u16(), many.code()), (429, "rate_limited".to_owned()));
    assert!(many.headers.contains_key(header::RETRY_AFTER), "{many:?}");
}

#[tokio::test]
async fn a_deployment_with_a_directory_says_so_and_serves_what_it_has() {
    let stage = Stage::new().await;
    let (ada, uploads) = (stage.token("ada").await, &stage.api.uploads);
    let direct = stage.ask(post(UPLOADS, &announced(BOOK)).bearer(&ada)).await;
    assert_eq!((direct.status.as_u16(), direct.code()), (409, "direct_only".to_owned()));

    let by = stage.principal("north", "ada").await;
    let body = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(BOOK))]);
    let incoming = Incoming {
        filename: "book.csv".to_owned(),
        media_type: Some("text/html".to_owned()),
        content_length: None,
        encoding: Encoding::Identity,
        body,
    };
    let received = &uploads.receive(by, incoming, &Limits::default()).await.unwrap();
    let path = format!("{UPLOADS}/{}", received.upload_id);
    let arriving = stage.ask(get(&path).bearer(&ada)).await.json();
    assert_eq!((&arriving["state"], &arriving["sha256"]), (&json!("receiving"), &Value::Null));
    for request in [
        send("POST", &format!("{path}/complete"), &Value::Null),
        send("DELETE", &path, &Value::Null),
        get(&format!("{path}/content")),
    ] {
        assert_eq!(stage.ask(request.bearer(&ada)).await.code(), "conflict");
    }
    let (db, now) = (&stage.db.db, stage.api.now());
    let commit: Result<()> = db
        .transact(by, |tx, _| Box::pin(async move { uploads.commit(tx, received, now).await }))
        .await;
    commit.unwrap();
    let content = stage.ask(get(&format!("{path}/content")).bearer(&ada)).await;
    assert_eq!((content.status, content.text.as_bytes()), (StatusCode::OK, BOOK));
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-length", &BOOK.len().to_string()),
        ("content-disposition", "attachment; filename=\"book.csv\"; filename*=UTF-8''book.csv"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(content.headers[name], value, "{name}");
    }
    let used = stage.ask(send("DELETE", &path, &Value::Null).bearer(&ada)).await;
    assert_eq!((used.status.as_u16(), used.code()), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn a_program_sends_files_without_a_say_in_anything_else() {
    let site = Site::new(Bounds::default()).await;
    let key = async |scope: &str| {
        let body = json!({ "name": "sender", "role": "member", "scopes": [scope] });
        let made = site.ask(post("/v1/t/north/api-keys", &body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        made.json()["token"].as_str().unwrap().to_owned()
    };
    let (sender, other) = (key("files:write").await, key("tenant:write").await);
    let announced = &announced(BOOK);
    let sent = site.stage.ask(post(UPLOADS, announced).bearer(&sender)).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{sent:?}");
    let members = site.stage.ask(get("/v1/t/north/members").bearer(&sender)).await;
    assert_eq!(members.code(), "forbidden");
    let foreign = site.stage.ask(post(UPLOADS, announced).bearer(&other)).await;
    assert_eq!(foreign.code(), "forbidden");
}
