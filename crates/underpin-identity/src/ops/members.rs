use serde_json::json;
use underpin_base::{Page, PageQuery, Principal, Role, UserId};
use underpin_db::Tx;
use underpin_log::emit;

use super::trail::record;
use crate::{
    Error, Identity, Result, events,
    model::Member,
    store::{members, tenants},
    trail::Act,
};

impl Identity {
    /// A page of the members of the principal's tenant, by mail. `list` is what cursors are bound to.
    pub async fn members(
        &self,
        principal: Principal,
        query: &PageQuery,
        list: &str,
    ) -> Result<Page<Member>> {
        members::list(self.db(), principal, query, list).await
    }

    /// Give a member another role.
    ///
    /// Keeps: the tenant has an owner; only owners make and unmake owners.
    /// Effects: event `member.changed` and an audit entry, unless the role is the same. Retry: safe.
    /// Errors: `Forbidden`, `NotFound`, `LastOwner`.
    pub async fn set_role(&self, by: Principal, user: UserId, role: Role) -> Result<Member> {
        let now = self.now();
        self.transact_access(by, |tx, _| {
            Box::pin(async move {
                let (version, member) = lock_member(tx, by, user).await?;
                may_give(by, role)?;
                if member.role == role {
                    return Ok(member);
                }
                members::set_role(tx, by.tenant, user, role).await?;
                let changed = events::member_changed(by, version, user, role);
                emit(tx, now, &[changed]).await?;
                let act = Act::new("member.changed").on("user", user);
                let detail = json!({ "from": member.role.as_str(), "to": role.as_str() });
                record(tx, now, act.detail(detail)).await?;
                Ok(Member { role, ..member })
            })
        })
        .await
    }

    /// Take a member out of the tenant.
    ///
    /// Keeps: the tenant has an owner; only owners unmake owners. Effects: event `member.removed`, an audit entry.
    /// Errors: `Forbidden`, `NotFound`, `LastOwner`.
    pub async fn remove_member(&self, by: Principal, user: UserId) -> Result<()> {
        let now = self.now();
        self.transact_access(by, |tx, _| {
            Box::pin(async move {
                let (version, member) = lock_member(tx, by, user).await?;
                members::remove(tx, by.tenant, user, now, by.subject).await?;
                emit(tx, now, &[events::member_removed(by, version, user)]).await?;
                let act = Act::new("member.removed").on("user", user);
                record(tx, now, act.detail(json!({ "role": member.role.as_str() }))).await
            })
        })
        .await
    }
}

/// Queue at the tenant and find a member whom the principal may change.
async fn lock_member(tx: &mut Tx, by: Principal, user: UserId) -> Result<(i64, Member)> {
    if !by.role.is_admin() {
        return Err(Error::Forbidden);
    }
    let version = tenants::lock(tx, by.tenant).await?;
    let member = members::find(tx, by.tenant, user).await?.ok_or(Error::NotFound("member"))?;
    may_give(by, member.role)?;
    Ok((version, member))
}

/// Only owners make and unmake owners; nobody is made a service. The policies of the tables say the same.
pub(super) fn may_give(by: Principal, role: Role) -> Result<()> {
    match (by.role, role) {
        (_, Role::Service) => Err(Error::invalid("role", "bad_role", "no person has this role")),
        (Role::Owner | Role::Service, _)
        | (Role::Admin, Role::Admin | Role::Member | Role::Investor) => Ok(()),
        _ => Err(Error::Forbidden),
    }
}
