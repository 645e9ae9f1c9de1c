#![doc = include_str!("../README.md")]

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// The one bucket.
pub const BUCKET: &str = "underpin-files";
/// Whose key opens it.
pub const ACCESS_KEY_ID: &str = "AKIDTESTTESTTEST";
/// The key.
pub const SECRET_ACCESS_KEY: &str = "a secret key of an S3 service of a test";

/// An S3 service with one bucket. Dropped, it is gone with all that is in it.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    root: PathBuf,
    shared: Arc<Shared>,
    life: Mutex<Option<(CancellationToken, AbortOnDropHandle<()>)>>,
}

#[derive(Debug, Default)]
struct Shared {
    asked: AtomicU64,
    /// Requests after which it goes away; 0 means never.
    dies_at: AtomicU64,
}

impl S3Server {
    /// Listen on a free port of loopback.
    ///
    /// Panics: if that is impossible; a test cannot go on without.
    pub async fn start() -> Self {
        let root = std::env::temp_dir().join(format!("underpin-s3-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(root.join(BUCKET)).expect("make the bucket's directory");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it was bound");
        let server = Self { address, root, shared: Arc::default(), life: Mutex::default() };
        server.live(listener);
        server
    }

    /// Scheme and authority.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a program is told so that it keeps its files here, as names of its environment and their values.
    pub fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("UNDERPIN_FILES_S3_BUCKET", BUCKET.to_owned()),
            ("UNDERPIN_FILES_S3_REGION", "eu-central-1".to_owned()),
            ("UNDERPIN_FILES_S3_ENDPOINT", self.endpoint()),
            ("UNDERPIN_FILES_S3_ACCESS_KEY_ID", ACCESS_KEY_ID.to_owned()),
            ("UNDERPIN_FILES_S3_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.to_owned()),
            ("UNDERPIN_FILES_S3_PATH_STYLE", "true".to_owned()),
        ]
    }

    /// Cut every connection and take no more.
    pub async fn go_away(&self) {
        let life = self.life.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, task)) = life {
            stop.cancel();
            let _ = task.await;
        }
    }

    /// Be there again, at the same address with the same objects.
    pub async fn come_back(&self) {
        self.go_away().await;
        self.shared.dies_at.store(0, Ordering::SeqCst);
        let listener = TcpListener::bind(self.address).await.expect("the port was ours");
        self.live(listener);
    }

    /// Go away in the middle of the request after the next `requests`.
    pub fn die_after(&self, requests: u64) {
        let at = self.shared.asked.load(Ordering::SeqCst) + requests + 1;
        self.shared.dies_at.store(at, Ordering::SeqCst);
    }

    /// Requests that it was asked so far.
    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Objects in the bucket.
    pub fn objects(&self) -> usize {
        count(&self.root.join(BUCKET), &|_| true)
    }

    /// Files of uploads that were begun and neither completed nor aborted.
    pub fn unfinished(&self) -> usize {
        count(&self.root, &|name| name.starts_with(".upload"))
    }

    fn live(&self, listener: TcpListener) {
        let files = FileSystem::new(&self.root).expect("its directory is there");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        let (service, stop) = (builder.build(), CancellationToken::new());
        let served = serve(listener, service, Arc::clone(&self.shared), stop.clone());
        let task = AbortOnDropHandle::new(tokio::spawn(served));
        *self.life.lock().unwrap_or_else(PoisonError::into_inner) = Some((stop, task));
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

async fn serve(
    listener: TcpListener,
    service: S3Service,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        let socket = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => socket,
                Err(_) => continue,
            },
        };
        let (service, shared, stop) = (service.clone(), Arc::clone(&shared), stop.clone());
        connections.spawn(async move {
            let answer = service_fn(move |request: hyper::Request<Incoming>| {
                let (service, shared, stop) = (service.clone(), Arc::clone(&shared), stop.clone());
                async move {
                    let asked = shared.asked.fetch_add(1, Ordering::SeqCst) + 1;
                    if asked == shared.dies_at.load(Ordering::SeqCst) {
                        stop.cancel();
                        std::future::pending::<()>().await;
                    }
                    hyper::service::Service::call(&service, request)
                        .await
                        .map_err(|error| io::Error::other(format!("{error:?}")))
                }
            });
            // What the other side does to a connection is not this side's test.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), answer).await;
        });
    }
    connections.shutdown().await;
}

fn count(directory: &Path, named: &dyn Fn(&str) -> bool) -> usize {
    let Ok(entries) = std::fs::read_dir(directory) else { return 0 };
    let counted = entries.flatten().map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return count(&path, named);
        }
        usize::from(named(&entry.file_name().to_string_lossy()))
    });
    counted.sum()
}
