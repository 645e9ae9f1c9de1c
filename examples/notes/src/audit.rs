//! What the audit asks of notes.

use serde_json::json;
use underpin::audit::{Check, Outcome, Severity, Stage, Stopped};

pub(crate) fn checks() -> Vec<Check> {
    vec![Check {
        id: "notes.isolation",
        seeds: &["S0.37"],
        severity: Severity::P0,
        promise: "A note is seen in its own tenant alone.",
        input: "a note written in one tenant",
        measure: "notes listed in another",
        threshold: "0",
        fault: "rls_off",
        run: |stage| Box::pin(isolation(stage)),
    }]
}

async fn isolation(stage: &Stage) -> Result<Outcome, Stopped> {
    let tenants = stage.tenants().await?;
    let notes = |slug: &str| format!("/v1/t/{slug}/notes");
    let note = json!({ "text": "ours" });
    tenants.a.owner.post(&notes(&tenants.a.slug), &note).await?.expect(201)?;
    let listed = tenants.b.owner.get(&notes(&tenants.b.slug)).await?.expect(200)?;
    let seen = listed.json()["items"].as_array().map_or(0, Vec::len);
    Ok(Outcome::judge(seen == 0, format!("{seen} notes")))
}
