//! One-time codes of an authenticator: RFC 6238 over RFC 4226, six digits, 30 seconds, SHA-1, as every such program makes them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

/// Bytes of a secret: as many as the hash has (RFC 4226 §4 recommends it).
pub(crate) const SECRET_BYTES: usize = 20;
/// Seconds that a code lives.
const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one whose codes are taken: clocks differ, and people type.
const DRIFT: i64 = 1;
const DIGITS: usize = 6;

/// The secret of an authenticator.
#[derive(Clone)]
pub(crate) struct TotpSecret([u8; SECRET_BYTES]);

impl TotpSecret {
    pub(crate) fn new() -> Self {
        Self(rand::random())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For people who type it.
    pub(crate) fn base32(&self) -> String {
        base32(&self.0)
    }

    /// For a picture that authenticators read.
    pub(crate) fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account, secret) = (encode(issuer), encode(account), self.base32());
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
        )
    }

    /// The step whose code this is, if it is the code of a step near `now`. Takes the same time whatever the code.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let typed: [u8; DIGITS] = code.as_bytes().try_into().ok()?;
        let present = now.as_second().div_euclid(STEP_SECONDS);
        let mut found = 0_i64;
        for step in present - DRIFT..=present + DRIFT {
            let right = self.code(step).as_bytes().ct_eq(&typed);
            found.conditional_assign(&step, right);
        }
        (found != 0).then_some(found)
    }

    /// The code of a step.
    fn code(&self, step: i64) -> String {
        let mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        let digest = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
        let at = usize::from(digest[19] & 0x0f);
        let word = [digest[at], digest[at + 1], digest[at + 2], digest[at + 3]];
        let number = u32::from_be_bytes(word) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// The code of an instant, for tests of other files.
    #[cfg(test)]
    pub(crate) fn code_at(&self, now: Timestamp) -> String {
        self.code(now.as_second().div_euclid(STEP_SECONDS))
    }
}

/// RFC 4648 base32 without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut group = [0; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        for letter in 0..(chunk.len() * 8).div_ceil(5) {
            let index = (bits >> (35 - 5 * letter)) & 31;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

/// Percent-encode everything but letters, digits and `-._~`.
fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238 appendix B, the SHA-1 rows; the last six digits of its eight.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = TotpSecret(*b"12345678901234567890");
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code_at(at(second)), code, "{second}");
            assert_eq!(secret.step_of(code, at(second)), Some(second / 30), "{second}");
        }
    }

    /// RFC 4226 appendix D.
    #[test]
    fn the_counters_are_those_of_the_standard() {
        let secret = TotpSecret(*b"12345678901234567890");
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(secret.code(counter), code, "{counter}");
        }
    }

    #[test]
    fn a_code_is_good_for_a_step_before_and_after_its_own() {
        let secret = TotpSecret::new();
        let now = at(1_800_000_015);
        let code = secret.code_at(now);
        for (offset, good) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let step = secret.step_of(&code, at(1_800_000_015 + offset));
            assert_eq!(step.is_some(), good, "{offset}");
        }
        for junk in ["", "12345", "1234567", "12345a", " 12345", "１２３４５６"] {
            assert_eq!(secret.step_of(junk, now), None, "{junk:?}");
        }
    }

    /// RFC 4648 §10.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        let uri = TotpSecret(*b"12345678901234567890").uri("Acme & Co", "ada@example.com");
        assert_eq!(
            uri,
            "otpauth://totp/Acme%20%26%20Co:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Acme%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }
}
