//! A session is one session on every instance, and its end is its end.

use std::time::Duration;

use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{Check, Outcome, Person, Result, Severity, Socket, Stage, Stopped, Tenant};

/// By when every socket must be closed.
const LIMIT: Duration = Duration::from_secs(1);
/// How long is looked for an instance that still accepts.
const LOOK: Duration = Duration::from_secs(4);
/// Pause between two looks at one instance.
const LOOK_EVERY: Duration = Duration::from_millis(15);
/// Calls of one session while it is good.
const CALLS: usize = 50;
/// Refusals in a row after which an instance is believed.
const REFUSALS: u32 = 10;

pub(super) const CHECK: Check = Check {
    id: "session.everywhere",
    seeds: &["S0.5", "S1.15", "S3.38"],
    severity: Severity::P0,
    promise: "A session is good on every instance; once its end is confirmed it is good on none.",
    input: "somebody signs in on one instance and asks every one, 200 times in all; the session is ended on another in four ways, \
            with a socket open on each",
    measure: "answers of each instance to that session, and the end of its sockets, by the time since the end was confirmed",
    threshold: "accepted everywhere before; no call that begins after the confirmation is accepted anywhere; sockets closed within 1 s",
    fault: "sessions_cached",
    run: |stage| Box::pin(run(stage)),
};

/// How a session may end.
#[derive(Debug, Clone, Copy)]
enum End {
    SignOut,
    SignOutEverywhere,
    FromAnother,
    NewPassword,
}

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, urls) = (stage.tenants().await?, stage.deployment()?.two_instances()?);
    let guest = stage.guest(&tenants.a, "leaver", "member", None).await?;
    let ends = [End::SignOut, End::FromAnother, End::SignOutEverywhere, End::NewPassword];
    let (mut breaches, mut worst, mut facts) = (Vec::new(), Duration::ZERO, Vec::new());
    for (turn, end) in ends.into_iter().enumerate() {
        let others = guest.at(&urls[turn % urls.len()]);
        let (other, session) = (others.again().await?, others.again().await?);
        breaches.extend(use_everywhere(&session, &tenants.a, &urls).await?);
        let mut sockets = Vec::new();
        for url in &urls {
            let mut socket = Socket::open(&session.at(url), &tenants.a.slug).await?;
            socket.join("funds").await?;
            sockets.push(socket);
        }
        let at = &urls[(turn + 1) % urls.len()];
        end.confirm(&session.at(at), &other.at(at)).await?;
        let since = Instant::now();
        let looks = urls.iter().map(|url| last_accepted(session.at(url), &tenants.a, since));
        let accepted = try_join_all(looks).await?;
        let accepted = accepted.into_iter().max().unwrap_or_default();
        let mut slowest = accepted;
        for socket in &sockets {
            let left = LOOK.saturating_sub(since.elapsed()).max(LOOK_EVERY);
            let closed = socket.closed(left).await;
            let closed = closed.map_or(LOOK, |(at, _)| at.saturating_duration_since(since));
            slowest = slowest.max(closed);
        }
        // What began after the confirmation is asked here: not one call is too early to be refused.
        if !accepted.is_zero() || slowest > LIMIT {
            breaches.push(format!("{end:?}: good for {} ms more", slowest.as_millis()));
        }
        let (last, all) = (accepted.as_millis(), slowest.as_millis());
        facts.push(format!("{end:?} {last} ms, with sockets {all} ms"));
        worst = worst.max(slowest);
    }
    let measured = format!("dead everywhere after {} ms at worst", worst.as_millis());
    let instances = format!("{} instances; {}", urls.len(), facts.join(", "));
    Ok(Outcome::of_breaches(breaches, measured).evidence(instances))
}

impl End {
    /// End the session and have it confirmed.
    async fn confirm(self, session: &Person, other: &Person) -> Result<()> {
        let ask = match self {
            Self::SignOut => session.ask(Method::DELETE, "/v1/session"),
            Self::SignOutEverywhere => session.ask(Method::DELETE, "/v1/sessions"),
            Self::FromAnother => {
                other.ask(Method::DELETE, &format!("/v1/sessions/{}", session.session))
            }
            Self::NewPassword => {
                // It ends every session but the one that asks.
                let password = session.password.expose();
                let body = json!({ "current": password, "new": format!("{password}-new") });
                other.ask(Method::PUT, "/v1/password").json(&body)
            }
        };
        ask.send().await?.expect(204)?;
        Ok(())
    }
}

/// Ask every instance by turns, many at a time; says who did not accept the session.
async fn use_everywhere(session: &Person, tenant: &Tenant, urls: &[String]) -> Result<Vec<String>> {
    let people: Vec<_> = urls.iter().map(|url| session.at(url)).collect();
    let path = tenant.path("");
    let asks = people.iter().cycle().take(CALLS).map(|person| person.get(&path));
    let answers = try_join_all(asks).await?;
    let refused = answers.iter().filter(|answer| !answer.is_success());
    Ok(refused.map(|answer| format!("while it was good: {}", answer.unexpected())).collect())
}

/// How long after `since` this instance last accepted the session.
async fn last_accepted(by: Person, tenant: &Tenant, since: Instant) -> Result<Duration> {
    let (mut last, mut refusals) = (Duration::ZERO, 0);
    while refusals < REFUSALS && since.elapsed() < LOOK {
        match by.get(&tenant.path("")).await?.status {
            401 => refusals += 1,
            200 => (last, refusals) = (since.elapsed(), 0),
            // Neither accepted nor refused: an instance that is away proves nothing.
            _ => refusals = 0,
        }
        sleep(LOOK_EVERY).await;
    }
    // One that never said no is taken to go on.
    Ok(if refusals < REFUSALS { LOOK } else { last })
}
