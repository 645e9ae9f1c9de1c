//! Sending, once for a tenant's mails and once for those of no tenant.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use underpin_base::System;
use underpin_db::{Purpose, Scope, Tx, watch};
use underpin_jobs::{Fault, Job, PlatformJob, Registry, Run, Sweep};
use underpin_runtime::Resting;

use crate::{
    MailId, Mailer, Result,
    mailer::{Line, Way},
    message::build,
    smtp::Trouble,
    store::{self, Stored},
};

/// With waits of up to 15 minutes this is a day.
const ATTEMPTS_MAX: u32 = 100;
/// Longer than any conversation that settings allow.
const TIMEOUT: Duration = Duration::from_mins(5);
/// A wait for one of the few conversations at a time.
const BUSY: Duration = Duration::from_secs(2);
/// A wait for settings.
const OFF: Duration = Duration::from_mins(5);

/// Send a mail of a tenant.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendMail {
    pub(crate) mail: MailId,
}

/// Send a mail that no tenant sends.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendAccountMail {
    pub(crate) mail: MailId,
}

/// Know the jobs of this crate.
pub fn register(registry: &mut Registry, mailer: &Mailer) {
    registry.register::<SendMail>(mailer.clone());
    registry.register_platform::<SendAccountMail>(mailer.clone());
}

impl Job for SendMail {
    const KIND: &'static str = "mail.send";
    const QUEUE: &'static str = "mail";
    const ATTEMPTS_MAX: u32 = ATTEMPTS_MAX;
    const TIMEOUT: Duration = TIMEOUT;
    type Context = Mailer;

    async fn run(self, mailer: Mailer, run: Run) -> Result<(), Fault> {
        let sent = send(&mailer, run.principal().into(), self.mail).await?;
        let mailer = &mailer;
        run.finish(|tx, _| Box::pin(end(tx, mailer, self.mail, sent))).await?;
        Ok(())
    }
}

impl PlatformJob for SendAccountMail {
    const KIND: &'static str = "account.send_mail";
    const QUEUE: &'static str = "mail";
    const ATTEMPTS_MAX: u32 = ATTEMPTS_MAX;
    const TIMEOUT: Duration = TIMEOUT;
    type Context = Mailer;

    async fn run(self, mailer: Mailer, run: Sweep) -> Result<(), Fault> {
        let sent = send(&mailer, Scope::System(Purpose::Jobs), self.mail).await?;
        let mailer = &mailer;
        run.finish(|tx, _| Box::pin(end(tx, mailer, self.mail, sent))).await?;
        Ok(())
    }
}

async fn end(tx: &mut Tx, mailer: &Mailer, id: MailId, sent: bool) -> Result<()> {
    if sent {
        let keep = matches!(mailer.0.way, Way::Mailbox);
        store::update_sent(tx, id, mailer.now(), keep).await?;
    }
    Ok(())
}

/// Send a mail unless it was sent or is gone; says whether it was sent now.
async fn send(mailer: &Mailer, scope: Scope, id: MailId) -> Result<bool, Fault> {
    let found = store::find(&mailer.0.db, scope.clone(), id).await?;
    let Some(Stored { sent_at: None, sealed: Some(sealed), expires_at, .. }) = found else {
        return Ok(false);
    };
    if expires_at.is_some_and(|end| end <= mailer.now()) {
        return give_up(mailer, scope, id, "expired", "it was not worth sending any more").await;
    }
    let Line { relay, from, breaker, talks } = match &mailer.0.way {
        Way::Off => return Err(Fault::Snooze(OFF)),
        Way::Mailbox => return Ok(true),
        Way::Relay(line) => &**line,
    };
    let Ok(_talk) = talks.enter().await else { return Err(Fault::Snooze(BUSY)) };
    let call = breaker.admit().map_err(|Resting(rest)| Fault::Snooze(rest))?;
    let inside = mailer.open(id, &sealed)?;
    let (envelope, bytes) = match build(from, id, inside, mailer.now()) {
        Ok(mail) => mail,
        Err(reason) => return give_up(mailer, scope, id, "bad_address", &reason).await,
    };
    match watch::step(System::Mail, "send a mail", relay.send(&envelope, &bytes)).await {
        Ok(()) => {
            call.answered();
            Ok(true)
        }
        Err(Trouble::Refused(reason)) => {
            call.answered();
            give_up(mailer, scope, id, "refused", &reason).await
        }
        Err(Trouble::Later(error)) => {
            call.answered();
            Err(Fault::retry(error))
        }
        Err(Trouble::Away(error)) => {
            call.failed();
            Err(Fault::Retry(error))
        }
    }
}

/// Note the reason with the mail, and bury its job with it.
async fn give_up(
    mailer: &Mailer,
    scope: Scope,
    id: MailId,
    code: &'static str,
    reason: &str,
) -> Result<bool, Fault> {
    mailer.refuse(scope, id, &format!("{code}: {reason}")).await?;
    Err(Fault::discard(code, reason))
}
