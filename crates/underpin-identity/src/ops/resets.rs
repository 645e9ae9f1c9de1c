use std::time::Duration;

use jiff::Timestamp;
use underpin_base::{Secret, UserId};
use underpin_db::{Scope, Tx};
use underpin_jobs::{Priority, enqueue_platform};
use underpin_mail::{Language, Letter};

use super::{
    throttle::{charge, reset_of},
    trail::record_account,
};
use crate::{
    Error, Identity, Result,
    identity::Post,
    jobs::SendReset,
    mails,
    model::{Email, Origin, ResetId},
    password::NewPassword,
    store::{resets, sessions, users},
    token::TokenPurpose,
    trail::{Act, Actor},
};

/// How long a link is good.
const LIFETIME: Duration = Duration::from_mins(30);

impl Identity {
    /// Ask for a mail with which a password can be set anew.
    ///
    /// Keeps: nobody learns from the answer whether there is such an account, neither by what it says nor by how long it takes: only a
    /// job looks. Five requests for a mail from one address, or fifteen in all, block it for 15 minutes, account or none.
    /// Errors: `NoMail`, `Invalid` for a text that is no address, `Throttled`.
    pub async fn request_reset(&self, email: &str, origin: &Origin) -> Result<()> {
        if !self.has_mail() {
            return Err(Error::NoMail);
        }
        let email = Email::parse("email", email)?;
        let tried = reset_of(&email, origin.address);
        let (id, now) = (ResetId::new(), self.now());
        let meant = (email.key(), origin.language.as_str());
        let tried_ref = &tried;
        self.db()
            .transact(tried.scope(), |tx, _| {
                Box::pin(async move {
                    charge(tx, tried_ref, now).await?;
                    resets::insert(tx, id, meant, now, now + LIFETIME).await?;
                    enqueue_platform(tx, &SendReset { reset: id }, Priority::High).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Post the mail that somebody asked for, if there is such an account. What a job does, in the transaction that ends it.
    pub(crate) async fn post_reset(&self, tx: &mut Tx, id: ResetId) -> Result<()> {
        let now = self.now();
        let (Some(asked), Some(Post { mailer, public_url })) =
            (resets::find(tx, id, now).await?, self.post())
        else {
            return Ok(());
        };
        let Some(user) = asked.user else { return resets::delete(tx, id).await };
        let token = self.keys().mint(TokenPurpose::Reset);
        resets::update_mailed(tx, id, user.id, &token.digest()).await?;
        let minutes = (LIFETIME.as_secs() / 60).to_string();
        let values = [("name", user.name.as_str()), ("minutes", minutes.as_str())];
        let link = format!("{public_url}/reset#{}", token.expose());
        let letter = Letter {
            key: format!("reset/{id}"),
            kind: mails::RESET.kind,
            content: mails::RESET.fill(Language::of(&asked.language), &values, Some(&link)),
            to: user.email,
            name: Some(user.name),
            expires_at: Some(asked.expires_at),
        };
        mailer.post(tx, &letter, now).await?;
        let act = Act::new("password.reset_requested");
        record_account(tx, user.id, now, (Actor::Service(user.id.uuid()), act)).await
    }

    /// Set a password by the link of a mail; every session of the person ends, and no other link is good any more.
    ///
    /// Keeps: a link is used once, whoever is fast. It opens no session: a second factor is still asked for.
    /// Errors: `NotFound` for junk (without asking the database), for a link that was used or is too late; `Invalid`.
    pub async fn complete_reset(
        &self,
        token: &str,
        new: Secret<String>,
        origin: &Origin,
    ) -> Result<()> {
        let digest = self.keys().digest(TokenPurpose::Reset, token);
        let digest = digest.ok_or(Error::NotFound("reset"))?;
        let new = NewPassword::parse("new", new)?;
        let found = resets::look_up(self.db(), &digest, self.now()).await?;
        let (id, user) = found.ok_or(Error::NotFound("reset"))?;
        let hash = self.passwords().hash(new).await?;
        let (hash, now) = (&hash, self.now());
        self.transact_access(Scope::Account(user), |tx, _| {
            Box::pin(async move {
                if !resets::use_up(tx, id, now).await? {
                    return Err(Error::NotFound("reset"));
                }
                self.set_by_link(tx, user, (hash, origin), now).await
            })
        })
        .await
    }

    async fn set_by_link(
        &self,
        tx: &mut Tx,
        user: UserId,
        (hash, origin): (&str, &Origin),
        now: Timestamp,
    ) -> Result<()> {
        resets::end_others(tx, user, now).await?;
        users::set_password(tx, user, hash, now).await?;
        sessions::end_others(tx, user, None, now).await?;
        if let Some(person) = users::find(tx, user).await? {
            let template = (&mails::PASSWORD_CHANGED, origin.language);
            self.notify(tx, &person, template, now).await?;
        }
        let act = Act::new("password.reset").from(origin.address);
        record_account(tx, user, now, (Actor::Person(user), act)).await
    }
}
