//! Following many topics at once, for all readers of a process.

use jiff::civil::Date;
use underpin_base::{TenantId, UserId};
use underpin_db::{Purpose, Row, Scope};
use uuid::Uuid;

use crate::{Audience, Entry, Log, Position, Result, Topic, store::log::LIST_NEWS};

/// Before the first day that any log has.
const LONG_AGO: Date = Date::constant(2000, 1, 1);

/// A topic that is followed for many readers, and how far it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Whose topic it is.
    pub tenant: TenantId,
    /// The topic.
    pub topic: Topic,
    /// Everything up to here was seen.
    pub after: Position,
    /// The day of that place: no later one is on an earlier day. Only spares the look into older partitions.
    since: Date,
}

/// An entry with what its readers must be judged by: whoever follows for others is under no policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The tenant that the event itself names.
    pub tenant: TenantId,
    /// Who may read it.
    pub audience: Audience,
    /// The entry.
    pub entry: Entry,
}

/// What is new in a topic.
///
/// Silence means that there is nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The next entries, and where to go on; there may be more.
    Entries(Vec<Told>, Followed),
    /// What follows is not kept, or the topic began anew: readers fetch the thing itself and go on from here.
    Resync(Followed),
}

impl Followed {
    /// Follow a topic from a place.
    pub const fn new(tenant: TenantId, topic: Topic, after: Position) -> Self {
        Self { tenant, topic, after, since: LONG_AGO }
    }

    fn moved(&self, after: Position, since: Date) -> Self {
        Self { tenant: self.tenant, topic: self.topic.clone(), after, since }
    }
}

impl Log {
    /// What is new in each of these topics, with its index; topics without news are left out.
    ///
    /// Acts as `system`, for a process that tells its readers: the caller judges each entry's audience and tenant.
    /// Input: at most `page` places of each topic. Cost: one statement, however many topics.
    pub async fn look(&self, followed: &[Followed], page: u32) -> Result<Vec<(usize, News)>> {
        let mut columns = Columns::default();
        for one in followed {
            columns.tenants.push(one.tenant.uuid());
            columns.topics.push(one.topic.as_str());
            columns.epochs.push(one.after.epoch);
            columns.seqs.push(one.after.seq);
            columns.days.push(one.since);
        }
        let page = i64::from(page.max(1));
        let Columns { tenants, topics, epochs, seqs, days } = &columns;
        let scope = Scope::System(Purpose::Realtime);
        let rows = self
            .db()
            .query(scope, &LIST_NEWS, &[tenants, topics, epochs, seqs, days, &page])
            .await?;
        let of_topic = rows.chunk_by(|one, two| place(one) == place(two));
        Ok(of_topic
            .filter_map(|rows| {
                let index = place(rows.first()?) as usize - 1;
                Some((index, news(followed.get(index)?, page, rows)))
            })
            .collect())
    }
}

/// What is followed, turned into columns, as `unnest` takes them.
#[derive(Default)]
struct Columns<'a> {
    tenants: Vec<Uuid>,
    topics: Vec<&'a str>,
    epochs: Vec<i64>,
    seqs: Vec<i64>,
    days: Vec<Date>,
}

fn place(row: &Row) -> i64 {
    row.get(0)
}

/// The news of one topic; its head is in every row.
fn news(followed: &Followed, page: i64, rows: &[Row]) -> News {
    let head = rows.first().and_then(|row| row.get::<_, Option<i64>>(1).map(|epoch| (epoch, row)));
    let Some((epoch, row)) = head else {
        return News::Resync(followed.moved(Position::START, LONG_AGO));
    };
    let (head, day) = (Position { epoch, seq: row.get(2) }, row.get(3));
    let after = followed.after;
    let until = after.seq.saturating_add(page).min(head.seq);
    let told: Vec<Told> = rows.iter().filter_map(|row| told(epoch, row)).collect();
    let in_turn =
        told.iter().zip(after.seq + 1..).all(|(told, seq)| told.entry.position.seq == seq);
    let whole = in_turn && after.seq + told.len() as i64 == until;
    // Another life of the topic; a head behind the reader (the database was restored); places that retention dropped.
    if (after.epoch != 0 && after.epoch != epoch) || head.seq < after.seq || !whole {
        return News::Resync(followed.moved(head, day));
    }
    // The head's day belongs to the head; a place before it may be of an earlier one.
    let since = if until == head.seq { day } else { followed.since };
    News::Entries(told, followed.moved(Position { epoch, seq: until }, since))
}

/// The entry of a row; none where the event is gone.
fn told(epoch: i64, row: &Row) -> Option<Told> {
    let tenant = TenantId::from_uuid(row.get::<_, Option<Uuid>>(5)?);
    let audience = Audience::read(row.get(11), row.get(12))?;
    let entry = Entry {
        position: Position { epoch, seq: row.get(4) },
        event: row.get(6),
        entity: row.get(7),
        version: row.get(8),
        kind: row.get(9),
        schema_version: row.get(10),
        actor: UserId::from_uuid(row.get(13)),
        at: row.get(14),
        payload: row.get(15),
    };
    Some(Told { tenant, audience, entry })
}
