//! Connections beside the pools.

use axum::Router;
use underpin_http::Api;
use underpin_server::Build;

use super::Fault;

pub(super) const FAULT: Fault = Fault {
    name: "connections_leaked",
    what: "each web process opens connections beside its pools, which it does not declare, and keeps them",
    put_into: |build| Build { public: hoard, ..build },
};

/// Connections that each public socket opens.
const HOARD: usize = 4;

fn hoard(router: Router, api: &Api) -> Router {
    let db = api.db.clone();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        for _ in 0..HOARD {
            match db.dedicated().await {
                Ok(client) => kept.push(client),
                Err(error) => tracing::warn!(%error, "one connection fewer is kept"),
            }
        }
        std::future::pending::<()>().await;
        drop(kept);
    });
    router
}
