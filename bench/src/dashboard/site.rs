//! A process that serves, and books in three tenants.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use underpin::{
    Platform,
    base::{Clock as _, Principal, Role, Secret, SystemClock, UserId},
    files::{Encoding, Files, Incoming, Limits, Uploads},
    http::{Api, ApiSettings, Parts, ServeOptions, router, serve},
    identity::{Identity, NewTenant, NewUser},
    jobs::{Job, Registry, Runner, RunnerSettings},
    log::Log,
    runtime::Health,
};
use underpin_funds::{ApplyImport, Context, SumMovements, get_import, start_import};
use underpin_testkit::TestDb;

const PASSWORD: &str = "correct horse battery";
const EMAIL: &str = "ada@example.com";
/// Longest that an import or a job may take here.
const PATIENCE: Duration = Duration::from_mins(10);

pub(crate) struct Site {
    test: TestDb,
    uploads: Uploads,
    identity: Identity,
    directory: std::path::PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    _serving: AbortOnDropHandle<()>,
}

impl Site {
    /// Tenants `big`, `wide` and `demo`, all of one owner who is signed in.
    pub(crate) async fn start() -> Result<Self> {
        let platform = Platform::new(vec![underpin_funds::module()]);
        let test = TestDb::new(&platform.components()).await;
        let directory = std::env::temp_dir().join(format!("underpin-bench-{}", UserId::new()));
        let clock = Arc::new(SystemClock);
        let uploads =
            Uploads::new(test.db.clone(), Files::local(&directory)?, Arc::clone(&clock) as _);
        let identity =
            Identity::new(test.db.clone(), Arc::clone(&clock) as _, b"a secret key of a bench");
        let password = || Secret::new(PASSWORD.to_owned());
        let user =
            NewUser { email: EMAIL.to_owned(), name: "Ada".to_owned(), password: password() };
        let user = identity.create_user(user).await?.into_inner();
        for slug in ["big", "wide", "demo"] {
            let tenant = NewTenant {
                slug: slug.to_owned(),
                name: slug.to_owned(),
                accent: "#336699".to_owned(),
                currency: "USD".parse()?,
            };
            let tenant = identity.create_tenant(tenant).await?.into_inner();
            identity.add_member(tenant, user, Role::Owner).await?;
        }
        let stop = CancellationToken::new();
        let parts = Parts {
            db: test.db.clone(),
            identity: identity.clone(),
            log: Log::new(test.db.clone()),
            files: uploads.files().clone(),
            uploads: uploads.clone(),
            health: Health::new(),
            stop: stop.clone(),
        };
        let api = Api::new(parts, clock, ApiSettings::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let router = router(api, platform.routes());
        let serving = async move {
            if let Err(error) = serve(listener, router, ServeOptions::default(), stop).await {
                eprintln!("the server ended: {error}");
            }
        };
        let serving = AbortOnDropHandle::new(tokio::spawn(serving));
        let token = sign_in(address).await?;
        Ok(Self { test, uploads, identity, directory, address, token, _serving: serving })
    }

    /// Import a book; its movements are not summed.
    pub(crate) async fn import(&self, tenant: &str, file: String) -> Result<()> {
        let by = self.principal(tenant).await?;
        let incoming = Incoming {
            filename: "book.csv".to_owned(),
            media_type: None,
            content_length: None,
            encoding: Encoding::Identity,
            body: futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from(file))]),
        };
        let limits = Limits { bytes_max: u64::MAX, ..Limits::default() };
        let (uploads, usd, at) = (&self.uploads, "USD".parse()?, SystemClock.now());
        let received = &uploads.receive(by, incoming, &limits).await?;
        let started = self.test.db.transact(by, |tx, _| {
            Box::pin(async move { start_import(tx, uploads, received, usd, at).await })
        });
        let id = started.await?.import;
        let context = Context::new(self.uploads.files().clone(), Arc::new(SystemClock));
        let worker = self.work::<ApplyImport>(context);
        let began = Instant::now();
        loop {
            let import = get_import(&self.test.db, by, id).await?;
            if import.finished_at.is_some() {
                ensure!(import.error.is_none(), "{import:?}");
                break;
            }
            ensure!(began.elapsed() < PATIENCE, "the import does not end: {import:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        eprintln!("{tenant}: imported in {:.1} s", began.elapsed().as_secs_f64());
        drop(worker);
        Ok(())
    }

    /// Sum the movements of all books; seconds.
    pub(crate) async fn sum(&self) -> Result<f64> {
        let worker = self.work::<SumMovements>(Arc::new(SystemClock));
        let (began, client) = (Instant::now(), self.test.superuser().await);
        let sql = "select count(*) from funds.fund_import where summed_at is null";
        while client.query_one(sql, &[]).await?.get::<_, i64>(0) > 0 {
            ensure!(began.elapsed() < PATIENCE, "the movements are not summed");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        drop(worker);
        Ok(began.elapsed().as_secs_f64())
    }

    /// The fund with most allocations.
    pub(crate) async fn largest_fund(&self, tenant: &str) -> Result<String> {
        let by = self.principal(tenant).await?;
        let client = self.test.superuser().await;
        let sql = "select fund_id::text from funds.allocation where tenant_id = $1 group by fund_id order by count(*) desc limit 1";
        Ok(client.query_one(sql, &[&by.tenant.uuid()]).await?.get(0))
    }

    async fn principal(&self, tenant: &str) -> Result<Principal> {
        Ok(self.identity.principal_of(tenant, EMAIL).await?)
    }

    fn work<J: Job>(&self, context: J::Context) -> AbortOnDropHandle<()> {
        let mut registry = Registry::new();
        registry.register::<J>(context);
        let runner = Runner::new(self.test.db.clone(), registry, RunnerSettings::default());
        AbortOnDropHandle::new(tokio::spawn(runner.run(CancellationToken::new())))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A client of its own connections.
pub(crate) fn client() -> Result<reqwest::Client> {
    // Once for the process; whoever comes later finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().build()?)
}

async fn sign_in(address: SocketAddr) -> Result<String> {
    let body = serde_json::json!({"email": EMAIL, "password": PASSWORD, "delivery": "token"});
    let client = client()?;
    let answer = client.post(format!("http://{address}/v1/session")).json(&body).send().await?;
    let answer: serde_json::Value = answer.error_for_status()?.json().await?;
    answer["token"].as_str().map(str::to_owned).context("no token")
}
