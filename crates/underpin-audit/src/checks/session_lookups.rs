//! Who comes again is known, and of many who come at once one is asked about.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use underpin_base::Secret;

use crate::{Check, Outcome, Person, Result, Severity, Stage, Stopped, Tenant};

/// First calls of one session at the same moment.
const FIRST: usize = 500;
/// Calls of a session that is known.
const AGAIN: usize = 1_000;
/// How many of those are under way at the same time.
const AGAIN_AT_ONCE: usize = 20;
/// How often both are tried: a process that a slow machine keeps from looking at what changed rightly goes by the database.
const TRIES: usize = 5;

pub(super) const CHECK: Check = Check {
    id: "session.lookups",
    seeds: &["S3.36", "S3.37"],
    severity: Severity::P2,
    promise: "A session that is used is looked up once a minute on each instance, however many calls come, and once if they come at the same moment.",
    input: "on each instance 500 calls at once of a session that nobody used before, then 1,000 calls of it; asked with the operator token",
    measure: "look-ups of the session, as Server-Timing counts them; the best of five tries",
    threshold: "1 look-up for the first 500; at most 50 for the next 1,000",
    fault: "sessions_looked_up",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let (a, urls) = (&stage.tenants().await?.a, deployment.two_instances()?);
    let guest = stage.guest(a, "regular", "member", None).await?;
    let (mut breaches, mut facts) = (Vec::new(), Vec::new());
    for url in &urls {
        let here = guest.at(url);
        let (mut first, mut again) = (u64::MAX, u64::MAX);
        for _ in 0..TRIES {
            // So that the process looks at what changed by the time the new session comes.
            lookups(&here, a, token, AGAIN_AT_ONCE, 1).await?;
            let new = here.again().await?;
            lookups(&here, a, token, AGAIN_AT_ONCE, 1).await?;
            first = first.min(lookups(&new, a, token, FIRST, FIRST).await?);
            again = again.min(lookups(&new, a, token, AGAIN, AGAIN_AT_ONCE).await?);
            if first == 1 && again <= (AGAIN / 20) as u64 {
                break;
            }
        }
        facts.push(format!("{first} and {again}"));
        if first != 1 {
            breaches.push(format!("{first} look-ups for {FIRST} first calls"));
        }
        if again > (AGAIN / 20) as u64 {
            breaches.push(format!("{again} look-ups for {AGAIN} calls of a session in use"));
        }
    }
    let measured = format!("{} look-ups, by instance", facts.join("; "));
    Ok(Outcome::of_breaches(breaches, measured))
}

/// Call so often; says how often somebody had to be looked up.
async fn lookups(
    by: &Person,
    tenant: &Tenant,
    token: &Secret<String>,
    calls: usize,
    at_once: usize,
) -> Result<u64> {
    let path = tenant.path("");
    let asks = (0..calls).map(|_| async {
        let ask = by.ask(Method::GET, &path).header("x-operator-token", token.expose());
        let answer = ask.send().await?;
        // Sent away because the database was too busy to say who this is.
        if answer.status == 503 {
            return Ok(1);
        }
        let answer = answer.expect(200)?;
        answer.lookups().ok_or_else(|| answer.lacking("Server-Timing with its look-ups"))
    });
    stream::iter(asks)
        .buffer_unordered(at_once)
        .try_fold(0, |sum, n| async move { Ok(sum + n) })
        .await
}
