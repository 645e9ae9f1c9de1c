//! For whom a transaction is opened.

use std::fmt::Write as _;

use underpin_base::{Principal, UserId};

/// For whom a transaction is opened: what row level security knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A member of a tenant: staff see the tenant's rows, others their own.
    Tenant(Principal),
    /// A signed-in person before a tenant is chosen: their account, memberships and sessions.
    Account(UserId),
    /// Nobody is known yet: only rows whose secret digest or mail key equals what was presented.
    Presented(String),
    /// The platform itself, as role `system` with a small pool of its own.
    System(Purpose),
}

/// What a system transaction is for; the list is closed so that each use can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Give events their place in the log.
    Sequence,
    /// Claim, finish and rescue jobs across tenants.
    Jobs,
    /// Fire schedules.
    Schedule,
    /// Delete what has expired.
    Sweep,
    /// Answer the operator's questions.
    Operate,
    /// Create tenants and people from the command line.
    Provision,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::Jobs => "jobs",
            Self::Schedule => "schedule",
            Self::Sweep => "sweep",
            Self::Operate => "operate",
            Self::Provision => "provision",
        }
    }
}

impl From<Principal> for Scope {
    fn from(principal: Principal) -> Self {
        Self::Tenant(principal)
    }
}

impl Scope {
    /// The one simple message that opens a transaction for this scope.
    pub(crate) fn begin(&self) -> String {
        let mut sql = String::from("begin");
        match self {
            Self::Tenant(principal) => {
                let Principal { tenant, subject, role } = principal;
                let _ = write!(
                    sql,
                    "; set local underpin.tenant = '{tenant}'; set local underpin.subject = '{subject}'; \
                     set local underpin.role = '{role}'"
                );
            }
            Self::Account(user) => {
                let _ = write!(sql, "; set local underpin.subject = '{user}'");
            }
            Self::Presented(what) => {
                let _ = write!(sql, "; set local underpin.presented = '{}'", quoted(what));
            }
            Self::System(purpose) => {
                let _ =
                    write!(sql, "; set local application_name = 'underpin {}'", purpose.as_str());
            }
        }
        sql
    }
}

/// The inside of a SQL string literal: quotes doubled (`standard_conforming_strings` is on), NUL impossible on the wire.
fn quoted(text: &str) -> String {
    text.replace('\0', "").replace('\'', "''")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_presented_cannot_leave_its_literal() {
        let begin = Scope::Presented("a'; drop table x; --\\'".into()).begin();
        assert_eq!(begin, "begin; set local underpin.presented = 'a''; drop table x; --\\'''");
    }
}
