//! What can go wrong with people, sessions and memberships.

use std::time::Duration;

use underpin_base::ErrorKind;

/// A refused or failed act of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No session, one that ended, or a token that was never given.
    #[error("not signed in")]
    Unauthenticated,
    /// Mail or password wrong; nobody learns which.
    #[error("mail or password wrong")]
    WrongCredentials,
    /// Too many failed tries for this account, from here or in all.
    #[error("too many failed tries")]
    Throttled {
        /// When the next try is looked at.
        retry_after: Duration,
    },
    /// The code of a second factor is wrong, was used before, or is too late.
    #[error("the code is wrong")]
    WrongCode,
    /// The role may not do this.
    #[error("the role may not do this")]
    Forbidden,
    /// This needs a session that showed a second factor.
    #[error("this needs a second factor")]
    SecondFactorNeeded,
    /// There is a second factor already.
    #[error("there is a second factor already")]
    SecondFactorExists,
    /// A tenant has as many keys as it may.
    #[error("a tenant has at most {0} keys")]
    TooManyKeys(i64),
    /// This deployment sends no mail.
    #[error("this deployment sends no mail")]
    NoMail,
    /// There is no such thing for this principal.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The mail belongs to a member already.
    #[error("the person is a member already")]
    AlreadyMember,
    /// The change would leave the tenant without an owner.
    #[error("a tenant keeps at least one owner")]
    LastOwner,
    /// A rival did the same at the same time; trying again will see it.
    #[error("somebody did the same at the same time")]
    Rival,
    /// A cursor that this list did not give.
    #[error("this cursor was not given by this list")]
    BadCursor,
    /// A field breaks a rule.
    #[error("{field}: {message}")]
    Invalid {
        /// The field of the input.
        field: &'static str,
        /// A stable code for the rule.
        code: &'static str,
        /// The rule in words.
        message: &'static str,
    },
    /// The threads that hash passwords are busy.
    #[error("password checks are overloaded")]
    Overloaded,
    /// A stored value that this crate cannot have written.
    #[error("stored {0} cannot be read")]
    Corrupt(&'static str),
    /// The database refused or is away.
    #[error(transparent)]
    Db(#[from] underpin_db::Error),
    /// The event could not be written.
    #[error(transparent)]
    Log(#[from] underpin_log::Error),
    /// The mail could not be posted.
    #[error(transparent)]
    Mail(#[from] underpin_mail::Error),
    /// The job could not be enqueued or ended.
    #[error(transparent)]
    Jobs(#[from] underpin_jobs::Error),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unauthenticated | Self::WrongCredentials | Self::WrongCode => {
                ErrorKind::Unauthenticated
            }
            Self::Throttled { .. } => ErrorKind::Limited,
            Self::Forbidden | Self::SecondFactorNeeded => ErrorKind::Forbidden,
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::AlreadyMember
            | Self::LastOwner
            | Self::Rival
            | Self::SecondFactorExists
            | Self::TooManyKeys(_) => ErrorKind::Conflict,
            Self::Invalid { .. } | Self::BadCursor => ErrorKind::Invalid,
            Self::Overloaded | Self::NoMail => ErrorKind::Unavailable,
            Self::Corrupt(_) => ErrorKind::Internal,
            Self::Db(error) => error.kind(),
            Self::Log(error) => error.kind(),
            Self::Mail(error) => error.kind(),
            Self::Jobs(error) => error.kind(),
        }
    }

    pub(crate) const fn invalid(
        field: &'static str,
        code: &'static str,
        message: &'static str,
    ) -> Self {
        Self::Invalid { field, code, message }
    }
}

impl underpin_db::AsDbError for Error {
    fn as_db(&self) -> Option<&underpin_db::Error> {
        match self {
            Self::Db(error) => Some(error),
            Self::Log(error) => error.as_db(),
            Self::Mail(error) => error.as_db(),
            Self::Jobs(error) => error.as_db(),
            _ => None,
        }
    }
}
