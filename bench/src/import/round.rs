//! One round: upload, import, the same again, and the bare statement.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use underpin::{
    base::{Principal, Role, SystemClock, TenantId, UserId},
    files::{Encoding, Files, Incoming, Limits, Uploads},
};
use underpin_funds::{Import, ImportId, get_import, start_import};
use underpin_testkit::TestDb;

use crate::{file, worker};

/// Longest that an import may take here.
const PATIENCE: Duration = Duration::from_mins(15);

/// What a round measured.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) file_mb: f64,
    pub(crate) allocations: u64,
    pub(crate) upload_mb_per_second: f64,
    pub(crate) import_seconds: f64,
    pub(crate) again_seconds: f64,
    pub(crate) bare_seconds: f64,
    pub(crate) worker_mib_above_idle: f64,
}

pub(crate) async fn run(rows: u64) -> Result<Round> {
    let components = underpin::Platform::new(vec![underpin_funds::module()]).components();
    let test = TestDb::new(&components).await;
    let directory = std::env::temp_dir().join(format!("underpin-bench-{}", UserId::new()));
    let files = Files::local(&directory)?;
    let uploads = Uploads::new(test.db.clone(), files, Arc::new(SystemClock));
    let by = Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member };
    let worker = worker::start(&test.app_url, &test.system_url, &directory)?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = worker::mib(&worker, "VmRSS")?;

    let began = Instant::now();
    let (id, bytes, upload) = send(&test, &uploads, by, rows).await?;
    let import_seconds = over(&test, by, id, rows).await?.0;
    let peak = worker::mib(&worker, "VmHWM")?;
    let (again, ..) = send(&test, &uploads, by, rows).await?;
    let (again_seconds, second) = over(&test, by, again, rows).await?;
    ensure!(second.counts.unchanged == rows as i64, "the same bytes changed something");
    drop(worker);
    eprintln!("imported twice in {:.1} s", began.elapsed().as_secs_f64());
    let bare_seconds = bare(&test, by, rows).await?;
    std::fs::remove_dir_all(&directory)?;
    let file_mb = bytes as f64 / 1e6;
    Ok(Round {
        file_mb,
        allocations: file::allocations(rows),
        upload_mb_per_second: file_mb / upload,
        import_seconds,
        again_seconds,
        bare_seconds,
        worker_mib_above_idle: peak - idle,
    })
}

/// Upload the file and enqueue its import: id, bytes, seconds of the upload.
async fn send(
    test: &TestDb,
    uploads: &Uploads,
    by: Principal,
    rows: u64,
) -> Result<(ImportId, u64, f64)> {
    // Generated before, so that the upload's time is the upload's.
    let pieces: Vec<_> = file::pieces(rows).map(Ok::<_, std::io::Error>).collect();
    let incoming = Incoming {
        filename: "generated.csv".to_owned(),
        media_type: None,
        content_length: None,
        encoding: Encoding::Identity,
        body: futures_util::stream::iter(pieces),
    };
    let limits = Limits { bytes_max: u64::MAX, ..Limits::default() };
    let began = Instant::now();
    let received = &uploads.receive(by, incoming, &limits).await?;
    let upload = began.elapsed().as_secs_f64();
    let usd = "USD".parse()?;
    let at = underpin::base::Clock::now(&SystemClock);
    let started = test.db.transact(by, |tx, _| {
        Box::pin(async move { start_import(tx, uploads, received, usd, at).await })
    });
    Ok((started.await?.import, received.bytes, upload))
}

/// Wait for the end: seconds since the call, and the import.
async fn over(test: &TestDb, by: Principal, id: ImportId, rows: u64) -> Result<(f64, Import)> {
    let began = Instant::now();
    loop {
        let import = get_import(&test.db, by, id).await?;
        if import.finished_at.is_some() {
            ensure!(import.counts.read == rows as i64 && import.error.is_none(), "{import:?}");
            return Ok((began.elapsed().as_secs_f64(), import));
        }
        ensure!(began.elapsed() < PATIENCE, "the import does not end: {import:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The reports again in one statement, as `app` under row level security, from a table that holds just them.
async fn bare(test: &TestDb, by: Principal, rows: u64) -> Result<f64> {
    let admin = test.superuser().await;
    admin
        .batch_execute(
            "create unlogged table funds.staging as select * from funds.position_report order by as_of, line;
             truncate funds.position_report; analyze funds.staging; checkpoint",
        )
        .await?;
    admin.batch_execute("grant select on funds.staging to public").await?;
    let (app, connection) = tokio_postgres::connect(&test.app_url, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    app.batch_execute(&format!(
        "set underpin.tenant = '{}'; set underpin.subject = '{}'; set underpin.role = 'member'",
        by.tenant, by.subject
    ))
    .await?;
    let began = Instant::now();
    let inserted =
        app.execute("insert into funds.position_report select * from funds.staging", &[]).await?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(inserted == rows, "{inserted} of {rows}");
    connection.abort();
    Ok(seconds)
}
