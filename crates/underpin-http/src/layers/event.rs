use std::time::Duration;

use axum::{http::Method, response::Response};
use underpin_base::Trace;
use underpin_db::watch::{Seen, Watch};
use underpin_runtime::Failure;

use super::told::Told;
use crate::{Api, Problem, metrics::Taken};

/// Statements that a slow request names.
const SHOWN_MAX: usize = 5;
/// What balancers and collectors ask every second: their events would be most of the log.
const ROUTINE: [&str; 5] = ["/livez", "/readyz", "/startupz", "/health", "/metrics"];

/// A request that is over: counted, logged as one event, and where it went wrong or took long recorded for that.
pub(super) struct Event<'e> {
    pub(super) api: &'e Api,
    pub(super) method: &'e Method,
    pub(super) route: &'e str,
    pub(super) trace: Trace,
    pub(super) told: &'e Told,
    pub(super) watch: &'e Watch,
    pub(super) took: Duration,
    /// Where it panicked, if it did.
    pub(super) panic: Option<String>,
}

impl Event<'_> {
    /// Count and log it, within its span: that has method, route, tenant, request and trace.
    pub(super) fn note(&self, response: &Response, problem: Option<&Problem>) {
        let status = response.status();
        let (statements, in_database) = self.watch.totals();
        let slow = self.took >= self.api.settings.slow_request;
        let taken = Taken { status, took: self.took, slow, statements, in_database };
        self.api.shared.metrics.count(self.method, self.route, taken);
        self.log(taken, response, problem);
        if slow {
            self.log_slow();
        }
        if status.is_server_error() {
            self.group(taken, problem);
        }
    }

    /// As `Server-Timing` says it: times, all statements, and how many of them asked who this is, which memory may have known.
    pub(super) fn timing(&self) -> String {
        let ms = |took: Duration| took.as_secs_f64() * 1_000.0;
        let (statements, in_database) = self.watch.totals();
        let (total, db) = (ms(self.took), ms(in_database));
        let recognised = self.watch.seen().into_iter();
        let recognised = recognised.filter(|seen| underpin_identity::recognises(seen.statement));
        let session: u32 = recognised.map(|seen| seen.runs).sum();
        format!(
            "total;dur={total:.1}, db;dur={db:.1}, statements;desc=\"{statements}\", session;desc=\"{session}\""
        )
    }

    fn log(&self, taken: Taken, response: &Response, problem: Option<&Problem>) {
        let Taken { statements, in_database, .. } = taken;
        let (status, ms, db_ms) = (taken.status, self.took.as_millis(), in_database.as_millis());
        let user = self.told.user().map(tracing::field::display);
        let idempotency = self.told.idempotency(status.is_success(), response.headers(), problem);
        let (status, build) = (status.as_u16(), self.api.settings.version.as_str());
        let (repeats, code) = (self.watch.declared(), problem.map(|p| p.code().as_str()));
        let cause = problem.and_then(Problem::cause);
        // One macro a level, because a level is part of the place in the source.
        macro_rules! log {
            ($level:ident) => {
                tracing::$level!(
                    user,
                    status,
                    ms,
                    statements,
                    db_ms,
                    idempotency,
                    build,
                    repeats,
                    code,
                    cause,
                    "request"
                )
            };
        }
        if taken.status.is_server_error() {
            log!(error);
        } else if ROUTINE.contains(&self.route) {
            log!(debug);
        } else {
            log!(info);
        }
    }

    /// What a slow request spent its time on.
    fn log_slow(&self) {
        let (statements, in_database) = self.watch.totals();
        let waited = self.watch.waited();
        let rest = self.took.saturating_sub(in_database).saturating_sub(waited);
        let mut seen = self.watch.seen();
        seen.sort_by_key(|one| std::cmp::Reverse(one.total));
        let longest: Vec<_> = seen.iter().take(SHOWN_MAX).map(shown).collect();
        tracing::warn!(
            user = self.told.user().map(tracing::field::display),
            ms = self.took.as_millis(),
            statements,
            db_ms = in_database.as_millis(),
            wait_ms = waited.as_millis(),
            rest_ms = rest.as_millis(),
            longest = longest.join("; "),
            "slow request"
        );
    }

    fn group(&self, taken: Taken, problem: Option<&Problem>) {
        let place = format!("{} {}", self.method, self.route);
        let site = match (&self.panic, problem) {
            (Some(site), _) => Some(site.clone()),
            (None, Some(problem)) => Some(problem.site().to_string()),
            (None, None) => None,
        };
        let code = match problem {
            _ if self.panic.is_some() => "panic",
            Some(problem) => problem.code().as_str(),
            None => taken.status.as_str(),
        };
        let trace = self.trace.trace_id();
        let (site, trace) = (site.as_deref(), Some(trace.as_str()));
        self.api.failures.note(Failure { code, site, route: &place, trace });
    }
}

/// A statement by name and place, never with its parameters.
fn shown(seen: &Seen) -> String {
    let Seen { statement, site, runs, total, .. } = seen;
    format!("{} {runs} x, {} ms at {site}", statement.name, total.as_millis())
}
