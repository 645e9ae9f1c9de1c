//! A page as it leaves.

use serde::Serialize;
use underpin_base::Page;
use utoipa::ToSchema;

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
