//! A database, a store, a web process, and somebody who is signed in.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use underpin::{
    Platform,
    base::{Role, Secret, SystemClock},
    identity::{Identity, NewTenant, NewUser},
};
use underpin_testkit::TestDb;

use crate::{store::Store, web::Web};

pub(crate) const SECRET_KEY: &[u8] = b"a secret key of a bench";
const PASSWORD: &str = "correct horse battery";
const EMAIL: &str = "ada@example.com";

pub(crate) struct Site {
    pub(crate) web: Web,
    pub(crate) store: Store,
    pub(crate) token: String,
    _test: TestDb,
}

impl Site {
    pub(crate) async fn start() -> Result<Self> {
        let platform = Platform::new(vec![underpin_funds::module()]);
        let test = TestDb::new(&platform.components()).await;
        let identity = Identity::new(test.db.clone(), Arc::new(SystemClock), SECRET_KEY);
        let tenant = NewTenant {
            slug: "bench".to_owned(),
            name: "Bench".to_owned(),
            accent: "#336699".to_owned(),
            currency: "USD".parse()?,
        };
        let password = Secret::new(PASSWORD.to_owned());
        let user = NewUser { email: EMAIL.to_owned(), name: "Ada".to_owned(), password };
        let tenant = identity.create_tenant(tenant).await?.into_inner();
        let user = identity.create_user(user).await?.into_inner();
        identity.add_member(tenant, user, Role::Owner).await?;
        let store = Store::start().await?;
        let web = Web::start(&test.app_url, &test.system_url, store.address).await?;
        let token = sign_in(&web).await?;
        Ok(Self { web, store, token, _test: test })
    }
}

async fn sign_in(web: &Web) -> Result<String> {
    let body = serde_json::json!({"email": EMAIL, "password": PASSWORD, "delivery": "token"});
    let client = client()?;
    let answer =
        client.post(format!("http://{}/v1/session", web.address)).json(&body).send().await?;
    let answer: serde_json::Value = answer.error_for_status()?.json().await?;
    answer["token"].as_str().map(str::to_owned).context("no token")
}

/// A client of its own connections.
pub(crate) fn client() -> Result<reqwest::Client> {
    // Once for the process; whoever comes later finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().build()?)
}
