use std::{sync::Arc, time::Duration};

use axum::extract::{Path, State};
use jiff::Timestamp;
use serde::Serialize;
use underpin_base::{Fact, FactValue, Operation, OperationKind, Step};

use super::lists::Items;
use crate::{Api, Code, Json, Problem};

/// A span of a trace; those of one operation follow it.
#[derive(Serialize)]
pub(super) struct Item {
    span_id: String,
    parent_span_id: Option<String>,
    /// The span that caused it and does not wait for it.
    linked_span_id: Option<String>,
    /// `server`, `consumer`, or `client` for a step of one of them.
    kind: &'static str,
    /// The verb and template of a route, `job` and its kind, or the name of a statement.
    name: String,
    /// The system that a step asked.
    system: Option<&'static str>,
    /// Where a step was called.
    site: Option<String>,
    rows: Option<u64>,
    began_at: Option<Timestamp>,
    took_us: u64,
    failed: bool,
    attributes: serde_json::Map<String, serde_json::Value>,
}

/// The spans of a trace that this process still has. Another process may have more of it.
pub(super) async fn get_trace(
    State(api): State<Api>,
    Path(trace_id): Path<String>,
) -> Result<Json<Items<Item>>, Problem> {
    let operations = api.telemetry.tracer.find(&trace_id);
    if operations.is_empty() {
        return Err(Problem::new(Code::NotFound));
    }
    Ok(Json(Items { items: operations.iter().flat_map(items).collect() }))
}

fn items(operation: &Arc<Operation>) -> impl Iterator<Item = Item> {
    let steps = operation.steps.iter().zip(0..);
    let steps = steps.map(|(step, number)| of_step(operation, step, number));
    std::iter::once(of_operation(operation)).chain(steps)
}

fn of_operation(operation: &Operation) -> Item {
    let kind = match operation.kind {
        OperationKind::Request => "server",
        OperationKind::Job => "consumer",
    };
    Item {
        span_id: operation.trace.span_id(),
        parent_span_id: operation.parent.map(underpin_base::Trace::span_id),
        linked_span_id: operation.link.map(underpin_base::Trace::span_id),
        kind,
        name: operation.name.clone(),
        system: None,
        site: None,
        rows: None,
        began_at: Timestamp::try_from(operation.began).ok(),
        took_us: microseconds(operation.took),
        failed: operation.failed,
        attributes: operation.facts.iter().map(attribute).collect(),
    }
}

fn of_step(operation: &Operation, step: &Step, number: u32) -> Item {
    Item {
        span_id: operation.trace.step(number).span_id(),
        parent_span_id: Some(operation.trace.span_id()),
        linked_span_id: None,
        kind: "client",
        name: step.name.to_owned(),
        system: Some(step.system.as_str()),
        site: Some(step.site.to_string()),
        rows: step.rows,
        began_at: Timestamp::try_from(operation.began + step.after).ok(),
        took_us: microseconds(step.took),
        failed: step.failed,
        attributes: serde_json::Map::new(),
    }
}

fn attribute((name, value): &Fact) -> (String, serde_json::Value) {
    let value = match value {
        FactValue::Text(text) => text.as_ref().into(),
        FactValue::Number(number) => (*number).into(),
    };
    ((*name).to_owned(), value)
}

fn microseconds(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}
