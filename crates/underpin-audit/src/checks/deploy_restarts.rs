//! Processes come and go; their connections go with them, and sessions stay.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use reqwest::Method;
use tokio::time::{Instant, sleep};
use underpin_db::{Db, Purpose, Scope};

use crate::{
    Check, Error, Outcome, Person, Result, Severity, Stage, Stopped, stage::AUDITOR,
    store::SESSIONS,
};

/// How often each web process is ended.
const ROUNDS: usize = 2;
/// Longest that one may take to its end and its successor until it serves.
const RENEWED_MAX: Duration = Duration::from_secs(30);
/// By when the connections must have come back.
const SETTLED_MAX: Duration = Duration::from_secs(10);
/// Pause between two looks at them.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Longest pause inside a transaction, in milliseconds.
const IDLE_MS_MAX: i64 = 5_000;
/// Connections of a process beside its pools: the link for hints as `app`; the locks of sequencer, worker and budget as `system`.
const BESIDE: [(&str, usize); 2] = [("app", 1), ("system", 3)];

pub(super) const CHECK: Check = Check {
    id: "deploy.restarts",
    seeds: &["S1.3", "S2.4", "S2.5"],
    severity: Severity::P1,
    promise: "A process opens no more connections than it declares, and takes them with it; a session outlives every process.",
    input: "two rolling restarts of every web process, each ended by SIGTERM and asked again as soon as it is back",
    measure: "pg_stat_activity by application_name, as both roles; a session that was opened before, on each instance after each restart",
    threshold: "within 10 s every session belongs to a living process, none has more than its pools and 1 or 3 beside them; none is \
                idle in a transaction for more than 5 s; the session is accepted everywhere",
    fault: "connections_leaked",
    run: |stage| Box::pin(run(stage)),
};

/// Most connections of each role by the number of the process, as it says itself.
type Declared = BTreeMap<u32, BTreeMap<String, usize>>;

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    stage.may_break().await?;
    let person = stage.tenants().await?.a.member.again().await?;
    let mut breaches = refused(stage, &person).await?;
    let mut restarts = 0;
    for _ in 0..ROUNDS {
        for (instance, _) in stage.web()? {
            stage.renew(&instance, RENEWED_MAX).await?;
            restarts += 1;
            breaches.extend(refused(stage, &person).await?);
        }
    }
    let (declared, db) = (declared(stage).await?, stage.db()?);
    let since = Instant::now();
    let (found, total) = loop {
        let (found, total) = judge(&db, &declared).await?;
        if found.is_empty() || since.elapsed() > SETTLED_MAX {
            break (found, total);
        }
        sleep(LOOK_EVERY).await;
    };
    db.close();
    breaches.extend(found);
    let most: usize = declared.values().flat_map(BTreeMap::values).sum();
    let measured =
        format!("{total} connections of {most} declared by {} processes", declared.len());
    let line = format!("{restarts} restarts; settled after {} ms", since.elapsed().as_millis());
    Ok(Outcome::of_breaches(breaches, measured).evidence(line))
}

/// The instances that do not accept a session.
async fn refused(stage: &Stage, by: &Person) -> Result<Vec<String>, Stopped> {
    let mut refused = Vec::new();
    for url in stage.deployment()?.two_instances()? {
        let answer = by.at(&url).get("/v1/session").await?;
        if !answer.is_success() {
            refused.push(format!("{url}: {}", answer.unexpected()));
        }
    }
    Ok(refused)
}

/// What each living process says that it may open.
async fn declared(stage: &Stage) -> Result<Declared, Stopped> {
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let mut declared = Declared::new();
    for (url, pid) in deployment.operators() {
        let pid =
            pid.ok_or_else(|| Stopped::skip("needs the processes' ids: give --ready-file"))?;
        let detail = format!("{url}/ops/v1/detail");
        let detail = stage.operator_with(Method::GET, &detail, token).send().await?.expect(200)?;
        let json = detail.json();
        let pools = json["pools"].as_array().into_iter().flatten();
        let pools = pools.filter_map(|pool| {
            let most = usize::try_from(pool["connections_max"].as_u64()?).ok()?;
            let name = pool["name"].as_str()?;
            let beside = BESIDE.iter().find(|(role, _)| *role == name).map_or(0, |(_, n)| *n);
            Some((name.to_owned(), most + beside))
        });
        let pools: BTreeMap<_, _> = pools.collect();
        if pools.is_empty() {
            return Err(Error::Lacking { what: detail.what, field: "pools".into() }.into());
        }
        declared.insert(pid, pools);
    }
    Ok(declared)
}

/// What is wrong with the connections at this moment, and how many there are.
async fn judge(db: &Db, declared: &Declared) -> Result<(Vec<String>, usize)> {
    let (mut breaches, mut total) = (BTreeSet::new(), 0);
    let roles =
        [("app", Scope::Presented(String::new())), ("system", Scope::System(Purpose::Operate))];
    for (role, scope) in roles {
        let mut open: BTreeMap<u32, usize> = BTreeMap::new();
        let mut all = 0;
        for row in db.query(scope, &SESSIONS, &[]).await? {
            let (name, state, ms): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
            if name == AUDITOR {
                continue;
            }
            all += 1;
            if state.starts_with("idle in transaction") && ms > IDLE_MS_MAX {
                breaches.insert(format!("{name}: {state} for {ms} ms"));
            }
            // Within a transaction a session is named after what it works for; it counts in the sum.
            if let Some(pid) = process_in(&name) {
                *open.entry(pid).or_default() += 1;
            }
        }
        for (pid, open) in open {
            match declared.get(&pid).map(|pools| pools.get(role).copied().unwrap_or_default()) {
                None => breaches.insert(format!("{open} as {role} of {pid}, which has ended")),
                Some(most) if open > most => {
                    breaches.insert(format!("{open} as {role} of {pid}, which declares {most}"))
                }
                Some(_) => false,
            };
        }
        let most: usize = declared.values().filter_map(|pools| pools.get(role)).sum();
        if all > most {
            breaches.insert(format!("{all} as {role}, of {most} that are declared"));
        }
        total += all;
    }
    Ok((breaches.into_iter().collect(), total))
}

/// The process that a session is named after: `underpin <pid>@<host>`.
fn process_in(name: &str) -> Option<u32> {
    name.strip_prefix("underpin ")?.split_once('@')?.0.parse().ok()
}
