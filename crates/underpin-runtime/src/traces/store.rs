//! The last operations of a process.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use underpin_base::Operation;

/// Operations that are kept.
pub(super) const KEPT_MAX: usize = 1_024;
/// Bytes that they may take, nearly.
const BYTES_MAX: usize = 8 << 20;

/// The last operations, in the order in which they ended.
#[derive(Debug, Default)]
pub(super) struct Store(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    operations: VecDeque<Arc<Operation>>,
    bytes: usize,
}

impl Store {
    pub(super) fn keep(&self, operation: Arc<Operation>) {
        let mut kept = self.kept();
        kept.bytes += operation.bytes();
        kept.operations.push_back(operation);
        while kept.operations.len() > KEPT_MAX || kept.bytes > BYTES_MAX {
            let Some(oldest) = kept.operations.pop_front() else { return };
            kept.bytes -= oldest.bytes();
        }
    }

    pub(super) fn find(&self, trace_id: &str) -> Vec<Arc<Operation>> {
        let kept = self.kept();
        let of_trace = kept.operations.iter().filter(|one| one.trace.trace_id() == trace_id);
        of_trace.cloned().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.kept().operations.len()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use underpin_base::{OperationKind, Trace};

    use super::*;

    fn operation(name: &str) -> Arc<Operation> {
        Arc::new(Operation {
            trace: Trace::new(),
            parent: None,
            link: None,
            kind: OperationKind::Request,
            name: name.to_owned(),
            began: SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
            failed: false,
            facts: Vec::new(),
            steps: Vec::new(),
            steps_left_out: 0,
        })
    }

    #[test]
    fn the_oldest_make_place_by_number() {
        let store = Store::default();
        let all: Vec<_> = (0..KEPT_MAX + 10).map(|_| operation("GET /")).collect();
        for one in &all {
            store.keep(Arc::clone(one));
        }
        let found = all.iter().map(|one| store.find(&one.trace.trace_id()).len());
        assert_eq!(found.clone().take(10).sum::<usize>(), 0);
        assert_eq!(found.sum::<usize>(), KEPT_MAX);
    }

    #[test]
    fn the_oldest_make_place_by_size() {
        let store = Store::default();
        let name = "x".repeat(1 << 20);
        let all: Vec<_> = (0..20).map(|_| operation(&name)).collect();
        for one in &all {
            store.keep(Arc::clone(one));
        }
        assert_eq!(store.kept().operations.len(), 7);
        assert!(store.kept().bytes <= BYTES_MAX);
        assert_eq!(store.find(&all[19].trace.trace_id()).len(), 1);
    }
}
