//! Pages that the console shows without code of its own: a list, live, with a form.

use serde::Serialize;
use utoipa::ToSchema;

/// A page of a module: the console lists it in its navigation and shows the list that it names.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageEntry {
    /// Its place in the console's URLs, `/t/<tenant>/p/<path>`.
    pub path: &'static str,
    /// Its name in the navigation.
    pub title: &'static str,
    /// The list's place under `/v1/t/<tenant>/`; a keyset page, and where the form posts to.
    pub list: &'static str,
    /// The room whose events mean that the list has changed.
    pub room: &'static str,
    /// What is shown of a row.
    pub columns: Vec<FieldEntry>,
    /// What the form asks for; without any there is no form.
    pub create: Vec<FieldEntry>,
    /// Whether only staff see the page.
    pub staff: bool,
}

impl PageEntry {
    /// The page of a list, for staff; `name` is its path, its place in the API and its room.
    pub const fn of(name: &'static str, title: &'static str) -> Self {
        Self {
            path: name,
            title,
            list: name,
            room: name,
            columns: Vec::new(),
            create: Vec::new(),
            staff: true,
        }
    }

    /// Show a field of words, and ask for it to make a row.
    #[must_use]
    pub fn input(mut self, field: &'static str, title: &'static str) -> Self {
        self.create.push(FieldEntry { field, title, kind: FieldKind::Text });
        self.column(field, title, FieldKind::Text)
    }

    /// Show a number of a row.
    #[must_use]
    pub fn number(self, field: &'static str, title: &'static str) -> Self {
        self.column(field, title, FieldKind::Number)
    }

    /// Show a field of a row.
    #[must_use]
    pub fn column(mut self, field: &'static str, title: &'static str, kind: FieldKind) -> Self {
        self.columns.push(FieldEntry { field, title, kind });
        self
    }

    /// Ask for a field to make a row.
    #[must_use]
    pub fn ask(mut self, field: &'static str, title: &'static str, kind: FieldKind) -> Self {
        self.create.push(FieldEntry { field, title, kind });
        self
    }

    /// For every member, outside persons among them.
    #[must_use]
    pub fn for_everybody(self) -> Self {
        Self { staff: false, ..self }
    }
}

/// A field of a row or of a form.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct FieldEntry {
    /// Its name in JSON.
    pub field: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it holds.
    pub kind: FieldKind,
}

/// What a field holds, and so how it is shown and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Words.
    Text,
    /// A number.
    Number,
    /// Money with its currency.
    Money,
    /// A day.
    Date,
    /// A moment.
    Instant,
}
