//! `underpin doctor`: does a deployment have what it needs? One line a check, with the remedy for what fails.

use std::{path::PathBuf, time::Duration};

use anyhow::bail;
use underpin_base::{Clock as _, SystemClock};
use underpin_db::{Db, Purpose, Scope, cluster::MAJOR_MIN};
use underpin_runtime::{Settings, settings::Storage};

use crate::{Build, app, storage, store};

/// How long a check may take.
const CHECK_MAX: Duration = Duration::from_secs(5);
/// Most that the clocks of this host and of the database may differ, in milliseconds.
const SKEW_MS_MAX: u64 = 2_000;

/// The lines so far.
#[derive(Default)]
struct Findings {
    passed: u32,
    failed: u32,
}

impl Findings {
    fn ok(&mut self, check: &str, text: impl std::fmt::Display) {
        self.passed += 1;
        println!("ok    {check:<22} {text}");
    }

    fn fail(&mut self, check: &str, text: impl std::fmt::Display, mend: &str) {
        self.failed += 1;
        println!("fail  {check:<22} {text}\n      {:<22} to mend it: {mend}", "");
    }

    fn judge(&mut self, check: &str, good: bool, text: impl std::fmt::Display, mend: &str) {
        if good { self.ok(check, text) } else { self.fail(check, text, mend) }
    }
}

/// Run every check.
///
/// Errors: settings that cannot be read; any check that failed.
pub(crate) async fn run(build: Build, config: Option<PathBuf>) -> anyhow::Result<()> {
    let settings = build.load_settings(config)?;
    let mut findings = Findings::default();
    findings.ok("settings", "every setting is known and readable");
    check_secrets(&settings, &mut findings);
    check_files(&settings, &mut findings).await;
    match app::database(&settings) {
        Ok(db) => check_database(build, &db, &mut findings).await,
        Err(error) => {
            findings.fail("database", error, "set both URLs; `underpin db init` prints them");
        }
    }
    match findings.failed {
        0 => {
            println!("all {} checks passed", findings.passed);
            Ok(())
        }
        n => bail!("{n} of {} checks failed", findings.passed + n),
    }
}

fn check_secrets(settings: &Settings, findings: &mut Findings) {
    match settings.security.secret_key.get() {
        Ok(key) => findings.ok("secret key", format!("{} bytes", key.expose().len())),
        Err(_) => findings.fail(
            "secret key",
            "not set",
            "UNDERPIN_SECURITY_SECRET_KEY=$(openssl rand -hex 32)",
        ),
    }
    let token = settings.security.operator_token.is_some();
    let mend = "set UNDERPIN_SECURITY_OPERATOR_TOKEN; without it operators see only health";
    findings.judge("operator token", token, if token { "set" } else { "not set" }, mend);
}

/// Whether the storage can be written and read.
async fn check_files(settings: &Settings, findings: &mut Findings) {
    let mend = match settings.files.storage() {
        Err(error) => {
            let mend = "set UNDERPIN_FILES_DIRECTORY, or UNDERPIN_FILES_S3_BUCKET and its kin";
            return findings.fail("storage", error, mend);
        }
        Ok(Storage::Directory(_)) => {
            "make the directory and give it to the user that runs underpin"
        }
        Ok(Storage::S3(_)) => {
            "check endpoint, region, key and path style, and that the key may put, get and delete"
        }
    };
    let tried = match storage::files(settings) {
        Ok(files) => files.probe().await.map(|()| files.place()).map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    match tried {
        Ok(place) => findings.ok("storage", format!("{place}: written and read")),
        Err(error) => findings.fail("storage", format!("{error:#}"), mend),
    }
}

async fn check_database(build: Build, db: &Db, findings: &mut Findings) {
    let scopes =
        [("app", Scope::Presented(String::new())), ("system", Scope::System(Purpose::Operate))];
    for (role, scope) in scopes {
        let ask = db.query_one(scope, &store::FACTS, &[]);
        match tokio::time::timeout(CHECK_MAX, ask).await {
            Ok(Ok(row)) => check_facts(role, &row, findings),
            Ok(Err(error)) => {
                let error = anyhow::Error::from(error);
                let mend = "check the URL, and that the server runs and lets this host in";
                findings.fail(&format!("{role}: reachable"), format!("{error:#}"), mend);
            }
            Err(_) => findings.fail(
                &format!("{role}: reachable"),
                "no answer within 5 s",
                "check the network",
            ),
        }
    }
    check_budget(db, findings).await;
    let components = build.components();
    match tokio::time::timeout(CHECK_MAX, underpin_db::pending(db, &components)).await {
        Ok(Ok(pending)) => {
            let text = format!("{} pending", pending.len());
            findings.judge("migrations", pending.is_empty(), text, "run `underpin migrate`");
        }
        _ => findings.fail("migrations", "cannot be read", "run `underpin migrate`"),
    }
}

/// Whether the server has as many connections as all processes that live, and one more with these settings, may open.
async fn check_budget(db: &Db, findings: &mut Findings) {
    let mend = "raise max_connections, lower database.*_connections_max, or run fewer processes";
    match tokio::time::timeout(CHECK_MAX, db.budget()).await {
        Ok(Ok(budget)) => findings.judge("connections", budget.fits(), &budget, mend),
        _ => findings.fail("connections", "cannot be counted", "mend what is wrong above"),
    }
}

fn check_facts(role: &str, row: &underpin_db::Row, findings: &mut Findings) {
    let version: i32 = row.get(0);
    let (their_ms, superuser, bypass): (i64, bool, bool) = (row.get(1), row.get(2), row.get(3));
    let owned: i64 = row.get(4);
    let name = |check: &str| format!("{role}: {check}");
    findings.ok(&name("reachable"), "yes");
    let major = version / 10_000;
    let new = major >= MAJOR_MIN.cast_signed();
    findings.judge(&name("version"), new, format!("Postgres {major}"), "use Postgres 15 or newer");
    let safe = !superuser && !bypass && owned == 0;
    let text =
        format!("superuser {superuser}, bypasses row security {bypass}, owns {owned} tables");
    findings.judge(&name("rights"), safe, text, "use the roles that `underpin db init` makes");
    let skew = SystemClock.now().as_millisecond().abs_diff(their_ms);
    findings.judge(
        &name("clock"),
        skew <= SKEW_MS_MAX,
        format!("{skew} ms apart"),
        "run an NTP client on both hosts",
    );
}
