//! Every statement is prepared against the migrated schema, and its plan read as the role that runs it.

use tokio_postgres::{Client, NoTls, types::Type};
use underpin_db::Statement;
use underpin_testkit::TestDb;

/// Statements that may read a whole table, each with the reason.
const WHOLE_TABLE: &[(&str, &str)] = &[
    ("db.list_applied", "the list of migrations is read whole, at start"),
    ("log.get_floors", "the pending events are few: they are gone within a second"),
    ("log.delete_heads", "hourly, over one narrow row per topic"),
    ("jobs.delete_fires", "hourly, over a ledger of a week of ticks"),
    ("jobs.list_queues", "an operator's question about the live jobs as a whole"),
    ("jobs.delete_leases", "at the start of `dev`, over the living workers"),
    ("audit.get_role", "an audit asks the catalogue once"),
    ("audit.list_migrations", "an audit asks a database of its own"),
];

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

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
    let (app, system) = (connect(&test.app_url).await, connect(&test.system_url).await);
    for client in [&app, &system] {
        let settings = "set underpin.tenant = '01890000-0000-7000-8000-000000000001';
            set underpin.subject = '01890000-0000-7000-8000-000000000002'; set underpin.role = 'investor';
            set plan_cache_mode = force_generic_plan; set enable_seqscan = off";
        client.batch_execute(settings).await.unwrap();
    }
    let mut breaches = Vec::new();
    for (at, statement) in platform.statements().into_iter().enumerate() {
        let plan = match explain(&app, statement, at).await {
            Ok(plan) => plan,
            Err(denied) => match explain(&system, statement, at).await {
                Ok(plan) => plan,
                Err(error) => panic!("{} runs as neither role: {denied}; {error}", statement.name),
            },
        };
        let allowed = WHOLE_TABLE.iter().any(|(name, _)| *name == statement.name);
        for line in plan.lines().filter(|line| line.contains("Seq Scan on") && !allowed) {
            breaches.push(format!("{}: {}", statement.name, line.trim()));
        }
    }
    assert!(breaches.is_empty(), "no index serves:\n{}", breaches.join("\n"));
}

/// The generic plan of a statement, or the message of its refusal.
async fn explain(client: &Client, statement: &Statement, at: usize) -> Result<String, String> {
    let types = statement.params.iter().map(type_name).collect::<Vec<_>>().join(", ");
    let types = if types.is_empty() { String::new() } else { format!("({types})") };
    let nulls = vec!["null"; statement.params.len()].join(", ");
    let nulls = if nulls.is_empty() { String::new() } else { format!("({nulls})") };
    let message = |error: tokio_postgres::Error| {
        error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned())
    };
    client
        .batch_execute(&format!("prepare p{at}{types} as {}", statement.sql))
        .await
        .map_err(message)?;
    let rows =
        client.query(&format!("explain execute p{at}{nulls}"), &[]).await.map_err(message)?;
    Ok(rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n"))
}

/// A type as SQL writes it.
fn type_name(kind: &Type) -> String {
    kind.name()
        .strip_prefix('_')
        .map_or_else(|| kind.name().to_owned(), |element| format!("{element}[]"))
}
