//! What an upload that fails leaves behind is removed.

use underpin_base::Principal;

use crate::{Result, UploadId, Uploads, store::uploads::DELETE_UNUSED};

/// The row of an upload under way, and what lies in the store for it. Dropped while it is armed (the sender went away, the server stops),
/// it removes both.
pub(crate) struct Cleanup {
    pub(crate) uploads: Uploads,
    pub(crate) principal: Principal,
    pub(crate) upload_id: UploadId,
    pub(crate) key: String,
    pub(crate) multipart_id: Option<String>,
    armed: bool,
}

impl Cleanup {
    pub(crate) const fn new(
        uploads: Uploads,
        principal: Principal,
        upload_id: UploadId,
        key: String,
    ) -> Self {
        Self { uploads, principal, upload_id, key, multipart_id: None, armed: true }
    }

    /// The upload is whole.
    pub(crate) fn disarm(mut self) {
        self.armed = false;
    }

    /// Remove it now.
    pub(crate) async fn run(mut self) {
        self.armed = false;
        self.take().run().await;
    }

    fn take(&mut self) -> Leftover {
        Leftover {
            uploads: self.uploads.clone(),
            principal: self.principal,
            upload_id: self.upload_id,
            key: std::mem::take(&mut self.key),
            multipart_id: self.multipart_id.take(),
        }
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        // Without a runtime the process is at its end, and the sweep of another removes it.
        if self.armed
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(self.take().run());
        }
    }
}

struct Leftover {
    uploads: Uploads,
    principal: Principal,
    upload_id: UploadId,
    key: String,
    multipart_id: Option<String>,
}

impl Leftover {
    /// The row goes last: while it stands, the sweep knows what else there may be.
    async fn run(self) {
        if let Err(error) = self.remove().await {
            let (upload_id, error) = (self.upload_id, &error as &dyn std::error::Error);
            tracing::warn!(%upload_id, error, "unused upload is left to the sweep");
        }
    }

    async fn remove(&self) -> Result<()> {
        let Self { uploads, principal, upload_id, key, multipart_id } = self;
        if multipart_id.is_some() {
            uploads.files.forget(key, multipart_id.as_deref()).await?;
        }
        let (tenant, id) = (principal.tenant.uuid(), upload_id.uuid());
        uploads.db.execute(*principal, &DELETE_UNUSED, &[&tenant, &id]).await?;
        Ok(())
    }
}
