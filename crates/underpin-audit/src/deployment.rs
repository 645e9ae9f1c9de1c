//! Where the deployment is, and which of its parts can be reached.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use underpin_base::Secret;

use crate::{Error, Result, Stopped};

/// How the deployment was named.
#[derive(Debug, Clone)]
pub enum Target {
    /// The ready file of an `underpin dev`.
    ReadyFile(PathBuf),
    /// Somebody's deployment.
    Url {
        /// What its users type.
        url: String,
        /// What its operators present.
        token: Option<Secret<String>>,
        /// Where its operators ask.
        operator_url: Option<String>,
    },
}

/// A deployment as it is at this moment: processes that died have other numbers in the next look.
#[derive(Debug, Clone, Deserialize)]
pub struct Deployment {
    /// What its users type.
    pub url: String,
    /// Its web processes, each with an address of its own; none if they cannot be told apart.
    #[serde(default)]
    pub instances: Vec<Instance>,
    /// Its workers.
    #[serde(default)]
    pub workers: Vec<Worker>,
    /// Its database.
    pub database: Option<Database>,
    /// What its operators present.
    pub operator_token: Option<Secret<String>>,
    /// Where its operators ask, if no instance says so.
    pub operator_url: Option<String>,
    /// The program that its processes run.
    pub program: Option<PathBuf>,
    /// The directory of its logs.
    pub logs: Option<PathBuf>,
}

/// A web process.
#[derive(Debug, Clone, Deserialize)]
pub struct Instance {
    /// Its own address.
    pub url: String,
    /// Where operators reach it.
    pub operator_url: String,
    /// Its process id on this machine.
    pub pid: u32,
    /// What the process before it said when it ended; none if there was none, or a signal ended it.
    #[serde(default)]
    pub last_exit: Option<i32>,
}

/// A worker.
#[derive(Debug, Clone, Deserialize)]
pub struct Worker {
    /// Its process id on this machine.
    pub pid: u32,
    /// Where operators reach it.
    #[serde(default)]
    pub operator_url: Option<String>,
}

/// How the database is reached.
#[derive(Debug, Clone, Deserialize)]
pub struct Database {
    /// As the role under row level security.
    pub app_url: Secret<String>,
    /// As the role of the platform itself.
    pub system_url: Secret<String>,
}

impl Target {
    /// The deployment as it is now.
    pub fn look(&self) -> Result<Deployment> {
        match self {
            Self::ReadyFile(path) => {
                let text = std::fs::read(path);
                let text = text.map_err(|source| Error::File { path: path.clone(), source })?;
                serde_json::from_slice(&text).map_err(|source| Error::Content {
                    path: path.clone(),
                    what: "ready file of `underpin dev`",
                    source,
                })
            }
            Self::Url { url, token, operator_url } => Ok(Deployment {
                url: url.trim_end_matches('/').to_owned(),
                instances: Vec::new(),
                workers: Vec::new(),
                database: None,
                operator_token: token.clone(),
                operator_url: operator_url.as_ref().map(|u| u.trim_end_matches('/').to_owned()),
                program: None,
                logs: None,
            }),
        }
    }
}

impl Deployment {
    /// The operators' address and token.
    pub fn operator(&self) -> Result<(&str, &Secret<String>), Stopped> {
        let url = self.instances.first().map(|instance| instance.operator_url.as_str());
        let url = self.operator_url.as_deref().or(url).ok_or_else(|| {
            Stopped::skip("needs the operators' address: give --operator URL, or --ready-file")
        })?;
        let token = self.operator_token.as_ref().ok_or_else(|| {
            Stopped::skip("needs the operator token: give --token or UNDERPIN_TOKEN")
        })?;
        Ok((url, token))
    }

    /// Every address where operators ask, with the number of its process if that is known.
    pub fn operators(&self) -> Vec<(String, Option<u32>)> {
        let web = self.instances.iter().map(|web| (web.operator_url.clone(), Some(web.pid)));
        let work = self.workers.iter().filter_map(|w| Some((w.operator_url.clone()?, Some(w.pid))));
        let found: Vec<_> = web.chain(work).collect();
        let named = self.operator_url.iter().map(|url| (url.clone(), None));
        if found.is_empty() { named.collect() } else { found }
    }

    /// The addresses of at least two web processes.
    pub fn two_instances(&self) -> Result<Vec<String>, Stopped> {
        if self.instances.len() < 2 {
            return Err(Stopped::skip(format!(
                "needs two instances with addresses of their own, {} known: give --ready-file",
                self.instances.len()
            )));
        }
        Ok(self.instances.iter().map(|instance| instance.url.clone()).collect())
    }

    /// The database.
    pub fn database(&self) -> Result<&Database, Stopped> {
        let needs = || Stopped::skip("needs the database's URLs: give --ready-file");
        self.database.as_ref().ok_or_else(needs)
    }

    /// The program of its processes.
    pub fn program(&self) -> Result<PathBuf, Stopped> {
        if let Some(program) = &self.program {
            return Ok(program.clone());
        }
        let of_process = |pid: u32| std::fs::read_link(format!("/proc/{pid}/exe")).ok();
        let program = self.instances.first().and_then(|instance| of_process(instance.pid));
        program.ok_or_else(|| Stopped::skip("needs the deployment's program: give --ready-file"))
    }

    /// The directory of its logs.
    pub fn logs(&self) -> Result<&Path, Stopped> {
        let needs = || Stopped::skip("needs the directory of the logs: give --ready-file");
        self.logs.as_deref().ok_or_else(needs)
    }

    /// Whether all that was named lies on this machine.
    pub fn is_local(&self) -> bool {
        let instances = self.instances.iter().map(|instance| instance.url.as_str());
        std::iter::once(self.url.as_str()).chain(instances).all(is_loopback)
    }
}

/// Whether a URL's host is this machine by its number or as `localhost`.
fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        for (url, local) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://localhost", true),
            ("https://example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://10.0.0.1", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_loopback(url), local, "{url}");
        }
    }

    #[test]
    fn what_was_not_named_is_asked_for() {
        let target =
            Target::Url { url: "https://example.com/".into(), token: None, operator_url: None };
        let deployment = target.look().unwrap();
        assert_eq!(deployment.url, "https://example.com");
        let Err(Stopped::Skip(reason)) = deployment.operator() else { panic!("no operator") };
        assert!(reason.contains("--operator"), "{reason}");
        assert!(deployment.two_instances().is_err());
        assert!(deployment.database().is_err());
        assert!(!deployment.is_local());
    }
}
