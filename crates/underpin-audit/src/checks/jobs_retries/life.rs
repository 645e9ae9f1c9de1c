//! What becomes of a job that fails.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use super::{ATTEMPTS, LOOK_EVERY};
use crate::{Error, Result, Stage, Stopped, wait::until_every};

/// Longest time from the first attempt to the dead letter; the pauses are 3 s of it.
const DEAD_MAX: Duration = Duration::from_secs(30);

/// How a job came to its end.
pub(super) struct Life {
    dead: Value,
    /// The pause after each error but the last.
    pub(super) pauses_ms: Vec<i64>,
}

impl Life {
    pub(super) fn breaches(&self) -> Vec<String> {
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
pub(super) async fn watch(stage: &Stage, job: Uuid) -> Result<Life, Stopped> {
    let seen = Mutex::new([None; ATTEMPTS - 1]);
    let note = |job: &Value| {
        let errors = job["errors"].as_u64().unwrap_or_default() as usize;
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
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
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
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
pub(super) async fn state(stage: &Stage, job: Uuid, wanted: &str) -> Result<Option<Value>> {
    let job = look(stage, job).await?;
    Ok((job["state"] == wanted).then_some(job))
}

fn between(from: &Value, to: &Value) -> Option<i64> {
    let at = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    Some(at(to)?.as_millisecond() - at(from)?.as_millisecond())
}
