//! A database with a tenant and a person, and the rooms of the measurement.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use underpin::{
    Platform,
    base::{Principal, Role, Secret, SystemClock},
    identity::{Identity, NewTenant, NewUser, Origin, SessionKind, SignIn},
    log::Topic,
};
use underpin_testkit::TestDb;
use uuid::Uuid;

/// Rooms that are told.
pub(crate) const ROOMS: usize = 20;
/// The tenant.
pub(crate) const TENANT: &str = "north";
/// Signs tokens; the same for every process.
pub(crate) const SECRET_KEY: &[u8] = b"a secret key of a bench";

const PASSWORD: &str = "correct horse battery";
const EMAIL: &str = "ada@example.com";

pub(crate) struct Site {
    pub(crate) test: TestDb,
    pub(crate) by: Principal,
    pub(crate) token: String,
    _hints: AbortOnDropHandle<()>,
}

impl Site {
    pub(crate) async fn start() -> Result<Self> {
        let test = TestDb::new(&Platform::new(Vec::new()).components()).await;
        let identity = Identity::new(test.db.clone(), Arc::new(SystemClock), SECRET_KEY);
        let password = || Secret::new(PASSWORD.to_owned());
        let user =
            NewUser { email: EMAIL.to_owned(), name: "Ada".to_owned(), password: password() };
        let subject = identity.create_user(user).await?.into_inner();
        let tenant = NewTenant {
            slug: TENANT.to_owned(),
            name: TENANT.to_owned(),
            accent: "#336699".to_owned(),
            currency: "USD".parse()?,
        };
        let tenant = identity.create_tenant(tenant).await?.into_inner();
        identity.add_member(tenant, subject, Role::Owner).await?;
        let sign_in = SignIn {
            email: EMAIL.to_owned(),
            password: password(),
            kind: SessionKind::Token,
            origin: Origin::default(),
            former: None,
        };
        let signed_in = identity.sign_in(sign_in).await?.signed_in();
        let token = signed_in.context("no second factor here")?.token.expose().to_owned();
        let db = test.db.clone();
        // This process writes, as a web process would: it hints the others.
        let hints = tokio::spawn(async move { db.run_wakes(CancellationToken::new()).await });
        let by = Principal { tenant, subject, role: Role::Owner };
        Ok(Self { test, by, token, _hints: AbortOnDropHandle::new(hints) })
    }
}

/// The topic of a room.
pub(crate) fn topic(room: usize) -> Topic {
    Topic::of("desk", Uuid::from_u128(room as u128 + 1))
}
