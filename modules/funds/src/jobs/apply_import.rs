//! Applies a file, chunk by chunk; goes on where the last committed chunk ended.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{RwLock, mpsc};
use underpin::base::{Clock, Currency};
use underpin::files::Files;
use underpin::jobs::{Fault, Job, Mark, Run, crash_point};

use crate::{
    Error, Result,
    import::{Chunk, Chunks, Columns, FileError, Place, ReadResult, scan},
    model::ImportId,
    ops::{
        apply_chunk::{Applied, Belief, File, Known, Prepared, apply_chunk, prepare},
        finish_import::finish_import,
    },
    store::imports::{self, Import},
};

/// Most rows of a chunk: one transaction, one checkpoint, one event.
const CHUNK_ROWS: usize = 10_000;
/// Chunks that are read ahead while the database works.
const CHUNKS_AHEAD: usize = 1;

/// Apply an import.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApplyImport {
    /// Which.
    pub import_id: ImportId,
}

/// What the handler needs.
#[derive(Clone)]
pub struct Context {
    files: Files,
    clock: Arc<dyn Clock>,
    chunk_rows: usize,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("chunk_rows", &self.chunk_rows).finish_non_exhaustive()
    }
}

impl Context {
    /// Chunks of at most 10,000 rows.
    pub fn new(files: Files, clock: Arc<dyn Clock>) -> Self {
        Self { files, clock, chunk_rows: CHUNK_ROWS }
    }

    /// Chunks of another size, for tests that need many of them.
    #[must_use]
    pub fn with_chunk_rows(self, chunk_rows: usize) -> Self {
        Self { chunk_rows, ..self }
    }
}

impl Job for ApplyImport {
    const KIND: &'static str = "funds.apply_import";
    const TIMEOUT: Duration = Duration::from_hours(1);
    type Context = Context;

    async fn run(self, context: Context, run: Run) -> Result<(), Fault> {
        match Box::pin(apply(self.import_id, &context, &run)).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Fault::Stopped),
            Err(Error::ImportOver(id)) => {
                Err(Fault::discard("import_over", format!("import {id} is over")))
            }
            Err(Error::NoImport(id)) => {
                Err(Fault::discard("no_import", format!("there is no import {id}")))
            }
            Err(error) => Err(Fault::retry(error)),
        }
    }
}

/// What the reading thread sends: a chunk, why the file is refused, or why it could not be read.
type Read = Result<Result<Chunk, FileError>>;

/// Apply what is not applied yet; false if asked to stop before the end.
async fn apply(id: ImportId, context: &Context, run: &Run) -> Result<bool> {
    let import = imports::find(run.db(), run.principal(), id).await?.ok_or(Error::NoImport(id))?;
    let file = File { import: id, bytes: import.bytes };
    let place: Option<Place> = run.checkpoint()?;
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    let reading = Reading::new(context, &import, place)?;
    let reading = tokio::task::spawn_blocking(move || reading.run(&sender));
    let applied = Box::pin(apply_chunks(file, context, run, chunks)).await;
    // The channel is closed now, so the reader ends at its next chunk.
    match reading.await {
        Ok(()) => applied,
        Err(panic) => Err(Error::Read(std::io::Error::other(panic))),
    }
}

async fn apply_chunks(
    file: File,
    context: &Context,
    run: &Run,
    mut chunks: mpsc::Receiver<Read>,
) -> Result<bool> {
    let deletions = imports::deletions(run.db(), run.principal(), file.import).await?;
    let known = Arc::new(RwLock::new(Known::after(deletions)));
    let mut next = prepare_next(&mut chunks, &known).await?;
    let mut belief = Belief::New;
    loop {
        if run.stop().is_cancelled() {
            return Ok(false);
        }
        let at = context.clock.now();
        match next {
            Some(Ok(prepared)) => {
                // The chunk after this one is read and thought through while the database works on this one.
                let (applied, following) = tokio::join!(
                    step(file, run, &prepared, &known, belief, at),
                    prepare_next(&mut chunks, &known)
                );
                next = following?;
                let applied = match applied {
                    Err(Error::ReportExists) => {
                        // The same chunk anew, after a rollback: its statements are no repeats.
                        underpin::db::watch::settle();
                        step(file, run, &prepared, &known, Belief::Mixed, at).await
                    }
                    other => other,
                };
                let applied = match applied {
                    Err(Error::DeletedMeanwhile) => {
                        // What was thought through with names that may be gone is thought through again.
                        next = next.map(|next| next.map(Prepared::afresh));
                        anew(file, run, prepared, &known, at).await?
                    }
                    other => other?,
                };
                belief = applied.belief;
                known.write().await.absorb(applied.learned);
            }
            Some(Err(refused)) => {
                end(file, run, Some(&refused), at).await?;
                return Ok(true);
            }
            None => {
                end(file, run, None, at).await?;
                return Ok(true);
            }
        }
    }
}

/// The same chunk anew, after something was deleted: nothing is known of names, and nothing believed of reports.
async fn anew(
    file: File,
    run: &Run,
    prepared: Prepared,
    known: &RwLock<Known>,
    at: jiff::Timestamp,
) -> Result<Applied> {
    let prepared = prepared.afresh();
    loop {
        // Its statements are no repeats.
        underpin::db::watch::settle();
        let deletions = imports::deletions(run.db(), run.principal(), file.import).await?;
        *known.write().await = Known::after(deletions);
        match step(file, run, &prepared, known, Belief::Mixed, at).await {
            Err(Error::DeletedMeanwhile) if !run.stop().is_cancelled() => {}
            other => return other,
        }
    }
}

async fn prepare_next(
    chunks: &mut mpsc::Receiver<Read>,
    known: &Arc<RwLock<Known>>,
) -> Result<Option<Result<Prepared, FileError>>> {
    let chunk = match chunks.recv().await.transpose()? {
        None => return Ok(None),
        Some(Err(refused)) => return Ok(Some(Err(refused))),
        Some(Ok(chunk)) => chunk,
    };
    let known = Arc::clone(known);
    let prepared = tokio::task::spawn_blocking(move || prepare(&known.blocking_read(), chunk));
    Ok(Some(Ok(prepared.await.map_err(|panic| Error::Read(std::io::Error::other(panic)))?)))
}

/// One chunk, its checkpoint and its event, in one transaction that only the present holder of the job can commit.
async fn step(
    file: File,
    run: &Run,
    prepared: &Prepared,
    known: &RwLock<Known>,
    belief: Belief,
    at: jiff::Timestamp,
) -> Result<Applied> {
    let known = &*known.read().await;
    let end = prepared.chunk.end;
    let mark = Mark {
        checkpoint: Some(json!(end)),
        progress: Some(json!({"bytes_read": end.offset, "bytes": file.bytes})),
    };
    crash_point("import.chunk.before");
    let applied = run.step(mark, |tx, _| {
        Box::pin(async move { apply_chunk(tx, file, prepared, known, belief, at).await })
    });
    let applied = applied.await?;
    crash_point("import.chunk.after");
    Ok(applied)
}

async fn end(
    file: File,
    run: &Run,
    failure: Option<&FileError>,
    at: jiff::Timestamp,
) -> Result<()> {
    crash_point("import.end.before");
    run.finish(|tx, _| Box::pin(async move { finish_import(tx, file, failure, at).await })).await?;
    crash_point("import.end.after");
    Ok(())
}

/// Reads the file on a thread that may block, a few chunks ahead of the database.
struct Reading {
    files: Files,
    key: String,
    currency: Currency,
    place: Option<Place>,
    chunk_rows: usize,
    handle: tokio::runtime::Handle,
}

type Sender = mpsc::Sender<Read>;

impl Reading {
    fn new(context: &Context, import: &Import, place: Option<Place>) -> Result<Self> {
        let currency = import.currency.parse();
        Ok(Self {
            files: context.files.clone(),
            key: import.object_key.clone(),
            currency: currency.map_err(|error| Error::Read(std::io::Error::other(error)))?,
            place,
            chunk_rows: context.chunk_rows,
            handle: tokio::runtime::Handle::current(),
        })
    }

    /// Send chunk after chunk until the file ends, is refused, or nobody listens.
    fn run(self, sender: &Sender) {
        match self.send_all(sender) {
            Ok(Ok(())) => {}
            Ok(Err(refused)) => drop(sender.blocking_send(Ok(Err(refused)))),
            Err(error) => drop(sender.blocking_send(Err(error))),
        }
    }

    fn send_all(&self, sender: &Sender) -> Result<Result<(), FileError>> {
        // An attempt that goes on has looked at the whole file already.
        if self.place.is_none()
            && let Err(refused) = scan(self.open(0)?).map_err(Error::Read)?
        {
            return Ok(Err(refused));
        }
        let (columns, first) = match Columns::read(self.open(0)?).map_err(Error::Read)? {
            Ok(read) => read,
            Err(refused) => return Ok(Err(refused)),
        };
        let place = self.place.unwrap_or(first);
        let file = self.open(place.offset)?;
        let mut chunks = Chunks::new(file, place, columns, self.currency, self.chunk_rows);
        loop {
            let next: ReadResult<_> = chunks.next_chunk();
            match next.map_err(Error::Read)? {
                Err(refused) => return Ok(Err(refused)),
                Ok(None) => return Ok(Ok(())),
                Ok(Some(chunk)) => {
                    if sender.blocking_send(Ok(Ok(chunk))).is_err() {
                        return Ok(Ok(()));
                    }
                }
            }
        }
    }

    fn open(&self, offset: u64) -> Result<underpin::files::Reader> {
        Ok(self.handle.block_on(self.files.reader(&self.key, offset))?)
    }
}
