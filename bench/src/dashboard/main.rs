//! Dashboards and portfolios through HTTP, with a fund of ten thousand allocations and a book of a hundred thousand.
//!
//! `UNDERPIN_TEST_PG=<administrator's URL> cargo run -p underpin-bench --bin bench-dashboard -- [requests] [rounds] > bench/results/dashboard.md`

mod books;
#[path = "../import/machine.rs"]
mod machine;
mod measure;
mod site;

use anyhow::{Context as _, Result};
use measure::{Figures, Question};
use site::Site;

/// Requests of a round unless the command line says otherwise.
const REQUESTS: usize = 200;
/// Rounds unless the command line says otherwise; the median counts.
const ROUNDS: usize = 3;
/// Clients at the same time, where there are several.
const CLIENTS: usize = 4;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let requests = args.next().map_or(Ok(REQUESTS), |text| text.parse()).context("requests")?;
    let rounds = args.next().map_or(Ok(ROUNDS), |text| text.parse()).context("rounds")?;
    let site = Site::start().await?;
    let one = |what, path: &str| Question { what, path: path.to_owned(), clients: 1 };

    site.import("big", books::one_large_fund()).await?;
    site.import("wide", books::many_funds()).await?;
    site.import("demo", books::demo()).await?;
    let large = site.largest_fund("big").await?;
    let typical = site.largest_fund("demo").await?;
    let dashboard = format!("/v1/t/big/funds/{large}/dashboard");
    let behind = [
        one("the same, each report read: an import is not summed yet", &dashboard),
        one("portfolio of 100,000 allocations × 4 dates, each report read", "/v1/t/wide/portfolio"),
    ];
    let mut slower = measure::all(&site, &behind, requests, rounds).await?;
    let summing = site.sum().await?.round();
    let summed = [
        one("dashboard of a fund with 10,000 allocations × 8 dates", &dashboard),
        Question { clients: CLIENTS, ..one("the same, 4 clients at once", &dashboard) },
        one(
            "dashboard of the demo's largest fund",
            &format!("/v1/t/demo/funds/{typical}/dashboard"),
        ),
        one("portfolio of the demo: 2,152 allocations, 2,489 reports", "/v1/t/demo/portfolio"),
        one("portfolio of 30,000 allocations × 8 dates", "/v1/t/big/portfolio"),
        one("portfolio of 100,000 allocations × 4 dates", "/v1/t/wide/portfolio"),
    ];
    let mut figures = measure::all(&site, &summed, requests, rounds).await?;
    figures.insert(1, slower.remove(0));
    figures.append(&mut slower);
    print!("{}", report(&figures, requests, rounds, summing, &machine::describe()?));
    Ok(())
}

fn report(
    figures: &[Figures],
    requests: usize,
    rounds: usize,
    summing: f64,
    machine: &str,
) -> String {
    let mut text = format!(
        "# Dashboards and portfolios\n\n\
         Milliseconds from the request to the last byte of the answer, over HTTP on the loopback, by a signed-in member; one process in the \
         dev profile, forced row level security on. {requests} requests a round, one after the other unless said; median of {rounds} rounds \
         (lowest–highest).\n\n\
         | what | p50 | p95 | slowest | answer, kB |\n|---|---|---|---|---|\n"
    );
    for row in figures {
        text.push_str(&row.line());
    }
    text += "\nSumming the movements of the three books (30,000, 100,000 and 2,152 allocations) after their imports took a job ";
    text += &summing.to_string();
    text += " s.\n\n";
    text + machine
}
