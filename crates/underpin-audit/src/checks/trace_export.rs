//! Traces go to a collector, from the request to its job, and nobody waits for it.

mod collector;

use std::{process::Stdio, time::Duration};

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use collector::{Collector, Span};

use crate::{
    Check, Error, Outcome, Person, Severity, Stage, Stopped, Tenant, further::Further, wait::until,
};

/// Jobs at once: more than the deployment's own worker takes, so that the process that exports gets some.
const JOBS: usize = 16;
/// How long each takes, in milliseconds.
const JOB_MS: u64 = 400;
/// `SPAN_KIND_SERVER` and `SPAN_KIND_CONSUMER` of OpenTelemetry.
const SERVER: u64 = 2;
const CONSUMER: u64 = 5;
/// Longest that spans may take to the collector.
const SPANS_MAX: Duration = Duration::from_secs(20);
/// Requests whose median is looked at.
const REQUESTS: usize = 30;
/// A median may grow by its own order of magnitude, and by what a busy machine costs.
const TIMES_MAX: u32 = 10;
const SLACK: Duration = Duration::from_millis(200);

pub(super) const CHECK: Check = Check {
    id: "trace.export",
    seeds: &["S0.41"],
    severity: Severity::P0,
    promise: "Spans of requests and jobs reach a collector, a job's is linked to the request that caused it, and a collector that hangs \
              delays nobody.",
    input: "a further process of the deployment's program with a collector of this audit; 16 requests that enqueue a job each; 30 reads \
            while the collector answers and 30 while it hangs",
    measure: "spans of kind server and consumer, the consumers' links; the median time of a read, and its status",
    threshold: "a server span for every request; every job's span linked to its request and nobody's child; the median at most 10 times \
                as long and 200 ms; every answer 200",
    fault: "jobs_without_trace",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let a = &stage.tenants().await?.a;
    let collector = Collector::open().await?;
    let settings =
        [("UNDERPIN_TRACES_ENDPOINT", collector.url()), ("UNDERPIN_JOBS_SLOTS", JOBS.to_string())];
    let further = Further::start(stage, &["--with-work"], &settings, Stdio::null()).await?;
    let owner = a.owner.at(&further.url);
    let outcome = look(stage, a, &owner, &collector, &further).await;
    further.end().await;
    outcome
}

async fn look(
    stage: &Stage,
    a: &Tenant,
    owner: &Person,
    collector: &Collector,
    further: &Further,
) -> Result<Outcome, Stopped> {
    let traces = enqueue(a, owner).await?;
    let there = until("spans of a request and a job", SPANS_MAX, || async {
        let jobs = collector.of_kind(CONSUMER, "probe.job");
        let requests = requests(collector, &traces);
        Ok((!jobs.is_empty() && requests.len() == traces.len()).then_some((requests, jobs)))
    });
    let (requests, jobs) = match there.await {
        Err(Error::Late(_)) => {
            let (requests, jobs) =
                (requests(collector, &traces), collector.of_kind(CONSUMER, "probe.job"));
            if jobs.is_empty() && requests.len() == traces.len() {
                let reason = "none of the jobs ran in the process that exports";
                return Err(Stopped::inconclusive(reason));
            }
            (requests, jobs)
        }
        there => there?,
    };
    let mut breaches = judge(&traces, &requests, &jobs);
    let answering = median(a, owner).await?;
    collector.hang();
    let held = until("a request that the collector holds", SPANS_MAX, || async {
        owner.get(&a.path("/funds")).await?.expect(200)?;
        Ok((collector.held() > 0).then_some(()))
    });
    held.await?;
    let hanging = median(a, owner).await?;
    if hanging > answering * TIMES_MAX + SLACK {
        breaches.push(format!(
            "a read took {answering:?}, and {hanging:?} with a collector that hangs"
        ));
    }
    let (sent, lost) = (
        further.metric(stage, "underpin_spans_sent_total").await?,
        further.metric(stage, "underpin_spans_lost_total").await?,
    );
    let measured = format!(
        "{} requests, {} jobs, {} breaches; a read took {:.1} ms, {:.1} with a collector that hangs",
        requests.len(),
        jobs.len(),
        breaches.len(),
        answering.as_secs_f64() * 1_000.0,
        hanging.as_secs_f64() * 1_000.0
    );
    let figures = format!("the process says: {sent} spans sent, {lost} lost");
    Ok(Outcome::of_breaches(breaches, measured).evidence(figures))
}

/// Enqueue every job by a request of its own; gives their traces.
async fn enqueue(a: &Tenant, owner: &Person) -> Result<Vec<String>, Stopped> {
    let mut traces = Vec::new();
    for _ in 0..JOBS {
        let trace = Uuid::new_v4().simple().to_string();
        let ask = owner.ask(Method::POST, &a.path("/probe/jobs")).key(&Uuid::now_v7().to_string());
        let ask = ask.header("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"));
        let answer = ask.json(&json!({ "fail_times": 0, "sleep_ms": JOB_MS })).send().await?;
        if answer.status == 404 {
            return Err(Stopped::skip("needs the probe routes: only in dev"));
        }
        answer.expect(202)?;
        traces.push(trace);
    }
    Ok(traces)
}

fn requests(collector: &Collector, traces: &[String]) -> Vec<Span> {
    let mut spans = collector.of_kind(SERVER, "probe/jobs");
    spans.retain(|span| traces.contains(&span.trace()));
    spans
}

fn judge(traces: &[String], requests: &[Span], jobs: &[Span]) -> Vec<String> {
    let mut breaches = Vec::new();
    if requests.len() < traces.len() {
        breaches.push(format!("{} of {} requests have a span", requests.len(), traces.len()));
    }
    for job in jobs {
        let link = &job.0["links"][0];
        let of_request = |request: &&Span| {
            link["traceId"] == request.0["traceId"] && link["spanId"] == request.0["spanId"]
        };
        if !requests.iter().any(|request| of_request(&request)) {
            breaches.push(format!("a job's span has no link to its request, but {link}"));
        }
        if job.0.get("parentSpanId").is_some_and(|parent| parent.as_str() != Some("")) {
            breaches.push("a job's span is the child of another".to_owned());
        }
    }
    breaches
}

/// The median time of a read.
async fn median(a: &Tenant, owner: &Person) -> Result<Duration, Stopped> {
    let mut took = Vec::new();
    for _ in 0..REQUESTS {
        took.push(owner.get(&a.path("/funds")).await?.expect(200)?.took);
    }
    took.sort();
    Ok(took[REQUESTS / 2])
}
