#![doc = include_str!("../README.md")]

mod error;
mod events;
mod identity;
mod model;
mod ops;
mod password;
mod store;
mod token;

use underpin_db::{Component, Statement, migrations};

pub use error::{Error, Result};
pub use identity::Identity;
pub use model::{
    Email, Invite, InviteId, InviteView, Known, Member, Membership, Origin, Session, SessionEntry,
    SessionId, SessionKind, TenantInfo, User, is_slug,
};
pub use ops::{
    accept_invite::AcceptInvite,
    create_invite::{CreateInvite, CreatedInvite},
    provision::{NewTenant, NewUser, Provisioned},
    sign_in::{SignIn, SignedIn},
    sweep::Swept,
};
pub use password::{NewPassword, PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN};
pub use token::{Keys, TOKEN_CHARS, Token, TokenDigest, TokenPurpose};

/// The tables of this crate. They need those of the log, whose events this crate writes.
pub const COMPONENT: Component =
    Component { name: "identity", migrations: migrations!["0001_init"] };

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    [
        store::attempts::ALL,
        store::invites::ALL,
        store::members::ALL,
        store::sessions::ALL,
        store::tenants::ALL,
        store::users::ALL,
    ]
    .concat()
}
