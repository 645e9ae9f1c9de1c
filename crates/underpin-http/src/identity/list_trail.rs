use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use underpin_identity::{ListedEntry, TrailEntry};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Admin, Api, Json, PageBody, PageParams, Problem};

/// An entry of an audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrailEntry)]
pub(crate) struct Item {
    /// Its place in the chain, from 1.
    #[schema(value_type = String)]
    seq: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    actor: ActorBody,
    /// What was done: `member.removed`.
    action: String,
    /// To what: `user/<id>`.
    subject: Option<String>,
    /// What else is to be known.
    detail: Option<Value>,
    /// The client's address, where it is known.
    address: Option<String>,
    /// SHA-256 over this entry and the hash of the one before, in hexadecimal.
    hash: String,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrailActor)]
struct ActorBody {
    /// `person`, `key`, `service` or `operator`.
    kind: String,
    id: Option<Uuid>,
    name: Option<String>,
}

impl From<ListedEntry> for Item {
    fn from(ListedEntry { entry, actor_name }: ListedEntry) -> Self {
        let TrailEntry { seq, at, actor_kind, actor_id, action, subject, detail, address, .. } =
            entry;
        let detail = serde_json::from_str(&detail).unwrap_or(Value::Null);
        Self {
            seq: seq.to_string(),
            at,
            actor: ActorBody { kind: actor_kind, id: actor_id, name: actor_name },
            action,
            subject,
            detail: Some(detail).filter(|detail| !detail.is_null()),
            address,
            hash: hex(&entry.hash),
        }
    }
}

/// A hash as people copy it.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The audit trail of a tenant, newest first.
#[utoipa::path(get, path = "/v1/t/{tenant}/audit-trail", operation_id = "list_trail", tag = "audit_trail",
    params(("tenant" = String, Path), PageParams),
    responses((status = 200, body = PageBody<Item>)))]
pub(crate) async fn list_trail(
    State(api): State<Api>,
    Admin(tenant): Admin,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<Item>>, Problem> {
    let list = format!("{} trail newest", tenant.principal.tenant);
    let entries = api.identity.trail(tenant.principal, &page, &list).await?;
    Ok(Json(entries.into()))
}
