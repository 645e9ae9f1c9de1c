//! A worker that is killed in the middle of a job takes nothing with it.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::Instant;

use crate::{Book, Check, Error, Outcome, Severity, Stage, Stopped, follow, wait::until};

/// Funds of the book: 80 reports each, 60,000 in all.
const FUNDS: u64 = 750;
/// Longest time from the kill to the end of the import.
const LIMIT: Duration = Duration::from_secs(30);
/// Longest that a file may take to be taken while no worker is there.
const TAKEN_MAX: Duration = Duration::from_millis(300);
/// Longest that the import may take until it runs.
const BEGIN_MAX: Duration = Duration::from_secs(20);

pub(super) const CHECK: Check = Check {
    id: "jobs.killed_worker",
    seeds: &["S0.11", "S1.43", "S2.10"],
    severity: Severity::P0,
    promise: "A worker may be killed at any moment: another finishes its job, and what was done counts once.",
    input: "an import of 60,000 reports; kill -9 of the worker when the first of them are in; another file while no worker is there",
    measure: "time from the kill to the end of the import, its counts, and the sums of every fund at every date; the answer to the \
              other file and what became of it",
    threshold: "finished within 30 s; 60,000 applied once, every sum to the cent; the other file taken within 300 ms and applied once",
    fault: "jobs_lost",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let worker = stage.worker().await?;
    let a = &stage.tenants().await?.a;
    let book = Book::new("Killed", FUNDS);
    let import = book.upload(&a.owner, &a.slug).await?;
    let running = |import: &serde_json::Value| {
        import["rows"]["read"].as_u64() > Some(0) || super::is_over(import)
    };
    let seen = follow(&a.owner, &a.slug, import, BEGIN_MAX, running).await?;
    if super::is_over(&seen) {
        return Err(Stopped::inconclusive("the import ended before its worker could be killed"));
    }
    worker.signal(Signal::KILL)?;
    let since = Instant::now();
    let small = Book::new("Meanwhile", 1);
    let (taken, meanwhile) = (Instant::now(), small.upload(&a.owner, &a.slug).await?);
    let taken = taken.elapsed();
    let ended = match follow(&a.owner, &a.slug, import, LIMIT, super::is_over).await {
        Ok(ended) => ended,
        Err(Error::Late(_)) => {
            let seconds = LIMIT.as_secs();
            return Ok(Outcome::judge(
                false,
                format!("not finished within {seconds} s of the kill"),
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let took = since.elapsed();
    let job = a.owner.get(&a.path(&format!("/jobs/{}", import.job))).await?.expect(200)?.json();
    if job["attempt"].as_u64() < Some(2) {
        return Err(Stopped::inconclusive("the kill met no attempt of the job"));
    }
    let mut breaches = super::miscounted(&ended, book.rows);
    breaches.extend(book.differences(&a.owner, &a.slug).await?);
    let meanwhile = follow(&a.owner, &a.slug, meanwhile, LIMIT, super::is_over).await?;
    breaches.extend(super::miscounted(&meanwhile, small.rows));
    if taken > TAKEN_MAX {
        breaches.push(format!("a file was taken after {} ms", taken.as_millis()));
    }
    // The next check finds a deployment that is whole again.
    until("the worker came back", LIMIT, || async {
        let back = stage.deployment().is_ok_and(|d| d.workers.iter().all(|w| w.pid != worker.id()));
        Ok((back && stage.worker().await.is_ok()).then_some(()))
    })
    .await?;
    let (applied, wrong) = (&ended["rows"]["applied"], breaches.len());
    let measured = format!(
        "{applied} of {} applied, {wrong} counts or sums wrong, {:.1} s after the kill",
        book.rows,
        took.as_secs_f64()
    );
    let attempts = format!(
        "attempts {}, killed after {} rows; another file was taken in {} ms",
        job["attempt"],
        seen["rows"]["read"],
        taken.as_millis()
    );
    Ok(Outcome::of_breaches(breaches, measured).evidence(attempts))
}
