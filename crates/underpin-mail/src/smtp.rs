//! One conversation with a relay about one mail.

use std::time::Duration;

use lettre::{
    address::Envelope,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use underpin_runtime::settings::{MailFrom, SmtpSecurity, SmtpUrl};

use crate::{Error, Result};

/// Longest good-bye; the mail is the relay's by then.
const QUIT_MAX: Duration = Duration::from_secs(1);

/// How a relay is talked to.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Where it is, and who we are to it.
    pub url: SmtpUrl,
    /// Whom mails are from.
    pub from: MailFrom,
    /// Authorities that its certificate may come from beside the machine's own, in PEM.
    pub authorities: Option<Vec<u8>>,
    /// Longest conversation about one mail.
    pub timeout: Duration,
}

/// Why a mail was not taken.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Never: the relay refused this mail for good.
    Refused(String),
    /// Not now: the relay put this mail off.
    Later(lettre::transport::smtp::Error),
    /// Nobody knows: the relay is away, breaks off, is too slow or does not know us.
    Away(Box<dyn std::error::Error + Send + Sync>),
}

/// A relay that takes mail.
pub(crate) struct Relay {
    url: SmtpUrl,
    tls: Option<TlsParameters>,
    hello: ClientId,
    timeout: Duration,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("host", &self.url.host).finish_non_exhaustive()
    }
}

impl Relay {
    /// Errors: [`Error::Settings`] for authorities that cannot be read.
    pub(crate) fn new(settings: &SmtpSettings) -> Result<Self> {
        let url = settings.url.clone();
        let failed = |error: lettre::transport::smtp::Error| Error::Settings(error.to_string());
        let tls = if url.security == SmtpSecurity::Plain {
            None
        } else {
            let mut builder = TlsParameters::builder(url.host.clone());
            if let Some(pem) = &settings.authorities {
                builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(failed)?);
            }
            Some(builder.build_rustls().map_err(failed)?)
        };
        Ok(Self { url, tls, hello: ClientId::default(), timeout: settings.timeout })
    }

    /// Give the relay a mail, within the time for one conversation.
    ///
    /// Retry: a relay that breaks off after the last byte may have taken it; the second copy has the same `Message-ID`.
    pub(crate) async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), Trouble> {
        let talk = async {
            let mut connection = self.open().await.map_err(|error| Trouble::Away(error.into()))?;
            connection.send(envelope, mail).await.map_err(judge)?;
            Ok(connection)
        };
        let mut connection = match tokio::time::timeout(self.timeout, talk).await {
            Ok(outcome) => outcome?,
            Err(elapsed) => return Err(Trouble::Away(elapsed.into())),
        };
        let _ = tokio::time::timeout(QUIT_MAX, connection.quit()).await;
        Ok(())
    }

    /// Connect, protect, say who we are. What is refused here says nothing about the mail.
    async fn open(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let Self { url, tls, hello, timeout } = self;
        let place = (url.host.as_str(), url.port);
        let at_once = tls.clone().filter(|_| url.security == SmtpSecurity::Tls);
        let timeout = Some(*timeout);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, timeout, hello, at_once, None).await?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (url.security, tls) {
            connection.starttls(tls.clone(), hello).await?;
        }
        if let Some((name, password)) = &url.account {
            let credentials = Credentials::new(name.clone(), password.expose().clone());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }
}

fn judge(error: lettre::transport::smtp::Error) -> Trouble {
    // What the client refuses itself: an address that this relay cannot be given.
    if error.is_permanent() || error.is_client() {
        Trouble::Refused(error.to_string())
    } else if error.is_transient() {
        Trouble::Later(error)
    } else {
        Trouble::Away(error.into())
    }
}
