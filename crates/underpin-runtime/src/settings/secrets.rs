use std::collections::BTreeSet;

use super::{Environment, Settings};

/// Different bytes that a key of 32 random bytes has at least: fewer come out of a generator once in 10^15 keys.
const KEY_BYTES_MIN: usize = 12;
/// Different characters that a token of 16 or more has at least.
const TOKEN_CHARS_MIN: usize = 6;
/// What tokens are called that nobody chose.
const DEFAULTS: [&str; 5] = ["changeme", "change-me", "password", "default", "example"];

impl Settings {
    pub(super) fn secret_contradictions(&self, refuse: &mut impl FnMut(&str, &str, &str)) {
        if self.deployment.environment != Environment::Production {
            return;
        }
        let mend = "write what `openssl rand -hex 32` prints";
        let key = self.security.secret_key.find();
        if key.is_some_and(|key| is_guessable_key(key.expose())) {
            refuse("the key is not random", "security.secret_key", mend);
        }
        let token = self.security.operator_token.as_ref();
        if token.is_some_and(|token| is_guessable_token(token.expose())) {
            refuse("the token can be guessed", "security.operator_token", mend);
        }
    }
}

/// Whether a key is text, a sequence or a repetition rather than what a generator made.
fn is_guessable_key(key: &[u8]) -> bool {
    let different = key.iter().collect::<BTreeSet<_>>().len();
    let text = key.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let steps: BTreeSet<u8> = key.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    different < KEY_BYTES_MIN || text || steps.len() == 1
}

fn is_guessable_token(token: &str) -> bool {
    let lower = token.to_lowercase();
    let different = token.chars().collect::<BTreeSet<_>>().len();
    different < TOKEN_CHARS_MIN || DEFAULTS.iter().any(|default| lower.contains(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_drew_is_no_key() {
        let sequence: Vec<u8> = (0..32).collect();
        let keys = [
            &[0_u8; 32][..],
            &sequence,
            b"an excellent passphrase for all!",
            &[1, 2, 3, 4].repeat(8),
        ];
        for key in keys {
            assert!(is_guessable_key(key), "{key:?}");
        }
        let drawn: Vec<u8> = (0..32_u32).map(|n| (n * n * 37 + n * 91 + 13) as u8).collect();
        assert!(!is_guessable_key(&drawn), "{drawn:?}");
    }

    #[test]
    fn a_token_of_one_letter_or_of_a_manual_is_none() {
        for token in ["aaaaaaaaaaaaaaaa", "ChangeMe-ChangeMe", "default-operator-token"] {
            assert!(is_guessable_token(token), "{token}");
        }
        assert!(!is_guessable_token("c0ffee5b1d9e4a7783fd"));
    }
}
