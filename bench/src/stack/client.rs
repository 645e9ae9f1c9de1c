//! A load that costs little itself: requests as bytes, answers read by their length.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::Uuid;

/// What is asked, of whom.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// The request's head without its last empty line.
    pub(crate) head: String,
    pub(crate) body: String,
    /// Whether each request has an `Idempotency-Key` of its own.
    pub(crate) keyed: bool,
    pub(crate) status: u16,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Median time of an answer in milliseconds.
    pub(crate) p50: f64,
}

/// Ask over so many connections, each as soon as its last answer is there.
pub(crate) async fn run(target: &Target, connections: usize, time: Duration) -> Result<Load> {
    let began = Instant::now();
    let asking = (0..connections).map(|_| {
        let target = target.clone();
        async move { tokio::spawn(async move { one(&target, time).await }).await? }
    });
    let mut times: Vec<f64> = try_join_all(asking).await?.into_iter().flatten().collect();
    ensure!(!times.is_empty(), "no answer");
    let rate = times.len() as f64 / began.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    Ok(Load { rate, p50: times[times.len() / 2] })
}

async fn one(target: &Target, time: Duration) -> Result<Vec<f64>> {
    let mut stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    let (began, mut times, mut answer) = (Instant::now(), Vec::new(), Vec::new());
    while began.elapsed() < time {
        let key = if target.keyed {
            format!("idempotency-key: {}\r\n", Uuid::new_v4())
        } else {
            String::new()
        };
        let request = format!("{}{key}\r\n{}", target.head, target.body);
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let status = read(&mut stream, &mut answer).await?;
        times.push(asked.elapsed().as_secs_f64() * 1_000.0);
        ensure!(status == target.status, "{status}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(times)
}

/// One answer to its end; its status.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<u16> {
    answer.clear();
    let mut total = None;
    loop {
        ensure!(stream.read_buf(answer).await? > 0, "the server closed");
        if total.is_none()
            && let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let head = std::str::from_utf8(&answer[..end])?.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            total = Some(end + 4 + length.context("no length")?.trim().parse::<usize>()?);
        }
        if total.is_some_and(|total| answer.len() >= total) {
            return Ok(std::str::from_utf8(&answer[9..12])?.parse()?);
        }
    }
}
