//! One attempt of one job: its handler, its time limit, its panics.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime},
};

use futures_util::FutureExt as _;
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;
use underpin_base::{Fact, Operation, OperationKind, Trace};
use underpin_db::{
    Class,
    watch::{self, Watch},
};
use underpin_runtime::{Failure, Tracer, shape, telemetry::take_panic};

use super::turn::Failed;
use crate::{
    Fault,
    backoff::backoff,
    crash::crash_point,
    fault::chain,
    registry::Kind,
    run::{Claim, Shared},
};

/// How long a handler may tidy up after its time is over.
const TIDY: Duration = Duration::from_secs(1);
/// Most bytes of an error that are kept.
const MESSAGE_BYTES_MAX: usize = 2_000;

/// What the next turn has to say about an attempt.
#[derive(Debug)]
pub(super) enum Report {
    /// It succeeded.
    Done,
    /// The handler's own transaction finished the job, or the claim is lost: there is nothing to say.
    Silent,
    /// It did not end its job.
    Failed(Failed),
}

impl Report {
    /// The name in the log.
    const fn outcome(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Silent => "stale",
            Self::Failed(failed) => failed.outcome,
        }
    }
}

/// Why a handler did not return in order.
enum Cut {
    Panic(String),
    Timeout,
}

/// Run the handler once, in the trace of whoever enqueued the job, and watch its statements.
pub(super) async fn run(shared: Arc<Shared>, kind: Kind, tracer: Tracer) -> Report {
    let (claim, started, began) = (&shared.claim, Instant::now(), SystemTime::now());
    let cause = claim.trace.as_deref().and_then(Trace::parse);
    let trace = cause.map_or_else(Trace::new, Trace::child);
    let watch = Watch::traced(trace);
    let trace_id = trace.trace_id();
    let (tenant, route) =
        (claim.tenant.map(tracing::field::display), format!("job {}", claim.kind));
    // Of the highest level, as a request's: every line says which job it belongs to.
    let span = tracing::error_span!("job", job = %claim.id, kind = claim.kind, attempt = claim.attempt, trace_id, tenant, route);
    let work = Arc::clone(&watch).over(Class::Job.over(handle(Arc::clone(&shared), kind)));
    let report = work.instrument(span.clone()).await;
    span.in_scope(|| {
        shared.db.findings().note(&watch, || route.clone());
        let (statements, in_database) = watch.totals();
        let (ms, db_ms) = (started.elapsed().as_millis(), in_database.as_millis());
        let finished = shared.finished.load(Ordering::Acquire);
        let outcome = if finished { "done" } else { report.outcome() };
        tracing::info!(outcome, ms, statements, db_ms, repeats = watch.declared(), "job ran");
    });
    let (steps, steps_left_out) = watch.take_steps();
    tracer.record(Operation {
        trace,
        // Whoever enqueued it did not wait for it: it is linked to its cause and is nobody's child.
        parent: None,
        link: cause,
        kind: OperationKind::Job,
        name: format!("job {}", claim.kind),
        began,
        took: started.elapsed(),
        failed: matches!(&report, Report::Failed(failed) if failed.is_fault()),
        facts: facts(claim, &report),
        steps,
        steps_left_out,
    });
    report
}

/// What is told of an attempt; the payload and the text of an error stay here.
fn facts(claim: &Claim, report: &Report) -> Vec<Fact> {
    let outcome = match report {
        Report::Done => "done",
        Report::Silent => "finished or taken over",
        Report::Failed(failed) => failed.outcome,
    };
    let mut facts: Vec<Fact> = vec![
        ("messaging.operation.type", "process".into()),
        ("messaging.message.id", claim.id.to_string().into()),
        ("underpin.job.kind", claim.kind.clone().into()),
        ("underpin.job.attempt", i64::from(claim.attempt).into()),
        ("underpin.job.outcome", outcome.into()),
    ];
    facts.extend(claim.tenant.map(|id| ("underpin.tenant.id", id.to_string().into())));
    facts
}

async fn handle(shared: Arc<Shared>, kind: Kind) -> Report {
    crash_point("jobs.handler.before");
    let ended = limited(&shared, &kind).await;
    crash_point("jobs.handler.after");
    let claim = &shared.claim;
    if shared.finished.load(Ordering::Acquire) {
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!(job = %claim.id, kind = claim.kind, "the handler failed after it had finished its job");
        }
        return Report::Silent;
    }
    if shared.stale.load(Ordering::Acquire) {
        tracing::warn!(job = %claim.id, kind = claim.kind, claim_seq = claim.claim_seq, "late answer refused");
        return Report::Silent;
    }
    match ended {
        Ok(Ok(())) => Report::Done,
        Ok(Err(fault)) => {
            let failed = failed(&shared, fault);
            note(&shared, &failed);
            Report::Failed(failed)
        }
        Err(Cut::Panic(message)) => Report::Failed(error(claim, "panic", message)),
        Err(Cut::Timeout) => {
            let message = format!("no end after {} ms", kind.timeout.as_millis());
            let failed = error(claim, "timeout", message);
            note(&shared, &failed);
            Report::Failed(failed)
        }
    }
}

/// Count an error with those of its kind and shape. A panic was counted where it arose.
fn note(shared: &Shared, failed: &Failed) {
    if !failed.is_fault() {
        return;
    }
    let kind = &failed.kind;
    let (route, site) = (format!("job {kind}"), format!("{kind}: {}", shape(&failed.message)));
    let trace = watch::trace().map(Trace::trace_id);
    let (site, trace) = (Some(site.as_str()), trace.as_deref());
    shared.failures.note(Failure { code: &failed.code, site, route: &route, trace });
}

/// The handler, cut off at its time limit; it is told to stop first and has a moment to do so.
async fn limited(shared: &Arc<Shared>, kind: &Kind) -> Result<Result<(), Fault>, Cut> {
    let handler = Arc::clone(&kind.handler);
    let started = Arc::clone(shared);
    // The handler's first step may panic as well as its later ones.
    let work = AssertUnwindSafe(async move { handler(started).await }).catch_unwind();
    let mut work = std::pin::pin!(work);
    let Ok(ended) = timeout(kind.timeout, &mut work).await else {
        shared.stop.cancel();
        return match timeout(TIDY, &mut work).await {
            // It was just done.
            Ok(Ok(Ok(()))) => Ok(Ok(())),
            _ => Err(Cut::Timeout),
        };
    };
    ended.map_err(|payload| {
        let (site, route) = (take_panic(), format!("job {}", shared.claim.kind));
        let trace = watch::trace().map(Trace::trace_id);
        let (site, trace) = (site.as_deref(), trace.as_deref());
        shared.failures.note(Failure { code: "panic", site, route: &route, trace });
        Cut::Panic(panic_message(&*payload))
    })
}

/// What becomes of a job whose handler returned a fault.
fn failed(shared: &Shared, fault: Fault) -> Failed {
    let claim = &shared.claim;
    match fault {
        Fault::Stopped => give_back(claim),
        // An error while the worker stops is most likely of its making.
        Fault::Retry(_) if shared.stop.is_cancelled() => give_back(claim),
        Fault::Retry(cause) => error(claim, "error", chain(&*cause)),
        Fault::Snooze(wait) => {
            let delay_ms =
                u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).clamp(1, 365 * 86_400_000);
            Failed { outcome: "snooze", delay_ms, ..give_back(claim) }
        }
        Fault::Discard { code, message } => {
            tracing::warn!(job = %claim.id, kind = claim.kind, code, "job discarded");
            Failed {
                outcome: "discard",
                code: code.to_owned(),
                message: cut(message),
                dies: Some("discarded"),
                ..give_back(claim)
            }
        }
    }
}

/// The job as it was before this attempt.
pub(super) fn give_back(claim: &Claim) -> Failed {
    Failed {
        id: claim.id,
        claim_seq: claim.claim_seq,
        outcome: "return",
        delay_ms: 0,
        code: String::new(),
        message: String::new(),
        kind: claim.kind.clone(),
        dies: None,
    }
}

/// An error that counts.
fn error(claim: &Claim, code: &str, message: String) -> Failed {
    let errors = u32::try_from(claim.errors).unwrap_or_default() + 1;
    let wait = backoff(errors, rand::random());
    tracing::warn!(job = %claim.id, kind = claim.kind, attempt = claim.attempt, code, message, "attempt failed");
    Failed {
        outcome: "retry",
        delay_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        code: code.to_owned(),
        message: cut(message),
        dies: (claim.errors + 1 >= claim.attempts_max).then_some("exhausted"),
        ..give_back(claim)
    }
}

fn cut(mut message: String) -> String {
    // Text in Postgres cannot hold a NUL.
    message.retain(|c| c != '\0');
    let end =
        (0..=MESSAGE_BYTES_MAX.min(message.len())).rev().find(|at| message.is_char_boundary(*at));
    message.truncate(end.unwrap_or_default());
    message
}

fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_between_characters() {
        assert_eq!(cut("ä".repeat(2_000)).len(), MESSAGE_BYTES_MAX);
        assert_eq!(cut(format!("x{}", "ä".repeat(2_000))).len(), MESSAGE_BYTES_MAX - 1);
        assert_eq!(cut("a\0b".to_owned()), "ab");
    }
}
