//! The measure of one run.

use std::{
    fmt::Write as _,
    hash::{DefaultHasher, Hasher as _},
    panic::Location,
    time::Instant,
};

use tokio_postgres::types::ToSql;

use super::{CURRENT, Run};
use crate::Statement;

/// Bytes of printed parameters that are compared: long values count by their beginning.
const COMPARED_BYTES_MAX: usize = 512;

/// Measures one run; made before it starts. Empty where nobody watches.
pub(crate) struct Timer(Option<Instant>);

impl Timer {
    pub(crate) fn start() -> Self {
        Self(CURRENT.try_with(|_| Instant::now()).ok())
    }

    pub(crate) fn stop(
        self,
        statement: &'static Statement,
        params: &[&(dyn ToSql + Sync)],
        site: &'static Location<'static>,
        rows: u64,
    ) {
        let Some(started) = self.0 else { return };
        let run = Run { statement, params, site, took: started.elapsed(), rows };
        // The same task as at the start, so the watch is there.
        let _ = CURRENT.try_with(|watch| watch.note(&run));
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
