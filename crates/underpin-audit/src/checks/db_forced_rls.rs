//! The tables themselves keep tenants apart: forced row level security, policies for every right, and nobody above them.

use futures_util::future::try_join_all;
use underpin_db::{Db, Purpose, Row, Scope};

use crate::{
    Check, Outcome, Person, Result, Severity, Stage, Stopped, Tenant,
    store::{DEFINERS, ROLE, TABLES, VISIBLE},
};

/// What every role may read: which migrations the database has.
const OPEN_TO_ALL: &str = "underpin.migration";
/// Rights that pass row level security by, or give a table another owner's code.
const PASSES_BY: [&str; 3] = ["REFERENCES", "TRIGGER", "TRUNCATE"];
/// Requests of each tenant that share the deployment's connections.
const INTERLEAVED: usize = 40;

pub(super) const CHECK: Check = Check {
    id: "db.forced_rls",
    seeds: &["S0.35", "S0.38", "S3.2"],
    severity: Severity::P0,
    promise: "The database itself shows each tenant's rows to that tenant only, whatever a statement forgets.",
    input: "the catalogue as the roles app and system; every readable table without a scope, as A, and after A as B on one \
            connection; 80 requests of A and B by turns",
    measure: "tables without enabled and forced row level security, without a policy for a right, or owned by a serving role; \
              roles above it; rows seen without a scope or of another tenant",
    threshold: "none of any",
    fault: "policy_dropped",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (tenants, db) = (stage.tenants().await?, stage.db()?);
    let mut breaches = Vec::new();
    let tables = check_tables(&db, &mut breaches).await?;
    for scope in [unscoped(), Scope::System(Purpose::Operate)] {
        check_role(&db, scope, &mut breaches).await?;
    }
    let seen = check_rows(&db, &tenants.a, &tenants.b, &mut breaches).await?;
    db.close();
    if seen == 0 {
        return Err(Stopped::inconclusive("tenant A sees no row of its own: nothing was tested"));
    }
    let requests = check_requests(&tenants.a, &tenants.b, &mut breaches).await?;
    let measured = format!("{} breaches in {tables} tables", breaches.len());
    let counts = format!("A sees {seen} rows of its own; {requests} requests by turns");
    Ok(Outcome::of_breaches(breaches, measured).evidence(counts))
}

/// A transaction that nobody opened for anything.
const fn unscoped() -> Scope {
    Scope::Presented(String::new())
}

/// What the catalogue says of each table, as role app; gives how many there are.
async fn check_tables(db: &Db, breaches: &mut Vec<String>) -> Result<usize> {
    let tables: Vec<_> = db.query(unscoped(), &TABLES, &[]).await?.iter().map(Table::of).collect();
    let role: String = db.query_one(unscoped(), &ROLE, &[]).await?.get(0);
    for table in tables.iter().filter(|table| table.name != OPEN_TO_ALL) {
        table.check(&role, breaches);
    }
    for row in db.query(unscoped(), &DEFINERS, &[]).await? {
        let function: String = row.get(0);
        breaches.push(format!("{role} may call {function}, which runs with its owner's rights"));
    }
    Ok(tables.len())
}

struct Table {
    name: String,
    /// `off`, `enabled`, `forced`.
    security: String,
    partition: bool,
    has_tenant: bool,
    owner: String,
    rights: Vec<String>,
    covered: Vec<String>,
    open: Vec<String>,
}

impl Table {
    fn of(row: &Row) -> Self {
        Self {
            name: format!("{}.{}", row.get::<_, &str>(0), row.get::<_, &str>(1)),
            security: row.get(2),
            partition: row.get(3),
            has_tenant: row.get(4),
            owner: row.get(5),
            rights: row.get(6),
            covered: row.get(7),
            open: row.get(8),
        }
    }

    fn check(&self, role: &str, breaches: &mut Vec<String>) {
        let name = &self.name;
        let mut breach = |what: String| breaches.push(format!("{name}: {what}"));
        if self.security != "forced" {
            breach(format!("row level security is {}, not forced", self.security));
        }
        if self.owner == role {
            breach(format!("belongs to {role}"));
        }
        if self.partition && !self.rights.is_empty() {
            breach(format!("a partition that {role} reaches past its parent"));
        }
        for right in &self.rights {
            if PASSES_BY.contains(&right.as_str()) {
                breach(format!("{role} may {right}, which no policy judges"));
            } else if !self.covered.iter().any(|verb| verb == "ALL" || verb == right) {
                breach(format!("{role} may {right} and no policy says which rows"));
            }
        }
        if self.has_tenant {
            for policy in &self.open {
                breach(format!("policy {policy} lets every row through"));
            }
        }
    }
}

async fn check_role(db: &Db, scope: Scope, breaches: &mut Vec<String>) -> Result<()> {
    let row = db.query_one(scope, &ROLE, &[]).await?;
    let role: String = row.get(0);
    for (column, what) in [
        (1, "is a superuser"),
        (2, "passes row level security by"),
        (3, "may make roles or databases"),
    ] {
        if row.get(column) {
            breaches.push(format!("role {role} {what}"));
        }
    }
    for (column, what) in [
        (4, "tables of its own"),
        (5, "places where it may make tables"),
        (6, "roles whose rights it has"),
    ] {
        let count: i64 = row.get(column);
        if count > 0 {
            breaches.push(format!("role {role} has {count} {what}"));
        }
    }
    Ok(())
}

/// What one connection shows without a scope, for A, without one again, and for B; gives how many rows A sees.
async fn check_rows(db: &Db, a: &Tenant, b: &Tenant, breaches: &mut Vec<String>) -> Result<i64> {
    let mut seen_by_a = 0;
    let turns =
        [("nobody", None), ("A", Some(a)), ("nobody after A", None), ("B after A", Some(b))];
    for (who, tenant) in turns {
        let scope = tenant.map_or_else(unscoped, |tenant| tenant.principal().into());
        let id = tenant.map(|tenant| tenant.id.to_string()).unwrap_or_default();
        for row in db.query(scope, &VISIBLE, &[&id]).await? {
            let (table, seen, others): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
            if tenant.is_none() && seen > 0 && table != OPEN_TO_ALL {
                breaches.push(format!("{who} sees {seen} rows of {table}"));
            }
            if tenant.is_some() && others > 0 {
                breaches.push(format!("{who} sees {others} rows of others in {table}"));
            }
            if who == "A" && table != OPEN_TO_ALL {
                seen_by_a += seen;
            }
        }
    }
    Ok(seen_by_a)
}

/// Requests of both tenants at the same time, over the connections that the deployment shares between them.
async fn check_requests(a: &Tenant, b: &Tenant, breaches: &mut Vec<String>) -> Result<usize> {
    let funds = async |person: &Person, tenant: &Tenant, other: &Tenant| {
        let answer = person.get(&tenant.path("/funds")).await?.expect(200)?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let (own, foreign) = (tenant.things.fund.to_string(), other.things.fund.to_string());
        let good = text.contains(&own) && !text.contains(&foreign);
        Ok::<_, crate::Error>((!good).then(|| format!("{}: another tenant's book", answer.what)))
    };
    let turns = (0..INTERLEAVED).flat_map(|_| [(a, b), (b, a)]);
    let turns = turns.map(|(tenant, other)| funds(&tenant.owner, tenant, other));
    let answers = try_join_all(turns).await?;
    let requests = answers.len();
    breaches.extend(answers.into_iter().flatten());
    Ok(requests)
}
