use std::time::Duration;

use jiff::Timestamp;
use underpin_base::{Principal, Role};
use underpin_log::emit;
use uuid::Uuid;

use super::members::may_give;
use crate::{
    Error, Identity, Result, events,
    model::{Email, InviteId},
    store::{
        invites::{self, NewInvite},
        members, tenants,
    },
    token::{Token, TokenPurpose},
};

/// How long an invite's link is good.
const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Whom to invite, and as what.
#[derive(Debug, Clone)]
pub struct CreateInvite {
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// For [`Role::Investor`]: whose rows they will see; a module knows what it refers to.
    pub investor: Option<Uuid>,
}

/// A new invite with its token, which is shown this once.
#[derive(Debug, Clone)]
pub struct CreatedInvite {
    /// Its id.
    pub id: InviteId,
    /// Whom it invites.
    pub email: String,
    /// As what.
    pub role: Role,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What its link carries.
    pub token: Token,
}

impl Identity {
    /// Invite a person into the principal's tenant; an open invite of the same mail ends.
    ///
    /// Effects: event `invite.created`. Input: only an owner invites an owner.
    /// Errors: `Forbidden`, `AlreadyMember`, `Invalid`.
    pub async fn create_invite(&self, by: Principal, input: CreateInvite) -> Result<CreatedInvite> {
        if !by.role.is_admin() {
            return Err(Error::Forbidden);
        }
        let email = Email::parse("email", &input.email)?;
        may_give(by, input.role)?;
        if input.investor.is_some() && input.role != Role::Investor {
            return Err(Error::invalid(
                "investor",
                "wrong_role",
                "only an investor is bound to one",
            ));
        }
        let token = self.keys().mint(TokenPurpose::Invite);
        let digest = token.digest();
        let (id, now) = (InviteId::new(), self.now());
        let expires_at = now + LIFETIME;
        let CreateInvite { role, investor, .. } = input;
        let new = NewInvite { id, email: &email, role, investor, digest: &digest, now, expires_at };
        let new = &new;
        self.db()
            .transact(by, |tx, _| {
                Box::pin(async move {
                    let version = tenants::lock(tx, by.tenant).await?;
                    if members::has_email(tx, by.tenant, new.email.key()).await? {
                        return Err(Error::AlreadyMember);
                    }
                    invites::insert(tx, by, new).await?;
                    emit(tx, now, &[events::invite_created(by, version, id, role)]).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(CreatedInvite { id, email: email.as_str().to_owned(), role, expires_at, token })
    }
}
