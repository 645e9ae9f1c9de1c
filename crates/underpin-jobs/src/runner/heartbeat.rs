//! Keeps the lease, on a connection of its own.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use underpin_db::{Client, Db, Type};

use super::RunnerSettings;
use crate::{Error, Result, store::workers::UPDATE_LEASE};

/// Pause before a failed heartbeat is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// Renew the lease; returns when it is lost or may be.
///
/// `good` is an instant before the first lease was asked for. The worker's own clock only measures how long ago the last good heartbeat
/// was *sent*; a process that was stopped finds on waking that this is too long.
pub(super) async fn keep(db: &Db, epoch: i64, settings: &RunnerSettings, mut good: Instant) {
    let lease_ms = i64::try_from(settings.lease.as_millis()).unwrap_or(i64::MAX);
    let mut link = None;
    loop {
        let sent = Instant::now();
        match timeout_at(good + settings.fence(), renew(db, epoch, lease_ms, &mut link)).await {
            Ok(Ok(true)) => {
                good = sent;
                sleep_until(sent + settings.heartbeat()).await;
            }
            Ok(Ok(false)) => {
                tracing::warn!(epoch, "the worker was declared dead");
                return;
            }
            Ok(Err(error)) => {
                tracing::warn!(epoch, error = &error as &dyn std::error::Error, "heartbeat failed");
                sleep(RETRY).await;
            }
            Err(_) => {
                tracing::warn!(epoch, "no heartbeat for too long");
                return;
            }
        }
    }
}

/// One heartbeat; whether the lease is still ours. A link that failed is not used again.
async fn renew(db: &Db, epoch: i64, lease_ms: i64, link: &mut Option<Client>) -> Result<bool> {
    let client = match link.take() {
        Some(client) => client,
        None => db.dedicated().await?,
    };
    let rows = client
        .query_typed(UPDATE_LEASE.sql, &[(&epoch, Type::INT8), (&lease_ms, Type::INT8)])
        .await;
    let held = !rows.map_err(|error| Error::Heartbeat(Box::new(error)))?.is_empty();
    *link = Some(client);
    Ok(held)
}
