//! Operations as OpenTelemetry's protocol has them, in JSON.
//!
//! Source: opentelemetry-proto 1.x, `trace/v1/trace.proto` and its JSON mapping: ids in hexadecimal, 64-bit numbers as text, enums as numbers.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use underpin_base::{Fact, FactValue, Operation, OperationKind, Step, System, Trace};

/// `SPAN_KIND_SERVER`, `SPAN_KIND_CLIENT` and `SPAN_KIND_CONSUMER`.
const SERVER: u8 = 2;
const CLIENT: u8 = 3;
const CONSUMER: u8 = 5;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// Which process spans come from.
#[derive(Debug, Clone)]
pub struct Service {
    /// The deployment.
    pub name: String,
    /// The version of its program.
    pub version: String,
    /// What it is for, for example `production`.
    pub environment: String,
}

/// A whole request to a collector.
pub(super) fn request(service: &Service, operations: &[Arc<Operation>]) -> Value {
    let Service { name, version, environment } = service;
    let resource = json!({ "attributes": [
        attribute("service.name", text(name)),
        attribute("service.version", text(version)),
        attribute("service.instance.id", text(&std::process::id().to_string())),
        attribute("deployment.environment.name", text(environment)),
    ] });
    let scope = json!({ "name": "underpin", "version": version });
    let spans: Vec<_> = operations.iter().flat_map(|one| spans(one)).collect();
    let scope_spans = json!([{ "scope": scope, "spans": spans }]);
    json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": scope_spans }] })
}

/// The span of an operation, and below it one for each step.
fn spans(operation: &Operation) -> impl Iterator<Item = Value> {
    let steps =
        operation.steps.iter().zip(0..).map(|(step, number)| of_step(operation, step, number));
    std::iter::once(of_operation(operation)).chain(steps)
}

fn of_operation(operation: &Operation) -> Value {
    let kind = match operation.kind {
        OperationKind::Request => SERVER,
        OperationKind::Job => CONSUMER,
    };
    let mut span = span(operation.trace, operation.parent, &operation.name, kind);
    let mut attributes: Vec<_> = operation.facts.iter().map(of_fact).collect();
    if operation.steps_left_out > 0 {
        let left_out = number(operation.steps_left_out.into());
        attributes.push(attribute("underpin.steps_left_out", left_out));
    }
    span["attributes"] = attributes.into();
    if let Some(link) = operation.link {
        span["links"] = json!([{ "traceId": link.trace_id(), "spanId": link.span_id() }]);
    }
    timed(&mut span, operation.began, operation.took, operation.failed);
    span
}

fn of_step(operation: &Operation, step: &Step, number_of_step: u32) -> Value {
    let own = operation.trace.step(number_of_step);
    let mut span = span(own, Some(operation.trace), step.name, CLIENT);
    let mut attributes = vec![
        attribute("code.file.path", text(step.site.file())),
        attribute("code.line.number", number(step.site.line().into())),
    ];
    match step.system {
        System::Database => {
            attributes.push(attribute("db.system.name", text(step.system.as_str())));
            attributes.push(attribute("db.query.summary", text(step.name)));
        }
        system => attributes.push(attribute("peer.service", text(system.as_str()))),
    }
    let rows = step.rows.and_then(|rows| i64::try_from(rows).ok());
    attributes.extend(rows.map(|rows| attribute("db.response.returned_rows", number(rows))));
    span["attributes"] = attributes.into();
    timed(&mut span, operation.began + step.after, step.took, step.failed);
    span
}

fn span(own: Trace, parent: Option<Trace>, name: &str, kind: u8) -> Value {
    let mut span = json!({
        "traceId": own.trace_id(), "spanId": own.span_id(), "name": name, "kind": kind,
    });
    if let Some(parent) = parent {
        span["parentSpanId"] = parent.span_id().into();
    }
    span
}

fn timed(span: &mut Value, began: SystemTime, took: Duration, failed: bool) {
    span["startTimeUnixNano"] = nanoseconds(began).into();
    span["endTimeUnixNano"] = nanoseconds(began + took).into();
    span["status"] = if failed { json!({ "code": ERROR }) } else { json!({}) };
}

/// Nanoseconds since 1970, as text.
fn nanoseconds(at: SystemTime) -> String {
    // A clock before 1970 is set wrong, and says so by 0.
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

fn of_fact((name, value): &Fact) -> Value {
    let value = match value {
        FactValue::Text(value) => text(value),
        FactValue::Number(value) => number(*value),
    };
    attribute(name, value)
}

fn attribute(key: &str, value: Value) -> Value {
    Value::from_iter([("key", Value::from(key)), ("value", value)])
}

fn text(value: &str) -> Value {
    json!({ "stringValue": value })
}

fn number(value: i64) -> Value {
    json!({ "intValue": value.to_string() })
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;

    #[test]
    fn an_operation_is_a_span_with_its_steps_below_it() {
        let caller = Trace::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let trace = caller.unwrap().child();
        let step = Step {
            system: System::Database,
            name: "funds.find_fund",
            site: Location::caller(),
            after: Duration::from_millis(2),
            took: Duration::from_millis(3),
            rows: Some(4),
            failed: false,
        };
        let operation = Operation {
            trace,
            parent: caller,
            link: None,
            kind: OperationKind::Request,
            name: "GET /v1/funds".to_owned(),
            began: SystemTime::UNIX_EPOCH + Duration::from_secs(1),
            took: Duration::from_millis(9),
            failed: true,
            facts: vec![
                ("http.response.status_code", 500.into()),
                ("http.route", "/v1/funds".into()),
            ],
            steps: vec![step],
            steps_left_out: 0,
        };
        let spans: Vec<_> = spans(&operation).collect();
        assert_eq!(
            spans[0],
            json!({
                "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": trace.span_id(),
                "parentSpanId": "00f067aa0ba902b7", "name": "GET /v1/funds", "kind": 2,
                "attributes": [
                    { "key": "http.response.status_code", "value": { "intValue": "500" } },
                    { "key": "http.route", "value": { "stringValue": "/v1/funds" } },
                ],
                "startTimeUnixNano": "1000000000", "endTimeUnixNano": "1009000000",
                "status": { "code": 2 },
            })
        );
        assert_eq!(spans[1]["parentSpanId"], trace.span_id());
        assert_eq!((&spans[1]["kind"], &spans[1]["name"]), (&json!(3), &json!("funds.find_fund")));
        assert_eq!(spans[1]["startTimeUnixNano"], "1002000000");
        assert_eq!(spans[1]["endTimeUnixNano"], "1005000000");
        assert!(spans[1].to_string().contains("otlp.rs"));
        assert_eq!(spans.len(), 2);
    }

    #[test]
    fn a_job_is_linked_to_what_caused_it_and_is_nobodys_child() {
        let cause = Trace::new();
        let operation = Operation {
            trace: cause.child(),
            parent: None,
            link: Some(cause),
            kind: OperationKind::Job,
            name: "job funds.apply_import".to_owned(),
            began: SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
            failed: false,
            facts: Vec::new(),
            steps: Vec::new(),
            steps_left_out: 3,
        };
        let span = spans(&operation).next().unwrap();
        assert_eq!(
            span["links"],
            json!([{ "traceId": cause.trace_id(), "spanId": cause.span_id() }])
        );
        assert_eq!((&span["kind"], span.get("parentSpanId")), (&json!(5), None));
        assert!(span["attributes"].to_string().contains("underpin.steps_left_out"));
    }
}
