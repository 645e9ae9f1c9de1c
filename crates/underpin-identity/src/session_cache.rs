//! Whom a process let in lately, kept true by what changed.
//!
//! An entry may be used while the process holds a lease: it looked at the list of changes less than [`LEASE`] ago, and forgot what had
//! changed. Whoever ends an access commits that first and answers after a lease (`Identity::access_ended`). So when the answer comes, each process has
//! either looked since the commit, or has no lease; it does not matter whether it is slow, stopped or cut off.

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use quick_cache::sync::Cache;
use tokio::sync::Notify;
use underpin_db::Db;
use underpin_runtime::CancellationToken;
use uuid::Uuid;

use crate::{
    Result,
    model::{Known, SessionKind},
    store::access_changes::{self, Changed, Look},
    token::TokenDigest,
};

/// How long after a look at the changes an entry may be used.
pub(crate) const LEASE: Duration = Duration::from_millis(300);
/// Pause between two looks, while anybody asks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A process that did not look for so long forgets everybody: the list of changes does not go back for ever.
const FORGET_AFTER: Duration = Duration::from_mins(10);
/// Changes that one look takes; where there are more, everybody is forgotten.
const CHANGES_MAX: usize = 1_000;
/// Sessions and keys that are kept in memory, each with one tenant; about 1 KiB each.
const KEPT_MAX: usize = 10_000;
/// How often somebody looks for an entry that others take away again, before they ask for themselves alone.
const TRIES_MAX: usize = 3;

/// Who presents what, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Presented {
    pub(crate) digest: TokenDigest,
    pub(crate) slug: Option<Box<str>>,
}

#[derive(Debug)]
struct Entry {
    known: Known,
    /// From then on the database is asked again, which also notes the use.
    until: Timestamp,
}

/// Whom a process let in lately.
pub(crate) struct SessionCache {
    entries: Cache<Presented, Arc<Entry>>,
    /// Since when instants are counted.
    began: Instant,
    /// When the lease ends, in microseconds since `began`; 0: there was none yet.
    leased_until: AtomicU64,
    /// Counts what made entries untrue, or none before the first look. Who fills in an answer holds it for reading, who forgets for writing.
    turn: RwLock<Option<u64>>,
    /// Somebody asked since the last look.
    asked: AtomicBool,
    ask: Notify,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How often somebody was known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionCacheFigures {
    /// Answered from memory.
    pub hits: u64,
    /// Answered by the database.
    pub misses: u64,
    /// How many are kept.
    pub kept: usize,
    /// Most that may be kept.
    pub kept_max: usize,
}

impl SessionCache {
    pub(crate) fn new() -> Self {
        Self {
            entries: Cache::new(KEPT_MAX),
            began: Instant::now(),
            leased_until: AtomicU64::new(0),
            turn: RwLock::new(None),
            asked: AtomicBool::new(false),
            ask: Notify::new(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    pub(crate) fn figures(&self) -> SessionCacheFigures {
        SessionCacheFigures {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            kept: self.entries.len(),
            kept_max: KEPT_MAX,
        }
    }

    /// Whoever presents this: from memory, or what `ask` says. Of many who come at once with the same, one asks.
    pub(crate) async fn recognise<F>(
        &self,
        presented: Presented,
        now: Timestamp,
        until: Timestamp,
        ask: impl FnOnce() -> F,
    ) -> Result<Option<Known>>
    where
        F: Future<Output = Result<Option<Known>>>,
    {
        if !self.asked.load(Ordering::Relaxed) && !self.asked.swap(true, Ordering::Relaxed) {
            self.ask.notify_one();
        }
        for _ in 0..TRIES_MAX {
            // In this order: what is true during a lease was in the map after the lease began.
            if !self.is_leased() {
                break;
            }
            if let Some(entry) = self.entries.get(&presented) {
                if now < entry.until {
                    self.hits.fetch_add(1, Ordering::Relaxed);
                    return Ok(Some(entry.known.clone()));
                }
                self.entries.remove(&presented);
            }
            // Who waited gets what the first one learned; meanwhile it may have been forgotten, so they look again.
            let Err(place) = self.entries.get_value_or_guard_async(&presented).await else {
                continue;
            };
            if !self.is_leased() {
                break;
            }
            let turn = self.turn();
            self.misses.fetch_add(1, Ordering::Relaxed);
            let known = ask().await?;
            if let Some(known) = known.as_ref().filter(|known| is_kept(known, &presented)) {
                let until = until.min(known.session.expires_at);
                let entry = Arc::new(Entry { known: known.clone(), until });
                self.during(turn, || place.insert(entry));
            }
            return Ok(known);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        ask().await
    }

    /// Look at what changed, as long as anybody asks, until `stop`.
    pub(crate) async fn follow(&self, db: &Db, stop: &CancellationToken) {
        let (mut since, mut looked, mut seen, mut well) =
            (None, Instant::now(), HashSet::new(), true);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.ask.notified() => {}
            }
            self.asked.store(false, Ordering::Relaxed);
            let began = Instant::now();
            if looked.elapsed() > FORGET_AFTER {
                since = None;
            }
            match access_changes::list(db, since, CHANGES_MAX + 1).await {
                Ok(look) => {
                    self.apply(&look, &seen, since.is_none());
                    seen = look.changes.iter().map(|(id, _)| *id).collect();
                    (since, looked, well) = (Some(look.next), began, true);
                    let until = began.duration_since(self.began) + LEASE;
                    self.leased_until.store(until.as_micros() as u64, Ordering::Release);
                }
                Err(error) => {
                    if std::mem::take(&mut well) {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "sessions are looked up one by one");
                    }
                    // Whoever asks meanwhile asks the database; it is looked for again in any case.
                    self.ask.notify_one();
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Forget whom a look found changed, or everybody.
    fn apply(&self, look: &Look, seen: &HashSet<i64>, everybody: bool) {
        let new = look.changes.iter().filter(|(id, _)| !seen.contains(id));
        let new: Vec<Changed> = new.map(|(_, changed)| *changed).collect();
        let everybody = everybody || look.changes.len() > CHANGES_MAX;
        if new.is_empty() && !everybody {
            return;
        }
        let mut turn = self.turn.write().unwrap_or_else(PoisonError::into_inner);
        *turn = Some(turn.map_or(0, |turn| turn + 1));
        if everybody {
            self.entries.clear();
        } else {
            let ended = Ended::of(&new);
            self.entries.retain(|_, entry| !ended.meets(&entry.known));
        }
    }

    fn is_leased(&self) -> bool {
        let now = self.began.elapsed().as_micros() as u64;
        now < self.leased_until.load(Ordering::Acquire)
    }

    fn turn(&self) -> Option<u64> {
        *self.turn.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fill something in if nothing was forgotten since that turn: what was read before may be what was forgotten.
    fn during<T>(&self, turn: Option<u64>, fill: impl FnOnce() -> T) {
        let now = self.turn.read().unwrap_or_else(PoisonError::into_inner);
        if turn.is_some() && *now == turn {
            fill();
        }
    }
}

/// Who is no member is asked about again: nobody waits for it when somebody becomes one.
fn is_kept(known: &Known, presented: &Presented) -> bool {
    presented.slug.is_none() || known.membership.is_some()
}

/// Whose access changed, to be looked up by each entry.
#[derive(Default)]
struct Ended {
    sessions: HashSet<Uuid>,
    subjects: HashSet<Uuid>,
    tenants: HashSet<Uuid>,
}

impl Ended {
    fn of(changes: &[Changed]) -> Self {
        let mut ended = Self::default();
        for changed in changes {
            match *changed {
                Changed::Session(id) => ended.sessions.insert(id),
                // A key is the subject of what it does.
                Changed::Person(id) | Changed::Key(id) => ended.subjects.insert(id),
                Changed::Tenant(id) => ended.tenants.insert(id),
            };
        }
        ended
    }

    fn meets(&self, known: &Known) -> bool {
        let tenant = known.membership.as_ref().map(|membership| membership.tenant.id.uuid());
        self.sessions.contains(&known.session.id.uuid())
            || self.subjects.contains(&known.session.user.id.uuid())
            || tenant.is_some_and(|tenant| self.tenants.contains(&tenant))
            // Where a key belongs it says only to who asks there; it is asked about again.
            || (known.session.kind == SessionKind::Key && tenant.is_none() && !self.tenants.is_empty())
    }
}
