use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use underpin_base::{Principal, Role};
use underpin_db::Tx;
use underpin_log::emit;
use underpin_mail::{Language, Letter};
use uuid::Uuid;

use super::{members::may_give, trail::record};
use crate::{
    Error, Identity, Result, events,
    identity::Post,
    mails,
    model::{Email, InviteId},
    store::{
        invites::{self, NewInvite},
        members, tenants,
    },
    token::{Token, TokenPurpose},
    trail::Act,
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
    /// The language of the mail, where one is sent.
    pub language: Language,
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
    /// Whether a mail with the link is on its way.
    pub mailed: bool,
}

impl Identity {
    /// Invite a person into the principal's tenant; an open invite of the same mail ends.
    ///
    /// Effects: event `invite.created`, an audit entry, and a mail with the link where mails go anywhere. Input: only an owner invites an owner.
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
        let CreateInvite { role, investor, language, .. } = input;
        let new = NewInvite { id, email: &email, role, investor, digest: &digest, now, expires_at };
        let (new, token_ref) = (&new, &token);
        let mailed = self
            .db()
            .transact(by, |tx, _| {
                Box::pin(async move {
                    let version = tenants::lock(tx, by.tenant).await?;
                    if members::has_email(tx, by.tenant, new.email.key()).await? {
                        return Err(Error::AlreadyMember);
                    }
                    invites::insert(tx, by, new).await?;
                    emit(tx, now, &[events::invite_created(by, version, id, role)]).await?;
                    let mailed = self.mail_invite(tx, new, (token_ref, language)).await?;
                    let act = Act::new("invite.created").on("invite", id);
                    let detail = json!({ "role": role.as_str(), "mailed": mailed });
                    record(tx, now, act.detail(detail)).await?;
                    Ok(mailed)
                })
            })
            .await?;
        let email = email.as_str().to_owned();
        Ok(CreatedInvite { id, email, role, expires_at, token, mailed })
    }

    /// Post the mail with an invite's link, if mails go anywhere.
    async fn mail_invite(
        &self,
        tx: &mut Tx,
        new: &NewInvite<'_>,
        (token, language): (&Token, Language),
    ) -> Result<bool> {
        let Some(Post { mailer, public_url }) = self.post() else { return Ok(false) };
        let by = tx.principal()?;
        let (tenant, inviter) = tenants::find_names(tx, by.tenant, by.subject).await?;
        let days = (LIFETIME.as_secs() / (24 * 60 * 60)).to_string();
        let values =
            [("inviter", inviter.as_str()), ("tenant", tenant.as_str()), ("days", days.as_str())];
        let link = format!("{public_url}/invite#{}", token.expose());
        let letter = Letter {
            key: format!("invite/{}", new.id),
            kind: mails::INVITE.kind,
            to: new.email.as_str().to_owned(),
            name: None,
            content: mails::INVITE.fill(language, &values, Some(&link)),
            expires_at: Some(new.expires_at),
        };
        Ok(mailer.post(tx, &letter, new.now).await?)
    }
}
