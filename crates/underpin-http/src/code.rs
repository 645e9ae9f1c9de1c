//! The error codes of `docs/api.md`; a test keeps list and page equal.

use axum::http::StatusCode;
use underpin_base::ErrorKind;

/// What went wrong, as a program may rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request could not be read.
    Malformed,
    /// A cursor that was not given by this list.
    BadCursor,
    /// The route asks for an `Idempotency-Key`.
    KeyMissing,
    /// No session, or one that ended.
    Unauthenticated,
    /// Mail or password wrong; the two look the same.
    WrongCredentials,
    /// The code of a second factor is wrong, or was used before.
    WrongCode,
    /// The role, or the key's scopes, may not do this.
    Forbidden,
    /// The tenant's staff must have shown a second factor, and this session has not.
    SecondFactorNeeded,
    /// An unsafe request from another site.
    CrossSite,
    /// There is no such thing for you.
    NotFound,
    /// The path exists, the verb does not.
    MethodNotAllowed,
    /// The body stopped arriving.
    BodyTimeout,
    /// The state does not allow this.
    Conflict,
    /// The person is a member already.
    AlreadyMember,
    /// A tenant keeps at least one owner.
    LastOwner,
    /// Another thing has this name already.
    NameTaken,
    /// The fund has this position of the investor already.
    AllocationExists,
    /// The investor has allocations.
    InvestorInUse,
    /// What it belongs to is deleted.
    ParentDeleted,
    /// A request with the same `Idempotency-Key` is at work; with `Retry-After`.
    InFlight,
    /// With this the tenant would have more stored than it may.
    QuotaExceeded,
    /// This deployment takes files as the body of a request only.
    DirectOnly,
    /// Somebody else changed it: `If-Match` names a version that is gone.
    VersionConflict,
    /// The body passes its limit.
    TooLarge,
    /// A body of another media type than the route takes.
    MediaType,
    /// `errors[]` names the fields.
    Invalid,
    /// The `Idempotency-Key` was used for another request.
    KeyReused,
    /// The route asks for `If-Match`.
    PreconditionRequired,
    /// Too many; with `Retry-After`.
    RateLimited,
    /// Ours; the request id finds it.
    Internal,
    /// A part is away or busy; with `Retry-After`.
    Unavailable,
    /// Every database connection of the process is at work; with `Retry-After`.
    PoolExhausted,
}

impl Code {
    /// Every code, in the order of the page.
    pub const ALL: [Self; 32] = [
        Self::Malformed,
        Self::BadCursor,
        Self::KeyMissing,
        Self::Unauthenticated,
        Self::WrongCredentials,
        Self::WrongCode,
        Self::Forbidden,
        Self::SecondFactorNeeded,
        Self::CrossSite,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::BodyTimeout,
        Self::Conflict,
        Self::AlreadyMember,
        Self::LastOwner,
        Self::NameTaken,
        Self::AllocationExists,
        Self::InvestorInUse,
        Self::ParentDeleted,
        Self::InFlight,
        Self::QuotaExceeded,
        Self::DirectOnly,
        Self::VersionConflict,
        Self::TooLarge,
        Self::MediaType,
        Self::Invalid,
        Self::KeyReused,
        Self::PreconditionRequired,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
        Self::PoolExhausted,
    ];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        self.parts().0
    }

    /// The status it leaves with.
    pub const fn status(self) -> StatusCode {
        self.parts().1
    }

    /// The title: the same for every problem of this code.
    pub const fn title(self) -> &'static str {
        self.parts().2
    }

    /// Whether the same may succeed later, so that it leaves with `Retry-After`.
    pub(crate) const fn comes_back(self) -> bool {
        matches!(self, Self::InFlight | Self::RateLimited | Self::Unavailable | Self::PoolExhausted)
    }

    /// The code of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    const fn parts(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::Malformed => ("malformed", S::BAD_REQUEST, "The request could not be read"),
            Self::BadCursor => {
                ("bad_cursor", S::BAD_REQUEST, "This cursor was not given by this list")
            }
            Self::KeyMissing => ("key_missing", S::BAD_REQUEST, "Send an Idempotency-Key"),
            Self::Unauthenticated => ("unauthenticated", S::UNAUTHORIZED, "You are not signed in"),
            Self::WrongCredentials => {
                ("wrong_credentials", S::UNAUTHORIZED, "Mail or password is wrong")
            }
            Self::WrongCode => ("wrong_code", S::UNAUTHORIZED, "The code is wrong"),
            Self::SecondFactorNeeded => {
                ("second_factor_needed", S::FORBIDDEN, "This needs a second factor")
            }
            Self::Forbidden => ("forbidden", S::FORBIDDEN, "Your role may not do this"),
            Self::CrossSite => ("cross_site", S::FORBIDDEN, "This request came from another site"),
            Self::NotFound => ("not_found", S::NOT_FOUND, "There is no such thing for you"),
            Self::MethodNotAllowed => {
                ("method_not_allowed", S::METHOD_NOT_ALLOWED, "This path has no such method")
            }
            Self::BodyTimeout => ("body_timeout", S::REQUEST_TIMEOUT, "The body stopped arriving"),
            Self::Conflict => ("conflict", S::CONFLICT, "The present state does not allow this"),
            Self::AlreadyMember => {
                ("already_member", S::CONFLICT, "The person is a member already")
            }
            Self::LastOwner => ("last_owner", S::CONFLICT, "A tenant keeps at least one owner"),
            Self::NameTaken => ("name_taken", S::CONFLICT, "This name is taken"),
            Self::AllocationExists => {
                ("allocation_exists", S::CONFLICT, "The fund has this allocation already")
            }
            Self::InvestorInUse => ("investor_in_use", S::CONFLICT, "The investor has allocations"),
            Self::ParentDeleted => ("parent_deleted", S::CONFLICT, "What it belongs to is deleted"),
            Self::InFlight => ("in_flight", S::CONFLICT, "The same request is still at work"),
            Self::QuotaExceeded => ("quota_exceeded", S::CONFLICT, "There is no room for this"),
            Self::DirectOnly => ("direct_only", S::CONFLICT, "Send the file as the body"),
            Self::VersionConflict => {
                ("version_conflict", S::PRECONDITION_FAILED, "Somebody else changed this")
            }
            Self::TooLarge => ("too_large", S::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::MediaType => {
                ("media_type", S::UNSUPPORTED_MEDIA_TYPE, "The body has another media type")
            }
            Self::Invalid => ("invalid", S::UNPROCESSABLE_ENTITY, "Something in it is not valid"),
            Self::KeyReused => {
                ("key_reused", S::UNPROCESSABLE_ENTITY, "This key was used for another request")
            }
            Self::PreconditionRequired => {
                ("precondition_required", S::PRECONDITION_REQUIRED, "Send If-Match")
            }
            Self::RateLimited => ("rate_limited", S::TOO_MANY_REQUESTS, "Too many, for now"),
            Self::Internal => ("internal", S::INTERNAL_SERVER_ERROR, "Something went wrong here"),
            Self::Unavailable => {
                ("unavailable", S::SERVICE_UNAVAILABLE, "A part of the service is not available")
            }
            Self::PoolExhausted => {
                ("pool_exhausted", S::SERVICE_UNAVAILABLE, "The service is busy")
            }
        }
    }
}

impl From<ErrorKind> for Code {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Invalid => Self::Invalid,
            ErrorKind::Unauthenticated => Self::Unauthenticated,
            ErrorKind::Forbidden => Self::Forbidden,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Limited => Self::RateLimited,
            ErrorKind::Unavailable => Self::Unavailable,
            ErrorKind::Internal => Self::Internal,
        }
    }
}
