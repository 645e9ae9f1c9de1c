//! What the whole stack costs: beside a bare axum handler, and beside node-postgres doing the same transaction.
//!
//! `npm ci --prefix bench/peers/node && UNDERPIN_TEST_PG=<administrator's URL> cargo run --release -p underpin-bench --bin bench-stack -- [seconds] [rounds] > bench/results/stack.md`

mod client;
#[path = "../import/machine.rs"]
mod machine;
mod peer;
mod site;

use std::{fmt::Write as _, time::Duration};

use anyhow::{Context as _, Result};
use client::{Load, Target};
use site::Site;

/// Seconds of a measurement unless the command line says otherwise.
const SECONDS: u64 = 3;
/// Rounds unless the command line says otherwise; the median counts.
const ROUNDS: usize = 5;
/// Connections at the same time, for everything but the two writes.
const CONNECTIONS: usize = 8;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A line of the report: what, its rate and its median time, round by round.
struct Figures {
    what: &'static str,
    target: Target,
    connections: usize,
    loads: Vec<Load>,
}

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return site::serve();
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let seconds = args.next().map_or(Ok(SECONDS), |text| text.parse()).context("seconds")?;
    let rounds = args.next().map_or(Ok(ROUNDS), |text| text.parse()).context("rounds")?;
    let site = Site::start().await?;
    let peer = peer::Peer::start(&site).await?;
    let line = |what, target, connections| Figures { what, target, connections, loads: Vec::new() };
    let mut figures = [
        line("bare axum handler, the same answer", site.bare(), CONNECTIONS),
        line("`GET …/noop`, signed in, every layer", site.get("noop"), CONNECTIONS),
        line("`GET …/notes?limit=20`, every layer", site.get("notes?limit=20"), CONNECTIONS),
        line("node:http and node-postgres, the same transaction", peer.list(&site), CONNECTIONS),
        line("`POST …/notes` without a key", site.post(false), 1),
        line("`POST …/notes` with an `Idempotency-Key`", site.post(true), 1),
    ];
    for round in 1..=rounds {
        for line in &mut figures {
            client::run(&line.target, line.connections, Duration::from_millis(500)).await?;
            let load =
                client::run(&line.target, line.connections, Duration::from_secs(seconds)).await?;
            eprintln!("round {round}: {:.0}/s, p50 {:.3} ms: {}", load.rate, load.p50, line.what);
            line.loads.push(load);
        }
    }
    print!("{}", report(&figures, seconds, &machine::describe()?));
    Ok(())
}

fn report(figures: &[Figures], seconds: u64, machine: &str) -> String {
    let mut text = format!(
        "# The whole stack beside its peers\n\n\
         HTTP/1.1 on the loopback with connections that stay; server, peer, database and load on the same cores. Underpin is one process, node-postgres one process (its \
         statements prepared and named, the session looked up, the tenant set, twenty rows read under the same policies, in one transaction). {seconds} s a \
         measurement, in turn; median of {} rounds (lowest–highest). Profile: {}.\n\n\
         | what | connections | requests/s | p50, ms |\n|---|---|---|---|\n",
        figures[0].loads.len(),
        if cfg!(debug_assertions) { "dev" } else { "release" },
    );
    for line in figures {
        let rate = spread(line.loads.iter().map(|load| load.rate).collect(), 0);
        let p50 = spread(line.loads.iter().map(|load| load.p50).collect(), 3);
        let _ = writeln!(text, "| {} | {} | {rate} | {p50} |", line.what, line.connections);
    }
    let by_round = |figure: fn(&Load, &Load) -> f64, a: usize, b: usize| {
        spread(
            figures[a].loads.iter().zip(&figures[b].loads).map(|(a, b)| figure(a, b)).collect(),
            2,
        )
    };
    let ratio = |a: &Load, b: &Load| a.rate / b.rate;
    // Writing to a text cannot fail.
    let _ = write!(
        text,
        "\n| round by round | measured | goal |\n|---|---|---|\n\
         | the signed-in no-op beside the bare handler | {} | ≥ 0.8 |\n\
         | the tenant's read beside node-postgres | {} | ≥ 2.5 |\n\
         | what the key adds to a write, p50, ms | {} | ≤ 0.5 |\n\n{machine}",
        by_round(ratio, 1, 0),
        by_round(ratio, 2, 3),
        by_round(|a, b| a.p50 - b.p50, 5, 4),
    );
    text
}

/// Median (lowest–highest).
fn spread(mut values: Vec<f64>, decimals: usize) -> String {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values[0], values[values.len() - 1]);
    format!("{:.decimals$} ({low:.decimals$}–{high:.decimals$})", values[values.len() / 2])
}
