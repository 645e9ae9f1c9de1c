//! A further web process of the deployment, set as a check wants it.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::Stdio,
    time::Duration,
};

use reqwest::Method;
use rustix::process::Signal;
use tokio::process::{Child, Command};

use crate::{Answer, Error, Result, Stage, Stopped, client::Ask, process::Process, wait::until};

/// Longest that the process may take until it serves.
const READY_MAX: Duration = Duration::from_secs(30);
/// Longest that it may take to end in good order.
const END_MAX: Duration = Duration::from_secs(8);

/// A process beside those of the deployment, on addresses of its own. Killed when dropped.
#[derive(Debug)]
pub struct Further {
    pub(crate) child: Child,
    /// What its users type.
    pub url: String,
    pub(crate) operator_url: String,
}

impl Further {
    /// Run `program serve` as the deployment's own web processes are run, with these arguments and settings besides.
    pub async fn start(
        stage: &Stage,
        arguments: &[&str],
        settings: &[(&str, String)],
        stderr: Stdio,
    ) -> Result<Self, Stopped> {
        let settings: Vec<_> =
            settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let further = Self::spawn(stage, arguments, &settings, stderr).await?;
        further.ready(stage).await?;
        Ok(further)
    }

    /// The same without waiting until it serves.
    pub(crate) async fn spawn(
        stage: &Stage,
        arguments: &[&str],
        settings: &[(&str, &str)],
        stderr: Stdio,
    ) -> Result<Self, Stopped> {
        stage.may_break().await?;
        let program = stage.deployment()?.program()?;
        let (_, first) = stage.web()?.swap_remove(0);
        let [public, operator] = free_addresses()?;
        let mut environment = first.environment()?;
        environment.extend([
            ("UNDERPIN_HTTP_LISTEN".to_owned(), public.clone()),
            ("UNDERPIN_HTTP_OPERATOR_LISTEN".to_owned(), operator.clone()),
            // The database serves the deployment's own processes too.
            ("UNDERPIN_DATABASE_APP_CONNECTIONS_MAX".to_owned(), "4".to_owned()),
            ("UNDERPIN_DATABASE_SYSTEM_CONNECTIONS_MAX".to_owned(), "3".to_owned()),
        ]);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        environment.extend(settings.iter().map(owned));
        let mut command = Command::new(&program);
        command.arg("serve").args(arguments).env_clear().envs(environment).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        let what = format!("start {} serve", program.display());
        let started = command.spawn().map_err(|source| Error::Process { what, source });
        let child = started?;
        let (url, operator_url) = (format!("http://{public}"), format!("http://{operator}"));
        Ok(Self { child, url, operator_url })
    }

    async fn ready(&self, stage: &Stage) -> Result<(), Stopped> {
        let started = format!("{}/startupz", self.operator_url);
        let answers = until("a further web process", READY_MAX, || async {
            let answer = Ask::bare(stage.http(), Method::GET, &started).send().await;
            Ok(answer.is_ok_and(|answer| answer.is_success()).then_some(()))
        });
        match answers.await {
            Err(Error::Late(_)) => {
                Err(Stopped::inconclusive("a further web process does not serve"))
            }
            answers => Ok(answers?),
        }
    }

    /// Let go of the pipe that its standard error is: whatever it writes there from now on fails.
    pub fn break_stderr(&mut self) {
        drop(self.child.stderr.take());
    }

    /// Ask it as an operator.
    pub async fn operator(&self, stage: &Stage, path: &str) -> Result<Answer, Stopped> {
        let deployment = stage.deployment()?;
        let (_, token) = deployment.operator()?;
        let url = format!("{}{path}", self.operator_url);
        Ok(stage.operator_with(Method::GET, &url, token).send().await?.expect(200)?)
    }

    /// A figure of its metrics by name and labels; 0 if it has none.
    pub async fn metric(&self, stage: &Stage, name: &str) -> Result<u64, Stopped> {
        let answer = self.operator(stage, "/metrics").await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        Ok(value.unwrap_or_default())
    }

    /// Let it end in good order, or kill it.
    pub async fn end(mut self) {
        if let Some(Ok(process)) = self.child.id().map(|pid| Process::find(pid, "serve")) {
            // One that is gone needs no word.
            let _ = process.signal(Signal::TERM);
        }
        if tokio::time::timeout(END_MAX, self.child.wait()).await.is_err() {
            // It is killed when dropped at the latest.
            let _ = self.child.kill().await;
        }
    }
}

/// Two addresses of this machine that nobody listens on at this moment.
fn free_addresses() -> Result<[String; 2], Stopped> {
    let open = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    // Both at once, so that they differ.
    let failed = |error: std::io::Error| Stopped::inconclusive(format!("no free address: {error}"));
    let (one, other) = (open().map_err(failed)?, open().map_err(failed)?);
    let address = |listener: &TcpListener| listener.local_addr().map(|address| address.to_string());
    Ok([address(&one).map_err(failed)?, address(&other).map_err(failed)?])
}
