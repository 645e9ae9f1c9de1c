//! A private Postgres for `underpin dev` and for tests: found, made, started, adopted, mended and stopped.
//!
//! It listens on a Unix socket in a directory of mode 0700 and on nothing else, asks for a password (scram), and keeps
//! `fsync` on unless a test says otherwise. Its server is a process group of its own: it outlives a starter that was
//! killed, and the next [`Cluster::open`] of the same directory adopts it.

mod account;
mod binaries;
mod error;
mod init;
mod pid;
mod place;
mod server;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::fs::{FlockOperation, flock};
use tokio::sync::Mutex;
use underpin_base::Secret;

pub use binaries::{Binaries, MAJOR_MIN, find_binaries};
pub use error::{Error, Result};

use account::Account;
use place::Place;
use server::Server;

/// Pause between two looks at whether the server lives.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longest pause before a server that keeps dying is started again.
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// What kind of cluster is wanted, and where.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// The directory of the cluster; made if it is not there.
    pub dir: PathBuf,
    /// Whether a commit survives the loss of power. Off only for tests.
    pub durable: bool,
    /// Connections that the server takes, at most.
    pub connections_max: u32,
}

impl ClusterOptions {
    /// A cluster that keeps what it committed.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), durable: true, connections_max: 100 }
    }

    /// The one cluster that all tests of this user share; nobody stops it, and it keeps nothing through a crash.
    ///
    /// Errors: [`Error::NoBinaries`], because the directory carries the version.
    pub fn for_tests() -> Result<Self> {
        let binaries = find_binaries(None)?;
        let user = rustix::process::geteuid().as_raw();
        let name = format!("underpin-test-{user}-pg{}", binaries.major);
        let dir = std::env::temp_dir().join(name);
        Ok(Self { durable: false, connections_max: 200, ..Self::new(dir) })
    }
}

/// A running private Postgres.
#[derive(Debug)]
pub struct Cluster {
    options: ClusterOptions,
    binaries: Binaries,
    place: Place,
    password: Secret<String>,
    server: Mutex<Server>,
    adopted: bool,
}

impl Cluster {
    /// Make the cluster if there is none, start its server if none runs, and wait until it answers.
    ///
    /// Keeps: of any number of processes that open one directory at the same time, one does the work.
    /// Errors: [`Error::NoBinaries`] names the package to install; see [`Error`] for the others.
    pub async fn open(options: ClusterOptions) -> Result<Self> {
        let lock = lock(&options.dir).await?;
        let place = Place::find(&options.dir, Account::for_server()?)?;
        place.claim().await?;
        let binaries = find_for(&place)?.for_account(&place)?;
        let password = init::prepare(&binaries, &place, options.durable).await?;
        let (server, adopted) =
            server::adopt_or_start(&binaries, &place, &options, &password).await?;
        drop(lock);
        Ok(Self { options, binaries, place, password, server: Mutex::new(server), adopted })
    }

    /// Stop the server of a directory if one runs, and delete all that the cluster has, wherever it lies.
    ///
    /// The caller answers for the directory being one that may be deleted.
    pub async fn erase(dir: &Path) -> Result<()> {
        if !dir.exists() {
            return Ok(());
        }
        let lock = lock(dir).await?;
        let place = Place::find(dir, Account::for_server()?)?;
        if let Some(mut server) = server::running(&place)? {
            server.stop().await?;
        }
        place.erase()?;
        drop(lock);
        std::fs::remove_dir_all(dir).map_err(|source| Error::io("delete", dir, source))
    }

    /// The administrator's URL of database `postgres`, password included.
    pub fn admin_url(&self) -> Secret<String> {
        let socket = self.place.socket_dir().display().to_string();
        let socket = socket.replace('%', "%25").replace(' ', "%20").replace('&', "%26");
        let password = self.password.expose();
        Secret::new(format!(
            "postgresql:///postgres?user={user}&password={password}&host={socket}",
            user = init::SUPERUSER,
        ))
    }

    /// The programs that run it.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Whether the server ran already and was taken over.
    pub fn was_adopted(&self) -> bool {
        self.adopted
    }

    /// The process id of the server.
    pub async fn pid(&self) -> u32 {
        self.server.lock().await.pid()
    }

    /// Start the server again whenever it dies; ends when [`Cluster::stop`] was called or the future is dropped.
    pub async fn watch(&self) {
        let mut backoff = LOOK_EVERY;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let mut server = self.server.lock().await;
            if server.is_stopped() {
                return;
            }
            if server.is_alive() {
                continue;
            }
            tracing::warn!(pid = server.pid(), "the private Postgres died and is started again");
            match self.restart().await {
                Ok(fresh) => {
                    *server = fresh;
                    backoff = LOOK_EVERY;
                }
                Err(error) => {
                    drop(server);
                    let pause_ms = backoff.as_millis();
                    tracing::error!(%error, pause_ms, "the private Postgres does not start");
                    tokio::time::sleep(backoff).await;
                    backoff = (backoff * 2).min(BACKOFF_MAX);
                }
            }
        }
    }

    async fn restart(&self) -> Result<Server> {
        let lock = lock(&self.options.dir).await?;
        let options = &self.options;
        let (server, _) =
            server::adopt_or_start(&self.binaries, &self.place, options, &self.password).await?;
        drop(lock);
        Ok(server)
    }

    /// Stop the server: connections are ended, what was committed is written, then it exits.
    pub async fn stop(&self) -> Result<()> {
        self.server.lock().await.stop().await
    }
}

/// Programs of the version that made the data, if there are any.
fn find_for(place: &Place) -> Result<Binaries> {
    let major = place.data_major()?;
    find_binaries(major).map_err(|error| match (error, major) {
        (Error::NoBinaries, Some(data)) => Error::OtherMajor { place: place.data_dir(), data },
        (error, _) => error,
    })
}

/// Wait for the right to change the cluster of a directory; the directory is made if it is not there.
async fn lock(dir: &Path) -> Result<std::fs::File> {
    place::make_dir(dir)?;
    let path = dir.join("lock");
    let file = std::fs::OpenOptions::new().create(true).write(true).truncate(false).open(&path);
    let file = file.map_err(|source| Error::io("open", &path, source))?;
    let locked = tokio::task::spawn_blocking(move || {
        flock(&file, FlockOperation::LockExclusive).map(|()| file)
    });
    match locked.await {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(errno)) => Err(Error::io("lock", &path, errno.into())),
        Err(_) => Err(Error::Interrupted),
    }
}
