//! Jobs as others see them.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use underpin_base::TenantId;

underpin_base::id! {
    /// A job, from enqueue to history.
    pub JobId
}

/// Where a job is in its life; the README has the diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its time.
    Deferred,
    /// Waits for a worker.
    Ready,
    /// A worker has it.
    Running,
    /// It succeeded.
    Done,
    /// It ended badly and is kept as a dead letter.
    Dead,
}

/// A text that names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a state of a job")]
pub struct BadState;

impl JobState {
    /// The name in SQL, JSON and the console.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deferred => "deferred",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    /// Whether nothing will happen to it any more by itself.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Dead)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JobState {
    type Err = BadState;
    fn from_str(text: &str) -> Result<Self, BadState> {
        [Self::Deferred, Self::Ready, Self::Running, Self::Done, Self::Dead]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(BadState)
    }
}

/// One error of an attempt, as it is kept with the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// When.
    pub at: Timestamp,
    /// In which attempt.
    pub attempt: i32,
    /// `error`, `panic`, `timeout`, `crashed`, or the code of a discard.
    pub code: String,
    /// What the error said, cut to 2,000 bytes.
    pub message: String,
}

/// A job, wherever it is in its life.
#[derive(Debug, Clone, Serialize)]
pub struct JobView {
    /// The job.
    pub id: JobId,
    /// Its tenant; none for the platform's own.
    pub tenant: Option<TenantId>,
    /// What is to be done.
    pub kind: String,
    /// Where it is counted.
    pub queue: String,
    /// Where it is.
    pub state: JobState,
    /// Starts that count.
    pub attempt: i32,
    /// Attempts that failed.
    pub errors: i32,
    /// Workers that died under it.
    pub crashes: i32,
    /// What the handler said last.
    pub progress: Option<Value>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it is due, while it waits.
    pub run_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// The newest errors, oldest first.
    pub last_errors: Vec<JobError>,
    /// The `traceparent` of the request or job that enqueued it.
    pub trace: Option<String>,
}

impl JobView {
    /// The newest error.
    pub fn error(&self) -> Option<&JobError> {
        self.last_errors.last()
    }
}
