//! No connection grows old: one that nobody needs is closed, and one that is used all the time is renewed.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use underpin_db::{Db, Scope};

use super::program::Program;
use crate::{Check, Outcome, Result, Severity, Stage, Stopped, lone::Lone, store::AGES};

/// How old a connection of the process may become, in seconds.
const LIFETIME: u32 = 2;
/// How long it may have nothing to do, in seconds.
const IDLE: u32 = 1;
/// What the pool may be late by: it looks each third of the idle time, and this machine may be busy.
const LATE_MS: i64 = 2_500;
/// How long the process has work.
const WORK: Duration = Duration::from_secs(6);
/// How long it has none then.
const REST: Duration = Duration::from_secs(4);
/// Requests at a time, more than it keeps connections.
const AT_ONCE: usize = 8;
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longest that `config` may take.
const CONFIG_MAX: Duration = Duration::from_secs(20);
/// What the deployment's own settings may be: the least and the most, as the finding has them.
const DECLARED: [(&str, u64, u64); 4] = [
    ("database.acquire_timeout_ms", 1, 2_000),
    ("database.idle_seconds_max", 1, 30),
    ("database.lifetime_seconds_max", 1, 1_800),
    ("database.app_connections_min", 1, 16),
];

pub(super) const CHECK: Check = Check {
    id: "pool.ages",
    seeds: &["S1.27"],
    severity: Severity::P1,
    promise: "No connection is used past its time or kept without work, and one is always there.",
    input: "a process whose connections may become 2 s old and be idle for 1 s, 6 s of requests, 4 s of none; `config`",
    measure: "the ages of its connections as the database server tells them; the effective settings",
    threshold: "none older than 2 s and what a look may be late; one left after the rest; a wait of at most 2 s, 30 s idle, 30 min old, one kept",
    fault: "connections_kept",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let tenants = stage.tenants().await?;
    let (lifetime, idle) = (LIFETIME.to_string(), IDLE.to_string());
    let settings = [
        ("UNDERPIN_DATABASE_LIFETIME_SECONDS_MAX", lifetime.as_str()),
        ("UNDERPIN_DATABASE_IDLE_SECONDS_MAX", &idle),
    ];
    let mut breaches = effective(&Program::of(stage)?).await?;
    let lone = Lone::start(stage, &[], &settings).await?;
    let (db, pid) = (stage.db()?, lone.pid()?);
    let (member, path) = (tenants.a.member.at(&lone.url), tenants.a.path(""));

    let began = Instant::now();
    let (mut oldest, mut most) = (0, 0);
    while began.elapsed() < WORK {
        let answers = join_all((0..AT_ONCE).map(|_| member.get(&path))).await;
        let refused =
            answers.into_iter().filter(|answer| !matches!(answer, Ok(a) if a.is_success()));
        breaches.extend(refused.map(|answer| match answer {
            Ok(answer) => answer.unexpected().with_causes(),
            Err(error) => error.with_causes(),
        }));
        let ages = ages(&db, pid).await?;
        oldest = ages.iter().copied().fold(oldest, i64::max);
        most = most.max(ages.len());
        sleep(LOOK_EVERY).await;
    }
    sleep(REST).await;
    let left = ages(&db, pid).await?;
    db.close();
    lone.end().await?;
    let limit = i64::from(LIFETIME) * 1_000 + LATE_MS;
    if oldest > limit {
        breaches.push(format!("a connection was {oldest} ms old"));
    }
    if left.len() != 1 {
        breaches.push(format!("{} connections are left after the rest", left.len()));
    }
    if most == 0 {
        return Err(Stopped::inconclusive("no connection of the process was seen"));
    }
    let measured = format!("{oldest} ms at most, {most} at once, {} after the rest", left.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

/// What is wrong with the deployment's own settings.
async fn effective(program: &Program) -> Result<Vec<String>> {
    let config = program.run(&["config"], CONFIG_MAX).await?;
    let value = |name: &str| {
        let line =
            config.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
    };
    let odd = DECLARED.into_iter().filter_map(|(name, least, most)| match value(name) {
        Some(value) if (least..=most).contains(&value) => None,
        value => Some(format!("{name} is {value:?}, not {least} to {most}")),
    });
    Ok(odd.collect())
}

/// The ages of a process's pooled connections as the role of requests, in milliseconds.
async fn ages(db: &Db, pid: u32) -> Result<Vec<i64>> {
    let rows =
        db.query(Scope::Presented(String::new()), &AGES, &[&format!("underpin {pid}@%")]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
