//! Many large files at once through a web process into a bucket: its memory, its disk, the time.
//!
//! `UNDERPIN_TEST_PG=<administrator's URL> cargo run -p underpin-bench --bin bench-uploads -- [uploads] [MB] > bench/results/uploads.md`

#[path = "../import/machine.rs"]
mod machine;
mod round;
mod site;
mod store;
mod web;

use anyhow::{Context as _, Result};
use round::Round;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Uploads at once unless the command line says otherwise.
const UPLOADS: usize = 100;
/// Size of each in MB unless the command line says otherwise.
const MEGABYTES: u64 = 50;
/// The large file that goes alone.
const ALONE_MEGABYTES: u64 = 500;
/// MiB above idle that the web process may take.
const GOAL_MIB: f64 = 128.0;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let first = args.next();
    match first.as_deref() {
        Some("store") => return store::run().await,
        Some("web") => return web::run(args.collect()).await,
        _ => {}
    }
    let uploads = first.map_or(Ok(UPLOADS), |text| text.parse()).context("uploads")?;
    let megabytes = args.next().map_or(Ok(MEGABYTES), |text| text.parse()).context("MB")?;
    let site = site::Site::start().await?;
    let idle = round::idle(&site).await?;
    let alone = round::run(&site, idle, 1, ALONE_MEGABYTES * 1_000_000).await?;
    eprintln!("{alone:?}");
    let many = round::run(&site, idle, uploads, megabytes * 1_000_000).await?;
    eprintln!("{many:?}");
    print!("{}", report(uploads, megabytes, &alone, &many, &machine::describe()?));
    Ok(())
}

fn report(uploads: usize, megabytes: u64, alone: &Round, many: &Round, machine: &str) -> String {
    let line = |what: &str, round: &Round| {
        format!(
            "| {what} | {:.1} | {:.0} | {:.1} | {:.1} | {} |\n",
            round.mib_above_idle,
            round.mb_per_second,
            round.seconds,
            round.disk_mib,
            round.told_to_wait
        )
    };
    let lines = [
        line(&format!("one file of {ALONE_MEGABYTES} MB"), alone),
        line(&format!("{uploads} files of {megabytes} MB at once"), many),
    ]
    .concat();
    let goal = if many.mib_above_idle <= GOAL_MIB { "met" } else { "missed" };
    format!(
        "# Uploads into a bucket\n\n\
         Files as bodies of `POST …/imports` over the loopback, each on a connection of its own, through one web process in the dev profile \
         (a process of its own, with the bounds of production: 64 MiB for bodies, 5 MiB a part) into a store that takes everything and keeps nothing. Each \
         file arrived whole, was hashed, and has its import enqueued. Memory is the highest of looks every 20 ms, above what the process had before its first file; disk is `write_bytes` of the web \
         process. Who was told to wait (429, 503) tried again after `Retry-After`.\n\n\
         | what | web memory above idle, MiB | MB/s | s | to disk by the web process, MiB | told to wait |\n|---|---|---|---|---|---|\n{lines}\n\
         Goal: {uploads} files of {megabytes} MB at once, at most {GOAL_MIB:.0} MiB above idle, nothing on a local disk: {goal}.\n\n{machine}"
    )
}
