use axum::{Extension, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use underpin_db::{PoolFigures, Purpose, Row, Scope};
use underpin_jobs::{Operator, QueueView, WorkerView};

use super::guard::Guarded;
use crate::{Api, Held, Json, Problem, jobs::problem, store::LIST_SCHEMA};

/// What an operator wants to know of a process and its deployment at a glance; no setting's value is in it.
#[derive(Serialize)]
pub(super) struct Response {
    build: Build,
    process: Process,
    /// Of each component.
    schema: Vec<Schema>,
    /// The workers that hold their jobs, each with the end of its lease.
    leases: Vec<WorkerView>,
    queues: Vec<QueueView>,
    pools: Vec<Pool>,
    memory: Vec<Held>,
    /// What this listener shows to nobody but operators.
    routes: Vec<&'static str>,
}

#[derive(Serialize)]
struct Build {
    name: String,
    environment: &'static str,
    version: String,
}

#[derive(Serialize)]
struct Process {
    pid: u32,
    started: bool,
    draining: bool,
}

#[derive(Serialize)]
struct Schema {
    component: String,
    /// Its newest migration.
    version: String,
    migrations: i64,
    applied_at: Timestamp,
}

#[derive(Serialize)]
struct Pool {
    name: &'static str,
    connections_used: usize,
    connections_max: usize,
}

/// What this process is and how the deployment stands.
pub(super) async fn get_detail(
    State(api): State<Api>,
    Extension(guarded): Extension<Guarded>,
) -> Result<Json<Response>, Problem> {
    let operator = Operator::new(api.db.clone());
    let rows = api.db.query(Scope::System(Purpose::Operate), &LIST_SCHEMA, &[]).await?;
    let schema = |row: &Row| Schema {
        component: row.get(0),
        version: row.get(1),
        migrations: row.get(2),
        applied_at: row.get(3),
    };
    let workers = operator.workers().await.map_err(problem)?;
    let settings = &api.settings;
    Ok(Json(Response {
        build: Build {
            name: settings.name.clone(),
            environment: settings.environment.as_str(),
            version: settings.version.clone(),
        },
        process: Process {
            pid: std::process::id(),
            started: api.health.is_started(),
            draining: api.health.is_draining(),
        },
        schema: rows.iter().map(schema).collect(),
        leases: workers.into_iter().filter(|worker| worker.alive).collect(),
        queues: operator.queues().await.map_err(problem)?,
        pools: api.db.pools().into_iter().map(Pool::from).collect(),
        memory: api.memory.held(),
        routes: guarded.0.to_vec(),
    }))
}

impl From<PoolFigures> for Pool {
    fn from(pool: PoolFigures) -> Self {
        Self { name: pool.name, connections_used: pool.in_use, connections_max: pool.max }
    }
}
