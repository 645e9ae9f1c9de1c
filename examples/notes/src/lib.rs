//! Notes: a complete tenant-safe resource, to copy. `docs/guides/first-module.md` walks through it.

mod audit;
mod store;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use underpin::{db::Row, prelude::*};
use utoipa::ToSchema;
use uuid::Uuid;

/// What the module owns and serves.
pub fn module() -> Module {
    Module::new("notes")
        .component(Component { name: "notes", migrations: migrations!["0001_notes"] })
        .statements(store::ALL.to_vec())
        .routes(|| Routes::new().routes(routes!(list_notes, create_note)))
        .job::<CountWords>(Parts::clone)
        .room(Room::of_staff("notes"))
        .page(PageEntry::of("notes", "Notes").input("text", "Note").number("words", "Words"))
        .checks(audit::checks)
}

const TOPIC: Topic = Topic::named("notes");

#[derive(Serialize, ToSchema)]
struct Note {
    id: Uuid,
    text: String,
    words: Option<i32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewNote {
    text: String,
}

impl From<&Row> for Note {
    fn from(row: &Row) -> Self {
        Self { id: row.get(0), text: row.get(1), words: row.get(2) }
    }
}

/// Notes, newest first.
#[utoipa::path(get, path = "/v1/t/{tenant}/notes", operation_id = "list_notes",
    params(("tenant" = String, Path), PageParams), responses((status = 200, body = PageBody<Note>)))]
async fn list_notes(api: State<Api>, staff: Staff, page: PageParams) -> Listed<Note> {
    newest_first(&api, &staff.0, &page.0, &store::LIST, |note: &Note| note.id).await
}

/// Write a note down: the row, its job, its event and the stored answer are one commit.
#[utoipa::path(post, path = "/v1/t/{tenant}/notes", operation_id = "create_note",
    params(("tenant" = String, Path), Idempotent<NewNote>), request_body = NewNote, responses((status = 201, body = Note)))]
async fn create_note(api: State<Api>, staff: Staff, once: Idempotent<NewNote>) -> Answered {
    once.commit(&api, staff.0.principal, |tx, new, now, _| {
        Box::pin(async move {
            let (tenant, id) = (tx.principal()?.tenant.uuid(), Uuid::now_v7());
            let row = tx.query_one(&store::INSERT, &[&tenant, &id, &new.text, &now]).await?;
            enqueue(tx, &CountWords { note: id }, Enqueue::default()).await?;
            emit(tx, now, &[NewEvent::staff(TOPIC, id, 1, "note.created")]).await?;
            Ok::<_, Error>(Answer::created(Note::from(&row)))
        })
    })
    .await
}

/// Counts the words of a note, outside of any request.
#[derive(Serialize, Deserialize)]
struct CountWords {
    note: Uuid,
}

impl Job for CountWords {
    const KIND: &'static str = "notes.count_words";
    type Context = Parts;

    async fn run(self, parts: Parts, run: Run) -> Result<(), Fault> {
        let (tenant, note, now) = (run.tenant().uuid(), self.note, parts.clock.now());
        run.finish(|tx, _| {
            Box::pin(async move {
                tx.execute(&store::COUNT, &[&tenant, &note]).await?;
                emit(tx, now, &[NewEvent::staff(TOPIC, note, 2, "note.counted")]).await?;
                Ok::<_, Error>(())
            })
        })
        .await
        .map_err(Fault::retry)
    }
}
