//! A request is one event that says all that one would search by, and everything logged on its way belongs to it.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Answer, Ask, Check, Outcome, Person, Result, Severity, Stage, Stopped, Tenant,
    lone::{Lines, Lone, trace_of},
    wait::until,
};

/// Reads of each kind: with the other requests a hundred.
const READS: usize = 18;
/// Jobs, some of which the deployment's own worker takes.
const JOBS: usize = 8;
/// Longest that all jobs may take.
const JOBS_MAX: Duration = Duration::from_secs(20);
/// What every event of a request has, beside whose it is.
const FIELDS: [&str; 11] = [
    "timestamp",
    "level",
    "method",
    "route",
    "status",
    "ms",
    "statements",
    "db_ms",
    "idempotency",
    "build",
    "trace_id",
];
/// A process that takes jobs too and calls nearly every statement slow, so that there are lines in the middle of requests.
const SETTINGS: [(&str, &str); 1] = [("UNDERPIN_LOG_SLOW_STATEMENT_MS", "1")];

pub(super) const CHECK: Check = Check {
    id: "telemetry.events",
    seeds: &["S0.40", "S1.53", "S2.62", "S4.9"],
    severity: Severity::P1,
    promise: "Each request is one event with tenant, user, route, outcome and cost; each line of a request or job has its trace, tenant and route.",
    input: "a hundred requests of two persons and of nobody, and jobs, to a process of its own that logs JSON",
    measure: "the lines of its log",
    threshold: "all are JSON; one whole and true event a request; a search by user finds that user's requests; no line of a request \
                or job lacks or mistakes its trace, tenant or route",
    fault: "events_lost",
    run: |stage| Box::pin(run(stage)),
};

/// A request that was answered, and what its event must say.
struct Sent {
    answer: Answer,
    user: Option<Uuid>,
    tenant: Option<Uuid>,
    route: &'static str,
    idempotency: &'static str,
}

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let tenants = stage.tenants().await?;
    let lone = Lone::start(stage, &["--with-work"], &SETTINGS).await?;
    let (member, other) = (tenants.a.member.at(&lone.url), tenants.b.owner.at(&lone.url));
    let mut sent = Vec::new();
    for _ in 0..READS {
        read(&mut sent, &member, &tenants.a, ("/funds", "/v1/t/{tenant}/funds")).await?;
        let fund = format!("/funds/{}", tenants.a.things.fund);
        read(&mut sent, &member, &tenants.a, (&fund, "/v1/t/{tenant}/funds/{fund}")).await?;
        read(&mut sent, &other, &tenants.b, ("/members", "/v1/t/{tenant}/members")).await?;
        let answer = member.get("/v1/session").await?;
        sent.push(Sent::of(answer, Some(&member), None, "/v1/session"));
        let nobody = Ask::bare(stage.http(), Method::GET, &format!("{}/v1/deployment", lone.url));
        sent.push(Sent::of(nobody.send().await?, None, None, "/v1/deployment"));
    }
    let key = Uuid::now_v7().to_string();
    for idempotency in ["first", "replayed"] {
        let ask = member.ask(Method::POST, &tenants.a.path("/investors")).key(&key);
        let answer = ask
            .json(&json!({ "name": format!("Events {}", stage.run_id()) }))
            .send()
            .await?
            .expect(201)?;
        let made = Sent::of(answer, Some(&member), Some(&tenants.a), "/v1/t/{tenant}/investors");
        sent.push(Sent { idempotency, ..made });
    }
    let jobs = enqueue(&mut sent, &member, &tenants.a).await?;
    let lines = lone.end().await?;
    let mut breaches: Vec<_> = lines.odd.iter().map(|line| format!("no JSON: {line}")).collect();
    breaches.extend(sent.iter().filter_map(|sent| sent.breach(&lines)));
    breaches.extend(search(&sent, &lines, member.user.uuid()));
    breaches.extend(sent.iter().flat_map(|sent| sent.strangers(&lines)));
    let (ran, strange) = of_jobs(&lines, &jobs, tenants.a.id.uuid());
    breaches.extend(strange);
    if breaches.is_empty() && ran == 0 {
        return Err(Stopped::inconclusive("the deployment's worker took all jobs"));
    }
    let measured = format!("{} breaches in {} lines", breaches.len(), lines.all.len());
    let facts = format!("{} requests; {ran} lines of {} jobs", sent.len(), jobs.len());
    Ok(Outcome::of_breaches(breaches, measured).evidence(facts))
}

async fn read(
    sent: &mut Vec<Sent>,
    by: &Person,
    tenant: &Tenant,
    (path, route): (&str, &'static str),
) -> Result<()> {
    let answer = by.get(&tenant.path(path)).await?.expect(200)?;
    sent.push(Sent::of(answer, Some(by), Some(tenant), route));
    Ok(())
}

/// Enqueue the jobs and wait until all have run; gives their traces.
async fn enqueue(
    sent: &mut Vec<Sent>,
    by: &Person,
    tenant: &Tenant,
) -> Result<Vec<String>, Stopped> {
    let mut ids = Vec::new();
    for _ in 0..JOBS {
        let ask =
            by.ask(Method::POST, &tenant.path("/probe/jobs")).json(&json!({ "sleep_ms": 100 }));
        let answer = ask.send().await?;
        if answer.status == 404 {
            return Err(Stopped::skip("needs the probe routes of `dev`"));
        }
        let answer = answer.expect(202)?;
        ids.push((answer.id_at("/job")?, trace_of(&answer).to_owned()));
        sent.push(Sent::of(answer, Some(by), Some(tenant), "/v1/t/{tenant}/probe/jobs"));
    }
    for (id, _) in &ids {
        let path = tenant.path(&format!("/jobs/{id}"));
        // Asked where it leaves no line in the log that is judged.
        let person = tenant.member.clone();
        until("the end of the jobs", JOBS_MAX, || async {
            let job = person.get(&path).await?.expect(200)?;
            Ok((job.text_at("/state")? == "done").then_some(()))
        })
        .await?;
    }
    Ok(ids.into_iter().map(|(_, trace)| trace).collect())
}

/// What a search by the user's id gets wrong.
fn search(sent: &[Sent], lines: &Lines, user: Uuid) -> Vec<String> {
    let of_user = |sent: &&Sent| sent.user == Some(user);
    let ours: BTreeSet<_> = sent.iter().filter(of_user).map(Sent::id).collect();
    let found = lines.of_message("request").filter(|line| line["user"] == user.to_string());
    let found: BTreeSet<_> = found.filter_map(|line| line["request_id"].as_str()).collect();
    let differ = ours.symmetric_difference(&found).count();
    if differ == 0 {
        Vec::new()
    } else {
        vec![format!("a search by user differs by {differ} requests")]
    }
}

/// How many lines the jobs have, and what is wrong with them.
fn of_jobs(lines: &Lines, traces: &[String], tenant: Uuid) -> (usize, Vec<String>) {
    let of_job = |line: &&Value| {
        line["span"] == "job" && traces.iter().any(|trace| line["trace_id"] == **trace)
    };
    let all: Vec<_> = lines.all.iter().filter(of_job).collect();
    let strange = all
        .iter()
        .filter(|line| line["tenant"] != tenant.to_string() || line["route"] != "job probe.job");
    (all.len(), strange.map(|line| format!("a job's line: {line}")).collect())
}

impl Sent {
    fn of(
        answer: Answer,
        by: Option<&Person>,
        tenant: Option<&Tenant>,
        route: &'static str,
    ) -> Self {
        let (user, tenant) = (by.map(|by| by.user.uuid()), tenant.map(|tenant| tenant.id.uuid()));
        Self { answer, user, tenant, route, idempotency: "none" }
    }

    fn id(&self) -> &str {
        self.answer.header("x-request-id").unwrap_or_default()
    }

    /// What is wrong with its event.
    fn breach(&self, lines: &Lines) -> Option<String> {
        let what = &self.answer.what;
        let events: Vec<_> =
            lines.of_message("request").filter(|line| line["request_id"] == self.id()).collect();
        let [event] = events.as_slice() else {
            return Some(format!("{what}: {} events", events.len()));
        };
        if let Some(field) = FIELDS.iter().find(|field| event[**field].is_null()) {
            return Some(format!("{what}: its event has no {field}"));
        }
        let text = |id: Option<Uuid>| id.map_or(Value::Null, |id| Value::from(id.to_string()));
        let expected = [
            ("status", self.answer.status.into()),
            ("route", self.route.into()),
            ("trace_id", trace_of(&self.answer).into()),
            ("idempotency", self.idempotency.into()),
            ("user", text(self.user)),
            ("tenant", text(self.tenant)),
        ];
        let wrong = expected.into_iter().find(|(field, value)| event[*field] != *value);
        wrong.map(|(field, value)| format!("{what}: {field} is {} and not {value}", event[field]))
    }

    /// Lines of its trace that a request wrote and that say another route or tenant; before the tenant is known they say none.
    fn strangers(&self, lines: &Lines) -> Vec<String> {
        let tenant = self.tenant.map(|id| id.to_string());
        let of_request =
            |line: &&Value| line["trace_id"] == trace_of(&self.answer) && line["span"] == "request";
        let strange = lines.all.iter().filter(of_request).filter(|line| {
            line["route"] != self.route
                || line["tenant"].as_str().is_some_and(|id| Some(id) != tenant.as_deref())
        });
        strange.map(|line| format!("a line of another: {line}")).collect()
    }
}
