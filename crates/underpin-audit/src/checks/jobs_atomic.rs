//! A request that wants work done enters a job in its own transaction and answers.

use std::time::Duration;

use serde_json::json;
use underpin_db::{Db, Purpose, Scope};
use uuid::Uuid;

use crate::{
    Answer, Check, Error, Outcome, Result, Severity, Stage, Stopped, Tenant, store::COUNT_JOBS,
    upload, wait::until,
};

/// How long the job takes, in milliseconds; nobody who waited for it can answer sooner.
const JOB_MS: u64 = 2_000;
/// Longest that a job may take to its end.
const DONE_MAX: Duration = Duration::from_secs(20);
/// Requests that are refused after they entered a job.
const REFUSED: usize = 10;

pub(super) const CHECK: Check = Check {
    id: "jobs.atomic",
    seeds: &["S0.4"],
    severity: Severity::P0,
    promise: "Work is entered as a job in the transaction of its request: it is answered at once, done afterwards, and not there at \
              all if the transaction is rolled back.",
    input: "a request for a job of two seconds, a file to be imported; ten requests whose transaction is refused by a constraint after \
            the job was entered",
    measure: "status and time of the answers, the ends of the jobs, how many jobs the tenant has",
    threshold: "202 with a job's id before the job can be over, then done; a refused request leaves no job",
    fault: "jobs_outside",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let a = &stage.tenants().await?.a;
    let db = stage.db()?;
    let judged = judge(a, &db).await;
    db.close();
    judged
}

async fn judge(a: &Tenant, db: &Db) -> Result<Outcome, Stopped> {
    let before = jobs(db, a).await?;
    let mut breaches = Vec::new();
    let taken = super::ask_for_job(a, "", &json!({ "sleep_ms": JOB_MS })).await?.expect(202)?;
    let took_ms = taken.took.as_millis();
    if took_ms >= u128::from(JOB_MS) {
        breaches.push(format!("the answer took {took_ms} ms: as long as the job"));
    }
    let mut refused = 0;
    for _ in 0..REFUSED {
        let answer = super::ask_for_job(a, "?refuse=true", &json!({})).await?;
        if answer.status == 409 {
            refused += 1;
        } else {
            breaches.push(format!("a request that a constraint refuses: {}", answer.unexpected()));
        }
    }
    let file = upload(&a.owner, &a.slug, "investor,fund,as_of\n".to_owned()).await?;
    for job in [taken.id_at("/job")?, file.job] {
        if let Err(error) = done(a, job).await {
            match error {
                Error::Late(what) => breaches.push(format!("{what}: {job}")),
                error => return Err(error.into()),
            }
        }
    }
    let left = jobs(db, a).await? - before - 2;
    if left != 0 {
        breaches.push(format!("{refused} refused requests left {left} jobs"));
    }
    let measured = format!(
        "answered after {took_ms} ms of {JOB_MS}; {left} jobs of {refused} refused requests"
    );
    Ok(Outcome::of_breaches(breaches, measured))
}

async fn jobs(db: &Db, tenant: &Tenant) -> Result<i64> {
    let scope = Scope::System(Purpose::Operate);
    Ok(db.query_one(scope, &COUNT_JOBS, &[&tenant.id.uuid()]).await?.get(0))
}

/// The job's end, as the one who asked for it sees it.
async fn done(a: &Tenant, job: Uuid) -> Result<Answer> {
    let path = a.path(&format!("/jobs/{job}"));
    until("a job that was asked for is not done", DONE_MAX, || async {
        let job = a.owner.get(&path).await?.expect(200)?;
        Ok((job.json()["state"] == "done").then_some(job))
    })
    .await
}
