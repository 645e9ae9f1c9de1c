//! The measure of one run.

use std::{
    fmt::Write as _,
    hash::{DefaultHasher, Hasher as _},
    panic::Location,
    time::{Duration, Instant},
};

use tokio_postgres::types::ToSql;
use underpin_base::System;

use super::{CURRENT, Run, steps::Ended};
use crate::Statement;

/// Bytes of printed parameters that are compared: long values count by their beginning.
const COMPARED_BYTES_MAX: usize = 512;

/// Measures one run; made before it starts.
pub(crate) struct Timer {
    /// None once the answer was here.
    started: Option<Instant>,
    statement: &'static Statement,
    site: &'static Location<'static>,
    slow: Duration,
}

impl Timer {
    /// Begin; a run that takes as long as `slow` is recorded.
    pub(crate) fn start(
        statement: &'static Statement,
        site: &'static Location<'static>,
        slow: Duration,
    ) -> Self {
        Self { started: Some(Instant::now()), statement, site, slow }
    }

    /// The answer is here.
    pub(crate) fn stop(mut self, params: &[&(dyn ToSql + Sync)], rows: u64) {
        let Some(started) = self.started.take() else { return };
        let (statement, site) = (self.statement, self.site);
        let run = Run { statement, params, site, started, took: started.elapsed(), rows };
        // Where nobody watches nobody counts.
        let _ = CURRENT.try_with(|watch| watch.note(&run));
        self.record(run.took, Some(rows));
    }

    /// Name the statement and where it was called from; its parameters are nobody's business. Trace, tenant and route are those of the span.
    fn record(&self, took: Duration, rows: Option<u64>) {
        if took < self.slow {
            return;
        }
        let (ms, site) = (took.as_millis(), self.site.to_string());
        let fingerprint = format!("{:016x}", self.statement.fingerprint());
        let (statement, failed) = (self.statement.name, rows.is_none());
        tracing::warn!(statement, fingerprint, site, ms, rows, failed, "slow statement");
    }
}

/// A run that failed or was cut off is no pattern, but time that somebody waited.
impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(started) = self.started {
            let Self { statement, site, .. } = self;
            let ended =
                Ended { system: System::Database, name: statement.name, site, failed: true };
            let took = started.elapsed();
            let _ = CURRENT.try_with(|watch| watch.keep(ended, started, took, None));
            self.record(took, None);
        }
    }
}

/// A hash of parameters as they print.
pub(super) fn fingerprint(params: &[&(dyn ToSql + Sync)]) -> u64 {
    let mut hash = Hashing { hasher: DefaultHasher::new(), left: COMPARED_BYTES_MAX };
    for param in params {
        // An error here means that enough was written.
        let _ = write!(hash, "{param:?},");
    }
    hash.hasher.finish()
}

struct Hashing {
    hasher: DefaultHasher,
    left: usize,
}

impl std::fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let part = &text.as_bytes()[..text.len().min(self.left)];
        self.hasher.write(part);
        self.left -= part.len();
        if self.left == 0 { Err(std::fmt::Error) } else { Ok(()) }
    }
}
