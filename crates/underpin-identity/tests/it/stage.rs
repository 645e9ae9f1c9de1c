//! A database with two tenants and their people.

use std::sync::Arc;

use underpin_base::{Principal, Role, Secret, TenantId, UserId};
use underpin_db::Component;
use underpin_identity::{Identity, NewTenant, NewUser, Origin, SessionKind, SignIn, SignedIn};
use underpin_testkit::{FakeClock, TestDb};

pub(crate) const COMPONENTS: [Component; 2] =
    [underpin_log::COMPONENT, underpin_identity::COMPONENT];
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const KEY: &[u8] = b"a secret key of thirty-two bytes";

pub(crate) struct Stage {
    pub(crate) db: TestDb,
    pub(crate) clock: FakeClock,
    pub(crate) identity: Identity,
    pub(crate) north: TenantId,
    pub(crate) south: TenantId,
}

impl Stage {
    /// Tenants `north` (owner ada, admin bob, member cyd, investor ivy) and `south` (owner sue); one password for all.
    pub(crate) async fn new() -> Self {
        let db = TestDb::new(&COMPONENTS).await;
        let clock = FakeClock::default();
        let identity = Identity::new(db.db.clone(), Arc::new(clock.clone()), KEY);
        let north = tenant(&identity, "north").await;
        let south = tenant(&identity, "south").await;
        let stage = Self { db, clock, identity, north, south };
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
        },
        former: None,
    }
}
