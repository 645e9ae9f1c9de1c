//! A log that cannot be written costs its lines and nothing else.

use std::process::Stdio;

use reqwest::Method;

use crate::{Check, Outcome, Severity, Stage, Stopped, further::Further};

/// Requests while nothing can be logged; each is a line at least.
const REQUESTS: u64 = 30;
/// Every line that is written there meets a full disk.
const FULL: &str = "/dev/full";

pub(super) const CHECK: Check = Check {
    id: "log.full",
    seeds: &["S4.11"],
    severity: Severity::P1,
    promise: "A full disk under the log, or a dead pipe, costs lines, which are counted, and no request.",
    input: "a further process of the deployment's program whose log file is /dev/full and whose standard error is a pipe that nobody \
            reads; 30 reads",
    measure: "the answers; the lines that the process says it dropped, for the file and for standard error",
    threshold: "every answer 200; each count rises by 30 or more",
    fault: "log_awaited",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let a = &stage.tenants().await?.a;
    if !std::path::Path::new(FULL).exists() {
        return Err(Stopped::skip("needs /dev/full: only on Linux"));
    }
    let settings = [
        ("UNDERPIN_LOG_FILE", FULL.to_owned()),
        // So that a read is a line too.
        ("UNDERPIN_LOG_FILTER", "debug".to_owned()),
    ];
    let mut further = Further::start(stage, &[], &settings, Stdio::piped()).await?;
    further.break_stderr();
    let before = dropped(stage, &further).await?;
    let owner = a.owner.at(&further.url);
    let mut breaches = Vec::new();
    for _ in 0..REQUESTS {
        let answer = owner.ask(Method::GET, &a.path("/funds")).send().await?;
        if answer.status != 200 {
            breaches.push(format!("{} answers {}", answer.what, answer.status));
        }
    }
    let after = dropped(stage, &further).await?;
    further.end().await;
    let mut counts = Vec::new();
    for ((sink, before), (_, after)) in before.into_iter().zip(after) {
        let more = after.saturating_sub(before);
        if more < REQUESTS {
            breaches.push(format!("{more} lines were counted that {sink} did not get"));
        }
        counts.push(format!("{more} for {sink}"));
    }
    let measured = format!(
        "{} breaches in {REQUESTS} requests; dropped: {}",
        breaches.len(),
        counts.join(", ")
    );
    Ok(Outcome::of_breaches(breaches, measured))
}

/// What the process says that it dropped.
async fn dropped(stage: &Stage, further: &Further) -> Result<Vec<(&'static str, u64)>, Stopped> {
    let mut counts = Vec::new();
    for sink in ["file", "stderr"] {
        let name = format!("underpin_log_lines_dropped_total{{sink=\"{sink}\"}}");
        counts.push((sink, further.metric(stage, &name).await?));
    }
    Ok(counts)
}
