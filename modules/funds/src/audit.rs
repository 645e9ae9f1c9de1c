//! What `underpin audit` asks a live deployment about this module.

mod deleted;
mod totals;

use std::{fmt::Write as _, time::Duration};

use serde_json::Value;
use underpin::audit::{
    Check, Error, Method, Outcome, Result, Severity, Stage, Stopped, Tenant, follow, upload,
};

/// Allocations of the small fund and of the large one.
const SIZES: [u64; 2] = [10, 1_000];
/// Most statements of one dashboard.
const STATEMENTS_MAX: u64 = 6;
/// Longest that the book may take into the tenant.
const IMPORT_MAX: Duration = Duration::from_secs(30);

pub(crate) fn checks() -> Vec<Check> {
    vec![DASHBOARD_STATEMENTS, totals::CHECK, deleted::CHECK]
}

const DASHBOARD_STATEMENTS: Check = Check {
    id: "funds.dashboard_statements",
    seeds: &["S0.22"],
    severity: Severity::P1,
    promise: "A fund's dashboard costs as many statements with a thousand allocations as with ten.",
    input: "a fund with 10 allocations and one with 1,000; the dashboard of each, asked with the operator token",
    measure: "statements of each request, as Server-Timing counts them; the sum of what was committed",
    threshold: "the same number, at most 6; sums to the cent",
    fault: "n_plus_one",
    run: |stage| Box::pin(dashboard_statements(stage)),
};

async fn dashboard_statements(stage: &Stage) -> Result<Outcome, Stopped> {
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let a = &stage.tenants().await?.a;
    let funds = import(a).await?;
    let (mut counts, mut breaches) = (Vec::new(), Vec::new());
    for (fund, size) in funds.iter().zip(SIZES) {
        let path = a.path(&format!("/funds/{fund}/dashboard"));
        let ask = a.owner.ask(Method::GET, &path).header("x-operator-token", token.expose());
        let answer = ask.send().await?.expect(200)?;
        counts.push(answer.statements()?);
        let dashboard = answer.json();
        let committed = &dashboard["positions"]["committed"]["amount"];
        if dashboard["allocations"] != size || *committed != committed_in_all(size) {
            let allocations = &dashboard["allocations"];
            breaches
                .push(format!("{size} allocations are shown as {allocations}, {committed} in all"));
        }
    }
    let (few, many) = (counts[0], counts[1]);
    if few != many || many > STATEMENTS_MAX {
        breaches.push(format!("{few} statements with 10 allocations, {many} with 1,000"));
    }
    Ok(Outcome::of_breaches(breaches, format!("{few} and {many} statements")))
}

/// Bring the two funds in, the way a user does; gives their ids.
async fn import(a: &Tenant) -> Result<Vec<String>> {
    let mut csv = "investor,fund,as_of,commitment\n".to_owned();
    for size in SIZES {
        for row in 0..size {
            let _ = writeln!(
                csv,
                "Dashboard investor {row:04},Dashboard of {size},2024-03-31,{}.25",
                1_000 + row
            );
        }
    }
    let import = upload(&a.owner, &a.slug, csv).await?;
    let is_over = |import: &Value| matches!(import["state"].as_str(), Some("done" | "failed"));
    let ended = follow(&a.owner, &a.slug, import, IMPORT_MAX, is_over).await?;
    let listed = a.owner.get(&a.path("/funds?q=Dashboard")).await?.expect(200)?.json();
    let id_of = |size: u64| {
        let name = format!("Dashboard of {size}");
        let mut items = listed["items"].as_array().into_iter().flatten();
        let id = items.find(|fund| fund["name"] == name).and_then(|fund| fund["id"].as_str());
        id.map(str::to_owned)
            .ok_or_else(|| Error::Lacking { what: format!("the import {ended}"), field: name })
    };
    SIZES.into_iter().map(id_of).collect()
}

/// What the rows of a fund of this size add up to.
fn committed_in_all(size: u64) -> String {
    let cents: u64 = (0..size).map(|row| (1_000 + row) * 100 + 25).sum();
    format!("{}.{:02}", cents / 100, cents % 100)
}
