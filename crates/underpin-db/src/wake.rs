//! Hints that there is work: lossy, coalesced, sent after a commit and never inside one.
//!
//! `NOTIFY` inside a business transaction takes a lock that serialises commits; here one connection per process sends at most 200 a
//! second, whatever the number of commits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, watch};
use tokio_postgres::AsyncMessage;
use tokio_util::sync::CancellationToken;

use crate::{Error, Result, Settings};

/// How long hints are collected before one message carries them.
const WINDOW: Duration = Duration::from_millis(5);
/// Pause before the link is tried again.
const RECONNECT: Duration = Duration::from_secs(1);
/// The channel that all processes of a database listen on.
const CHANNEL: &str = "underpin_wake";

/// What there may be work for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// The sequencer: events wait for their place in the log.
    Log,
    /// The readers of the log: its head moved.
    Head,
    /// The job runners: jobs are ready.
    Jobs,
    /// The guards of open connections: a session ended or a membership changed.
    Access,
}

impl Wake {
    const ALL: [Self; 4] = [Self::Log, Self::Head, Self::Jobs, Self::Access];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of hints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WakeSet(u8);

impl WakeSet {
    /// Every hint there is.
    const ALL: Self = Self((1 << Wake::ALL.len()) - 1);

    pub(crate) const fn insert(&mut self, wake: Wake) {
        self.0 |= wake.bit();
    }
}

/// The hints of one process, joined to those of the others by [`Db::run_wakes`](crate::Db::run_wakes).
#[derive(Debug, Clone, Default)]
pub struct Wakes(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    counts: [watch::Sender<u64>; Wake::ALL.len()],
    outgoing: AtomicU8,
    send: Notify,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            counts: std::array::from_fn(|_| watch::Sender::new(0)),
            outgoing: AtomicU8::new(0),
            send: Notify::new(),
        }
    }
}

/// Waits for hints of one sort.
#[derive(Debug)]
pub struct Listener(watch::Receiver<u64>);

impl Listener {
    /// Return at the next hint, or after `max`; a hint that came since the last call returns at once.
    pub async fn wait(&mut self, max: Duration) {
        // The sender lives as long as the process's Wakes; if it is gone there is nothing to wait for but time.
        if let Ok(Err(_)) = tokio::time::timeout(max, self.0.changed()).await {
            tokio::time::sleep(max).await;
        }
    }
}

impl Wakes {
    /// Listen for one sort of hint.
    pub fn listen(&self, wake: Wake) -> Listener {
        Listener(self.0.counts[wake as usize].subscribe())
    }

    /// Tell this process at once, and the others within the window.
    pub fn hint(&self, wake: Wake) {
        let mut set = WakeSet::default();
        set.insert(wake);
        self.hint_all(set);
    }

    pub(crate) fn hint_all(&self, set: WakeSet) {
        if set.0 == 0 {
            return;
        }
        self.bump(set);
        self.0.outgoing.fetch_or(set.0, Ordering::AcqRel);
        self.0.send.notify_one();
    }

    fn bump(&self, set: WakeSet) {
        for wake in Wake::ALL {
            if set.0 & wake.bit() != 0 {
                self.0.counts[wake as usize].send_modify(|count| *count += 1);
            }
        }
    }
}

/// Keep the link between this process and the others up until `stop`.
pub(crate) async fn run(wakes: &Wakes, settings: &Settings, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            ended = link(wakes, settings) => {
                if let Err(error) = ended {
                    tracing::warn!(error = &error as &dyn std::error::Error, "hint link lost, polling goes on");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RECONNECT) => {}
        }
    }
}

async fn link(wakes: &Wakes, settings: &Settings) -> Result<()> {
    let (client, mut connection) = settings.connect(&settings.app_url).await?;
    let receive = async {
        loop {
            match std::future::poll_fn(|cx| connection.poll_message(cx)).await {
                Some(Ok(AsyncMessage::Notification(note))) => {
                    let bits = note.payload().parse::<u8>().unwrap_or_default();
                    wakes.bump(WakeSet(bits));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Error::from_postgres("wake.receive", error)),
                None => return Ok(()),
            }
        }
    };
    let send = async {
        let failed = |error| Error::from_postgres("wake.send", error);
        client.batch_execute(&format!("listen {CHANNEL}")).await.map_err(failed)?;
        // What was missed while the link was down is found at once.
        wakes.bump(WakeSet::ALL);
        loop {
            wakes.0.send.notified().await;
            tokio::time::sleep(WINDOW).await;
            let bits = wakes.0.outgoing.swap(0, Ordering::AcqRel);
            if bits != 0 {
                let notify = format!("notify {CHANNEL}, '{bits}'");
                client.batch_execute(&notify).await.map_err(failed)?;
            }
        }
    };
    tokio::select! {
        ended = receive => ended,
        ended = send => ended,
    }
}
