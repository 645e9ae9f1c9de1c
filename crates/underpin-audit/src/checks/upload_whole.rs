//! What was sent lies in the store to the byte, and in the database is only what it is called.

use std::{fmt::Write as _, time::Duration};

use reqwest::Method;
use sha2::{Digest as _, Sha256};

use super::is_over;
use crate::{
    Answer, Ask, Check, Outcome, Result, Severity, Stage, Stopped, Tenant, follow, store::LARGEST,
    upload,
};

/// Sizes of the files, in bytes: around the bounds of a piece, a part and a row.
const SIZES: [usize; 20] = [
    0, 1, 1_000, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 100_000, 131_072, 250_000, 500_000,
    1_048_575, 1_048_576, 1_048_577, 1_500_000, 2_097_152, 3_000_000, 6_291_457,
];
/// Most bytes that a row may have, written as text.
const ROW_BYTES_MAX: i64 = 64 << 10;
/// Longest that the last file may take through its job.
const LAST_MAX: Duration = Duration::from_secs(20);

pub(super) const CHECK: Check = Check {
    id: "upload.whole",
    seeds: &["S0.20"],
    severity: Severity::P0,
    promise: "A file lies in the store as it was sent; its row knows its size and digest and holds nothing of it.",
    input: "20 files of 0 bytes to 6 MiB, each loaded again",
    measure: "size and SHA-256 of what was sent, of the row and of what is loaded; the largest row of each table that the tenant reads",
    threshold: "all three alike for every file; no row of more than 64 KiB",
    fault: "digest_untrue",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (b, db) = (&stage.tenants().await?.b, stage.db()?);
    let mut breaches = Vec::new();
    let mut last = None;
    for (number, size) in SIZES.into_iter().enumerate() {
        let file = noise(number as u32, size);
        let digest = sha256(file.as_bytes());
        let import = upload(&b.owner, &b.slug, file).await?;
        let shown = b.owner.get(&b.path(&format!("/imports/{}", import.id))).await?.expect(200)?;
        let path = b.path(&format!("/uploads/{}", shown.id_at("/upload_id")?));
        let row = b.owner.get(&path).await?.expect(200)?.json();
        if row["bytes"] != size || row["sha256"] != digest {
            breaches.push(format!("{size} bytes were sent, the row is {row}"));
        }
        let loaded = load(stage, b, &path).await?;
        if !loaded.is_success() || sha256(&loaded.body) != digest {
            let (status, bytes) = (loaded.status, loaded.body.len());
            breaches.push(format!("{size} bytes were sent, {status} with {bytes} came back"));
        }
        last = Some(import);
    }
    let alike = SIZES.len() - breaches.len().min(SIZES.len());
    let largest = db.query(b.principal(), &LARGEST, &[]).await;
    db.close();
    let largest: Vec<(String, i64)> = largest?.iter().map(|row| (row.get(0), row.get(1))).collect();
    let Some((table, bytes)) = largest.first() else {
        return Err(Stopped::inconclusive("the tenant reads no table"));
    };
    let large = largest.iter().filter(|(_, bytes)| *bytes > ROW_BYTES_MAX);
    breaches.extend(large.map(|(table, bytes)| format!("a row of {table} has {bytes} bytes")));
    if let Some(last) = last {
        // The next check finds a worker that has nothing to do.
        follow(&b.owner, &b.slug, last, LAST_MAX, is_over).await?;
    }
    let measured = format!("{alike} of {} alike; the largest row has {bytes} bytes", SIZES.len());
    let looked = format!("{} tables; the largest row is one of {table}", largest.len());
    Ok(Outcome::of_breaches(breaches, measured).evidence(looked))
}

/// The file, from the deployment or from where it sends one to.
pub(super) async fn load(stage: &Stage, tenant: &Tenant, path: &str) -> Result<Answer> {
    let answer = tenant.owner.get(&format!("{path}/content")).await?;
    match answer.header("location") {
        Some(url) if answer.status == 302 => Ask::bare(stage.http(), Method::GET, url).send().await,
        _ => Ok(answer),
    }
}

/// A digest in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Letters without a pattern that a compressor could use, other ones for each file.
fn noise(seed: u32, size: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let letter = || {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        char::from(b'!' + (state % 90) as u8)
    };
    std::iter::repeat_with(letter).take(size).collect()
}
