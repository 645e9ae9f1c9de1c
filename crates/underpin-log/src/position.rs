//! A place in a topic.

use std::{fmt, str::FromStr};

/// A place in a topic: the reader has seen everything up to and including it.
///
/// Numbers are comparable within one epoch only; a topic that begins anew gets another epoch, and a reader with an old one is told to
/// resync. As text `<epoch>-<seq>`, the `id` of a server-sent event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Position {
    /// Which life of the topic.
    pub epoch: i64,
    /// Number within it; the first entry has 1.
    pub seq: i64,
}

/// A text that is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a position is <epoch>-<seq>")]
pub struct BadPosition;

impl Position {
    /// Before the first entry of whatever life the topic is in.
    pub const START: Self = Self { epoch: 0, seq: 0 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.seq)
    }
}

impl FromStr for Position {
    type Err = BadPosition;
    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let (epoch, seq) = text.split_once('-').ok_or(BadPosition)?;
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if plain { digits.parse::<i64>().map_err(|_| BadPosition) } else { Err(BadPosition) }
        };
        Ok(Self { epoch: number(epoch)?, seq: number(seq)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_text_and_rubbish_is_refused() {
        let position = Position { epoch: 3, seq: 41 };
        assert_eq!(position.to_string(), "3-41");
        assert_eq!("3-41".parse(), Ok(position));
        for text in ["", "-", "3", "3-", "-41", "3--41", "+3-1", "3-4x", "9223372036854775808-1"] {
            assert_eq!(text.parse::<Position>(), Err(BadPosition), "{text}");
        }
    }
}
