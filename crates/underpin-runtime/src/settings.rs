//! Settings of a process: typed, documented, each with its origin; refused when unknown, given twice or contradictory.
//!
//! A setting `section.key` is given by `[section] key = ..` in one TOML file or by `UNDERPIN_SECTION_KEY` in the
//! environment, never by both. Secrets are never printed.

mod database;
mod declare;
mod load;
mod network;
mod problem;
mod secrets;
mod show;
mod smtp;
mod storage;
mod value;

pub use load::Sources;
pub use network::Network;
pub use problem::Problem;
pub use smtp::{MailFrom, SmtpSecurity, SmtpUrl};
pub use storage::{S3, Storage};
pub use value::{Environment, LogFormat, SecretKey, Share, Url, Value};

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
        /// Connections as the app role that this process keeps open, at least.
        app_connections_min: u32 = "1",
        /// Connections that this process opens as the system role, at most.
        system_connections_max: u32 = "4",
        /// Connections of the server that all processes together leave free: for migrations, backups, people, other databases.
        connections_reserve: u32 = "10",
        /// Longest wait for a free connection, in milliseconds; past it the answer is 503. At most 2000.
        acquire_timeout_ms: u32 = "1000",
        /// Longest time until a new connection is there, in milliseconds; at most 5000.
        connect_timeout_ms: u32 = "2000",
        /// Longest time that a connection is kept without work, in seconds.
        idle_seconds_max: u32 = "30",
        /// Longest time that a connection is used, in seconds.
        lifetime_seconds_max: u32 = "1800",
        /// Longest run of a statement of a request, in milliseconds.
        web_statement_timeout_ms: u32 = "5000",
        /// The same of a request that reads much, and of the platform's own loops.
        report_statement_timeout_ms: u32 = "30000",
        /// The same of a job.
        job_statement_timeout_ms: u32 = "300000",
        /// Longest wait of a statement for a lock, in milliseconds.
        lock_timeout_ms: u32 = "5000",
        /// Longest pause inside a transaction before the server ends it, in milliseconds.
        idle_in_transaction_timeout_ms: u32 = "10000",
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
        /// Web sockets and event streams that this process holds, at most.
        streams_max: u32 = "5000",
        /// Bytes that may wait for one of them; a slower reader is told to fetch again.
        outbox_bytes_max: u32 = "65536",
        /// How long a process that was told to end takes requests while `readyz` says no, in seconds: what a balancer needs to look away.
        notice_seconds: u32 = "5",
        /// How long requests may go on after that, in seconds.
        drain_seconds: u32 = "20",
    }
    /// Where uploaded files lie.
    pub struct Files as files {
        /// A directory of the one host that runs the deployment; instead of a bucket.
        directory: Needed<PathBuf> = none,
        /// A bucket that speaks S3; instead of a directory.
        s3_bucket: Option<String> = none,
        /// Its region.
        s3_region: Option<String> = none,
        /// Scheme and host of the service, such as `https://s3.example.com`; Amazon's of the region if left out.
        s3_endpoint: Option<Url> = none,
        /// The same as browsers reach it, where that is another.
        s3_public_endpoint: Option<Url> = none,
        /// Whose key opens the bucket.
        s3_access_key_id: Option<String> = none,
        /// The key.
        s3_secret_access_key: Option<Secret<String>> = none,
        /// Whether the bucket stands in the path of URLs rather than in the host: `true` for most services but Amazon's.
        s3_path_style: bool = "false",
        /// Bytes that a tenant may have stored.
        tenant_bytes_max: u64 = "107374182400",
        /// Bytes of arriving files that this process holds in memory, at most.
        upload_memory_bytes_max: u64 = "67108864",
        /// Files that arrive from one person at the same time, over all processes.
        uploads_per_user_max: u32 = "4",
        /// Files that arrive for one tenant at the same time, over all processes.
        uploads_per_tenant_max: u32 = "16",
        /// Bytes per second below which an arriving file is cut off.
        upload_rate_bytes_min: u32 = "16384",
        /// How long a URL to send a file to is good, in seconds; at most 3600.
        upload_url_seconds: u32 = "900",
    }
    /// How mail leaves; without a relay nothing is sent, and links are shown instead.
    pub struct Mail as mail {
        /// The relay: `smtps://user:password@host` (TLS), `smtp://` (STARTTLS, demanded), `smtp+plain://` for this machine.
        smtp_url: Option<Secret<SmtpUrl>> = none,
        /// Whom mails are from: an address, or `Name <address>`.
        from: Option<MailFrom> = none,
        /// A PEM file of authorities that the relay's certificate may come from, beside the machine's own.
        smtp_ca_file: Option<PathBuf> = none,
        /// Longest conversation with the relay about one mail, in seconds.
        timeout_seconds: u32 = "30",
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
        /// Names this machine; the system's name if left out. Processes that see the same disk must agree.
        host: Option<String> = none,
        /// `production`, or `dev` for a machine of one developer.
        environment: Environment = "production",
        /// Days in which what people deleted can be brought back; after them it is removed. From 1 to 3650.
        deleted_days: u32 = "30",
        /// The demo sign-ins that `underpin dev` made, as JSON; refused in production.
        demo: Option<Secret<String>> = none,
    }
    /// What is logged, and how.
    pub struct Log as log {
        /// `text` for people, `json` for machines.
        format: LogFormat = "text",
        /// Directives of `tracing_subscriber::EnvFilter`.
        filter: String = "info",
        /// A file that gets every line beside standard error; each process wants one of its own.
        file: Option<PathBuf> = none,
        /// Bytes of it past which a new one is begun.
        file_bytes_max: u64 = "67108864",
        /// Files that are kept: it, and the older ones as `.1`, `.2` and so on.
        files_max: u32 = "5",
        /// Requests that take longer are recorded with what they spent their time on, in milliseconds.
        slow_request_ms: u32 = "1000",
        /// Statements that take longer are recorded by name and call site, in milliseconds.
        slow_statement_ms: u32 = "100",
        /// How often the sums of the requests are logged, in seconds.
        summary_seconds: u32 = "60",
    }
    /// What requests and jobs waited for, and who is told.
    pub struct Traces as traces {
        /// Where a collector takes OTLP over HTTP as JSON, for example `http://127.0.0.1:4318/v1/traces`; without it traces stay here.
        endpoint: Option<Url> = none,
        /// The share of traces that is sent, from 0 to 1.
        share: Share = "1",
    }
    /// How much this process works, and how soon another takes over.
    pub struct Jobs as jobs {
        /// Jobs at the same time.
        slots: u32 = "4",
        /// How long a silent worker keeps its jobs, in seconds.
        lease_seconds: u32 = "8",
    }
}
