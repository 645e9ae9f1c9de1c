//! The one binary as a library, so that tests see what it is composed of.
//!
//! `underpin dev` runs the whole platform on one machine; `serve` and `work` are its processes in production; the rest
//! are the operator's hand tools. Composition only: what the platform does lies in the crates.

mod app;
mod audit;
mod build;
mod capacity;
mod cli;
mod config;
mod console;
mod database;
mod dev;
mod doctor;
mod export;
mod handover;
mod import;
mod mail;
mod outcome;
mod process;
mod provision;
mod serve;
mod signals;
mod storage;
mod store;
mod trail;
mod work;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use cli::{Cli, Command, DbCommand, ImportCommand, MigrateArgs};

pub use app::platform;
pub use build::{Added, Build};

/// Run the command line of this process.
pub fn main() -> ExitCode {
    main_of(Build::of(platform))
}

/// Run the command line of this process, as another program that is composed of the same parts.
pub fn main_of(build: Build) -> ExitCode {
    let command = Cli::command().name(build.name).version(build.version);
    let cli = Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit());
    // One provider for every TLS connection of the process; it fails only if one was chosen before, which nobody can.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let end = match runtime {
        Ok(runtime) => runtime.block_on(run(build, cli)),
        Err(error) => Err(error.into()),
    };
    outcome::exit_code(end)
}

async fn run(build: Build, cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Dev(args) => dev::run(build, &args).await,
        Command::Serve(args) => serve::run(build, cli.config, &args).await,
        Command::Work(args) => work::run(build, cli.config, &args).await,
        Command::Config => config::run(build, cli.config),
        Command::Db(DbCommand::Init { database, admin_url }) => {
            database::init(&admin_url, &database).await
        }
        Command::Migrate(MigrateArgs { check: Some(files) }) => database::check(build, &files),
        Command::Migrate(_) => database::migrate(build, cli.config).await,
        Command::Tenant(command) => provision::tenant(build, cli.config, command).await,
        Command::User(command) => provision::user(build, cli.config, command).await,
        Command::Doctor => Box::pin(doctor::run(build, cli.config)).await,
        Command::Openapi => print_openapi(build),
        Command::Import(ImportCommand::Funds(args)) => import::funds(&args).await,
        Command::Capacity(args) => capacity::run(&args).await,
        Command::Audit(args) => audit::run(build, &args).await,
    }
}

/// Print the OpenAPI document of this program; no database is needed.
fn print_openapi(build: Build) -> anyhow::Result<()> {
    println!("{}", openapi(build)?);
    Ok(())
}

/// The OpenAPI document of a program.
///
/// Errors: never in practice; a document that cannot be written as JSON.
pub fn openapi(build: Build) -> anyhow::Result<String> {
    Ok(underpin_http::openapi((build.platform)().routes()).to_pretty_json()?)
}
