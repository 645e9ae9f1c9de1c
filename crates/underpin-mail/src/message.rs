//! The bytes of a mail.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use underpin_runtime::settings::MailFrom;

use crate::{Error, MailId, Result, model::Inside};

/// Says that no person typed this (RFC 3834), so that nobody's holiday note answers.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Whom mails are from.
///
/// Errors: [`Error::Settings`] for an address that mail does not know.
pub(crate) fn sender(from: &MailFrom) -> Result<Mailbox> {
    let address = from.address.parse::<Address>();
    let address = address.map_err(|error| Error::Settings(format!("mail.from: {error}")))?;
    Ok(Mailbox::new(from.name.clone(), address))
}

/// A mail as it travels; the same mail has the same `Message-ID` at every try.
///
/// Errors: why nobody can be written to at this address.
pub(crate) fn build(
    from: &Mailbox,
    id: MailId,
    inside: Inside,
    at: Timestamp,
) -> Result<(Envelope, Vec<u8>), String> {
    let Inside { to, name, content } = inside;
    let address = to.parse::<Address>().map_err(|error| error.to_string())?;
    let since = Duration::from_secs(at.as_second().try_into().unwrap_or_default());
    let message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(name, address))
        .subject(content.subject)
        .date(SystemTime::UNIX_EPOCH + since)
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(content.text, content.html))
        .map_err(|error| error.to_string())?;
    Ok((message.envelope().clone(), message.formatted()))
}
