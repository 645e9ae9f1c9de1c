//! No statement runs longer than its class allows, and what is cut off holds nothing.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;
use underpin_db::Scope;

use crate::{Check, Outcome, Severity, Stage, Stopped, Tenant, store::SLEEPERS, until};

/// What the request asks for, in milliseconds.
const ASKED_MS: u32 = 60_000;
/// Longest that its answer may take: the five seconds of a request, and as many for a slow machine.
const ENDED_MAX: Duration = Duration::from_secs(10);
/// Longest until the server has nothing left of it.
const GONE_MAX: Duration = Duration::from_secs(2);
/// Longest until a job has said what it is kept to.
const JOB_MAX: Duration = Duration::from_secs(20);
/// Longest statement of a request, of one that reads much, and of a job, in milliseconds.
const CLASSES: [(&str, i64); 3] = [("web", 5_000), ("report", 30_000), ("job", 300_000)];

pub(super) const CHECK: Check = Check {
    id: "db.timeouts",
    seeds: &["S1.21", "S1.26"],
    severity: Severity::P1,
    promise: "The database server ends a statement that runs too long and a transaction that stands still, and the connection is free again.",
    input: "a request whose statement sleeps for 60 s; a request, a report and a job that ask what the server keeps them to",
    measure: "when and how the request is answered, what the server still runs of it, the limits of each class",
    threshold: "503 `unavailable` within 10 s, nothing left 2 s later; 5 s, 30 s and 5 min at most, and a limit for locks and pauses",
    fault: "statements_unbounded",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    stage.may_break().await?;
    let a = &stage.tenants().await?.a;
    let mut breaches = Vec::new();
    let path = format!("/v1/probe/statement?ms={ASKED_MS}");
    let measured = if let Ok(answer) = timeout(ENDED_MAX, a.owner.get(&path)).await {
        let answer = answer?;
        let ms = answer.took.as_millis();
        if answer.status != 503 || answer.json()["code"] != "unavailable" {
            breaches.push(format!("the answer was {} {}", answer.status, answer.json()["code"]));
        }
        check_gone(stage, &mut breaches).await?;
        format!("{} after {ms} ms", answer.status)
    } else {
        breaches.push(format!("a statement runs on after {} ms", ENDED_MAX.as_millis()));
        "no answer in time".to_owned()
    };
    for (class, most) in CLASSES {
        let limits = limits(a, class).await?;
        let of = |name: &str| limits[name].as_i64().unwrap_or_default();
        let statement = of("statement_timeout_ms");
        if !(1..=most).contains(&statement) {
            breaches.push(format!("{class}: a statement may take {statement} ms, not {most}"));
        }
        for name in ["lock_timeout_ms", "idle_in_transaction_timeout_ms"] {
            if of(name) < 1 {
                breaches.push(format!("{class}: {name} is off"));
            }
        }
    }
    Ok(Outcome::of_breaches(breaches, measured))
}

/// Whether the server still runs the statement for anybody.
async fn check_gone(stage: &Stage, breaches: &mut Vec<String>) -> Result<(), Stopped> {
    let db = stage.db()?;
    let gone = until("the end of the statement", GONE_MAX, || async {
        let row = db.query_one(Scope::Presented(String::new()), &SLEEPERS, &[]).await?;
        Ok((row.get::<_, i64>(0) == 0).then_some(()))
    });
    if gone.await.is_err() {
        breaches.push("the server runs the statement on after its answer".to_owned());
    }
    db.close();
    Ok(())
}

/// What the server keeps a class to.
async fn limits(tenant: &Tenant, class: &str) -> Result<Value, Stopped> {
    if class != "job" {
        let path = format!("/v1/probe/limits?class={class}");
        return Ok(tenant.owner.get(&path).await?.expect(200)?.json());
    }
    let ask = tenant.owner.ask(Method::POST, &tenant.path("/probe/jobs"));
    let made = ask.json(&json!({ "limits": true })).send().await?.expect(202)?;
    let path = tenant.path(&format!("/jobs/{}", made.id_at("/job")?));
    let told = until("the job's word", JOB_MAX, || async {
        let job = tenant.owner.get(&path).await?.expect(200)?.json();
        Ok(job["progress"].is_object().then(|| job["progress"].clone()))
    });
    Ok(told.await?)
}
