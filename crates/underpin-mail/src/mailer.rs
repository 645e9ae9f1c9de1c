//! Where mails are posted.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use lettre::message::Mailbox;
use underpin_base::Clock;
use underpin_db::{Db, Scope, Tx};
use underpin_jobs::{Enqueue, Priority, enqueue, enqueue_platform};
use underpin_runtime::{Breaker, BreakerSettings, Bulkhead, Seal};

use crate::{
    Error, Letter, MailId, Result,
    jobs::{SendAccountMail, SendMail},
    message::sender,
    model::Inside,
    smtp::{Relay, SmtpSettings},
    store::{self, NewMail},
};

/// Largest mail, its two bodies together.
const BYTES_MAX: usize = 256 * 1024;
/// When the relay is away, mails wait without a try each: a try would hold a worker's place for its whole timeout.
const SPARED: BreakerSettings = BreakerSettings {
    window: Duration::from_mins(5),
    calls_min: 5,
    failures_max: 0.5,
    // A relay may take its time: what it says counts, not when.
    slow: Duration::from_mins(5),
    slow_max: 1.0,
    rest_min: Duration::from_secs(30),
    rest_max: Duration::from_mins(2),
    probes: 1,
};
/// Conversations with the relay at the same time in one process: a slow relay must not hold every place of a worker.
const TALKS_MAX: usize = 2;

/// Where mails go.
#[derive(Debug)]
pub enum Outlet {
    /// Nowhere: nothing is posted.
    Off,
    /// Into a list that a developer looks at.
    Mailbox,
    /// To a relay.
    Smtp(SmtpSettings),
}

/// How mails leave this process.
#[derive(Debug)]
pub(crate) enum Way {
    Off,
    Mailbox,
    Relay(Box<Line>),
}

/// A relay, and how it is spared.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) relay: Relay,
    pub(crate) from: Mailbox,
    pub(crate) breaker: Breaker,
    pub(crate) talks: Bulkhead,
}

/// Posts mails and sends them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer(pub(crate) Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) way: Way,
    seal: Seal,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("way", &self.way).finish_non_exhaustive()
    }
}

impl Mailer {
    /// Start with the deployment's secret, which seals what lies in the database.
    ///
    /// Errors: [`Error::Settings`] for a sender or authorities that cannot be read.
    pub fn new(db: Db, clock: Arc<dyn Clock>, secret_key: &[u8], outlet: &Outlet) -> Result<Self> {
        let way = match outlet {
            Outlet::Off => Way::Off,
            Outlet::Mailbox => Way::Mailbox,
            Outlet::Smtp(settings) => Way::Relay(Box::new(Line {
                relay: Relay::new(settings)?,
                from: sender(&settings.from)?,
                breaker: Breaker::new(SPARED),
                talks: Bulkhead::new(TALKS_MAX, 0, Duration::ZERO),
            })),
        };
        let seal = Seal::new("mail", secret_key, &[]);
        Ok(Self(Arc::new(Parts { db, clock, way, seal })))
    }

    /// Whether mails go anywhere.
    pub fn is_on(&self) -> bool {
        !matches!(self.0.way, Way::Off)
    }

    /// Post a mail as a row and a job of this transaction.
    ///
    /// Keeps: the mail is sent if and only if the transaction commits; a key is mailed once.
    /// Returns whether it was posted: false if its key was before, or if mails go nowhere.
    /// Errors: [`Error::TooLarge`].
    pub async fn post(&self, tx: &mut Tx, letter: &Letter, now: Timestamp) -> Result<bool> {
        if !self.is_on() {
            return Ok(false);
        }
        let Letter { key, kind, to, name, content, expires_at } = letter.clone();
        let bytes = content.text.len() + content.html.len();
        if bytes > BYTES_MAX {
            return Err(Error::TooLarge(bytes));
        }
        let (id, principal) = (MailId::new(), tx.principal().ok());
        let inside = Inside { to, name, content };
        let plain = serde_json::to_vec(&inside).expect("a struct of texts is JSON");
        let sealed = self.0.seal.close(&place(id), &plain);
        let tenant = principal.map(|principal| principal.tenant);
        let mail = NewMail { id, tenant, key: &key, kind, sealed: &sealed, now, expires_at };
        if !store::insert(tx, &mail).await? {
            return Ok(false);
        }
        // Somebody waits for it.
        let priority = Priority::High;
        if principal.is_some() {
            let options = Enqueue { priority, ..Enqueue::default() };
            enqueue(tx, &SendMail { mail: id }, options).await?;
        } else {
            enqueue_platform(tx, &SendAccountMail { mail: id }, priority).await?;
        }
        Ok(true)
    }

    /// Delete a batch of mails that were posted before an instant; says how many.
    pub async fn sweep(&self, before: Timestamp, batch: i64) -> Result<usize> {
        store::sweep(&self.0.db, before, batch).await
    }

    /// What a stored mail says.
    pub(crate) fn open(&self, id: MailId, sealed: &[u8]) -> Result<Inside> {
        let plain = self.0.seal.open(&place(id), sealed);
        let inside = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        inside.ok_or(Error::Sealed(id))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Note that a mail will not be sent.
    pub(crate) async fn refuse(&self, scope: Scope, id: MailId, reason: &str) -> Result<()> {
        store::update_refused(&self.0.db, scope, id, self.now(), reason).await
    }
}

fn place(id: MailId) -> String {
    format!("mail/{id}")
}
