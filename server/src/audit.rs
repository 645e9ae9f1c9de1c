//! `underpin audit`: ask a running deployment whether it keeps its promises.

use std::{
    fs::File,
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;
use underpin_audit::{
    About, Audit, Check, Ended, Line, Proof, Scorecard, Selection, Stage, Target, Verdict, Waivers,
    sha256_of,
};
use underpin_base::{Clock as _, Secret, SystemClock};
use underpin_runtime::CancellationToken;

use crate::{
    Build,
    cli::{AuditArgs, TargetArgs},
    outcome::{self, Exit},
    signals::Signals,
};

/// The exit code of an audit that says nothing: some checks have no outcome, or it could not begin.
const INCOMPLETE: u8 = 2;

/// Run an audit and print its scorecard.
pub(crate) async fn run(build: Build, args: &AuditArgs) -> anyhow::Result<()> {
    match audit(build, args).await {
        Ok(0) => Ok(()),
        Ok(code) => Err(Exit(code).into()),
        Err(error) => {
            outcome::print(&error);
            Err(Exit(INCOMPLETE).into())
        }
    }
}

async fn audit(build: Build, args: &AuditArgs) -> anyhow::Result<u8> {
    let platform = (build.platform)();
    let selection = Selection { only: args.only.clone(), seeds: args.seed.clone() };
    let checks = selection.of(platform.checks())?;
    let target = target(&args.target)?;
    let deployment = target.look()?;
    let waivers = waivers(args.waivers.as_deref(), &platform.checks())?;
    let page = args.html.as_deref().map(page).transpose()?;
    let program = match deployment.program {
        Some(program) => program,
        None => std::env::current_exe().context("cannot find the program that runs")?,
    };
    let proof = proof(args.proof.as_deref(), &program)?;
    let stage = Stage::new(target, platform.components())?;
    let stage = stage.with_statements(platform.statements());
    println_unless(args.json, &format!("{} checks of {}", checks.len(), deployment.url));

    let stop = stop_on_signal()?;
    let show = !args.json || std::io::stderr().is_terminal();
    let tell = |line: &Line| match (show, args.json) {
        (true, false) => println!("{}", line.to_text()),
        (true, true) => eprintln!("{}", line.to_text()),
        _ => {}
    };
    let commit = proof.as_ref().map(|proof| proof.commit.clone());
    let audit = Audit { stage, checks, proof, waivers: waivers.clone() };
    let Ended { scorecard, stayed } = audit.run(&stop, tell).await;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&scorecard)?);
    }
    println_unless(args.json, &format!("\n{}", scorecard.summary()));
    tell_needless(&waivers, &scorecard);
    if let Some(mut page) = page {
        let about = About { deployment: deployment.url, at: SystemClock.now(), commit };
        page.write_all(scorecard.to_html(&about).as_bytes()).context("cannot write the page")?;
    }
    for reason in &stayed {
        eprintln!("underpin: {reason}");
    }
    let code = scorecard.exit_code();
    Ok(if code == 0 && !stayed.is_empty() { INCOMPLETE } else { code })
}

/// The waivers that are given, for any of these checks.
fn waivers(given: Option<&Path>, checks: &[Check]) -> anyhow::Result<Waivers> {
    let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
    Ok(match given {
        Some(path) => Waivers::read(path, checks, today)?,
        None => Waivers::default(),
    })
}

/// Say which waivers may go: what they waive was asked and passed.
fn tell_needless(waivers: &Waivers, scorecard: &Scorecard) {
    let passed = scorecard.checks.iter().filter(|line| line.verdict == Verdict::Pass);
    for line in passed.filter(|line| waivers.of(line.id).is_some()) {
        eprintln!("underpin: {} passes; its waiver is not needed", line.id);
    }
}

/// The file of the page, made before the audit: whoever waits for it for minutes gets it.
fn page(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

fn println_unless(json: bool, text: &str) {
    if !json {
        println!("{text}");
    }
}

/// The deployment that was named.
pub(crate) fn target(args: &TargetArgs) -> anyhow::Result<Target> {
    let Some(url) = &args.target else {
        let path = args.ready_file.clone().context("give --ready-file or --target")?;
        return Ok(Target::ReadyFile(path));
    };
    for url in [Some(url), args.operator.as_ref()].into_iter().flatten() {
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            bail!("{url}: give a URL such as https://underpin.example");
        }
    }
    let token = args.token.clone().or_else(|| std::env::var("UNDERPIN_TOKEN").ok());
    let (url, token, operator_url) = (url.clone(), token.map(Secret::new), args.operator.clone());
    Ok(Target::Url { url, token, operator_url })
}

/// The proof of this program, and a word on standard error about where it was found or why there is none.
fn proof(given: Option<&Path>, program: &Path) -> anyhow::Result<Option<Proof>> {
    let found: Option<PathBuf> = given.map(Path::to_owned).or_else(|| Proof::find(program));
    let Some(path) = found else {
        eprintln!(
            "no proof: there is no proof.json beside {}, above it, or here; `make prove` writes one",
            program.display()
        );
        return Ok(None);
    };
    let proof = Proof::read(&path)?;
    if proof.is_of(&sha256_of(program)?) {
        let (path, commit) = (path.display(), &proof.commit);
        eprintln!("proof: {path} of commit {commit}, for {}", program.display());
        return Ok(Some(proof));
    }
    eprintln!(
        "no proof: {} is of another build than {}; `make prove` writes one of this",
        path.display(),
        program.display()
    );
    Ok(None)
}

/// Cancelled by the first signal, so that the audit takes away what it made; the second ends the process.
fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        signals.next().await;
        eprintln!("underpin: taking away what was made; once more to leave it");
        told.cancel();
        signals.next().await;
        std::process::exit(INCOMPLETE.into());
    });
    Ok(stop)
}
