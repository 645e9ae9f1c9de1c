//! What the tests of this crate share.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use underpin_base::{Clock, Principal, Role, SystemClock, TenantId, UserId};
use underpin_files::{COMPONENT, Files, Incoming, Limits, RateFloor, Uploads};
use underpin_testkit::TestDb;

/// The machine's clock, moved ahead: files carry the time of the machine.
#[derive(Default)]
pub(crate) struct AheadClock(AtomicI64);

impl AheadClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs() as i64, Ordering::SeqCst);
    }
}

impl Clock for AheadClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Fixture {
    pub(crate) uploads: Uploads,
    pub(crate) clock: Arc<AheadClock>,
    pub(crate) staff: Principal,
    pub(crate) test: TestDb,
    directory: PathBuf,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let test = TestDb::new(&[COMPONENT]).await;
        let directory = std::env::temp_dir().join(format!("underpin-files-{}", UserId::new()));
        let files = Files::local(&directory).unwrap();
        let clock = Arc::new(AheadClock::default());
        let uploads = Uploads::with_places(test.db.clone(), files, clock.clone(), 2);
        Self { uploads, clock, staff: principal(Role::Member), test, directory }
    }

    /// Every file on the disk, half-written ones among them.
    pub(crate) fn files_on_disk(&self) -> usize {
        count(&self.directory)
    }

    pub(crate) async fn rows(&self) -> i64 {
        let client = self.test.superuser().await;
        client.query_one("select count(*) from underpin.upload", &[]).await.unwrap().get(0)
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

pub(crate) fn principal(role: Role) -> Principal {
    Principal { tenant: TenantId::new(), subject: UserId::new(), role }
}

fn count(directory: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(directory) else { return 0 };
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 })
        .sum()
}

pub(crate) const LIMITS: Limits = Limits {
    bytes_max: 10 << 20,
    idle_timeout: Duration::from_millis(200),
    rate: RateFloor { grace: Duration::from_mins(1), bytes_per_second: 1 },
};

pub(crate) type Piece = Result<Bytes, std::io::Error>;

pub(crate) fn incoming(
    pieces: Vec<Bytes>,
) -> Incoming<impl futures_util::Stream<Item = Piece> + Send> {
    let body = futures_util::stream::iter(pieces.into_iter().map(Ok));
    Incoming { filename: "book.csv".into(), media_type: None, content_length: None, body }
}
