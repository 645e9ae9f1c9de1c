//! What a data directory keeps to itself: keys, tokens and passwords, made once.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::data_dir::write_private;

/// The secrets of one data directory; no `Debug`, so that nothing prints them by accident.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Secrets {
    pub(super) secret_key: String,
    pub(super) operator_token: String,
    pub(super) owner_password: String,
    pub(super) app_password: String,
    pub(super) system_password: String,
    /// The passwords of the demo users by e-mail.
    pub(super) demo_passwords: BTreeMap<String, String>,
    /// Whether they did not exist before.
    #[serde(skip)]
    pub(super) made_now: bool,
}

impl Secrets {
    /// Read them, or make them; each of `emails` has a password afterwards.
    pub(super) fn open<'e>(
        path: &Path,
        emails: impl Iterator<Item = &'e str>,
    ) -> anyhow::Result<Self> {
        let mut secrets: Self = if path.exists() {
            let text = std::fs::read(path)?;
            serde_json::from_slice(&text).with_context(|| {
                format!("{} cannot be read; start afresh with --fresh", path.display())
            })?
        } else {
            Self::make()
        };
        for email in emails {
            let password = secrets.demo_passwords.entry(email.to_owned());
            password.or_insert_with(speakable_password);
        }
        write_private(path, &serde_json::to_vec_pretty(&secrets)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(secrets)
    }

    fn make() -> Self {
        Self {
            secret_key: hex(),
            operator_token: hex(),
            owner_password: hex(),
            app_password: hex(),
            system_password: hex(),
            demo_passwords: BTreeMap::new(),
            made_now: true,
        }
    }
}

/// 32 random bytes in hexadecimal.
fn hex() -> String {
    let bytes: [u8; 32] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// A password that can be read aloud: three groups of four letters that do not look alike, 57 bits.
fn speakable_password() -> String {
    const LETTERS: &[u8; 27] = b"abcdefghjkmnpqrstuvwxyz3479";
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    let groups: [[u8; 4]; 3] = rand::random();
    groups.map(|group| group.map(letter).iter().collect::<String>()).join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_passwords_differ_and_can_be_typed() {
        let (a, b) = (speakable_password(), speakable_password());
        assert_ne!(a, b);
        assert_eq!(a.len(), 14);
        assert!(a.chars().all(|c| c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit()));
    }
}
