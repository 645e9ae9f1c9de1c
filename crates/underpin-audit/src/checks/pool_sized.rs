//! The pool that `capacity` asks for is the one that the work needs.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::{Check, Demand, Further, Outcome, Person, Severity, Stage, Stopped, capacity::observe};

/// Pause between two requests: forty a second.
const EVERY: Duration = Duration::from_millis(25);
/// How long each holds a connection, in milliseconds: six at a time.
const HOLD_MS: u32 = 150;
/// Connections of the process that is looked at first: more than the work needs.
const PLENTY: u32 = 12;
/// By when as many work as will: the first has answered long before.
const SETTLED: Duration = Duration::from_millis(500);
/// How long is looked then.
const LOOK: Duration = Duration::from_millis(3_500);
/// How long the work goes on.
const WORK: Duration = SETTLED.saturating_add(LOOK);
/// Pause between two looks at the pool.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// What part of the pool may be used by all but one look of a hundred.
const USED: std::ops::RangeInclusive<f64> = 0.4..=0.8;
/// Tries: on a machine that compiles beside the audit requests do not come evenly.
const TRIES: usize = 3;

pub(super) const CHECK: Check = Check {
    id: "pool.sized",
    seeds: &["S1.24"],
    severity: Severity::P2,
    promise: "The pool that `capacity` derives from arrivals and hold times is well used by the same work, and half of it makes work wait.",
    input: "forty requests a second that hold a connection for 150 ms each, to a process with 12 connections, to one with as many as \
            `capacity` then asks for, and to one with half of that",
    measure: "connections in use and work that waits, every 40 ms for 4 s; the best of three tries",
    threshold: "p99 of the connections in use is 40 to 80 % of the pool asked for, nobody waits there for long; somebody waits in half of it",
    fault: "pool_floor",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (mut breaches, mut measured) = (Vec::new(), String::new());
    for _ in 0..TRIES {
        let Under { demand, .. } = under(stage, PLENTY).await?;
        let asked = demand.connections();
        let (sized, half) = (under(stage, asked).await?, under(stage, asked / 2).await?);
        let used = sized.in_use as f64 / f64::from(asked);
        measured = format!(
            "{:.1} busy, {asked} asked for: {:.0} % in use; {} wait for half of it",
            demand.busy(),
            used * 100.0,
            half.waiters
        );
        breaches.clear();
        if !USED.contains(&used) {
            breaches.push(format!("{} of {asked} connections in use", sized.in_use));
        }
        if sized.demand.refused > 0 {
            breaches.push(format!("{} sent away by the pool asked for", sized.demand.refused));
        }
        if half.waiters == 0 {
            breaches.push(format!("nobody waits for {} connections", asked / 2));
        }
        if breaches.is_empty() {
            break;
        }
    }
    Ok(Outcome::of_breaches(breaches, measured))
}

/// What a pool was like under the work.
struct Under {
    demand: Demand,
    /// Connections in use, but for one look of a hundred.
    in_use: u64,
    /// Most work that waited.
    waiters: u64,
}

/// Work with a process that has so many connections.
async fn under(stage: &Stage, connections: u32) -> Result<Under, Stopped> {
    let setting = [("UNDERPIN_DATABASE_APP_CONNECTIONS_MAX", connections.to_string())];
    let process = Further::start(stage, &[], &setting, std::process::Stdio::null()).await?;
    let owner = stage.tenants().await?.a.owner.at(&process.url);
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let observed = async {
        sleep(SETTLED).await;
        let looks = looks(stage, &process);
        let demands = observe(stage.http(), &process.operator_url, token, LOOK);
        tokio::join!(demands, looks)
    };
    let ((), (demands, looks)) = tokio::join!(work(&owner), observed);
    let demand = demands?.into_iter().find(|demand| demand.pool == "app");
    let demand = demand.ok_or_else(|| Stopped::inconclusive("the process shows no pool `app`"))?;
    let (mut in_use, waiters) = looks?;
    in_use.sort_unstable();
    let at = (in_use.len() * 99).div_ceil(100).saturating_sub(1);
    let in_use = in_use.get(at).copied().unwrap_or_default();
    process.end().await;
    Ok(Under { demand, in_use, waiters })
}

/// A request each 25 ms, however many are under way. Some of a pool that is too small are sent away, and are meant to be.
async fn work(owner: &Person) {
    let path = format!("/v1/probe/statement?ms={HOLD_MS}");
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (began, mut asked) = (Instant::now(), Vec::new());
    while began.elapsed() < WORK {
        ticks.tick().await;
        let (owner, path) = (owner.clone(), path.clone());
        asked.push(tokio::spawn(async move { owner.get(&path).await }));
    }
    join_all(asked).await;
}

/// Connections in use by look, and the most work that waited, while the work goes on.
async fn looks(stage: &Stage, process: &Further) -> Result<(Vec<u64>, u64), Stopped> {
    let (mut in_use, mut waiters) = (Vec::new(), 0);
    let until = Instant::now() + LOOK;
    while Instant::now() < until {
        in_use.push(process.metric(stage, "underpin_db_pool_in_use{pool=\"app\"}").await?);
        waiters =
            process.metric(stage, "underpin_db_pool_waiters{pool=\"app\"}").await?.max(waiters);
        sleep(LOOK_EVERY).await;
    }
    Ok((in_use, waiters))
}
