//! Where this deployment's mails go.

use std::sync::Arc;

use anyhow::Context as _;
use underpin_base::SystemClock;
use underpin_db::Db;
use underpin_identity::Identity;
use underpin_mail::{Mailer, Outlet, SmtpSettings};
use underpin_runtime::{Environment, Settings};

/// Let people be written to if the settings say how.
///
/// A relay where there is one; on a developer's machine a mailbox instead; otherwise links are shown to whoever makes them.
pub(crate) fn connect(identity: Identity, settings: &Settings, db: Db) -> anyhow::Result<Identity> {
    let Some(public_url) = &settings.http.public_url else { return Ok(identity) };
    let secret_key = settings.security.secret_key.get()?.expose();
    let mailer = Mailer::new(db, Arc::new(SystemClock), secret_key, &outlet(settings)?)?;
    Ok(identity.with_mail(mailer, public_url.as_str()))
}

fn outlet(settings: &Settings) -> anyhow::Result<Outlet> {
    let mail = &settings.mail;
    let (Some(url), Some(from)) = (&mail.smtp_url, &mail.from) else {
        let dev = settings.deployment.environment == Environment::Dev;
        return Ok(if dev { Outlet::Mailbox } else { Outlet::Off });
    };
    let authorities = mail.smtp_ca_file.as_ref().map(std::fs::read).transpose();
    Ok(Outlet::Smtp(SmtpSettings {
        url: url.expose().clone(),
        from: from.clone(),
        authorities: authorities.context("cannot read mail.smtp_ca_file")?,
        timeout: std::time::Duration::from_secs(mail.timeout_seconds.into()),
    }))
}
