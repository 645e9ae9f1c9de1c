use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use underpin_base::{Principal, Role};
use underpin_identity::{Access, Known, Membership, Scopes, Session, TenantInfo};

use super::auth::authenticate;
use crate::{Api, Code, Problem};

/// A member of the tenant in the path (`{tenant}`); a tenant that one is not in is 404, as one that does not exist.
///
/// Cost: none if the process knows session, person and membership, else one round trip for all of them.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// What transactions are opened for.
    pub principal: Principal,
    /// The tenant.
    pub info: TenantInfo,
    /// The session; of an API key, the key in the form of one.
    pub session: Session,
    /// What an API key may do; none for a person.
    pub scopes: Option<Scopes>,
}

/// Which part of the platform a route belongs to, for the scopes of API keys: a module's name. Routes without one are the tenant's own.
///
/// A module's routes carry it as an extension.
#[derive(Debug, Clone, Copy)]
pub struct Area(
    /// The module's name.
    pub &'static str,
);

impl Area {
    /// The tenant's own affairs: members, invites, jobs, the trail.
    pub const TENANT: Self = Self("tenant");
    /// Files that go past the server: a program that sends some needs no say in the tenant's affairs.
    pub const FILES: Self = Self("files");
}

/// A member who is staff: owner, admin or member.
#[derive(Debug, Clone)]
pub struct Staff(
    /// The member.
    pub Tenant,
);

/// A member who administers: owner or admin.
#[derive(Debug, Clone)]
pub struct Admin(
    /// The member.
    pub Tenant,
);

impl FromRequestParts<Api> for Tenant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let missing = || Problem::new(Code::NotFound);
        let params = RawPathParams::from_request_parts(parts, api).await.map_err(|_| missing())?;
        let slug = params.iter().find(|(name, _)| *name == "tenant").map(|(_, slug)| slug);
        let known = authenticate(parts, api, Some(slug.ok_or_else(missing)?)).await?;
        let principal = known.principal().ok_or_else(missing)?;
        if known.barred {
            return Err(Problem::new(Code::SecondFactorNeeded));
        }
        let Known { session, membership, scopes, .. } = known;
        let Membership { tenant, .. } = membership.ok_or_else(missing)?;
        let tenant = Self { principal, info: tenant, session, scopes };
        let Area(area) = parts.extensions.get::<Area>().copied().unwrap_or(Area::TENANT);
        let access = if parts.method.is_safe() { Access::Read } else { Access::Write };
        tenant.demand(area, access)?;
        Ok(tenant)
    }
}

impl Tenant {
    /// Whether whoever asks may do this in an area: a person may, an API key if its scopes say so.
    pub fn may(&self, area: &str, access: Access) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.allow(area, access))
    }

    fn demand(&self, area: &str, access: Access) -> Result<(), Problem> {
        if self.may(area, access) {
            return Ok(());
        }
        let detail = format!("the key lacks the scope {area}:{}", access.as_str());
        Err(Problem::new(Code::Forbidden).detail(detail))
    }

    /// Refuse API keys: some things only a person does.
    pub(crate) fn person(self) -> Result<Self, Problem> {
        match self.scopes {
            None => Ok(self),
            Some(_) => Err(Problem::new(Code::Forbidden).detail("an API key is no person")),
        }
    }
}

impl FromRequestParts<Api> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        demand(parts, api, Role::is_staff).await.map(Self)
    }
}

impl FromRequestParts<Api> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        demand(parts, api, Role::is_admin).await.map(Self)
    }
}

async fn demand(parts: &mut Parts, api: &Api, may: fn(Role) -> bool) -> Result<Tenant, Problem> {
    let tenant = Tenant::from_request_parts(parts, api).await?;
    if may(tenant.principal.role) { Ok(tenant) } else { Err(Problem::new(Code::Forbidden)) }
}
