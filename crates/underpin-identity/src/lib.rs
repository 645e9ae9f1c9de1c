#![doc = include_str!("../README.md")]

mod error;
mod events;
mod identity;
mod jobs;
mod mails;
mod model;
mod ops;
mod password;
mod recovery;
mod session_cache;
mod store;
mod token;
mod totp;
mod trail;

use underpin_db::{Component, Statement, migrations};

pub use error::{Error, Result};
pub use identity::Identity;
pub use jobs::register;
pub use model::{
    Access, ApiKey, ApiKeyId, Email, Invite, InviteId, InviteView, Known, Member, Membership,
    Origin, Scopes, Session, SessionEntry, SessionId, SessionKind, Standing, TenantInfo, User,
    is_slug,
};
pub use ops::{
    accept_invite::AcceptInvite,
    answer_challenge::AnswerChallenge,
    api_keys::{CreateApiKey, CreatedApiKey},
    create_invite::{CreateInvite, CreatedInvite},
    provision::{NewTenant, NewUser, Provisioned},
    purge_tenant::Purged,
    second_factor::{Enrolment, SecondFactor},
    sign_in::{Challenge, Entry, SignIn, SignedIn},
    sweep::Swept,
    trail::record,
};
pub use password::{NewPassword, PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN};
pub use session_cache::SessionCacheFigures;
pub use store::trail::ListedEntry;
pub use token::{Keys, TOKEN_CHARS, Token, TokenDigest, TokenPurpose};
pub use trail::{Act, Actor, Entry as TrailEntry, Fault, Trail, Verified};
pub use underpin_mail::Language;

/// The tables of this crate. They need those of the log, whose events this crate writes.
pub const COMPONENT: Component = Component {
    name: "identity",
    migrations: migrations![
        "0001_init",
        "0002_purge",
        "0003_keys_factors_trail",
        "0004_indexes",
        "0005_access_changes",
        "0006_secrets",
    ],
};

/// Whether a statement asks who presents a token, which a process may know from memory.
pub fn recognises(statement: &Statement) -> bool {
    let asks = [store::sessions::AUTHENTICATE.name, store::api_keys::AUTHENTICATE_KEY.name];
    asks.contains(&statement.name)
}

/// The crate's statements, for the test that prepares every statement.
pub fn statements() -> Vec<&'static Statement> {
    [
        store::access_changes::ALL,
        store::api_keys::ALL,
        store::attempts::ALL,
        store::factors::ALL,
        store::invites::ALL,
        store::members::ALL,
        store::purge::ALL,
        store::resets::ALL,
        store::sessions::ALL,
        store::tenants::ALL,
        store::trail::ALL,
        store::users::ALL,
    ]
    .concat()
}
