//! What operators see is for operators.

use reqwest::{Method, Url};
use serde_json::Value;
use underpin_base::Secret;

use crate::{Answer, Ask, Check, Error, Outcome, Result, Severity, Stage, Stopped};

/// What says of itself which routes there are.
const DETAIL: &str = "/ops/v1/detail";
/// What is asked beside them: what nobody has must not be told from what is there.
const BESIDE: [&str; 3] = ["/metrics", "/ops/v1", "/ops/v1/nothing"];
/// How each is asked.
const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// What operators must find in the detail.
const FIELDS: [&str; 9] = [
    "/build/version",
    "/process/pid",
    "/schema/0/component",
    "/schema/0/version",
    "/leases",
    "/queues",
    "/pools/0/connections_max",
    "/pools/0/connections_used",
    "/memory/0/entries_max",
];
/// A secret shorter than this may stand in a text by chance.
const SECRET_CHARS_MIN: usize = 12;

pub(super) const CHECK: Check = Check {
    id: "ops.closed",
    seeds: &["S4.17"],
    severity: Severity::P1,
    promise: "Operators alone see what is theirs: nobody without the token, and nobody at all on the public address.",
    input: "every route that the detail lists and some that nobody has, with five methods: on each operators' address without a \
            token and with wrong ones, on each public address with the right one",
    measure: "answers; the fields of the detail; the deployment's secrets in what operators are shown",
    threshold: "401 without the right token; nothing of it on a public address; build, schema, leases, queues, pools and memory in \
                the detail, no secret in any answer",
    fault: "operators_open",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let deployment = stage.deployment()?;
    let token = deployment.operator()?.1.clone();
    let detail = stage.operator(Method::GET, DETAIL)?.send().await?;
    if detail.status != 200 {
        return Ok(Outcome::judge(false, format!("no detail: {}", detail.unexpected())));
    }
    let paths = paths(&detail)?;
    let mut breaches = incomplete(&detail);
    let mut asked = 0;
    for (url, _) in deployment.operators() {
        for wrong in wrong(token.expose()) {
            for answer in everything(stage, &url, &paths, wrong.as_deref()).await? {
                asked += 1;
                if answer.status != 401 {
                    let with = if wrong.is_some() { "a wrong token" } else { "no token" };
                    breaches.push(format!("{} with {with}: {}", answer.what, answer.status));
                }
            }
        }
    }
    let instances = deployment.instances.iter().map(|instance| instance.url.clone());
    for url in instances.chain([deployment.url.clone()]) {
        let right = format!("Bearer {}", token.expose());
        for answer in everything(stage, &url, &paths, Some(&right)).await? {
            asked += 1;
            if !matches!(answer.status, 401 | 404 | 405 | 429) {
                breaches.push(format!("public: {}: {}", answer.what, answer.status));
            }
        }
    }
    breaches.extend(told(stage, &paths).await?);
    let measured = format!("{} breaches in {asked} answers", breaches.len());
    Ok(Outcome::of_breaches(breaches, measured).evidence(format!("{} paths", paths.len())))
}

/// The paths that the detail lists, their parameters filled with what nobody has, and some beside them.
fn paths(detail: &Answer) -> Result<Vec<String>> {
    let json = detail.json();
    let listed = json["routes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let filled = listed.map(|path| path.replace("{slug}", "no-such-tenant"));
    let mut paths: Vec<String> = filled.chain(BESIDE.map(str::to_owned)).collect();
    paths.sort();
    paths.dedup();
    if paths.len() <= BESIDE.len() {
        return Err(Error::Lacking { what: detail.what.clone(), field: "routes".into() });
    }
    Ok(paths)
}

/// What the detail lacks.
fn incomplete(detail: &Answer) -> Vec<String> {
    let json = detail.json();
    let lacking = FIELDS.iter().filter(|field| json.pointer(field).is_none_or(Value::is_null));
    lacking.map(|field| format!("the detail has no {field}")).collect()
}

/// What somebody presents who has no token: nothing, and what is nearly right.
fn wrong(token: &str) -> [Option<String>; 5] {
    let (start, last) = token.split_at(token.len().saturating_sub(1));
    let other = if last == "0" { "1" } else { "0" };
    [
        None,
        Some("Bearer ".to_owned()),
        Some(format!("Bearer {start}{other}")),
        Some(format!("Bearer {start}")),
        Some(format!("Basic {token}")),
    ]
}

/// Each path by each method, under what is presented.
async fn everything(
    stage: &Stage,
    url: &str,
    paths: &[String],
    presented: Option<&str>,
) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for path in paths {
        for method in METHODS {
            let mut ask = Ask::bare(stage.http(), method, &format!("{url}{path}"));
            if let Some(presented) = presented {
                ask = ask.header("authorization", presented);
            }
            answers.push(ask.send().await?);
        }
    }
    Ok(answers)
}

/// The secrets that operators are shown.
async fn told(stage: &Stage, paths: &[String]) -> Result<Vec<String>, Stopped> {
    let secrets = secrets(stage)?;
    let mut told = Vec::new();
    for path in paths {
        let answer = stage.operator(Method::GET, path)?.send().await?;
        let text = String::from_utf8_lossy(&answer.body);
        let hits = secrets.iter().filter(|(_, secret)| text.contains(secret.expose()));
        told.extend(hits.map(|(name, _)| format!("{path} tells the {name}")));
    }
    Ok(told)
}

/// What the deployment keeps to itself, as far as it is known here.
fn secrets(stage: &Stage) -> Result<Vec<(&'static str, Secret<String>)>, Stopped> {
    let deployment = stage.deployment()?;
    let mut secrets = Vec::new();
    secrets.extend(deployment.operator_token.map(|token| ("operator token", token)));
    if let Some(database) = deployment.database {
        for url in [database.app_url, database.system_url] {
            let password = Url::parse(url.expose()).ok().and_then(|url| {
                let mut pairs = url.query_pairs();
                let asked = pairs.find(|(name, _)| name == "password");
                asked.map(|(_, value)| value.into_owned()).or(url.password().map(str::to_owned))
            });
            secrets.extend(password.map(|password| ("database password", Secret::new(password))));
        }
    }
    if let Ok(web) = stage.web() {
        for (_, process) in web {
            let key = process.environment()?.remove("UNDERPIN_SECURITY_SECRET_KEY");
            secrets.extend(key.map(|key| ("secret key", Secret::new(key))));
        }
    }
    secrets.retain(|(_, secret)| secret.expose().len() >= SECRET_CHARS_MIN);
    Ok(secrets)
}
