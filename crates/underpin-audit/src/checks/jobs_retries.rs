//! A job that fails is tried again with growing pauses, and then kept as a dead letter.

use std::time::Duration;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    Check, Error, Outcome, Result, Severity, Stage, Stopped, logs::Logs, wait::until_every,
};

/// Jobs that fail together.
const JOBS: usize = 6;
/// Attempts of each.
const ATTEMPTS: usize = 3;
/// Longest time from the first attempt to the dead letter; the pauses are 3 s of it.
const DEAD_MAX: Duration = Duration::from_secs(30);
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

/// How a job came to its end.
struct Life {
    dead: Value,
    /// The pause after each error but the last.
    pauses_ms: Vec<i64>,
}

impl Life {
    fn breaches(&self) -> Vec<String> {
        let (dead, mut breaches) = (&self.dead, Vec::new());
        let counts = (dead["attempt"].as_u64(), dead["errors"].as_u64());
        if counts != (Some(ATTEMPTS as u64), Some(ATTEMPTS as u64)) {
            breaches.push(format!("{} attempts and {} errors", dead["attempt"], dead["errors"]));
        }
        if !self.pauses_ms.is_sorted_by(|one, next| one < next) {
            breaches.push(format!("pauses of {:?} ms", self.pauses_ms));
        }
        breaches
    }
}

/// Look at a job until it is a dead letter.
async fn watch(stage: &Stage, job: Uuid) -> Result<Life, Stopped> {
    let seen = std::sync::Mutex::new([None; ATTEMPTS - 1]);
    let note = |job: &Value| {
        let errors = job["errors"].as_u64().unwrap_or_default() as usize;
        let mut seen = seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(pause) = errors.checked_sub(1).and_then(|at| seen.get_mut(at)) {
            *pause =
                pause.or_else(|| between(&job["last_errors"][errors - 1]["at"], &job["run_at"]));
        }
    };
    let dead = until_every(LOOK_EVERY, "the dead letter", DEAD_MAX, || async {
        let job = look(stage, job).await?;
        note(&job);
        Ok((job["state"] == "dead").then_some(job))
    })
    .await?;
    let seen = seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let errors = &dead["last_errors"];
    // Where no look fell into a pause, the time to the next error is the most that it was.
    let pause = |(at, seen): (usize, &Option<i64>)| {
        seen.or_else(|| between(&errors[at]["at"], &errors[at + 1]["at"]))
    };
    let pauses_ms = seen.iter().enumerate().filter_map(pause).collect();
    Ok(Life { dead, pauses_ms })
}

async fn look(stage: &Stage, job: Uuid) -> Result<Value> {
    let ask = stage.operator(Method::GET, &format!("/ops/v1/jobs/{job}"));
    let ask = ask.map_err(|_| Error::Late("the operators' address".to_owned()))?;
    Ok(ask.send().await?.expect(200)?.json())
}

/// The job, once it is in a state.
async fn state(stage: &Stage, job: Uuid, state: &str) -> Result<Option<Value>> {
    let job = look(stage, job).await?;
    Ok((job["state"] == state).then_some(job))
}

fn between(from: &Value, to: &Value) -> Option<i64> {
    let at = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    Some(at(to)?.as_millisecond() - at(from)?.as_millisecond())
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
