//! What takes long is recorded with what it waited for, and never with what it was asked.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    Answer, Check, Outcome, Result, Severity, Stage, Stopped,
    lone::{Lines, Lone, trace_of},
};

/// From when on a request is slow by default, in milliseconds.
const REQUEST_MS: u64 = 1_000;
/// The same for a statement.
const STATEMENT_MS: u64 = 100;
/// What a statement is asked to take, and how its parameter reads.
const ASKED: (u64, &str) = (157, "0.157");
/// Makes nearly every statement slow, those of a tenant too.
const SETTINGS: [(&str, &str); 1] = [("UNDERPIN_LOG_SLOW_STATEMENT_MS", "1")];

pub(super) const CHECK: Check = Check {
    id: "telemetry.slow",
    seeds: &["S1.44", "S4.5"],
    severity: Severity::P1,
    promise: "A request past a second and a statement past a tenth are recorded once, with place, route and tenant, and without what they were asked.",
    input: "requests of 1,200 and 20 ms and a statement of 157 ms on a process with the default limits; a tenant's reads on one where a \
            statement is slow from 1 ms on",
    measure: "the records in their logs",
    threshold: "one record for each that was slow and none for the others; name, fingerprint, call site, route, tenant, the time's \
                parts; no parameter",
    fault: "slow_unseen",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let tenants = stage.tenants().await?;
    let lone = Lone::start(stage, &[], &[]).await?;
    let member = tenants.a.member.at(&lone.url);
    let mut answers = Vec::new();
    for path in ["sleep?ms=1200", "sleep?ms=20", &format!("statement?ms={}", ASKED.0)] {
        let answer = member.get(&format!("/v1/probe/{path}")).await?;
        if answer.status == 404 {
            return Err(Stopped::skip("needs the probe routes of `dev`"));
        }
        answers.push(answer.expect(200)?);
    }
    let lines = lone.end().await?;
    let mut breaches: Vec<_> = answers.iter().flat_map(|answer| judge(answer, &lines)).collect();
    if lines.all.iter().any(quotes) {
        breaches.push("a parameter is in the log".to_owned());
    }
    breaches.extend(of_tenant(stage).await?);
    let slow = lines.of_message("slow request").count();
    let statements = lines.of_message("slow statement").count();
    let measured =
        format!("{} breaches; {slow} slow requests, {statements} slow statements", breaches.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

/// Whether a line holds what the statement was asked, its time aside.
fn quotes(line: &Value) -> bool {
    let fields = line.as_object().into_iter().flatten().filter(|(name, _)| *name != "timestamp");
    fields.into_iter().any(|(_, value)| value.to_string().contains(ASKED.1))
}

/// What is wrong with the records of a request, by what its own event says that it took.
fn judge(answer: &Answer, lines: &Lines) -> Vec<String> {
    let what = &answer.what;
    let of = |message| {
        let lines = lines.of_message(message);
        lines.filter(|line| line["trace_id"] == trace_of(answer)).collect::<Vec<_>>()
    };
    let (events, requests, statements) = (of("request"), of("slow request"), of("slow statement"));
    let Some(event) = events.first() else { return vec![format!("{what}: no event")] };
    let mut breaches = Vec::new();
    let expected = usize::from(event["ms"].as_u64() >= Some(REQUEST_MS));
    if requests.len() != expected {
        breaches.push(format!("{what}: {} slow requests in {} ms", requests.len(), event["ms"]));
    }
    for record in requests {
        breaches.extend(lacking(
            what,
            record,
            &["ms", "statements", "db_ms", "wait_ms", "rest_ms", "longest", "route", "user"],
        ));
    }
    let asked = what.contains("/statement?");
    let must = asked && statements.is_empty();
    if must || (event["db_ms"].as_u64() < Some(STATEMENT_MS) && !statements.is_empty()) {
        breaches.push(format!(
            "{what}: {} slow statements in {} ms",
            statements.len(),
            event["db_ms"]
        ));
    }
    let mut runs: Vec<_> = statements
        .iter()
        .map(|r| (&r["statement"], &r["site"]))
        .map(|(a, b)| format!("{a} {b}"))
        .collect();
    runs.sort();
    runs.dedup();
    let took = statements.iter().any(|record| record["ms"].as_u64() >= Some(ASKED.0));
    if runs.len() != statements.len() || (asked && !took) {
        breaches.push(format!("{what}: {} records of {} statements", statements.len(), runs.len()));
    }
    breaches.extend(statements.iter().flat_map(|record| of_statement(what, record)));
    breaches
}

/// What is wrong with the record of a statement.
fn of_statement(what: &str, record: &Value) -> Vec<String> {
    let mut breaches =
        lacking(what, record, &["statement", "fingerprint", "site", "ms", "route", "trace_id"]);
    let text = |field: &str| record[field].as_str().unwrap_or_default();
    let fingerprint = text("fingerprint");
    let hexadecimal =
        fingerprint.len() == 16 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hexadecimal || !text("site").contains(".rs:") || record.to_string().contains("select ") {
        breaches.push(format!("{what}: {record}"));
    }
    breaches
}

fn lacking(what: &str, record: &Value, fields: &[&str]) -> Vec<String> {
    let absent = fields.iter().filter(|field| record[**field].is_null());
    absent.map(|field| format!("{what}: its record has no {field}")).collect()
}

/// What is wrong with the records of statements of a tenant.
async fn of_tenant(stage: &Stage) -> Result<Vec<String>, Stopped> {
    let tenant = &stage.tenants().await?.a;
    let lone = Lone::start(stage, &[], &SETTINGS).await?;
    let member = tenant.member.at(&lone.url);
    let path = tenant.path("/funds");
    for _ in 0..10 {
        member.get(&path).await?.expect(200)?;
    }
    let changed = member.ask(Method::POST, &tenant.path("/investors")).key(stage.run_id());
    changed
        .json(&json!({ "name": format!("Slow {}", stage.run_id()) }))
        .send()
        .await?
        .expect(201)?;
    let lines = lone.end().await?;
    // The process's own loops run statements too, on nobody's route.
    let of_request = |line: &&Value| line["span"] == "request";
    let records: Vec<_> = lines.of_message("slow statement").filter(of_request).collect();
    // The statement that finds out who asks runs before anybody knows the tenant.
    let of_tenant = records.iter().filter(|record| record["tenant"] == tenant.id.to_string());
    let mut breaches: Vec<_> =
        records.iter().flat_map(|record| of_statement(&path, record)).collect();
    if of_tenant.count() == 0 {
        breaches.push(format!("{path}: none of {} slow statements has its tenant", records.len()));
    }
    Ok(breaches)
}
