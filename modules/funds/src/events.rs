//! What this module tells, as docs/api.md lists it.

use jiff::Timestamp;
use serde_json::{Value, json};
use underpin::db::Tx;
use underpin::log::{Audience, NewEvent, Topic, emit};

use crate::{
    Result,
    model::ImportId,
    ops::apply_chunk::File,
    store::imports::{Changed, Counts},
};

/// Where an import tells how it goes; every event is a full picture.
pub(crate) fn topic(import: ImportId) -> Topic {
    Topic::of("import", import.uuid())
}

/// An import waits for its job.
pub(crate) async fn queued(tx: &mut Tx, file: File, at: Timestamp) -> Result<()> {
    let payload = picture("queued", &Counts::default(), 0, file.bytes);
    tell(tx, file, 1, "import.progress", payload, at).await
}

/// A chunk was applied.
pub(crate) async fn progress(
    tx: &mut Tx,
    file: File,
    changed: &Changed,
    bytes_read: i64,
    at: Timestamp,
) -> Result<()> {
    let payload = picture("running", &changed.counts, bytes_read, file.bytes);
    tell(tx, file, changed.version, "import.progress", payload, at).await
}

/// An import is over; if it went well, whoever looks at the fund book is told too.
pub(crate) async fn finished(
    tx: &mut Tx,
    file: File,
    changed: &Changed,
    error: Option<(&str, &str)>,
    at: Timestamp,
) -> Result<()> {
    let state = if error.is_some() { "failed" } else { "done" };
    let mut payload = picture(state, &changed.counts, changed.extra, file.bytes);
    payload["error"] =
        error.map_or(Value::Null, |(code, message)| json!({"code": code, "message": message}));
    let over = event(file, changed.version, "import.finished", payload);
    if error.is_some() {
        return Ok(emit(tx, at, &[over]).await?);
    }
    let imported = NewEvent {
        topic: Topic::named("funds"),
        audience: Audience::Tenant,
        ..event(file, changed.version, "funds.imported", json!({"import_id": file.import}))
    };
    Ok(emit(tx, at, &[over, imported]).await?)
}

async fn tell(
    tx: &mut Tx,
    file: File,
    version: i64,
    kind: &'static str,
    payload: Value,
    at: Timestamp,
) -> Result<()> {
    Ok(emit(tx, at, &[event(file, version, kind, payload)]).await?)
}

fn event(file: File, version: i64, kind: &'static str, payload: Value) -> NewEvent {
    NewEvent {
        topic: topic(file.import),
        entity: file.import.uuid(),
        version,
        kind,
        schema_version: 1,
        audience: Audience::Staff,
        payload,
    }
}

fn picture(state: &str, counts: &Counts, bytes_read: i64, bytes: i64) -> Value {
    json!({"state": state, "rows": rows(counts), "bytes_read": bytes_read, "bytes": bytes})
}

fn rows(counts: &Counts) -> Value {
    json!({
        "read": counts.read,
        "applied": counts.applied,
        "unchanged": counts.unchanged,
        "refused": counts.refused,
        "warnings": counts.warnings,
    })
}
