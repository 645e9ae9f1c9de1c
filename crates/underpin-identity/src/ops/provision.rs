use jiff::Timestamp;
use serde_json::json;
use underpin_base::{Currency, Principal, Role, Secret, TenantId, UserId};
use underpin_db::{Purpose, Scope, Tx};
use uuid::Uuid;

use super::trail::{record_account, record_operator};
use crate::{
    Error, Identity, Result,
    model::{Email, TenantInfo, is_slug, parse_name},
    password::NewPassword,
    store::{members, sessions, tenants, users},
    trail::{Act, Actor},
};

const PROVISION: Scope = Scope::System(Purpose::Provision);

/// A tenant to be made.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its name in URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its colour, `#rrggbb`.
    pub accent: String,
    /// The currency it reports in.
    pub currency: Currency,
}

/// A person to be given an account.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their mail address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their password.
    pub password: Secret<String>,
}

/// What was made, or was there before and left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provisioned<T> {
    /// Made by this call.
    Created(T),
    /// There before.
    Existing(T),
}

impl<T> Provisioned<T> {
    /// The id either way.
    pub fn into_inner(self) -> T {
        let (Self::Created(id) | Self::Existing(id)) = self;
        id
    }
}

/// The operator's acts: no principal, no event; from the command line and the demo only.
impl Identity {
    /// Make a tenant; one with the same slug is left as it is.
    pub async fn create_tenant(&self, new: NewTenant) -> Result<Provisioned<TenantId>> {
        let NewTenant { slug, name, accent, currency } = new;
        if !is_slug(&slug) {
            let message = "a slug is 2 to 40 of a-z, 0-9 and '-', a letter first, no dash last";
            return Err(Error::invalid("slug", "bad_slug", message));
        }
        let name = parse_name("name", &name)?;
        let accent = accent.to_ascii_lowercase();
        let hex = |text: &str| text.len() == 6 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if !accent.strip_prefix('#').is_some_and(hex) {
            return Err(Error::invalid("accent", "bad_accent", "a colour is #rrggbb"));
        }
        let tenant = TenantInfo { id: TenantId::new(), slug, name, accent, currency };
        let (tenant, now) = (&tenant, self.now());
        self.db()
            .transact(PROVISION, |tx, _| {
                Box::pin(async move {
                    if let Some(id) = tenants::insert(tx, tenant, now).await? {
                        record_operator(tx, id, now, Act::new("tenant.created")).await?;
                        return Ok(Provisioned::Created(id));
                    }
                    let found = tenants::find(tx, &tenant.slug).await?;
                    let existing = found.ok_or(Error::NotFound("tenant"))?;
                    Ok(Provisioned::Existing(existing.id))
                })
            })
            .await
    }

    /// Give a person an account; one with the same mail is left as it is, its password too.
    pub async fn create_user(&self, new: NewUser) -> Result<Provisioned<UserId>> {
        let email = Email::parse("email", &new.email)?;
        let name = parse_name("name", &new.name)?;
        let password = NewPassword::parse("password", new.password)?;
        if let Some(id) = self.find_user(email.as_str()).await? {
            return Ok(Provisioned::Existing(id));
        }
        let hash = self.passwords().hash(password).await?;
        let (id, now) = (UserId::new(), self.now());
        let (email_ref, name, hash) = (&email, &name, &hash);
        let created = self
            .db()
            .transact(PROVISION, |tx, _| {
                Box::pin(users::insert(tx, id, email_ref, name, hash, now))
            })
            .await;
        match created {
            Ok(()) => Ok(Provisioned::Created(id)),
            Err(Error::Rival) => {
                let id = self.find_user(email.as_str()).await?.ok_or(Error::Rival)?;
                Ok(Provisioned::Existing(id))
            }
            Err(error) => Err(error),
        }
    }

    /// Make a person a member in a role, whatever they were before.
    ///
    /// Errors: `LastOwner` if the tenant would have members but no owner: the first one is an owner.
    pub async fn add_member(&self, tenant: TenantId, user: UserId, role: Role) -> Result<()> {
        self.add_member_for(tenant, user, role, None).await
    }

    /// The same with an investor, whose rows a new member of the role `investor` sees.
    pub async fn add_member_for(
        &self,
        tenant: TenantId,
        user: UserId,
        role: Role,
        investor: Option<Uuid>,
    ) -> Result<()> {
        if role == Role::Service {
            return Err(Error::invalid("role", "bad_role", "no person has this role"));
        }
        let now = self.now();
        let changed = self
            .db()
            .transact(PROVISION, |tx, _| {
                let seat = Seat { tenant, user, role, investor };
                Box::pin(place(tx, seat, now))
            })
            .await?;
        if changed {
            self.access_ended().await;
        }
        Ok(())
    }

    /// Give a person a new password and end all their sessions.
    pub async fn set_password(&self, user: UserId, password: Secret<String>) -> Result<()> {
        let hash = self.passwords().hash(NewPassword::parse("password", password)?).await?;
        let (hash, now) = (&hash, self.now());
        self.transact_access(PROVISION, |tx, _| {
            Box::pin(async move {
                users::set_password(tx, user, hash, now).await?;
                sessions::end_others(tx, user, None, now).await?;
                let act = Act::new("password.set");
                record_account(tx, user, now, (Actor::Operator, act)).await
            })
        })
        .await
    }

    /// Shut a tenant: nobody gets in, sessions of its people go on elsewhere, what it holds open ends within a second.
    ///
    /// Returns whether it was open. Errors: `NotFound`.
    pub async fn suspend_tenant(&self, slug: &str) -> Result<bool> {
        self.set_suspended(slug, true).await
    }

    /// Open a tenant again. Returns whether it was shut. Errors: `NotFound`.
    pub async fn resume_tenant(&self, slug: &str) -> Result<bool> {
        self.set_suspended(slug, false).await
    }

    async fn set_suspended(&self, slug: &str, suspended: bool) -> Result<bool> {
        let now = self.now();
        let at = suspended.then_some(now);
        self.transact_access(PROVISION, |tx, _| {
            Box::pin(async move {
                let Some(id) = tenants::set_suspended(tx, slug, at).await? else {
                    tenants::find(tx, slug).await?.ok_or(Error::NotFound("tenant"))?;
                    return Ok(false);
                };
                let action = if suspended { "tenant.suspended" } else { "tenant.resumed" };
                record_operator(tx, id, now, Act::new(action)).await?;
                Ok(true)
            })
        })
        .await
    }

    /// The tenant of a slug.
    pub async fn find_tenant(&self, slug: &str) -> Result<Option<TenantInfo>> {
        if !is_slug(slug) {
            return Ok(None);
        }
        self.db().transact(PROVISION, |tx, _| Box::pin(tenants::find(tx, slug))).await
    }

    /// The person of a mail.
    pub async fn find_user(&self, email: &str) -> Result<Option<UserId>> {
        let email = Email::parse("email", email)?;
        let email = email.key();
        let found = self
            .db()
            .transact(PROVISION, |tx, _| Box::pin(users::find_credentials(tx, email)))
            .await?;
        Ok(found.map(|credentials| credentials.user.id))
    }

    /// The principal that a command of the operator acts as: a member by tenant and mail.
    ///
    /// Errors: `NotFound` for a tenant, person or membership that is not there.
    pub async fn principal_of(&self, slug: &str, email: &str) -> Result<Principal> {
        let tenant = self.find_tenant(slug).await?.ok_or(Error::NotFound("tenant"))?.id;
        let subject = self.find_user(email).await?.ok_or(Error::NotFound("user"))?;
        let member = self
            .db()
            .transact(PROVISION, |tx, _| Box::pin(members::find(tx, tenant, subject)))
            .await?;
        let role = member.ok_or(Error::NotFound("member"))?.role;
        Ok(Principal { tenant, subject, role })
    }
}

/// A place in a tenant.
struct Seat {
    tenant: TenantId,
    user: UserId,
    role: Role,
    investor: Option<Uuid>,
}

/// Give somebody a place, or another role in the place they have; says whether they had one.
async fn place(tx: &mut Tx, seat: Seat, now: Timestamp) -> Result<bool> {
    let Seat { tenant, user, role, investor } = seat;
    tenants::lock(tx, tenant).await?;
    if role != Role::Owner && !members::has_owner(tx, tenant).await? {
        return Err(Error::LastOwner);
    }
    let joined = members::join(tx, tenant, user, role, investor, now).await?;
    if !joined {
        members::set_role(tx, tenant, user, role).await?;
    }
    let act = Act::new("member.placed").on("user", user);
    record_operator(tx, tenant, now, act.detail(json!({ "role": role.as_str() }))).await?;
    Ok(!joined)
}
