//! A compressed body, unfolded piece by piece.

use std::io::{Result, Write as _};

use flate2::write::MultiGzDecoder;

/// How a body is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// As it is.
    #[default]
    Identity,
    /// `Content-Encoding: gzip`: what is stored, counted and hashed is what it unfolds to.
    Gzip,
}

/// Compressed bytes that are unfolded at once: a byte unfolds to about a thousand at most, so memory stays near one MiB
/// whatever somebody packs.
const STEP: usize = 1 << 10;

/// Unfolds gzip, of several members too, in constant memory.
#[derive(Debug)]
pub(crate) struct Inflate(MultiGzDecoder<Vec<u8>>);

impl Inflate {
    pub(crate) fn new() -> Self {
        Self(MultiGzDecoder::new(Vec::new()))
    }

    /// The steps to take a piece in.
    pub(crate) fn steps(piece: &[u8]) -> impl Iterator<Item = &[u8]> {
        piece.chunks(STEP)
    }

    /// What a step unfolds to.
    pub(crate) fn unfold(&mut self, step: &[u8]) -> Result<Vec<u8>> {
        self.0.write_all(step)?;
        Ok(std::mem::take(self.0.get_mut()))
    }

    /// What was still inside; the sums at the end of the stream are right.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>> {
        self.0.try_finish()?;
        Ok(std::mem::take(self.0.get_mut()))
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unfold(bytes: &[u8]) -> Result<Vec<u8>> {
        let (mut inflate, mut whole) = (Inflate::new(), Vec::new());
        for step in Inflate::steps(bytes) {
            whole.extend(inflate.unfold(step)?);
        }
        whole.extend(inflate.finish()?);
        Ok(whole)
    }

    #[test]
    fn what_was_packed_comes_back_also_of_several_members() {
        let book: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        assert!(unfold(&packed(&book)).unwrap() == book);
        let two = [packed(&book), packed(b"and more")].concat();
        assert!(unfold(&two).unwrap() == [book, b"and more".to_vec()].concat());
        assert_eq!(unfold(&packed(b"")).unwrap(), b"");
    }

    #[test]
    fn a_step_unfolds_to_little_more_than_a_mebibyte() {
        let zeros = packed(&vec![0; 32 << 20]);
        let mut inflate = Inflate::new();
        for step in Inflate::steps(&zeros) {
            assert!(inflate.unfold(step).unwrap().len() < (5 << 20) / 4);
        }
    }

    #[test]
    fn what_is_no_gzip_ends_early_or_has_a_wrong_sum_is_refused() {
        let good = packed(b"fund,as_of\n");
        let mut wrong = good.clone();
        let at = wrong.len() - 5;
        wrong[at] ^= 1;
        for bad in [b"fund,as_of\n".to_vec(), good[..good.len() - 3].to_vec(), wrong, b"".to_vec()]
        {
            assert!(unfold(&bad).is_err(), "{bad:?}");
        }
    }
}
