//! Who acts, where, and as what.

use std::{fmt, str::FromStr};

use crate::{TenantId, UserId};

/// What a member may do in a tenant; `docs/api.md` has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Runs the tenant.
    Owner,
    /// Administers members and data.
    Admin,
    /// Staff.
    Member,
    /// An outside person who sees only their own rows.
    Investor,
    /// Jobs and schedules; never given to a person.
    Service,
}

/// A text that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a role")]
pub struct BadRole;

impl Role {
    /// Every role that a person may hold.
    pub const PERSONS: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Investor];

    /// The name in SQL, JSON and the console.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Investor => "investor",
            Self::Service => "service",
        }
    }

    /// Sees all rows of the tenant.
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::Investor)
    }

    /// May manage members, invites and settings.
    pub const fn is_admin(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = BadRole;
    fn from_str(text: &str) -> Result<Self, BadRole> {
        match text {
            "owner" => Ok(Self::Owner),
            "admin" => Ok(Self::Admin),
            "member" => Ok(Self::Member),
            "investor" => Ok(Self::Investor),
            "service" => Ok(Self::Service),
            _ => Err(BadRole),
        }
    }
}

/// Who acts, in which tenant and role: what every tenant transaction is opened for.
///
/// Row level security knows all three, so a statement that forgets its tenant still cannot leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The tenant of the URL.
    pub tenant: TenantId,
    /// The person; for a job, the person on whose behalf it runs.
    pub subject: UserId,
    /// The person's role in that tenant.
    pub role: Role,
}

impl Principal {
    /// The principal of a job or schedule that acts for the tenant itself.
    pub const fn service(tenant: TenantId, on_behalf_of: UserId) -> Self {
        Self { tenant, subject: on_behalf_of, role: Role::Service }
    }
}
