//! A collector of this audit: it takes what comes, or takes it and never answers.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::Stopped;

/// Longest request that is read.
const REQUEST_BYTES_MAX: usize = 64 << 20;
const TAKEN: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// A span as it came.
#[derive(Debug, Clone)]
pub(super) struct Span(pub(super) Value);

impl Span {
    pub(super) fn trace(&self) -> String {
        self.0["traceId"].as_str().unwrap_or_default().to_owned()
    }
}

/// Listens on this machine until it is dropped.
pub(super) struct Collector {
    address: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    spans: Mutex<Vec<Span>>,
    hangs: AtomicBool,
    held: AtomicUsize,
}

impl Collector {
    pub(super) async fn open() -> Result<Self, Stopped> {
        let failed = |error| Stopped::inconclusive(format!("no free address: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?.to_string();
        let shared = Arc::<Shared>::default();
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/v1/traces", self.address)
    }

    /// From now on read requests and never answer them.
    pub(super) fn hang(&self) {
        self.shared.hangs.store(true, Ordering::Release);
    }

    /// Requests that were read and not answered.
    pub(super) fn held(&self) -> usize {
        self.shared.held.load(Ordering::Acquire)
    }

    /// The spans of a kind whose name ends like this.
    pub(super) fn of_kind(&self, kind: u64, end: &str) -> Vec<Span> {
        let spans = self.shared.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = |span: &&Span| {
            let name = span.0["name"].as_str().unwrap_or_default();
            span.0["kind"] == kind && name.ends_with(end)
        };
        spans.iter().filter(asked).cloned().collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Connections end with the task that accepts them.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut open = tokio::task::JoinSet::new();
    while let Ok((connection, _)) = listener.accept().await {
        open.spawn(serve(connection, Arc::clone(&shared)));
    }
}

/// One connection; what is no request ends it.
async fn serve(mut connection: TcpStream, shared: Arc<Shared>) {
    let mut read = Vec::new();
    while let Some(body) = request(&mut connection, &mut read).await {
        if shared.hangs.load(Ordering::Acquire) {
            shared.held.fetch_add(1, Ordering::Release);
            std::future::pending::<()>().await;
        }
        let mut spans = spans_in(&body);
        shared.spans.lock().unwrap_or_else(PoisonError::into_inner).append(&mut spans);
        if connection.write_all(TAKEN).await.is_err() {
            return;
        }
    }
}

/// The body of the next request; what came of the one after it stays in `read`.
async fn request(connection: &mut TcpStream, read: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(head) = read.windows(4).position(|end| end == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&read[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"))?;
            let end = head + 4 + length.trim().parse::<usize>().ok()?;
            if read.len() >= end {
                let rest = read.split_off(end);
                return Some(std::mem::replace(read, rest).split_off(head + 4));
            }
        }
        if read.len() > REQUEST_BYTES_MAX || connection.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
}

/// All spans of a request, whatever process or part of it they come from.
fn spans_in(body: &[u8]) -> Vec<Span> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let scopes = list(&body["resourceSpans"]).into_iter().flat_map(|one| list(&one["scopeSpans"]));
    scopes.flat_map(|scope| list(&scope["spans"])).map(Span).collect()
}
