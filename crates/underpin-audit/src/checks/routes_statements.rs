//! No route asks the database once more for each row that it shows.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use underpin_base::Secret;
use uuid::Uuid;

use super::readings::{Named, readings};
use crate::{
    Check, Error, Outcome, Result, Severity, Stage, Stopped, Tenant, follow, stage::is_over, upload,
};

/// Rows of everything that is listed, at first and then.
const SIZES: [usize; 2] = [10, 100];
/// API keys that are made at a time: a tenant has at most 100.
const KEYS_MAX: usize = 80;
/// Longest that a file may take into the tenant.
const IMPORT_MAX: Duration = Duration::from_secs(30);

pub(super) const CHECK: Check = Check {
    id: "routes.statements",
    seeds: &["S1.6", "S4.3", "S4.28"],
    severity: Severity::P1,
    promise: "Every route costs as many statements with a hundred rows as with ten, and the deployment itself reports no repeats.",
    input: "every operation that a tenant's owner may read, with 10 and then 100 funds, investors, allocations, findings and invites, \
            and 10 and 90 API keys; asked with the operator token",
    measure: "statements of each request, as Server-Timing counts them; what each web process reports as repeated and not declared",
    threshold: "the same number; nothing reported",
    fault: "list_asks_each",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let a = &stage.tenants().await?.a;
    let mut counts = Vec::new();
    let mut untested = Vec::new();
    for size in SIZES {
        let named = make_rows(a, size).await?;
        let (read, unknown) = count(stage, a, named, token).await?;
        counts.push(read);
        untested = unknown;
    }
    let (few, many) = (&counts[0], &counts[1]);
    if few.is_empty() {
        return Err(Stopped::inconclusive("tenant A's owner can read nothing"));
    }
    let mut breaches = Vec::new();
    for (name, few) in few {
        let many = many.get(name).copied();
        if many != Some(*few) {
            breaches.push(format!("{name}: {few} statements with 10 rows, {many:?} with 100"));
        }
    }
    let grown = breaches.len();
    for instance in &deployment.instances {
        breaches.extend(reported(stage, &instance.operator_url, token).await?);
    }
    let most = few.values().max().copied().unwrap_or_default();
    let measured = format!("{grown} of {} routes grow with their rows", few.len());
    let facts = format!("at most {most} statements; not asked: {}", untested.join(", "));
    Ok(Outcome::of_breaches(breaches, measured).evidence(facts))
}

/// So many rows of each kind, and a fund and an import that have as many.
async fn make_rows(a: &Tenant, size: usize) -> Result<Named, Stopped> {
    let mut csv = "investor,fund,as_of,commitment\n".to_owned();
    for row in 0..size {
        // A fund of all investors, a fund of each, and a row that is refused.
        let _ = writeln!(csv, "Route investor {row:03},Route of {size},2024-03-31,1000.25");
        let _ = writeln!(csv, "Route investor {row:03},Route fund {row:03},2024-03-31,{size}.25");
        let _ = writeln!(csv, "Route investor {row:03},Route fund {row:03},yesterday,10.25");
    }
    let import = upload(&a.owner, &a.slug, csv).await?;
    let ended = follow(&a.owner, &a.slug, import, IMPORT_MAX, is_over).await?;
    if ended["rows"]["applied"] != 2 * size || ended["rows"]["refused"] != size {
        let field = format!("{} rows", 2 * size);
        return Err(Error::Lacking { what: format!("the import {ended}"), field }.into());
    }
    for row in 0..size {
        let email = format!("route-{size}-{row}@{}.example", a.slug);
        let invite = json!({ "email": email, "role": "member" });
        a.owner.post(&a.path("/invites"), &invite).await?.expect(201)?;
        if row < KEYS_MAX {
            let name = format!("Route {size} {row}");
            let key = json!({ "name": name, "role": "member", "scopes": ["funds:read"] });
            a.owner.post(&a.path("/api-keys"), &key).await?.expect(201)?;
        }
    }
    let listed = a.owner.get(&a.path(&format!("/funds?q=Route%20of%20{size}"))).await?;
    let listed = listed.expect(200)?.json();
    let mut items = listed["items"].as_array().into_iter().flatten();
    let fund = items.find(|fund| fund["name"] == format!("Route of {size}"));
    let fund = fund.and_then(|fund| fund["id"].as_str()?.parse::<Uuid>().ok());
    let lacking = || Error::Lacking { what: "the list of funds".into(), field: "the fund".into() };
    Ok(Named { fund: fund.ok_or_else(lacking)?, import: import.id })
}

/// Statements of each operation that answers with what was asked for; the names of the others.
async fn count(
    stage: &Stage,
    a: &Tenant,
    named: Named,
    token: &Secret<String>,
) -> Result<(BTreeMap<String, u64>, Vec<String>), Stopped> {
    let (readings, mut untested) = readings(stage, a, named).await?;
    let mut counts = BTreeMap::new();
    for reading in readings {
        let mut least = None;
        // Twice: what is noted once a minute, such as the session's use, is no part of any route.
        for _ in 0..2 {
            if !reading.ends {
                break;
            }
            // Those that list nothing take no limit.
            for path in [format!("{}?limit=200", reading.path), reading.path.clone()] {
                let ask = a.owner.ask(Method::GET, &path);
                let answer = ask.header("x-operator-token", token.expose()).send().await?;
                if answer.is_success() {
                    let statements = answer.statements()?;
                    least = Some(least.map_or(statements, |least: u64| least.min(statements)));
                    break;
                }
            }
        }
        match least {
            Some(statements) => drop(counts.insert(reading.name, statements)),
            None => untested.push(reading.name),
        }
    }
    Ok((counts, untested))
}

/// What a process reports as repeated on no purpose.
async fn reported(stage: &Stage, url: &str, token: &Secret<String>) -> Result<Vec<String>> {
    let url = format!("{url}/ops/v1/findings");
    let findings = stage.operator_with(Method::GET, &url, token).send().await?.expect(200)?.json();
    let items = findings["items"].as_array().into_iter().flatten();
    let undeclared = items.filter(|item| item["declared"].is_null());
    let line = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        format!(
            "{}: {} of {} {}",
            text("route"),
            text("suspicion"),
            item["runs_max"],
            text("statement")
        )
    };
    Ok(undeclared.map(line).collect())
}
