//! Figures that a collector can read, of every route and pool, few enough to keep, and for operators alone.

pub(super) mod exposition;

use std::time::Duration;

use futures_util::future::{join, try_join_all};
use reqwest::Method;
use tokio::time::sleep;
use uuid::Uuid;

use exposition::{Exposition, parse};

use crate::{
    Ask, Check, Instance, Operation, Outcome, Result, Severity, Stage, Stopped, lone::Lone,
    operations,
};

/// Requests with ids and verbs that were never seen, per instance.
const STRANGE: usize = 60;
/// Figures that they may bring: those of a few templates and of all invented verbs together. With a series each they would bring a thousand.
const SERIES_MAX: usize = 150;
/// Connections of a process of its own that are held at once: all it has.
const HELD: usize = 4;
/// How long they are held, in milliseconds.
const HELD_MS: usize = 3_000;
const POOL: [&str; 5] = ["max", "size", "in_use", "idle", "waiters"];
const MEDIA_TYPE: &str = "application/openmetrics-text";

pub(super) const CHECK: Check = Check {
    id: "telemetry.metrics",
    seeds: &["S1.4", "S1.22", "S4.6", "S4.12", "S4.13"],
    severity: Severity::P1,
    promise: "Every process gives its operators, and nobody else, figures of every route and pool in a form that collectors read.",
    input: "collecting from each instance, before and after requests with ids and verbs that nobody has; all connections of a process held",
    measure: "the figures in both formats, the snapshot between two collections, the public address",
    threshold: "both parse; each operation, each pool and its waits are there; strange requests add a bounded number of series; the \
                snapshot lies between the collections; held connections are warned of; the public address answers 404",
    fault: "metrics_public",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, operations) = (stage.tenants().await?, operations(stage).await?);
    let instances = stage.deployment()?.instances;
    if instances.is_empty() {
        return Err(Stopped::skip("needs the instances' addresses: give --ready-file"));
    }
    let (mut breaches, mut series) = (Vec::new(), 0);
    for instance in &instances {
        let before = collect(stage, &instance.operator_url, "text/plain").await?;
        breaches.extend(lacking(&before, &operations));
        strange(stage, instance, &tenants.a.path("/funds")).await?;
        let after = collect(stage, &instance.operator_url, MEDIA_TYPE).await?;
        let more = after.samples.len().saturating_sub(before.samples.len());
        if more > SERIES_MAX {
            breaches.push(format!("{more} series more by {STRANGE} strange requests"));
        }
        let snapshot = stage.operator_at(&instance.operator_url, "/ops/v1/snapshot").await?.json();
        let last = collect(stage, &instance.operator_url, MEDIA_TYPE).await?;
        breaches.extend(between(&after, &snapshot, &last));
        for path in ["/metrics", "/ops/v1/snapshot", "/ops/v1/errors"] {
            breaches.extend(public(stage, instance, path).await?);
        }
        series = series.max(last.samples.len());
    }
    breaches.extend(warned(stage).await?);
    let measured = format!("{} breaches; {series} figures at most", breaches.len());
    let facts = format!("{} instances, {} operations", instances.len(), operations.len());
    Ok(Outcome::of_breaches(breaches, measured).evidence(facts))
}

async fn collect(
    stage: &Stage,
    operator_url: &str,
    media_type: &str,
) -> Result<Exposition, Stopped> {
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let ask = stage.operator_with(Method::GET, &format!("{operator_url}/metrics"), token);
    let answer = ask.header("accept", media_type).send().await?.expect(200)?;
    let kind = answer.header("content-type").unwrap_or_default();
    if !kind.starts_with(media_type) {
        return Err(Stopped::inconclusive(format!("asked for {media_type}, got {kind}")));
    }
    // What does not parse is no figure to judge by, and fails the promise all the same.
    parse(&String::from_utf8_lossy(&answer.body)).map_err(Stopped::inconclusive)
}

/// Operations and pools without figures.
fn lacking(figures: &Exposition, operations: &[Operation]) -> Vec<String> {
    let mut breaches = Vec::new();
    for operation in operations {
        let labels = [("method", operation.method.as_str()), ("route", operation.path.as_str())];
        if figures.find("underpin_http_request_seconds_count", &labels).is_none() {
            breaches.push(format!("no figures of {}", operation.name()));
        }
    }
    for pool in ["app", "system"] {
        let find =
            |name: &str| figures.find(&format!("underpin_db_pool_{name}"), &[("pool", pool)]);
        let absent = POOL.iter().chain(["wait_seconds_count", "wait_seconds_bucket"].iter());
        breaches.extend(
            absent.filter(|name| find(name).is_none()).map(|name| format!("{pool} has no {name}")),
        );
        if POOL.iter().all(|name| find(name).is_some())
            && find("in_use").zip(find("idle")).map(|(a, b)| a + b) > find("max")
        {
            breaches.push(format!("{pool}: more connections than there may be"));
        }
    }
    breaches
}

/// Ask for what nobody has, with verbs that nobody knows.
async fn strange(stage: &Stage, instance: &Instance, list: &str) -> Result<()> {
    let asks = (0..STRANGE).map(|number| {
        let id = Uuid::new_v4().simple().to_string();
        let path = if number % 2 == 0 { format!("{list}/{id}") } else { format!("/v1/{id}?{id}") };
        let verb = format!("X{}", id.get(..8).unwrap_or("X"));
        let invented = Method::from_bytes(verb.to_uppercase().as_bytes()).ok();
        let method = invented.filter(|_| number % 3 == 0).unwrap_or(Method::GET);
        Ask::bare(stage.http(), method, &format!("{}{path}", instance.url)).send()
    });
    try_join_all(asks).await?;
    Ok(())
}

/// What the snapshot says that the collections before and after it do not allow.
fn between(before: &Exposition, snapshot: &serde_json::Value, after: &Exposition) -> Vec<String> {
    let mut breaches = Vec::new();
    let routes = snapshot["routes"].as_array().map(Vec::as_slice).unwrap_or_default();
    for one in routes {
        let text = |field: &str| one[field].as_str().unwrap_or_default();
        let labels = [("method", text("method")), ("route", text("route"))];
        let find =
            |figures: &Exposition| figures.find("underpin_http_request_seconds_count", &labels);
        let (least, count, most) = (find(before), one["count"].as_f64(), find(after));
        if count < least || count > most {
            breaches.push(format!("{labels:?}: {count:?} is not between {least:?} and {most:?}"));
        }
    }
    let all = &snapshot["requests"];
    let fields =
        ["count", "errors", "slow", "error_rate", "slow_rate", "p50_ms", "p95_ms", "p99_ms"];
    breaches.extend(
        fields.iter().filter(|f| !all[**f].is_number()).map(|f| format!("the snapshot has no {f}")),
    );
    let by_class = all["by_class"]
        .as_object()
        .map(|classes| classes.values().filter_map(serde_json::Value::as_u64).sum());
    let by_route: u64 = routes.iter().filter_map(|one| one["count"].as_u64()).sum();
    if all["count"].as_u64() != by_class || by_class != Some(by_route) {
        breaches
            .push(format!("the snapshot counts {} and {by_class:?} and {by_route}", all["count"]));
    }
    breaches
}

/// Whether the public address shows operators' things, to whoever asks as one.
async fn public(stage: &Stage, instance: &Instance, path: &str) -> Result<Option<String>, Stopped> {
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let url = format!("{}{path}", instance.url);
    let answer =
        stage.operator_with(Method::GET, &url, token).header("accept", "text/html").send().await?;
    Ok((answer.status != 404).then(|| format!("{url} is public: {}", answer.status)))
}

/// Whether a process whose connections are nearly all held says so.
async fn warned(stage: &Stage) -> Result<Option<String>, Stopped> {
    let lone = Lone::start(stage, &[], &[]).await?;
    let member = stage.tenants().await?.a.member.at(&lone.url);
    let path = format!("/v1/probe/statement?ms={HELD_MS}");
    let held = try_join_all((0..HELD).map(|_| member.get(&path)));
    let look = async {
        for _ in 0..HELD_MS / 100 {
            let figures = collect(stage, &lone.operator_url, "text/plain").await?;
            let pool = [("pool", "app")];
            if figures.find("underpin_db_pool_nearly_used_up", &pool) == Some(1.0) {
                return Ok::<_, Stopped>(true);
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(false)
    };
    let (held, warned) = join(held, look).await;
    if held?.iter().any(|answer| answer.status == 404) {
        return Err(Stopped::skip("needs the probe routes of `dev`"));
    }
    let ended = lone.end().await?;
    let logged = ended.of_message("a pool was nearly used up").count();
    Ok((!warned? || logged == 0).then(|| "nobody was warned of a pool that is used up".to_owned()))
}
