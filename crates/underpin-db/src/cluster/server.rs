//! Starting, adopting and stopping the server.

use std::{fs::File, path::Path, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::Child,
    time::{Instant, sleep},
};
use tokio_postgres::{NoTls, error::SqlState};
use underpin_base::Secret;

use super::{Binaries, ClusterOptions, Error, Result, init, pid, place::Place};

/// Longest start, recovery after a crash included.
const START_MAX: Duration = Duration::from_mins(5);
/// How long a server that runs may take to answer before it is taken for broken: one that others use beside us may be slow, and it is stopped
/// under them.
const ANSWER_MAX: Duration = Duration::from_mins(1);
/// How long a fast shutdown may take before an immediate one follows.
const STOP_MAX: Duration = Duration::from_secs(10);
/// Pause between two tries.
const RETRY_EVERY: Duration = Duration::from_millis(20);
/// Size from which the log is begun anew, in bytes.
const LOG_BYTES_MAX: u64 = 16 << 20;

/// A running server: our child, or an adopted one.
#[derive(Debug)]
pub(super) struct Server {
    pid: Pid,
    child: Option<Child>,
    /// Length of the log before this server wrote to it.
    log_from: usize,
    stopped: bool,
}

/// Take over the server that runs on these data, or start one; it answers when this returns.
pub(super) async fn adopt_or_start(
    binaries: &Binaries,
    place: &Place,
    options: &ClusterOptions,
    password: &Secret<String>,
) -> Result<(Server, bool)> {
    if let Some(mut server) = running(place)? {
        match wait_ready(&mut server, place, password, ANSWER_MAX).await {
            Ok(()) => return Ok((server, true)),
            // It is ours and useless, say because its socket was swept away: stop it and start afresh.
            Err(error) => {
                tracing::warn!(%error, "the running private Postgres is stopped");
                server.stop().await?;
            }
        }
    }
    let deadline = Instant::now() + START_MAX;
    loop {
        remove_stale_files(place)?;
        let mut server = start(binaries, place, options)?;
        match wait_ready(&mut server, place, password, START_MAX).await {
            Ok(()) => return Ok((server, false)),
            // Backends of a server that was killed hold its memory for moments; the new server refuses to start then.
            Err(Error::Program { output, .. })
                if leftover(&output) && Instant::now() < deadline =>
            {
                sleep(RETRY_EVERY * 10).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether a server did not start because of what a dead one left.
fn leftover(output: &str) -> bool {
    output.contains("still in use") || output.contains("already exists")
}

/// The server that runs on these data.
pub(super) fn running(place: &Place) -> Result<Option<Server>> {
    let data = place.data_dir();
    if place.data_major()?.is_none() {
        return Ok(None);
    }
    let pid = pid::in_file(&data.join("postmaster.pid")).filter(|pid| pid::serves(*pid, &data));
    Ok(pid.map(|pid| Server { pid, child: None, log_from: 0, stopped: false }))
}

/// Remove what a dead server left if its number now belongs to a stranger or to a corpse that nobody buries.
///
/// Files whose process is gone are left to the server: it also checks the shared memory before it removes them.
fn remove_stale_files(place: &Place) -> Result<()> {
    let data = place.data_dir();
    if pid::any_serves(&data) {
        return Ok(());
    }
    let socket_lock = place.socket_dir().join(".s.PGSQL.5432.lock");
    for path in [data.join("postmaster.pid"), socket_lock] {
        if pid::in_file(&path).is_some_and(pid::exists) {
            tracing::warn!(path = %path.display(), "removing a file of a dead server");
            std::fs::remove_file(&path).map_err(|source| Error::io("remove", &path, source))?;
        }
    }
    Ok(())
}

fn start(binaries: &Binaries, place: &Place, options: &ClusterOptions) -> Result<Server> {
    let socket = place.make_socket_dir()?;
    let log = open_log(&place.log())?;
    let log_from = log.metadata().map_or(0, |metadata| metadata.len() as usize);
    let durable = if options.durable { "on" } else { "off" };
    let mut command = init::program(binaries, place, "postgres");
    command.arg("-D").arg(place.data_dir()).arg("-k").arg(socket);
    for setting in [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "cluster_name=underpin",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_line_prefix=%m [%p] ",
        "logging_collector=off",
        &format!("max_connections={}", options.connections_max),
        &format!("fsync={durable}"),
        &format!("full_page_writes={durable}"),
        &format!("synchronous_commit={durable}"),
    ] {
        command.arg("-c").arg(setting);
    }
    let copy = log.try_clone().map_err(|source| Error::io("open", &place.log(), source))?;
    // A group of its own: Ctrl-C in a terminal must not reach it before its clients have ended.
    let child = command.process_group(0).stdin(Stdio::null()).stdout(copy).stderr(log).spawn();
    let child = child.map_err(|source| Error::io("run", &binaries.dir.join("postgres"), source))?;
    let pid =
        child.id().and_then(|id| Pid::from_raw(id.cast_signed())).ok_or(Error::Interrupted)?;
    Ok(Server { pid, child: Some(child), log_from, stopped: false })
}

fn open_log(path: &Path) -> Result<File> {
    let long = path.metadata().is_ok_and(|metadata| metadata.len() > LOG_BYTES_MAX);
    let mut options = File::options();
    options.create(true);
    if long {
        options.write(true).truncate(true)
    } else {
        options.append(true)
    };
    options.open(path).map_err(|source| Error::io("open", path, source))
}

/// Try to connect until it works, the server ends, or the time is over.
async fn wait_ready(
    server: &mut Server,
    place: &Place,
    password: &Secret<String>,
    patience: Duration,
) -> Result<()> {
    let mut config = tokio_postgres::Config::new();
    config.host_path(place.socket_dir()).user(init::SUPERUSER).password(password.expose());
    config.dbname("postgres").connect_timeout(Duration::from_secs(5));
    let deadline = Instant::now() + patience;
    loop {
        let Err(error) = config.connect(NoTls).await else { return Ok(()) };
        if !server.is_alive() {
            let log = std::fs::read(place.log()).unwrap_or_default();
            let own = log.get(server.log_from..).unwrap_or_default();
            return Err(Error::Program { program: "postgres", output: init::last_lines(own) });
        }
        let wrong = matches!(
            error.code(),
            Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
        );
        if wrong || Instant::now() >= deadline {
            return Err(Error::Silent { place: place.data_dir(), reason: reason(&error) });
        }
        sleep(RETRY_EVERY).await;
    }
}

fn reason(error: &tokio_postgres::Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}

impl Server {
    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().cast_unsigned()
    }

    /// Whether [`Server::stop`] was called.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Whether the process lives; our own child is buried if it does not.
    pub(super) fn is_alive(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => pid::is_alive(self.pid),
        }
    }

    /// End the server: fast (SIGINT), and immediate (SIGQUIT) if that takes too long. Never SIGKILL.
    pub(super) async fn stop(&mut self) -> Result<()> {
        self.stopped = true;
        for (signal, patience) in [(Signal::INT, STOP_MAX), (Signal::QUIT, STOP_MAX / 2)] {
            if !self.is_alive() {
                return Ok(());
            }
            // It may have ended in between; the loop below finds out.
            let _ = kill_process(self.pid, signal);
            let deadline = Instant::now() + patience;
            while self.is_alive() {
                if Instant::now() >= deadline {
                    break;
                }
                sleep(RETRY_EVERY).await;
            }
        }
        if self.is_alive() {
            let reason = format!("process {} does not end", self.pid());
            return Err(Error::Silent { place: "/".into(), reason });
        }
        Ok(())
    }
}
