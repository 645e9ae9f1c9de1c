use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin_files::{UploadId, UploadState};
use utoipa::ToSchema;

/// A file that somebody sent, or is about to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Upload {
    #[schema(value_type = String, format = Uuid)]
    id: UploadId,
    /// As the sender calls it.
    filename: String,
    #[schema(required)]
    media_type: Option<String>,
    /// Its size, as announced until it is stored.
    bytes: u64,
    /// The digest of its bytes in hexadecimal, as announced until it is stored; null while a body arrives.
    #[schema(required)]
    sha256: Option<String>,
    /// `receiving`, `expected`, `verifying`, `stored` or `refused`.
    #[schema(value_type = String)]
    state: &'static str,
    /// Why it was refused: `missing`, `size`, `sha256` or `quota`.
    #[schema(required)]
    refused: Option<String>,
    /// Whether something uses it; then it stays.
    used: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    stored_at: Option<Timestamp>,
}

/// The upload in the path.
#[derive(Deserialize)]
pub(crate) struct At {
    pub(crate) upload: UploadId,
}

impl From<underpin_files::Upload> for Upload {
    fn from(upload: underpin_files::Upload) -> Self {
        Self {
            id: upload.id,
            filename: upload.filename,
            media_type: upload.media_type,
            bytes: upload.bytes,
            sha256: upload.sha256.map(|digest| hex(&digest)),
            state: upload.state.as_str(),
            refused: upload.refused,
            used: upload.is_used,
            created_at: upload.created_at,
            stored_at: upload.stored_at,
        }
    }
}

impl Upload {
    /// The same, a moment later.
    pub(crate) fn verifying(upload: underpin_files::Upload) -> Self {
        underpin_files::Upload { state: UploadState::Verifying, ..upload }.into()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A digest of 64 hexadecimal digits.
pub(crate) fn digest(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let bytes: [u8; 32] = std::array::from_fn(|at| (at * 9) as u8);
        assert_eq!(digest(&hex(&bytes)), Some(bytes));
        assert_eq!(digest(&hex(&bytes).to_uppercase()), Some(bytes));
        let plus = format!("+{}", "0".repeat(63));
        for wrong in ["", "ab", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64), &plus] {
            assert_eq!(digest(wrong), None, "{wrong}");
        }
    }
}
