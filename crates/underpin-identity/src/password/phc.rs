//! Argon2id hashes as PHC strings, with bounds on what a stored string may ask for.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use subtle::ConstantTimeEq as _;

use super::Verdict;
use crate::{Error, Result};

/// OWASP's choice for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;
/// A stored hash may ask for no more than this: whoever can write a row must not be able to exhaust the memory.
const MEMORY_KIB_MAX: u32 = 64 * 1_024;
const PASSES_MAX: u32 = 10;
const LANES_MAX: u32 = 4;

static TODAY: LazyLock<Params> = LazyLock::new(|| {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES))
        .expect("constants within Argon2's bounds")
});

/// Hash with today's parameters and a fresh salt.
pub(super) fn hash(password: &[u8], memory: &mut Vec<Block>) -> Result<String> {
    let salt: [u8; 16] = rand::random();
    let output = derive(password, &salt, &TODAY, memory)?;
    encode(&salt, &output)
}

/// Check a password against a stored string.
pub(super) fn verify(password: &[u8], stored: &str, memory: &mut Vec<Block>) -> Result<Verdict> {
    let (params, salt, expected) = decode(stored)?;
    let output = derive(password, &salt, &params, memory)?;
    if !bool::from(output.ct_eq(&expected)) {
        return Ok(Verdict::Wrong);
    }
    let same = (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES);
    let rehash = if same { None } else { Some(hash(password, memory)?) };
    Ok(Verdict::Right { rehash })
}

/// A hash of today's cost that no password has: its output is random.
pub(super) fn nobody() -> String {
    let (salt, output): ([u8; 16], [u8; OUTPUT_BYTES]) = (rand::random(), rand::random());
    encode(&salt, &output).expect("16 and 32 bytes are within the bounds of PHC strings")
}

fn derive(
    password: &[u8],
    salt: &[u8],
    params: &Params,
    memory: &mut Vec<Block>,
) -> Result<[u8; OUTPUT_BYTES]> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let mut output = [0; OUTPUT_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password, salt, &mut output, &mut memory[..blocks])
        .map_err(|_| Error::Corrupt("password hash"))?;
    Ok(output)
}

fn encode(salt: &[u8], output: &[u8]) -> Result<String> {
    let corrupt = |_| Error::Corrupt("password hash");
    let salt = Salt::new(salt).map_err(corrupt)?;
    let output = Output::new(output).map_err(corrupt)?;
    let params = ParamsString::try_from(&*TODAY).map_err(|_| Error::Corrupt("password hash"))?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params,
        salt: Some(salt),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

fn decode(stored: &str) -> Result<(Params, Vec<u8>, Vec<u8>)> {
    let corrupt = || Error::Corrupt("password hash");
    let hash = PasswordHash::new(stored).map_err(|_| corrupt())?;
    let params = Params::try_from(&hash).map_err(|_| corrupt())?;
    let bounded = params.m_cost() <= MEMORY_KIB_MAX
        && params.t_cost() <= PASSES_MAX
        && params.p_cost() <= LANES_MAX;
    let (salt, output) = (hash.salt.ok_or_else(corrupt)?, hash.hash.ok_or_else(corrupt)?);
    if !bounded
        || hash.algorithm.as_str() != "argon2id"
        || hash.version != Some(0x13)
        || output.len() != OUTPUT_BYTES
    {
        return Err(corrupt());
    }
    Ok((params, salt.to_vec(), output.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_how_it_was_made() {
        let text = hash(b"correct horse", &mut Vec::new()).unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
    }

    #[test]
    fn a_hash_of_other_parameters_is_right_and_made_anew() {
        // Made by the argon2 command line tool's algorithm with 8 KiB and one pass.
        let weak = Params::new(8, 1, 1, Some(32)).unwrap();
        let output = derive(b"correct horse", b"sixteen bytes ok", &weak, &mut Vec::new()).unwrap();
        let stored =
            encode(b"sixteen bytes ok", &output).unwrap().replace("m=19456,t=2", "m=8,t=1");
        let mut memory = Vec::new();
        let Verdict::Right { rehash: Some(fresh) } =
            verify(b"correct horse", &stored, &mut memory).unwrap()
        else {
            panic!("not right, or not made anew");
        };
        assert!(fresh.contains("m=19456,t=2,p=1"));
        let again = verify(b"correct horse", &fresh, &mut memory).unwrap();
        assert_eq!(again, Verdict::Right { rehash: None });
    }

    #[test]
    fn a_stored_hash_cannot_ask_for_the_moon() {
        let fine = nobody();
        let asks = [
            fine.replace("m=19456", "m=4194304"),
            fine.replace("t=2", "t=4000000"),
            fine.replace("p=1", "p=200"),
            fine.replace("argon2id", "argon2i"),
            "plain".into(),
            String::new(),
        ];
        for stored in asks {
            let verdict = verify(b"correct horse", &stored, &mut Vec::new());
            assert!(matches!(verdict, Err(Error::Corrupt(_))), "{stored}");
        }
    }
}
