//! For whom a transaction is opened.

use std::{fmt::Write as _, time::Duration};

use underpin_base::{Principal, Trace, UserId};

/// For whom a transaction is opened: what row level security knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A member of a tenant: staff see the tenant's rows, others their own.
    Tenant(Principal),
    /// A member of a tenant who deletes, brings back, or looks at what was deleted: rows that are hidden from [`Scope::Tenant`] are
    /// there. Nobody but staff sees more by it.
    Deleted(Principal),
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
    /// Follow the log for every room of a process, and ask whether its open connections may go on.
    Realtime,
    /// Delete a tenant and all that is its own.
    Purge,
    /// Read whose access changed, for what a process keeps of it in memory.
    Access,
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
            Self::Realtime => "realtime",
            Self::Purge => "purge",
            Self::Access => "access",
        }
    }
}

impl From<Principal> for Scope {
    fn from(principal: Principal) -> Self {
        Self::Tenant(principal)
    }
}

impl Scope {
    /// Whose tenant's rows the transaction is for, if it is for a member of one.
    pub const fn principal(&self) -> Option<Principal> {
        match self {
            Self::Tenant(principal) | Self::Deleted(principal) => Some(*principal),
            Self::Account(_) | Self::Presented(_) | Self::System(_) => None,
        }
    }

    /// The one simple message that opens a transaction for this scope.
    ///
    /// The session's name says what it works for (the purpose, the trace), so that `pg_stat_activity` and the server's log do too.
    pub(crate) fn begin(&self, trace: Option<Trace>, timeout: Option<Duration>) -> String {
        let mut sql = String::from("begin");
        if let Some(timeout) = timeout {
            let _ = write!(sql, "; set local statement_timeout = {}", timeout.as_millis());
        }
        match self {
            Self::Tenant(principal) | Self::Deleted(principal) => {
                let Principal { tenant, subject, role } = principal;
                let _ = write!(
                    sql,
                    "; set local underpin.tenant = '{tenant}'; set local underpin.subject = '{subject}'; \
                     set local underpin.role = '{role}'"
                );
                if matches!(self, Self::Deleted(_)) {
                    sql.push_str("; set local underpin.deleted = 'seen'");
                }
            }
            Self::Account(user) => {
                let _ = write!(sql, "; set local underpin.subject = '{user}'");
            }
            Self::Presented(what) => {
                let _ = write!(sql, "; set local underpin.presented = '{}'", quoted(what));
            }
            Self::System(_) => {}
        }
        let purpose = match self {
            Self::System(purpose) => Some(purpose.as_str()),
            _ => None,
        };
        if purpose.is_some() || trace.is_some() {
            sql.push_str("; set local application_name = 'underpin");
            // At most 52 bytes with both: the server cuts at 63.
            for part in [purpose, trace.map(Trace::trace_id).as_deref()].into_iter().flatten() {
                let _ = write!(sql, " {part}");
            }
            sql.push('\'');
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
        let begin = Scope::Presented("a'; drop table x; --\\'".into()).begin(None, None);
        assert_eq!(begin, "begin; set local underpin.presented = 'a''; drop table x; --\\'''");
    }

    #[test]
    fn only_who_asks_for_what_was_deleted_is_told() {
        let (tenant, subject) = (underpin_base::TenantId::new(), UserId::new());
        let principal = Principal { tenant, subject, role: underpin_base::Role::Member };
        let own = Scope::from(principal).begin(None, None);
        assert!(!own.contains("underpin.deleted"), "{own}");
        let deleted = Scope::Deleted(principal);
        assert_eq!(
            deleted.begin(None, None),
            format!("{own}; set local underpin.deleted = 'seen'")
        );
        assert_eq!(deleted.principal(), Some(principal));
        assert_eq!(Scope::System(Purpose::Sweep).principal(), None);
    }

    #[test]
    fn the_session_is_named_after_its_purpose_and_its_trace() {
        let trace = Trace::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let operate = Scope::System(Purpose::Operate);
        let named = |what: &str| format!("begin; set local application_name = 'underpin {what}'");
        assert_eq!(operate.begin(None, None), named("operate"));
        assert_eq!(operate.begin(trace, None), named("operate 4bf92f3577b34da6a3ce929d0e0e4736"));
        let account = Scope::Account(UserId::new());
        assert!(!account.begin(None, None).contains("application_name"));
        let begin = account.begin(trace, None);
        assert!(
            begin.ends_with(
                "; set local application_name = 'underpin 4bf92f3577b34da6a3ce929d0e0e4736'"
            ),
            "{begin}"
        );
    }
}
