//! What this module tells, as docs/api.md lists it.

use jiff::Timestamp;
use serde_json::{Value, json};
use underpin::base::UserId;
use underpin::db::Tx;
use underpin::log::{Audience, NewEvent, Topic, emit};

use crate::{
    Result,
    model::{FundId, ImportId, InvestorId},
    ops::{apply_chunk::File, create_investor::InvestorDetails},
    store::{
        allocation::Allocation,
        funds::FundDetails,
        imports::{Changed, Counts},
        investors,
    },
};

/// Where everybody is told what concerns the book as a whole.
const FUNDS: Topic = Topic::named("funds");

/// Where a fund tells what happens to it.
pub(crate) fn fund_topic(fund: FundId) -> Topic {
    Topic::of("fund", fund.uuid())
}

/// A fund was opened.
pub(crate) async fn fund_created(tx: &mut Tx, fund: &FundDetails, at: Timestamp) -> Result<()> {
    let payload = json!({"fund_id": fund.id, "version": fund.version});
    let event = of_fund(fund, "fund.created", payload);
    Ok(emit(tx, at, &[event]).await?)
}

/// A fund was changed: in its own room and in that of all funds.
pub(crate) async fn fund_changed(
    tx: &mut Tx,
    fund: &FundDetails,
    fields: &[&str],
    at: Timestamp,
) -> Result<()> {
    let payload = json!({"fund_id": fund.id, "version": fund.version, "fields": fields});
    let staff = of_fund(fund, "fund.changed", payload);
    let own = NewEvent { topic: fund_topic(fund.id), audience: Audience::Tenant, ..staff.clone() };
    Ok(emit(tx, at, &[own, staff]).await?)
}

fn of_fund(fund: &FundDetails, kind: &'static str, payload: Value) -> NewEvent {
    NewEvent {
        topic: FUNDS,
        entity: fund.id.uuid(),
        version: fund.version,
        kind,
        schema_version: 1,
        audience: Audience::Staff,
        payload,
    }
}

/// An investor was entered.
pub(crate) async fn investor_created(
    tx: &mut Tx,
    investor: &InvestorDetails,
    at: Timestamp,
) -> Result<()> {
    let event = NewEvent {
        topic: FUNDS,
        entity: investor.id.uuid(),
        version: investor.version,
        kind: "investor.created",
        schema_version: 1,
        audience: Audience::Staff,
        payload: json!({"investor_id": investor.id}),
    };
    Ok(emit(tx, at, &[event]).await?)
}

/// An allocation was entered.
pub(crate) async fn allocation_created(
    tx: &mut Tx,
    allocation: &Allocation,
    at: Timestamp,
) -> Result<()> {
    of_allocation(tx, allocation, "allocation.created", at).await
}

/// An allocation or one of its reports was changed by a person.
pub(crate) async fn allocation_changed(
    tx: &mut Tx,
    allocation: &Allocation,
    at: Timestamp,
) -> Result<()> {
    of_allocation(tx, allocation, "allocation.changed", at).await
}

/// An allocation is deleted, or is there again.
pub(crate) async fn allocation_there(
    tx: &mut Tx,
    allocation: &Allocation,
    there: There,
    at: Timestamp,
) -> Result<()> {
    let kind = match there {
        There::Deleted => "allocation.deleted",
        There::Restored => "allocation.restored",
    };
    of_allocation(tx, allocation, kind, at).await
}

/// Whether something went or came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum There {
    Deleted,
    Restored,
}

/// A fund is deleted, or is there again: in its room to whoever is in it; in that of all funds to the staff, and to each person who sees
/// it, who are given because nobody does any more once it is deleted.
pub(crate) async fn fund_there(
    tx: &mut Tx,
    (fund, version): (FundId, i64),
    there: There,
    persons: Vec<UserId>,
    at: Timestamp,
) -> Result<()> {
    let kind = match there {
        There::Deleted => "fund.deleted",
        There::Restored => "fund.restored",
    };
    let event = |(topic, audience)| NewEvent {
        topic,
        entity: fund.uuid(),
        version,
        kind,
        schema_version: 1,
        audience,
        payload: json!({"fund_id": fund, "version": version}),
    };
    let told = [(fund_topic(fund), Audience::Tenant), (FUNDS, Audience::Staff)];
    let persons = persons.into_iter().map(|person| (FUNDS, Audience::User(person)));
    let events: Vec<NewEvent> = told.into_iter().chain(persons).map(event).collect();
    Ok(emit(tx, at, &events).await?)
}

/// An investor is deleted, or is there again: to the staff, and to each person who sees the investor's rows.
pub(crate) async fn investor_there(
    tx: &mut Tx,
    (investor, version): (InvestorId, i64),
    there: There,
    at: Timestamp,
) -> Result<()> {
    let kind = match there {
        There::Deleted => "investor.deleted",
        There::Restored => "investor.restored",
    };
    let event = |audience| NewEvent {
        topic: FUNDS,
        entity: investor.uuid(),
        version,
        kind,
        schema_version: 1,
        audience,
        payload: json!({"investor_id": investor}),
    };
    let persons = investors::persons(tx, investor).await?;
    let told = std::iter::once(Audience::Staff).chain(persons.into_iter().map(Audience::User));
    let events: Vec<NewEvent> = told.map(event).collect();
    Ok(emit(tx, at, &events).await?)
}

/// Once for the staff, and once for each person who sees the investor's rows; in the fund's room, and in that of the book, whose sums it moves.
async fn of_allocation(
    tx: &mut Tx,
    allocation: &Allocation,
    kind: &'static str,
    at: Timestamp,
) -> Result<()> {
    let (fund, investor) = (allocation.fund.0, allocation.investor.0);
    let event = |(topic, audience)| NewEvent {
        topic,
        entity: allocation.id.uuid(),
        version: allocation.version,
        kind,
        schema_version: 1,
        audience,
        payload: json!({"fund_id": fund, "allocation_id": allocation.id}),
    };
    let persons = investors::persons(tx, investor).await?;
    let audiences = persons.into_iter().map(Audience::User);
    let told = std::iter::once(Audience::Staff).chain(audiences);
    let events: Vec<NewEvent> = told
        .flat_map(|audience| [(fund_topic(fund), audience), (FUNDS, audience)])
        .map(event)
        .collect();
    Ok(emit(tx, at, &events).await?)
}

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
        topic: FUNDS,
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
