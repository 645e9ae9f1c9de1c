//! A request under a key happens once: the repeat, the rival, the crash, the other person, the other request.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;
use underpin_base::Principal;
use underpin_http::sweep_answers;
use underpin_testkit::until;

use crate::stage::{Answer, Stage, With as _, post, read, send};

const THINGS: &str = "/v1/t/north/test/things";
/// A lock that a request waits for when it is told to.
const LOCK: i64 = 7;

fn keyed(path: &str, token: &str, key: &str, body: &Value) -> Request<Body> {
    post(path, body).bearer(token).with("idempotency-key", key)
}

fn notes(thing: u8) -> String {
    format!("{THINGS}/{}/notes", uuid::Uuid::from_u128(thing.into()))
}

impl Stage {
    /// Ask beside the test.
    fn spawn(&self, request: Request<Body>) -> JoinHandle<Answer> {
        let router = self.router.clone();
        tokio::spawn(async move { read(router.oneshot(request).await.unwrap()).await })
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("select count(*) from {table}");
        self.db.superuser().await.query_one(&sql, &[]).await.unwrap().get(0)
    }

    /// Wait until so many requests wait for a lock.
    async fn waiting(&self, number: i64) {
        let client = self.db.superuser().await;
        until("requests wait for the lock", async || {
            let sql = "select count(*) from pg_locks where locktype = 'advisory' and not granted
                and database = (select oid from pg_database where datname = current_database())";
            let waiting: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
            (waiting == number).then_some(())
        })
        .await;
    }

    /// The answers that a principal's own transaction sees.
    async fn visible(&self, by: Principal) -> i64 {
        let client = self.db.superuser().await;
        let (tenant, subject) = (by.tenant, by.subject);
        let role = self.db.app_url.split("user=").last().unwrap().split('&').next().unwrap();
        let begin = format!(
            "begin; set local role {role}; set local underpin.tenant = '{tenant}';
             set local underpin.subject = '{subject}'; set local underpin.role = '{}'",
            by.role
        );
        client.batch_execute(&begin).await.unwrap();
        let sql = "select count(*) from underpin.stored_answer";
        client.query_one(sql, &[]).await.unwrap().get(0)
    }
}

fn is_replay(answer: &Answer) -> bool {
    answer.headers.get("idempotent-replayed").is_some_and(|value| value == "true")
}

fn same(first: &Answer, again: &Answer) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    for name in ["content-type", "location", "etag"] {
        assert_eq!(again.headers.get(name), first.headers.get(name), "{name}");
    }
}

#[tokio::test]
async fn a_repeat_brings_the_first_answer_and_does_nothing() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let request = || keyed(THINGS, &token, "k-1", &json!({ "name": "one" }));
    let first = stage.ask(request()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
    assert_eq!(first.headers["etag"], "\"1\"");
    assert!(first.headers["location"].to_str().unwrap().contains(THINGS));
    assert!(!is_replay(&first));
    for _ in 0..3 {
        let again = stage.ask(request()).await;
        assert!(is_replay(&again), "{again:?}");
        same(&first, &again);
    }
    assert_eq!(stage.count("things.thing").await, 1);
    assert_eq!(stage.count("underpin.stored_answer").await, 1);
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let note = json!({ "text": "first" });
    let first = stage.ask(keyed(&notes(1), &token, "k", &note)).await;
    assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
    let other = json!({ "text": "second" });
    for (path, body) in
        [(notes(1), &other), (notes(2), &note), (format!("{}?x=1", notes(1)), &note)]
    {
        let refused = stage.ask(keyed(&path, &token, "k", body)).await;
        assert_eq!(refused.code(), "key_reused", "{path} {body}");
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // The same key on another route is another key.
    let thing = stage.ask(keyed(THINGS, &token, "k", &json!({ "name": "one" }))).await;
    assert_eq!(thing.status, StatusCode::CREATED, "{thing:?}");
    assert_eq!(stage.count("things.note").await, 1);
}

#[tokio::test]
async fn a_route_that_asks_for_a_key_gets_a_good_one_or_does_nothing() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let body = json!({ "name": "one" });
    let keyless = stage.ask(post(THINGS, &body).bearer(&token)).await;
    assert_eq!((keyless.status, keyless.code()), (StatusCode::BAD_REQUEST, "key_missing".into()));
    for key in ["", "two words", &"k".repeat(256)] {
        let refused = stage.ask(keyed(THINGS, &token, key, &body)).await;
        assert_eq!(refused.code(), "malformed", "{key:?}");
        let refused = stage.ask(keyed(&notes(1), &token, key, &json!({ "text": "x" }))).await;
        assert_eq!(refused.code(), "malformed", "{key:?}");
    }
    let two = keyed(THINGS, &token, "k", &body).with("idempotency-key", "l");
    assert_eq!(stage.ask(two).await.code(), "malformed");
    assert_eq!(stage.count("things.thing").await, 0);
    // Where a key is not asked for, a request without one happens each time.
    for _ in 0..2 {
        let note = post(&notes(1), &json!({ "text": "x" })).bearer(&token);
        assert_eq!(stage.ask(note).await.status, StatusCode::CREATED);
    }
    assert_eq!(stage.count("things.note").await, 2);
    assert_eq!(stage.count("underpin.stored_answer").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_rivals_on_two_instances_one_is_done() {
    const RIVALS: usize = 50;
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let routers = [stage.router.clone(), stage.second_instance()];
    let request = || keyed(&notes(1), &token, "k", &json!({ "text": "once" }));
    let rivals: Vec<_> = (0..RIVALS)
        .map(|rival| {
            let (router, request) = (routers[rival % 2].clone(), request());
            tokio::spawn(async move { read(router.oneshot(request).await.unwrap()).await })
        })
        .collect();
    let mut first = None;
    let mut others = Vec::new();
    for rival in rivals {
        let answer = rival.await.unwrap();
        if answer.status == StatusCode::CREATED && !is_replay(&answer) {
            assert!(first.replace(answer).is_none(), "two were done");
        } else {
            others.push(answer);
        }
    }
    let first = first.expect("one was done");
    for other in &others {
        if other.status == StatusCode::CREATED {
            same(&first, other);
        } else {
            assert_eq!(other.code(), "in_flight", "{other:?}");
            assert_eq!(other.headers["retry-after"], "1");
        }
    }
    assert_eq!(others.len(), RIVALS - 1);
    for rival in 0..others.len() {
        let again = read(routers[rival % 2].clone().oneshot(request()).await.unwrap()).await;
        assert!(is_replay(&again), "{again:?}");
        same(&first, &again);
    }
    assert_eq!(stage.count("things.note").await, 1);
    assert_eq!(stage.count("underpin.stored_answer").await, 1);
}

#[tokio::test]
async fn a_rival_of_a_request_at_work_is_told_at_once() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let holder = stage.db.superuser().await;
    holder.execute("select pg_advisory_lock($1)", &[&LOCK]).await.unwrap();
    let body = json!({ "text": "slow", "after": LOCK });
    let first = stage.spawn(keyed(&notes(1), &token, "k", &body));
    stage.waiting(1).await;
    for body in [&body, &json!({ "text": "other" })] {
        let rival = stage.ask(keyed(&notes(1), &token, "k", body)).await;
        assert_eq!((rival.status, rival.code()), (StatusCode::CONFLICT, "in_flight".into()));
        assert_eq!(rival.headers["retry-after"], "1");
    }
    // Another key does not wait either.
    let other = stage.ask(keyed(&notes(1), &token, "l", &json!({ "text": "x" }))).await;
    assert_eq!(other.status, StatusCode::CREATED);
    holder.execute("select pg_advisory_unlock($1)", &[&LOCK]).await.unwrap();
    let first = first.await.unwrap();
    let again = stage.ask(keyed(&notes(1), &token, "k", &body)).await;
    assert!(is_replay(&again));
    same(&first, &again);
}

#[tokio::test]
async fn an_error_is_not_kept_and_is_computed_anew() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let thing = |key| keyed(THINGS, &token, key, &json!({ "name": "one" }));
    assert_eq!(stage.ask(thing("k-1")).await.status, StatusCode::CREATED);
    for _ in 0..2 {
        assert_eq!(stage.ask(thing("k-2")).await.code(), "name_taken");
    }
    let unreadable = keyed(THINGS, &token, "k-2", &json!({ "nome": "one" }));
    assert_eq!(stage.ask(unreadable).await.code(), "invalid");
    assert_eq!(stage.count("underpin.stored_answer").await, 1);
    let owner = stage.db.superuser().await;
    owner.execute("delete from things.thing", &[]).await.unwrap();
    let now = stage.ask(thing("k-2")).await;
    assert_eq!(now.status, StatusCode::CREATED, "{now:?}");
    assert!(!is_replay(&now));
}

#[tokio::test]
async fn a_key_belongs_to_one_person_of_one_tenant() {
    let stage = Stage::new().await;
    let body = json!({ "text": "mine" });
    let south = notes(1).replace("north", "south");
    let mut answers = Vec::new();
    for (name, path) in [("ada", &notes(1)), ("bob", &notes(1)), ("sue", &south)] {
        let token = stage.token(name).await;
        let answer = stage.ask(keyed(path, &token, "the-same-key", &body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{name} {answer:?}");
        assert!(!is_replay(&answer), "{name}");
        answers.push(answer.text);
    }
    assert_eq!(stage.count("things.note").await, 3);
    answers.dedup();
    assert_eq!(answers.len(), 3);
    for (tenant, name) in [("north", "ada"), ("north", "bob"), ("south", "sue")] {
        assert_eq!(stage.visible(stage.principal(tenant, name).await).await, 1, "{name}");
    }
    assert_eq!(stage.visible(stage.principal("north", "cyd").await).await, 0);
}

#[tokio::test]
async fn a_crash_before_the_commit_leaves_neither_the_effect_nor_an_answer() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let holder = stage.db.superuser().await;
    holder.execute("select pg_advisory_lock($1)", &[&LOCK]).await.unwrap();
    let body = json!({ "text": "lost", "after": LOCK });
    let lost = stage.spawn(keyed(&notes(1), &token, "k", &body));
    stage.waiting(1).await;
    lost.abort();
    assert!(lost.await.unwrap_err().is_cancelled());
    holder.execute("select pg_advisory_unlock($1)", &[&LOCK]).await.unwrap();
    // The server ends the transaction when it sees that nobody is there any more.
    let request = || keyed(&notes(1), &token, "k", &body);
    let next = until("the lost transaction is over", async || {
        let answer = stage.ask(request()).await;
        (answer.status != StatusCode::CONFLICT).then_some(answer)
    })
    .await;
    assert_eq!(next.status, StatusCode::CREATED, "{next:?}");
    assert!(!is_replay(&next), "nothing was kept");
    assert_eq!(stage.count("things.note").await, 1);
}

#[tokio::test]
async fn a_crash_in_the_commit_leaves_both_or_neither() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let holder = stage.db.superuser().await;
    holder.execute("select pg_advisory_lock(99)", &[]).await.unwrap();
    let request = || keyed(THINGS, &token, "k", &json!({ "name": "slow one" }));
    let lost = stage.spawn(request());
    stage.waiting(1).await;
    lost.abort();
    assert!(lost.await.unwrap_err().is_cancelled());
    holder.execute("select pg_advisory_unlock(99)", &[]).await.unwrap();
    let next = until("the lost commit is over", async || {
        let answer = stage.ask(request()).await;
        (answer.status != StatusCode::CONFLICT).then_some(answer)
    })
    .await;
    assert_eq!(next.status, StatusCode::CREATED, "{next:?}");
    assert_eq!(stage.count("things.thing").await, 1);
    assert_eq!(stage.count("underpin.stored_answer").await, 1);
}

/// The answer of key `from` stands under key `to` too: what a rival would have committed.
async fn slip_in(stage: &Stage, from: &str, to: &str) {
    let copy = "insert into underpin.stored_answer select tenant_id, subject, route, $2, fingerprint, status, content_type,
        location, etag, body, created_at, expires_at from underpin.stored_answer where key = $1";
    assert_eq!(stage.db.superuser().await.execute(copy, &[&from, &to]).await.unwrap(), 1);
}

#[tokio::test]
async fn what_a_rival_committed_between_the_look_and_the_end_is_the_answer() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let holder = stage.db.superuser().await;
    for (path, body) in [
        // Found at the end, by the row of the key.
        (notes(1), json!({ "text": "late", "after": LOCK })),
        // Found by what the rival made, which refuses the same again.
        (THINGS.to_owned(), json!({ "name": "late", "before": LOCK })),
    ] {
        let first = stage.ask(keyed(&path, &token, "k-1", &body)).await;
        assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
        holder.execute("select pg_advisory_lock($1)", &[&LOCK]).await.unwrap();
        let late = stage.spawn(keyed(&path, &token, "k-2", &body));
        stage.waiting(1).await;
        slip_in(&stage, "k-1", "k-2").await;
        holder.execute("select pg_advisory_unlock($1)", &[&LOCK]).await.unwrap();
        let late = late.await.unwrap();
        assert!(is_replay(&late), "{late:?}");
        same(&first, &late);
        let clear = "delete from underpin.stored_answer";
        holder.execute(clear, &[]).await.unwrap();
    }
    assert_eq!(stage.count("things.note").await, 1);
    assert_eq!(stage.count("things.thing").await, 1);
}

#[tokio::test]
async fn a_key_expires_after_a_day_whether_it_was_swept_or_not() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let request = |key| keyed(&notes(1), &token, key, &json!({ "text": "x" }));
    for key in ["a", "b"] {
        assert_eq!(stage.ask(request(key)).await.status, StatusCode::CREATED);
    }
    stage.clock.advance(Duration::from_hours(24) - Duration::from_secs(1));
    assert!(is_replay(&stage.ask(request("a")).await));
    assert_eq!(sweep_answers(&stage.db.db, stage.api.now()).await.unwrap(), 0);
    stage.clock.advance(Duration::from_secs(1));
    // Sessions last as long as they do: sign in again where they ended.
    let token = stage.token("ada").await;
    let request = |key| keyed(&notes(1), &token, key, &json!({ "text": "y" }));
    let again = stage.ask(request("a")).await;
    assert_eq!(again.status, StatusCode::CREATED, "another request, because the key is new again");
    assert!(!is_replay(&again));
    assert_eq!(sweep_answers(&stage.db.db, stage.api.now()).await.unwrap(), 1);
    assert!(is_replay(&stage.ask(request("a")).await));
    assert_eq!(stage.count("underpin.stored_answer").await, 1);
}

#[tokio::test]
async fn an_answer_too_large_to_keep_is_a_fault_and_leaves_nothing() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let name = "x".repeat(70_000);
    let answer = stage.ask(keyed(THINGS, &token, "k", &json!({ "name": name }))).await;
    assert_eq!(answer.code(), "internal");
    assert_eq!(stage.count("things.thing").await, 0);
}

#[tokio::test]
async fn a_change_names_the_version_that_it_saw() {
    let stage = Stage::new().await;
    let token = stage.token("ada").await;
    let change = || send("PATCH", &notes(1), &Value::Null).bearer(&token);
    let refused = stage.ask(change()).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::PRECONDITION_REQUIRED, "precondition_required".into())
    );
    assert_eq!(stage.ask(change().with("if-match", "*")).await.code(), "malformed");
    let changed = stage.ask(change().with("if-match", "\"7-3\"")).await;
    assert_eq!((changed.headers["etag"].to_str().unwrap(), &*changed.text), ("\"7-3\"", "\"7-3\""));
}
