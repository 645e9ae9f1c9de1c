//! One quick look over the whole file before anything is applied.

use std::io::{self, Read};

use super::FileError;

/// Bytes looked at together.
const BLOCK_BYTES: usize = 256 << 10;

/// Beginnings by which other formats are known.
const FORMATS: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<", "HTML or XML"),
];

/// Whether the whole file is UTF-8 text that is not known to be something else.
pub(crate) fn scan(mut file: impl Read) -> io::Result<Result<(), FileError>> {
    let mut block = vec![0; BLOCK_BYTES];
    // Bytes before this block, and how many at the block's start are left from the one before (a cut character).
    let (mut before, mut kept, mut first) = (0_u64, 0, true);
    loop {
        let count = fill(&mut file, &mut block[kept..])?;
        let held = &block[..kept + count];
        if first {
            first = false;
            if let Some(refused) = judge_start(held) {
                return Ok(Err(refused));
            }
        }
        if held.contains(&0) {
            return Ok(Err(FileError::NotCsv("binary data or UTF-16")));
        }
        let cut = match std::str::from_utf8(held) {
            Ok(_) => held.len(),
            // Only a character cut by the block's end may be incomplete, and only if more follows.
            Err(error) if error.error_len().is_none() && count > 0 => error.valid_up_to(),
            Err(error) => return Ok(Err(FileError::NotUtf8(before + error.valid_up_to() as u64))),
        };
        if count == 0 {
            return Ok(Ok(()));
        }
        before += cut as u64;
        kept = held.len() - cut;
        block.copy_within(cut..cut + kept, 0);
    }
}

fn judge_start(held: &[u8]) -> Option<FileError> {
    if held.starts_with(b"\xff\xfe") || held.starts_with(b"\xfe\xff") {
        return Some(FileError::NotUtf8(0));
    }
    let text = held.strip_prefix(b"\xef\xbb\xbf").unwrap_or(held).trim_ascii_start();
    if text.is_empty() && held.len() < BLOCK_BYTES {
        return Some(FileError::EmptyFile);
    }
    let known = FORMATS.iter().find(|(start, _)| text.starts_with(start));
    known.map(|(_, format)| FileError::NotCsv(format))
}

/// Read until the block is full or the file ends.
fn fill(file: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < block.len() {
        match file.read(&mut block[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(bytes: &[u8]) -> Result<(), &'static str> {
        scan(bytes).unwrap().map_err(|error| error.code())
    }

    #[test]
    fn text_passes_with_and_without_bom_and_across_blocks() {
        assert_eq!(judged("fund\nRhône\n".as_bytes()), Ok(()));
        assert_eq!(judged(b"\xef\xbb\xbffund\n"), Ok(()));
        let mut long = vec![b'a'; BLOCK_BYTES - 1];
        long.extend("ô€𝄞".repeat(200_000).as_bytes());
        assert_eq!(judged(&long), Ok(()));
    }

    #[test]
    fn other_encodings_and_formats_are_named() {
        assert_eq!(judged(b"fund\nRh\xf4ne\n"), Err("not_utf8"));
        assert_eq!(judged(b"fund\nRh\xc3"), Err("not_utf8"));
        assert_eq!(judged(b"\xff\xfef\0u\0n\0d\0"), Err("not_utf8"));
        assert_eq!(judged(b"f\0u\0n\0d\0"), Err("not_csv"));
        assert_eq!(judged(b"%PDF-1.7 ..."), Err("not_csv"));
        assert_eq!(judged(b"PK\x03\x04\x14"), Err("not_csv"));
        assert_eq!(judged(b" {\"a\": 1}"), Err("not_csv"));
        assert_eq!(judged(b""), Err("empty_file"));
        assert_eq!(judged(b"\xef\xbb\xbf \r\n\r\n"), Err("empty_file"));
    }
}
