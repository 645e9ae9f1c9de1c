use std::fmt::Write as _;

use underpin_db::PoolFigures;

use crate::metrics::gauge;

/// Write how the pools of this process are used.
pub(super) fn pools(pools: &[PoolFigures], text: &mut String) {
    type Figure = fn(&PoolFigures) -> usize;
    let figures: [(&str, &str, Figure); 5] = [
        ("max", "Connections there may be.", |pool| pool.max),
        ("size", "Connections there are.", |pool| pool.size),
        ("in_use", "Connections that work.", |pool| pool.in_use),
        ("idle", "Connections that wait for work.", |pool| pool.idle),
        ("waiters", "Work that waits for a connection.", |pool| pool.waiters),
    ];
    for (name, help, figure) in figures {
        let samples =
            pools.iter().map(|pool| (format!("{{pool=\"{}\"}}", pool.name), figure(pool) as f64));
        gauge(text, &format!("underpin_db_pool_{name}"), help, samples);
    }
    let exhausted = "underpin_db_pool_exhausted_total";
    let _ = writeln!(text, "# HELP {exhausted} Work sent away because no connection came free.");
    let _ = writeln!(text, "# TYPE {exhausted} counter");
    for pool in pools {
        let _ = writeln!(text, "{exhausted}{{pool=\"{}\"}} {}", pool.name, pool.exhausted);
    }
    let wait = "underpin_db_pool_wait_seconds";
    let _ = writeln!(text, "# HELP {wait} Waits for a connection.\n# TYPE {wait} histogram");
    for PoolFigures { name, waits, .. } in pools {
        for (bound, count) in &waits.steps {
            let _ = writeln!(text, "{wait}_bucket{{pool=\"{name}\",le=\"{bound}\"}} {count}");
        }
        let _ = writeln!(text, "{wait}_bucket{{pool=\"{name}\",le=\"+Inf\"}} {}", waits.count);
        let _ = writeln!(text, "{wait}_sum{{pool=\"{name}\"}} {}", waits.sum);
        let _ = writeln!(text, "{wait}_count{{pool=\"{name}\"}} {}", waits.count);
    }
}
