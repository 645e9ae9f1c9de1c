//! A module for tests: things that are made once, and notes on them. What it does stops where it is told, so that a test can come between.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use underpin_db::{AsDbError, Component, Error, Migration, Tx, on_constraint, statements};
use underpin_http::{Answer, Api, Code, Idempotent, IfMatch, Keyed, Path, Problem, Staff};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(crate) const COMPONENT: Component =
    Component { name: "things", migrations: &[Migration { version: "0001_things", sql: SCHEMA }] };

/// A thing whose name begins with `slow` waits for lock 99 in its commit.
const SCHEMA: &str = "
    create schema things;
    create table things.thing (
        tenant_id uuid not null, id uuid not null, name text not null,
        primary key (tenant_id, id), constraint thing_name_key unique (tenant_id, name)
    );
    create table things.note (
        tenant_id uuid not null, id uuid not null, thing uuid not null, text text not null, primary key (tenant_id, id)
    );
    alter table things.thing enable row level security, force row level security;
    alter table things.note enable row level security, force row level security;
    create policy own on things.thing for all to {app} using (tenant_id = (select underpin.tenant()));
    create policy own on things.note for all to {app} using (tenant_id = (select underpin.tenant()));
    grant usage on schema things to {app};
    grant select, insert on things.thing, things.note to {app};
    create function things.linger() returns trigger language plpgsql as $$
    begin
        if new.name like 'slow%' then perform pg_advisory_xact_lock(99); end if;
        return null;
    end $$;
    create constraint trigger linger after insert on things.thing deferrable initially deferred
        for each row execute function things.linger();
";

statements! {
    INSERT_THING: "test.insert_thing" (UUID, UUID, TEXT) -> () = "insert into things.thing (tenant_id, id, name) values ($1, $2, $3)";
    INSERT_NOTE: "test.insert_note" (UUID, UUID, UUID, TEXT) -> ()
        = "insert into things.note (tenant_id, id, thing, text) values ($1, $2, $3, $4)";
    PAUSE: "test.pause" (INT8) -> (VOID) = "select pg_advisory_xact_lock($1)";
    FIND_THING: "test.find_thing" (UUID) -> (TEXT) = "select name from things.thing where id = $1";
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewThing {
    name: String,
    /// Wait for this lock before the row is written, or after.
    before: Option<i64>,
    after: Option<i64>,
    /// Look so many things up, one by one.
    #[serde(default)]
    looks: usize,
    /// Why that is on purpose.
    #[serde(default)]
    declared: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct Thing {
    id: Uuid,
    name: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewNote {
    text: String,
    after: Option<i64>,
}

#[derive(Deserialize)]
struct At {
    thing: Uuid,
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("taken")]
    Taken,
    #[error(transparent)]
    Db(#[from] Error),
}

impl AsDbError for Refused {
    fn as_db(&self) -> Option<&Error> {
        if let Self::Db(error) = self { Some(error) } else { None }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Taken => Self::new(Code::NameTaken),
            Refused::Db(error) => error.into(),
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Api> {
    assert_eq!(ALL.len(), 4);
    OpenApiRouter::new().routes(routes!(create_thing)).routes(routes!(create_note, touch_thing))
}

async fn pause(tx: &mut Tx, lock: Option<i64>) -> Result<(), Error> {
    match lock {
        Some(lock) => tx.query(&PAUSE, &[&lock]).await.map(drop),
        None => Ok(()),
    }
}

async fn insert_thing(tx: &mut Tx, request: &NewThing) -> Result<Thing, Refused> {
    let tenant = tx.principal()?.tenant.uuid();
    let thing = Thing { id: Uuid::now_v7(), name: request.name.clone() };
    pause(tx, request.before).await?;
    if request.declared {
        underpin_db::watch::allow_fanout("a test says so");
    }
    for _ in 0..request.looks {
        tx.query_opt(&FIND_THING, &[&Uuid::now_v7()]).await?;
    }
    let inserted = tx.execute(&INSERT_THING, &[&tenant, &thing.id, &thing.name]).await;
    on_constraint(inserted, |name| (name == "thing_name_key").then_some(Refused::Taken))?;
    pause(tx, request.after).await?;
    Ok(thing)
}

#[utoipa::path(post, path = "/v1/t/{tenant}/test/things", operation_id = "create_thing", tag = "test",
    params(("tenant" = String, Path), Keyed<NewThing>), request_body = NewThing,
    responses((status = 201, body = Thing)))]
async fn create_thing(
    State(api): State<Api>,
    Staff(tenant): Staff,
    once: Keyed<NewThing>,
) -> Result<Response, Problem> {
    once.commit(&api, tenant.principal, |tx, request, _, _| {
        Box::pin(async move {
            let thing = insert_thing(tx, request).await?;
            let place = format!("/v1/t/north/test/things/{}", thing.id);
            Ok::<_, Refused>(Answer::created(thing).location(place).etag(1))
        })
    })
    .await
}

#[utoipa::path(post, path = "/v1/t/{tenant}/test/things/{thing}/notes", operation_id = "create_note", tag = "test",
    params(("tenant" = String, Path), ("thing" = String, Path), Idempotent<NewNote>), request_body = NewNote,
    responses((status = 201, body = String)))]
async fn create_note(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { thing }): Path<At>,
    once: Idempotent<NewNote>,
) -> Result<Response, Problem> {
    once.commit(&api, tenant.principal, |tx, request, _, _| {
        Box::pin(async move {
            let (tenant, id) = (tx.principal()?.tenant.uuid(), Uuid::now_v7());
            tx.execute(&INSERT_NOTE, &[&tenant, &id, &thing, &request.text]).await?;
            pause(tx, request.after).await?;
            Ok::<_, Error>(Answer::created(id.to_string()))
        })
    })
    .await
}

#[utoipa::path(patch, path = "/v1/t/{tenant}/test/things/{thing}/notes", operation_id = "touch_thing", tag = "test",
    params(("tenant" = String, Path), ("thing" = String, Path), IfMatch), responses((status = 200, body = String)))]
async fn touch_thing(_: Staff, IfMatch(version): IfMatch) -> Response {
    Answer::ok(version.clone()).etag(version).into_response()
}
