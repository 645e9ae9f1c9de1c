//! From a commit to its frame on web sockets of two instances, and what an idle socket costs.
//!
//! `UNDERPIN_TEST_PG=<administrator's URL> cargo run -p underpin-bench --bin bench-live -- [seconds] [rounds] [sockets] > bench/results/live.md`

mod clients;
mod instance;
#[path = "../import/machine.rs"]
mod machine;
mod memory;
mod round;
mod site;

use anyhow::{Context as _, Result};
use memory::Memory;
use round::Round;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seconds of a round unless the command line says otherwise.
const SECONDS: u64 = 20;
/// Rounds unless the command line says otherwise; the median counts.
const ROUNDS: usize = 5;
/// Processes whose memory is measured.
const MEMORY_ROUNDS: usize = 3;
/// Idle sockets unless the command line says otherwise.
const IDLE: usize = 3_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let first = args.next();
    if first.as_deref() == Some("instance") {
        return instance::run(args.collect()).await;
    }
    let seconds = first.map_or(Ok(SECONDS), |text| text.parse()).context("seconds")?;
    let rounds = args.next().map_or(Ok(ROUNDS), |text| text.parse()).context("rounds")?;
    let idle = args.next().map_or(Ok(IDLE), |text| text.parse()).context("sockets")?;
    let site = site::Site::start().await?;
    let mut memory = Vec::new();
    for _ in 0..MEMORY_ROUNDS {
        memory.push(memory::run(&site, idle).await?);
        eprintln!("{:?}", memory.last());
    }
    let mut measured = Vec::new();
    for number in 1..=rounds {
        let round = round::run(&site, seconds).await?;
        eprintln!("round {number}: {round:?}");
        measured.push(round);
    }
    print!("{}", report(seconds, &measured, &memory, &machine::describe()?));
    Ok(())
}

fn report(seconds: u64, rounds: &[Round], memory: &[Memory], machine: &str) -> String {
    let line = |what: &str, figure: fn(&Round) -> f64| {
        let (median, low, high) = spread(rounds.iter().map(figure));
        format!("| {what} | {median:.1} | {low:.1}–{high:.1} |\n")
    };
    let lines = [
        line("p50, ms", |round| round.p50),
        line("p95, ms", |round| round.p95),
        line("p99, ms", |round| round.p99),
        line("slowest, ms", |round| round.slowest),
        line("the commit itself, p50, ms", |round| round.commit),
    ]
    .concat();
    let frames = rounds.first().map_or(0, |round| round.frames);
    let sockets = memory.first().map_or(0, |memory| memory.sockets);
    let kib = |figure: fn(&Memory) -> f64| {
        let (median, low, high) = spread(memory.iter().map(figure));
        format!("{median:.1} | {low:.1}–{high:.1}")
    };
    let (bare, told) = (kib(|memory| memory.bare), kib(|memory| memory.told));
    format!(
        "# From a commit to its frame\n\n\
         {rate} commits a second over {rooms} rooms, {clients} web sockets on two instances, {per_room} in each room; Postgres alone. Instances are processes of \
         their own in the dev profile, with hub, sequencer and hints; writer and clients are a third. From the return of `COMMIT` to the frame at the \
         client; each of {frames} frames of a round of {seconds} s came, once and in order. Median of {count} rounds (lowest–highest).\n\n\
         | what | median | lowest–highest |\n|---|---|---|\n{lines}\n\
         ## An idle web socket\n\n\
         {sockets} more sockets of one instance, each in two of {rooms} rooms; what the process's resident memory grew by, divided by sockets. All of it: task, \
         socket, outbox, hub, session. The kernel's own buffers are not in it. {processes} processes.\n\n\
         | when | KiB a socket, median | lowest–highest |\n|---|---|---|\n| joined | {bare} |\n| after two frames to each | {told} |\n\n{machine}",
        processes = memory.len(),
        rate = round::RATE,
        rooms = site::ROOMS,
        clients = round::CLIENTS,
        per_room = round::CLIENTS / site::ROOMS,
        count = rounds.len(),
    )
}

/// Median, lowest, highest.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    (at(values.len() / 2), at(0), at(values.len().saturating_sub(1)))
}
