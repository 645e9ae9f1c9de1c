//! What requests and jobs waited for: kept for the operators of this process, and sent to a collector.

mod export;
mod otlp;
mod store;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::mpsc;
use underpin_base::Operation;

use crate::{Result, settings::Traces};

pub use export::Exporter;
pub use otlp::Service;
use store::Store;

/// Operations that may wait to be sent; one more is lost.
const WAITING_MAX: usize = 2_048;

/// Takes every request and job of a process that is over. Cheap to clone; the default one keeps them here and sends nothing.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    store: Store,
    outlet: Option<Outlet>,
    counts: Arc<Counts>,
}

/// The way to the exporter.
#[derive(Debug)]
struct Outlet {
    queue: mpsc::Sender<Arc<Operation>>,
    share: f64,
}

/// What became of spans that a collector should have.
#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    lost: AtomicU64,
}

impl Tracer {
    /// Operations that are kept.
    pub const KEPT_MAX: usize = store::KEPT_MAX;

    /// How many operations are kept now.
    pub fn kept(&self) -> usize {
        self.0.store.len()
    }

    /// A tracer, and what sends its spans if there is an endpoint; a service runs that.
    ///
    /// Errors: [`crate::Error::Endpoint`].
    pub fn new(settings: &Traces, service: Service) -> Result<(Self, Option<Exporter>)> {
        let Some(endpoint) = &settings.endpoint else { return Ok((Self::default(), None)) };
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let counts = Arc::<Counts>::default();
        let exporter = Exporter::new(endpoint, service, waiting, Arc::clone(&counts))?;
        let outlet = Some(Outlet { queue, share: settings.share.number() });
        Ok((Self(Arc::new(Inner { store: Store::default(), outlet, counts })), Some(exporter)))
    }

    /// Keep an operation, and have it sent if it is in the share. Waits for nobody: what finds the queue full is lost and counted.
    pub fn record(&self, operation: Operation) {
        let operation = Arc::new(operation);
        self.0.store.keep(Arc::clone(&operation));
        let Some(outlet) = &self.0.outlet else { return };
        if !operation.trace.is_in_share(outlet.share) {
            return;
        }
        if let Err(refused) = outlet.queue.try_send(operation) {
            self.0.counts.lose(refused.into_inner().spans());
        }
    }

    /// The operations of a trace that are still kept, the oldest first.
    pub fn find(&self, trace_id: &str) -> Vec<Arc<Operation>> {
        self.0.store.find(trace_id)
    }

    /// Spans that a collector took so far.
    pub fn sent(&self) -> u64 {
        self.0.counts.sent.load(Ordering::Relaxed)
    }

    /// Spans that should have been sent and were not.
    pub fn lost(&self) -> u64 {
        self.0.counts.lost.load(Ordering::Relaxed)
    }
}

impl Counts {
    fn send(&self, spans: usize) {
        self.sent.fetch_add(spans as u64, Ordering::Relaxed);
    }

    fn lose(&self, spans: usize) {
        self.lost.fetch_add(spans as u64, Ordering::Relaxed);
    }
}
