use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use underpin_base::{Principal, Role};
use underpin_identity::{Membership, Session, TenantInfo};

use super::auth::authenticate;
use crate::{Api, Code, Problem};

/// A member of the tenant in the path (`{tenant}`); a tenant that one is not in is 404, as one that does not exist.
///
/// Cost: one round trip for session, person and membership.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// What transactions are opened for.
    pub principal: Principal,
    /// The tenant.
    pub info: TenantInfo,
    /// The session.
    pub session: Session,
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
        let Membership { tenant, .. } = known.membership.ok_or_else(missing)?;
        Ok(Self { principal, info: tenant, session: known.session })
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
