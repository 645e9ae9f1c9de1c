//! What the database may hold and nobody may read in it: sealed with a key of the deployment.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

const NONCE_BYTES: usize = 24;

/// Closes and opens small secrets that must lie in the database: XChaCha20-Poly1305 with a key of its own per purpose.
///
/// What was sealed for one purpose or one place does not open for another. Cheap to clone.
#[derive(Clone)]
pub struct Seal {
    /// The first one closes; all of them open.
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: u8,
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(***)")
    }
}

impl Seal {
    /// The seal of a purpose, from the deployment's secret and the former ones whose seals still open.
    pub fn new(purpose: &str, current: &[u8], former: &[&[u8]]) -> Self {
        let secrets = std::iter::once(current).chain(former.iter().copied());
        Self { keys: secrets.map(|secret| Key::new(purpose, secret)).collect() }
    }

    /// Seal something for one place: `place` names the row, so that two rows cannot be exchanged.
    pub fn close(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let Key { id, cipher } = &self.keys[0];
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.expect("a vector takes as many bytes as there are");
        [&[*id], &nonce[..], &sealed].concat()
    }

    /// Open what was sealed for this place; `None` for anything else.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, rest) = sealed.split_first()?;
        let (nonce, text) = rest.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let keys = self.keys.iter().filter(|key| key.id == *id);
        let mut opened = keys.map(|key| {
            let payload = Payload { msg: text, aad: place.as_bytes() };
            key.cipher.decrypt(&XNonce::from(nonce), payload).ok()
        });
        opened.find_map(|plain| plain)
    }
}

impl Key {
    /// A key that only this purpose has; its name is drawn from the secret, so that nobody has to number keys.
    fn new(purpose: &str, secret: &[u8]) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        let derive = |what: &[u8]| {
            mac.clone().chain_update(what).chain_update(purpose.as_bytes()).finalize().into_bytes()
        };
        let id = derive(b"underpin seal name v1\0")[0];
        let cipher = XChaCha20Poly1305::new(&derive(b"underpin seal v1\0"));
        Self { id, cipher }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_at_its_place_for_its_purpose_only() {
        let seal = Seal::new("a", b"a secret", &[]);
        let sealed = seal.close("row 1", b"hidden");
        assert_eq!(seal.open("row 1", &sealed).unwrap(), b"hidden");
        assert_eq!(seal.open("row 2", &sealed), None);
        assert_eq!(Seal::new("b", b"a secret", &[]).open("row 1", &sealed), None);
        assert_eq!(Seal::new("a", b"another", &[]).open("row 1", &sealed), None);
        assert_ne!(seal.close("row 1", b"hidden"), sealed, "two seals of one thing differ");
        assert!(!sealed.windows(6).any(|window| window == b"hidden"));
    }

    #[test]
    fn a_changed_or_short_seal_does_not_open() {
        let seal = Seal::new("a", b"a secret", &[]);
        let sealed = seal.close("row", b"hidden");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal.open("row", &changed), None, "byte {at}");
            assert_eq!(seal.open("row", &sealed[..at]), None, "{at} bytes");
        }
    }

    #[test]
    fn a_former_secret_still_opens_and_the_new_one_closes() {
        let old = Seal::new("a", b"old", &[]);
        let both = Seal::new("a", b"new", &[b"old"]);
        assert_eq!(both.open("row", &old.close("row", b"x")).unwrap(), b"x");
        assert_eq!(old.open("row", &both.close("row", b"x")), None);
    }
}
