//! The loop that takes connections.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tower::ServiceExt as _;
use underpin_runtime::CancellationToken;

/// Pause after a failed `accept`: the process is out of descriptors, and trying at once makes it worse.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long a connection on which nothing was asked yet is kept at the end: a request may be on its way.
const FIRST_REQUEST_MAX: Duration = Duration::from_secs(1);
/// Largest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Bounds of one listener.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    /// Connections at the same time; more wait in the kernel's queue.
    pub connections_max: usize,
    /// Longest wait for a request's head, a kept connection's idle time included: a proxy in front must close its idle
    /// connections sooner.
    pub header_timeout: Duration,
    /// How long requests may go on once `stop` is cancelled.
    pub drain: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connections_max: 10_000, header_timeout: seconds(10), drain: seconds(20) }
    }
}

/// Serve a listener until `stop`: then take no more connections, close idle ones, let requests end, cut off at the deadline.
///
/// The listener may be shared with other processes (inherited); a non-blocking socket is not required.
pub async fn serve(
    listener: std::net::TcpListener,
    router: Router,
    options: ServeOptions,
    stop: CancellationToken,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(options.connections_max));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            (socket, peer, place) = accept(&listener, &places) => {
                let connection = connection(socket, peer, router.clone(), options, stop.clone());
                connections.spawn(async move {
                    connection.await;
                    drop::<OwnedSemaphorePermit>(place);
                });
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(options.drain, ended).await.is_err() {
        tracing::warn!(
            open = connections.len(),
            "connections were cut off at the drain's deadline"
        );
    }
    connections.shutdown().await;
    Ok(())
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let place = Arc::clone(places).acquire_owned().await;
        let place = place.expect("this semaphore is never closed");
        match listener.accept().await {
            Ok((socket, peer)) => return (socket, peer, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One connection to its end, or until it became a web socket: that one belongs to the hub.
async fn connection(
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    options: ServeOptions,
    stop: CancellationToken,
) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let asked = CancellationToken::new();
    let first = asked.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        first.cancel();
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            let early = tokio::select! {
                ended = connection.as_mut() => Some(ended),
                () = asked.cancelled() => None,
                () = tokio::time::sleep(FIRST_REQUEST_MAX) => None,
            };
            if let Some(ended) = early {
                ended
            } else {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    if let Err(error) = ended {
        // The other side's doing: a reset, a head that did not come.
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}
