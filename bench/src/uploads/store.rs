//! A bucket that takes everything and keeps nothing: what is measured is the web process, and no disk fills.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
};

/// Bytes of the parts of each upload that is not complete, and of those that are.
#[derive(Debug, Default)]
struct Kept {
    begun: HashMap<String, u64>,
    complete: Vec<u64>,
}

type Shared = Arc<Mutex<Kept>>;

/// What the process does: take uploads until it is killed.
pub(crate) async fn run() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let kept = Shared::default();
    loop {
        let (socket, _) = listener.accept().await?;
        let kept = Arc::clone(&kept);
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(request, Arc::clone(&kept)));
            let served = http1::Builder::new().serve_connection(TokioIo::new(socket), answer);
            if let Err(error) = served.await {
                eprintln!("store: {error}");
            }
        });
    }
}

async fn answer(request: Request<Incoming>, kept: Shared) -> io::Result<Response<Full<Bytes>>> {
    let (method, query) =
        (request.method().clone(), request.uri().query().unwrap_or("").to_owned());
    let path = request.uri().path().to_owned();
    let mut body = request.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(io::Error::other)?;
        bytes += frame.data_ref().map_or(0, Bytes::len) as u64;
    }
    let upload = query.split('&').find_map(|pair| pair.strip_prefix("uploadId="));
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let text = match (&method, upload) {
        (&Method::GET, None) => format!("{:?}", (kept.begun.len(), &kept.complete)),
        (&Method::POST, None) => {
            let id = path.rsplit('/').next().unwrap_or_default();
            kept.begun.insert(id.to_owned(), 0);
            let form = "InitiateMultipartUploadResult";
            format!("<{form}><UploadId>{id}</UploadId></{form}>")
        }
        (&Method::PUT, Some(id)) => {
            *kept.begun.entry(id.to_owned()).or_default() += bytes;
            String::new()
        }
        (&Method::POST, Some(id)) => {
            let whole = kept.begun.remove(id).unwrap_or_default();
            kept.complete.push(whole);
            let form = "CompleteMultipartUploadResult";
            format!("<{form}><ETag>\"whole\"</ETag></{form}>")
        }
        (&Method::DELETE, Some(id)) => {
            kept.begun.remove(id);
            String::new()
        }
        _ => {
            let status = StatusCode::NOT_FOUND;
            return Response::builder()
                .status(status)
                .body(Full::default())
                .map_err(io::Error::other);
        }
    };
    let answer = Response::builder().header("etag", "\"part\"").body(Full::from(text));
    answer.map_err(io::Error::other)
}

/// The running process; dropping it ends it.
pub(crate) struct Store {
    pub(crate) address: SocketAddr,
    _child: Child,
}

impl Store {
    pub(crate) async fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg("store").stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let address = address_of(&mut child).await?;
        Ok(Self { address, _child: child })
    }

    /// Every object so far, by its size, and nothing half written.
    pub(crate) async fn objects(&self) -> Result<Vec<u64>> {
        let text = reqwest::get(format!("http://{}/", self.address)).await?.text().await?;
        let (begun, sizes) = text.trim_matches(['(', ')']).split_once(", ").context("no list")?;
        ensure!(begun == "0", "{begun} uploads are half written");
        let sizes = sizes.trim_matches(['[', ']']).split(", ").filter(|size| !size.is_empty());
        Ok(sizes.map(str::parse).collect::<Result<_, _>>()?)
    }
}

/// The first line of a child's output.
pub(crate) async fn address_of(child: &mut Child) -> Result<SocketAddr> {
    let out = child.stdout.take().context("its output is a pipe")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line).await?;
    line.trim().parse().context("the process did not start")
}
