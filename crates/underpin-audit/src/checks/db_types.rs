//! Keys that say nothing and crowd no page; instants that mean the same everywhere.

use underpin_db::Row;

use crate::{
    Check, Outcome, Severity, Stage, Stopped,
    store::{ID_VERSIONS, ODD_COLUMNS},
};

pub(super) const CHECK: Check = Check {
    id: "db.types",
    seeds: &["S0.17", "S0.46"],
    severity: Severity::P0,
    promise: "Rows of tenants have time-ordered ids that nobody can guess or count, and every instant has a zone.",
    input: "the catalogue; the rows that the audit has just made in tenant A",
    measure: "keys that count, columns of an instant without a zone, ids of another version than 7",
    threshold: "none, unless a comment on the column says why",
    fault: "keys_counted",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, db) = (stage.tenants().await?, stage.db()?);
    let principal = tenants.a.principal();
    let columns = db.query(principal, &ODD_COLUMNS, &[]).await?;
    let id = tenants.a.id.to_string();
    let tables = db.query(principal, &ID_VERSIONS, &[&id]).await?;
    db.close();
    let (mut breaches, mut excused) = (Vec::new(), Vec::new());
    for row in &columns {
        let (column, kind, excuse): (String, String, Option<String>) =
            (row.get(0), row.get(1), row.get(2));
        match excuse {
            Some(reason) => excused.push(format!("{column} is excused: {reason}")),
            None => breaches.push(format!("{column} is of type {kind}")),
        }
    }
    let ids: i64 = tables.iter().map(|row| row.get::<_, i64>(1)).sum();
    if ids == 0 {
        return Err(Stopped::inconclusive("tenant A has no row with an id"));
    }
    breaches.extend(tables.iter().filter_map(guessable));
    let measured = format!("{} breaches; {ids} ids in {} tables", breaches.len(), tables.len());
    let outcome = Outcome::of_breaches(breaches, measured);
    Ok(excused.into_iter().fold(outcome, Outcome::evidence))
}

fn guessable(row: &Row) -> Option<String> {
    let (table, others): (String, i64) = (row.get(0), row.get(2));
    (others > 0).then(|| format!("{table}: {others} ids are no UUIDv7"))
}
