//! Where to, and as whom.

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::cli::ImportFundsArgs;

/// A deployment and how to sign in to it.
pub(super) struct Place {
    pub(super) url: String,
    pub(super) pass: Pass,
}

/// How to sign in.
pub(super) enum Pass {
    /// With a token that somebody has.
    Token(String),
    /// With a demo password.
    Password { email: String, password: String },
}

#[derive(Deserialize)]
struct Ready {
    url: String,
    tenants: Vec<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    slug: String,
    users: Vec<User>,
}

#[derive(Deserialize)]
struct User {
    email: String,
    password: String,
    role: String,
}

/// The deployment that the arguments name.
pub(super) fn find(args: &ImportFundsArgs) -> anyhow::Result<Place> {
    if let Some(url) = &args.target {
        let token = args.token.clone().or_else(|| std::env::var("UNDERPIN_TOKEN").ok());
        let token = token.context(
            "--target needs a token: give --token, or UNDERPIN_TOKEN in the environment",
        )?;
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            bail!("--target {url}: give a URL such as https://underpin.example");
        }
        return Ok(Place { url: url.trim_end_matches('/').to_owned(), pass: Pass::Token(token) });
    }
    let path = args.ready_file.as_ref().context("give --ready-file or --target")?;
    let text = std::fs::read(path).with_context(|| {
        format!("cannot read {}; start `underpin dev --ready-file {0}` first", path.display())
    })?;
    let ready: Ready = serde_json::from_slice(&text)
        .with_context(|| format!("{} is no ready file of `underpin dev`", path.display()))?;
    let known: Vec<_> = ready.tenants.iter().map(|tenant| tenant.slug.clone()).collect();
    let tenant = ready.tenants.into_iter().find(|tenant| tenant.slug == args.tenant);
    let tenant = tenant.with_context(|| {
        format!("{} has no tenant {}; it has {}", path.display(), args.tenant, known.join(", "))
    })?;
    let staff = |user: &User| matches!(user.role.as_str(), "owner" | "admin" | "member");
    let user = tenant.users.into_iter().find(staff);
    let user = user.with_context(|| format!("tenant {} has no staff", args.tenant))?;
    Ok(Place {
        url: ready.url,
        pass: Pass::Password { email: user.email, password: user.password },
    })
}
