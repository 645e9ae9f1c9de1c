//! What an audit made and must take away again, however it ends.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::Method;
use tokio::time::{Instant, sleep, timeout};
use underpin_db::cluster::Cluster;

use crate::{Deployment, client::Ask};

/// Longest that one debt may take: a tenant may hold a large book.
const SETTLE_MAX: Duration = Duration::from_mins(1);

/// Pause before a removal that met a rival is tried again.
const RETRY_EVERY: Duration = Duration::from_millis(500);

/// Something that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Debt {
    /// A tenant with its people, by its slug; whether the deployment confirmed that it was made.
    Tenant { slug: String, made: bool },
    /// A private Postgres and its directory.
    Cluster(PathBuf),
}

/// What is still to be taken away. A debt is noted before the thing is made: half made is made.
#[derive(Debug, Default)]
pub(crate) struct Debts(Mutex<Vec<Debt>>);

impl Debts {
    pub(crate) fn note(&self, debt: Debt) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(debt);
    }

    /// The deployment confirmed that a tenant was made.
    pub(crate) fn confirm(&self, tenant: &str) {
        for debt in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            if let Debt::Tenant { slug, made } = debt
                && slug == tenant
            {
                *made = true;
            }
        }
    }

    fn take(&self) -> Vec<Debt> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Take everything away; says what stayed and why.
    pub(crate) async fn settle(
        &self,
        http: &reqwest::Client,
        deployment: Option<&Deployment>,
    ) -> Vec<String> {
        let mut stayed = Vec::new();
        for debt in self.take() {
            let name = debt.name();
            let settled = async {
                match debt {
                    Debt::Tenant { slug, made } => purge(http, deployment, &slug, made).await,
                    Debt::Cluster(dir) => {
                        Cluster::erase(&dir).await.map_err(|error| error.to_string())
                    }
                }
            };
            match timeout(SETTLE_MAX, settled).await {
                Ok(Ok(())) => {}
                Ok(Err(reason)) => stayed.push(format!("{name} stays: {reason}")),
                Err(_) => stayed.push(format!("{name} stays: it took too long")),
            }
        }
        stayed
    }
}

impl Debt {
    fn name(&self) -> String {
        match self {
            Self::Tenant { slug, .. } => format!("tenant {slug}"),
            Self::Cluster(dir) => format!("the Postgres in {}", dir.display()),
        }
    }
}

/// Remove a tenant; a job of it that still runs may be in the way for a while.
async fn purge(
    http: &reqwest::Client,
    deployment: Option<&Deployment>,
    slug: &str,
    made: bool,
) -> Result<(), String> {
    let deployment = deployment.ok_or("the deployment is gone")?;
    let (url, token) = deployment.operator().map_err(|stopped| format!("{stopped:?}"))?;
    let url = format!("{url}/ops/v1/tenants/{slug}");
    let deadline = Instant::now() + SETTLE_MAX / 2;
    loop {
        let ask = Ask::bare(http, Method::DELETE, &url);
        let ask = ask.header("authorization", &format!("Bearer {}", token.expose()));
        let answer = ask.within(SETTLE_MAX).send().await.map_err(|error| error.with_causes())?;
        match answer.status {
            200 => return Ok(()),
            // One that was never made is as good as removed.
            404 if !made => return Ok(()),
            503 if Instant::now() < deadline => sleep(RETRY_EVERY).await,
            _ => return Err(answer.unexpected().to_string()),
        }
    }
}
