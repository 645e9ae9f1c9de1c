//! The ready file: what a program needs to use, watch or break a running `underpin dev`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use super::{
    data_dir::write_private,
    demo::{SignIn, TENANTS},
};

/// The one JSON object of a ready file.
#[derive(Serialize)]
pub(super) struct Ready<'a> {
    pub(super) url: &'a str,
    pub(super) instances: Vec<Process>,
    pub(super) workers: Vec<Process>,
    pub(super) database: Database<'a>,
    pub(super) tenants: Vec<Tenant<'a>>,
    pub(super) operator_token: &'a str,
    /// The program that all processes run.
    pub(super) program: &'a Path,
    /// Where their logs lie.
    pub(super) logs: PathBuf,
}

/// A web process or a worker.
#[derive(Serialize)]
pub(super) struct Process {
    /// Its own address; a worker has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// Where operators reach it with the operator token.
    pub(super) operator_url: String,
    pub(super) pid: u32,
    /// What the process before it said when it ended; null if there was none, or a signal ended it.
    pub(super) last_exit: Option<i32>,
}

#[derive(Serialize)]
pub(super) struct Database<'a> {
    pub(super) app_url: &'a str,
    pub(super) system_url: &'a str,
}

#[derive(Serialize)]
pub(super) struct Tenant<'a> {
    slug: &'a str,
    name: &'a str,
    users: Vec<User<'a>>,
}

#[derive(Serialize)]
struct User<'a> {
    email: &'a str,
    password: &'a str,
    role: &'a str,
}

/// The demo tenants with their sign-ins.
pub(super) fn tenants<'a>(sign_ins: &[SignIn<'a>]) -> Vec<Tenant<'a>> {
    let users = |slug: &str| {
        let own = sign_ins.iter().filter(|sign_in| sign_in.tenant == slug);
        own.map(|s| User { email: s.email, password: s.password, role: s.role }).collect()
    };
    let tenant = |tenant: &super::demo::DemoTenant| Tenant {
        slug: tenant.slug,
        name: tenant.name,
        users: users(tenant.slug),
    };
    TENANTS.iter().map(tenant).collect()
}

/// A ready file that is removed with this value, so that none outlives its platform in good order.
pub(super) struct ReadyFile(PathBuf);

impl ReadyFile {
    /// Take the name; an old file of that name is removed, because it is not true yet.
    pub(super) fn claim(path: &Path) -> anyhow::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            _ => Ok(Self(path.to_owned())),
        }
    }

    /// Write it anew, whole or not at all, mode 0600.
    pub(super) fn write(&self, ready: &Ready<'_>) -> anyhow::Result<()> {
        write_private(&self.0, &serde_json::to_vec_pretty(ready)?)
            .with_context(|| format!("cannot write {}", self.0.display()))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // Nobody is left to hear that it could not be removed.
        let _ = std::fs::remove_file(&self.0);
    }
}
