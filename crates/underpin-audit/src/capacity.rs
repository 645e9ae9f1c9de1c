//! How many connections the work of a process asks for.

use std::time::Duration;

use reqwest::Method;
use tokio::time::{Instant, sleep};
use underpin_base::Secret;

use crate::{Ask, Error, Result};

/// How much of a pool its work should use on average: what is left is for those that come at the same moment.
const USED: f64 = 0.6;
/// Fewest connections of a pool.
const CONNECTIONS_MIN: u32 = 2;

/// What the work of a pool was like for a while.
///
/// Source: J. D. C. Little, "A Proof for the Queuing Formula: L = λW", Operations Research 9 (3), 1961.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// The pool.
    pub pool: String,
    /// Connections that it may have.
    pub max: u32,
    /// How often a second a connection was taken and given back.
    pub arrivals: f64,
    /// How long it was held, on average.
    pub hold: Duration,
    /// Work that was sent away for want of one: there was more of it than these figures show.
    pub refused: u64,
}

impl Demand {
    /// Connections that had work at the same time, on average.
    pub fn busy(&self) -> f64 {
        self.arrivals * self.hold.as_secs_f64()
    }

    /// Connections that this work asks for, so that it uses three fifths of them.
    pub fn connections(&self) -> u32 {
        // Far below where a float has no integer any more.
        ((self.busy() / USED).ceil() as u32).max(CONNECTIONS_MIN)
    }
}

/// What a pool counted so far.
#[derive(Debug, Clone, PartialEq)]
struct Counted {
    pool: String,
    max: u32,
    holds: u64,
    held: f64,
    exhausted: u64,
}

/// Look at the pools of a process for so long, twice; what came between is what its work was like.
///
/// Errors: the process gives no figures to whoever has this token. Cost: two requests.
pub async fn observe(
    http: &reqwest::Client,
    operator_url: &str,
    token: &Secret<String>,
    time: Duration,
) -> Result<Vec<Demand>> {
    let (before, began) = (look(http, operator_url, token).await?, Instant::now());
    sleep(time).await;
    let (after, took) = (look(http, operator_url, token).await?, began.elapsed());
    let pairs = after.into_iter().filter_map(|after| {
        let before = before.iter().find(|before| before.pool == after.pool)?;
        Some(between(before, after, took))
    });
    Ok(pairs.collect())
}

fn between(before: &Counted, after: Counted, took: Duration) -> Demand {
    // A process that began anew in between has counted less: what it has now is all there was.
    let holds = after.holds.checked_sub(before.holds).unwrap_or(after.holds);
    let seconds = if after.held >= before.held { after.held - before.held } else { after.held };
    let refused = after.exhausted.checked_sub(before.exhausted).unwrap_or(after.exhausted);
    let arrivals = holds as f64 / took.as_secs_f64().max(f64::EPSILON);
    let hold = Duration::from_secs_f64(if holds == 0 { 0.0 } else { seconds / holds as f64 });
    Demand { pool: after.pool, max: after.max, arrivals, hold, refused }
}

async fn look(
    http: &reqwest::Client,
    operator_url: &str,
    token: &Secret<String>,
) -> Result<Vec<Counted>> {
    let url = format!("{operator_url}/metrics");
    let ask = Ask::bare(http, Method::GET, &url).header("authorization", &bearer(token));
    let answer = ask.send().await?.expect(200)?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let pools = read(&text);
    if pools.is_empty() {
        return Err(Error::Lacking { what: url, field: "figures of pools".into() });
    }
    Ok(pools)
}

fn bearer(token: &Secret<String>) -> String {
    format!("Bearer {}", token.expose())
}

/// The pools in what Prometheus collects.
fn read(metrics: &str) -> Vec<Counted> {
    let figure = |name: &str, pool: &str| {
        let start = format!("underpin_db_pool_{name}{{pool=\"{pool}\"}} ");
        let value = metrics.lines().find_map(|line| line.strip_prefix(&start));
        value.and_then(|value| value.trim().parse::<f64>().ok())
    };
    let pools = metrics.lines().filter_map(|line| {
        line.strip_prefix("underpin_db_pool_max{pool=\"")?.split_once('"').map(|(pool, _)| pool)
    });
    let counted = pools.filter_map(|pool| {
        Some(Counted {
            pool: pool.to_owned(),
            max: figure("max", pool)? as u32,
            holds: figure("hold_seconds_count", pool)? as u64,
            held: figure("hold_seconds_sum", pool)?,
            exhausted: figure("exhausted_total", pool)? as u64,
        })
    });
    counted.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &str = "# TYPE underpin_db_pool_max gauge\n\
         underpin_db_pool_max{pool=\"app\"} 16\nunderpin_db_pool_max{pool=\"system\"} 4\n\
         underpin_db_pool_exhausted_total{pool=\"app\"} 3\nunderpin_db_pool_exhausted_total{pool=\"system\"} 0\n\
         underpin_db_pool_hold_seconds_bucket{pool=\"app\",le=\"+Inf\"} 400\n\
         underpin_db_pool_hold_seconds_sum{pool=\"app\"} 60.5\nunderpin_db_pool_hold_seconds_count{pool=\"app\"} 400\n\
         underpin_db_pool_hold_seconds_sum{pool=\"system\"} 0\nunderpin_db_pool_hold_seconds_count{pool=\"system\"} 0\n";

    #[test]
    fn what_arrives_and_how_long_it_stays_say_how_many_are_needed() {
        let [app, system] = &read(METRICS)[..] else { panic!("two pools") };
        let nothing = Counted { holds: 0, held: 0.5, exhausted: 0, ..app.clone() };
        let app = between(&nothing, app.clone(), Duration::from_secs(10));
        assert_eq!((app.arrivals, app.hold, app.refused), (40.0, Duration::from_millis(150), 3));
        // Six at a time are three fifths of ten.
        assert_eq!((app.busy(), app.connections()), (6.0, 10));
        let system = between(system, system.clone(), Duration::from_secs(10));
        assert_eq!((system.busy(), system.hold, system.connections()), (0.0, Duration::ZERO, 2));
    }

    #[test]
    fn a_process_that_began_anew_has_counted_what_it_has() {
        let app = read(METRICS).swap_remove(0);
        let fewer = Counted { holds: 100, held: 10.0, exhausted: 1, ..app.clone() };
        let demand = between(&app, fewer, Duration::from_secs(10));
        assert_eq!((demand.arrivals, demand.busy(), demand.refused), (10.0, 1.0, 1));
    }
}
