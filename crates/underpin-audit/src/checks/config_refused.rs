//! A process does not start with settings that endanger what it keeps.

use std::time::Duration;

use futures_util::future::join_all;

use super::program::{Program, Said};
use crate::{Check, Outcome, Result, Severity, Stage, Stopped};

/// Longest that a process may take to refuse.
const REFUSAL_MAX: Duration = Duration::from_secs(20);
/// Stands in every value that must not be repeated.
const CANARY: &str = "c0ffee-canary";

pub(super) const CHECK: Check = Check {
    id: "config.refused",
    seeds: &["S2.23", "S2.28", "S2.54", "S4.21", "S4.22"],
    severity: Severity::P1,
    promise: "Settings that a deployment must not run with are refused by every command, with what is wrong, where, and how to mend it.",
    input: "`config` of the deployment's program as production with: an SQLite URL, a database elsewhere without TLS, a short, a constant and \
            a spelled-out key, a token from a manual, a misspelt setting; and once with nothing wrong",
    measure: "how each ends and what it says",
    threshold: "each refused with the setting's name and a remedy, no value repeated; the last one accepted",
    fault: "unknown_settings_ignored",
    run: |stage| Box::pin(run(stage)),
};

/// A setting that is refused: its name, its value, what the refusal names, and what it advises.
const REFUSED: [(&str, &str, &str, &str); 8] = [
    (
        "UNDERPIN_DATABASE_APP_URL",
        "sqlite:///c0ffee-canary.db",
        "database.app_url",
        "postgresql://",
    ),
    (
        "UNDERPIN_DATABASE_APP_URL",
        "https://c0ffee-canary.example",
        "database.app_url",
        "postgresql://",
    ),
    (
        "UNDERPIN_DATABASE_SYSTEM_URL",
        "postgresql://system:c0ffee-canary@db.example.com/underpin?sslmode=disable",
        "database.system_url",
        "sslmode=require",
    ),
    ("UNDERPIN_SECURITY_SECRET_KEY", "c0ffee", "security.secret_key", "openssl rand"),
    (
        "UNDERPIN_SECURITY_SECRET_KEY",
        "abababababababababababababababababababababababababababababababab",
        "security.secret_key",
        "openssl rand",
    ),
    (
        "UNDERPIN_SECURITY_SECRET_KEY",
        "6368616e67656d656368616e67656d656368616e67656d656368616e67656d65",
        "security.secret_key",
        "openssl rand",
    ),
    (
        "UNDERPIN_SECURITY_OPERATOR_TOKEN",
        "changeme-c0ffee-canary",
        "security.operator_token",
        "openssl rand",
    ),
    (
        "UNDERPIN_DATABASE_APP_CONECTIONS_MAX",
        "16",
        "UNDERPIN_DATABASE_APP_CONECTIONS_MAX",
        "did you mean database.app_connections_max",
    ),
];

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    stage.may_break().await?;
    let program = Program::bare(stage)?;
    let asked = REFUSED.map(|(name, value, ..)| {
        let mut one = program.clone();
        one.set(name, value);
        async move { one.run(&["config"], REFUSAL_MAX).await }
    });
    let mut breaches = Vec::new();
    for (said, (name, value, place, mend)) in join_all(asked).await.into_iter().zip(REFUSED) {
        breaches.extend(judge(&said?, place, mend).into_iter().map(|what| {
            let kind = value.split(':').next().filter(|_| value.contains("://")).unwrap_or("it");
            format!("{name} ({kind}): {what}")
        }));
    }
    let fine = program.run(&["config"], REFUSAL_MAX).await?;
    if fine.ended_well != Some(true) {
        return Err(Stopped::inconclusive(format!("without anything wrong: {}", fine.ending())));
    }
    let measured = format!("{} breaches by {} settings", breaches.len(), REFUSED.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

fn judge(said: &Said, place: &str, mend: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    if said.ended_well != Some(false) {
        breaches.push(said.ending());
    } else if !said.text.contains(place) || !said.text.contains(mend) {
        breaches.push(format!("the refusal lacks `{place}` or `{mend}`"));
    }
    if said.text.contains(CANARY) {
        breaches.push("the value is repeated".to_owned());
    }
    breaches
}
