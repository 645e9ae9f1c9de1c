//! Uploads at once, and what they cost the web process.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use futures_util::{future, stream};

use crate::site::{Site, client};

/// How often the memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Time for the process to come to rest.
const REST: Duration = Duration::from_secs(2);
const PIECE: usize = 64 << 10;

/// What a round measured.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) seconds: f64,
    pub(crate) mb_per_second: f64,
    /// Answers 503 or 429, each of which was tried again after its `Retry-After`.
    pub(crate) told_to_wait: u64,
    pub(crate) mib_above_idle: f64,
    pub(crate) disk_mib: f64,
}

/// The memory of the process before it took any file.
pub(crate) async fn idle(site: &Site) -> Result<f64> {
    tokio::time::sleep(REST).await;
    site.web.resident_mib()
}

pub(crate) async fn run(site: &Site, idle: f64, uploads: usize, bytes: u64) -> Result<Round> {
    tokio::time::sleep(REST).await;
    let disk = site.web.disk_mib()?;
    let before = site.store.objects().await?.len();
    let (began, waits) = (Instant::now(), AtomicU64::new(0));
    let sending = future::try_join_all((0..uploads).map(|_| send(site, bytes, &waits)));
    let mut peak = idle;
    let watching = async {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            peak = site.web.resident_mib().unwrap_or(peak).max(peak);
        }
    };
    tokio::select! {
        sent = sending => drop(sent?),
        () = watching => {}
    }
    let seconds = began.elapsed().as_secs_f64();
    let kept = site.store.objects().await?.split_off(before);
    ensure!(kept.len() == uploads && kept.iter().all(|size| *size == bytes), "{kept:?}");
    Ok(Round {
        seconds,
        mb_per_second: (bytes * uploads as u64) as f64 / 1e6 / seconds,
        told_to_wait: waits.into_inner(),
        mib_above_idle: peak - idle,
        disk_mib: site.web.disk_mib()? - disk,
    })
}

/// Send one file on a connection of its own, again when told so.
async fn send(site: &Site, bytes: u64, waits: &AtomicU64) -> Result<()> {
    let url = format!(
        "http://{}/v1/t/bench/imports?kind=funds&filename=book.csv&currency=USD",
        site.web.address
    );
    loop {
        let piece = Bytes::from(vec![b'x'; PIECE]);
        let pieces = (0..bytes.div_ceil(PIECE as u64)).map(move |n| {
            let left = bytes - n * PIECE as u64;
            Ok::<_, std::io::Error>(piece.slice(..left.min(PIECE as u64) as usize))
        });
        let request = client()?
            .post(&url)
            .bearer_auth(&site.token)
            .header("content-type", "text/csv")
            .header("content-length", bytes)
            .body(reqwest::Body::wrap_stream(stream::iter(pieces)));
        let wait = match request.send().await {
            Ok(answer) if answer.status() == 202 => return Ok(()),
            Ok(answer) => {
                let status = answer.status().as_u16();
                ensure!([429, 503].contains(&status), "{status}: {}", answer.text().await?);
                let wait = answer.headers().get("retry-after").context("no Retry-After")?;
                wait.to_str()?.parse()?
            }
            // Refused before the body was read: the connection may close before the answer is seen.
            Err(error) if error.is_request() || error.is_body() => 1,
            Err(error) => return Err(error.into()),
        };
        waits.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
}
