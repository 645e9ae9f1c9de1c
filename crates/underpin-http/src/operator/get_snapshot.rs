use std::{collections::BTreeMap, time::Duration};

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use underpin_base::Histogram;
use underpin_db::PoolFigures;

use crate::{
    Api, Json,
    metrics::{Figures, Series},
};

/// The figures of `/metrics` that are this process's own, for people and scripts: counts since it began, times in milliseconds.
#[derive(Serialize)]
pub(super) struct Snapshot {
    at: Timestamp,
    build: String,
    in_flight: usize,
    requests: Requests,
    routes: Vec<OfRoute>,
    pools: Vec<OfPool>,
}

/// Requests of one kind.
#[derive(Serialize)]
struct Requests {
    count: u64,
    /// Answers from 500 on.
    errors: u64,
    slow: u64,
    error_rate: f64,
    slow_rate: f64,
    by_class: BTreeMap<&'static str, u64>,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    mean_ms: f64,
    statements: u64,
    db_ms: f64,
}

#[derive(Serialize)]
struct OfRoute {
    method: &'static str,
    route: String,
    #[serde(flatten)]
    requests: Requests,
    statuses: BTreeMap<u16, u64>,
}

#[derive(Serialize)]
struct OfPool {
    pool: &'static str,
    max: usize,
    size: usize,
    in_use: usize,
    idle: usize,
    waiters: usize,
    exhausted: u64,
    waits: u64,
    waited_ms: f64,
    nearly_used_up: bool,
}

/// Classes of statuses by their first digit.
const CLASSES: [(u16, &str); 5] = [(1, "1xx"), (2, "2xx"), (3, "3xx"), (4, "4xx"), (5, "5xx")];

/// What this process has answered since it began, and how its pools stand.
pub(super) async fn get_snapshot(State(api): State<Api>) -> Json<Snapshot> {
    // One reading: the sum is that of the routes.
    let series = api.shared.metrics.read();
    let total = Figures::sum(&series);
    let routes = series.into_iter().filter(|one| one.figures.took.count() > 0);
    Json(Snapshot {
        at: api.now(),
        build: api.settings.version.clone(),
        in_flight: api.in_flight(),
        requests: (&total).into(),
        routes: routes.map(OfRoute::from).collect(),
        pools: api.db.pools().into_iter().map(OfPool::from).collect(),
    })
}

impl From<&Figures> for Requests {
    fn from(figures: &Figures) -> Self {
        let Figures { took, slow, statements, in_database, .. } = figures;
        let count = took.count();
        let share = |part: u64| if count == 0 { 0.0 } else { part as f64 / count as f64 };
        let errors = figures.of_class(5);
        Self {
            count,
            errors,
            slow: *slow,
            error_rate: share(errors),
            slow_rate: share(*slow),
            by_class: CLASSES.map(|(class, name)| (name, figures.of_class(class))).into(),
            p50_ms: percentile(took, 0.5),
            p95_ms: percentile(took, 0.95),
            p99_ms: percentile(took, 0.99),
            mean_ms: if count == 0 { 0.0 } else { ms(took.sum()) / count as f64 },
            statements: *statements,
            db_ms: ms(*in_database),
        }
    }
}

impl From<Series> for OfRoute {
    fn from(series: Series) -> Self {
        Self {
            method: series.method,
            route: series.route.to_string(),
            requests: (&series.figures).into(),
            statuses: series.figures.statuses.into_iter().collect(),
        }
    }
}

impl From<PoolFigures> for OfPool {
    fn from(pool: PoolFigures) -> Self {
        Self {
            pool: pool.name,
            max: pool.max,
            size: pool.size,
            in_use: pool.in_use,
            idle: pool.idle,
            waiters: pool.waiters,
            exhausted: pool.exhausted,
            waits: pool.waits.count,
            waited_ms: pool.waits.sum * 1_000.0,
            nearly_used_up: pool.is_nearly_all(pool.in_use),
        }
    }
}

fn percentile(took: &Histogram, share: f64) -> f64 {
    ms(took.quantile(share))
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}
