//! A worker that wakes after others took its job over is refused.

use std::{process::Stdio, time::Duration};

use reqwest::Method;
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::{
    Book, Check, Error, Outcome, Severity, Stage, Stopped, follow,
    process::{Frozen, Process},
};

/// Funds of the book: 80 reports each, 60,000 in all.
const FUNDS: u64 = 750;
/// Longest time until another worker goes on: the silent one's lease, and a look for work.
const TAKEOVER_MAX: Duration = Duration::from_secs(30);
/// Longest that the import may take until it runs, and from the takeover to its end.
const IMPORT_MAX: Duration = Duration::from_secs(30);
/// Longest wait for a woken worker to begin anew; one that does not is judged by what it did.
const ANEW_MAX: Duration = Duration::from_secs(10);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(super) const CHECK: Check = Check {
    id: "jobs.zombie",
    seeds: &["S1.62", "S2.10"],
    severity: Severity::P0,
    promise: "A worker that was silent for too long may commit nothing for a job that another has taken over.",
    input: "an import of 60,000 reports; SIGSTOP of its worker in the middle, a second worker, SIGCONT once that one goes on",
    measure: "the import's counts, and the sums of every fund at every date",
    threshold: "60,000 applied once, every sum to the cent",
    fault: "fence_off",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let worker = stage.worker().await?;
    let program = stage.deployment()?.program()?;
    let a = &stage.tenants().await?.a;
    let book = Book::new("Zombie", FUNDS);
    let import = book.upload(&a.owner, &a.slug).await?;
    let read = |import: &Value| import["rows"]["read"].as_u64().unwrap_or_default();
    let so_far = |rows: u64| move |import: &Value| read(import) > rows || super::is_over(import);
    let seen = follow(&a.owner, &a.slug, import, IMPORT_MAX, so_far(0)).await?;
    if super::is_over(&seen) {
        return Err(Stopped::inconclusive("the import ended before its worker could be stopped"));
    }
    let frozen = Frozen::freeze(worker)?;
    let seen = a.owner.get(&a.path(&format!("/imports/{}", import.id))).await?.expect(200)?.json();
    let second = second_worker(&program, worker)?;
    let taken = follow(&a.owner, &a.slug, import, TAKEOVER_MAX, so_far(read(&seen))).await;
    if let Err(Error::Late(_)) = taken {
        return Ok(Outcome::judge(false, "no other worker took the job over"));
    }
    let taken = taken?;
    let before = epochs(stage, worker).await?;
    drop(frozen);
    let ended = match follow(&a.owner, &a.slug, import, IMPORT_MAX, super::is_over).await {
        Err(Error::Late(_)) => return Ok(Outcome::judge(false, "the import never ended")),
        ended => ended?,
    };
    let anew = if begins_anew(stage, worker, &before).await? { "began" } else { "did not begin" };
    end(second).await;
    let mut breaches = super::miscounted(&ended, book.rows);
    breaches.extend(book.differences(&a.owner, &a.slug).await?);
    let (applied, wrong) = (&ended["rows"]["applied"], breaches.len());
    let measured = format!("{applied} of {} applied, {wrong} counts or sums wrong", book.rows);
    let facts =
        format!("stopped after {} rows, woken after {}; it {anew} anew", read(&seen), read(&taken));
    Ok(Outcome::of_breaches(breaches, measured).evidence(facts))
}

/// The lives of a process as a worker that the deployment knows of.
async fn epochs(stage: &Stage, worker: Process) -> Result<Vec<i64>, Stopped> {
    let workers = stage.operator(Method::GET, "/ops/v1/workers")?.send().await?.expect(200)?.json();
    let own = workers["items"].as_array().into_iter().flatten();
    let own = own.filter(|item| item["pid"] == worker.id());
    Ok(own.filter_map(|item| item["epoch"].as_i64()).collect())
}

/// Wait until a woken worker has understood that its life is over, and begins another: then all that it still tried is over too.
async fn begins_anew(stage: &Stage, worker: Process, before: &[i64]) -> Result<bool, Stopped> {
    let deadline = Instant::now() + ANEW_MAX;
    while Instant::now() < deadline {
        if epochs(stage, worker).await?.iter().any(|epoch| !before.contains(epoch)) {
            return Ok(true);
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(false)
}

/// Another worker of the same deployment, as a second host would have it. Killed when dropped.
fn second_worker(program: &std::path::Path, first: Process) -> Result<Child, Stopped> {
    let mut environment = first.environment()?;
    let own = ("UNDERPIN_HTTP_OPERATOR_LISTEN".to_owned(), "127.0.0.1:0".to_owned());
    environment.extend([own]);
    let mut command = Command::new(program);
    command.arg("work").env_clear().envs(environment).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let what = format!("start {} work", program.display());
    Ok(command.spawn().map_err(|source| Error::Process { what, source })?)
}

/// Let a worker end in good order, or kill it.
async fn end(mut worker: Child) {
    let pid = worker.id().and_then(|pid| Process::find(pid, "work").ok());
    if let Some(process) = pid {
        let _ = process.signal(rustix::process::Signal::TERM);
    }
    if tokio::time::timeout(Duration::from_secs(5), worker.wait()).await.is_err() {
        // It is killed when dropped at the latest.
        let _ = worker.kill().await;
    }
}
