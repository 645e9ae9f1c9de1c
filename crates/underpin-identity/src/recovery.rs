//! Codes for somebody whose authenticator is gone: 80 random bits, used once, stored as a digest.

use underpin_base::{Secret, UserId};

use crate::{token::sha256_hex, totp::base32};

/// How many a person gets.
pub(crate) const CODES: usize = 10;
/// Letters of a code without its dashes.
const LETTERS: usize = 16;

/// A fresh code: four groups of four letters.
pub(crate) fn generate() -> Secret<String> {
    let bytes: [u8; 10] = rand::random();
    let letters = base32(&bytes).to_lowercase();
    let groups: Vec<&str> = (0..LETTERS).step_by(4).map(|at| &letters[at..at + 4]).collect();
    Secret::new(groups.join("-"))
}

/// The digest under which a typed code is stored; `None` for what cannot be one. Case, blanks and dashes do not matter.
pub(crate) fn digest(user: UserId, typed: &str) -> Option<String> {
    let plain = |c: &char| !matches!(c, '-' | ' ');
    let letters: String = typed.chars().filter(plain).map(|c| c.to_ascii_lowercase()).collect();
    let known = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
    let code = letters.len() == LETTERS && letters.bytes().all(known);
    code.then(|| sha256_hex(&format!("underpin recovery code v1/{user}/{letters}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_to_its_person_only() {
        let (user, code) = (UserId::new(), generate());
        let code = code.expose();
        assert_eq!(code.len(), 19);
        let stored = digest(user, code).unwrap();
        let typed = format!(" {} ", code.to_uppercase().replace('-', " "));
        assert_eq!(digest(user, &typed), Some(stored.clone()));
        assert_ne!(digest(UserId::new(), code), Some(stored));
        for junk in ["", "123456", "aaaa-bbbb-cccc-ddd1", "aaaa-bbbb-cccc-dddde"] {
            assert_eq!(digest(user, junk), None, "{junk}");
        }
    }
}
