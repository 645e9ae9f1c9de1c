//! What a room is told.

use underpin_log::{Audience, Followed, News, Told};

use crate::Frame;

/// What a room is told, ready to go out.
#[derive(Debug)]
pub(crate) enum Tell {
    /// Entries with their audience, and where to go on.
    Frames(Vec<(Audience, Frame)>, Followed),
    /// Something is missing.
    Resync(Followed),
}

impl Tell {
    /// Encode news once for all readers. An entry that names another tenant than the room's is not told: something is wrong, so the
    /// readers fetch for themselves, under row level security.
    pub(crate) fn of(room: &Followed, news: News) -> Self {
        let (told, next) = match news {
            News::Entries(told, next) => (told, next),
            News::Resync(next) => return Self::Resync(next),
        };
        if let Some(foreign) = told.iter().find(|told| told.tenant != room.tenant) {
            let (room_of, event) = (room.tenant, foreign.entry.event);
            tracing::error!(tenant = %room_of, topic = %room.topic, %event, "an entry of another tenant in the log");
            return Self::Resync(next);
        }
        let frame = |told: Told| (told.audience, Frame::of(&room.topic, &told.entry));
        Self::Frames(told.into_iter().map(frame).collect(), next)
    }
}

#[cfg(test)]
mod tests {
    use underpin_base::{TenantId, UserId};
    use underpin_log::{Entry, Position, Topic};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_entry_of_another_tenant_is_told_to_nobody() {
        let (ours, theirs) = (TenantId::new(), TenantId::new());
        let room = Followed::new(ours, Topic::named("funds"), Position::START);
        let told = |seq, tenant| Told {
            tenant,
            audience: Audience::Tenant,
            entry: Entry {
                position: Position { epoch: 1, seq },
                event: Uuid::nil(),
                entity: Uuid::nil(),
                version: seq,
                kind: "thing.changed".to_owned(),
                schema_version: 1,
                actor: UserId::new(),
                at: jiff::Timestamp::UNIX_EPOCH,
                payload: serde_json::Value::Null,
            },
        };
        let next = Followed::new(ours, Topic::named("funds"), Position { epoch: 1, seq: 2 });
        let news = |second| News::Entries(vec![told(1, ours), told(2, second)], next.clone());
        let Tell::Frames(frames, _) = Tell::of(&room, news(ours)) else { panic!("all is well") };
        assert_eq!(frames.len(), 2);
        assert!(matches!(Tell::of(&room, news(theirs)), Tell::Resync(to) if to == next));
    }
}
