//! What a reader follows.

use std::{borrow::Cow, fmt, str::FromStr};

use uuid::Uuid;

/// A stream of events inside a tenant: a name, or a name and the id of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topic(Cow<'static, str>);

/// A text that names no topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a topic is 1 to 200 bytes of a-z, 0-9, '_', '-', '.' and '/'")]
pub struct BadTopic;

impl Topic {
    /// Longest text, in bytes; the table checks the same.
    const BYTES_MAX: usize = 200;

    /// A topic of the whole tenant, for example `funds`.
    pub const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The topic of one thing, for example `import/<uuid>`.
    pub fn of(name: &'static str, id: Uuid) -> Self {
        Self(Cow::Owned(format!("{name}/{}", id.hyphenated())))
    }

    /// The text in the tables.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Topic {
    type Err = BadTopic;
    fn from_str(text: &str) -> Result<Self, BadTopic> {
        let plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-./".contains(&byte)
        };
        if text.is_empty() || text.len() > Self::BYTES_MAX || !text.bytes().all(plain) {
            return Err(BadTopic);
        }
        Ok(Self(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_survives_its_text_and_rubbish_is_refused() {
        let topic = Topic::of("import", Uuid::from_u128(7));
        assert_eq!(topic.to_string().parse(), Ok(topic));
        for text in ["", "A", "a b", "ä", &"a".repeat(201)] {
            assert_eq!(text.parse::<Topic>(), Err(BadTopic), "{text}");
        }
    }
}
