//! What a request or a job was, once it is over: its place in a trace, and the steps that it waited for.

use std::{
    borrow::Cow,
    panic::Location,
    time::{Duration, SystemTime},
};

use crate::Trace;

/// A request or a job that is over.
///
/// Keeps: nothing in it comes from a body, a path, a query or a parameter, so that it can be shown to operators and sent elsewhere.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its place in its trace.
    pub trace: Trace,
    /// The operation that waits for it, in this or another program.
    pub parent: Option<Trace>,
    /// The operation that caused it and does not wait for it.
    pub link: Option<Trace>,
    /// Whose it is.
    pub kind: OperationKind,
    /// The verb and template of a route, or `job` and its kind.
    pub name: String,
    /// When it began.
    pub began: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// Whether it failed by our fault.
    pub failed: bool,
    /// What else is known of it.
    pub facts: Vec<Fact>,
    /// What it waited for, in the order in which it ended.
    pub steps: Vec<Step>,
    /// Steps that were too many to be kept.
    pub steps_left_out: u32,
}

/// Whose an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// A request that was answered.
    Request,
    /// A job that was run.
    Job,
}

/// Something known of an operation; names as OpenTelemetry has them.
pub type Fact = (&'static str, FactValue);

/// The value of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue {
    /// A text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
}

impl From<&'static str> for FactValue {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for FactValue {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for FactValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// Something that an operation waited for elsewhere: a statement, an object of the storage, a relay.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What was asked, for example the database or the storage.
    pub system: System,
    /// What for: a statement's name, never its literals.
    pub name: &'static str,
    /// Where it was called.
    pub site: &'static Location<'static>,
    /// How long after the beginning of the operation it began.
    pub after: Duration,
    /// How long it took.
    pub took: Duration,
    /// Rows that came back or were written.
    pub rows: Option<u64>,
    /// Whether it failed or was cut off.
    pub failed: bool,
}

/// What a step asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Postgres.
    Database,
    /// The directory or the bucket of files.
    Storage,
    /// The relay of mail.
    Mail,
}

impl System {
    /// The name in spans.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "postgresql",
            Self::Storage => "storage",
            Self::Mail => "smtp",
        }
    }
}

impl Operation {
    /// Its own span and one for each step.
    pub const fn spans(&self) -> usize {
        1 + self.steps.len()
    }

    /// Bytes of memory that it takes, nearly.
    pub fn bytes(&self) -> usize {
        let facts = self.facts.iter().map(|(_, value)| match value {
            FactValue::Text(Cow::Owned(text)) => text.len(),
            _ => 0,
        });
        let own = size_of::<Self>() + self.name.len() + facts.sum::<usize>();
        own + self.facts.len() * size_of::<Fact>() + self.steps.len() * size_of::<Step>()
    }
}
