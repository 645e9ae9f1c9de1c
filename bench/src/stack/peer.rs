//! The peer: node-postgres, as `peers/node` has it.

use std::{net::SocketAddr, process::Stdio};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use tokio_postgres::config::Host;

use crate::{client::Target, site::Site};

/// A running peer; dropping it ends it.
pub(crate) struct Peer {
    address: SocketAddr,
    _child: Child,
}

impl Peer {
    pub(crate) async fn start(site: &Site) -> Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/node/server.mjs");
        let mut command = Command::new("node");
        let app: tokio_postgres::Config = site.app_url().parse()?;
        let host = match app.get_hosts().first().context("no host")? {
            Host::Unix(directory) => directory.display().to_string(),
            Host::Tcp(name) => name.clone(),
        };
        let password = String::from_utf8_lossy(app.get_password().unwrap_or_default());
        command.arg(script).envs([
            ("PGHOST", host.as_str()),
            ("PGPORT", &app.get_ports().first().unwrap_or(&5432).to_string()),
            ("PGUSER", app.get_user().unwrap_or_default()),
            ("PGPASSWORD", &password),
            ("PGDATABASE", app.get_dbname().unwrap_or_default()),
        ]);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let out = child.stdout.take().context("piped above")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).await?;
        Ok(Self { address: line.trim().parse().context("the peer did not start")?, _child: child })
    }

    /// The same question as [`Site::get`] of the notes.
    pub(crate) fn list(&self, site: &Site) -> Target {
        Target { address: self.address, ..site.get("notes?limit=20") }
    }
}
