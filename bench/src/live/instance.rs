//! A web process: the API with its hub, the sequencer, and hints.

use std::{future::ready, net::SocketAddr, process::Stdio, sync::Arc};

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use tokio_util::sync::CancellationToken;
use underpin::{
    Room, Routes,
    base::SystemClock,
    db::{Db, Settings},
    files::{Files, Uploads},
    http::{Api, ApiSettings, Parts, Rooms, ServeOptions, router, serve},
    identity::Identity,
    log::{Log, Sequencer},
    runtime::Health,
};

use crate::site::{SECRET_KEY, Site};

/// Sockets that one person may have here: all of them are one person's.
const SOCKETS_MAX: usize = 100_000;

/// What the process does: serve until it is killed.
pub(crate) async fn run(args: Vec<String>) -> Result<()> {
    let [app_url, system_url] = &args[..] else { bail!("instance APP SYSTEM") };
    let db = Db::new(Settings::new(app_url, system_url))?;
    let (clock, stop) = (Arc::new(SystemClock), CancellationToken::new());
    let files = Files::local(&std::env::temp_dir().join("underpin-bench-live"))?;
    let parts = Parts {
        identity: Identity::new(db.clone(), Arc::clone(&clock) as _, SECRET_KEY),
        log: Log::new(db.clone()),
        uploads: Uploads::new(db.clone(), files.clone(), Arc::clone(&clock) as _),
        files,
        health: Health::new(),
        stop: stop.clone(),
        db: db.clone(),
    };
    let settings = ApiSettings {
        streams_max: SOCKETS_MAX,
        person_streams_max: SOCKETS_MAX,
        ..ApiSettings::default()
    };
    let rooms = Rooms::new(vec![Room::of("desk", |_, _, _| ready(Ok(true)))]);
    let api = Api::new(parts, clock, settings).with_rooms(rooms);
    tokio::spawn(api.live.run(stop.clone()));
    tokio::spawn(Sequencer::run(db.clone(), stop.clone()));
    let (wakes, stopped) = (db.clone(), stop.clone());
    tokio::spawn(async move { wakes.run_wakes(stopped).await });
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    serve(listener, router(api, Routes::new()), ServeOptions::default(), stop).await?;
    Ok(())
}

/// A running instance; dropping it ends it.
pub(crate) struct Instance {
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Instance {
    pub(crate) async fn start(site: &Site) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["instance", &site.test.app_url, &site.test.system_url]);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let out = child.stdout.take().context("piped above")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).await?;
        Ok(Self { address: line.trim().parse().context("the instance did not start")?, child })
    }

    /// Resident memory in KiB.
    pub(crate) fn resident_kib(&self) -> Result<f64> {
        let pid = self.child.id().context("the instance ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()).context("no VmRSS")?;
        Ok(kib.parse()?)
    }
}
