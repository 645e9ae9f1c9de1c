//! Errors of this module as problems.

use underpin::http::{Code, Problem};

use crate::Error;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::BadCursor(error) => error.into(),
            Error::Files(error) => error.into(),
            Error::Log(error) => error.into(),
            Error::Db(error) | Error::Jobs(underpin::jobs::Error::Db(error)) => error.into(),
            Error::NoFund(_)
            | Error::NoInvestor(_)
            | Error::NoAllocation(_)
            | Error::NoImport(_) => Self::new(Code::NotFound),
            Error::NameTaken => Self::new(Code::NameTaken),
            Error::AllocationExists => Self::new(Code::AllocationExists),
            Error::InvestorInUse => Self::new(Code::InvestorInUse),
            Error::ParentDeleted => Self::new(Code::ParentDeleted),
            Error::VersionConflict => Self::new(Code::VersionConflict),
            Error::Entered(faults) => {
                faults.into_iter().fold(Self::new(Code::Invalid), |problem, fault| {
                    problem.and_field(fault.field, fault.code, fault.message)
                })
            }
            Error::NotStaff => Self::new(Code::Forbidden),
            error @ (Error::ImportOver(_)
            | Error::ReportExists
            | Error::DeletedMeanwhile
            | Error::Read(_)
            | Error::Jobs(_)) => Self::from_error(error.kind(), error),
        }
    }
}
