use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use underpin_runtime::FailureGroup;

use super::lists::Items;
use crate::{Api, Json};

/// Failures of this process with one code that arose in one place, or are errors of one kind of job and of one shape.
#[derive(Serialize)]
pub(super) struct Item {
    /// `panic`, a problem's code, the status of an answer that is no problem, or the code of a job's error.
    code: String,
    site: Option<String>,
    /// The verb and template of a route, or `job` and its kind.
    route: String,
    count: u64,
    last_trace: Option<String>,
    release: String,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

impl Item {
    fn of(group: FailureGroup, release: &str) -> Self {
        Self {
            code: group.code,
            site: group.site,
            route: group.route,
            count: group.count,
            last_trace: group.last_trace,
            release: release.to_owned(),
            first_at: Timestamp::try_from(group.first_at).ok(),
            last_at: Timestamp::try_from(group.last_at).ok(),
        }
    }
}

/// Panics, answers from 500 on and errors of jobs that this process has met since it began, the last first.
pub(super) async fn list_errors(State(api): State<Api>) -> Json<Items<Item>> {
    let release = &api.settings.version;
    let groups = api.failures.list().into_iter();
    Json(Items { items: groups.map(|group| Item::of(group, release)).collect() })
}
