//! A migration that would stop a deployment is refused before it runs.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

use crate::{Check, Error, Outcome, Result, Severity, Stage, Stopped};

/// Longest that one look at a migration may take.
const LIMIT: Duration = Duration::from_secs(20);
/// Each would hold a lock for as long as a table is large, or take away what a running process names.
const UNSAFE: [&str; 9] = [
    "create index fund_vintage_idx on funds.fund (tenant_id, vintage);",
    "alter table funds.fund add column audit_token uuid not null default gen_random_uuid();",
    "alter table funds.fund add column audit_note text not null;",
    "alter table funds.fund add constraint audit_vintage check (vintage > 1900);",
    "alter table funds.fund alter column vintage set not null;",
    "alter table funds.fund alter column vintage type bigint;",
    "alter table funds.fund rename column vintage to year;",
    "update funds.fund set strategy = '';",
    "create index concurrently if not exists a on funds.fund (tenant_id, vintage); alter table funds.fund add column b text;",
];
/// The same ends by ways that hold up nobody.
const SAFE: [&str; 3] = [
    "create index concurrently if not exists fund_vintage_idx on funds.fund (tenant_id, vintage);",
    "alter table funds.fund add column audit_note text, add constraint audit_vintage check (vintage > 1900) not valid;",
    "create table funds.audit_note (tenant_id uuid not null, id uuid not null, primary key (tenant_id, id));
     create index audit_note_idx on funds.audit_note (id); select underpin.tenant_table('funds.audit_note');",
];

pub(super) const CHECK: Check = Check {
    id: "migrate.online",
    seeds: &["S3.15"],
    severity: Severity::P1,
    promise: "A migration that would hold up a deployment which serves is refused before it runs, with the way that does not.",
    input: "nine migrations of that kind and three that reach the same otherwise, judged by the deployment's program; its own migrations",
    measure: "exit codes of `migrate --check`",
    threshold: "1 for each of the nine, 0 for the others",
    fault: "lint_off",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let deployment = stage.deployment()?;
    if !deployment.is_local() {
        return Err(Stopped::skip("runs the deployment's program: only on this machine"));
    }
    let program = deployment.program()?;
    let environment = stage.web()?.swap_remove(0).1.environment()?;
    let judge = async |sql: Option<&str>| {
        let mut command = Command::new(&program);
        command.args(["migrate", "--check"]).args(sql.map(|_| "-"));
        command.env_clear().envs(&environment);
        code(command, sql.unwrap_or_default(), &program).await
    };
    let mut breaches = Vec::new();
    for sql in UNSAFE {
        if judge(Some(sql)).await? != Some(1) {
            breaches.push(format!("not refused: {sql}"));
        }
    }
    for sql in SAFE {
        if judge(Some(sql)).await? != Some(0) {
            breaches.push(format!("refused: {sql}"));
        }
    }
    if judge(None).await? != Some(0) {
        breaches.push("the program's own migrations are not all safe".to_owned());
    }
    let measured =
        format!("{} of {} migrations are misjudged", breaches.len(), UNSAFE.len() + SAFE.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

/// The exit code of a command that is told a text.
async fn code(mut command: Command, text: &str, program: &Path) -> Result<Option<i32>> {
    let failed = |source| Error::Process { what: format!("run {}", program.display()), source };
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes()).await.map_err(failed)?;
    }
    match timeout(LIMIT, child.wait()).await {
        Ok(status) => Ok(status.map_err(failed)?.code()),
        Err(_) => Err(Error::Late("the end of a `migrate --check`".to_owned())),
    }
}
