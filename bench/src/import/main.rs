//! A large import beside the bare `INSERT … SELECT` of the same rows, in the same run, on the same server.
//!
//! `UNDERPIN_TEST_PG=<administrator's URL> cargo run -p underpin-bench --bin bench-import -- [rows] [rounds] > bench/results/import.md`

mod file;
mod machine;
mod round;
mod worker;

use anyhow::{Context as _, Result};

/// Reports in the generated file unless the command line says otherwise.
const ROWS: u64 = 1_000_000;
/// Rounds unless the command line says otherwise; the median counts.
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let first = args.next();
    if first.as_deref() == Some("worker") {
        return worker::run(args.collect()).await;
    }
    let rows = first.map_or(Ok(ROWS), |text| text.parse()).context("rows")?;
    let rounds = args.next().map_or(Ok(ROUNDS), |text| text.parse()).context("rounds")?;
    let mut measured = Vec::new();
    for number in 1..=rounds {
        let round = round::run(rows).await?;
        eprintln!("round {number}: {round:?}");
        measured.push(round);
    }
    print!("{}", report(rows, &measured, &machine::describe()?));
    Ok(())
}

fn report(rows: u64, rounds: &[round::Round], machine: &str) -> String {
    let per_second = |seconds: f64| rows as f64 / seconds;
    let import = spread(rounds.iter().map(|round| per_second(round.import_seconds)));
    let bare = spread(rounds.iter().map(|round| per_second(round.bare_seconds)));
    let ratio = spread(rounds.iter().map(|round| round.bare_seconds / round.import_seconds));
    let again = spread(rounds.iter().map(|round| per_second(round.again_seconds)));
    let upload = spread(rounds.iter().map(|round| round.upload_mb_per_second));
    let memory = spread(rounds.iter().map(|round| round.worker_mib_above_idle));
    let file_mb = rounds.first().map_or(0.0, |round| round.file_mb);
    let allocations = rounds.first().map_or(0, |round| round.allocations);
    format!(
        "# Import of {rows} generated reports\n\n\
         {file_mb:.1} MB of CSV, {allocations} allocations; all constraints, indexes, foreign keys and forced row level security on; \
         worker in the dev profile, as role `app`. Median of {count} rounds (lowest–highest).\n\n\
         | what | median | lowest–highest |\n|---|---|---|\n\
         | import, reports/s, from commit of the upload to `finished` | {:.0} | {:.0}–{:.0} |\n\
         | bare `INSERT … SELECT` of the same reports in one statement, reports/s | {:.0} | {:.0}–{:.0} |\n\
         | import / bare | {:.2} | {:.2}–{:.2} |\n\
         | the same bytes again, reports/s | {:.0} | {:.0}–{:.0} |\n\
         | upload with digest and fsync, MB/s | {:.0} | {:.0}–{:.0} |\n\
         | worker's peak memory above idle, MiB | {:.1} | {:.1}–{:.1} |\n\n{machine}",
        import.0,
        import.1,
        import.2,
        bare.0,
        bare.1,
        bare.2,
        ratio.0,
        ratio.1,
        ratio.2,
        again.0,
        again.1,
        again.2,
        upload.0,
        upload.1,
        upload.2,
        memory.0,
        memory.1,
        memory.2,
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
