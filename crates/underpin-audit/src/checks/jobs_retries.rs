//! A job that fails is tried again with growing pauses, and then kept as a dead letter.

mod life;

use std::time::Duration;

use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use life::{Life, state, watch};

use crate::{
    Check, Error, Outcome, Result, Severity, Stage, Stopped, logs::Logs, wait::until_every,
};

/// Jobs that fail together.
const JOBS: usize = 6;
/// Attempts of each.
const ATTEMPTS: usize = 3;
/// Longest that a job may take that is driven again.
const DONE_MAX: Duration = Duration::from_secs(20);
/// Longest that a line may take into its log.
const LOG_MAX: Duration = Duration::from_secs(5);
/// Pause between two looks at a job: shorter than any of its pauses.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(super) const CHECK: Check = Check {
    id: "jobs.retries",
    seeds: &["S1.50"],
    severity: Severity::P1,
    promise: "A job that fails is tried again after growing pauses that differ from job to job; after its last attempt it is kept, \
              calls once, and can be driven again.",
    input: "six jobs that fail three times; an operator who drives the dead letters again",
    measure: "the pause after each error, the attempts, the calls in the log, what becomes of the letters",
    threshold: "3 attempts each, every second pause longer than the first, the first ones not alike; 6 dead letters, one call for each; \
                driven again each is done",
    fault: "retries_even",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (logs, a) = (Logs::open(stage.deployment()?.logs()?)?, &stage.tenants().await?.a);
    let mut jobs = Vec::new();
    for _ in 0..JOBS {
        let body = json!({ "fail_times": ATTEMPTS });
        jobs.push(super::ask_for_job(a, "", &body).await?.expect(202)?.id_at("/job")?);
    }
    let lives = match try_join_all(jobs.iter().map(|job| watch(stage, *job))).await {
        Err(Stopped::Inconclusive(reason)) if reason.contains("the dead letter") => {
            return Ok(Outcome::judge(false, "a job that fails is no dead letter").evidence(reason));
        }
        lives => lives?,
    };
    let mut breaches: Vec<_> = lives.iter().flat_map(Life::breaches).collect();
    let mut firsts: Vec<_> = lives.iter().filter_map(|life| life.pauses_ms.first()).collect();
    firsts.sort_unstable();
    firsts.dedup();
    if firsts.len() < 2 {
        breaches.push(format!("{JOBS} jobs that failed together came back together"));
    }
    let calls = calls(&logs, &jobs).await?;
    for (job, calls) in jobs.iter().zip(&calls).filter(|(_, calls)| **calls != 1) {
        breaches.push(format!("dead letter {job} called {calls} times"));
    }
    for job in &jobs {
        let path = format!("/ops/v1/jobs/{job}/redrive");
        stage.operator(Method::POST, &path)?.send().await?.expect(200)?;
    }
    let mut again = 0;
    for job in &jobs {
        match until_every(LOOK_EVERY, "the job", DONE_MAX, || state(stage, *job, "done")).await {
            Ok(_) => again += 1,
            Err(Error::Late(_)) => breaches.push(format!("{job} was driven again and is not done")),
            Err(error) => return Err(error.into()),
        }
    }
    let pauses: Vec<_> = lives.iter().map(|life| life.pauses_ms.clone()).collect();
    let measured = format!(
        "pauses {:?} to {:?} ms; {} dead letters, {} calls, {again} done when driven again",
        pauses.iter().min().unwrap_or(&Vec::new()),
        pauses.iter().max().unwrap_or(&Vec::new()),
        lives.len(),
        calls.iter().sum::<usize>(),
    );
    Ok(Outcome::of_breaches(breaches, measured))
}

/// How often each dead letter is called out in the logs, once each is.
async fn calls(logs: &Logs, jobs: &[Uuid]) -> Result<Vec<usize>> {
    let count = || {
        let calls = jobs.iter().map(|job| logs.lines_with(&["dead letter", &job.to_string()]));
        calls.map(|lines| lines.map(|lines| lines.len())).collect::<Result<Vec<_>>>()
    };
    let all = until_every(LOOK_EVERY, "the calls", LOG_MAX, || async {
        let calls = count()?;
        Ok((!calls.contains(&0)).then_some(()))
    });
    match all.await {
        Ok(()) | Err(Error::Late(_)) => {}
        Err(error) => return Err(error),
    }
    // One that calls twice does so in the same breath.
    sleep(LOOK_EVERY).await;
    count()
}
