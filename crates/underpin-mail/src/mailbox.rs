//! The mails of one developer's machine, to be looked at instead of sent.

use jiff::Timestamp;
use underpin_base::TenantId;
use underpin_db::{Purpose, Scope};

use crate::{
    Content, MailId, Mailer, Result,
    mailer::Way,
    store::{self, Stored},
};

/// A mail in the mailbox.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The mail.
    pub id: MailId,
    /// The tenant that sends it.
    pub tenant: Option<TenantId>,
    /// Its template.
    pub kind: String,
    /// Whom it is for.
    pub to: String,
    /// What it says.
    pub content: Content,
    /// When it was posted.
    pub created_at: Timestamp,
    /// When a worker put it here.
    pub sent_at: Timestamp,
}

impl Mailer {
    /// Whether mails can be looked at here.
    pub fn has_mailbox(&self) -> bool {
        matches!(self.0.way, Way::Mailbox)
    }

    /// Mails in the mailbox older than `before`, newest first; none where mails are sent.
    pub async fn mailbox(&self, before: Option<MailId>, limit: i64) -> Result<Vec<Shown>> {
        if !self.has_mailbox() {
            return Ok(Vec::new());
        }
        let stored = store::list(&self.0.db, before, limit).await?;
        // One that another secret sealed is of no use to anybody.
        Ok(stored.into_iter().filter_map(|mail| self.shown(mail)).collect())
    }

    /// One mail of the mailbox.
    pub async fn mailed(&self, id: MailId) -> Result<Option<Shown>> {
        if !self.has_mailbox() {
            return Ok(None);
        }
        let stored = store::find(&self.0.db, Scope::System(Purpose::Operate), id).await?;
        Ok(stored.and_then(|mail| self.shown(mail)))
    }

    fn shown(&self, mail: Stored) -> Option<Shown> {
        let Stored { id, tenant, kind, sealed, created_at, sent_at, .. } = mail;
        let inside = self.open(id, &sealed?).ok()?;
        let (to, content) = (inside.to, inside.content);
        Some(Shown { id, tenant, kind, to, content, created_at, sent_at: sent_at? })
    }
}
