//! Adding to the audit trail, in the transaction of the act; reading and verifying it.

use jiff::Timestamp;
use underpin_base::{Page, PageQuery, Principal, Role, TenantId, UserId};
use underpin_db::Tx;
use uuid::Uuid;

use crate::{
    Error, Identity, Result,
    store::trail::{self, Head, ListedEntry},
    trail::{Act, Actor, DETAIL_BYTES_MAX, Entry, Trail, Verified, Walk},
};

/// Entries that a verification reads at a time.
const WALK_PAGE: i64 = 1_000;

/// Add an act of the transaction's principal to its tenant's audit trail.
///
/// Keeps: the entry exists if and only if the transaction commits; entries of a tenant form one chain, whoever rivals.
/// Effects: holds the row of the tenant's head until the commit, so call it last. Cost: two statements.
/// Errors: a scope that is not a tenant's; [`Error::Corrupt`] for a detail over 8 KiB.
pub async fn record(tx: &mut Tx, now: Timestamp, act: Act) -> Result<()> {
    let principal = tx.principal()?;
    let Principal { tenant, subject, role } = principal;
    let head = trail::lock_head(tx, tenant, subject).await?;
    let actor = match role {
        Role::Service => Actor::Service(subject.uuid()),
        _ if head.is_key => Actor::Key(subject.uuid()),
        _ => Actor::Person(subject),
    };
    append(tx, Trail::Tenant(tenant), head, now, (actor, act)).await
}

/// Add an act of the operator to a tenant's trail; from a system transaction.
pub(crate) async fn record_operator(
    tx: &mut Tx,
    tenant: TenantId,
    now: Timestamp,
    act: Act,
) -> Result<()> {
    let nobody = UserId::from_uuid(Uuid::nil());
    let head = trail::lock_head(tx, tenant, nobody).await?;
    append(tx, Trail::Tenant(tenant), head, now, (Actor::Operator, act)).await
}

/// Add an act to an account's trail.
pub(crate) async fn record_account(
    tx: &mut Tx,
    user: UserId,
    now: Timestamp,
    by: (Actor, Act),
) -> Result<()> {
    let head = trail::lock_account_head(tx, user).await?;
    append(tx, Trail::Account(user), head, now, by).await
}

async fn append(
    tx: &mut Tx,
    trail: Trail,
    head: Head,
    now: Timestamp,
    (actor, act): (Actor, Act),
) -> Result<()> {
    let Act { action, subject, detail, address } = act;
    let detail = detail.to_string();
    if detail.len() > DETAIL_BYTES_MAX {
        return Err(Error::Corrupt("trail detail"));
    }
    let mut entry = Entry {
        seq: head.seq + 1,
        at: now,
        actor_kind: actor.kind().to_owned(),
        actor_id: actor.id(),
        action: action.to_owned(),
        subject,
        detail,
        address,
        prev: head.hash,
        hash: Vec::new(),
    };
    entry.hash = entry.digest(trail).to_vec();
    trail::append(tx, trail, &entry).await
}

impl Identity {
    /// A page of the audit trail of the principal's tenant, newest first. `list` is what cursors are bound to.
    ///
    /// Errors: `Forbidden` unless the principal is an admin.
    pub async fn trail(
        &self,
        principal: Principal,
        query: &PageQuery,
        list: &str,
    ) -> Result<Page<ListedEntry>> {
        if !principal.role.is_admin() {
            return Err(Error::Forbidden);
        }
        trail::list(self.db(), principal, query, list).await
    }

    /// A page of the audit trail of an account, newest first.
    pub async fn account_trail(
        &self,
        user: UserId,
        query: &PageQuery,
        list: &str,
    ) -> Result<Page<ListedEntry>> {
        trail::list_account(self.db(), user, query, list).await
    }

    /// The next entries of a chain after a place in it, oldest first; at most a thousand. As the operator.
    pub async fn read_trail(&self, trail: Trail, after: i64) -> Result<Vec<Entry>> {
        trail::walk(self.db(), trail, after, WALK_PAGE).await
    }

    /// Read a chain from its beginning and compare each entry with its hash, and the end with the head. As the operator.
    ///
    /// Entries that are added meanwhile are read too. Cost: a statement per thousand entries.
    pub async fn verify_trail(&self, trail: Trail) -> Result<Verified> {
        let mut walk = Walk::new(trail);
        let mut promised = 0;
        loop {
            let entries = trail::walk(self.db(), trail, walk.seq(), WALK_PAGE).await?;
            for entry in &entries {
                if let Err(broken) = walk.step(entry) {
                    return Ok(broken);
                }
            }
            if entries.len() as i64 == WALK_PAGE {
                continue;
            }
            let head = trail::find_head(self.db(), trail).await?;
            match head {
                // Some were added since the last page: they are there by now, or they never were.
                Some((seq, _)) if seq > walk.seq() && seq > promised => promised = seq,
                head => return Ok(walk.end(head)),
            }
        }
    }
}
