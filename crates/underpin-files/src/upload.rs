//! An upload as it stands.

use jiff::Timestamp;
use underpin_base::{TenantId, UserId};
use underpin_db::Row;
use uuid::Uuid;

use crate::UploadId;

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    /// Its body is arriving.
    Receiving,
    /// A URL was given out; nobody said that the file is there.
    Expected,
    /// The sender says that it is there; a job looks at it.
    Verifying,
    /// It is whole, verified and counted.
    Stored,
    /// It was not what was announced, or there was no room.
    Refused,
}

impl UploadState {
    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Expected => "expected",
            Self::Verifying => "verifying",
            Self::Stored => "stored",
            Self::Refused => "refused",
        }
    }
}

/// An upload as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: UploadId,
    /// The key of its object once it is stored.
    pub key: String,
    /// As the sender calls it.
    pub filename: String,
    /// `Content-Type` without parameters.
    pub media_type: Option<String>,
    /// Its size, as announced until it is stored; 0 while a body arrives.
    pub bytes: u64,
    /// The digest of its bytes, as announced until it is stored.
    pub sha256: Option<[u8; 32]>,
    /// Who sends it.
    pub created_by: UserId,
    /// When it was begun.
    pub created_at: Timestamp,
    /// How far it is.
    pub state: UploadState,
    /// Why it was refused: `missing`, `size`, `sha256`, `quota`.
    pub refused: Option<String>,
    /// When it was stored.
    pub stored_at: Option<Timestamp>,
    /// When the sweep takes it, unless it is stored.
    pub expires_at: Option<Timestamp>,
    /// Whether something uses it.
    pub is_used: bool,
}

impl Upload {
    pub(crate) fn of(tenant: TenantId, id: UploadId, row: &Row) -> Self {
        let announced: (Option<i64>, Option<Vec<u8>>) = (row.get(5), row.get(6));
        let completed: Option<Timestamp> = row.get(10);
        let (refused, stored_at): (Option<String>, Option<Timestamp>) = (row.get(11), row.get(12));
        let state = match () {
            () if stored_at.is_some() => UploadState::Stored,
            () if refused.is_some() => UploadState::Refused,
            () if completed.is_some() => UploadState::Verifying,
            () if announced.0.is_some() => UploadState::Expected,
            () => UploadState::Receiving,
        };
        let bytes = row.get::<_, Option<i64>>(3).or(announced.0).unwrap_or(0);
        let sha256 = row.get::<_, Option<Vec<u8>>>(4).or(announced.1);
        let unused_since: Option<Timestamp> = row.get(13);
        Self {
            tenant,
            id,
            key: row.get(0),
            filename: row.get(1),
            media_type: row.get(2),
            bytes: bytes as u64,
            sha256: sha256.and_then(|digest| digest.try_into().ok()),
            created_by: UserId::from_uuid(row.get::<_, Uuid>(7)),
            created_at: row.get(8),
            state,
            refused,
            stored_at,
            expires_at: stored_at.is_none().then(|| row.get(9)),
            is_used: stored_at.is_some() && unused_since.is_none(),
        }
    }
}
