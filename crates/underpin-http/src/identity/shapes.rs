//! Shapes that more than one endpoint answers with.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use underpin_base::{Role, TenantId, UserId};
use underpin_identity::{
    Challenge, Entry, Member, Membership, Session, SessionId, SessionKind, SignedIn, User,
};
use utoipa::ToSchema;

use crate::{ApiSettings, Json, cookie};

/// A role that a person may have.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub(super) enum RoleName {
    Owner,
    Admin,
    Member,
    Investor,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Owner => Self::Owner,
            RoleName::Admin => Self::Admin,
            RoleName::Member => Self::Member,
            RoleName::Investor => Self::Investor,
        }
    }
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserBody {
    #[schema(value_type = String, format = Uuid)]
    id: UserId,
    email: String,
    name: String,
}

impl From<User> for UserBody {
    fn from(User { id, email, name }: User) -> Self {
        Self { id, email, name }
    }
}

/// A tenant, in short.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenantBrief)]
pub(super) struct TenantBrief {
    #[schema(value_type = String, format = Uuid)]
    id: TenantId,
    slug: String,
    name: String,
    /// `#rrggbb`.
    accent: String,
}

/// A person's place in a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Membership)]
pub(super) struct MembershipBody {
    tenant: TenantBrief,
    #[schema(value_type = RoleName)]
    role: &'static str,
}

impl From<Membership> for MembershipBody {
    fn from(Membership { tenant, role }: Membership) -> Self {
        let underpin_identity::TenantInfo { id, slug, name, accent, .. } = tenant;
        Self { tenant: TenantBrief { id, slug, name, accent }, role: role.as_str() }
    }
}

/// A session, as its person sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    #[schema(value_type = String, format = Uuid)]
    id: SessionId,
    user: UserBody,
    memberships: Vec<MembershipBody>,
    /// When it ends if it is not used.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether it showed a second factor.
    second_factor: bool,
    /// Shown once, when a token was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl SessionBody {
    pub(super) fn new(session: Session, memberships: Vec<Membership>) -> Self {
        Self {
            id: session.id,
            user: session.user.into(),
            memberships: memberships.into_iter().map(Into::into).collect(),
            expires_at: session.expires_at,
            second_factor: session.second_factor,
            token: None,
        }
    }
}

/// A password was right, and a second factor is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Challenge)]
pub(super) struct ChallengeBody {
    /// Always `required`.
    second_factor: &'static str,
    /// What `POST /v1/session/second-factor` takes with the code; it is no session.
    challenge: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What a right password leads to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Entered)]
#[expect(dead_code, reason = "the document's shape; each answer is written on its own")]
pub(super) enum Entered {
    Session(SessionBody),
    Challenge(ChallengeBody),
}

/// 201 with the session, or with the question for a second factor.
pub(super) fn entered(entry: Entry, settings: &ApiSettings) -> Response {
    match entry {
        Entry::SignedIn(session) => signed_in(session, settings),
        Entry::Challenge(Challenge { token, expires_at }) => {
            let challenge = token.expose().to_owned();
            let body = ChallengeBody { second_factor: "required", challenge, expires_at };
            (StatusCode::CREATED, Json(body)).into_response()
        }
    }
}

/// 201 with the session: its token in a cookie or in the body.
pub(super) fn signed_in(signed_in: SignedIn, settings: &ApiSettings) -> Response {
    let SignedIn { session, token, memberships } = signed_in;
    let kind = session.kind;
    let mut body = SessionBody::new(session, memberships);
    match kind {
        SessionKind::Cookie => {
            let cookie = cookie::give(token.expose(), settings);
            (StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(body)).into_response()
        }
        SessionKind::Token | SessionKind::Key => {
            body.token = Some(token.expose().to_owned());
            (StatusCode::CREATED, Json(body)).into_response()
        }
    }
}

/// A member of a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(super) struct MemberBody {
    user: UserBody,
    #[schema(value_type = RoleName)]
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    joined_at: Timestamp,
    /// To the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen_at: Option<Timestamp>,
}

impl From<Member> for MemberBody {
    fn from(Member { user, role, joined_at, last_seen_at }: Member) -> Self {
        Self { user: user.into(), role: role.as_str(), joined_at, last_seen_at }
    }
}
