use underpin_base::{Page, PageQuery, Principal};
use underpin_log::emit;

use super::trail::record;
use crate::{
    Error, Identity, Result, events,
    model::{Invite, InviteId, InviteView},
    store::{invites, tenants},
    token::TokenPurpose,
    trail::Act,
};

impl Identity {
    /// A page of the open invites of the principal's tenant, newest first. `list` is what cursors are bound to.
    ///
    /// Errors: `Forbidden` unless the principal is an admin.
    pub async fn invites(
        &self,
        principal: Principal,
        query: &PageQuery,
        list: &str,
    ) -> Result<Page<Invite>> {
        if !principal.role.is_admin() {
            return Err(Error::Forbidden);
        }
        invites::list(self.db(), principal, query, list, self.now()).await
    }

    /// Revoke an open invite. Effects: event `invite.revoked`, an audit entry.
    ///
    /// Errors: `Forbidden`, `NotFound` if it is not open.
    pub async fn revoke_invite(&self, by: Principal, invite: InviteId) -> Result<()> {
        if !by.role.is_admin() {
            return Err(Error::Forbidden);
        }
        let now = self.now();
        self.db()
            .transact(by, |tx, _| {
                Box::pin(async move {
                    let version = tenants::lock(tx, by.tenant).await?;
                    if !invites::revoke(tx, by, invite, now).await? {
                        return Err(Error::NotFound("invite"));
                    }
                    emit(tx, now, &[events::invite_revoked(by, version, invite)]).await?;
                    record(tx, now, Act::new("invite.revoked").on("invite", invite)).await
                })
            })
            .await
    }

    /// What the holder of an invite's link may know.
    ///
    /// Errors: `NotFound` for junk (without asking the database), for an invite that ended, was used or revoked.
    pub async fn look_up_invite(&self, token: &str) -> Result<InviteView> {
        let digest =
            self.keys().digest(TokenPurpose::Invite, token).ok_or(Error::NotFound("invite"))?;
        let found = invites::look_up(self.db(), &digest, self.now()).await?;
        found.ok_or(Error::NotFound("invite"))
    }
}
