//! What a mail is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

underpin_base::id! {
    /// A mail.
    pub MailId
}

/// A language that our mails are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// The name in SQL and HTML.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language of a name; English for one that we do not write.
    pub fn of(name: &str) -> Self {
        if name == "de" { Self::De } else { Self::En }
    }

    /// The first language of an `Accept-Language` header that we write in; its weights are nearly always in order.
    pub fn accepted(header: &str) -> Self {
        let wanted = header.split(',').take(16).filter_map(|part| {
            let tag = part.split(';').next()?.trim();
            match tag.get(..2)?.to_ascii_lowercase().as_str() {
                "de" => Some(Self::De),
                "en" => Some(Self::En),
                _ => None,
            }
        });
        wanted.into_iter().next().unwrap_or_default()
    }
}

/// What a mail says: the same in plain text and in HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its subject.
    pub subject: String,
    /// For programs that show text, and people who prefer it.
    pub text: String,
    /// For everybody else.
    pub html: String,
}

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// What it is about; a second letter under the same key (of the same tenant) is not sent. 1–200 bytes.
    pub key: String,
    /// A stable name of its template, for lists.
    pub kind: &'static str,
    /// The recipient's address.
    pub to: String,
    /// The recipient's name.
    pub name: Option<String>,
    /// What it says.
    pub content: Content,
    /// Not worth sending after this.
    pub expires_at: Option<Timestamp>,
}

/// What is sealed of a mail.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Inside {
    pub(crate) to: String,
    pub(crate) name: Option<String>,
    #[serde(flatten)]
    pub(crate) content: Content,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_we_write_is_taken() {
        for (header, expected) in [
            ("", Language::En),
            ("de", Language::De),
            ("de-CH,de;q=0.9,en;q=0.8", Language::De),
            ("fr-FR, fr;q=0.9, de;q=0.5", Language::De),
            ("en-GB,de", Language::En),
            ("x,é,*;q=0.1", Language::En),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }
}
