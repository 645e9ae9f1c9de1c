use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use underpin_db::watch::Known;

use super::lists::Items;
use crate::{Api, Json};

/// A pattern of statements that requests or jobs of this process have shown.
#[derive(Serialize)]
pub(super) struct Item {
    /// The verb and template of a route, or `job` and its kind.
    route: String,
    suspicion: &'static str,
    statement: &'static str,
    site: Option<String>,
    /// Why it is on purpose, if its author said so.
    declared: Option<&'static str>,
    runs_max: u32,
    count: u64,
    last_trace: Option<String>,
    last_at: Option<Timestamp>,
}

impl From<Known> for Item {
    fn from(known: Known) -> Self {
        Self {
            route: known.place,
            suspicion: known.finding.suspicion.as_str(),
            statement: known.finding.statement,
            site: known.finding.site.map(ToString::to_string),
            declared: known.declared,
            runs_max: known.finding.runs,
            count: known.count,
            last_trace: known.last_trace,
            last_at: Timestamp::try_from(known.last_at).ok(),
        }
    }
}

/// Repeated statements that this process has seen since it began, the last first.
pub(super) async fn list_findings(State(api): State<Api>) -> Json<Items<Item>> {
    let findings = api.db.findings().list();
    Json(Items { items: findings.into_iter().map(Item::from).collect() })
}
