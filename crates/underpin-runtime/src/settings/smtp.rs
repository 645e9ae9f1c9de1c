//! Where mail goes, and whom it is from.

use std::{fmt, net::IpAddr};

use underpin_base::Secret;

use super::value::Value;

/// How a conversation with a relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte (`smtps://`).
    Tls,
    /// TLS before anything is said, or nothing is said (`smtp://`).
    StartTls,
    /// In the clear (`smtp+plain://`): a relay on this machine.
    Plain,
}

/// The relay that takes our mail.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    /// How the conversation is protected.
    pub security: SmtpSecurity,
    /// The relay's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Name and password, where it asks for them.
    pub account: Option<(String, Secret<String>)>,
}

impl SmtpUrl {
    /// Whether the relay is this very machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (security, usual) = match scheme {
            "smtps" => (SmtpSecurity::Tls, 465),
            "smtp" => (SmtpSecurity::StartTls, 587),
            "smtp+plain" => (SmtpSecurity::Plain, 25),
            _ => return None,
        };
        let (account, place) = match rest.rsplit_once('@') {
            Some((account, place)) => {
                let (name, password) = account.split_once(':')?;
                (Some((decode(name)?, Secret::new(decode(password)?))), place)
            }
            None => (None, rest),
        };
        let (host, port) = split_place(place.trim_end_matches('/'))?;
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port > 0)?,
            None => usual,
        };
        Some(Self { security, host: host.to_owned(), port, account })
    }
}

/// Host and port; an IPv6 address stands in brackets.
fn split_place(place: &str) -> Option<(&str, Option<&str>)> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
            (host, port)
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:_".contains(c);
    (!host.is_empty() && host.chars().all(plain)).then_some((host, port))
}

/// Undo `%41`: names and passwords hold `@` and `:` that way.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
        } else {
            byte
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Value for Secret<SmtpUrl> {
    fn parse(text: &str) -> Result<Self, String> {
        let expected = "a URL such as smtps://user:password@mail.example.com (TLS), smtp:// (STARTTLS) or \
                        smtp+plain://localhost";
        SmtpUrl::read(text).map(Self::new).ok_or_else(|| expected.to_owned())
    }
    fn show(&self) -> String {
        let SmtpUrl { security, host, port, account } = self.expose();
        let scheme = match security {
            SmtpSecurity::Tls => "smtps",
            SmtpSecurity::StartTls => "smtp",
            SmtpSecurity::Plain => "smtp+plain",
        };
        let account = if account.is_some() { "***:***@" } else { "" };
        format!("{scheme}://{account}{host}:{port}")
    }
}

/// Whom mails are from: `address` or `Name <address>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFrom {
    /// The name that people see.
    pub name: Option<String>,
    /// The address.
    pub address: String,
}

impl Value for MailFrom {
    fn parse(text: &str) -> Result<Self, String> {
        let read = || {
            let (name, address) = match text.trim().strip_suffix('>') {
                Some(rest) => {
                    let (name, address) = rest.rsplit_once('<')?;
                    let name = name.trim().trim_matches('"');
                    ((!name.is_empty()).then(|| name.to_owned()), address.trim())
                }
                None => (None, text.trim()),
            };
            let (local, domain) = address.rsplit_once('@')?;
            let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\",@".contains(c);
            let fine = !local.is_empty() && !domain.is_empty();
            let fine = fine && !local.contains(odd) && !domain.contains(odd);
            let fine = fine && !text.contains(char::is_control);
            fine.then(|| Self { name, address: address.to_owned() })
        };
        read().ok_or_else(|| "an address, or `Name <address>`".to_owned())
    }
    fn show(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} <{}>", self.address),
            None => self.address.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_read_with_its_usual_port_and_never_printed_with_its_password() {
        for (text, shown) in [
            ("smtps://mail.example.com", "smtps://mail.example.com:465"),
            ("smtp://a%40b:p%3Aw@mail.example.com", "smtp://***:***@mail.example.com:587"),
            ("smtp+plain://[::1]:2525/", "smtp+plain://::1:2525"),
        ] {
            let url = Secret::<SmtpUrl>::parse(text).unwrap();
            assert_eq!(url.show(), shown);
        }
        let url = SmtpUrl::read("smtp://a%40b:p%3Aw@mail.example.com").unwrap();
        let (name, password) = url.account.unwrap();
        assert_eq!((name.as_str(), password.expose().as_str()), ("a@b", "p:w"));
    }

    #[test]
    fn what_is_no_relay_is_refused() {
        for text in [
            "",
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://user@mail.example.com",
            "smtp://mail.example.com:0",
            "smtp://mail.example.com:x",
            "smtp://mail example.com",
            "smtp://[::1",
            "smtp://a:%zz@mail.example.com",
        ] {
            assert!(SmtpUrl::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_sender_has_an_address_and_perhaps_a_name() {
        let parse = |text: &str| MailFrom::parse(text).map(|from| (from.name, from.address));
        let named = Some("Acme, Inc.".to_owned());
        assert_eq!(parse("\"Acme, Inc.\" <a@b.test>"), Ok((named, "a@b.test".to_owned())));
        assert_eq!(parse(" a@b.test "), Ok((None, "a@b.test".to_owned())));
        for text in ["", "a", "a@", "<a@b> c", "a b@c", "a@b\r\nBcc: x@y", "A <a@b", "a@b, c@d"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
