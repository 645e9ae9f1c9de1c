//! One more web process of the deployment.

use std::{collections::BTreeMap, io, net::TcpListener, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use super::proxy::Proxy;
use crate::{Deployment, Error, Result, Stopped};

/// Longest that it may take to its end before it is killed.
const END_MAX: Duration = Duration::from_secs(8);

/// A `serve` of the deployment's program; killed when this is dropped.
pub(super) struct Server {
    child: Child,
    /// Its address.
    pub(super) url: String,
}

impl Server {
    /// Start it in the environment of another, with the database behind a proxy and the smallest pools.
    pub(super) fn start(
        deployment: &Deployment,
        environment: &BTreeMap<String, String>,
        proxy: &Proxy,
    ) -> Result<Self, Stopped> {
        let database = deployment.database()?;
        let address = free_address().map_err(|source| failed("find a free port", source))?;
        let settings = [
            ("DATABASE_APP_URL", proxy.by_way(database.app_url.expose())?),
            ("DATABASE_SYSTEM_URL", proxy.by_way(database.system_url.expose())?),
            ("DATABASE_APP_CONNECTIONS_MAX", "2".to_owned()),
            ("DATABASE_SYSTEM_CONNECTIONS_MAX", "2".to_owned()),
            ("HTTP_LISTEN", address.clone()),
            ("HTTP_OPERATOR_LISTEN", "127.0.0.1:0".to_owned()),
            ("HTTP_NOTICE_SECONDS", "1".to_owned()),
            ("HTTP_DRAIN_SECONDS", "1".to_owned()),
        ];
        let mut command = Command::new(deployment.program()?);
        command.arg("serve").env_clear().envs(environment);
        command.envs(settings.map(|(name, value)| (format!("UNDERPIN_{name}"), value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.kill_on_drop(true).spawn();
        let child = child.map_err(|source| failed("start one more `serve`", source))?;
        Ok(Self { child, url: format!("http://{address}") })
    }

    /// End it in good order, or else at once.
    pub(super) async fn stop(&mut self) -> Result<()> {
        let pid = self.child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        if let Some(pid) = pid {
            let told = kill_process(pid, Signal::TERM).map_err(io::Error::from);
            told.map_err(|source| failed("end one more `serve`", source))?;
        }
        if timeout(END_MAX, self.child.wait()).await.is_err() {
            self.child.kill().await.map_err(|source| failed("kill one more `serve`", source))?;
        }
        Ok(())
    }
}

fn failed(what: &str, source: io::Error) -> Error {
    Error::Process { what: what.to_owned(), source }
}

/// An address of this machine that nobody listens on at the moment.
fn free_address() -> io::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
