//! What can go wrong in this module.

use underpin::base::{BadCursor, ErrorKind};

use crate::{
    model::{AllocationId, FundId, ImportId, InvestorId},
    rules::entry::Fault,
};

/// A failed operation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such fund for this principal.
    #[error("there is no fund {0}")]
    NoFund(FundId),
    /// There is no such investor for this principal.
    #[error("there is no investor {0}")]
    NoInvestor(InvestorId),
    /// There is no such allocation for this principal.
    #[error("there is no allocation {0}")]
    NoAllocation(AllocationId),
    /// There is no such import for this principal.
    #[error("there is no import {0}")]
    NoImport(ImportId),
    /// Another fund, or another investor, bears the name.
    #[error("the name is taken")]
    NameTaken,
    /// The investor has this tranche of this deal with the fund already.
    #[error("the allocation exists already")]
    AllocationExists,
    /// Somebody changed it after it was read.
    #[error("it was changed meanwhile")]
    VersionConflict,
    /// Something that a person entered is not valid.
    #[error("something entered is not valid: {0:?}")]
    Entered(Vec<Fault>),
    /// The import is over: nothing may be added to it.
    #[error("import {0} is over")]
    ImportOver(ImportId),
    /// A report that was believed to be new exists: the chunk is applied again with a look at what exists.
    #[error("a report exists already")]
    ReportExists,
    /// Something of the book was deleted while a chunk was applied: it is applied again with a look at what is there.
    #[error("something was deleted meanwhile")]
    DeletedMeanwhile,
    /// The investor has allocations.
    #[error("the investor has allocations")]
    InvestorInUse,
    /// The fund or the investor that it belongs to is deleted.
    #[error("what it belongs to is deleted")]
    ParentDeleted,
    /// Only staff may do this.
    #[error("only staff may do this")]
    NotStaff,
    /// A cursor that this list did not give.
    #[error(transparent)]
    BadCursor(#[from] BadCursor),
    /// The object could not be read.
    #[error("the file could not be read")]
    Read(#[source] std::io::Error),
    /// The storage or the body.
    #[error(transparent)]
    Files(#[from] underpin::files::Error),
    /// The log.
    #[error(transparent)]
    Log(#[from] underpin::log::Error),
    /// The queue.
    #[error(transparent)]
    Jobs(#[from] underpin::jobs::Error),
    /// The database.
    #[error(transparent)]
    Db(#[from] underpin::db::Error),
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoFund(_) | Self::NoInvestor(_) | Self::NoAllocation(_) | Self::NoImport(_) => {
                ErrorKind::NotFound
            }
            Self::NameTaken
            | Self::AllocationExists
            | Self::VersionConflict
            | Self::ImportOver(_)
            | Self::InvestorInUse
            | Self::ParentDeleted
            | Self::DeletedMeanwhile
            | Self::ReportExists => ErrorKind::Conflict,
            Self::NotStaff => ErrorKind::Forbidden,
            Self::Entered(_) | Self::BadCursor(_) => ErrorKind::Invalid,
            Self::Read(_) => ErrorKind::Unavailable,
            Self::Files(error) => error.kind(),
            Self::Log(error) => error.kind(),
            Self::Jobs(error) => error.kind(),
            Self::Db(error) => error.kind(),
        }
    }
}

impl underpin::db::AsDbError for Error {
    fn as_db(&self) -> Option<&underpin::db::Error> {
        match self {
            Self::Db(error) => Some(error),
            Self::Files(error) => error.as_db(),
            Self::Log(error) => error.as_db(),
            Self::Jobs(error) => error.as_db(),
            _ => None,
        }
    }
}
