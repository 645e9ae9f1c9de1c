//! A web process that is told to end loses nobody's request.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;
use tokio::time::{Instant, interval, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Answer, Ask, Check, Instance, Outcome, Person, Result, Severity, Stage, Stopped, Tenant,
    process::Process,
};

/// Who asks at the same time: on kept connections and on fresh ones by turns, some of them to write.
const ASKERS: usize = 12;
/// How often each does: 100 requests a second in all.
const ASKS_EVERY: Duration = Duration::from_millis(120);
/// How long they do before and after.
const AROUND: Duration = Duration::from_millis(700);
/// How long a request takes that is under way when the process is told to end, in milliseconds.
const UNDER_WAY_MS: u64 = 1_500;
/// Longest that the process may take to its end.
const GRACE: Duration = Duration::from_secs(30);
/// Pause between two looks at the process's own address.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Longest that one look may take.
const LOOK_MAX: Duration = Duration::from_secs(1);

pub(super) const CHECK: Check = Check {
    id: "deploy.drain",
    seeds: &["S2.7", "S4.16"],
    severity: Severity::P1,
    promise: "A web process that is told to end says so before it closes its sockets, finishes what it was asked, and ends; no request is lost.",
    input: "100 reads and writes a second to the public address, on kept and on fresh connections; SIGTERM to one of the web processes in the middle of a request of 1.5 s",
    measure: "requests without a success; what the process's own address says until it ends; its end; the other processes",
    threshold: "no request failed; `readyz` 503 while the process still takes connections; exit 0 within 30 s; the others are who they were",
    fault: "drain_abrupt",
    run: |stage| Box::pin(run(stage)),
};

/// What the end of a process was like.
struct End {
    /// When its address first said that it is not ready.
    said: Option<Duration>,
    /// When it was gone.
    gone: Option<Duration>,
    next: Instance,
}

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    stage.may_break().await?;
    stage.deployment()?.two_instances()?;
    let a = &stage.tenants().await?.a;
    let (told, process) = stage.web()?.swap_remove(0);
    let others = others(stage, &told)?;
    let over = CancellationToken::new();
    let load = join_all((0..ASKERS).map(|number| ask_steadily(&a.owner, a, number, &over)));
    let scene = async {
        let end = end_one(stage, &told, process).await;
        sleep(AROUND).await;
        over.cancel();
        end
    };
    // It has begun when the word comes, and ends after it.
    let owner = a.owner.at(&told.url);
    let under_way = owner.ask(Method::GET, &format!("/v1/probe/sleep?ms={UNDER_WAY_MS}")).send();
    let (asked, end, under_way) = tokio::join!(load, scene, under_way);
    let end = end?;
    let requests: usize = asked.iter().map(|(requests, _)| requests).sum();
    let mut breaches: Vec<_> = asked.into_iter().flat_map(|(_, failed)| failed).collect();
    let failed = breaches.len();
    match under_way {
        Ok(answer) if answer.is_success() => {}
        Ok(answer) if answer.status == 404 => {
            return Err(Stopped::skip("needs the probe routes of `dev`"));
        }
        Ok(answer) => breaches.push(format!("a request under way: {}", answer.unexpected())),
        Err(error) => breaches.push(format!("a request under way: {}", error.with_causes())),
    }
    if end.said.is_none() {
        breaches.push("its sockets closed before its address said that it is not ready".to_owned());
    }
    if end.gone.is_none() {
        breaches.push(format!("it did not end within {} s", GRACE.as_secs()));
    }
    if end.next.last_exit != Some(0) {
        breaches.push(format!("it ended with {:?}, not 0", end.next.last_exit));
    }
    if self::others(stage, &told)? != others {
        breaches.push("other processes than the one that was told ended".to_owned());
    }
    let ms =
        |at: Option<Duration>| at.map_or("never".into(), |at| format!("{} ms", at.as_millis()));
    let measured = format!("{failed} of {requests} requests failed");
    let line = format!("not ready after {}, gone after {}", ms(end.said), ms(end.gone));
    Ok(Outcome::of_breaches(breaches, measured).evidence(line))
}

/// The numbers of all processes but one.
fn others(stage: &Stage, but: &Instance) -> Result<Vec<u32>, Stopped> {
    let deployment = stage.deployment()?;
    let web = deployment.instances.iter().filter(|web| web.url != but.url).map(|web| web.pid);
    Ok(web.chain(deployment.workers.iter().map(|worker| worker.pid)).collect())
}

/// Tell a process to end and look at its address until it is gone and another has its place.
async fn end_one(stage: &Stage, told: &Instance, process: Process) -> Result<End, Stopped> {
    sleep(AROUND).await;
    let ready = format!("{}/readyz", told.url);
    let (mut said, since) = (None, Instant::now());
    process.signal(Signal::TERM)?;
    while process.is_alive() && since.elapsed() < GRACE {
        let look = Ask::bare(stage.http(), Method::GET, &ready).header("connection", "close");
        let look: Result<Answer> = look.within(LOOK_MAX).send().await;
        if look.is_ok_and(|answer| answer.status == 503) {
            said = said.or(Some(since.elapsed()));
        }
        sleep(LOOK_EVERY).await;
    }
    let gone = (!process.is_alive()).then(|| since.elapsed());
    let next = stage.successor(told, GRACE).await?;
    Ok(End { said, gone, next })
}

/// Ask at a steady pace until it is over; says how often, and which requests had no success.
async fn ask_steadily(
    by: &Person,
    tenant: &Tenant,
    number: usize,
    over: &CancellationToken,
) -> (usize, Vec<String>) {
    let (mut requests, mut failed) = (0, Vec::new());
    let mut pace = interval(ASKS_EVERY);
    while !over.is_cancelled() {
        pace.tick().await;
        requests += 1;
        let path = tenant.path("/funds");
        let ask = if number % 4 < 2 {
            by.ask(Method::GET, &path)
        } else {
            let key = Uuid::now_v7().to_string();
            let fund = json!({ "name": format!("Drain {key}"), "currency": "USD" });
            by.ask(Method::POST, &path).key(&key).json(&fund)
        };
        let ask = if number.is_multiple_of(2) { ask.header("connection", "close") } else { ask };
        match ask.send().await {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => failed.push(answer.unexpected().to_string()),
            Err(error) => failed.push(error.with_causes()),
        }
    }
    (requests, failed)
}
