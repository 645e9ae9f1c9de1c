//! `underpin import funds`: bring a file into a running deployment and follow it to its end.

mod client;
mod deployment;

use std::{
    io::{IsTerminal as _, Write as _},
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use crate::cli::ImportFundsArgs;

use client::Client;

/// Pause between two looks at a running import.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long the deployment may be away, say for a restart, before we give up; the import itself goes on without us.
const AWAY_MAX: Duration = Duration::from_mins(2);

/// The answer to an upload.
#[derive(Deserialize)]
struct Accepted {
    import_id: String,
}

/// An import as the API shows it; what this command does not need is left out.
#[derive(Deserialize)]
struct Import {
    state: String,
    rows: Rows,
    bytes: u64,
    bytes_read: u64,
    error: Option<ImportError>,
}

#[derive(Deserialize)]
struct Rows {
    read: u64,
    applied: u64,
    unchanged: u64,
    refused: u64,
    #[serde(default)]
    warnings: u64,
}

#[derive(Deserialize)]
struct ImportError {
    code: String,
    message: String,
}

#[derive(Deserialize)]
struct Tenant {
    currency: String,
}

/// Import a file; the last line on standard output has the counts.
///
/// Errors: the file cannot be read, the deployment refuses it, or the import as a whole fails.
pub(crate) async fn funds(args: &ImportFundsArgs) -> anyhow::Result<()> {
    let place = deployment::find(args)?;
    let client = Client::connect(place).await?;
    let tenant = format!("/v1/t/{}", client::encode(&args.tenant));
    let currency = match &args.currency {
        Some(currency) => currency.clone(),
        None => client.get::<Tenant>(&tenant).await.context("cannot open the tenant")?.currency,
    };
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.with_context(|| format!("{} is no file", args.file.display()))?;
    let path = format!(
        "{tenant}/imports?kind=funds&filename={}&currency={}",
        client::encode(&name),
        client::encode(&currency)
    );
    let accepted: Accepted = client.upload(&path, &args.file).await?;
    let import = format!("{tenant}/imports/{}", client::encode(&accepted.import_id));
    let end = follow(&client, &import).await?;
    conclude(&client, &import, &end)
}

/// Look until the import is over; a deployment that restarts meanwhile is waited for.
async fn follow(client: &Client, path: &str) -> anyhow::Result<Import> {
    let terminal = std::io::stderr().is_terminal();
    let mut last_seen = Instant::now();
    loop {
        match client.get::<Import>(path).await {
            Ok(import) => {
                last_seen = Instant::now();
                if terminal {
                    show(&import);
                }
                if matches!(import.state.as_str(), "done" | "failed") {
                    return Ok(import);
                }
            }
            Err(failure) if failure.may_pass() && last_seen.elapsed() < AWAY_MAX => {}
            Err(failure) => {
                return Err(failure)
                    .context("lost sight of the import; it goes on, see the console");
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

fn show(import: &Import) {
    let percent = (import.bytes_read * 100).checked_div(import.bytes).unwrap_or_default();
    let Rows { read, refused, .. } = &import.rows;
    let end = if import.state == "done" || import.state == "failed" { "\n" } else { "" };
    eprint!("\r{percent:>3} %  {read} rows read, {refused} refused{end}");
    // A terminal that is gone is no reason to stop.
    let _ = std::io::stderr().flush();
}

fn conclude(client: &Client, path: &str, import: &Import) -> anyhow::Result<()> {
    let Rows { read, applied, unchanged, refused, warnings } = &import.rows;
    if import.state != "done" {
        let (code, message) = match &import.error {
            Some(ImportError { code, message }) => (code.as_str(), message.as_str()),
            None => ("unknown", "no reason was given"),
        };
        bail!(
            "the import failed after {read} rows: {message} ({code}); mend the file and import it again, rows that are there do not change"
        );
    }
    if refused + warnings > 0 {
        let url = client.url(&format!("{path}/findings.csv"));
        eprintln!("{refused} rows were refused and {warnings} have warnings; the list: {url}");
    }
    println!("read {read} applied {applied} unchanged {unchanged} refused {refused}");
    Ok(())
}
