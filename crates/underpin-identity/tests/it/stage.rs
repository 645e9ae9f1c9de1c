//! A database with two tenants and their people.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use underpin_base::{Clock as _, PageQuery, Principal, Role, Secret, TenantId, UserId};
use underpin_db::Component;
use underpin_identity::{
    Entry, Identity, NewTenant, NewUser, Origin, SessionKind, SignIn, SignedIn,
};
use underpin_jobs::{Registry, Runner, RunnerSettings};
use underpin_mail::{Mailer, Outlet, Shown};
use underpin_runtime::CancellationToken;
use underpin_testkit::{FakeClock, TestDb, until};

pub(crate) const COMPONENTS: [Component; 4] = [
    underpin_log::COMPONENT,
    underpin_jobs::COMPONENT,
    underpin_mail::COMPONENT,
    underpin_identity::COMPONENT,
];
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const KEY: &[u8] = b"a secret key of thirty-two bytes";

pub(crate) struct Stage {
    pub(crate) db: TestDb,
    pub(crate) clock: FakeClock,
    pub(crate) identity: Identity,
    pub(crate) north: TenantId,
    pub(crate) south: TenantId,
    mailer: Option<Mailer>,
    stop: CancellationToken,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Stage {
    /// Tenants `north` (owner ada, admin bob, member cyd, investor ivy) and `south` (owner sue); one password for all.
    pub(crate) async fn new() -> Self {
        let db = TestDb::new(&COMPONENTS).await;
        let clock = FakeClock::default();
        let identity = Identity::new(db.db.clone(), Arc::new(clock.clone()), KEY);
        let north = tenant(&identity, "north").await;
        let south = tenant(&identity, "south").await;
        let stop = CancellationToken::new();
        let stage = Self { db, clock, identity, north, south, mailer: None, stop };
        for (name, tenant, role) in [
            ("ada", north, Role::Owner),
            ("bob", north, Role::Admin),
            ("cyd", north, Role::Member),
            ("ivy", north, Role::Investor),
            ("sue", south, Role::Owner),
        ] {
            let user = stage.user(name).await;
            stage.identity.add_member(tenant, user, role).await.unwrap();
        }
        stage
    }

    /// The same where mails go into a mailbox, and a worker puts them there.
    pub(crate) async fn with_mail() -> Self {
        let mut stage = Self::new().await;
        let clock = Arc::new(stage.clock.clone());
        let mailer = Mailer::new(stage.db.db.clone(), clock, KEY, &Outlet::Mailbox).unwrap();
        stage.identity = stage.identity.clone().with_mail(mailer.clone(), "https://app.test/");
        let mut registry = Registry::new();
        underpin_mail::register(&mut registry, &mailer);
        underpin_identity::register(&mut registry, &stage.identity);
        let settings =
            RunnerSettings { lease: Duration::from_hours(1), ..RunnerSettings::default() };
        let runner = Runner::new(stage.db.second_process(), registry, settings);
        tokio::spawn(runner.run(stage.stop.clone()));
        stage.mailer = Some(mailer);
        stage
    }

    /// The mails to a person, once there are so many; the newest first.
    pub(crate) async fn mails(&self, name: &str, count: usize) -> Vec<Shown> {
        let mailer = self.mailer.as_ref().unwrap();
        until(&format!("{name} has {count} mails"), async || {
            let mut mails = mailer.mailbox(None, 100).await.unwrap();
            mails.retain(|mail| mail.to == email(name));
            (mails.len() >= count).then_some(mails)
        })
        .await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A person with an account.
    pub(crate) async fn user(&self, name: &str) -> UserId {
        let new = NewUser {
            email: email(name),
            name: name.to_owned(),
            password: Secret::new(PASSWORD.to_owned()),
        };
        self.identity.create_user(new).await.unwrap().into_inner()
    }

    pub(crate) async fn principal(&self, tenant: &str, name: &str) -> Principal {
        self.identity.principal_of(tenant, &email(name)).await.unwrap()
    }

    pub(crate) async fn sign_in(&self, name: &str) -> SignedIn {
        self.try_sign_in(&email(name), PASSWORD).await.unwrap()
    }

    pub(crate) async fn try_sign_in(
        &self,
        email: &str,
        password: &str,
    ) -> underpin_identity::Result<SignedIn> {
        let entry = self.enter(email, password).await?;
        Ok(entry.signed_in().expect("nobody asked for a second factor"))
    }

    pub(crate) async fn enter(
        &self,
        email: &str,
        password: &str,
    ) -> underpin_identity::Result<Entry> {
        self.identity.sign_in(sign_in(email, password, "192.0.2.1")).await
    }

    /// The kinds of the events that were told, oldest first.
    pub(crate) async fn events(&self) -> Vec<String> {
        let client = self.db.superuser().await;
        let sql = "select kind from underpin.event where topic = 'tenant' order by version, id";
        client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }
}

async fn tenant(identity: &Identity, slug: &str) -> TenantId {
    let new = NewTenant {
        slug: slug.to_owned(),
        name: format!("The {slug}"),
        accent: "#336699".to_owned(),
        currency: "USD".parse().unwrap(),
    };
    identity.create_tenant(new).await.unwrap().into_inner()
}

/// The first page of a list.
pub(crate) const fn page() -> PageQuery {
    PageQuery { limit: 50, cursor: None }
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.com")
}

pub(crate) fn sign_in(email: &str, password: &str, address: &str) -> SignIn {
    SignIn {
        email: email.to_owned(),
        password: Secret::new(password.to_owned()),
        kind: SessionKind::Cookie,
        origin: Origin {
            address: Some(address.parse().unwrap()),
            user_agent: Some("a test".to_owned()),
            ..Origin::default()
        },
        former: None,
    }
}
