//! Telling what happened, in the transaction in which it happens.

use jiff::Timestamp;
use serde_json::Value;
use underpin_base::Trace;
use underpin_db::{Tx, Wake, watch};
use uuid::Uuid;

use crate::{Error, NewEvent, Result, store::events::INSERT_EVENTS};

/// Most bytes of a payload as JSON text.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// Tell what happened, as rows of this transaction.
///
/// Keeps: events exist if and only if the transaction commits; those of one call keep their order.
/// Effects: one statement for any number of events, each with the id of the present trace; after the commit the sequencer is hinted.
/// Errors: [`Error::TooLarge`] for a payload over 64 KiB; a scope that is not a tenant's.
pub async fn emit(tx: &mut Tx, at: Timestamp, events: &[NewEvent]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let principal = tx.principal()?;
    let columns = Columns::of(events)?;
    let trace = watch::trace().map(Trace::trace_id).unwrap_or_default();
    let written = tx
        .execute(
            &INSERT_EVENTS,
            &[
                &principal.tenant.uuid(),
                &principal.subject.uuid(),
                &at,
                &columns.ids,
                &columns.topics,
                &columns.entities,
                &columns.versions,
                &columns.kinds,
                &columns.schema_versions,
                &columns.audiences,
                &columns.audience_users,
                &columns.payloads,
                &trace,
            ],
        )
        .await?;
    debug_assert_eq!(written, events.len() as u64, "each event waits for its place");
    tx.wake(Wake::Log);
    Ok(())
}

/// Events turned into columns, as `unnest` takes them.
#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    topics: Vec<&'a str>,
    entities: Vec<Uuid>,
    versions: Vec<i64>,
    kinds: Vec<&'static str>,
    schema_versions: Vec<i32>,
    audiences: Vec<&'static str>,
    audience_users: Vec<Option<Uuid>>,
    payloads: Vec<&'a Value>,
}

impl<'a> Columns<'a> {
    fn of(events: &'a [NewEvent]) -> Result<Self> {
        let mut columns = Self::default();
        for event in events {
            let bytes = event.payload.to_string().len();
            if bytes > PAYLOAD_BYTES_MAX {
                return Err(Error::TooLarge {
                    topic: event.topic.clone(),
                    kind: event.kind,
                    bytes,
                });
            }
            let (audience, user) = event.audience.parts();
            columns.ids.push(Uuid::now_v7());
            columns.topics.push(event.topic.as_str());
            columns.entities.push(event.entity);
            columns.versions.push(event.version);
            columns.kinds.push(event.kind);
            columns.schema_versions.push(i32::from(event.schema_version));
            columns.audiences.push(audience);
            columns.audience_users.push(user);
            columns.payloads.push(&event.payload);
        }
        Ok(columns)
    }
}
