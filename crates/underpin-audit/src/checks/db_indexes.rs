//! Every look-up that the schema itself promises has an index, and no index is there twice.

use crate::{
    Check, Outcome, Severity, Stage, Stopped,
    store::{BARE_FOREIGN_KEYS, NEEDLESS_INDEXES, TENANTS_UNLED},
};

pub(super) const CHECK: Check = Check {
    id: "db.indexes",
    seeds: &["S1.10", "S4.2"],
    severity: Severity::P1,
    promise: "Each foreign key and each tenant's rows are found by an index, and no index does what another one does.",
    input: "the catalogue of the deployment's database",
    measure: "foreign keys without an index, tables of tenants without one that the tenant leads, needless indexes",
    threshold: "none, unless a comment on the table, key or index says why",
    fault: "indexes_astray",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, db) = (stage.tenants().await?, stage.db()?);
    let principal = tenants.a.principal();
    let (mut breaches, mut excused) = (Vec::new(), Vec::new());
    for (statement, what) in [
        (&BARE_FOREIGN_KEYS, "no index for foreign key"),
        (&NEEDLESS_INDEXES, "needless index"),
        (&TENANTS_UNLED, "no index that tenant_id leads"),
    ] {
        for row in db.query(principal, statement, &[]).await? {
            let (table, which, excuse): (String, String, Option<String>) =
                (row.get(0), row.get(1), row.get(2));
            let line = format!("{table}: {what} {which}").trim_end().to_owned();
            match excuse {
                Some(reason) => excused.push(format!("excused: {line}: {reason}")),
                None => breaches.push(line),
            }
        }
    }
    db.close();
    let measured = format!("{} breaches, {} excused", breaches.len(), excused.len());
    let outcome = Outcome::of_breaches(breaches, measured);
    Ok(excused.into_iter().fold(outcome, Outcome::evidence))
}
