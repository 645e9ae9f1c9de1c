//! The kernel's checks, one a file.

mod db_forced_rls;
mod db_indexes;
mod db_plans;
mod db_rows;
mod db_types;
mod http_cors;
mod http_headers;
mod idempotency_rivals;
mod jobs_killed_worker;
mod jobs_zombie;
mod live_rooms;
mod migrate_online;
mod migrate_rivals;
mod readings;
mod routes_statements;
mod secrets_canary;
mod session_everywhere;
mod tenancy_foreign_id;
mod upload_limit;

use serde_json::Value;

use crate::{Check, stage::is_over};

/// Every check of the kernel, in the order in which they are run: those that break processes last.
pub fn checks() -> Vec<Check> {
    vec![
        tenancy_foreign_id::CHECK,
        db_forced_rls::CHECK,
        db_types::CHECK,
        db_indexes::CHECK,
        db_plans::CHECK,
        db_rows::CHECK,
        http_headers::CHECK,
        http_cors::CHECK,
        routes_statements::CHECK,
        idempotency_rivals::CHECK,
        session_everywhere::CHECK,
        live_rooms::CHECK,
        upload_limit::CHECK,
        secrets_canary::CHECK,
        migrate_online::CHECK,
        migrate_rivals::CHECK,
        jobs_killed_worker::CHECK,
        jobs_zombie::CHECK,
    ]
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
