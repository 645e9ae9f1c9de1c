//! What the figures were measured on.

use std::{fs::File, io::Write as _, time::Instant};

use anyhow::Result;

/// How often a page is written and flushed.
const FLUSHES: usize = 200;

/// Processor, memory, and how long a flush takes where the temporary files lie.
pub(crate) fn describe() -> Result<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism()?;
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib: f64 = kib.and_then(|kib| kib.split_whitespace().next()).map_or(Ok(0.0), str::parse)?;
    let (median, highest) = flushes()?;
    Ok(format!(
        "Machine: {model}, {cores} cores, {:.0} GiB; database, worker and load on it together. Write of 8 KiB and fdatasync: median {median:.2} ms, \
         highest of {FLUSHES} {highest:.2} ms.\n",
        kib / 1_048_576.0
    ))
}

fn flushes() -> Result<(f64, f64)> {
    let path = std::env::temp_dir().join(format!("underpin-bench-{}.flush", std::process::id()));
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        let began = Instant::now();
        file.write_all(&[7; 8_192])?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    std::fs::remove_file(&path)?;
    times.sort_by(f64::total_cmp);
    Ok((times[FLUSHES / 2], times[FLUSHES - 1]))
}
