//! Which parts the platform is made of, and how a process puts them together.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use underpin::{Parts, Platform};
use underpin_base::SystemClock;
use underpin_db::{Db, StatementTimeouts};
use underpin_files::{Bounds, Files, Uploads};
use underpin_http::{Api, ApiSettings, DemoSignIn};
use underpin_identity::Identity;
use underpin_jobs::{Runner, RunnerSettings};
use underpin_log::{Log, Sequencer};
use underpin_runtime::{Environment, FailureGroups, Health, Settings};

use crate::{Build, console, mail, process::Process, storage};

/// The modules of this binary: the one list.
pub fn platform() -> Platform {
    Platform::new(vec![underpin_funds::module()])
}

/// The parts of a process on a database and a storage.
pub(crate) fn parts(db: Db, secret_key: &[u8], files: Files, bounds: Bounds) -> Parts {
    let clock = Arc::new(SystemClock);
    Parts {
        identity: Identity::new(db.clone(), clock.clone(), secret_key),
        log: Log::new(db.clone()),
        uploads: Uploads::new(db.clone(), files, clock.clone()).with_bounds(bounds),
        clock,
        db,
        deleted_days: ApiSettings::default().deleted_days,
    }
}

/// The database of these settings; no connection is opened yet.
pub(crate) fn database(settings: &Settings) -> anyhow::Result<Db> {
    let database = &settings.database;
    let app_url = database.app_url.get()?.expose().as_str();
    let system_url = database.system_url.get()?.expose().as_str();
    let ms = |timeout: u32| Duration::from_millis(timeout.into());
    let seconds = |time: u32| Duration::from_secs(time.into());
    Ok(Db::new(underpin_db::Settings {
        application_name: session_name(settings),
        app_connections_max: database.app_connections_max as usize,
        app_connections_min: database.app_connections_min as usize,
        system_connections_max: database.system_connections_max as usize,
        connections_reserve: database.connections_reserve,
        acquire_timeout: ms(database.acquire_timeout_ms),
        connect_timeout: ms(database.connect_timeout_ms),
        idle_max: seconds(database.idle_seconds_max),
        lifetime_max: seconds(database.lifetime_seconds_max),
        statement_timeouts: StatementTimeouts {
            web: ms(database.web_statement_timeout_ms),
            report: ms(database.report_statement_timeout_ms),
            job: ms(database.job_statement_timeout_ms),
        },
        slow_statement: ms(settings.log.slow_statement_ms),
        lock_timeout: ms(database.lock_timeout_ms),
        idle_in_transaction_timeout: ms(database.idle_in_transaction_timeout_ms),
        ..underpin_db::Settings::new(app_url, system_url)
    })?)
}

/// What the server calls this process's sessions: whose they are, also after it has gone.
fn session_name(settings: &Settings) -> String {
    // The server cuts at 63 bytes; the number must not be what is lost.
    let host: String =
        storage::host(settings).chars().filter(char::is_ascii_graphic).take(40).collect();
    format!("underpin {}@{host}", std::process::id())
}

/// The platform of this process.
pub(crate) struct App {
    build: Build,
    pub(crate) platform: Platform,
    pub(crate) parts: Parts,
    pub(crate) health: Health,
    /// Panics, answers from 500 on and errors of jobs.
    failures: FailureGroups,
}

impl App {
    pub(crate) fn new(build: Build, settings: &Settings) -> anyhow::Result<Self> {
        let secret_key = settings.security.secret_key.get()?.expose();
        let (files, bounds) = (storage::files(settings)?, storage::bounds(settings));
        let mut parts = parts(database(settings)?, secret_key, files, bounds);
        parts.deleted_days = settings.deployment.deleted_days;
        parts.identity = mail::connect(parts.identity, settings, parts.db.clone())?;
        let platform = (build.platform)();
        let (health, failures) = (Health::new(), FailureGroups::default());
        Ok(Self { build, platform, parts, health, failures })
    }

    /// Say where this process keeps files, and refuse to begin if another keeps them elsewhere.
    pub(crate) async fn agree(&self, process: &Process) -> anyhow::Result<()> {
        storage::agree(process, &self.parts.db, self.parts.uploads.files()).await
    }

    /// Say how many connections this process may open, and refuse to begin if the server has not as many for all processes.
    pub(crate) async fn announce(&self) -> anyhow::Result<()> {
        let budget = self.parts.db.announce().await.context(
            "lower database.app_connections_max or database.system_connections_max, run fewer processes, or raise max_connections",
        )?;
        tracing::info!(%budget, "connections announced");
        Ok(())
    }

    /// The state of the HTTP routes.
    pub(crate) fn api(&self, process: &Process) -> anyhow::Result<Api> {
        let settings = &process.settings;
        let demo: Vec<DemoSignIn> = match &settings.deployment.demo {
            Some(json) => {
                serde_json::from_str(json.expose()).context("deployment.demo is no JSON")?
            }
            None => Vec::new(),
        };
        let Parts { db, clock, log, identity, uploads, .. } = self.parts.clone();
        let parts = underpin_http::Parts {
            db,
            identity,
            log,
            files: uploads.files().clone(),
            uploads,
            health: self.health.clone(),
            stop: process.tasks.token(),
        };
        let (pages, areas) = (self.platform.pages(), self.platform.areas());
        let settings = ApiSettings { pages, areas, ..ApiSettings::of(settings, demo) };
        let api = Api::new(parts, clock, settings).with_rooms(self.platform.rooms());
        let api = api.with_telemetry(process.telemetry.clone());
        Ok(api.with_failures(self.failures.clone()))
    }

    /// What the public sees: the API, and the console for everything else.
    pub(crate) fn public_router(&self, api: &Api) -> Router {
        let routes = (self.build.routes)(self.platform.routes(), api);
        let served = underpin_http::router_with_pages(api.clone(), routes, console::router());
        (self.build.public)(served, api)
    }

    /// The services of every process: hints between processes, the sequencer where no other process has its lock, a line a minute.
    pub(crate) fn start_kernel(&self, process: &Process, api: &Api) {
        let api = api.clone();
        process.tasks.spawn("summary", move |stop| underpin_http::run_summary(api.clone(), stop));
        let db = self.parts.db.clone();
        process.tasks.spawn("wakes", move |stop| {
            let db = db.clone();
            async move { db.run_wakes(stop).await }
        });
        let db = self.parts.db.clone();
        process.tasks.spawn("pools", move |stop| {
            let db = db.clone();
            async move { db.tend_pools(stop).await }
        });
        let db = self.parts.db.clone();
        process.tasks.spawn("announcement", move |stop| {
            let db = db.clone();
            async move { db.keep_announced(stop).await }
        });
        let db = self.parts.db.clone();
        process.tasks.spawn("sequencer", move |stop| Sequencer::run(db.clone(), stop));
    }

    /// Jobs and schedules.
    pub(crate) fn start_work(&self, process: &Process) {
        let settings = RunnerSettings {
            slots: process.settings.jobs.slots as usize,
            lease: Duration::from_secs(process.settings.jobs.lease_seconds.into()),
            drain: process.drain(),
            tracer: process.telemetry.tracer.clone(),
            failures: self.failures.clone(),
            ..RunnerSettings::default()
        };
        let mut registry = self.platform.registry(&self.parts);
        if process.settings.deployment.environment == Environment::Dev {
            underpin_http::register_probe_job(&mut registry);
        }
        let runner = Runner::new(self.parts.db.clone(), registry, settings);
        process.tasks.spawn("jobs", move |stop| runner.clone().run(stop));
    }
}
