//! What goes wrong is one thing to look at, however often it does, and the process goes on.

use serde_json::Value;

use crate::{
    Answer, Check, Outcome, Result, Severity, Stage, Stopped, lone::trace_of, process::Process,
};

/// What is made to go wrong, the code of its group, and how often.
const FAILURES: [(&str, &str, u64); 2] = [("panic", "panic", 3), ("error", "internal", 2)];
const ROUTE: &str = "GET /v1/probe/fail";

pub(super) const CHECK: Check = Check {
    id: "errors.grouped",
    seeds: &["S4.18"],
    severity: Severity::P1,
    promise: "A panic or a fault of ours answers 500, ends nothing else, and is counted in a group with its code, place, last trace and release.",
    input: "three panics and two errors on one instance",
    measure: "the answers, the process, and its groups before and after",
    threshold: "500 each; the same process answers afterwards; one group each with three and two more, the last trace and the release",
    fault: "panic_aborts",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let tenants = stage.tenants().await?;
    let release = stage.about().await?.text_at("/version")?;
    let (instance, pid) = stage.web()?.swap_remove(0);
    let member = tenants.a.member.at(&instance.url);
    let before = groups(stage, &instance.operator_url).await?;
    let mut breaches = Vec::new();
    for (how, code, times) in FAILURES {
        let mut last: Option<Answer> = None;
        for _ in 0..times {
            match member.get(&format!("/v1/probe/fail?how={how}")).await {
                Ok(answer) if answer.status == 404 => {
                    return Err(Stopped::skip("needs the probe routes of `dev`"));
                }
                Ok(answer) => last = Some(answer),
                Err(error) => breaches.push(format!("{how}: {}", error.with_causes())),
            }
        }
        let Some(last) = last else { continue };
        if last.status != 500 || last.code().as_deref() != Some("internal") {
            breaches.push(format!("{how}: {}", last.unexpected()));
        }
        let trace = trace_of(&last).to_owned();
        let Ok(after) = groups(stage, &instance.operator_url).await else {
            breaches.push(format!("{how}: the process shows no groups any more"));
            continue;
        };
        let more = count(&after, code).saturating_sub(count(&before, code));
        let group = after.iter().find(|group| is_of(group, code) && group["last_trace"] == *trace);
        let whole = group.is_some_and(|group| {
            group["release"] == *release
                && group["site"].as_str().is_some_and(|site| site.contains(".rs:"))
        });
        if more != times || !whole {
            breaches.push(format!("{how}: {more} more in its group: {}", Value::from(after)));
        }
    }
    breaches.extend(survived(pid));
    let measured = format!("{} breaches by 5 failures", breaches.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

/// The groups of a process.
async fn groups(stage: &Stage, operator_url: &str) -> Result<Vec<Value>, Stopped> {
    let answer = stage.operator_at(operator_url, "/ops/v1/errors").await?.json();
    let groups = answer["items"].as_array().cloned();
    groups.ok_or_else(|| Stopped::inconclusive("the list of errors has no items"))
}

fn is_of(group: &Value, code: &str) -> bool {
    group["code"] == *code && group["route"] == ROUTE
}

fn count(groups: &[Value], code: &str) -> u64 {
    groups
        .iter()
        .filter(|group| is_of(group, code))
        .filter_map(|group| group["count"].as_u64())
        .sum()
}

fn survived(process: Process) -> Option<String> {
    (!process.is_alive()).then(|| format!("process {} is gone", process.id()))
}
