//! One attempt of one job: its handler, its time limit, its panics.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;
use underpin_base::Trace;
use underpin_db::{Class, watch::Watch};

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

/// Why a handler did not return in order.
enum Cut {
    Panic(String),
    Timeout,
}

/// Run the handler once, in the trace of whoever enqueued the job, and watch its statements.
pub(super) async fn run(shared: Arc<Shared>, kind: Kind) -> Report {
    let (claim, started) = (&shared.claim, Instant::now());
    let cause = claim.trace.as_deref().and_then(Trace::parse);
    let watch = Watch::traced(cause.map_or_else(Trace::new, Trace::child));
    let trace_id = watch.trace().map(Trace::trace_id);
    let span = tracing::info_span!("job", job = %claim.id, kind = claim.kind, attempt = claim.attempt, trace_id);
    let work = Arc::clone(&watch).over(Class::Job.over(handle(Arc::clone(&shared), kind)));
    let report = work.instrument(span.clone()).await;
    span.in_scope(|| {
        shared.db.findings().note(&watch, || format!("job {}", claim.kind));
        let (statements, in_database) = watch.totals();
        let (ms, db_ms) = (started.elapsed().as_millis(), in_database.as_millis());
        tracing::debug!(ms, statements, db_ms, repeats = watch.declared(), "job ran");
    });
    report
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
        Ok(Err(fault)) => Report::Failed(failed(&shared, fault)),
        Err(Cut::Panic(message)) => Report::Failed(error(claim, "panic", message)),
        Err(Cut::Timeout) => {
            let message = format!("no end after {} ms", kind.timeout.as_millis());
            Report::Failed(error(claim, "timeout", message))
        }
    }
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
    ended.map_err(|payload| Cut::Panic(panic_message(&*payload)))
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
