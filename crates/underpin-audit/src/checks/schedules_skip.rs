//! A tick that another process took is skipped, and the log says so.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;
use underpin_base::{Clock as _, SystemClock};
use underpin_db::{Purpose, Scope};

use crate::{
    Check, Error, Outcome, Result, Severity, Stage, Stopped, logs::Logs, store::LOOK_AGAIN,
    wait::until_every,
};

/// Longest time until a worker looks, and its line is in the log.
const SAID_MAX: Duration = Duration::from_secs(10);
/// Pause between two looks at the logs.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Long enough for a worker to look twice more.
const LOOKS: Duration = Duration::from_millis(2_500);
/// A tick that is nearer than this could come in between, in seconds.
const NEXT_TICK_MIN: i64 = 15;

pub(super) const CHECK: Check = Check {
    id: "schedules.skip",
    seeds: &["S2.14"],
    severity: Severity::P2,
    promise: "A tick that another process has taken is skipped, and the log says once which, why, and who has it.",
    input: "a schedule shown as a process sees it that looks while another has just taken the newest tick",
    measure: "lines of the logs that say of the tick that it is skipped; the ticks of the schedule",
    threshold: "one, with reason and holder; the tick counts as taken",
    fault: "skips_silent",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    stage.may_break().await?;
    let logs = Logs::open(stage.deployment()?.logs()?)?;
    let name = until_next(stage).await?;
    let db = stage.db()?;
    let shown = db.query_opt(Scope::System(Purpose::Operate), &LOOK_AGAIN, &[&name]).await;
    db.close();
    let shown =
        shown?.ok_or_else(|| Stopped::inconclusive("its newest tick is not in the ledger"))?;
    let (tick, epoch): (Timestamp, i64) = (shown.get(0), shown.get(1));
    let tick = tick.to_string();
    let texts = ["tick skipped", name.as_str(), tick.as_str()];
    let said = until_every(LOOK_EVERY, "a line about the tick", SAID_MAX, || async {
        let lines = logs.lines_with(&texts)?;
        Ok((!lines.is_empty()).then_some(()))
    });
    match said.await {
        Ok(()) | Err(Error::Late(_)) => {}
        Err(error) => return Err(error.into()),
    }
    sleep(LOOKS).await;
    let lines = logs.lines_with(&texts)?;
    let holder = [format!("epoch={epoch} "), format!("\"epoch\":{epoch},")];
    let whole = lines
        .iter()
        .filter(|line| line.contains("taken") && holder.iter().any(|holder| line.contains(holder)));
    let (whole, mut breaches) = (whole.count(), Vec::new());
    if (lines.len(), whole) != (1, 1) {
        breaches.push(format!("{} lines, {whole} with reason and holder", lines.len()));
    }
    let after = schedule(stage, |item| item["name"] == name.as_str()).await?;
    if after.as_ref().and_then(|item| item["last_tick"].as_str()) != Some(&tick) {
        breaches.push(format!("its last tick is not {tick}: {after:?}"));
    }
    let measured = format!("{} lines, {whole} with reason and holder", lines.len());
    let outcome = Outcome::of_breaches(breaches, measured);
    Ok(lines.into_iter().take(1).fold(outcome, Outcome::evidence))
}

/// A schedule that fired, and will not fire again before the check is over.
async fn until_next(stage: &Stage) -> Result<String, Stopped> {
    let soon = SystemClock.now().as_second() + NEXT_TICK_MIN;
    let instant = |text: &Value| text.as_str()?.parse::<Timestamp>().ok();
    let found = schedule(stage, |item| {
        item["last_tick"].is_string()
            && instant(&item["next_tick"]).is_some_and(|t| t.as_second() > soon)
    });
    let name = found.await?.and_then(|item| item["name"].as_str().map(str::to_owned));
    name.ok_or_else(|| Stopped::inconclusive("every schedule is about to fire"))
}

/// The first schedule of which something holds.
async fn schedule(stage: &Stage, holds: impl Fn(&Value) -> bool) -> Result<Option<Value>, Stopped> {
    let all = stage.operator(Method::GET, "/ops/v1/schedules")?.send().await?.expect(200)?.json();
    Ok(all["items"].as_array().into_iter().flatten().find(|item| holds(item)).cloned())
}
