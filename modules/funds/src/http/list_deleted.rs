use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use underpin::http::{Api, Json, PageBody, PageParams, Problem, Staff};
use utoipa::ToSchema;

use super::wire::Named;
use crate::{
    Deleted, DeletedKind,
    ops::list_deleted,
    rules::keeping::{purged_after, restorable_since},
};

/// What a deleted thing is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DeletedKind)]
enum Kind {
    Fund,
    Investor,
    Allocation,
}

/// Something that was deleted and can be restored.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deleted)]
pub(crate) struct Response {
    kind: Kind,
    #[schema(format = Uuid)]
    id: String,
    /// Of an allocation, the name of its investor.
    name: String,
    /// Of an allocation: its fund.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, nullable = false)]
    fund_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fund_name: Option<String>,
    /// Of a fund: how many allocations went with it, and come back with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    allocations: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    deleted_at: Timestamp,
    /// The name is empty for one who is no member any more.
    #[schema(required)]
    deleted_by: Option<Named>,
    /// Until then it can be restored.
    #[schema(value_type = String, format = DateTime)]
    purged_after: Timestamp,
}

/// What was deleted and can be restored, newest first. Allocations that went with their fund are not listed apart.
#[utoipa::path(get, path = "/v1/t/{tenant}/funds/deleted", operation_id = "list_deleted", tag = "funds",
    params(("tenant" = String, Path), PageParams),
    responses((status = 200, body = PageBody<Response>)))]
pub(crate) async fn list_deleted(
    State(api): State<Api>,
    Staff(tenant): Staff,
    PageParams(page): PageParams,
) -> Result<Json<PageBody<Response>>, Problem> {
    let kept_days = api.settings.deleted_days;
    let since = restorable_since(api.now(), kept_days);
    let found = list_deleted::list_deleted(&api.db, tenant.principal, &page, since).await?;
    let next = found.next.map(|cursor| cursor.to_string());
    let items = found.items.into_iter().map(|deleted| Response::of(deleted, kept_days)).collect();
    Ok(Json(PageBody { items, next }))
}

impl Response {
    fn of(deleted: Deleted, kept_days: u32) -> Self {
        let (kind, allocations) = match deleted.kind {
            DeletedKind::Fund { allocations } => (Kind::Fund, Some(allocations)),
            DeletedKind::Investor => (Kind::Investor, None),
            DeletedKind::Allocation => (Kind::Allocation, None),
        };
        let (fund_id, fund_name) = deleted.fund.map(|(id, name)| (id.to_string(), name)).unzip();
        Self {
            kind,
            id: deleted.id.to_string(),
            name: deleted.name,
            fund_id,
            fund_name,
            allocations,
            deleted_at: deleted.deleted_at,
            deleted_by: deleted.deleted_by.map(|(id, name)| Named { id: id.to_string(), name }),
            purged_after: purged_after(deleted.deleted_at, kept_days),
        }
    }
}
