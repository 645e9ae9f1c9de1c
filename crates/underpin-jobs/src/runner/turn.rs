//! What a worker says and asks in one commit.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use underpin_db::{Db, Purpose, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    crash::crash_point,
    run::Claim,
    store::jobs::{FIND_WORK, TURN},
};

/// An attempt that did not end its job.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Failed {
    pub(super) id: Uuid,
    pub(super) claim_seq: i64,
    /// `retry`, `snooze`, `return` or `discard`.
    pub(super) outcome: &'static str,
    pub(super) delay_ms: u64,
    pub(super) code: String,
    pub(super) message: String,
    #[serde(skip)]
    pub(super) kind: String,
    /// Why the turn makes it a dead letter, as the table has it; none if the job goes on.
    #[serde(skip)]
    pub(super) dies: Option<&'static str>,
}

impl Failed {
    /// Say so if the turn made the job a dead letter.
    pub(super) fn alert(&self) {
        if let Some(reason) = self.dies {
            dead_letter(self.id, &self.kind, reason, &self.code, &self.message);
        }
    }
}

/// Say that a job ended badly: the one event by which an operator is called.
pub(super) fn dead_letter(job: Uuid, kind: &str, reason: &str, code: &str, message: &str) {
    tracing::error!(%job, kind, reason, code, message, "dead letter");
}

impl Failed {
    /// Whether something went wrong, rather than was put off or cut off in order.
    pub(super) fn is_fault(&self) -> bool {
        matches!(self.outcome, "retry" | "discard")
    }
}

/// What a handler said on its way.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the name of the column and of the field in the function"
)]
pub(super) struct Progress {
    pub(super) id: Uuid,
    pub(super) claim_seq: i64,
    pub(super) progress: Value,
}

/// Everything that a turn carries.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Jobs that are done, with their claims.
    pub(super) done: Vec<(Uuid, i64)>,
    pub(super) failed: Vec<Failed>,
    pub(super) progress: Vec<Progress>,
    /// After a turn whose answer was lost: all claims that the process knows of.
    pub(super) known: Option<Vec<i64>>,
    pub(super) want: usize,
}

/// The answer to a turn.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    /// Whether the epoch lives; if not, nothing was done and nothing else is said.
    pub(super) alive: bool,
    #[serde(default)]
    pub(super) claimed: Vec<Claim>,
    /// Claims that were reported on and are no longer held.
    #[serde(default)]
    pub(super) stale: Vec<i64>,
    /// The tenant that the claim's round stopped at.
    #[serde(default)]
    pub(super) cursor: Uuid,
    /// When the next deferred job is due.
    pub(super) next_ms: Option<u64>,
}

impl Turn {
    /// Whether there is something to say.
    pub(super) fn says(&self) -> bool {
        !self.done.is_empty()
            || !self.failed.is_empty()
            || !self.progress.is_empty()
            || self.known.is_some()
    }

    /// Take it.
    pub(super) async fn take(
        &self,
        db: &Db,
        epoch: i64,
        kinds: &[String],
        cursor: Uuid,
    ) -> Result<Answer> {
        let (ids, claims): (Vec<Uuid>, Vec<i64>) = self.done.iter().copied().unzip();
        let encode = |source| Error::Encode { what: "turn".into(), source };
        let failed = serde_json::to_value(&self.failed).map_err(encode)?;
        let progress = serde_json::to_value(&self.progress).map_err(encode)?;
        let want = i32::try_from(self.want).unwrap_or(i32::MAX);
        crash_point("jobs.turn.before");
        let row = db
            .query_one(
                Scope::System(Purpose::Jobs),
                &TURN,
                &[&epoch, &ids, &claims, &failed, &progress, &self.known, &want, &kinds, &cursor],
            )
            .await?;
        crash_point("jobs.turn.after");
        serde_json::from_value(row.get(0))
            .map_err(|source| Error::Decode { what: "turn".into(), source })
    }
}

/// Whether a turn would find work, and in how many milliseconds the next deferred job is due: a look that writes nothing.
pub(super) async fn look(db: &Db, kinds: &[String]) -> Result<(bool, Option<i64>)> {
    let row = db.query_one(Scope::System(Purpose::Jobs), &FIND_WORK, &[&kinds]).await?;
    let next = row.get::<_, Option<i64>>(1);
    Ok((row.get::<_, bool>(0) || next == Some(0), next))
}
