//! Which parts the platform is made of, and how a process puts them together.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use underpin::{Parts, Platform};
use underpin_base::SystemClock;
use underpin_db::Db;
use underpin_files::{Bounds, Files, Uploads};
use underpin_http::{Api, ApiSettings, DemoSignIn};
use underpin_identity::Identity;
use underpin_jobs::{Runner, RunnerSettings};
use underpin_log::{Log, Sequencer};
use underpin_runtime::{Environment, Health, Settings};

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
    }
}

/// The database of these settings; no connection is opened yet.
pub(crate) fn database(settings: &Settings) -> anyhow::Result<Db> {
    let database = &settings.database;
    let app_url = database.app_url.get()?.expose().as_str();
    let system_url = database.system_url.get()?.expose().as_str();
    let mut db = underpin_db::Settings::new(app_url, system_url);
    db.app_connections_max = database.app_connections_max as usize;
    db.system_connections_max = database.system_connections_max as usize;
    Ok(Db::new(db)?)
}

/// The platform of this process.
pub(crate) struct App {
    build: Build,
    pub(crate) platform: Platform,
    pub(crate) parts: Parts,
    pub(crate) health: Health,
}

impl App {
    pub(crate) fn new(build: Build, settings: &Settings) -> anyhow::Result<Self> {
        let secret_key = settings.security.secret_key.get()?.expose();
        let (files, bounds) = (storage::files(settings)?, storage::bounds(settings));
        let mut parts = parts(database(settings)?, secret_key, files, bounds);
        parts.identity = mail::connect(parts.identity, settings, parts.db.clone())?;
        let platform = (build.platform)();
        Ok(Self { build, platform, parts, health: Health::new() })
    }

    /// Say where this process keeps files, and refuse to begin if another keeps them elsewhere.
    pub(crate) async fn agree(&self, process: &Process) -> anyhow::Result<()> {
        storage::agree(process, &self.parts.db, self.parts.uploads.files()).await
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
        let Parts { db, clock, log, identity, uploads } = self.parts.clone();
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
        Ok(Api::new(parts, clock, settings).with_rooms(self.platform.rooms()))
    }

    /// What the public sees: the API, and the console for everything else.
    pub(crate) fn public_router(&self, api: &Api) -> Router {
        let routes = (self.build.routes)(self.platform.routes(), api);
        let served = underpin_http::router_with_pages(api.clone(), routes, console::router());
        (self.build.public)(served, api)
    }

    /// The services of every process: hints between processes, and the sequencer where no other process has its lock.
    pub(crate) fn start_kernel(&self, process: &Process) {
        let db = self.parts.db.clone();
        process.tasks.spawn("wakes", move |stop| {
            let db = db.clone();
            async move { db.run_wakes(stop).await }
        });
        let db = self.parts.db.clone();
        process.tasks.spawn("sequencer", move |stop| Sequencer::run(db.clone(), stop));
    }

    /// Jobs and schedules.
    pub(crate) fn start_work(&self, process: &Process) {
        let settings = RunnerSettings {
            slots: process.settings.jobs.slots as usize,
            lease: std::time::Duration::from_secs(process.settings.jobs.lease_seconds.into()),
            drain: process.drain(),
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
