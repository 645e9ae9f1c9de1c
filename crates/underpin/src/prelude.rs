//! What nearly every file of a module names.

pub use underpin_base::{Cursor, Page, Principal, Role};
pub use underpin_db::{Component, Statement, Tx, Type, migrations, on_constraint, statements};
pub use underpin_http::{
    Admin, Answer, Answered, Api, Code, FieldEntry, FieldKind, Idempotent, Json, Keyed, Listed,
    PageBody, PageEntry, PageParams, Path, Problem, Query, Room, Staff, Tenant, newest_first,
};
pub use underpin_jobs::{Enqueue, Fault, Job, Run, Schedule, enqueue};
pub use underpin_log::{Audience, NewEvent, Topic, emit};
pub use utoipa_axum::routes;

pub use crate::{Error, Module, Parts, Platform, Routes};
