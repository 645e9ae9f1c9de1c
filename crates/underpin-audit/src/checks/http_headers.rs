//! What browsers and caches are told beside every answer.

mod page;

use reqwest::Method;

use super::readings::{Named, readings};
use crate::{Answer, Ask, Check, Outcome, Result, Severity, Stage, Stopped};

/// Pages as people open them: the first, one inside, and one that is not there.
const PAGES: [&str; 4] = ["/", "/sign-in", "/t/nobody/funds", "/nothing/here"];
/// Least that a file of a fixed name's content is kept, in seconds.
const KEPT_MIN: u64 = 31_536_000;
/// A smaller file gains nothing.
const WORTH_BYTES: usize = 1_024;

pub(super) const CHECK: Check = Check {
    id: "http.headers",
    seeds: &["S1.36", "S2.59", "S4.7", "S4.8"],
    severity: Severity::P1,
    promise: "Pages run no script but our own, no cache keeps what somebody signed in was answered, and fixed files are kept and small.",
    input: "four pages; every operation that a tenant's owner may read; each script and style of the first page as br, gzip and plain",
    measure: "Content-Security-Policy and its kin, scripts in the page's text; Cache-Control of each answer; Content-Encoding, \
              Content-Length and Cache-Control of the files",
    threshold: "no inline or foreign script, nosniff, no frames; `no-store` or `private`; compressed before it was asked for, immutable",
    fault: "headers_lax",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let base = stage.deployment()?.url;
    let mut breaches = Vec::new();
    let first = open(stage, &base, PAGES[0]).await?;
    if first.status != 200 {
        return Err(Stopped::inconclusive("the program was built without its pages"));
    }
    for path in PAGES {
        page::judge(&open(stage, &base, path).await?, &mut breaches);
    }
    let files = page::files(&String::from_utf8_lossy(&first.body));
    if files.is_empty() {
        return Err(Stopped::inconclusive("the first page names no scripts and styles"));
    }
    for file in &files {
        check_file(stage, &format!("{base}{file}"), &mut breaches).await?;
    }
    let (read, good) = check_answers(stage, &mut breaches).await?;
    let measured = format!("{} breaches", breaches.len());
    let counts = format!(
        "{} pages, {} files, {read} operations of which {good} answered with what was asked for",
        PAGES.len(),
        files.len()
    );
    Ok(Outcome::of_breaches(breaches, measured).evidence(counts))
}

async fn open(stage: &Stage, base: &str, path: &str) -> Result<Answer> {
    let ask = Ask::bare(stage.http(), Method::GET, &format!("{base}{path}"));
    ask.header("accept", "text/html,application/xhtml+xml").send().await
}

/// A file whose name changes with its content is kept for good, and was compressed before anybody asked.
async fn check_file(stage: &Stage, url: &str, breaches: &mut Vec<String>) -> Result<()> {
    let plain = fetch(stage, url, "identity").await?;
    let mut breach = |what: String| breaches.push(format!("{url}: {what}"));
    let kept = plain.header("cache-control").unwrap_or_default();
    let age = kept.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok());
    if !kept.contains("immutable") || age.unwrap_or(0) < KEPT_MIN {
        breach(format!("cache-control is `{kept}`"));
    }
    if plain.header("content-encoding").is_some() {
        breach("compressed for somebody who cannot read it".to_owned());
    }
    if plain.body.len() < WORTH_BYTES {
        return Ok(());
    }
    for encoding in ["br", "gzip"] {
        let answer = fetch(stage, url, encoding).await?;
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        let varies = answer.header("vary").unwrap_or_default().to_lowercase();
        if answer.header("content-encoding") != Some(encoding)
            || answer.body.len() >= plain.body.len()
        {
            breach(format!("{} bytes when asked for {encoding}", answer.body.len()));
        } else if length != Some(answer.body.len()) {
            breach(format!("compressed to {encoding} anew for each who asks"));
        } else if !varies.contains("accept-encoding") {
            breach(format!("a cache is not told that there is another than {encoding}"));
        }
    }
    Ok(())
}

async fn fetch(stage: &Stage, url: &str, encoding: &str) -> Result<Answer> {
    let ask = Ask::bare(stage.http(), Method::GET, url);
    ask.header("accept-encoding", encoding).send().await?.expect(200)
}

/// What somebody signed in is answered belongs in no cache. Gives how many operations were read, and how many gave what was asked for.
async fn check_answers(
    stage: &Stage,
    breaches: &mut Vec<String>,
) -> Result<(usize, usize), Stopped> {
    let a = &stage.tenants().await?.a;
    let named = Named { fund: a.things.fund, import: a.things.import };
    let (readings, _) = readings(stage, a, named).await?;
    let mut good = 0;
    for reading in &readings {
        let answer = a.owner.ask(Method::GET, &reading.path).send_for_head().await?;
        good += usize::from(answer.is_success());
        let kept = answer.header("cache-control").unwrap_or_default();
        if !kept.split(',').any(|part| matches!(part.trim(), "no-store" | "private")) {
            let (name, status) = (&reading.name, answer.status);
            breaches.push(format!("{name}: {status} with cache-control `{kept}`"));
        }
    }
    if good == 0 {
        return Err(Stopped::inconclusive("tenant A's owner can read nothing"));
    }
    Ok((readings.len(), good))
}
