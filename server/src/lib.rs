//! The one binary as a library, so that tests see what it is composed of.
//!
//! `underpin dev` runs the whole platform on one machine; `serve` and `work` are its processes in production; the rest
//! are the operator's hand tools. Composition only: what the platform does lies in the crates.

mod app;
mod cli;
mod config;
mod console;
mod database;
mod dev;
mod doctor;
mod handover;
mod import;
mod outcome;
mod process;
mod provision;
mod serve;
mod signals;
mod store;
mod work;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command, DbCommand, ImportCommand};

pub use app::platform;

/// Run the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // One provider for every TLS connection of the process; it fails only if one was chosen before, which nobody can.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let end = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => Err(error.into()),
    };
    outcome::exit_code(end)
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Dev(args) => dev::run(&args).await,
        Command::Serve(args) => serve::run(cli.config, &args).await,
        Command::Work(args) => work::run(cli.config, &args).await,
        Command::Config => config::run(cli.config),
        Command::Db(DbCommand::Init { database, admin_url }) => {
            database::init(&admin_url, &database).await
        }
        Command::Migrate => database::migrate(cli.config).await,
        Command::Tenant(command) => provision::tenant(cli.config, command).await,
        Command::User(command) => provision::user(cli.config, command).await,
        Command::Doctor => doctor::run(cli.config).await,
        Command::Openapi => print_openapi(),
        Command::Import(ImportCommand::Funds(args)) => import::funds(&args).await,
    }
}

/// Print the OpenAPI document of this binary; no database is needed.
fn print_openapi() -> anyhow::Result<()> {
    println!("{}", openapi()?);
    Ok(())
}

/// The OpenAPI document of this binary.
///
/// Errors: never in practice; a document that cannot be written as JSON.
pub fn openapi() -> anyhow::Result<String> {
    Ok(underpin_http::openapi(platform().routes()).to_pretty_json()?)
}
