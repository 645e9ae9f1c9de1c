//! No statement needs to read a table whole.

use underpin_base::{Principal, Role};
use underpin_db::{Purpose, Scope};

use crate::{Check, Outcome, Severity, Stage, Stopped};

pub(super) const CHECK: Check = Check {
    id: "db.plans",
    seeds: &["S1.46"],
    severity: Severity::P1,
    promise: "Every statement of the program finds its rows by an index of the deployment's database.",
    input: "the generic plan of each statement of the program, as the role that runs it, for an investor of tenant A",
    measure: "plans that read a table whole although reading by an index was to be preferred; statements that neither role may run",
    threshold: "none, unless the statement itself says why",
    fault: "index_dropped",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (statements, db) = (stage.statements()?, stage.db()?);
    let a = &stage.tenants().await?.a;
    let investor = Principal { subject: a.investor.user, role: Role::Investor, ..a.principal() };
    let mut app = db.planner(investor).await?;
    let mut system = db.planner(Scope::System(Purpose::Operate)).await?;
    let (mut breaches, mut excused) = (Vec::new(), Vec::new());
    for statement in statements {
        let name = statement.name;
        let plan = match app.plan(statement).await {
            Ok(plan) => plan,
            Err(denied) => match system.plan(statement).await {
                Ok(plan) => plan,
                Err(error) => {
                    breaches.push(format!("{name} runs as neither role: {denied}; {error}"));
                    continue;
                }
            },
        };
        let read_whole: Vec<_> =
            plan.lines().filter(|line| line.contains("Seq Scan on")).map(str::trim).collect();
        match statement.reads_all() {
            _ if read_whole.is_empty() => {}
            Some(reason) => excused.push(format!("{name} is excused: {reason}")),
            None => breaches.push(format!("{name}: {}", read_whole.join("; "))),
        }
    }
    db.close();
    let measured = format!("{} of {} plans read a table whole", breaches.len(), statements.len());
    let outcome = Outcome::of_breaches(breaches, measured);
    Ok(excused.into_iter().fold(outcome, Outcome::evidence))
}
