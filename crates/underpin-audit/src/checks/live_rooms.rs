//! What happens in a room is heard by those who may be in it, on every instance, and by nobody else.

mod listener;

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use listener::{Listener, Part};

use crate::{
    Answer, Check, Error, Outcome, Person, Result, Severity, Socket, Stage, Stopped, Tenant,
};

/// Changes of one allocation.
const CHANGES: usize = 20;
/// By when a frame must be there.
const LIMIT: Duration = Duration::from_secs(1);
/// How long is listened for a frame.
const LISTEN: Duration = Duration::from_secs(5);

pub(super) const CHECK: Check = Check {
    id: "live.rooms",
    seeds: &["S0.24", "S0.26", "S1.8", "S1.17"],
    severity: Severity::P0,
    promise: "A change is heard within a second on every instance by those whom it concerns, and by nobody else.",
    input: "sockets of A's staff, of two investors of one fund and of B on every instance; 20 changes of one investor's allocation \
            by turns on the instances, one of the fund, one of B's fund; joins of rooms that are foreign, closed and not there; a \
            member who is let go",
    measure: "frames that did not come, came twice, came late, or came to somebody else; refusals that differ; sockets of the member",
    threshold: "none; every frame within 1 s of the change's answer, the member out of the room within 1 s",
    fault: "broadcast_to_all",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, urls) = (stage.tenants().await?, stage.deployment()?.two_instances()?);
    let (a, b) = (&tenants.a, &tenants.b);
    let stranger = stage.guest(a, "stranger", "investor", Some(a.things.stranger)).await?;
    let mut listeners = Vec::new();
    for url in &urls {
        for (person, tenant, part) in [
            (&a.member, a, Part::Concerned),
            (&a.investor, a, Part::Concerned),
            (&stranger, a, Part::Present),
            (&b.owner, b, Part::Foreign),
        ] {
            listeners.push(Listener::open(&person.at(url), tenant, part).await?);
        }
    }
    let mut breaches = refusals(stage, a, b, &mut listeners).await?;
    let changed = change_allocation(a, &urls).await?;
    let fund_of_a = change_fund(&a.owner, a).await?;
    let fund_of_b = change_fund(&b.owner, b).await?;
    let mut delays = Vec::new();
    for listener in &listeners {
        // The change of the fund is for everybody in the room: it comes last, so all else came before it.
        let (fund, at) = if listener.part == Part::Foreign { fund_of_b } else { fund_of_a };
        match listener.hear_of(fund, LISTEN).await {
            Some(heard) => delays.push(heard.saturating_duration_since(at)),
            None => breaches.push(format!("{}: the fund's change did not come", listener.name)),
        }
    }
    breaches.extend(let_go(stage, a, &urls).await?);
    for listener in &listeners {
        breaches.extend(listener.odd(a.things.allocation, changed.len()));
        let times = listener.changes(a.things.allocation);
        let pairs = times.values().zip(&changed);
        delays.extend(pairs.map(|(heard, at)| heard.saturating_duration_since(*at)));
    }
    let late = delays.iter().filter(|delay| **delay > LIMIT).count();
    if late > 0 {
        breaches.push(format!("{late} frames came later than a second"));
    }
    delays.sort();
    let p95 = delays.get(delays.len() * 95 / 100).copied().unwrap_or_default();
    let measured =
        format!("{} breaches; {} frames, p95 {} ms", breaches.len(), delays.len(), p95.as_millis());
    let facts =
        format!("{} sockets on {} instances, {CHANGES} changes", listeners.len(), urls.len());
    Ok(Outcome::of_breaches(breaches, measured).evidence(facts))
}

/// Change the first investor's allocation again and again; gives when each change was confirmed.
async fn change_allocation(a: &Tenant, urls: &[String]) -> Result<Vec<Instant>> {
    let path = a.path(&format!("/allocations/{}", a.things.allocation));
    let mut version = etag(&a.owner.get(&path).await?.expect(200)?)?;
    let mut confirmed = Vec::new();
    for change in 0..CHANGES {
        let by = a.owner.at(&urls[change % urls.len()]);
        let body = json!({ "deal_ref": format!("live {change}") });
        let ask = by.ask(Method::PATCH, &path).header("if-match", &version).json(&body);
        let answer = ask.send().await?.expect(200)?;
        confirmed.push(Instant::now());
        version = etag(&answer)?;
    }
    Ok(confirmed)
}

/// Change a fund; gives its id and when that was confirmed.
async fn change_fund(by: &Person, tenant: &Tenant) -> Result<(Uuid, Instant)> {
    let path = tenant.path(&format!("/funds/{}", tenant.things.fund));
    let version = etag(&by.get(&path).await?.expect(200)?)?;
    let ask = by.ask(Method::PATCH, &path).header("if-match", &version);
    ask.json(&json!({ "manager": "Heard" })).send().await?.expect(200)?;
    Ok((tenant.things.fund, Instant::now()))
}

fn etag(answer: &Answer) -> Result<String> {
    let lacking = || Error::Lacking { what: answer.what.clone(), field: "ETag".into() };
    answer.etag().map(str::to_owned).ok_or_else(lacking)
}

/// Ask for rooms that are foreign, closed or not there: all must be refused alike.
async fn refusals(
    stage: &Stage,
    a: &Tenant,
    b: &Tenant,
    listeners: &mut [Listener],
) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for listener in listeners.iter_mut() {
        let other = if listener.part == Part::Foreign { a } else { b };
        let mut rooms =
            vec![format!("fund/{}", other.things.fund), format!("import/{}", other.things.import)];
        if listener.outside {
            rooms.push(format!("import/{}", a.things.import));
        }
        if listener.outside && listener.part == Part::Concerned {
            rooms.push(format!("fund/{}", a.things.closed_fund));
        }
        for room in rooms {
            let kind = room.split('/').next().unwrap_or_default();
            let random = format!("{kind}/{}", Uuid::now_v7());
            let (real, random) = (listener.refusal(&room).await?, listener.refusal(&random).await?);
            if real != random || real["op"] != "refused" {
                breaches.push(format!(
                    "{}: {room} was answered {real}, a random one {random}",
                    listener.name
                ));
            }
        }
    }
    let nowhere = format!("audit-x-{}", stage.run_id());
    let foreign = Socket::try_open(&a.owner, &b.slug).await?.err();
    let missing = Socket::try_open(&a.owner, &nowhere).await?.err();
    let let_go = Socket::try_open(&a.rogue, &a.slug).await?.err();
    if foreign.is_none() || foreign != missing || let_go != missing {
        breaches.push(format!(
            "a socket of B was answered {foreign:?}, of nobody {missing:?}, of A to somebody let go {let_go:?}"
        ));
    }
    Ok(breaches)
}

/// Somebody in a room is let go: on every instance they are out of it within a second.
async fn let_go(stage: &Stage, a: &Tenant, urls: &[String]) -> Result<Vec<String>> {
    let person = stage.guest(a, "listener", "member", None).await?;
    let mut sockets = Vec::new();
    for url in urls {
        let mut socket = Socket::open(&person.at(url), &a.slug).await?;
        socket.join(&format!("fund/{}", a.things.fund)).await?;
        sockets.push(socket);
    }
    let member = a.path(&format!("/members/{}", person.user));
    a.owner.ask(Method::DELETE, &member).send().await?.expect(204)?;
    let since = Instant::now();
    let mut breaches = Vec::new();
    for (socket, url) in sockets.iter().zip(urls) {
        let out = socket.out(LISTEN).await.map(|at| at.saturating_duration_since(since));
        if out.is_none_or(|out| out > LIMIT) {
            breaches.push(format!("{url}: somebody who was let go was in the room after {out:?}"));
        }
    }
    Ok(breaches)
}
