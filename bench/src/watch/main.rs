//! What the statement watch costs: the same statement with and without it, turn by turn, beside a whole request that asks once.
//!
//! `UNDERPIN_TEST_PG=<administrator's URL> cargo run -p underpin-bench --bin bench-watch -- [rounds] [requests] > bench/results/watch.md`

#[path = "../import/machine.rs"]
mod machine;
mod request;
mod store;

use std::{fmt::Write as _, time::Instant};

use anyhow::{Context as _, Result};
use request::{Manner, Site};

/// Rounds unless the command line says otherwise.
const ROUNDS: usize = 300;
/// Requests of one manner in one round unless the command line says otherwise.
const REQUESTS: usize = 100;

/// Microseconds of one request: until its answer was here, and of this process's processor.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: f64,
}

// One thread, so that its processor time is the requests'.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let rounds = args.next().map_or(Ok(ROUNDS), |text| text.parse()).context("rounds")?;
    let requests = args.next().map_or(Ok(REQUESTS), |text| text.parse()).context("requests")?;
    let site = Site::start().await?;
    for manner in Manner::ALL {
        measure(&site, manner, 500).await?;
    }
    let mut costs: [Vec<Cost>; Manner::ALL.len()] = Default::default();
    for round in 0..rounds {
        // Each manner is first, second and last equally often.
        for turn in 0..Manner::ALL.len() {
            let at = (round + turn) % Manner::ALL.len();
            costs[at].push(measure(&site, Manner::ALL[at], requests).await?);
        }
    }
    print!("{}", report(&costs, requests, &machine::describe()?));
    Ok(())
}

async fn measure(site: &Site, manner: Manner, requests: usize) -> Result<Cost> {
    let (began, cpu) = (Instant::now(), processor_ns()?);
    for number in 0..requests {
        site.ask(manner, number as i64).await?;
    }
    let each = requests as f64;
    let (wall, cpu) = (began.elapsed().as_nanos() as f64, (processor_ns()? - cpu) as f64);
    Ok(Cost { wall: wall / each / 1_000.0, cpu: cpu / each / 1_000.0 })
}

/// Time that this thread has spent on a processor.
fn processor_ns() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = text.split_whitespace().next().context("schedstat is empty")?;
    Ok(first.parse()?)
}

fn report(costs: &[Vec<Cost>; Manner::ALL.len()], requests: usize, machine: &str) -> String {
    let mut text = format!(
        "# What the statement watch costs\n\n\
         A statement with three parameters as `app` under row level security, in one round trip over a Unix socket; dev profile. {} rounds of {requests} \
         of each manner, in turn. Median of the rounds (quarter–three quarters), microseconds each.\n\n\
         | manner | until the answer | this process's processor |\n|---|---|---|\n",
        costs[0].len()
    );
    for (manner, costs) in Manner::ALL.iter().zip(costs) {
        let (wall, cpu) =
            (spread(costs.iter().map(|c| c.wall)), spread(costs.iter().map(|c| c.cpu)));
        let _ = writeln!(text, "| {} | {} | {} |", manner.name(), show(wall), show(cpu));
    }
    text += "\n| what is added, round by round | µs until the answer | % of the request | µs of the processor |\n|---|---|---|---|\n";
    let [alone, watched, traced, request] = costs;
    for (what, with, without) in
        [("the watch", watched, alone), ("the name of the session", traced, watched)]
    {
        let pairs = || with.iter().zip(without);
        let wall = spread(pairs().map(|(with, without)| with.wall - without.wall));
        let cpu = spread(pairs().map(|(with, without)| with.cpu - without.cpu));
        let added = pairs()
            .zip(request)
            .map(|((with, without), request)| (with.wall - without.wall) / request.wall * 100.0);
        let (wall, part, cpu) = (show(wall), show(spread(added)), show(cpu));
        let _ = writeln!(text, "| {what} | {wall} | {part} | {cpu} |");
    }
    text + "\n" + machine
}

fn show((low, median, high): (f64, f64, f64)) -> String {
    format!("{median:.1} ({low:.1}–{high:.1})")
}

/// Quarter, median, three quarters.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |part: usize| values.get(values.len() * part / 4).copied().unwrap_or(f64::NAN);
    (at(1), at(2), at(3))
}
