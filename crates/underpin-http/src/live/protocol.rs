//! What is said over a web socket; `docs/api.md` has the table. Events and `resync` are encoded by the hub.

use serde::{Deserialize, Serialize};
use underpin_log::Position;
use underpin_realtime::Ended;

/// What a client says.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Said {
    Join {
        room: String,
        #[serde(default, deserialize_with = "position")]
        after: Option<Position>,
    },
    Leave {
        room: String,
    },
    Ping,
}

/// What the server answers.
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Answer<'a> {
    Joined {
        room: &'a str,
        position: String,
        resumed: bool,
    },
    Left {
        room: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'static str>,
    },
    Refused {
        room: &'a str,
        code: &'static str,
    },
    Resync {
        room: &'a str,
        id: String,
    },
    Pong,
}

impl Answer<'_> {
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Why a socket is closed: the code and the reason in its close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    /// The client said so.
    Finished,
    /// What came is no web socket's, or far too large.
    Protocol,
    /// A binary message.
    Binary,
    /// A text that is none of [`Said`].
    Malformed,
    /// More messages than one may send.
    Flood,
    /// A message past the limit.
    TooLarge,
    /// This process ends: come back, another one is there.
    Restart,
    /// A part is away: come back in a while, with the places.
    Unavailable,
    /// The session is over.
    SignedOut,
    /// The membership or its role is another: come back and join anew.
    Changed,
}

impl Close {
    pub(super) const fn parts(self) -> (u16, &'static str) {
        match self {
            Self::Finished => (1000, ""),
            Self::Protocol => (1002, "protocol"),
            Self::Binary => (1003, "binary"),
            Self::Malformed => (1008, "malformed"),
            Self::Flood => (1008, "rate_limited"),
            Self::TooLarge => (1009, "too_large"),
            Self::Restart => (1012, "restart"),
            Self::Unavailable => (1013, "unavailable"),
            Self::SignedOut => (4401, "unauthenticated"),
            Self::Changed => (4403, "membership_changed"),
        }
    }
}

impl From<Ended> for Close {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::SignedOut => Self::SignedOut,
            Ended::Changed => Self::Changed,
            Ended::Drained => Self::Restart,
        }
    }
}

fn position<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Position>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_client_may_say_is_read_and_nothing_else() {
        let room = || "fund/x".to_owned();
        let after = Some(Position { epoch: 3, seq: 41 });
        for (text, said) in [
            (r#"{"op":"join","room":"fund/x"}"#, Said::Join { room: room(), after: None }),
            (
                r#"{"op":"join","room":"fund/x","after":null}"#,
                Said::Join { room: room(), after: None },
            ),
            (r#"{"after":"3-41","room":"fund/x","op":"join"}"#, Said::Join { room: room(), after }),
            (r#"{"op":"leave","room":"fund/x","later":1}"#, Said::Leave { room: room() }),
            (r#" {"op":"ping"} "#, Said::Ping),
        ] {
            assert_eq!(serde_json::from_str::<Said>(text).unwrap(), said, "{text}");
        }
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"op":"JOIN","room":"x"}"#,
            r#"{"op":"join"}"#,
            r#"{"op":"join","room":7}"#,
            r#"{"op":"join","room":"x","after":"3"}"#,
            r#"{"op":"join","room":"x","after":3}"#,
            r#"{"op":"join","room":"x"}{}"#,
            r#"{"op":"publish","room":"x"}"#,
        ] {
            assert!(serde_json::from_str::<Said>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn answers_are_what_the_table_says() {
        let joined = Answer::Joined { room: "funds", position: "3-41".into(), resumed: true };
        let left = Answer::Left { room: "funds", code: None };
        for (answer, expected) in [
            (joined, json!({"op": "joined", "room": "funds", "position": "3-41", "resumed": true})),
            (left, json!({"op": "left", "room": "funds"})),
            (
                Answer::Left { room: "funds", code: Some("unavailable") },
                json!({"op": "left", "room": "funds", "code": "unavailable"}),
            ),
            (
                Answer::Refused { room: "a\"b", code: "not_found" },
                json!({"op": "refused", "room": "a\"b", "code": "not_found"}),
            ),
            (
                Answer::Resync { room: "funds", id: "3-41".into() },
                json!({"op": "resync", "room": "funds", "id": "3-41"}),
            ),
            (Answer::Pong, json!({"op": "pong"})),
        ] {
            let json: serde_json::Value = serde_json::from_str(&answer.json()).unwrap();
            assert_eq!(json, expected);
        }
    }
}
