use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::{Api, Json, Path, Problem, Query};

/// What the slugs of an audit's own tenants begin with: they are removed without a second word.
const OF_AN_AUDIT: &str = "audit-";

#[derive(Deserialize)]
pub(in crate::operator) struct At {
    slug: String,
}

#[derive(Deserialize)]
pub(in crate::operator) struct Params {
    confirm: Option<String>,
}

/// What was removed.
#[derive(Serialize)]
pub(in crate::operator) struct Response {
    slug: String,
    /// In all.
    rows: i64,
    /// Stored files.
    files: u64,
    /// Every table that may hold something of a tenant.
    tables: Vec<Table>,
}

#[derive(Serialize)]
struct Table {
    table: String,
    rows: i64,
}

/// Remove a tenant with all it has, and the people who have no place in another.
///
/// Errors: 404 if there is none of this slug; 422 for one that is no audit's, unless `confirm` repeats its slug.
/// Retry: safe. A file that cannot be removed now is left to the sweep.
pub(in crate::operator) async fn delete_tenant(
    State(api): State<Api>,
    Path(At { slug }): Path<At>,
    Query(Params { confirm }): Query<Params>,
) -> Result<Json<Response>, Problem> {
    if !slug.starts_with(OF_AN_AUDIT) && confirm.as_ref() != Some(&slug) {
        let message = "repeat the tenant's slug: all that it has is removed";
        return Err(Problem::field("confirm", "not_confirmed", message));
    }
    let purged = api.identity.purge_tenant(&slug).await?;
    let files = api.uploads.remove_objects_of(purged.tenant).await.unwrap_or_else(|error| {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "the files of a tenant are left to the sweep");
        0
    });
    let rows = purged.tables.iter().map(|(_, rows)| rows).sum();
    tracing::info!(slug, rows, files, "a tenant was removed");
    let tables = purged.tables.into_iter().map(|(table, rows)| Table { table, rows }).collect();
    Ok(Json(Response { slug, rows, files, tables }))
}
