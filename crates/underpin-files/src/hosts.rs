//! Processes that share a storage must agree on it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use underpin_db::{Db, Purpose, Scope, Tx};
use uuid::Uuid;

use crate::{Error, Files, Result, store::hosts as store};

/// Key of the lock under which processes begin: "files at" in ASCII.
const LOCK_KEY: i64 = i64::from_be_bytes(*b"files at");
/// How long a process that says nothing counts as living, in seconds.
const ALIVE_SECONDS: i64 = 20;
/// How often it says that it lives.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// A process and where it keeps files.
#[derive(Debug, Clone)]
pub struct FileHost {
    id: Uuid,
    host: String,
    place: String,
    is_local: bool,
}

/// A process that lives, as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Neighbour {
    host: String,
    place: String,
    is_local: bool,
}

impl FileHost {
    /// This process on a host of this name. Processes that see the same disk have the same host.
    pub fn new(files: &Files, host: &str) -> Self {
        let host = host.chars().take(255).collect();
        let place = files.place().chars().take(4_000).collect();
        Self { id: Uuid::now_v7(), host, place, is_local: files.is_local() }
    }

    /// Say that this process begins.
    ///
    /// Errors: [`Error::Elsewhere`] if a living process keeps its files elsewhere, or in a directory of another host. One that was killed
    /// counts as living for 20 s.
    pub async fn announce(&self, db: &Db) -> Result<()> {
        db.transact(scope(), |tx, _| {
            Box::pin(async move {
                tx.query_one(&store::LOCK_HOSTS, &[&LOCK_KEY]).await?;
                tx.execute(&store::DELETE_DEAD_HOSTS, &[]).await?;
                let living = tx.query(&store::LIST_HOSTS, &[&self.id]).await?;
                let living = living.iter().map(|row| Neighbour {
                    host: row.get(0),
                    place: row.get(1),
                    is_local: row.get(2),
                });
                if let Some(other) = living.into_iter().find(|other| self.contradicts(other)) {
                    return Err(Error::Elsewhere {
                        own: self.place.clone(),
                        host: self.host.clone(),
                        other_host: other.host,
                        other: other.place,
                    });
                }
                self.upsert(tx).await
            })
        })
        .await
    }

    /// Go on saying so until `stop`; a service of every process.
    pub async fn run(&self, db: &Db, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(RENEW_EVERY)).await.is_some() {
            let renew =
                db.transact(scope(), |tx, _| Box::pin(async move { self.upsert(tx).await }));
            if let Err(error) = renew.await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "cannot say where files lie");
            }
        }
        // What fails here ends by itself in a while.
        let _ = db.execute(scope(), &store::DELETE_HOST, &[&self.id]).await;
    }

    async fn upsert(&self, tx: &mut Tx) -> Result<()> {
        let Self { id, host, place, is_local } = self;
        tx.execute(&store::UPSERT_HOST, &[id, host, place, is_local, &ALIVE_SECONDS]).await?;
        Ok(())
    }

    fn contradicts(&self, other: &Neighbour) -> bool {
        let apart = (self.is_local || other.is_local) && self.host != other.host;
        apart || self.place != other.place
    }
}

const fn scope() -> Scope {
    Scope::System(Purpose::Operate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_host_and_a_bucket_has_many() {
        let local = ("directory /srv/files", true);
        let bucket = ("bucket files at eu-central-1", false);
        for (own, other, contradicts) in [
            (("a", local), ("a", local), false),
            (("a", local), ("b", local), true),
            (("a", local), ("a", ("directory /srv/other", true)), true),
            (("a", bucket), ("b", bucket), false),
            (("a", bucket), ("b", ("bucket other at eu-central-1", false)), true),
            (("a", local), ("a", bucket), true),
            (("a", bucket), ("a", local), true),
        ] {
            let host = FileHost {
                id: Uuid::nil(),
                host: own.0.to_owned(),
                place: own.1.0.to_owned(),
                is_local: own.1.1,
            };
            let (name, (place, is_local)) = other;
            let other = Neighbour { host: name.to_owned(), place: place.to_owned(), is_local };
            assert_eq!(host.contradicts(&other), contradicts, "{own:?} {other:?}");
        }
    }
}
