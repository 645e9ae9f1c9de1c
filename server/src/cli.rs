//! The command line. Secrets never travel on it: other users of the machine can read it.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A multi-tenant platform for money, documents and appointments.
#[derive(Debug, Parser)]
#[command(name = "underpin", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// The settings file (TOML); otherwise the one that UNDERPIN_CONFIG names.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole platform on this machine, with a private Postgres and demo data.
    Dev(DevArgs),
    /// Serve HTTP.
    Serve(ServeArgs),
    /// Run jobs, schedules and the sequencer.
    Work(WorkArgs),
    /// Prepare a database.
    #[command(subcommand)]
    Db(DbCommand),
    /// Apply the migrations that are pending.
    Migrate(MigrateArgs),
    /// Tenants.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Users.
    #[command(subcommand)]
    User(UserCommand),
    /// Print every setting, its value and its origin; secrets are hidden.
    Config,
    /// Check that a deployment has what it needs, and say how to mend what it lacks.
    Doctor,
    /// Print the OpenAPI document.
    Openapi,
    /// Bring files into a running deployment.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Say how many database connections the work of a running deployment asks for.
    ///
    /// Looks at the pools of every process for a while: what arrives, times how long it holds a connection, is what is busy.
    Capacity(CapacityArgs),
    /// Ask a running deployment whether it keeps its promises.
    ///
    /// Makes two tenants, works in them, and removes them. Ends with 0 if every check passes, 1 if any fails, 2 if some have no
    /// outcome.
    Audit(AuditArgs),
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Apply nothing; say which statements of these files (`-`: standard input) would hold up a deployment that serves, or of
    /// the program's own migrations if no file is named.
    #[arg(long, value_name = "FILE", num_args = 0..)]
    pub(crate) check: Option<Vec<PathBuf>>,
}

#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Where data, secrets and logs lie.
    #[arg(long, default_value = ".underpin", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// The address to serve; loopback only, port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// How many web processes share it.
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=16))]
    pub(crate) instances: u16,
    /// Delete the data directory first; refused unless it is one of ours.
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Write a JSON object with everything a program needs to this file when the platform is ready.
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Run jobs in the same process, for one small host.
    #[arg(long)]
    pub(crate) with_work: bool,
    /// Standard input is the leash of a supervisor.
    #[arg(long, hide = true)]
    pub(crate) leash: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WorkArgs {
    /// Standard input is the leash of a supervisor.
    #[arg(long, hide = true)]
    pub(crate) leash: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Make the three roles and the database, once; prints the settings to use, passwords included.
    Init {
        /// The name of the database; roles are named after it.
        #[arg(long, default_value = "underpin")]
        database: String,
        /// The administrator's URL; better given as DATABASE_ADMIN_URL, because others can read a command line.
        #[arg(long, env = "DATABASE_ADMIN_URL", hide_env_values = true, value_name = "URL")]
        admin_url: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant.
    Create {
        /// Its name in URLs: a-z, 0-9 and dashes.
        #[arg(long)]
        slug: String,
        /// Its name for people.
        #[arg(long)]
        name: String,
        /// Its currency.
        #[arg(long, default_value = "USD")]
        currency: String,
    },
    /// Shut a tenant: nobody gets in until it is resumed.
    Suspend {
        /// Its name in URLs.
        #[arg(long)]
        slug: String,
    },
    /// Open a tenant again.
    Resume {
        /// Its name in URLs.
        #[arg(long)]
        slug: String,
    },
    /// Write all that a tenant has, rows and files, into a new directory with a manifest of counts and digests.
    Export {
        /// Its name in URLs.
        #[arg(long)]
        slug: String,
        /// The directory; it is made.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Print a tenant's audit trail, a JSON object a line, oldest first; or prove that it is whole.
    AuditTrail {
        /// Its name in URLs.
        #[arg(long)]
        slug: String,
        /// Read it from its beginning and compare each entry with its hash; ends with 1 and the first bad entry if it is broken.
        #[arg(long)]
        verify: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user, or make a user a member of a tenant; prints a generated password for a new user.
    Create {
        /// Where mail reaches the user; also the name to sign in with.
        #[arg(long)]
        email: String,
        /// The user's name.
        #[arg(long)]
        name: String,
        /// The tenant that the user becomes a member of.
        #[arg(long, requires = "role")]
        tenant: Option<String>,
        /// What the user may do there.
        #[arg(long, requires = "tenant")]
        role: Option<PersonRole>,
        /// Read the password from the first line of standard input instead of generating one.
        #[arg(long)]
        password_stdin: bool,
    },
}

/// The roles that a person may have.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PersonRole {
    Owner,
    Admin,
    Member,
    Investor,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Import a CSV of fund positions and follow it to its end.
    ///
    /// The last line is `read N applied N unchanged N refused N`.
    Funds(ImportFundsArgs),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("deployment").required(true))]
pub(crate) struct ImportFundsArgs {
    /// The file.
    pub(crate) file: PathBuf,
    /// The tenant that gets the positions (its slug).
    #[arg(long)]
    pub(crate) tenant: String,
    /// The ready file of an `underpin dev`; signs in as its first member of staff.
    #[arg(long, value_name = "FILE", group = "deployment")]
    pub(crate) ready_file: Option<PathBuf>,
    /// The URL of a deployment.
    #[arg(long, value_name = "URL", group = "deployment")]
    pub(crate) target: Option<String>,
    /// A session's bearer token; better given as UNDERPIN_TOKEN.
    #[arg(long, value_name = "TOKEN", requires = "target")]
    pub(crate) token: Option<String>,
    /// The currency of the amounts; the tenant's own if left out.
    #[arg(long)]
    pub(crate) currency: Option<String>,
}

/// A running deployment.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("audited").required(true))]
pub(crate) struct TargetArgs {
    /// The ready file of an `underpin dev`.
    #[arg(long, value_name = "FILE", group = "audited")]
    pub(crate) ready_file: Option<PathBuf>,
    /// The URL of a deployment; checks that break processes are skipped unless it is on this machine.
    #[arg(long, value_name = "URL", group = "audited")]
    pub(crate) target: Option<String>,
    /// The operator token; better given as UNDERPIN_TOKEN.
    #[arg(long, value_name = "TOKEN", requires = "target")]
    pub(crate) token: Option<String>,
    /// The URL of an operators' listener of the deployment.
    #[arg(long, value_name = "URL", requires = "target")]
    pub(crate) operator: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CapacityArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How long to look.
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// These checks only.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// The checks that answer these seed findings, for example S0.12.
    #[arg(long, value_name = "SEED", value_delimiter = ',')]
    pub(crate) seed: Vec<String>,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Also write the scorecard as one page of HTML.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Failures that somebody answers for until a day (TOML: `[[waiver]]` with check, owner, reason, until).
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
    /// What `make prove` wrote; otherwise proof.json beside the program, one directory above it, or here.
    #[arg(long, value_name = "FILE")]
    pub(crate) proof: Option<PathBuf>,
}
