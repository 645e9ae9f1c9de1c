//! How the text of a setting becomes a value, and how a value may be printed.

use std::{fmt, net::SocketAddr, path::PathBuf};

use underpin_base::Secret;

use super::Network;

/// A value that a setting may have.
pub trait Value: Sized {
    /// Read it. The error says what is expected, and never quotes the text: it may be secret.
    fn parse(text: &str) -> Result<Self, String>;
    /// The value as it may be printed.
    fn show(&self) -> String;
}

/// The text of a TOML value that a setting may have.
pub(super) fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(toml::Value::as_str).collect();
            Some(items?.join(","))
        }
        _ => None,
    }
}

impl Value for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
    fn show(&self) -> String {
        self.clone()
    }
}

impl Value for PathBuf {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }
    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Value for u32 {
    fn parse(text: &str) -> Result<Self, String> {
        let number = text.replace('_', "").parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| format!("a whole number from 1 to {}", u32::MAX))
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for u64 {
    fn parse(text: &str) -> Result<Self, String> {
        let number = text.replace('_', "").parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| "a whole number above 0".to_owned())
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for bool {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "true or false".to_owned())
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for SocketAddr {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "an address with its port, such as 127.0.0.1:8080".to_owned())
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl<T: Value> Value for Vec<T> {
    fn parse(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(T::parse).collect()
    }
    fn show(&self) -> String {
        format!("[{}]", self.iter().map(Value::show).collect::<Vec<_>>().join(", "))
    }
}

impl Value for Secret<String> {
    fn parse(text: &str) -> Result<Self, String> {
        if text.len() < 16 {
            return Err("at least 16 characters that nobody can guess".to_owned());
        }
        Ok(Self::new(text.to_owned()))
    }
    fn show(&self) -> String {
        "***".to_owned()
    }
}

/// Key material, 32 bytes or more.
#[derive(Clone)]
pub struct SecretKey(Secret<Vec<u8>>);

impl SecretKey {
    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Value for SecretKey {
    fn parse(text: &str) -> Result<Self, String> {
        let expected = || "at least 64 hexadecimal digits (try `openssl rand -hex 32`)".to_owned();
        let digits = text.as_bytes();
        if digits.len() < 64 || !digits.len().is_multiple_of(2) {
            return Err(expected());
        }
        let byte = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).ok().filter(|p| !p.contains('+'))?;
            u8::from_str_radix(pair, 16).ok()
        };
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        Ok(Self(Secret::new(bytes.ok_or_else(expected)?)))
    }
    fn show(&self) -> String {
        format!("*** ({} bytes)", self.expose().len())
    }
}

/// A URL of a database (`postgres:`, `postgresql:`) or of the web (`http:`, `https:`), without a fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    /// The text, the password included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Scheme and authority, as an `Origin` header gives them.
    pub fn origin(&self) -> &str {
        let start = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[start..].find('/').map_or(self.0.len(), |at| start + at);
        &self.0[..end]
    }
}

impl Value for Url {
    fn parse(text: &str) -> Result<Self, String> {
        let schemes = ["postgres://", "postgresql://", "http://", "https://"];
        let known =
            schemes.iter().any(|scheme| text.starts_with(scheme) && text.len() > scheme.len());
        if !known || text.contains(|c: char| c.is_whitespace() || c == '#') {
            return Err("a URL such as postgresql://user@host/database or https://host".to_owned());
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The URL with `***` for its password, in the authority as in the query.
    fn show(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else { return "***".to_owned() };
        let (place, query) = rest.split_once('?').map_or((rest, None), |(a, b)| (a, Some(b)));
        let place = match place.rsplit_once('@') {
            Some((user, host)) => {
                let user =
                    user.split_once(':').map_or_else(|| user.into(), |(u, _)| format!("{u}:***"));
                format!("{user}@{host}")
            }
            None => place.to_owned(),
        };
        let query = query.map(|query| {
            let hide = |pair: &str| match pair.split_once('=') {
                Some((name, _)) if name.contains("pass") => format!("{name}=***"),
                _ => pair.to_owned(),
            };
            format!("?{}", query.split('&').map(hide).collect::<Vec<_>>().join("&"))
        });
        format!("{scheme}://{place}{}", query.unwrap_or_default())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show())
    }
}

impl Value for Secret<Url> {
    fn parse(text: &str) -> Result<Self, String> {
        Url::parse(text).map(Self::new)
    }
    fn show(&self) -> String {
        self.expose().show()
    }
}

/// A part of a whole, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

impl Share {
    /// The number.
    pub const fn number(self) -> f64 {
        self.0
    }
}

impl Value for Share {
    fn parse(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
        number.map(Self).ok_or_else(|| "a number from 0 to 1".to_owned())
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// What a deployment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Real data.
    Production,
    /// One developer's machine.
    Dev,
}

impl Environment {
    /// The name in settings and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Dev => "dev",
        }
    }
}

impl Value for Environment {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "production" => Ok(Self::Production),
            "dev" => Ok(Self::Dev),
            _ => Err("production or dev".to_owned()),
        }
    }
    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Value for LogFormat {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("text or json".to_owned()),
        }
    }
    fn show(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Json => "json".to_owned(),
        }
    }
}

impl Value for Network {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|()| "addresses or networks such as 10.0.0.0/8, with commas".to_owned())
    }
    fn show(&self) -> String {
        self.to_string()
    }
}
