//! Tokens: random, tagged, stored only as a digest.
//!
//! A token is 41 bytes in base64url: one byte that names the key, 32 random bytes, and the first 8 bytes of an
//! HMAC-SHA256 over purpose, key name and random bytes. The tag proves that this deployment made the token, so junk is
//! refused without asking anybody; whether the token is still good only the database knows.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use underpin_base::Secret;
use underpin_runtime::Seal;

const RANDOM_BYTES: usize = 32;
const TAG_BYTES: usize = 8;
const TOKEN_BYTES: usize = 1 + RANDOM_BYTES + TAG_BYTES;
/// Characters of a token: 41 bytes in base64 without padding.
pub const TOKEN_CHARS: usize = TOKEN_BYTES.div_ceil(3) * 4 - 1;

/// What a token is for; one never passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPurpose {
    /// A session, in a cookie or as a bearer token.
    Session,
    /// An invite's link.
    Invite,
    /// A program of a tenant; begins with `uk_`, so that people and scanners know one when they see it.
    ApiKey,
    /// A sign-in that waits for its second factor.
    Challenge,
    /// A link that sets a password anew.
    Reset,
}

impl TokenPurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"underpin session token v1\0",
            Self::Invite => b"underpin invite token v1\0",
            Self::ApiKey => b"underpin api key v1\0",
            Self::Challenge => b"underpin sign-in challenge v1\0",
            Self::Reset => b"underpin password reset v1\0",
        }
    }

    /// What stands before the token's own characters.
    const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "uk_",
            _ => "",
        }
    }

    /// What a bearer token is for, by how it begins.
    pub(crate) fn of_bearer(presented: &str) -> Self {
        if presented.starts_with(Self::ApiKey.prefix()) { Self::ApiKey } else { Self::Session }
    }
}

/// The key that tags tokens, and the former ones whose tokens are still believed.
#[derive(Clone)]
pub struct Keys {
    keys: Vec<Key>,
    /// Of what must be read again, not only recognised.
    seal: Seal,
}

#[derive(Clone)]
struct Key {
    id: u8,
    mac: Hmac<Sha256>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Keys {
    /// Tag with `current`; believe the tags of `former` keys too, so that a key can be changed without signing out all.
    pub fn new(current: &[u8], former: &[&[u8]]) -> Self {
        let keys = std::iter::once(current).chain(former.iter().copied()).map(Key::new).collect();
        Self { keys, seal: Seal::new("identity", current, former) }
    }

    pub(crate) const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// A fresh token.
    pub fn mint(&self, purpose: TokenPurpose) -> Token {
        let key = &self.keys[0];
        let mut bytes = [0; TOKEN_BYTES];
        bytes[0] = key.id;
        bytes[1..=RANDOM_BYTES].copy_from_slice(&rand::random::<[u8; RANDOM_BYTES]>());
        let tag = key.tag(purpose, &bytes[..=RANDOM_BYTES]);
        bytes[1 + RANDOM_BYTES..].copy_from_slice(&tag);
        Token(Secret::new(format!("{}{}", purpose.prefix(), URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The digest under which a presented token is stored, if this deployment made it for this purpose. Asks nobody.
    pub fn digest(&self, purpose: TokenPurpose, presented: &str) -> Option<TokenDigest> {
        let characters = presented.strip_prefix(purpose.prefix())?;
        if characters.len() != TOKEN_CHARS {
            return None;
        }
        let mut bytes = [0; TOKEN_BYTES];
        let decoded = URL_SAFE_NO_PAD.decode_slice(characters, &mut bytes).ok()?;
        if decoded != TOKEN_BYTES {
            return None;
        }
        let (body, tag) = bytes.split_at(1 + RANDOM_BYTES);
        let genuine = self
            .keys
            .iter()
            .filter(|key| key.id == body[0])
            .any(|key| bool::from(key.tag(purpose, body).ct_eq(tag)));
        genuine.then(|| TokenDigest::of(presented))
    }
}

impl Key {
    /// `secret` of any length; its own name is drawn from it, so that nobody has to number keys.
    fn new(secret: &[u8]) -> Self {
        let mac = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
        let id = mac.clone().chain_update(b"underpin key name v1").finalize().into_bytes()[0];
        Self { id, mac }
    }

    fn tag(&self, purpose: TokenPurpose, body: &[u8]) -> [u8; TAG_BYTES] {
        let full = self.mac.clone().chain_update(purpose.label()).chain_update(body).finalize();
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&full.into_bytes()[..TAG_BYTES]);
        tag
    }
}

/// A token as its holder has it; it is shown once and never stored.
#[derive(Debug, Clone)]
pub struct Token(Secret<String>);

impl Token {
    /// The text for a cookie, a header or a link.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.expose())
    }
}

/// The SHA-256 of a token in hexadecimal: what the database stores and what `Scope::Presented` carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenDigest(String);

impl TokenDigest {
    fn of(token: &str) -> Self {
        Self(sha256_hex(token))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// SHA-256 of a text in hexadecimal.
pub(crate) fn sha256_hex(text: &str) -> String {
    // By a table: this is on the way of every request, and formatting costs more than the digest.
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new(b"a secret of the deployment", &[])
    }

    #[test]
    fn a_token_is_known_by_its_maker_for_its_purpose_only() {
        let token = keys().mint(TokenPurpose::Session);
        assert_eq!(token.expose().len(), TOKEN_CHARS);
        assert_eq!(keys().digest(TokenPurpose::Session, token.expose()), Some(token.digest()));
        assert_eq!(keys().digest(TokenPurpose::Invite, token.expose()), None);
        let other = Keys::new(b"another deployment", &[]);
        assert_eq!(other.digest(TokenPurpose::Session, token.expose()), None);
    }

    #[test]
    fn a_token_with_any_one_bit_changed_is_junk() {
        let token = keys().mint(TokenPurpose::Session);
        let bytes = URL_SAFE_NO_PAD.decode(token.expose()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let text = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(keys().digest(TokenPurpose::Session, &text), None, "bit {bit}");
        }
    }

    #[test]
    fn one_token_has_one_spelling() {
        let token = keys().mint(TokenPurpose::Session);
        for junk in ["", "a", &format!("{}=", token.expose()), &format!(" {}", token.expose())] {
            assert_eq!(keys().digest(TokenPurpose::Session, junk), None, "{junk:?}");
        }
        // The last character carries two bits that mean nothing: only zero is accepted.
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let stem = &token.expose()[..TOKEN_CHARS - 1];
        let accepted = alphabet.chars().filter(|last| {
            keys().digest(TokenPurpose::Session, &format!("{stem}{last}")).is_some()
        });
        assert_eq!(accepted.count(), 1);
    }

    #[test]
    fn tokens_of_a_former_key_are_still_believed() {
        let token = keys().mint(TokenPurpose::Session);
        let changed = Keys::new(b"the new secret", &[b"a secret of the deployment"]);
        assert!(changed.digest(TokenPurpose::Session, token.expose()).is_some());
        let fresh = changed.mint(TokenPurpose::Session);
        assert_eq!(keys().digest(TokenPurpose::Session, fresh.expose()), None);
    }

    #[test]
    fn a_token_of_each_purpose_is_good_for_that_alone() {
        use TokenPurpose as P;
        let all = [P::Session, P::Invite, P::ApiKey, P::Challenge, P::Reset];
        for purpose in all {
            let token = keys().mint(purpose);
            for other in all {
                let known = keys().digest(other, token.expose());
                assert_eq!(
                    known,
                    (other == purpose).then(|| token.digest()),
                    "{purpose:?} {other:?}"
                );
            }
            let bearer = P::of_bearer(token.expose());
            assert_eq!(bearer == P::ApiKey, purpose == P::ApiKey);
        }
        let key = keys().mint(P::ApiKey);
        let bare = key.expose().strip_prefix("uk_").unwrap();
        assert_eq!(keys().digest(P::ApiKey, bare), None);
        assert_eq!(keys().digest(P::ApiKey, &format!("uk_{}", key.expose())), None);
    }

    #[test]
    fn no_token_is_printed() {
        let token = keys().mint(TokenPurpose::Session);
        assert!(!format!("{token:?} {:?}", keys()).contains(token.expose()));
    }
}
