//! All processes together open no more connections than the server has, and nobody must count them.

use std::{net::TcpListener, time::Duration};

use underpin_db::{Purpose, Scope};

use super::program::{Program, Said};
use crate::{Check, Outcome, Severity, Stage, Stopped, store::MAX_CONNECTIONS};

/// More connections than a server has.
const TOO_MANY: &str = "10000";
/// Longest until a process has refused.
const REFUSAL_MAX: Duration = Duration::from_secs(20);
/// The names of the settings that decide where a process listens.
const LISTEN: [&str; 2] = ["UNDERPIN_HTTP_LISTEN", "UNDERPIN_HTTP_OPERATOR_LISTEN"];

pub(super) const CHECK: Check = Check {
    id: "pool.budget",
    seeds: &["S1.19", "S2.27", "S3.21", "S4.1"],
    severity: Severity::P1,
    promise: "A process that would ask the server for more connections than it has for all of them does not start, and shows the sum.",
    input: "`serve` with 10,000 connections beside the running processes; `serve` with a server that never answers; `config` with the same setting",
    measure: "how each ends, the sum that it shows, the values and origins that are printed",
    threshold: "a refusal whose sum is right and counts every running process; one within 20 s; the value with its origin",
    fault: "pool_clamped",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    stage.may_break().await?;
    let mut program = Program::of(stage)?;
    let deployment = stage.deployment()?;
    let processes = deployment.instances.len() + deployment.workers.len();
    let db = stage.db()?;
    let row = db.query_one(Scope::System(Purpose::Operate), &MAX_CONNECTIONS, &[]).await?;
    let on_server = i64::from(row.get::<_, i32>(0));
    db.close();
    for name in LISTEN {
        program.set(name, "127.0.0.1:0");
    }
    let mut breaches = Vec::new();

    let mut violating = program.clone();
    violating.set("UNDERPIN_DATABASE_APP_CONNECTIONS_MAX", TOO_MANY);
    let refused = violating.run(&["serve"], REFUSAL_MAX).await?;
    let sum = Sum::read(&refused.text);
    if refused.ended_well != Some(false) {
        breaches.push(format!("10,000 connections: {}", refused.ending()));
    }
    match &sum {
        Some(sum) => breaches.extend(sum.breaches(on_server, processes as i64)),
        None => breaches.push("no sum is shown".to_owned()),
    }

    let config = violating.run(&["config"], REFUSAL_MAX).await?;
    for (setting, origin) in [
        ("database.app_connections_max = 10000 ", "# UNDERPIN_DATABASE_APP_CONNECTIONS_MAX"),
        ("database.acquire_timeout_ms = ", "# default"),
        ("database.idle_seconds_max = ", "# default"),
        ("database.connect_timeout_ms = ", "# default"),
    ] {
        if !config.text.lines().any(|line| line.starts_with(setting) && line.ends_with(origin)) {
            breaches.push(format!("`config` does not show `{setting}` {origin}"));
        }
    }

    let silent = silent(&mut program)?;
    let away = program.run(&["serve"], REFUSAL_MAX).await?;
    drop(silent);
    if away.ended_well != Some(false) {
        breaches.push(format!("a server that never answers: {}", away.ending()));
    }
    let measured =
        sum.map_or_else(|| "no sum".to_owned(), |sum| format!("{} of {}", sum.total, sum.limit));
    let outcome = Outcome::of_breaches(breaches, measured);
    Ok(outcome.evidence(format!("{processes} processes run; {}", Said::first_line(&refused))))
}

/// Point the program to a server that takes connections and never says anything.
fn silent(program: &mut Program) -> Result<TcpListener, Stopped> {
    let listener = TcpListener::bind("127.0.0.1:0");
    let address = listener.as_ref().ok().and_then(|listener| listener.local_addr().ok());
    let (Ok(listener), Some(address)) = (listener, address) else {
        return Err(Stopped::inconclusive("cannot open a socket"));
    };
    for role in ["app", "system"] {
        let name = format!("UNDERPIN_DATABASE_{}_URL", role.to_uppercase());
        program.set(&name, &format!("postgresql://{role}:{role}@{address}/nothing"));
    }
    Ok(listener)
}

/// The sum as a process shows it.
struct Sum {
    own: i64,
    parts: i64,
    others: i64,
    connections: i64,
    reserve: i64,
    total: i64,
    limit: i64,
    on_server: i64,
    reserved: i64,
}

impl Sum {
    /// `this process O (A app + S system + D of its own) + N others C + reserve R = SUM of LIMIT (max_connections M - K …)`.
    fn read(text: &str) -> Option<Self> {
        let (_, text) = text.split_once("this process ")?;
        let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        let numbers: Vec<i64> = numbers.take(11).filter_map(|part| part.parse().ok()).collect();
        let [
            own,
            app,
            system,
            rest,
            others,
            connections,
            reserve,
            total,
            limit,
            on_server,
            reserved,
        ] = numbers[..]
        else {
            return None;
        };
        let parts = app + system + rest;
        Some(Self { own, parts, others, connections, reserve, total, limit, on_server, reserved })
    }

    fn breaches(&self, on_server: i64, processes: i64) -> Vec<String> {
        let right = [
            (self.own == self.parts, "its own parts do not add up"),
            (self.own + self.connections + self.reserve == self.total, "the sum is wrong"),
            (self.on_server - self.reserved == self.limit, "the limit is wrong"),
            (self.on_server == on_server, "max_connections is not the server's"),
            (self.total > self.limit, "what fits is refused"),
            (self.others >= processes, "not every running process is counted"),
        ];
        right.iter().filter(|(right, _)| !right).map(|(_, what)| (*what).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_read_and_judged() {
        let text = "Error: x\n this process 24 (16 app + 4 system + 4 of its own) + 3 others 72 + reserve 10 = 106 of 97 \
            (max_connections 100 - 3 reserved for administrators)";
        let sum = Sum::read(text).unwrap();
        assert_eq!((sum.total, sum.limit), (106, 97));
        assert!(sum.breaches(100, 3).is_empty());
        assert_eq!(sum.breaches(120, 4).len(), 2);
        assert!(Sum::read("this process 24").is_none());
    }
}
