//! Sends operations to a collector, and loses them rather than wait for it.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, StatusCode, redirect};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use underpin_base::Operation;

use super::{
    Counts,
    otlp::{self, Service},
};
use crate::{Error, Result, settings::Url};

/// Operations of one request to the collector.
const BATCH_MAX: usize = 256;
/// How long an operation waits for others to go with.
const GATHER: Duration = Duration::from_millis(500);
/// Longest that the collector may take.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Pause between two lines of the log about what was lost.
const SAY_EVERY: Duration = Duration::from_mins(1);

/// Sends operations to a collector, a batch at a time. A batch that the collector does not take in time is lost and counted.
#[derive(Debug)]
pub struct Exporter {
    client: Client,
    endpoint: String,
    service: Service,
    counts: Arc<Counts>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    waiting: mpsc::Receiver<Arc<Operation>>,
    said_at: Option<Instant>,
}

/// Why a batch was lost.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("the collector cannot be reached or does not answer")]
    Away(#[source] reqwest::Error),
    #[error("the collector answers {0}")]
    Refused(StatusCode),
}

impl Exporter {
    pub(super) fn new(
        endpoint: &Url,
        service: Service,
        waiting: mpsc::Receiver<Arc<Operation>>,
        counts: Arc<Counts>,
    ) -> Result<Self> {
        // Spans go where the setting says and nowhere else.
        let builder = Client::builder().no_proxy().redirect(redirect::Policy::none());
        let client = builder.timeout(ANSWER_MAX).build().map_err(Error::Endpoint)?;
        let endpoint = endpoint.as_str().to_owned();
        client.post(&endpoint).build().map_err(|error| Error::Endpoint(error.without_url()))?;
        let state = Mutex::new(State { waiting, said_at: None });
        Ok(Self { client, endpoint, service, counts, state })
    }

    /// Send until `stop`, then send what still waits; whoever stops it bounds that.
    pub async fn run(&self, stop: CancellationToken) {
        let mut state = self.state.lock().await;
        loop {
            let mut batch = Vec::new();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                received = state.waiting.recv_many(&mut batch, BATCH_MAX) => if received == 0 { break },
            }
            let gathered = async {
                while batch.len() < BATCH_MAX {
                    let Some(operation) = state.waiting.recv().await else { return };
                    batch.push(operation);
                }
            };
            tokio::select! {
                _ = timeout(GATHER, gathered) => {}
                () = stop.cancelled() => {}
            }
            self.send(&batch, &mut state.said_at).await;
        }
        loop {
            let batch: Vec<_> =
                std::iter::from_fn(|| state.waiting.try_recv().ok()).take(BATCH_MAX).collect();
            if batch.is_empty() {
                return;
            }
            self.send(&batch, &mut state.said_at).await;
        }
    }

    async fn send(&self, batch: &[Arc<Operation>], said_at: &mut Option<Instant>) {
        let spans = batch.iter().map(|operation| operation.spans()).sum();
        match self.post(batch).await {
            Ok(()) => self.counts.send(spans),
            Err(lost) => {
                self.counts.lose(spans);
                if said_at.is_none_or(|at| at.elapsed() >= SAY_EVERY) {
                    *said_at = Some(Instant::now());
                    let error = &lost as &dyn std::error::Error;
                    tracing::warn!(error, spans, "spans are lost");
                }
            }
        }
    }

    async fn post(&self, batch: &[Arc<Operation>]) -> Result<(), Lost> {
        let request = self.client.post(&self.endpoint).json(&otlp::request(&self.service, batch));
        let away = |error: reqwest::Error| Lost::Away(error.without_url());
        let status = request.send().await.map_err(away)?.status();
        if status.is_success() { Ok(()) } else { Err(Lost::Refused(status)) }
    }
}
