//! Apply some rows of a file, in one transaction.

mod attributes;
mod duplicates;
mod known;
mod resolve;

use jiff::Timestamp;
use underpin::db::Tx;
use underpin::jobs::crash_point;

pub(crate) use known::Known;

use crate::{
    Result, events,
    import::{Chunk, Code, Finding},
    model::{ImportId, Row},
    store::{findings, imports, imports::Counts, reports},
};
use known::View;
use resolve::Placed;

/// Which file the rows are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File {
    pub(crate) import: ImportId,
    pub(crate) bytes: i64,
}

/// What is believed of the reports of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belief {
    /// None of them exists; if that is wrong, [`crate::Error::ReportExists`].
    New,
    /// Any of them may exist.
    Mixed,
}

/// What a committed chunk leaves for the next.
#[derive(Debug)]
pub(crate) struct Applied {
    /// Names that it entered or read.
    pub(crate) learned: Known,
    /// What to believe of the next chunk, judged by this one.
    pub(crate) belief: Belief,
}

/// What became of the rows of a chunk, before it is written down.
#[derive(Debug, Clone, Default)]
struct Outcome {
    counts: Counts,
    findings: Vec<Finding>,
}

impl Outcome {
    /// What reading the chunk found: rows without a [`Row`] are refused already.
    fn of(chunk: &Chunk) -> Self {
        let refused = chunk.read - chunk.rows.len() as i64;
        let counts = Counts { read: chunk.read, refused, ..Counts::default() };
        Self { counts, findings: chunk.findings.clone() }
    }

    fn refuse(&mut self, row: &Row, column: &str, code: Code, value: &str, message: String) {
        self.counts.refused += 1;
        self.findings.push(Finding::new(row.line, column, code, value, message));
    }

    fn warn(&mut self, row: &Row, column: &str, code: Code, value: &str, message: String) {
        self.counts.warnings += 1;
        self.findings.push(Finding::new(row.line, column, code, value, message));
    }
}

/// A chunk, and how far it could be thought through before its transaction.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) chunk: Chunk,
    ready: Option<Ready>,
}

impl Prepared {
    /// The chunk with nothing thought through.
    pub(crate) fn afresh(self) -> Self {
        Self { ready: None, ..self }
    }
}

/// What is to be written, where every name was known before and nothing is to be filled.
#[derive(Debug)]
struct Ready {
    outcome: Outcome,
    placed: Vec<Placed>,
    columns: reports::Columns,
}

/// Think a chunk through while the database works on the one before.
///
/// What is decided here stays right: a fund keeps its currency and the first word on its attributes, and ids do not change. A chunk with
/// a name that is not known yet, or with an attribute that might be filled, is left to its transaction.
pub(crate) fn prepare(known: &Known, chunk: Chunk) -> Prepared {
    let mut view = View::new(known);
    let mut outcome = Outcome::of(&chunk);
    let all = 0..chunk.rows.len();
    let known = all.clone().all(|row| resolve::place(&view, &chunk.rows, row).is_some());
    if !known {
        return Prepared { chunk, ready: None };
    }
    let good = attributes::check(&mut view, &chunk.rows, &mut outcome);
    if !view.filled.is_empty() {
        return Prepared { chunk, ready: None };
    }
    let placed = good.iter().filter_map(|row| resolve::place(&view, &chunk.rows, *row)).collect();
    let ready = Ready::new(placed, &chunk, outcome);
    Prepared { chunk, ready: Some(ready) }
}

impl Ready {
    fn new(placed: Vec<Placed>, chunk: &Chunk, mut outcome: Outcome) -> Self {
        let placed = duplicates::within_chunk(placed, &chunk.rows, &mut outcome);
        let all: Vec<reports::Report> =
            placed.iter().map(|placed| placed.report(&chunk.rows)).collect();
        Self { outcome, placed, columns: reports::Columns::of(&all) }
    }
}

/// Apply the rows of a chunk and write down what became of them.
///
/// Keeps: `read = applied + unchanged + refused`; the first good line of an (investor, fund, date) wins within a file, also across
/// chunks, because each report carries the import and line that made it; nothing is overwritten but amounts of other imports.
/// Effects: investors, funds, allocations that are new; reports; findings (the first 10,000 are kept); counts; one event.
/// Returns what was learned about names, to be added to `known` once the transaction has committed.
/// Errors: [`crate::Error::ImportOver`] if the import is over; [`crate::Error::ReportExists`] if `belief` was wrong;
/// [`crate::Error::DeletedMeanwhile`] if something that `known` may name, or that this read, was deleted by a rival.
/// Retry: only together with the checkpoint of the same transaction. Cost: 3 round trips when nothing is new but reports.
pub(crate) async fn apply_chunk(
    tx: &mut Tx,
    file: File,
    prepared: &Prepared,
    known: &Known,
    belief: Belief,
    at: Timestamp,
) -> Result<Applied> {
    let (chunk, mut view) = (&prepared.chunk, View::new(known));
    let resolved;
    let ready = if let Some(ready) = &prepared.ready {
        ready
    } else {
        resolved = resolve_names(tx, &mut view, chunk, at).await?;
        &resolved
    };
    let mut outcome = ready.outcome.clone();
    let belief = match belief {
        Belief::New => write_new(tx, file.import, ready, &mut outcome).await?,
        Belief::Mixed => write_reports(tx, file.import, ready, &chunk.rows, &mut outcome).await?,
    };

    outcome.findings.sort_by_key(|finding| finding.line);
    let found = outcome.findings.len() as i64;
    let end = chunk.end.offset as i64;
    let changed = imports::add_counts(tx, file.import, &outcome.counts, found, end, at).await;
    let (changed, deletions) = changed.map_err(|error| over(error, file.import))?;
    if deletions != known.deletions {
        return Err(crate::Error::DeletedMeanwhile);
    }
    crash_point("import.counts.after");
    findings::insert(tx, file.import, changed.extra, &outcome.findings).await?;
    crash_point("import.findings.after");
    events::progress(tx, file, &changed, end, at).await?;
    crash_point("import.event.after");
    Ok(Applied { learned: view.into_learned(), belief })
}

/// Names become ids, with the database's help; what is new is entered.
async fn resolve_names(
    tx: &mut Tx,
    view: &mut View<'_>,
    chunk: &Chunk,
    at: Timestamp,
) -> Result<Ready> {
    let mut outcome = Outcome::of(chunk);
    crash_point("import.names.before");
    resolve::investors(tx, view, &chunk.rows, at).await?;
    resolve::funds(tx, view, &chunk.rows, at).await?;
    crash_point("import.names.after");
    let good = attributes::check(view, &chunk.rows, &mut outcome);
    attributes::fill(tx, view).await?;
    crash_point("import.attributes.after");
    let placed = resolve::allocations(tx, view, &chunk.rows, &good, at).await?;
    crash_point("import.allocations.after");
    Ok(Ready::new(placed, chunk, outcome))
}

/// Enter reports that are believed to be new.
async fn write_new(
    tx: &mut Tx,
    import: ImportId,
    ready: &Ready,
    outcome: &mut Outcome,
) -> Result<Belief> {
    crash_point("import.reports.before");
    outcome.counts.applied += reports::insert_new(tx, import, &ready.columns).await? as i64;
    crash_point("import.reports.after");
    Ok(Belief::New)
}

/// Enter reports that may exist; only if some do are those looked at.
async fn write_reports(
    tx: &mut Tx,
    import: ImportId,
    ready: &Ready,
    rows: &[Row],
    outcome: &mut Outcome,
) -> Result<Belief> {
    let Ready { placed, columns, .. } = ready;
    crash_point("import.reports.before");
    let inserted = reports::insert(tx, import, columns).await?;
    crash_point("import.reports.after");
    outcome.counts.applied += inserted as i64;
    if inserted == placed.len() as u64 {
        return Ok(Belief::New);
    }
    let existing = reports::lock_existing(tx, import, columns).await?;
    let mut stamp = Vec::with_capacity(existing.len());
    for found in existing {
        let placed = placed[found.index];
        match (found.same_import, found.same_amounts) {
            (true, true) => outcome.counts.unchanged += 1,
            (true, false) => duplicates::refuse(&rows[placed.row], found.line, outcome),
            (false, same) => {
                outcome.counts.unchanged += i64::from(same);
                outcome.counts.applied += i64::from(!same);
                stamp.push(placed.report(rows));
            }
        }
    }
    if !stamp.is_empty() {
        stamp.sort_by_key(|report| (report.allocation, report.as_of));
        reports::update(tx, import, &reports::Columns::of(&stamp)).await?;
    }
    crash_point("import.updates.after");
    Ok(Belief::Mixed)
}

pub(crate) fn over(error: underpin::db::Error, import: ImportId) -> crate::Error {
    if imports::is_over(&error) { crate::Error::ImportOver(import) } else { error.into() }
}
