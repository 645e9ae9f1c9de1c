//! What a request waited for can be looked up by its trace.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Answer, Check, Error, Instance, Outcome, Person, Severity, Stage, Stopped, Tenant, wait::until,
};

/// Longest that a trace may take until it can be looked up.
const THERE_MAX: Duration = Duration::from_secs(5);
/// How long the slow request waits for its statement, in milliseconds.
const SLOW_MS: u64 = 400;
/// A machine that is busy with something else delays the one who asks: the best of so many counts.
const TRIES: usize = 3;
/// Percent of a request's time that its spans must cover.
const COVERED_MIN: u64 = 90;

pub(super) const CHECK: Check = Check {
    id: "trace.store",
    seeds: &["S0.39"],
    severity: Severity::P0,
    promise: "Where a slow request spent its time can be looked up by its trace, on the process that answered it.",
    input: "on each web process a list, and a request whose statement takes 400 ms, each with a traceparent of its own",
    measure: "the trace as operators see it: the request's parent, route, status and tenant; its steps by name; the share of the \
              caller's time that the request's span covers, and of the span that its steps cover",
    threshold: "there within 5 s; every field right; both shares at least 90 %, best of 3",
    fault: "traceparent_dropped",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let a = &stage.tenants().await?.a;
    let instances = stage.deployment()?.instances;
    if instances.is_empty() {
        return Err(Stopped::skip("needs the instances' own addresses: give --ready-file"));
    }
    let (mut breaches, mut shares) = (Vec::new(), Vec::new());
    for instance in &instances {
        let list = Traced::ask(stage, &a.owner, instance, &a.path("/funds")).await?;
        breaches.extend(list.breaches(a));
        if list.spans.is_empty() {
            continue;
        }
        let mut best = (0, 0);
        for _ in 0..TRIES {
            let path = format!("/v1/probe/statement?ms={SLOW_MS}");
            let slow = Traced::ask(stage, &a.owner, instance, &path).await?;
            if slow.answer.status == 404 {
                return Err(Stopped::skip("needs the probe routes: only in dev"));
            }
            let covered = slow.covered();
            if least(covered) > least(best) {
                best = covered;
            }
            if least(best) >= COVERED_MIN {
                break;
            }
        }
        if least(best) < COVERED_MIN {
            let (span, steps) = best;
            let what = "of the caller's time is in the span";
            breaches.push(format!("{span} % {what}, {steps} % of the span in its steps"));
        }
        shares.push(best);
    }
    let worst = shares.into_iter().min_by_key(|shares| least(*shares));
    let (span, steps) = worst.unwrap_or_default();
    let measured =
        format!("{} breaches; {span} % covered by spans, {steps} % by steps", breaches.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

/// The lesser of two shares.
fn least((span, steps): (u64, u64)) -> u64 {
    span.min(steps)
}

/// A request and what operators see of it.
struct Traced {
    answer: Answer,
    caller: String,
    /// Its spans; none if the trace cannot be found.
    spans: Vec<Value>,
}

impl Traced {
    async fn ask(
        stage: &Stage,
        person: &Person,
        instance: &Instance,
        path: &str,
    ) -> Result<Self, Stopped> {
        let (trace, span) = (Uuid::new_v4().simple().to_string(), Uuid::new_v4().as_u64_pair().1);
        let caller = format!("{span:016x}");
        let ask = person.at(&instance.url).ask(Method::GET, path);
        let answer = ask.header("traceparent", &format!("00-{trace}-{caller}-01")).send().await?;
        let deployment = stage.deployment()?;
        let (_, token) = deployment.operator()?;
        let url = format!("{}/ops/v1/traces/{trace}", instance.operator_url);
        let found = until("the trace", THERE_MAX, || async {
            let found = stage.operator_with(Method::GET, &url, token).send().await?;
            Ok(found.is_success().then(|| found.json()["items"].take()))
        });
        let spans = match found.await {
            Err(Error::Late(_)) => Vec::new(),
            found => found?.as_array().cloned().unwrap_or_default(),
        };
        Ok(Self { answer, caller, spans })
    }

    fn request(&self) -> Option<&Value> {
        self.spans.iter().find(|span| span["kind"] == "server")
    }

    fn steps(&self) -> impl Iterator<Item = &Value> {
        self.spans.iter().filter(|span| span["kind"] == "client")
    }

    /// What is wrong with the trace of a list of the tenant.
    fn breaches(&self, tenant: &Tenant) -> Vec<String> {
        let Some(request) = self.request() else {
            return vec![format!("{}: its trace cannot be looked up", self.answer.what)];
        };
        let id = tenant.id.to_string();
        let expected = [
            ("/parent_span_id", self.caller.as_str()),
            ("/attributes/http.route", "/v1/t/{tenant}/funds"),
            ("/attributes/underpin.tenant.id", &id),
        ];
        let differs = expected
            .into_iter()
            .filter(|(field, value)| request.pointer(field).and_then(Value::as_str) != Some(value));
        let mut breaches: Vec<_> = differs
            .map(|(field, value)| format!("{field} is {:?}, not {value}", request.pointer(field)))
            .collect();
        if request["attributes"]["http.response.status_code"] != self.answer.status {
            breaches.push(format!("the status of {} is not in its trace", self.answer.what));
        }
        let own = |step: &&Value| step["parent_span_id"] == request["span_id"];
        let named = |step: &&Value| step["name"].as_str().is_some_and(|name| name.contains('.'));
        if !self.steps().filter(own).any(|step| named(&step)) {
            breaches.push("no statement is in the trace".to_owned());
        }
        let literal = |step: &&Value| step["name"].to_string().contains("select ");
        breaches.extend(self.steps().find(literal).map(|step| format!("SQL in {step}")));
        breaches
    }

    /// Percent of the caller's time that the span covers, and of the span that its steps cover.
    fn covered(&self) -> (u64, u64) {
        let micros = |span: &Value| span["took_us"].as_u64().unwrap_or_default();
        let wall = u64::try_from(self.answer.took.as_micros()).unwrap_or(u64::MAX);
        let span = self.request().map_or(0, micros);
        let steps: u64 = self.steps().map(micros).sum();
        (span * 100 / wall.max(1), steps * 100 / span.max(1))
    }
}
