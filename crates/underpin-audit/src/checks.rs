//! The kernel's checks, one a file.

mod config_refused;
mod db_deleted;
mod db_forced_rls;
mod db_indexes;
mod db_plans;
mod db_rows;
mod db_timeouts;
mod db_types;
mod deploy_drain;
mod deploy_restarts;
mod errors_grouped;
mod health_database;
mod http_cors;
mod http_headers;
mod idempotency_rivals;
mod jobs_apart;
mod jobs_atomic;
mod jobs_killed_worker;
mod jobs_retries;
mod jobs_zombie;
mod live_rooms;
mod log_full;
mod memory_bounded;
mod migrate_online;
mod migrate_rivals;
mod ops_closed;
mod pool_ages;
mod pool_budget;
mod pool_exhausted;
mod pool_sized;
mod program;
mod readings;
mod routes_statements;
mod schedules_skip;
mod secrets_canary;
mod session_everywhere;
mod session_lookups;
mod telemetry_events;
mod telemetry_metrics;
mod telemetry_minute;
mod telemetry_slow;
mod tenancy_foreign_id;
mod trace_export;
mod trace_store;
mod upload_direct;
mod upload_limit;
mod upload_together;
mod upload_whole;
mod writes_rivals;

use reqwest::Method;
use serde_json::Value;

use crate::{Answer, Check, Stopped, Tenant, stage::is_over};

/// Every check of the kernel, in the order in which they are run: those that break processes last.
pub fn checks() -> Vec<Check> {
    vec![
        tenancy_foreign_id::CHECK,
        db_forced_rls::CHECK,
        db_deleted::CHECK,
        db_types::CHECK,
        db_indexes::CHECK,
        db_plans::CHECK,
        db_rows::CHECK,
        http_headers::CHECK,
        http_cors::CHECK,
        routes_statements::CHECK,
        idempotency_rivals::CHECK,
        session_everywhere::CHECK,
        session_lookups::CHECK,
        live_rooms::CHECK,
        upload_limit::CHECK,
        upload_together::CHECK,
        upload_whole::CHECK,
        upload_direct::CHECK,
        jobs_atomic::CHECK,
        jobs_retries::CHECK,
        jobs_apart::CHECK,
        schedules_skip::CHECK,
        secrets_canary::CHECK,
        config_refused::CHECK,
        pool_budget::CHECK,
        pool_ages::CHECK,
        pool_sized::CHECK,
        db_timeouts::CHECK,
        pool_exhausted::CHECK,
        ops_closed::CHECK,
        memory_bounded::CHECK,
        writes_rivals::CHECK,
        trace_store::CHECK,
        trace_export::CHECK,
        log_full::CHECK,
        telemetry_events::CHECK,
        telemetry_metrics::CHECK,
        telemetry_slow::CHECK,
        telemetry_minute::CHECK,
        errors_grouped::CHECK,
        migrate_online::CHECK,
        migrate_rivals::CHECK,
        health_database::CHECK,
        deploy_drain::CHECK,
        deploy_restarts::CHECK,
        jobs_killed_worker::CHECK,
        jobs_zombie::CHECK,
    ]
}

/// Ask for a job that does nothing but sleep and fail, over the routes that only `dev` has.
async fn ask_for_job(tenant: &Tenant, query: &str, job: &Value) -> Result<Answer, Stopped> {
    let path = tenant.path(&format!("/probe/jobs{query}"));
    let answer = tenant.owner.ask(Method::POST, &path).json(job).send().await?;
    if answer.status == 404 {
        return Err(Stopped::skip("needs the probe routes, which only `dev` has"));
    }
    Ok(answer)
}

/// What is wrong with the counts of an import that should have applied so many rows.
fn miscounted(import: &Value, rows: u64) -> Vec<String> {
    let mut breaches = Vec::new();
    if import["state"] != "done" {
        breaches.push(format!("the import ended as {}: {}", import["state"], import["error"]));
    }
    for (count, expected) in [("read", rows), ("applied", rows), ("unchanged", 0), ("refused", 0)] {
        if import["rows"][count] != expected {
            breaches.push(format!("{} rows {count}, not {expected}", import["rows"][count]));
        }
    }
    breaches
}
