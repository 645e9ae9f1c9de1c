//! What a process remembers of strangers has a bound.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use uuid::Uuid;

use crate::{Ask, Check, Outcome, Result, Severity, Stage, Stopped, Tenant};

/// Requests, each with a path, a token, a trace and a request id that nobody had before.
const REQUESTS: usize = 5_000;
/// Names that each request makes up.
const KEYS: usize = 4;
/// Requests at the same time.
const AT_ONCE: usize = 16;
/// One in so many is by somebody who is signed in.
const SIGNED_IN: usize = 10;
/// Answers that may be lost before nothing can be concluded.
const LOST_MAX: usize = REQUESTS / 50;

pub(super) const CHECK: Check = Check {
    id: "memory.bounded",
    seeds: &["S1.14"],
    severity: Severity::P1,
    promise: "Every map that a process keeps in memory has a bound and shows its entries beside it, whatever strangers make up.",
    input: "5,000 requests with 20,000 keys that nobody had before: paths, slugs, methods, tokens, traces, request ids; one in ten by \
            somebody who is signed in",
    measure: "underpin_memory_entries and underpin_memory_entries_max of each map, in each process",
    threshold: "each process shows its maps; each has a bound, and no more entries than that",
    fault: "memory_unbounded",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (deployment, a) = (stage.deployment()?, &stage.tenants().await?.a);
    let (_, token) = deployment.operator()?;
    let mut urls: Vec<_> = deployment.instances.iter().map(|i| i.url.clone()).collect();
    if urls.is_empty() {
        urls.push(deployment.url.clone());
    }
    let asks =
        (0..REQUESTS).map(|number| junk(stage, a, &urls[number % urls.len()], number).send());
    let answers: Vec<_> = stream::iter(asks).buffer_unordered(AT_ONCE).collect().await;
    let lost = answers.iter().filter(|answer| answer.is_err()).count();
    if lost > LOST_MAX {
        return Err(Stopped::inconclusive(format!("{lost} of {REQUESTS} requests got no answer")));
    }
    let (mut breaches, mut facts, mut maps) = (Vec::new(), BTreeMap::new(), 0);
    for (url, _) in deployment.operators() {
        let metrics = format!("{url}/metrics");
        let metrics =
            stage.operator_with(Method::GET, &metrics, token).send().await?.expect(200)?;
        let text = String::from_utf8_lossy(&metrics.body).into_owned();
        let (entries, most) = (
            by_name(&text, "underpin_memory_entries{name=\""),
            by_name(&text, "underpin_memory_entries_max{name=\""),
        );
        if entries.is_empty() {
            breaches.push(format!("{url} shows none of its maps"));
        }
        maps += entries.len();
        for (name, entries) in entries {
            match most.get(&name) {
                None => breaches.push(format!("{url}: {name} has no bound")),
                Some(most) if entries > *most => {
                    breaches.push(format!("{url}: {name} has {entries} entries, of {most}"));
                }
                Some(most) => {
                    let worst = facts.entry(name).or_insert((0, *most));
                    worst.0 = entries.max(worst.0);
                }
            }
        }
    }
    let measured = format!(
        "{} of {maps} maps past their bound after {} keys",
        breaches.len(),
        REQUESTS * KEYS
    );
    let facts = facts.iter().map(|(name, (entries, most))| format!("{name} {entries} of {most}"));
    let facts = facts.collect::<Vec<_>>().join(", ");
    Ok(Outcome::of_breaches(breaches, measured).evidence(facts))
}

/// A request that nobody has made before, by nobody or by a member.
fn junk(stage: &Stage, tenant: &Tenant, url: &str, number: usize) -> Ask {
    let name = Uuid::new_v4().simple().to_string();
    let path = match number % 5 {
        0 => format!("/v1/{name}"),
        1 => format!("/v1/t/{name}/funds"),
        2 => format!("/{name}.html"),
        3 => tenant.path(&format!("/funds/{}", Uuid::new_v4())),
        _ => format!("/v1/t/{name}/{name}?{name}={name}"),
    };
    let odd = Method::from_bytes(format!("M{}", &name[..8]).as_bytes());
    let method = odd.ok().filter(|_| number.is_multiple_of(7)).unwrap_or(Method::GET);
    let ask = if number.is_multiple_of(SIGNED_IN) {
        tenant.member.at(url).ask(method, &path)
    } else {
        let ask = Ask::bare(stage.http(), method, &format!("{url}{path}"));
        ask.header("authorization", &format!("Bearer {name}{name}"))
    };
    let trace = format!("00-{name}-{}-01", &name[..16]);
    ask.header("traceparent", &trace).header("x-request-id", &name).key(&name)
}

/// The samples of a metric with the label `name`, by that.
fn by_name(text: &str, start: &str) -> BTreeMap<String, u64> {
    let samples = text.lines().filter_map(|line| line.strip_prefix(start)?.split_once("\"} "));
    samples.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_by_their_name() {
        let text = "# HELP x y\nx{name=\"a\"} 3\nx{name=\"b c\"} 4\nx_max{name=\"a\"} 9\nx 7\n";
        let expected = BTreeMap::from([("a".to_owned(), 3), ("b c".to_owned(), 4)]);
        assert_eq!(by_name(text, "x{name=\""), expected);
    }
}
