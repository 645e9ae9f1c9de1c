//! One round: two instances, clients in all rooms, and commits at a steady rate.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;
use underpin::{
    base::{Clock as _, SystemClock},
    log::{Audience, Error, NewEvent, emit},
};
use uuid::Uuid;

use crate::{
    clients::Client,
    instance::Instance,
    site::{ROOMS, Site, topic},
};

/// Commits a second.
pub(crate) const RATE: u64 = 50;
/// Web sockets on both instances together.
pub(crate) const CLIENTS: usize = 100;
/// Longest wait for the last frame.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a round measured, in milliseconds.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) frames: usize,
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) slowest: f64,
    pub(crate) commit: f64,
}

pub(crate) async fn run(site: &Site, seconds: u64) -> Result<Round> {
    let instances = [Instance::start(site).await?, Instance::start(site).await?];
    let commits = (RATE * seconds) as usize;
    let committed: Arc<Vec<OnceLock<Instant>>> =
        Arc::new((0..commits).map(|_| OnceLock::new()).collect());
    let mut reading = JoinSet::new();
    for number in 0..CLIENTS {
        let (instance, room) = (&instances[number / ROOMS % 2], number % ROOMS);
        let client = Client::join(site, instance.address, &[room]).await?;
        let committed = Arc::clone(&committed);
        reading.spawn(read(client, room, committed));
    }
    // The first frames after the start are about connections that are opened: they are not what a deployment has.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut commit = write(site, &committed).await?;
    let mut waits = Vec::with_capacity(commits * CLIENTS / ROOMS);
    let all = async {
        while let Some(read) = reading.join_next().await {
            waits.extend(read??);
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, all).await.context("a frame did not come")??;
    ensure!(waits.len() == commits * CLIENTS / ROOMS, "{} frames", waits.len());
    waits.sort_by(f64::total_cmp);
    commit.sort_by(f64::total_cmp);
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    Ok(Round {
        frames: waits.len(),
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        slowest: at(1.0),
        commit: commit[commit.len() / 2],
    })
}

/// Commit at the rate, whatever a single commit takes; the time of each, in milliseconds.
async fn write(site: &Site, committed: &Arc<Vec<OnceLock<Instant>>>) -> Result<Vec<f64>> {
    let mut beat = tokio::time::interval(Duration::from_secs(1) / RATE as u32);
    let mut took = Vec::new();
    for number in 0..committed.len() {
        beat.tick().await;
        let began = Instant::now();
        tell(site, number % ROOMS, number).await?;
        let now = Instant::now();
        committed[number].set(now).ok().context("told twice")?;
        took.push((now - began).as_secs_f64() * 1_000.0);
    }
    Ok(took)
}

/// Read what one client is told to the end: each number of its room, once and in order. How long each took since its commit.
async fn read(
    mut client: Client,
    room: usize,
    committed: Arc<Vec<OnceLock<Instant>>>,
) -> Result<Vec<f64>> {
    let mut waits = Vec::new();
    for number in (room..committed.len()).step_by(ROOMS) {
        let frame = client.next().await?;
        let now = Instant::now();
        ensure!(frame["data"]["number"] == number, "{number}, not {frame}");
        // The frame may overtake the return of the commit.
        let since = committed[number].get().map_or(Duration::ZERO, |at| now - *at);
        waits.push(since.as_secs_f64() * 1_000.0);
    }
    Ok(waits)
}

/// Tell a room a number, in a transaction as any.
pub(crate) async fn tell(site: &Site, room: usize, number: usize) -> Result<()> {
    let event = NewEvent {
        topic: topic(room),
        entity: Uuid::from_u128(room as u128 + 1),
        version: number as i64,
        kind: "desk.changed",
        schema_version: 1,
        audience: Audience::Staff,
        payload: json!({ "number": number, "fields": ["name", "vintage"] }),
    };
    let (event, at) = (&[event], SystemClock.now());
    let told =
        site.test.db.transact(site.by, |tx, _| Box::pin(async move { emit(tx, at, event).await }));
    let told: Result<(), Error> = told.await;
    Ok(told?)
}
