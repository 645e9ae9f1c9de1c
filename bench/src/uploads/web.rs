//! The web process under test, alone in its memory.

use std::{net::SocketAddr, process::Stdio, sync::Arc};

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use underpin::{
    Platform,
    base::{Secret, SystemClock},
    db::{Db, Settings},
    files::{Bounds, Files, Limits, S3Settings, Uploads},
    http::{Api, ApiSettings, Parts, ServeOptions, router, serve},
    identity::Identity,
    log::Log,
    runtime::Health,
};

use crate::{site::SECRET_KEY, store::address_of};

/// What the process does: serve until it is killed.
pub(crate) async fn run(args: Vec<String>) -> Result<()> {
    let [app_url, system_url, endpoint] = &args[..] else { bail!("web APP SYSTEM ENDPOINT") };
    let db = Db::new(Settings::new(app_url, system_url))?;
    let (clock, stop) = (Arc::new(SystemClock), CancellationToken::new());
    let files = Files::s3(&S3Settings {
        bucket: "bench".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(endpoint.clone()),
        public_endpoint: None,
        access_key_id: "AKIDBENCH".to_owned(),
        secret_access_key: Secret::new("nobody looks at it here".to_owned()),
        path_style: true,
    })?;
    // All bodies are one person's here; how much of them is held in memory is as in production.
    let bounds = Bounds { per_user_max: 1_000, per_tenant_max: 1_000, ..Bounds::default() };
    let uploads = Uploads::new(db.clone(), files.clone(), Arc::clone(&clock) as _);
    let parts = Parts {
        identity: Identity::new(db.clone(), Arc::clone(&clock) as _, SECRET_KEY),
        log: Log::new(db.clone()),
        uploads: uploads.with_bounds(bounds),
        files,
        health: Health::new(),
        stop: stop.clone(),
        db,
    };
    let limits = Limits { bytes_max: 1 << 30, ..Limits::default() };
    let settings = ApiSettings { upload_limits: limits, ..ApiSettings::default() };
    let platform = Platform::new(vec![underpin_funds::module()]);
    let api = Api::new(parts, clock, settings);
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    serve(listener, router(api, platform.routes()), ServeOptions::default(), stop).await?;
    Ok(())
}

/// The running process; dropping it ends it.
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Web {
    pub(crate) async fn start(app_url: &str, system_url: &str, store: SocketAddr) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["web", app_url, system_url, &format!("http://{store}")]);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let address = address_of(&mut child).await?;
        Ok(Self { address, child })
    }

    /// Resident memory.
    pub(crate) fn resident_mib(&self) -> Result<f64> {
        Ok(self.figure("status", "VmRSS:")? / 1_024.0)
    }

    /// Bytes that went to a disk because of it.
    pub(crate) fn disk_mib(&self) -> Result<f64> {
        Ok(self.figure("io", "write_bytes:")? / 1_048_576.0)
    }

    fn figure(&self, file: &str, name: &str) -> Result<f64> {
        let pid = self.child.id().context("the process ended")?;
        let text = std::fs::read_to_string(format!("/proc/{pid}/{file}"))?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let figure = line.and_then(|line| line.split_whitespace().next());
        Ok(figure.context("no such figure")?.parse()?)
    }
}
