use axum::extract::State;
use serde::Serialize;
use underpin_identity::{Fault, Trail, Verified};
use utoipa::ToSchema;

use super::list_trail::hex;
use crate::{Admin, Api, Json, Problem};

/// What reading a whole audit trail again found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrailProof)]
pub(crate) struct Response {
    /// Whether every entry is as it was written and none is gone.
    whole: bool,
    /// How many there are, where it is whole.
    #[schema(value_type = Option<String>)]
    entries: Option<String>,
    /// The newest one's hash, where it is whole: kept elsewhere, it proves later that nothing before it was changed.
    head: Option<String>,
    /// The first bad entry.
    broken_at: Option<String>,
    #[schema(value_type = Option<String>)]
    fault: Option<FaultName>,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum FaultName {
    /// It is not as it was written.
    Changed,
    /// It is gone.
    Missing,
    /// The trail ends there too soon, or goes on too far.
    Cut,
}

impl From<Fault> for FaultName {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Changed => Self::Changed,
            Fault::Missing => Self::Missing,
            Fault::Cut => Self::Cut,
        }
    }
}

impl From<Verified> for Response {
    fn from(verified: Verified) -> Self {
        let empty = Self { whole: false, entries: None, head: None, broken_at: None, fault: None };
        match verified {
            Verified::Whole { entries, head } => Self {
                whole: true,
                entries: Some(entries.to_string()),
                head: Some(hex(&head)),
                ..empty
            },
            Verified::Broken { seq, fault } => {
                Self { broken_at: Some(seq.to_string()), fault: Some(fault.into()), ..empty }
            }
        }
    }
}

/// Read the audit trail of a tenant from its beginning and compare each entry with its hash.
#[utoipa::path(get, path = "/v1/t/{tenant}/audit-trail/proof", operation_id = "verify_trail", tag = "audit_trail",
    params(("tenant" = String, Path)), responses((status = 200, body = Response)))]
pub(crate) async fn verify_trail(
    State(api): State<Api>,
    Admin(tenant): Admin,
) -> Result<Json<Response>, Problem> {
    underpin_db::watch::allow_fanout("a chain is read a thousand entries at a time");
    let trail = Trail::Tenant(tenant.principal.tenant);
    Ok(Json(api.identity.verify_trail(trail).await?.into()))
}
