//! Fifty rivals with one key do one thing.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{Answer, Check, Outcome, Person, Result, Severity, Stage, Stopped, Tenant};

/// Requests at the same time.
const RIVALS: usize = 50;
/// Tries of a loser until it gets the stored answer.
const TRIES_MAX: usize = 20;
/// Pause between two of them.
const TRY_EVERY: Duration = Duration::from_millis(50);

pub(super) const CHECK: Check = Check {
    id: "idempotency.rivals",
    seeds: &["S0.12", "S0.13", "S0.15"],
    severity: Severity::P0,
    promise: "A request that is sent again, at once or later, does what it asks for once and is answered alike.",
    input: "50 POSTs of one allocation at the same time under one Idempotency-Key, over all instances; each again; the key with \
            another body; no key; another key for the same allocation and for another tranche",
    measure: "answers that did the work, answers that are neither `in_flight` nor a byte-equal replay, rows that were made",
    threshold: "1 did it; after a retry 49 byte-equal replays; 1 row; another body 422 `key_reused`, no key 400 `key_missing`, the \
                same allocation 409, another tranche made",
    fault: "keys_ignored",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, deployment) = (stage.tenants().await?, stage.deployment()?);
    let post = Post::new(&tenants.a, deployment.instances.into_iter().map(|i| i.url).collect());
    let (body, key) = (post.body(1, "10.00"), Uuid::now_v7().to_string());
    let before = post.rows().await?;
    let rivals = (0..RIVALS).map(|at| post.send(at, Some(&key), &body));
    let answers: Vec<_> = join_all(rivals).await.into_iter().collect::<Result<_>>()?;

    let did: Vec<_> = answers.iter().filter(|a| a.is_success() && !is_replay(a)).collect();
    let Some(first) = did.first() else {
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        return Ok(Outcome::judge(false, "none did it").evidence(format!("{statuses:?}")));
    };
    let odd = answers.iter().filter(|answer| !answer.is_success() && !is_in_flight(answer));
    let mut breaches: Vec<_> =
        odd.map(|answer| format!("a rival was answered {}", answer.unexpected())).collect();
    if did.len() > 1 {
        breaches.push(format!("{} rivals did it", did.len()));
    }

    let mut replays = 0;
    for at in 1..RIVALS {
        match post.retry(at, &key, &body).await? {
            answer if is_replay(&answer) && is_same(&answer, first) => replays += 1,
            answer => breaches.push(format!("a retry was answered {}", answer.unexpected())),
        }
    }
    let rows = post.rows().await?.saturating_sub(before);
    if rows != 1 {
        breaches.push(format!("{rows} rows were made"));
    }
    let other = post.send(0, Some(&key), &post.body(1, "11.00")).await?;
    breaches.extend(refused_as(&other, 422, "key_reused"));
    breaches.extend(refused_as(&post.send(0, None, &body).await?, 400, "key_missing"));
    let again = Uuid::now_v7().to_string();
    let exists = post.send(0, Some(&again), &body).await?;
    breaches.extend(refused_as(&exists, 409, "allocation_exists"));
    let tranche = post.send(0, Some(&again), &post.body(2, "10.00")).await?;
    if !tranche.is_success() || is_replay(&tranche) {
        breaches.push(format!("another tranche was answered {}", tranche.unexpected()));
    }
    let measured = format!("{} of {RIVALS} did it, {replays} replays, {rows} rows", did.len());
    let in_flight = answers.iter().filter(|answer| is_in_flight(answer)).count();
    let told = format!("{in_flight} rivals were told `in_flight`; {} addresses", post.urls.len());
    Ok(Outcome::of_breaches(breaches, measured).evidence(told))
}

/// The request that is sent again and again.
struct Post<'t> {
    tenant: &'t Tenant,
    owner: &'t Person,
    urls: Vec<String>,
}

impl<'t> Post<'t> {
    fn new(tenant: &'t Tenant, mut urls: Vec<String>) -> Self {
        let owner = &tenant.owner;
        if urls.is_empty() {
            urls.push(owner.base().to_owned());
        }
        Self { tenant, owner, urls }
    }

    fn path(&self) -> String {
        self.tenant.path(&format!("/funds/{}", self.tenant.things.fund))
    }

    fn body(&self, tranche: u32, commitment: &str) -> Value {
        json!({ "investor_id": self.tenant.things.investor, "deal_ref": "rivals", "tranche": tranche,
            "report": { "as_of": "2024-06-30", "commitment": commitment } })
    }

    async fn send(&self, at: usize, key: Option<&str>, body: &Value) -> Result<Answer> {
        let by = self.owner.at(&self.urls[at % self.urls.len()]);
        let ask = by.ask(Method::POST, &format!("{}/allocations", self.path())).json(body);
        let ask = if let Some(key) = key { ask.key(key) } else { ask };
        ask.send().await
    }

    /// Send it again for as long as another is under way.
    async fn retry(&self, at: usize, key: &str, body: &Value) -> Result<Answer> {
        let mut answer = self.send(at, Some(key), body).await?;
        for _ in 1..TRIES_MAX {
            if !is_in_flight(&answer) {
                break;
            }
            sleep(TRY_EVERY).await;
            answer = self.send(at, Some(key), body).await?;
        }
        Ok(answer)
    }

    /// How many allocations the fund has.
    async fn rows(&self) -> Result<u64> {
        let fund = self.owner.get(&self.path()).await?.expect(200)?;
        Ok(fund.json()["allocations"].as_u64().unwrap_or_default())
    }
}

fn is_replay(answer: &Answer) -> bool {
    answer.is_success() && answer.header("idempotent-replayed") == Some("true")
}

fn is_in_flight(answer: &Answer) -> bool {
    let told_when = answer.header("retry-after").is_some();
    answer.status == 409 && answer.code().as_deref() == Some("in_flight") && told_when
}

/// Whether two answers are the same to the byte.
fn is_same(a: &Answer, b: &Answer) -> bool {
    let told = |name| (a.header(name), b.header(name));
    let alike = ["content-type", "location", "etag"].into_iter().map(told).all(|(a, b)| a == b);
    a.status == b.status && a.body == b.body && alike
}

fn refused_as(answer: &Answer, status: u16, code: &str) -> Option<String> {
    let right = answer.status == status && answer.code().as_deref() == Some(code);
    (!right).then(|| format!("instead of {code}: {}", answer.unexpected()))
}
