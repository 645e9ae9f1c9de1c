//! A process that serves the notes, a no-op and a bare handler.

use std::{net::SocketAddr, process::Stdio, sync::Arc};

use anyhow::{Context as _, Result, bail};
use axum::{Router, routing::get};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use tokio_util::sync::CancellationToken;
use underpin::{
    Platform, Routes,
    base::{Role, Secret, SystemClock},
    db::{Db, Settings},
    files::{Files, Uploads},
    http::{Api, ApiSettings, Json, Parts, ServeOptions, Staff, router, serve as serve_api},
    identity::{Identity, NewTenant, NewUser},
    log::Log,
    prelude::routes,
    runtime::Health,
};
use underpin_testkit::TestDb;

use crate::client::Target;

const PASSWORD: &str = "correct horse battery";
const EMAIL: &str = "ada@example.com";
const SLUG: &str = "north";
const SECRET_KEY: &[u8] = b"a secret key of a bench, long enough";
/// Notes that the tenant has before anything is measured.
const NOTES: i32 = 1_000;

/// A database, and a process that serves it.
pub(crate) struct Site {
    test: TestDb,
    api: SocketAddr,
    bare: SocketAddr,
    token: String,
    _child: Child,
}

fn platform() -> Platform {
    Platform::new(vec![notes::module()])
}

/// Who asks is known, and that is all.
#[utoipa::path(get, path = "/v1/t/{tenant}/noop", operation_id = "noop", params(("tenant" = String, Path)), responses((status = 200, body = Value)))]
async fn noop(_staff: Staff) -> Json<Value> {
    answer()
}

fn answer() -> Json<Value> {
    Json(json!({"items": [], "next": null}))
}

/// What the second process does: serve until it is killed.
pub(crate) fn serve() -> Result<()> {
    let args: Vec<_> = std::env::args().skip(2).collect();
    let [app_url, system_url] = &args[..] else { bail!("serve APP SYSTEM") };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let db = Db::new(Settings::new(app_url, system_url))?;
        let (clock, stop) = (Arc::new(SystemClock), CancellationToken::new());
        let files = Files::local(&std::env::temp_dir().join("underpin-bench-stack"))?;
        let parts = Parts {
            identity: Identity::new(db.clone(), Arc::clone(&clock) as _, SECRET_KEY),
            log: Log::new(db.clone()),
            uploads: Uploads::new(db.clone(), files.clone(), Arc::clone(&clock) as _),
            files,
            health: Health::new(),
            stop: stop.clone(),
            db: db.clone(),
        };
        tokio::spawn(parts.identity.clone().follow_access(stop.clone()));
        let api = Api::new(parts, clock, ApiSettings::default());
        let routes = platform().routes().merge(Routes::new().routes(routes!(noop)));
        let (listener, bare) = (
            std::net::TcpListener::bind("127.0.0.1:0")?,
            tokio::net::TcpListener::bind("127.0.0.1:0").await?,
        );
        println!("{} {}", listener.local_addr()?, bare.local_addr()?);
        let handler = Router::new().route("/v1/t/{tenant}/noop", get(async || answer()));
        tokio::spawn(async move { axum::serve(bare, handler).await });
        serve_api(listener, router(api, routes), ServeOptions::default(), stop).await?;
        Ok(())
    })
}

impl Site {
    pub(crate) async fn start() -> Result<Self> {
        let test = TestDb::new(&platform().components()).await;
        let identity = Identity::new(test.db.clone(), Arc::new(SystemClock), SECRET_KEY);
        let password = Secret::new(PASSWORD.to_owned());
        let user = NewUser { email: EMAIL.to_owned(), name: "Ada".to_owned(), password };
        let user = identity.create_user(user).await?.into_inner();
        let tenant = NewTenant {
            slug: SLUG.to_owned(),
            name: SLUG.to_owned(),
            accent: "#336699".to_owned(),
            currency: "USD".parse()?,
        };
        let tenant = identity.create_tenant(tenant).await?.into_inner();
        identity.add_member(tenant, user, Role::Owner).await?;

        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", &test.app_url, &test.system_url]);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let out = child.stdout.take().context("piped above")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).await?;
        let (api, bare) = line.trim().split_once(' ').context("the server did not start")?;
        let (api, bare) = (api.parse()?, bare.parse()?);
        let token = sign_in(api).await?;

        let client = test.superuser().await;
        let sql = "insert into notes.note (tenant_id, id, text, words, created_at) \
                   select $1, uuidv7.id, 'a note of the bench, number ' || n, 6, now() \
                   from generate_series(1, $2) n, lateral (select overlay(gen_random_uuid()::text placing lpad(to_hex(n), 8, '0') from 1 for 8)::uuid as id) uuidv7";
        client.execute(sql, &[&tenant.uuid(), &NOTES]).await?;
        client
            .batch_execute(
                "create schema peer; grant usage on schema peer to public;
                 create table peer.session (token_hash text primary key, slug text not null, user_id uuid not null, tenant_id uuid not null,
                     role text not null, expires_at timestamptz not null);
                 grant select on peer.session to public",
            )
            .await?;
        let sql = "insert into peer.session values (encode(sha256(convert_to($1, 'UTF8')), 'hex'), $2, $3, $4, 'owner', now() + interval '1 day')";
        client.execute(sql, &[&token, &SLUG, &user.uuid(), &tenant.uuid()]).await?;
        client.batch_execute("analyze").await?;
        Ok(Self { test, api, bare, token, _child: child })
    }

    pub(crate) fn app_url(&self) -> &str {
        &self.test.app_url
    }

    /// A signed-in GET below the tenant.
    pub(crate) fn get(&self, path: &str) -> Target {
        let head = format!(
            "GET /v1/t/{SLUG}/{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n",
            self.api, self.token
        );
        Target { address: self.api, head, body: String::new(), keyed: false, status: 200 }
    }

    /// The no-op's answer from a handler with nothing around it.
    pub(crate) fn bare(&self) -> Target {
        Target { address: self.bare, ..self.get("noop") }
    }

    /// Write a note.
    pub(crate) fn post(&self, keyed: bool) -> Target {
        let body = r#"{"text":"a note of the bench"}"#.to_owned();
        let head = format!(
            "POST /v1/t/{SLUG}/notes HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            self.api,
            self.token,
            body.len()
        );
        Target { address: self.api, head, body, keyed, status: 201 }
    }
}

async fn sign_in(address: SocketAddr) -> Result<String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let body = json!({"email": EMAIL, "password": PASSWORD, "delivery": "token"});
    let client = reqwest::Client::builder().build()?;
    let answer = client.post(format!("http://{address}/v1/session")).json(&body).send().await?;
    let answer: Value = answer.error_for_status()?.json().await?;
    answer["token"].as_str().map(str::to_owned).context("no token")
}
