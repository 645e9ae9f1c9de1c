//! A process that has lost its database says so, lives on, and is well again by itself.

mod proxy;
mod server;

use std::time::Duration;

use reqwest::Method;
use tokio::time::{Instant, sleep};

use proxy::{Line, Proxy};
use server::Server;

use crate::{Ask, Check, Outcome, Result, Severity, Stage, Stopped, wait::until};

/// Longest that the process may take until it serves.
const START_MAX: Duration = Duration::from_secs(30);
/// By when it must say that it is not ready.
const NOTICED_MAX: Duration = Duration::from_secs(2);
/// By when it must be ready again.
const WELL_MAX: Duration = Duration::from_secs(5);
/// How long is waited for either, so that a late one is seen to be late.
const WAIT_MAX: Duration = Duration::from_secs(12);
/// Questions whether it lives.
const LOOKS: usize = 20;
/// Longest median of their answers.
const ALIVE_MAX: Duration = Duration::from_millis(50);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(super) const CHECK: Check = Check {
    id: "health.database",
    seeds: &["S4.4", "S4.15"],
    severity: Severity::P1,
    promise: "A process without its database says within two seconds that it takes no requests, is alive all the while, and comes back by itself.",
    input: "the deployment's program as one more `serve` behind a proxy to the database; the proxy closes every connection, and \
            another time falls silent with all of them open",
    measure: "time until `readyz` says 503, answers of `livez` meanwhile, time until `readyz` says 200 once the proxy is back",
    threshold: "503 within 2 s; every `livez` 200, in 50 ms at the median; 200 within 5 s",
    fault: "ready_always",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    stage.may_break().await?;
    let deployment = stage.deployment()?;
    let (_, process) = stage.web()?.swap_remove(0);
    let proxy = Proxy::open(deployment.database()?.app_url.expose()).await?;
    let mut server = Server::start(&deployment, &process.environment()?, &proxy)?;
    let outcome = tokio::select! {
        outcome = judge(stage, &proxy, &server.url) => outcome,
        never = proxy.run() => match never {},
    };
    server.stop().await?;
    outcome
}

async fn judge(stage: &Stage, proxy: &Proxy, url: &str) -> Result<Outcome, Stopped> {
    until("one more web process", START_MAX, || async {
        // Nobody listens until it has begun.
        Ok((ready(stage, url).await == Some(200)).then_some(()))
    })
    .await?;
    let (mut breaches, mut facts) = (Vec::new(), Vec::new());
    for line in [Line::Cut, Line::Silent] {
        proxy.set(line);
        let noticed = says(stage, url, 503).await;
        let (median, dead) = alive(stage, url).await;
        proxy.set(Line::Whole);
        let well = says(stage, url, 200).await;
        if noticed.is_none_or(|after| after > NOTICED_MAX) {
            breaches.push(format!("{line:?}: not ready after {}", ms(noticed)));
        }
        if dead > 0 || median > ALIVE_MAX {
            let median = median.as_millis();
            breaches.push(format!("{line:?}: {dead} of {LOOKS} `livez` failed, {median} ms each"));
        }
        if well.is_none_or(|after| after > WELL_MAX) {
            breaches.push(format!("{line:?}: ready again after {}", ms(well)));
        }
        let (noticed, well) = (ms(noticed), ms(well));
        let alive = median.as_millis();
        facts.push(format!("{line:?}: 503 after {noticed}, alive in {alive} ms, back in {well}"));
    }
    let measured = format!("{} breaches; {}", breaches.len(), facts.join("; "));
    Ok(Outcome::of_breaches(breaches, measured))
}

fn ms(after: Option<Duration>) -> String {
    let never = || format!("more than {} s", WAIT_MAX.as_secs());
    after.map_or_else(never, |after| format!("{} ms", after.as_millis()))
}

/// What `readyz` says; none if nobody answers.
async fn ready(stage: &Stage, url: &str) -> Option<u16> {
    let ask = Ask::bare(stage.http(), Method::GET, &format!("{url}/readyz")).within(WAIT_MAX);
    ask.send().await.ok().map(|answer| answer.status)
}

/// How long it takes until `readyz` says this; none if it never does.
async fn says(stage: &Stage, url: &str, status: u16) -> Option<Duration> {
    let since = Instant::now();
    while since.elapsed() < WAIT_MAX {
        if ready(stage, url).await == Some(status) {
            return Some(since.elapsed());
        }
        sleep(LOOK_EVERY).await;
    }
    None
}

/// The median of the answers of `livez`, and how many were none or not 200.
async fn alive(stage: &Stage, url: &str) -> (Duration, usize) {
    let (mut took, mut dead) = (Vec::new(), 0);
    for _ in 0..LOOKS {
        let since = Instant::now();
        let ask = Ask::bare(stage.http(), Method::GET, &format!("{url}/livez")).within(WAIT_MAX);
        let answer = ask.send().await;
        dead += usize::from(!answer.is_ok_and(|answer| answer.status == 200));
        took.push(since.elapsed());
    }
    took.sort();
    (took[LOOKS / 2], dead)
}
