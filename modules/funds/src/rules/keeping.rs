//! For how long what was deleted can be brought back.

use jiff::{SignedDuration, Timestamp};

/// What cannot be brought back any more lies this much longer, so that no clock that is behind restores half of what another removes.
const MARGIN: SignedDuration = SignedDuration::from_hours(1);

fn days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

/// What was deleted after this can be brought back now.
pub(crate) fn restorable_since(now: Timestamp, kept_days: u32) -> Timestamp {
    now.saturating_sub(days(kept_days)).unwrap_or(Timestamp::MIN)
}

/// What was deleted before this is removed now.
pub(crate) fn purged_before(now: Timestamp, kept_days: u32) -> Timestamp {
    now.saturating_sub(days(kept_days) + MARGIN).unwrap_or(Timestamp::MIN)
}

/// Until when something can be brought back.
pub(crate) fn purged_after(deleted_at: Timestamp, kept_days: u32) -> Timestamp {
    deleted_at.saturating_add(days(kept_days)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_removed_while_it_can_be_brought_back() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        assert_eq!(restorable_since(now, 30).to_string(), "2026-03-01T12:00:00Z");
        assert_eq!(purged_after(restorable_since(now, 30), 30), now);
        assert!(purged_before(now, 30) < restorable_since(now, 30));
    }
}
