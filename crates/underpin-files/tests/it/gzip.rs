//! Compressed bodies, honest ones and bombs.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, FlushCompress, write::GzEncoder};
use futures_util::stream;
use sha2::{Digest as _, Sha256};
use underpin_files::{Encoding, Error, Incoming};

use crate::support::{Fixture, LIMITS, Piece, on_both_stores, streaming};

on_both_stores! {
    what_a_compressed_body_unfolds_to_is_stored_counted_and_hashed
    a_bomb_is_defused_at_the_limit
    a_body_that_is_no_gzip_is_refused
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzip(bytes: Vec<u8>) -> Incoming<impl futures_util::Stream<Item = Piece> + Send> {
    let length = bytes.len() as u64;
    let bytes = Bytes::from(bytes);
    let pieces: Vec<_> = (0..bytes.len())
        .step_by(60_000)
        .map(|at| bytes.slice(at..bytes.len().min(at + 60_000)))
        .collect();
    Incoming {
        content_length: Some(length),
        encoding: Encoding::Gzip,
        ..streaming(stream::iter(pieces.into_iter().map(Ok)))
    }
}

async fn what_a_compressed_body_unfolds_to_is_stored_counted_and_hashed(fixture: Fixture) {
    let book: Vec<u8> =
        (0..200_000_u32).flat_map(|n| format!("fund {n},2025-03-31\n").into_bytes()).collect();
    let body = gzip(packed(&book));
    assert!(body.content_length.unwrap() < book.len() as u64 / 4);
    let received = fixture.uploads.receive(fixture.staff, body, &LIMITS).await.unwrap();
    fixture.commit(fixture.staff, &received).await.unwrap();
    assert_eq!(received.bytes, book.len() as u64);
    assert_eq!(received.sha256, <[u8; 32]>::from(Sha256::digest(&book)));
    assert!(fixture.read(&received.key, 0).await == book);
    assert_eq!(fixture.usage().await, book.len() as i64);
}

/// Ten megabytes that unfold to ten gigabytes: one packed mebibyte of zeros, again and again.
fn bomb() -> Vec<u8> {
    let mut packer = flate2::Compress::new(Compression::best(), false);
    let (zeros, mut block) = (vec![0; 1 << 20], Vec::with_capacity(1 << 16));
    packer.compress_vec(&zeros, &mut block, FlushCompress::Full).unwrap();
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    while bomb.len() < 10_000_000 {
        bomb.extend_from_slice(&block);
    }
    assert!(bomb.len() / block.len() * (1 << 20) > 9_000_000_000, "{}", block.len());
    bomb
}

async fn a_bomb_is_defused_at_the_limit(fixture: Fixture) {
    let before = resident_mib();
    let outcome = fixture.uploads.receive(fixture.staff, gzip(bomb()), &LIMITS).await;
    assert!(matches!(outcome, Err(Error::TooLarge { bytes_max: 16_777_216 })), "{outcome:?}");
    assert_eq!((fixture.rows().await, fixture.stored()), (0, (0, 0)));
    // The bomb itself is 10 MB of it.
    let grown = resident_mib().saturating_sub(before);
    assert!(grown < 64, "{grown} MiB");
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) >> 10
}

async fn a_body_that_is_no_gzip_is_refused(fixture: Fixture) {
    let good = packed(b"fund,as_of\n");
    for bad in [b"fund,as_of\n".to_vec(), good[..good.len() - 3].to_vec(), Vec::new()] {
        let outcome = fixture.uploads.receive(fixture.staff, gzip(bad), &LIMITS).await;
        assert!(matches!(outcome, Err(Error::BadEncoding(_))), "{outcome:?}");
    }
    assert_eq!((fixture.rows().await, fixture.stored()), (0, (0, 0)));
}
