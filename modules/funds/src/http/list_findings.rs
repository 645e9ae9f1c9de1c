use axum::extract::State;
use serde::{Deserialize, Serialize};
use underpin::http::{Api, Json, PageBody, PageParams, Path, Problem, Query, Staff};
use utoipa::{IntoParams, ToSchema};

use super::get_import::At;
use crate::{KeptFinding, import::Severity, ops::list_imports};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Request {
    /// Only these.
    #[param(inline)]
    severity: Option<SeverityName>,
}

/// Whether the row was refused or only noted.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Severity)]
pub(crate) enum SeverityName {
    Error,
    Warning,
}

/// One thing that is wrong with one row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct Response {
    /// The line of the file on which the row begins, from 1.
    line: i64,
    /// The column as the file calls it; null for the whole row.
    #[schema(required)]
    column: Option<String>,
    #[schema(value_type = SeverityName)]
    severity: String,
    code: String,
    /// The cell, cut after 200 characters.
    #[schema(required)]
    value: Option<String>,
    message: String,
}

/// What was found in an import, in the file's order. The first 10,000 are kept; the import counts all.
#[utoipa::path(get, path = "/v1/t/{tenant}/imports/{import}/findings", operation_id = "list_findings", tag = "funds",
    params(("tenant" = String, Path), ("import" = String, Path, format = Uuid), Request, PageParams),
    responses((status = 200, body = PageBody<Response>)))]
pub(crate) async fn list_findings(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { import }): Path<At>,
    Query(request): Query<Request>,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<Response>>, Problem> {
    let severity = request.severity.map(|severity| match severity {
        SeverityName::Error => Severity::Error,
        SeverityName::Warning => Severity::Warning,
    });
    let by = tenant.principal;
    let findings = list_imports::list_findings(&api.db, by, import, severity, &page).await?;
    Ok(Json(findings.into()))
}

impl From<KeptFinding> for Response {
    fn from(finding: KeptFinding) -> Self {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Self {
            line: finding.line,
            column: some(finding.column),
            severity: finding.severity,
            code: finding.code,
            value: some(finding.value),
            message: finding.message,
        }
    }
}
