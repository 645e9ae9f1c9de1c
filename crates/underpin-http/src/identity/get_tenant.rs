use axum::extract::State;
use serde::Serialize;
use underpin_base::TenantId;
use underpin_identity::TenantInfo;
use utoipa::ToSchema;

use super::shapes::RoleName;
use crate::{Api, Json, PageEntry, Tenant};

/// A tenant, and what one is in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(crate) struct Response {
    #[schema(value_type = String, format = Uuid)]
    id: TenantId,
    slug: String,
    name: String,
    /// `#rrggbb`.
    accent: String,
    /// ISO 4217.
    currency: String,
    #[schema(value_type = RoleName)]
    role: &'static str,
    /// Pages of modules that the console shows without code of its own, as far as the role may see them.
    pages: Vec<PageEntry>,
    /// The names of the modules that this platform is made of.
    #[schema(value_type = Vec<String>)]
    areas: Vec<&'static str>,
}

/// A tenant of one's own.
#[utoipa::path(get, path = "/v1/t/{tenant}", operation_id = "get_tenant", tag = "tenant",
    params(("tenant" = String, Path)), responses((status = 200, body = Response)))]
pub(crate) async fn get_tenant(State(api): State<Api>, tenant: Tenant) -> Json<Response> {
    let TenantInfo { id, slug, name, accent, currency } = tenant.info;
    let role = tenant.principal.role;
    let pages = api.settings.pages.iter().filter(|page| role.is_staff() || !page.staff);
    Json(Response {
        id,
        slug,
        name,
        accent,
        currency: currency.to_string(),
        role: role.as_str(),
        pages: pages.cloned().collect(),
        areas: api.settings.areas.clone(),
    })
}
