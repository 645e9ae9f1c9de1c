//! A line a minute, and their sum is what was counted.

use std::time::Duration;

use futures_util::future::try_join_all;
use reqwest::Method;
use tokio::time::sleep;

use super::telemetry_metrics::exposition::{Exposition, parse};
use crate::{Ask, Check, Outcome, Result, Severity, Stage, Stopped, lone::Lone};

/// The interval of the process that is asked: the check does not wait for minutes.
const SETTINGS: [(&str, &str); 1] = [("UNDERPIN_LOG_SUMMARY_SECONDS", "1")];
/// Rounds of requests, so far apart that they fall into several intervals.
const ROUNDS: usize = 6;
const ROUND_EVERY: Duration = Duration::from_millis(500);
/// Requests of each kind in a round.
const EACH: usize = 8;
/// Classes of statuses, and the summary's name for them.
const CLASSES: [(char, &str); 3] = [('2', "status_2xx"), ('4', "status_4xx"), ('5', "status_5xx")];

pub(super) const CHECK: Check = Check {
    id: "telemetry.minute",
    seeds: &["S4.14"],
    severity: Severity::P2,
    promise: "Every interval leaves one summary of the requests in the log, and the summaries add up to the counters.",
    input: "three seconds of requests, some of them refused, to a process of its own with an interval of one second",
    measure: "the sums of its summaries and its counters, by class of status",
    threshold: "several summaries; equal sums",
    fault: "minute_silent",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let tenants = stage.tenants().await?;
    let lone = Lone::start(stage, &[], &SETTINGS).await?;
    let member = tenants.a.member.at(&lone.url);
    let (path, nothing) = (tenants.a.path("/funds"), tenants.b.path("/funds"));
    for _ in 0..ROUNDS {
        try_join_all((0..EACH).map(|_| member.get(&path))).await?;
        try_join_all((0..EACH).map(|_| member.get(&nothing))).await?;
        let nobody = Ask::bare(stage.http(), Method::GET, &format!("{}/v1/deployment", lone.url));
        nobody.send().await?.expect(200)?;
        sleep(ROUND_EVERY).await;
    }
    // The last request of all: what it counts lacks itself alone.
    let scraped = stage.operator_at(&lone.operator_url, "/metrics").await?;
    let lines = lone.end().await?;
    let counted = parse(&String::from_utf8_lossy(&scraped.body)).map_err(Stopped::inconclusive)?;
    let summaries: Vec<_> = lines.of_message("summary").collect();
    let sum = |field: &str| summaries.iter().filter_map(|line| line[field].as_u64()).sum::<u64>();
    let mut breaches = Vec::new();
    if summaries.len() < 3 {
        breaches.push(format!("{} summaries in more than three seconds", summaries.len()));
    }
    for (class, field) in CLASSES {
        let itself = u64::from(class == '2');
        let expected = requests(&counted, class) + itself;
        if sum(field) != expected {
            breaches.push(format!("{field}: {} in the summaries, {expected} counted", sum(field)));
        }
    }
    let requests = sum("requests");
    let by_class: u64 = CLASSES.iter().map(|(_, field)| sum(field)).sum();
    if requests != by_class + sum("status_1xx") + sum("status_3xx") {
        breaches.push(format!("{requests} requests, {by_class} by class"));
    }
    let measured = format!("{requests} requests in {} summaries", summaries.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

/// Requests that were answered with a status of this class.
fn requests(counted: &Exposition, class: char) -> u64 {
    let of_class = counted.samples.iter().filter(|sample| {
        sample.name == "underpin_http_requests_total"
            && sample.labels.get("status").is_some_and(|status| status.starts_with(class))
    });
    of_class.map(|sample| sample.value as u64).sum()
}
