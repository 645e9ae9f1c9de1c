//! More work than connections is told to come back, at once and by name.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;

use crate::{Answer, Check, Error, Instance, Outcome, Person, Result, Severity, Stage, Stopped};

/// Requests at the same time, each of which holds a connection: as many as the users that are said to be too many.
const REQUESTS: usize = 120;
/// How long each holds its connection, in milliseconds: longer than anybody may wait for one.
const HOLD_MS: u32 = 2_500;
/// Longest that a refusal may take.
const REFUSAL_MAX: Duration = Duration::from_secs(2);
/// Rounds of which one must keep the time: a machine that compiles beside the audit is no fault of the deployment.
const ROUNDS: usize = 2;

pub(super) const CHECK: Check = Check {
    id: "pool.exhausted",
    seeds: &["S1.20", "S1.23", "S2.6"],
    severity: Severity::P1,
    promise: "More requests than connections end in a quick 503 that says why and when to come back, and harm nothing.",
    input: "120 requests at once to one web process, each of which holds a connection for 2.5 s",
    measure: "statuses, codes, Retry-After and times of all answers, the counter of the process, its requests afterwards",
    threshold: "as many 200 as connections at most; every other a 503 `pool_exhausted` with Retry-After within 2 s, and counted; then 200",
    fault: "pool_waits",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    stage.may_break().await?;
    let (instance, process) = stage.web()?.swap_remove(0);
    let owner = stage.tenants().await?.a.owner.at(&instance.url);
    let connections = figure(stage, &instance, "underpin_db_pool_max").await?;
    let (mut breaches, mut facts) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let before = figure(stage, &instance, "underpin_db_pool_exhausted_total").await?;
        let answers = flood(&owner).await?;
        let counted = figure(stage, &instance, "underpin_db_pool_exhausted_total").await? - before;
        let round = Round::of(&answers);
        facts.push(format!(
            "{} answered 200, {} refused, the last after {} ms",
            round.held,
            round.refused,
            round.slowest.as_millis()
        ));
        breaches = round.judge(connections, counted);
        let after = owner.get("/v1/session").await?;
        if after.status != 200 || !process.is_alive() {
            breaches.push(format!("afterwards: {} for a session", after.status));
        }
        if breaches.is_empty() {
            break;
        }
    }
    let measured =
        format!("{} breaches by {REQUESTS} requests for {connections} connections", breaches.len());
    let outcome = Outcome::of_breaches(breaches, measured);
    Ok(facts.into_iter().fold(outcome, Outcome::evidence))
}

/// All requests at once.
async fn flood(owner: &Person) -> Result<Vec<Answer>> {
    let path = format!("/v1/probe/statement?ms={HOLD_MS}");
    let asked = join_all((0..REQUESTS).map(|_| owner.get(&path))).await;
    asked.into_iter().collect()
}

/// A figure of the app pool, as operators see it.
async fn figure(stage: &Stage, instance: &Instance, name: &str) -> Result<f64, Stopped> {
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let url = format!("{}/metrics", instance.operator_url);
    let answer = stage.operator_with(Method::GET, &url, token).send().await?.expect(200)?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}{{pool=\"app\"}} ")));
    let lacking = || Error::Lacking { what: "/metrics".into(), field: name.into() };
    Ok(line.and_then(|value| value.trim().parse().ok()).ok_or_else(lacking)?)
}

/// What became of one flood.
#[derive(Default)]
struct Round {
    held: usize,
    refused: usize,
    slowest: Duration,
    strange: Vec<String>,
}

impl Round {
    fn of(answers: &[Answer]) -> Self {
        let mut round = Self::default();
        for answer in answers {
            let told = answer.headers.get("retry-after").is_some();
            if answer.status == 200 {
                round.held += 1;
            } else if answer.status == 503 && told && answer.json()["code"] == "pool_exhausted" {
                round.refused += 1;
                round.slowest = round.slowest.max(answer.took);
            } else {
                let code = &answer.json()["code"];
                round.strange.push(format!("{} {code}, Retry-After {told}", answer.status));
            }
        }
        round
    }

    fn judge(self, connections: f64, counted: f64) -> Vec<String> {
        let mut breaches = self.strange;
        if self.held == 0 || self.held as f64 > connections {
            breaches.push(format!("{} requests held {connections} connections", self.held));
        }
        if self.refused == 0 {
            breaches.push("nobody was refused".to_owned());
        }
        if self.slowest > REFUSAL_MAX {
            breaches.push(format!("a refusal took {} ms", self.slowest.as_millis()));
        }
        if counted < self.refused as f64 {
            breaches.push(format!("{} refusals, {counted} of them counted", self.refused));
        }
        breaches
    }
}
