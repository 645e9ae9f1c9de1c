use underpin_db::{PoolFigures, Times};

use crate::metrics::Text;

/// Write how the pools of this process are used.
pub(super) fn pools(pools: &[PoolFigures], text: &mut Text) {
    type Figure = fn(&PoolFigures) -> usize;
    type Took = fn(&PoolFigures) -> &Times;
    let figures: [(&'static str, &str, Figure); 6] = [
        ("underpin_db_pool_max", "Connections there may be.", |pool| pool.max),
        ("underpin_db_pool_size", "Connections there are.", |pool| pool.size),
        ("underpin_db_pool_in_use", "Connections that work.", |pool| pool.in_use),
        ("underpin_db_pool_idle", "Connections that wait for work.", |pool| pool.idle),
        ("underpin_db_pool_waiters", "Work that waits for a connection.", |pool| pool.waiters),
        ("underpin_db_pool_nearly_used_up", "1 when 80 % of the connections work.", |pool| {
            usize::from(pool.is_nearly_all(pool.in_use))
        }),
    ];
    let label = |pool: &PoolFigures| format!("pool=\"{}\"", pool.name);
    for (name, help, figure) in figures {
        text.gauge(name, help, pools.iter().map(|pool| (label(pool), figure(pool) as f64)));
    }
    text.counter("underpin_db_pool_exhausted", "Work sent away because no connection came free.");
    for pool in pools {
        text.total(&label(pool), pool.exhausted as f64);
    }
    let times: [(&'static str, &str, Took); 2] = [
        ("underpin_db_pool_wait_seconds", "Waits for a connection.", |pool| &pool.waits),
        ("underpin_db_pool_hold_seconds", "Work with a connection.", |pool| &pool.holds),
    ];
    for (name, help, times) in times {
        text.histogram(name, help);
        for pool in pools {
            let Times { steps, count, sum } = times(pool);
            let steps = steps.iter().map(|(end, count)| (Some(*end), *count));
            text.steps(&label(pool), steps.chain([(None, *count)]), *sum);
        }
    }
}
