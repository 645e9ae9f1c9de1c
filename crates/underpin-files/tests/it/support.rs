//! What the tests of this crate share.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use jiff::{SignedDuration, Timestamp};
use underpin_base::{Clock, Principal, Role, Secret, SystemClock, TenantId, UserId};
use underpin_files::{
    Bounds, COMPONENT, Encoding, Files, Incoming, Limits, RateFloor, Received, Result, S3Settings,
    Uploads,
};
use underpin_testkit::{TestDb, until};
use underpin_testkit_s3::{ACCESS_KEY_ID, BUCKET, S3Server, SECRET_ACCESS_KEY};

/// Run each test on a disk and in a bucket.
macro_rules! on_both_stores {
    ($($name:ident)+) => {
        mod on_a_disk {
            $( #[tokio::test] async fn $name() { super::$name(crate::support::Fixture::on_a_disk().await).await } )+
        }
        mod in_a_bucket {
            $( #[tokio::test] async fn $name() { super::$name(crate::support::Fixture::in_a_bucket().await).await } )+
        }
    };
}
pub(crate) use on_both_stores;

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

pub(crate) enum Store {
    Disk(PathBuf),
    Bucket(S3Server),
}

pub(crate) struct Fixture {
    pub(crate) uploads: Uploads,
    pub(crate) clock: Arc<AheadClock>,
    pub(crate) staff: Principal,
    pub(crate) test: TestDb,
    pub(crate) store: Store,
}

impl Fixture {
    pub(crate) async fn on_a_disk() -> Self {
        let directory = std::env::temp_dir().join(format!("underpin-files-{}", UserId::new()));
        let files = Files::local(&directory).unwrap();
        Self::with(files, Store::Disk(directory)).await
    }

    pub(crate) async fn in_a_bucket() -> Self {
        let server = S3Server::start().await;
        let files = Files::s3(&settings(&server)).unwrap();
        Self::with(files, Store::Bucket(server)).await
    }

    async fn with(files: Files, store: Store) -> Self {
        let test = TestDb::new(&[COMPONENT]).await;
        let clock = Arc::new(AheadClock::default());
        let uploads = Uploads::new(test.db.clone(), files, clock.clone()).with_bounds(BOUNDS);
        Self { uploads, clock, staff: principal(Role::Member), test, store }
    }

    /// The same within other bounds.
    pub(crate) fn bounded(mut self, bounds: Bounds) -> Self {
        self.uploads = self.uploads.clone().with_bounds(bounds);
        self
    }

    pub(crate) fn bucket(&self) -> &S3Server {
        match &self.store {
            Store::Bucket(server) => server,
            Store::Disk(_) => panic!("this test is for a bucket"),
        }
    }

    /// Objects, and what is half written.
    pub(crate) fn stored(&self) -> (usize, usize) {
        match &self.store {
            Store::Bucket(server) => (server.objects(), server.unfinished()),
            Store::Disk(directory) => count(directory),
        }
    }

    pub(crate) async fn rows(&self) -> i64 {
        let client = self.test.superuser().await;
        client.query_one("select count(*) from underpin.upload", &[]).await.unwrap().get(0)
    }

    /// What is counted of the tenant.
    pub(crate) async fn usage(&self) -> i64 {
        let client = self.test.superuser().await;
        let sql = "select coalesce(sum(bytes), 0)::bigint from underpin.upload_usage";
        client.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn until_rows(&self, rows: i64) {
        until("the rows are there", async || (self.rows().await == rows).then_some(())).await;
    }

    pub(crate) async fn commit(&self, by: Principal, received: &Received) -> Result<()> {
        let (uploads, now) = (&self.uploads, Timestamp::UNIX_EPOCH);
        let commit = self
            .test
            .db
            .transact(by, |tx, _| Box::pin(async move { uploads.commit(tx, received, now).await }));
        commit.await
    }

    /// Receive a file and use it.
    pub(crate) async fn keep(&self, bytes: usize) -> Result<Received> {
        let body = incoming(vec![Bytes::from(vec![7; bytes])]);
        let received = self.uploads.receive(self.staff, body, &LIMITS).await?;
        self.commit(self.staff, &received).await?;
        Ok(received)
    }

    pub(crate) async fn read(&self, key: &str, offset: u64) -> Vec<u8> {
        let mut reader = self.uploads.files().reader(key, offset).await.unwrap();
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map(|_| bytes)
        });
        read.await.unwrap().unwrap()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if let Store::Disk(directory) = &self.store {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

pub(crate) fn settings(server: &S3Server) -> S3Settings {
    S3Settings {
        bucket: BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(server.endpoint()),
        public_endpoint: None,
        access_key_id: ACCESS_KEY_ID.to_owned(),
        secret_access_key: Secret::new(SECRET_ACCESS_KEY.to_owned()),
        path_style: true,
    }
}

pub(crate) fn principal(role: Role) -> Principal {
    Principal { tenant: TenantId::new(), subject: UserId::new(), role }
}

/// Somebody else of the same tenant.
pub(crate) fn colleague(of: Principal) -> Principal {
    Principal { subject: UserId::new(), ..of }
}

fn count(directory: &Path) -> (usize, usize) {
    let Ok(entries) = std::fs::read_dir(directory) else { return (0, 0) };
    let counted = entries.map(|entry| entry.unwrap()).map(|entry| {
        if entry.path().is_dir() {
            return count(&entry.path());
        }
        let staged = entry.file_name().to_string_lossy().contains('#');
        (usize::from(!staged), usize::from(staged))
    });
    counted.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

pub(crate) const LIMITS: Limits = Limits {
    bytes_max: 16 << 20,
    idle_timeout: Duration::from_millis(200),
    rate: RateFloor { window: Duration::from_mins(1), bytes_per_second: 1 },
};

pub(crate) const BOUNDS: Bounds = Bounds {
    memory_bytes_max: 64 << 20,
    wait: Duration::from_millis(100),
    waiting_max: 2,
    per_user_max: 2,
    per_tenant_max: 3,
    urls_per_user_max: 2,
    urls_per_tenant_max: 3,
    tenant_bytes_max: 1 << 30,
    url_lasts: Duration::from_mins(15),
};

pub(crate) type Piece = Result<Bytes, std::io::Error>;

pub(crate) fn incoming(pieces: Vec<Bytes>) -> Incoming<impl Stream<Item = Piece> + Send> {
    streaming(futures_util::stream::iter(pieces.into_iter().map(Ok)))
}

/// A body without a length.
pub(crate) fn streaming<S>(body: S) -> Incoming<S> {
    Incoming {
        filename: "book.csv".into(),
        media_type: None,
        content_length: None,
        encoding: Encoding::Identity,
        body,
    }
}

/// A body that never ends and sends nothing after its first bytes.
pub(crate) fn hanging(first: usize) -> Incoming<impl Stream<Item = Piece> + Send> {
    use futures_util::StreamExt as _;
    let first = futures_util::stream::iter([Piece::Ok(Bytes::from(vec![1; first]))]);
    streaming(first.chain(futures_util::stream::pending()))
}

/// As [`LIMITS`], with patience for a body that hangs.
pub(crate) const PATIENT: Limits = Limits { idle_timeout: Duration::from_mins(1), ..LIMITS };
