//! What follows a request after its answer.

use serde::{Deserialize, Serialize};
use underpin_jobs::{Fault, PlatformJob, Registry, Sweep};

use crate::{Error, Identity, model::ResetId};

/// Look whether a mail has an account, and post the link that sets its password anew.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendReset {
    pub(crate) reset: ResetId,
}

impl PlatformJob for SendReset {
    const KIND: &'static str = "account.send_reset";
    const QUEUE: &'static str = "mail";
    type Context = Identity;

    async fn run(self, identity: Identity, run: Sweep) -> Result<(), Fault> {
        let identity = &identity;
        run.finish(|tx, _| Box::pin(identity.post_reset(tx, self.reset))).await?;
        Ok(())
    }
}

/// Know the jobs of this crate.
pub fn register(registry: &mut Registry, identity: &Identity) {
    registry.register_platform::<SendReset>(identity.clone());
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Jobs(error) => error.into(),
            Error::Db(error) => error.into(),
            error => Self::retry(error),
        }
    }
}
