//! `underpin-sabotage prove`: each check is seen to pass on a whole server and to fail on the one with its fault.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::{Context as _, bail};
use clap::Parser;
use jiff::Timestamp;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use underpin_audit::{Check, sha256_of};
use underpin_base::{Clock as _, SystemClock};
use underpin_runtime::CancellationToken;

use crate::{
    VARIABLE,
    deployment::{Deployment, Line},
    faults,
};

/// Show that the audit of a program sees each fault.
#[derive(Debug, Parser)]
#[command(name = "underpin-sabotage prove", version)]
struct Args {
    /// The program whose audit is proven.
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// Where the proof is written.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only these checks, and no run without a fault; the proof is of them alone.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
}

/// What is written.
#[derive(Debug, Serialize)]
struct Proof {
    commit: String,
    binary_sha256: String,
    /// What the checks said of a server without a fault; none if it was not asked.
    control: Vec<Proven>,
    proofs: Vec<Proven>,
}

/// What a check said.
#[derive(Debug, Serialize)]
struct Proven {
    check: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    verdict: String,
    measured: Option<String>,
    at: Timestamp,
}

/// Run the command line.
pub(crate) fn main() -> ExitCode {
    // The name of the program is followed by the name of the command.
    let args = Args::parse_from(std::env::args_os().skip(1));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let end = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(prove(&args)));
    match end {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("underpin-sabotage: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Ask every check twice and write the proof; whether each passed without and failed with its fault.
async fn prove(args: &Args) -> anyhow::Result<bool> {
    let program = args.program.canonicalize();
    let program = program.with_context(|| format!("cannot find {}", args.program.display()))?;
    let sabotage = std::env::current_exe().context("cannot find the program that runs")?;
    let checks = wanted(&args.only)?;
    let told = told_to_end()?;
    let mut proof = Proof {
        commit: commit(),
        binary_sha256: sha256_of(&program)?,
        control: Vec::new(),
        proofs: Vec::new(),
    };
    if args.only.is_empty() {
        proof.control = control(&program, checks.len(), &told).await?;
    }
    for check in &checks {
        let proven = match prove_one(&program, &sabotage, check, &told).await {
            Err(error) if !told.is_cancelled() => {
                // What does not start proves nothing, and keeps nobody from proving the others.
                println!("{:<18} {:<28} {:<12} {error:#}", check.fault, check.id, NOT_ASKED);
                Proven::without(check)
            }
            proven => proven?,
        };
        proof.proofs.push(proven);
    }
    if sha256_of(&program)? != proof.binary_sha256 {
        bail!("{} was built anew meanwhile: nothing is proven of it", program.display());
    }
    write(&args.out, &proof)?;
    let unseen = proof.proofs.iter().filter(|proven| proven.verdict != "fail").count();
    let broken = proof.control.iter().filter(|proven| proven.verdict != "pass").count();
    println!("{} of {} faults are seen", checks.len() - unseen, checks.len());
    if broken > 0 {
        println!("{broken} checks do not pass without a fault");
    }
    Ok(unseen == 0 && broken == 0)
}

fn wanted(only: &[String]) -> anyhow::Result<Vec<Check>> {
    let mut checks = underpin_server::platform().checks();
    if let Some(id) = only.iter().find(|id| !checks.iter().any(|check| check.id == **id)) {
        bail!("there is no check {id}");
    }
    checks.retain(|check| only.is_empty() || only.iter().any(|id| id == check.id));
    if let Some(check) = checks.iter().find(|check| faults::find(check.fault).is_none()) {
        bail!("there is no fault {} for check {}", check.fault, check.id);
    }
    Ok(checks)
}

/// Cancelled by Ctrl-C and SIGTERM, so that what was started is ended in order.
fn told_to_end() -> anyhow::Result<CancellationToken> {
    let told = CancellationToken::new();
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let telling = told.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        telling.cancel();
    });
    Ok(told)
}

/// Every check on a server without a fault.
async fn control(
    program: &Path,
    checks: usize,
    told: &CancellationToken,
) -> anyhow::Result<Vec<Proven>> {
    let started = Instant::now();
    let deployment = Deployment::start(program, "control", &[], told).await?;
    let scorecard = deployment.audit(program, &[]).await;
    deployment.stop().await?;
    let lines = scorecard?.checks;
    let passed = lines.iter().filter(|line| line.verdict == "pass").count();
    println!(
        "{:<18} {passed} of {checks} checks pass ({:.1} s)",
        "no fault",
        started.elapsed().as_secs_f64()
    );
    for line in lines.iter().filter(|line| line.verdict != "pass") {
        tell_why(line);
    }
    Ok(lines.into_iter().map(|line| Proven::of(line, None)).collect())
}

/// One check on a server with its fault.
async fn prove_one(
    program: &Path,
    sabotage: &Path,
    check: &Check,
    told: &CancellationToken,
) -> anyhow::Result<Proven> {
    let started = Instant::now();
    let variables = [(VARIABLE, check.fault)];
    let deployment = Deployment::start(sabotage, check.fault, &variables, told).await;
    let deployment = deployment.with_context(|| format!("with {}", check.fault))?;
    let scorecard = deployment.audit(program, &[check.id]).await;
    deployment.stop().await?;
    let line = scorecard.with_context(|| format!("with {}", check.fault))?.checks.pop();
    let line = line.filter(|line| line.id == check.id).context("the audit left its check out")?;
    println!(
        "{:<18} {:<28} {:<12} {} ({:.1} s)",
        check.fault,
        check.id,
        line.verdict,
        line.measured.as_deref().unwrap_or("-"),
        started.elapsed().as_secs_f64()
    );
    if line.verdict != "fail" {
        tell_why(&line);
    }
    Ok(Proven::of(line, Some(check.fault)))
}

fn tell_why(line: &Line) {
    for fact in std::iter::once(&line.id).chain(&line.evidence) {
        println!("{:19}{fact}", "");
    }
}

/// The verdict of a check whose deployment could not be asked.
const NOT_ASKED: &str = "not asked";

impl Proven {
    fn without(check: &Check) -> Self {
        let (check, fault) = (check.id.to_owned(), Some(check.fault));
        Self { check, fault, verdict: NOT_ASKED.to_owned(), measured: None, at: SystemClock.now() }
    }

    fn of(line: Line, fault: Option<&'static str>) -> Self {
        let Line { id, verdict, measured, .. } = line;
        Self { check: id, fault, verdict, measured, at: SystemClock.now() }
    }
}

/// The commit that is checked out, marked if files differ from it.
fn commit() -> String {
    let git = Command::new("git").args(["describe", "--always", "--abbrev=40", "--dirty"]).output();
    let text = git.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let text = text.and_then(|text| String::from_utf8(text).ok());
    text.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// Whole or not at all.
fn write(path: &Path, proof: &Proof) -> anyhow::Result<()> {
    let part = path.with_extension("part");
    let written = std::fs::write(&part, serde_json::to_vec_pretty(proof)?)
        .and_then(|()| std::fs::rename(&part, path));
    written.with_context(|| format!("cannot write {}", path.display()))
}
