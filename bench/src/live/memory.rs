//! What an idle socket costs its process.

use std::time::Duration;

use anyhow::Result;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    clients::Client,
    instance::Instance,
    round::tell,
    site::{ROOMS, Site},
};

/// Handshakes at the same time.
const AT_ONCE: usize = 16;
/// Sockets that are there before anything is measured, so that what is made once is made.
const WARM: usize = 1_000;
/// Time for the process to come to rest.
const REST: Duration = Duration::from_secs(3);

/// KiB of resident memory above idle, for each of so many sockets.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) sockets: usize,
    /// Joined, nothing told yet.
    pub(crate) bare: f64,
    /// After a frame to each.
    pub(crate) told: f64,
}

pub(crate) async fn run(site: &Site, sockets: usize) -> Result<Memory> {
    let instance = Instance::start(site).await?;
    let open = async |count: usize| {
        let clients = stream::iter(0..count).map(|number| {
            let rooms = [number % ROOMS, (number + 1) % ROOMS];
            async move { Client::join(site, instance.address, &rooms).await }
        });
        clients.buffered(AT_ONCE).try_collect::<Vec<_>>().await
    };
    let _warm = open(WARM).await?;
    tokio::time::sleep(REST).await;
    let idle = instance.resident_kib()?;
    let mut clients = open(sockets).await?;
    tokio::time::sleep(REST).await;
    let bare = instance.resident_kib()?;
    for room in 0..ROOMS {
        tell(site, room, 0).await?;
    }
    for client in &mut clients {
        for _ in 0..2 {
            client.next().await?;
        }
    }
    tokio::time::sleep(REST).await;
    let told = instance.resident_kib()?;
    let each = |kib: f64| (kib - idle) / sockets as f64;
    Ok(Memory { sockets, bare: each(bare), told: each(told) })
}
