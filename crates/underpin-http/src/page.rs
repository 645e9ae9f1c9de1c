//! A page as it leaves.

use serde::Serialize;
use underpin_base::{Cursor, Page, PageQuery};
use underpin_db::{Row, Statement};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Api, Json, Problem, Tenant};

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageBody<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last.
    #[schema(required)]
    pub next: Option<String>,
}

impl<T, U: Into<T>> From<Page<U>> for PageBody<T> {
    fn from(page: Page<U>) -> Self {
        let items = page.items.into_iter().map(Into::into).collect();
        Self { items, next: page.next.map(|cursor| cursor.to_string()) }
    }
}

/// What a handler of a list returns.
pub type Listed<T> = Result<Json<PageBody<T>>, Problem>;

/// A page of things whose ids tell their age, newest first.
///
/// `list` takes tenant, id and limit, and gives the things with smaller ids in falling order. Cost: one round trip.
pub async fn newest_first<T: for<'r> From<&'r Row>>(
    api: &Api,
    tenant: &Tenant,
    page: &PageQuery,
    list: &'static Statement,
    id: impl Fn(&T) -> Uuid,
) -> Listed<T> {
    let principal = tenant.principal;
    let name = format!("{} {}", principal.tenant, list.name);
    let before = page.after(&name)?.unwrap_or(Uuid::max());
    let (tenant, limit) = (principal.tenant.uuid(), page.surplus());
    let rows = api.db.query(principal, list, &[&tenant, &before, &limit]).await?;
    let things = rows.iter().map(T::from).collect();
    let next = |last: &T| Cursor::new(&name, &[&id(last).to_string()]);
    Ok(Json(Page::from_surplus(things, page.limit, next).into()))
}
