use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin::http::{Api, Json, Path, Problem, Staff};
use utoipa::ToSchema;

use crate::{Counts, Import, ImportId, ops::list_imports};

#[derive(Debug, Deserialize)]
pub(crate) struct At {
    pub(super) import: ImportId,
}

/// A file of position reports and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(crate) struct Response {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    upload_id: String,
    #[schema(format = Uuid)]
    job_id: String,
    kind: String,
    filename: String,
    bytes: i64,
    /// Hexadecimal.
    sha256: String,
    currency: String,
    state: ImportState,
    rows: ImportRows,
    /// How far it was read.
    bytes_read: i64,
    /// Why it failed.
    #[schema(required)]
    error: Option<ImportError>,
    /// The name of who sent it.
    created_by: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<Timestamp>,
}

/// Where an import is in its life.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ImportState {
    Queued,
    Running,
    Done,
    Failed,
}

/// How many rows met which fate: read = applied + unchanged + refused.
#[derive(Debug, Serialize, ToSchema)]
struct ImportRows {
    read: i64,
    applied: i64,
    unchanged: i64,
    refused: i64,
    /// Findings that refused nothing.
    warnings: i64,
}

/// Why an import failed.
#[derive(Debug, Serialize, ToSchema)]
struct ImportError {
    /// `not_utf8`, `not_csv`, `header_missing`, `header_twice`, `too_many_columns`, `row_too_long` or `empty_file`.
    code: String,
    message: String,
}

/// One import.
#[utoipa::path(get, path = "/v1/t/{tenant}/imports/{import}", operation_id = "get_import", tag = "funds",
    params(("tenant" = String, Path), ("import" = String, Path, format = Uuid)),
    responses((status = 200, body = Response)))]
pub(crate) async fn get_import(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { import }): Path<At>,
) -> Result<Json<Response>, Problem> {
    let import = list_imports::get_import(&api.db, tenant.principal, import).await?;
    Ok(Json(import.into()))
}

impl From<Import> for Response {
    fn from(import: Import) -> Self {
        let state = match import.state() {
            "queued" => ImportState::Queued,
            "running" => ImportState::Running,
            "done" => ImportState::Done,
            _ => ImportState::Failed,
        };
        let Counts { read, applied, unchanged, refused, warnings } = import.counts;
        Self {
            id: import.id.to_string(),
            upload_id: import.upload.to_string(),
            job_id: import.job.to_string(),
            kind: import.kind,
            filename: import.filename,
            bytes: import.bytes,
            sha256: import
                .sha256
                .iter()
                .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")),
            currency: import.currency,
            state,
            rows: ImportRows { read, applied, unchanged, refused, warnings },
            bytes_read: import.bytes_read,
            error: import.error.map(|(code, message)| ImportError { code, message }),
            created_by: import.created_by_name,
            created_at: import.created_at,
            started_at: import.started_at,
            finished_at: import.finished_at,
        }
    }
}
