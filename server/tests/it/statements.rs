//! Every statement is prepared against the migrated schema, and its plan read as the role that runs it.

use tokio_postgres::types::Type;
use underpin_base::{Principal, Role, TenantId, UserId};
use underpin_db::{Purpose, Scope};
use underpin_testkit::TestDb;

fn names(types: &[Type]) -> Vec<&str> {
    types.iter().map(Type::name).collect()
}

#[tokio::test]
async fn every_statement_has_the_types_it_declares() {
    let platform = underpin_server::platform();
    let test = TestDb::new(&platform.components()).await;
    let client = test.superuser().await;
    let statements = platform.statements();
    assert!(statements.len() > 60, "only {} statements are listed", statements.len());
    for statement in &statements {
        let prepared = client.prepare_typed(statement.sql, statement.params).await;
        let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error:?}", statement.name));
        assert_eq!(
            names(prepared.params()),
            names(statement.params),
            "parameters of {}",
            statement.name
        );
        let columns: Vec<&str> =
            prepared.columns().iter().map(|column| column.type_().name()).collect();
        assert_eq!(columns, names(statement.columns), "columns of {}", statement.name);
    }
    let mut seen = std::collections::BTreeSet::new();
    for statement in &statements {
        assert!(seen.insert(statement.name), "two statements are called {}", statement.name);
    }
}

#[test]
fn every_statement_has_one_home() {
    let mut homes = std::collections::BTreeMap::new();
    for statement in underpin_server::platform().statements() {
        let words: Vec<&str> = statement.sql.split_whitespace().collect();
        let twin = homes.insert(words.join(" ").to_lowercase(), statement.name);
        assert_eq!(twin, None, "{} asks the same: one of them is to go", statement.name);
    }
}

#[tokio::test]
async fn every_statement_may_run_as_its_role_and_finds_its_rows_by_an_index() {
    let platform = underpin_server::platform();
    let test = TestDb::new(&platform.components()).await;
    let (tenant, subject) = (TenantId::new(), UserId::new());
    let investor = Principal { tenant, subject, role: Role::Investor };
    let mut app = test.db.planner(investor).await.unwrap();
    let mut system = test.db.planner(Scope::System(Purpose::Operate)).await.unwrap();
    let (mut breaches, mut needless) = (Vec::new(), Vec::new());
    for statement in platform.statements() {
        let plan = match app.plan(statement).await {
            Ok(plan) => plan,
            Err(denied) => match system.plan(statement).await {
                Ok(plan) => plan,
                Err(error) => panic!("{} runs as neither role: {denied}; {error}", statement.name),
            },
        };
        let read_whole = plan.lines().filter(|line| line.contains("Seq Scan on"));
        if statement.reads_all().is_some() {
            if read_whole.count() == 0 {
                needless.push(statement.name);
            }
        } else {
            let name = statement.name;
            breaches.extend(read_whole.map(|line| format!("{name}: {}", line.trim())));
        }
    }
    assert!(breaches.is_empty(), "no index serves:\n{}", breaches.join("\n"));
    assert!(needless.is_empty(), "an index serves {needless:?}: take `reads all` away");
}
