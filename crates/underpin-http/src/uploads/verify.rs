use std::time::Duration;

use serde::{Deserialize, Serialize};
use underpin_db::AsDbError;
use underpin_files::{Error, UploadId, UploadState, Uploads};
use underpin_jobs::{Fault, Job, Run};

use crate::Problem;

/// Look whether a file that was sent past the server is what was announced.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct VerifyUpload {
    /// Which.
    pub upload_id: UploadId,
}

/// What ends a transaction of this file.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Files(#[from] Error),
    #[error(transparent)]
    Jobs(#[from] underpin_jobs::Error),
    #[error(transparent)]
    Db(#[from] underpin_db::Error),
}

impl AsDbError for Failure {
    fn as_db(&self) -> Option<&underpin_db::Error> {
        match self {
            Self::Files(error) => error.as_db(),
            Self::Jobs(error) => error.as_db(),
            Self::Db(error) => Some(error),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Files(error) => error.into(),
            Failure::Jobs(error) => crate::jobs::problem(error),
            Failure::Db(error) => error.into(),
        }
    }
}

impl Job for VerifyUpload {
    const KIND: &'static str = "files.verify_upload";
    const TIMEOUT: Duration = Duration::from_mins(30);
    type Context = Uploads;

    async fn run(self, uploads: Uploads, run: Run) -> Result<(), Fault> {
        let upload = match uploads.find(run.principal(), self.upload_id).await {
            Ok(upload) if upload.state == UploadState::Verifying => upload,
            // Removed, or judged by an attempt whose end was not heard of.
            Ok(_) | Err(Error::NoUpload) => return Ok(()),
            Err(error) => return Err(Fault::retry(error)),
        };
        // Under the claim's number, so that a late attempt cannot touch what this one judges.
        let verdict = uploads.verify(&upload, run.claim_seq()).await.map_err(Fault::retry)?;
        let (of, judged, found, at) = (&uploads, &upload, &verdict, uploads.now());
        let settled = run.finish(|tx, _| {
            Box::pin(async move { Ok::<_, Failure>(of.settle(tx, judged, found, at).await?) })
        });
        let stored = settled.await.map_err(Fault::retry)?;
        uploads.tidy(&upload, &verdict, stored).await;
        Ok(())
    }
}
