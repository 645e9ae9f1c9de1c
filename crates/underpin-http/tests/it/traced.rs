//! One trace from a request through its statements, its event and its job to the job's own statements.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;
use underpin_base::Trace;
use underpin_db::statements;
use underpin_http::{Answer, Api, Idempotent, Problem, Staff};
use underpin_jobs::{Enqueue, Error, Fault, Job, Registry, Run, Runner, RunnerSettings, enqueue};
use underpin_log::{Audience, NewEvent, Topic, emit};
use underpin_runtime::Tracer;
use underpin_testkit::until;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::stage::{OPERATOR, Stage, With as _, get, post};

const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

statements! {
    SESSION_NAME: "test.session_name" () -> (TEXT) = "select application_name from pg_stat_activity where pid = pg_backend_pid()";
}

/// Tells what its own session is called.
#[derive(Debug, Serialize, Deserialize)]
struct Tell {}

impl Job for Tell {
    const KIND: &'static str = "test.tell";
    type Context = ();

    async fn run(self, (): (), run: Run) -> Result<(), Fault> {
        let named: String = run.db().query_one(run.principal(), &SESSION_NAME, &[]).await?.get(0);
        let event = &[event("job.told", &named)];
        run.finish(|tx, _| {
            Box::pin(async move {
                emit(tx, "2026-01-15T12:00:00Z".parse().unwrap(), event).await?;
                Ok::<(), Failed>(())
            })
        })
        .await
        .map_err(Fault::retry)
    }
}

fn event(kind: &'static str, named: &str) -> NewEvent {
    NewEvent {
        topic: Topic::named("traced"),
        entity: Uuid::now_v7(),
        version: 1,
        kind,
        schema_version: 1,
        audience: Audience::Staff,
        payload: json!({ "session": named }),
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    assert_eq!(ALL.len(), 1);
    OpenApiRouter::new().routes(routes!(create_trace))
}

#[utoipa::path(post, path = "/v1/t/{tenant}/test/traces", operation_id = "create_trace", tag = "test",
    params(("tenant" = String, Path), Idempotent<Value>), request_body = Value, responses((status = 202, body = String)))]
async fn create_trace(
    State(api): State<Api>,
    Staff(tenant): Staff,
    once: Idempotent<Value>,
) -> Result<Response, Problem> {
    once.commit(&api, tenant.principal, |tx, _, now, _| {
        Box::pin(async move {
            let named: String = tx.query_one(&SESSION_NAME, &[]).await?.get(0);
            let job = enqueue(tx, &Tell {}, Enqueue::default()).await?;
            emit(tx, now, &[event("request.told", &named)]).await?;
            Ok::<_, Failed>(Answer::accepted(job.to_string()))
        })
    })
    .await
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum Failed {
    Db(#[from] underpin_db::Error),
    Jobs(#[from] Error),
    Log(#[from] underpin_log::Error),
}

impl underpin_db::AsDbError for Failed {
    fn as_db(&self) -> Option<&underpin_db::Error> {
        None
    }
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        Self::from_error(underpin_base::ErrorKind::Internal, failed)
    }
}

/// The log of a test.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines with a message, as JSON.
    fn of(&self, message: &str) -> Vec<Value> {
        let lines = self.text();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"] == message).collect()
    }
}

#[tokio::test]
async fn one_trace_goes_from_the_request_to_the_statements_of_its_job() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    let _log = tracing::subscriber::set_default(subscriber);
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let request = post("/v1/t/north/test/traces", &json!({}))
        .bearer(&token)
        .with("traceparent", GIVEN)
        .with("x-operator-token", OPERATOR);
    let answer = stage.ask(request).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    // The answer: the same trace, an operation of its own.
    let ours = answer.headers["traceparent"].to_str().unwrap();
    assert_eq!(Trace::parse(ours).unwrap().trace_id(), ID);
    assert_ne!(ours, GIVEN);

    let mut registry = Registry::new();
    registry.register::<Tell>(());
    let tracer = Tracer::default();
    let settings = RunnerSettings {
        tracer: tracer.clone(),
        lease: Duration::from_hours(1),
        ..RunnerSettings::default()
    };
    let runner = Runner::new(stage.db.db.clone(), registry, settings);
    tokio::spawn(runner.run(stage.stop.clone()));
    let client = stage.db.superuser().await;
    let sql = "select kind, trace, payload->>'session' from underpin.event where topic = 'traced' order by id";
    let events = until("the job has told", async || {
        let rows = client.query(sql, &[]).await.unwrap();
        (rows.len() == 2).then_some(rows)
    })
    .await;
    for (event, kind) in events.iter().zip(["request.told", "job.told"]) {
        assert_eq!(event.get::<_, &str>(0), kind);
        assert_eq!(event.get::<_, &str>(1), ID, "the event of {kind}");
        assert_eq!(event.get::<_, &str>(2), format!("underpin {ID}"), "the session of {kind}");
    }
    let job = client.query_one("select trace from underpin.job_done", &[]).await.unwrap();
    assert_eq!(job.get::<_, &str>(0), ours, "the job knows the operation that enqueued it");

    let request = &lines.of("request").pop().unwrap()["span"];
    assert_eq!((&request["name"], &request["trace_id"]), (&json!("request"), &json!(ID)));
    let ran = until("the job's line is written", async || lines.of("job ran").pop()).await;
    assert_eq!((&ran["span"]["kind"], &ran["span"]["trace_id"]), (&json!("test.tell"), &json!(ID)));
    assert!(ran["statements"].as_u64() >= Some(3), "{ran}");
    // The job's span: linked to the operation that enqueued it, and nobody's child.
    let job = until("the job is over", async || tracer.find(ID).pop()).await;
    assert_eq!((job.link.map(|link| link.to_string()).as_deref(), job.parent), (Some(ours), None));
    assert!(
        job.name == "job test.tell"
            && job.steps.iter().any(|step| step.name == "test.session_name")
    );
    let text = lines.text();
    assert!(!text.contains(OPERATOR) && !text.contains(&token), "a secret is in the log");
}

#[tokio::test]
async fn a_request_without_a_trace_begins_one() {
    let stage = Stage::new().await;
    let (first, second) = (stage.ask(get("/livez")).await, stage.ask(get("/v1/nothing")).await);
    let trace = |answer: &crate::stage::Answer| {
        Trace::parse(answer.headers["traceparent"].to_str().unwrap()).unwrap().trace_id()
    };
    assert_ne!(trace(&first), trace(&second));
}
