//! Sums of money, to the cent, where floats are wrong.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;
use underpin::audit::{
    Check, Error, Outcome, Result, Severity, Stage, Stopped, Tenant, follow, upload,
};

use super::IMPORT_MAX;

/// Allocations of each fund.
const ALLOCATIONS: i128 = 43;
/// What is summed up.
const FIGURES: [&str; 4] = ["committed", "called", "distributed", "value"];
/// A fund of large amounts, whose sum in cents is past 2^53, and one of the tenths that no binary fraction has.
const FUNDS: [&str; 2] = ["Totals large", "Totals small"];

/// Minor units of each figure.
type Sums = [i128; 4];

pub(super) const CHECK: Check = Check {
    id: "funds.totals",
    seeds: &["S0.23"],
    severity: Severity::P0,
    promise: "A fund's sums are those of its allocations to the cent, however large or crooked the amounts are.",
    input: "a fund of 43 amounts near ten billions of millions of cents, and one of amounts such as 0.10 and 0.70, some below zero",
    measure: "the four sums of the dashboard and of the list of funds, beside those of the file and of the fund's allocations one by one",
    threshold: "equal to the cent",
    fault: "sums_as_floats",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let a = &stage.tenants().await?.a;
    let sent = import(a).await?;
    let listed = a.owner.get(&a.path("/funds?q=Totals")).await?.expect(200)?.json();
    let (mut breaches, mut compared) = (Vec::new(), 0);
    for name in FUNDS {
        let fund =
            listed["items"].as_array().into_iter().flatten().find(|fund| fund["name"] == name);
        let lacking = || Error::Lacking { what: "the list of funds".into(), field: name.into() };
        let fund = fund.ok_or_else(lacking)?;
        let id = fund["id"].as_str().unwrap_or_default();
        let dashboard = a.owner.get(&a.path(&format!("/funds/{id}/dashboard"))).await?;
        let dashboard = dashboard.expect(200)?.json();
        let held = a.owner.get(&a.path(&format!("/funds/{id}/allocations"))).await?;
        let held = held.expect(200)?.json();
        let one_by_one = held["items"].as_array().into_iter().flatten();
        let one_by_one = one_by_one.map(|one| shown(&one["positions"])).collect::<Option<Vec<_>>>();
        for (place, found) in [
            ("the dashboard", shown(&dashboard["positions"])),
            ("the list", shown(&fund["positions"])),
            ("its allocations one by one", one_by_one.map(|all| all.into_iter().fold([0; 4], add))),
        ] {
            compared += 1;
            if found != Some(sent[name]) {
                breaches
                    .push(format!("{name}: {place} come to {found:?} cents, not {:?}", sent[name]));
            }
        }
    }
    let measured = format!("{} of {compared} sums differ from what was sent", breaches.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

/// Bring both funds in, the way a user does; gives what they add up to.
async fn import(a: &Tenant) -> Result<BTreeMap<&'static str, Sums>> {
    let mut csv = "investor,fund,as_of,commitment,called,distributed,value\n".to_owned();
    let mut sums = BTreeMap::new();
    for row in 0..ALLOCATIONS {
        let large = 999_999_999_999_997 - row * 100_003;
        let small = [10, 20, 70, 115][usize::try_from(row % 4).unwrap_or(0)];
        for (name, figures) in FUNDS.into_iter().zip([
            [large, large - 1, large / 3, -large + 2],
            [small, small / 5, -small, small * 3 + 1],
        ]) {
            let _ = write!(csv, "Totals investor {row:02},{name},2024-03-31");
            for minor in figures {
                let sign = if minor < 0 { "-" } else { "" };
                let _ = write!(csv, ",{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100);
            }
            csv.push('\n');
            let sum = sums.entry(name).or_insert([0; 4]);
            *sum = add(*sum, figures);
        }
    }
    let import = upload(&a.owner, &a.slug, csv).await?;
    let is_over = |import: &Value| matches!(import["state"].as_str(), Some("done" | "failed"));
    let ended = follow(&a.owner, &a.slug, import, IMPORT_MAX, is_over).await?;
    if ended["rows"]["applied"].as_u64().map(i128::from) == Some(2 * ALLOCATIONS) {
        return Ok(sums);
    }
    Err(Error::Lacking { what: format!("the import {ended}"), field: "all rows".into() })
}

fn add(mut sums: Sums, figures: Sums) -> Sums {
    for (sum, minor) in sums.iter_mut().zip(figures) {
        *sum += minor;
    }
    sums
}

/// The figures of an answer in minor units; none if one is no amount.
fn shown(positions: &Value) -> Option<Sums> {
    let mut sums = [0; 4];
    for (sum, figure) in sums.iter_mut().zip(FIGURES) {
        let amount = positions[figure]["amount"].as_str()?;
        let (_, cents) = amount.split_once('.')?;
        *sum = amount.replace('.', "").parse().ok().filter(|_| cents.len() == 2)?;
    }
    Some(sums)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_read_to_the_cent_or_not_at_all() {
        let positions = |value: &str| {
            let amount = |text: &str| json!({ "amount": text, "currency": "USD" });
            json!({ "committed": amount("429999999999998.71"), "called": amount("0.30"),
                "distributed": amount("-0.10"), "value": amount(value) })
        };
        assert_eq!(shown(&positions("1.00")), Some([42_999_999_999_999_871, 30, -10, 100]));
        assert_eq!(shown(&positions("1.0")), None);
        assert_eq!(shown(&positions("4.3e14")), None);
    }
}
