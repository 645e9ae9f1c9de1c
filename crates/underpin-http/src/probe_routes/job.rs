use std::time::Duration;

use serde::{Deserialize, Serialize};
use underpin_jobs::{Fault, Job, Mark, Registry, Run};

use super::{Limits, OnDemand};

/// A job that sleeps, says what it was asked, and fails as often as it was told.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeJob {
    /// Attempts that fail before one succeeds. Three are all that it has, but those of a dead letter that is driven again go on counting.
    #[serde(default)]
    pub fail_times: u32,
    /// How long each attempt takes, in milliseconds.
    #[serde(default)]
    pub sleep_ms: u64,
    /// Whether its progress shows what the server keeps its transactions to.
    #[serde(default)]
    pub limits: bool,
}

impl Job for ProbeJob {
    const KIND: &'static str = "probe.job";
    // After 1 and 2 s: who asks for a dead letter sees one soon.
    const ATTEMPTS_MAX: u32 = 3;
    const TIMEOUT: Duration = Duration::from_secs(90);
    type Context = ();

    async fn run(self, (): (), run: Run) -> Result<(), Fault> {
        if self.limits {
            let limits = Limits::look(run.db(), run.principal()).await?;
            let progress = Some(serde_json::to_value(limits).map_err(Fault::retry)?);
            mark(&run, Mark { progress, ..Mark::default() }).await?;
        }
        tokio::select! {
            () = run.stop().cancelled() => return Err(Fault::Stopped),
            () = tokio::time::sleep(Duration::from_millis(self.sleep_ms)) => {}
        }
        let failed: u32 = run.checkpoint()?.unwrap_or_default();
        if failed < self.fail_times {
            let checkpoint = Some((failed + 1).into());
            mark(&run, Mark { checkpoint, ..Mark::default() }).await?;
            return Err(Fault::retry(OnDemand));
        }
        Ok(())
    }
}

/// Commit a mark and nothing else.
async fn mark(run: &Run, mark: Mark) -> Result<(), underpin_jobs::Error> {
    run.step(mark, |_, _| Box::pin(async { Ok(()) })).await
}

/// Know the job of the probe routes; only a worker in `dev` does.
pub fn register_probe_job(registry: &mut Registry) {
    registry.register::<ProbeJob>(());
}
