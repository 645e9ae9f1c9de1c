//! A secret leaves no trace: not in a log, not in an answer, not in what the database server shows.

mod requests;

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use underpin_base::Secret;
use underpin_db::{Purpose, Scope};
use uuid::Uuid;

use requests::Carrier;

use crate::{
    Answer, Ask, Check, Error, Outcome, Result, Severity, Stage, Stopped, Tenant, Tenants,
    logs::Logs, store::ACTIVITY, wait::until,
};

/// Longest that a line may take into its log.
const LOG_MAX: Duration = Duration::from_secs(5);
/// A secret shorter than this may stand in a text by chance.
const SECRET_CHARS_MIN: usize = 12;
/// What operators are shown.
const OPERATORS: [&str; 6] = [
    "/ops/v1/detail",
    "/ops/v1/findings",
    "/ops/v1/workers",
    "/ops/v1/jobs?state=dead",
    "/metrics",
    "/health",
];

pub(super) const CHECK: Check = Check {
    id: "secrets.canary",
    seeds: &["S0.33", "S4.10"],
    severity: Severity::P0,
    promise: "No password, token, cookie or key is written to a log, an answer, a trace or the database server's view.",
    input: "made-up secrets as password, token, cookie, invite and operator token, in every part of a request, well formed and \
            malformed; beside them the real secrets of this audit's people and of the deployment",
    measure: "places where any of them is found: logs, answers, what operators see, pg_stat_activity",
    threshold: "none; the log shows that the requests came in",
    fault: "secrets_logged",
    run: |stage| Box::pin(run(stage)),
};

/// A secret and what it is.
type Named = (String, Secret<String>);
/// A text and where it stands.
type Place = (String, String);

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, deployment) = (stage.tenants().await?, stage.deployment()?);
    let (a, base) = (&tenants.a, deployment.url.as_str());
    let logs = Logs::open(deployment.logs()?)?;
    let canary = format!("canary{}", Uuid::new_v4().simple());
    let cookie = cookie(stage, a, base).await?;
    let mut secrets = known(stage, tenants)?;
    secrets.push(("made-up secret".to_owned(), Secret::new(canary.clone())));
    secrets.push(("token of a cookie".to_owned(), cookie.1.clone()));
    secrets.push(("token of an invite".to_owned(), invite(stage, a, base).await?));
    secrets.retain(|(_, secret)| secret.expose().len() >= SECRET_CHARS_MIN);
    let carrier = Carrier { stage, tenant: a, base, cookie: &cookie.0, canary: &canary };
    let mut answers = Vec::new();
    for ask in carrier.requests()? {
        answers.push(ask.send().await?);
    }
    let mut places = logged(&logs, &answers).await?;
    places.extend(answers.iter().map(|answer| (answer.what.clone(), whole(answer))));
    for path in OPERATORS {
        let answer = stage.operator(Method::GET, path)?.send().await?;
        places.push((format!("operators: {path}"), whole(&answer)));
    }
    places.extend(traces(stage, &answers).await?);
    places.extend(servers_view(stage).await?);
    let bytes: usize = places.iter().map(|(_, text)| text.len()).sum();
    let mut found = Vec::new();
    for (place, text) in &places {
        let hits = secrets.iter().filter(|(_, secret)| text.contains(secret.expose()));
        // A place is named by its request, and a request may carry the secret in its path.
        found.extend(hits.map(|(name, _)| format!("{place}: {name}").replace(&canary, "…")));
    }
    let measured = format!("{} finds of {} secrets", found.len(), secrets.len());
    let looked =
        format!("{} requests; {} places, {} KiB", answers.len(), places.len(), bytes >> 10);
    Ok(Outcome::of_breaches(found, measured).evidence(looked))
}

/// The texts of the logs once they show the last of the answers that is logged.
async fn logged(logs: &Logs, answers: &[Answer]) -> Result<Vec<Place>, Stopped> {
    let marker = answers.last().and_then(|answer| answer.header("x-request-id"));
    let marker =
        marker.ok_or_else(|| Stopped::inconclusive("the last answer has no request id"))?;
    let texts = until("the last request in the logs", LOG_MAX, || async {
        let texts = logs.read()?;
        Ok(texts.iter().any(|(_, text)| text.contains(marker)).then_some(texts))
    });
    match texts.await {
        Err(Error::Late(_)) => {
            Err(Stopped::inconclusive("the logs do not show the requests: are they others?"))
        }
        texts => Ok(texts?),
    }
}

/// Sign in as a browser does and use the session; gives the name of the cookie and its token.
async fn cookie(stage: &Stage, a: &Tenant, base: &str) -> Result<(String, Secret<String>)> {
    let person = &a.admin;
    let body = json!({ "email": person.email, "password": person.password.expose() });
    let sign_in = Ask::bare(stage.http(), Method::POST, &format!("{base}/v1/session"));
    let answer = sign_in.json(&body).send().await?.expect(201)?;
    let set = answer.header("set-cookie").and_then(|set| set.split(';').next());
    let pair = set.and_then(|set| set.split_once('='));
    let lacking = || Error::Lacking { what: answer.what.clone(), field: "Set-Cookie".into() };
    let (name, token) = pair.ok_or_else(lacking)?;
    let list = Ask::bare(stage.http(), Method::GET, &format!("{base}{}", a.path("/funds")));
    list.header("cookie", &format!("{name}={token}")).send().await?.expect(200)?;
    Ok((name.to_owned(), Secret::new(token.to_owned())))
}

/// Invite somebody and look the invite up, as the page behind its link does; gives the link's token.
async fn invite(stage: &Stage, a: &Tenant, base: &str) -> Result<Secret<String>> {
    let body = json!({ "email": format!("canary@{}.example", a.slug), "role": "member" });
    let invited = a.owner.post(&a.path("/invites"), &body).await?.expect(201)?;
    let link = invited.text_at("/link")?;
    let token = link.rsplit_once('#').map(|(_, token)| token).unwrap_or_default();
    let look_up = Ask::bare(stage.http(), Method::POST, &format!("{base}/v1/invites/lookup"));
    look_up.json(&json!({ "token": token })).send().await?.expect(200)?;
    Ok(Secret::new(token.to_owned()))
}

/// The real secrets that this audit knows.
fn known(stage: &Stage, tenants: &Tenants) -> Result<Vec<Named>, Stopped> {
    let deployment = stage.deployment()?;
    let mut secrets = Vec::new();
    for person in tenants.people() {
        secrets.push((format!("password of {}", person.email), person.password.clone()));
        secrets.push((format!("token of {}", person.email), person.token().clone()));
    }
    secrets.extend(deployment.operator_token.map(|token| ("operator token".to_owned(), token)));
    if let Some(database) = deployment.database {
        for (role, url) in [("app", database.app_url), ("system", database.system_url)] {
            let password = password_in(url.expose());
            secrets.extend(password.map(|p| (format!("database password of {role}"), p)));
        }
    }
    Ok(secrets)
}

/// The password of a database URL, in its authority or its query.
fn password_in(url: &str) -> Option<Secret<String>> {
    let url = reqwest::Url::parse(url).ok()?;
    let in_query = url.query_pairs().find(|(name, _)| name == "password");
    let in_query = in_query.map(|(_, password)| password.into_owned());
    in_query.or_else(|| url.password().map(str::to_owned)).map(Secret::new)
}

/// An answer with its headers.
fn whole(answer: &Answer) -> String {
    format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body))
}

/// The traces of the requests, as the process that answered shows them to operators.
async fn traces(stage: &Stage, answers: &[Answer]) -> Result<Vec<Place>, Stopped> {
    let deployment = stage.deployment()?;
    let (_, token) = deployment.operator()?;
    let mut places = Vec::new();
    for answer in answers {
        let Some(trace) = answer.header("traceparent").and_then(|t| t.split('-').nth(1)) else {
            continue;
        };
        for instance in &deployment.instances {
            let url = format!("{}/ops/v1/traces/{trace}", instance.operator_url);
            let seen = stage.operator_with(Method::GET, &url, token).send().await?;
            // The others do not know it.
            if seen.is_success() {
                places.push((format!("trace of {}", answer.what), whole(&seen)));
            }
        }
    }
    Ok(places)
}

/// What the database server shows of the deployment's connections.
async fn servers_view(stage: &Stage) -> Result<Vec<Place>, Stopped> {
    let db = stage.db()?;
    let mut places = Vec::new();
    for scope in [Scope::Presented(String::new()), Scope::System(Purpose::Operate)] {
        for row in db.query(scope, &ACTIVITY, &[]).await? {
            let (name, query): (String, String) = (row.get(0), row.get(1));
            places.push(("pg_stat_activity".to_owned(), format!("{name} {query}")));
        }
    }
    db.close();
    Ok(places)
}
