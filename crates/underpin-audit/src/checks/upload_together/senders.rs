//! People who send files at the same moment.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, future::join_all, stream};
use reqwest::{Body, Method};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

use crate::{Person, Result, Stopped, Tenant};

/// Pieces of a file, and the size of each: 8 MiB.
const PIECES: usize = 128;
const PIECE: &[u8] = &[b'a'; 64 << 10];
/// All who are refused at once were told so when nobody more is for so long.
const SILENCE: Duration = Duration::from_secs(1);
/// Longest that all files of a round may take.
const ROUND_MAX: Duration = Duration::from_secs(40);
/// Tries of somebody who was told to come back.
const TRIES_MAX: usize = 10;

/// Somebody who sends a file to a tenant.
pub(super) struct Sender<'t> {
    pub(super) by: Person,
    pub(super) to: &'t Tenant,
}

/// What somebody was told.
pub(super) struct Told {
    pub(super) status: u16,
    /// Too many for now, and when to come back.
    pub(super) again: bool,
}

/// Let all begin at once and go on together when all who are too many were told so.
pub(super) async fn round(senders: &[Sender<'_>]) -> Result<Vec<Told>, Stopped> {
    let (go_on, gate) = watch::channel(false);
    let (tell, mut told) = mpsc::unbounded_channel();
    let sent = join_all(senders.iter().map(|sender| {
        let (gate, tell) = (gate.clone(), tell.clone());
        async move {
            let told = sender.send(gate).await;
            // The gate listens no longer once it is open.
            let _ = tell.send(());
            told
        }
    }));
    let open = async {
        sleep(SILENCE).await;
        while timeout(SILENCE, told.recv()).await.is_ok() {}
        go_on.send_replace(true);
    };
    let both = async { tokio::join!(sent, open) };
    match timeout(ROUND_MAX, both).await {
        Ok((told, ())) => Ok(told.into_iter().collect::<Result<_>>()?),
        Err(_) => Err(Stopped::inconclusive("the files took too long")),
    }
}

impl Sender<'_> {
    /// Send the first piece, and the others when the gate is open.
    async fn send(&self, mut gate: watch::Receiver<bool>) -> Result<Told> {
        let piece = || Ok::<_, std::io::Error>(Bytes::from_static(PIECE));
        let first = stream::iter([piece()]);
        let wait = stream::once(async move {
            // A gate that is gone is open.
            let _ = gate.wait_for(|open| *open).await;
            piece()
        });
        let rest = stream::iter((2..PIECES).map(move |_| piece()));
        let body = Body::wrap_stream(first.chain(wait).chain(rest));
        let path = self.to.path("/imports?kind=funds&filename=together.csv&currency=USD");
        let ask = self.by.ask(Method::POST, &path).body("text/csv", body).within(ROUND_MAX);
        let answer = ask.send().await?;
        let again =
            matches!(answer.status, 429 | 503) && answer.headers.contains_key("retry-after");
        Ok(Told { status: answer.status, again })
    }

    /// Send alone, and come back as often as told to.
    pub(super) async fn insist(&self) -> Result<Told> {
        let (_go_on, gate) = watch::channel(true);
        let mut told = self.send(gate.clone()).await?;
        for _ in 1..TRIES_MAX {
            if !told.again {
                break;
            }
            sleep(SILENCE).await;
            told = self.send(gate.clone()).await?;
        }
        Ok(told)
    }
}
