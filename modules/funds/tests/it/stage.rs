//! A database, a disk and a worker for one test.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use underpin::{
    base::{Principal, Role, TenantId, UserId},
    db::{Component, Db, Settings},
    files::{Encoding, Files, Incoming, Limits, Uploads},
    jobs::{Registry, Runner, RunnerSettings},
};
use underpin_funds::{
    ApplyImport, Context, Error, Import, ImportId, SumMovements, get_import, start_import,
};
use underpin_testkit::{FakeClock, TestDb, until};

pub(crate) const COMPONENTS: [Component; 6] = [
    underpin::log::COMPONENT,
    underpin::identity::COMPONENT,
    underpin::jobs::COMPONENT,
    underpin::files::COMPONENT,
    underpin::http::COMPONENT,
    underpin_funds::COMPONENT,
];

/// The demo's file: the facts of the real one.
pub(crate) const DEMO: &[u8] = include_bytes!("../../demo/positions.csv");

pub(crate) struct Stage {
    pub(crate) test: TestDb,
    pub(crate) uploads: Uploads,
    pub(crate) staff: Principal,
    pub(crate) directory: PathBuf,
    pub(crate) clock: FakeClock,
    pub(crate) stop: CancellationToken,
}

impl Stage {
    /// A database without a worker.
    pub(crate) async fn new() -> Self {
        let test = TestDb::new(&COMPONENTS).await;
        let directory = std::env::temp_dir().join(format!("underpin-funds-{}", UserId::new()));
        let clock = FakeClock::default();
        let files = Files::local(&directory).unwrap();
        let uploads = Uploads::new(test.db.clone(), files, Arc::new(clock.clone()));
        let staff = member();
        let stop = CancellationToken::new();
        Self { test, uploads, staff, directory, clock, stop }
    }

    /// With a worker whose chunks have so many rows; it works until the handle is dropped.
    pub(crate) fn work(&self, chunk_rows: usize) -> AbortOnDropHandle<()> {
        let runner = runner(self.test.db.clone(), &self.directory, chunk_rows);
        AbortOnDropHandle::new(tokio::spawn(runner.run(self.stop.clone())))
    }

    pub(crate) const fn db(&self) -> &Db {
        &self.test.db
    }

    /// Send a file.
    pub(crate) async fn send(&self, by: Principal, file: &[u8]) -> Result<ImportId, Error> {
        let pieces: Vec<_> = file
            .chunks(60_000)
            .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
            .collect();
        let incoming = Incoming {
            filename: "book.csv".into(),
            media_type: Some("text/csv".into()),
            content_length: Some(file.len() as u64),
            encoding: Encoding::Identity,
            body: futures_util::stream::iter(pieces),
        };
        let received = &self.uploads.receive(by, incoming, &Limits::default()).await?;
        let (uploads, usd) = (&self.uploads, "USD".parse().unwrap());
        let at = underpin::base::Clock::now(&self.clock);
        let started = self
            .db()
            .transact(by, |tx, _| {
                Box::pin(async move { start_import(tx, uploads, received, usd, at).await })
            })
            .await?;
        Ok(started.import)
    }

    /// Wait until an import is over; a worker must be at work.
    pub(crate) async fn over(&self, by: Principal, id: ImportId) -> Import {
        until("the import is over", async || {
            let import = get_import(self.db(), by, id).await.unwrap();
            import.finished_at.map(|_| import)
        })
        .await
    }

    /// Import a file as staff.
    pub(crate) async fn import(&self, file: impl AsRef<[u8]>) -> Import {
        let worker = self.work(2_000);
        self.import_with(worker, file).await
    }

    /// Import a file as staff in small chunks.
    pub(crate) async fn import_in_chunks(
        &self,
        chunk_rows: usize,
        file: impl AsRef<[u8]>,
    ) -> Import {
        let worker = self.work(chunk_rows);
        self.import_with(worker, file).await
    }

    async fn import_with(&self, worker: AbortOnDropHandle<()>, file: impl AsRef<[u8]>) -> Import {
        let id = self.send(self.staff, file.as_ref()).await.unwrap();
        let import = self.over(self.staff, id).await;
        drop(worker);
        import
    }

    /// Import a file with a worker that does not know how to sum movements.
    pub(crate) async fn import_unsummed(&self, file: impl AsRef<[u8]>) -> Import {
        let files = Files::local(&self.directory).unwrap();
        let mut registry = Registry::new();
        registry.register::<ApplyImport>(Context::new(files, Arc::new(self.clock.clone())));
        let runner = Runner::new(self.test.db.clone(), registry, RunnerSettings::default());
        let worker = AbortOnDropHandle::new(tokio::spawn(runner.run(self.stop.clone())));
        self.import_with(worker, file).await
    }

    /// Sum the movements of everything that was imported.
    pub(crate) async fn sum(&self) {
        let mut registry = Registry::new();
        registry.register::<SumMovements>(Arc::new(self.clock.clone()));
        let runner = Runner::new(self.test.db.clone(), registry, RunnerSettings::default());
        let worker = AbortOnDropHandle::new(tokio::spawn(runner.run(self.stop.clone())));
        until("the movements are summed", async || (self.unsummed().await == 0).then_some(()))
            .await;
        drop(worker);
    }

    /// How many imports the movements do not contain.
    pub(crate) async fn unsummed(&self) -> i64 {
        let client = self.test.superuser().await;
        let sql = "select count(*) from funds.fund_import where summed_at is null";
        client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// A digest over natural keys and amounts of a tenant's book.
    pub(crate) async fn digest(&self) -> (i64, String) {
        let client = self.test.superuser().await;
        let sql = "select count(*), md5(coalesce(string_agg(line, E'\\n' order by line), '')) from (
            select concat_ws('|', i.name, f.name, f.currency, f.vintage, f.strategy, f.manager, r.as_of, r.commitment_minor,
                coalesce(r.called_minor::text, '-'), coalesce(r.distributed_minor::text, '-'), coalesce(r.value_minor::text, '-')) as line
            from funds.position_report r
            join funds.allocation a on a.tenant_id = r.tenant_id and a.id = r.allocation_id
            join funds.fund f on f.tenant_id = r.tenant_id and f.id = a.fund_id
            join funds.investor i on i.tenant_id = r.tenant_id and i.id = a.investor_id
            where r.tenant_id = $1) lines";
        let row = client.query_one(sql, &[&self.staff.tenant.uuid()]).await.unwrap();
        (row.get(0), row.get(1))
    }

    /// How many rows a tenant has in a table.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let client = self.test.superuser().await;
        let sql = format!("select count(*) from {table} where tenant_id = $1");
        client.query_one(&sql, &[&self.staff.tenant.uuid()]).await.unwrap().get(0)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
        // A job that asks per item fails its test, as a request does.
        if !std::thread::panicking() {
            let mut repeats = self.test.db.findings().list();
            repeats.retain(|known| known.declared.is_none());
            assert!(repeats.is_empty(), "repeated without allow_fanout: {repeats:?}");
        }
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A worker that knows how to apply imports.
pub(crate) fn runner(db: Db, directory: &Path, chunk_rows: usize) -> Runner {
    let files = Files::local(directory).unwrap();
    let context = Context::new(files, Arc::new(FakeClock::default())).with_chunk_rows(chunk_rows);
    let mut registry = Registry::new();
    registry.register::<ApplyImport>(context);
    registry.register::<SumMovements>(Arc::new(FakeClock::default()));
    Runner::new(db, registry, RunnerSettings::default())
}

/// The database as another process would open it.
pub(crate) fn open(app_url: &str, system_url: &str) -> Db {
    Db::new(Settings::new(app_url, system_url)).unwrap()
}

/// Staff of a tenant of their own.
pub(crate) fn member() -> Principal {
    Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member }
}
