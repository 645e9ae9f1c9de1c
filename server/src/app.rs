//! Which parts the platform is made of, and how a process puts them together.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use axum::Router;
use underpin::{Parts, Platform};
use underpin_base::SystemClock;
use underpin_db::Db;
use underpin_files::{Files, Uploads};
use underpin_http::{Api, ApiSettings, DemoSignIn};
use underpin_identity::Identity;
use underpin_jobs::{Runner, RunnerSettings};
use underpin_log::{Log, Sequencer};
use underpin_runtime::{Health, Settings};

use crate::{console, process::Process};

/// The modules of this binary: the one list.
pub fn platform() -> Platform {
    Platform::new(vec![underpin_funds::module()])
}

/// The parts of a process on a database and a directory of files.
pub(crate) fn parts(db: Db, secret_key: &[u8], files: &Path) -> anyhow::Result<(Parts, Files)> {
    let clock = Arc::new(SystemClock);
    let files = Files::local(files)
        .with_context(|| format!("cannot use {} for uploaded files", files.display()))?;
    let parts = Parts {
        identity: Identity::new(db.clone(), clock.clone(), secret_key),
        log: Log::new(db.clone()),
        uploads: Uploads::new(db.clone(), files.clone(), clock.clone()),
        clock,
        db,
    };
    Ok((parts, files))
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
    pub(crate) platform: Platform,
    pub(crate) parts: Parts,
    pub(crate) health: Health,
    files: Files,
}

impl App {
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let secret_key = settings.security.secret_key.get()?.expose();
        let directory = settings.files.directory.get()?;
        let (parts, files) = parts(database(settings)?, secret_key, directory)?;
        Ok(Self { platform: platform(), parts, files, health: Health::new() })
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
            files: self.files.clone(),
            uploads,
            health: self.health.clone(),
            stop: process.tasks.token(),
        };
        Ok(Api::new(parts, clock, ApiSettings::of(settings, demo)))
    }

    /// What the public sees: the API, and the console for everything else.
    pub(crate) fn public_router(&self, api: Api) -> Router {
        underpin_http::router_with_pages(api, self.platform.routes(), console::router())
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
        let registry = self.platform.registry(&self.parts);
        let runner = Runner::new(self.parts.db.clone(), registry, settings);
        process.tasks.spawn("jobs", move |stop| runner.clone().run(stop));
    }
}
