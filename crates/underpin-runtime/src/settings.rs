//! Settings of a process: typed, documented, each with its origin; refused when unknown, given twice or contradictory.
//!
//! A setting `section.key` is given by `[section] key = ..` in one TOML file or by `UNDERPIN_SECTION_KEY` in the
//! environment, never by both. Secrets are never printed.

mod declare;
mod load;
mod network;
mod problem;
mod show;
mod value;

pub use load::Sources;
pub use network::Network;
pub use problem::Problem;
pub use value::{Environment, LogFormat, SecretKey, Url, Value};

use std::{net::SocketAddr, path::PathBuf};

use declare::settings;
pub use declare::{Key, Needed, Origin};
use underpin_base::Secret;

settings! {
    /// Where the rows are.
    pub struct Database as database {
        /// How `serve` and `work` reach the database as the role that is under row level security.
        app_url: Needed<Secret<Url>> = none,
        /// The same as the role with the few policies across tenants (jobs, sequencer, sweepers).
        system_url: Needed<Secret<Url>> = none,
        /// The same as the role that owns the tables; only `migrate` uses it.
        owner_url: Needed<Secret<Url>> = none,
        /// Connections that this process opens as the app role, at most.
        app_connections_max: u32 = "16",
        /// Connections that this process opens as the system role, at most.
        system_connections_max: u32 = "4",
    }
    /// What is served, and to whom.
    pub struct Http as http {
        /// The public address; port 0 takes a free one.
        listen: SocketAddr = "127.0.0.1:8080",
        /// The operators' address (metrics, queues, workers); keep it off the public network.
        operator_listen: SocketAddr = "127.0.0.1:0",
        /// The URL that people type: decides the `Secure` mark of cookies and the allowed `Origin`.
        public_url: Option<Url> = none,
        /// Networks whose `X-Forwarded-For` is believed.
        trusted_proxies: Vec<Network> = "",
        /// Largest uploaded file, in bytes.
        upload_bytes_max: u64 = "268435456",
        /// Largest body of any other request, in bytes.
        body_bytes_max: u64 = "1048576",
        /// How long requests may go on after the process was told to end, in seconds.
        drain_seconds: u32 = "20",
    }
    /// Where uploaded files lie.
    pub struct Files as files {
        /// A directory that every process of the deployment sees.
        directory: Needed<PathBuf> = none,
    }
    /// What must stay secret.
    pub struct Security as security {
        /// Signs session tags and links: at least 32 bytes in hexadecimal, the same for every process.
        secret_key: Needed<SecretKey> = none,
        /// What operators present on the operators' address; without it that address serves only health.
        operator_token: Option<Secret<String>> = none,
    }
    /// Which deployment this is.
    pub struct Deployment as deployment {
        /// Names cookies and logs; letters, digits and dashes.
        name: String = "underpin",
        /// `production`, or `dev` for a machine of one developer.
        environment: Environment = "production",
        /// The demo sign-ins that `underpin dev` made, as JSON; refused in production.
        demo: Option<Secret<String>> = none,
    }
    /// What is logged, and how.
    pub struct Log as log {
        /// `text` for people, `json` for machines.
        format: LogFormat = "text",
        /// Directives of `tracing_subscriber::EnvFilter`.
        filter: String = "info",
    }
    /// How much this process works, and how soon another takes over.
    pub struct Jobs as jobs {
        /// Jobs at the same time.
        slots: u32 = "4",
        /// How long a silent worker keeps its jobs, in seconds.
        lease_seconds: u32 = "8",
    }
}
