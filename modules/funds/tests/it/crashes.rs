//! A worker that dies anywhere loses nothing and does nothing twice.
//!
//! The worker of these tests is this very test program, started again as a process of its own that aborts at a named place.

use std::{fmt::Write as _, process::Stdio};

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;
use underpin_funds::{Counts, get_import};

use crate::stage::{Stage, open, runner};

const ROWS_A_CHUNK: usize = 40;

/// Every place of the import, in order, and those of the transaction around it.
const PLACES: &[&str] = &[
    "import.chunk.before:1",
    "import.chunk.before:3",
    "jobs.step.begin:2",
    "import.names.before:2",
    "import.names.after:1",
    "import.names.after:2",
    "import.attributes.after:2",
    "import.allocations.after:2",
    "import.reports.before:2",
    "import.reports.after:1",
    "import.reports.after:3",
    "import.updates.after:1",
    "import.counts.after:2",
    "import.findings.after:2",
    "import.event.after:2",
    "jobs.step.worked:2",
    "jobs.step.fenced:2",
    "jobs.step.committed:2",
    "import.chunk.after:1",
    "import.chunk.after:2",
    "import.end.before:1",
    "import.finish.before:1",
    "import.finish.after:1",
    "import.finished.after:1",
    "import.sums.after:1",
    "jobs.finish.worked:1",
    "jobs.finish.fenced:1",
    "jobs.finish.committed:1",
    "import.end.after:1",
];

/// 200 rows with everything in them: new and known names, duplicates, conflicts, bad cells.
fn file() -> String {
    let mut file = String::from("investor,fund,as_of,commitment,called,vintage,currency\r\n");
    for n in 0..200 {
        let (investor, fund, month) = (n % 7, n % 31, 1 + n % 11);
        let amount = n % 13;
        let vintage = 2_000 + n % 3;
        let currency = if n % 50 == 49 { "EUR" } else { "USD" };
        let date = if n % 41 == 40 { "soon".to_owned() } else { format!("2025-{month:02}-28") };
        let _ = write!(
            file,
            "Investor {investor},\"Fund, {fund}\",{date},{amount}.5,,{vintage},{currency}\r\n"
        );
        if n % 20 == 19 {
            // A line from another part of the file, with the same amount.
            let n = (n + 120) % 200;
            let (investor, fund, month, amount) = (n % 7, n % 31, 1 + n % 11, n % 13);
            let _ = write!(
                file,
                "Investor {investor},\"Fund, {fund}\",2025-{month:02}-28,{amount}.5,,,USD\r\n"
            );
        }
        if n % 9 == 0 {
            let _ = write!(
                file,
                "Investor {investor},\"Fund, {fund}\",{date},{}.5,,,USD\r\n",
                amount + n % 2
            );
        }
    }
    file
}

/// What stood before: some of the same reports, every other one with the same amount.
fn prior() -> String {
    let mut file = String::from("investor,fund,as_of,commitment,currency\n");
    for n in (0..100).step_by(3) {
        let (investor, fund, month) = (n % 7, n % 31, 1 + n % 11);
        let amount = n % 13 + n % 2;
        let _ = writeln!(
            file,
            "Investor {investor},\"Fund, {fund}\",2025-{month:02}-28,{amount}.5,USD"
        );
    }
    file
}

/// Everything that an import leaves behind, but for ids and times.
async fn left_behind(stage: &Stage) -> (i64, String, Counts, Vec<String>) {
    let (reports, digest) = stage.digest().await;
    let client = stage.test.superuser().await;
    let sql = "select rows_read, rows_applied, rows_unchanged, rows_refused, warnings from funds.fund_import
        order by id desc limit 1";
    let row = client.query_one(sql, &[]).await.unwrap();
    let counts = Counts {
        read: row.get(0),
        applied: row.get(1),
        unchanged: row.get(2),
        refused: row.get(3),
        warnings: row.get(4),
    };
    let sql = "select concat_ws('|', seq, line, column_name, code, value, message) from funds.import_finding
        where import_id = (select max(id::text)::uuid from funds.fund_import) order by seq";
    let rows = client.query(sql, &[]).await.unwrap();
    (reports, digest, counts, rows.iter().map(|row| row.get(0)).collect())
}

#[tokio::test]
async fn a_worker_that_dies_at_any_place_leaves_what_an_undisturbed_one_does() {
    let undisturbed = Stage::new().await;
    undisturbed.import(prior()).await;
    undisturbed.import_in_chunks(ROWS_A_CHUNK, file()).await;
    let expected = &left_behind(&undisturbed).await;
    let Counts { refused, warnings, unchanged, .. } = expected.2;
    assert!(refused > 0 && warnings > 0 && unchanged > 0, "{:?}", expected.2);
    futures_util::stream::iter(PLACES)
        .for_each_concurrent(4, async |place| {
            let stage = Stage::new().await;
            stage.import(prior()).await;
            let id = stage.send(stage.staff, file().as_bytes()).await.unwrap();
            let died = die_at(&stage, place).await;
            assert!(died, "the worker never came to {place}");
            underpin::jobs::expire_all_leases(stage.db()).await.unwrap();
            let worker = stage.work(ROWS_A_CHUNK);
            let import = stage.over(stage.staff, id).await;
            drop(worker);
            assert_eq!(import.state(), "done", "{place}");
            assert_eq!(&left_behind(&stage).await, expected, "{place}");
        })
        .await;
}

#[tokio::test]
async fn an_import_whose_job_was_given_up_says_so_and_goes_on_when_it_is_run_again() {
    let stage = Stage::new().await;
    let id = stage.send(stage.staff, prior().as_bytes()).await.unwrap();
    let client = stage.test.superuser().await;
    // A third worker died under it.
    let running = "update underpin.job set state = 'running', epoch = 0, claim_seq = nextval('underpin.job_claim'),
        claimed_at = underpin.now(), attempt = 3, crashes = 2";
    assert_eq!(client.execute(running, &[]).await.unwrap(), 1);
    client.execute("select underpin.job_rescue(10, 3)", &[]).await.unwrap();
    let given_up = get_import(stage.db(), stage.staff, id).await.unwrap();
    assert_eq!(given_up.state(), "failed");
    assert_eq!(given_up.error.unwrap().0, "given_up");

    let job = underpin::jobs::JobId::from_uuid(given_up.job);
    underpin::jobs::Operator::new(stage.db().clone()).redrive(job).await.unwrap();
    let _worker = stage.work(ROWS_A_CHUNK);
    let done = stage.over(stage.staff, id).await;
    assert_eq!((done.state(), done.error), ("done", None));
}

/// Run a worker as a process of its own; whether it aborted.
async fn die_at(stage: &Stage, place: &str) -> bool {
    let mut worker = tokio::process::Command::new(std::env::current_exe().unwrap());
    worker
        .args(["--ignored", "--exact", "crashes::a_worker_process_works_until_its_import_is_over"])
        .env("UNDERPIN_CRASH_AT", place)
        .env("FUNDS_TEST_APP_URL", &stage.test.app_url)
        .env("FUNDS_TEST_SYSTEM_URL", &stage.test.system_url)
        .env("FUNDS_TEST_DIRECTORY", &stage.directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let ended = worker.status();
    let ended = tokio::time::timeout(std::time::Duration::from_mins(3), ended).await;
    !ended.expect("the worker ends").unwrap().success()
}

#[tokio::test]
#[ignore = "the process that other tests start"]
async fn a_worker_process_works_until_its_import_is_over() {
    let Ok(app_url) = std::env::var("FUNDS_TEST_APP_URL") else { return };
    let system_url = std::env::var("FUNDS_TEST_SYSTEM_URL").unwrap();
    let directory = std::env::var("FUNDS_TEST_DIRECTORY").unwrap();
    let db = open(&app_url, &system_url);
    let stop = CancellationToken::new();
    let worker = runner(db.clone(), directory.as_ref(), ROWS_A_CHUNK);
    let worker = tokio::spawn(worker.run(stop.clone()));
    underpin_testkit::until("no job is left", async || {
        let queues = underpin::jobs::Operator::new(db.clone()).queues().await.unwrap();
        let busy = queues.iter().any(|queue| queue.ready + queue.running + queue.deferred > 0);
        (!busy).then_some(())
    })
    .await;
    stop.cancel();
    worker.await.unwrap();
}
