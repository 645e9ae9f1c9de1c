//! Rows that are read and written often are narrow, and nobody asks for more of them than is needed.

use serde_json::Value;

use crate::{Check, Outcome, Severity, Stage, Stopped, Tenant, store::ROW_BYTES};

/// Most that a row may have on the average.
const ROW_BYTES_MAX: i64 = 512;
/// Most that an item of a list may have on the average.
const ITEM_BYTES_MAX: usize = 1024;
/// The lists that every tenant's people look at.
const LISTS: [&str; 3] = ["/funds", "/investors", "/imports"];

pub(super) const CHECK: Check = Check {
    id: "db.rows",
    seeds: &["S0.18", "S3.45"],
    severity: Severity::P1,
    promise: "No row of a tenant carries a document, no statement asks for all columns, and lists say what is shown.",
    input: "the rows of tenant A in every table; the text of every statement; three lists",
    measure: "bytes of a row and of a list's item on the average; statements with `*`",
    threshold: "at most 512 bytes a row, unless a comment on the table says why; at most 1 KiB an item; no `*`",
    fault: "rows_fat",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (statements, db) = (stage.statements()?, stage.db()?);
    let a = &stage.tenants().await?.a;
    let rows = db.query(a.principal(), &ROW_BYTES, &[&a.id.to_string()]).await?;
    db.close();
    let (mut breaches, mut facts, mut widest, mut tables) = (Vec::new(), Vec::new(), 0, 0);
    for row in &rows {
        let (table, seen, bytes): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
        tables += usize::from(seen > 0);
        match row.get::<_, Option<String>>(3) {
            Some(reason) => facts.push(format!("{table} is excused: {reason}")),
            None if bytes > ROW_BYTES_MAX => breaches.push(format!("{table}: {bytes} bytes a row")),
            None => widest = widest.max(bytes),
        }
    }
    if tables == 0 {
        return Err(Stopped::inconclusive("tenant A has no rows"));
    }
    let starred = statements.iter().filter(|statement| selects_all(statement.sql));
    breaches.extend(starred.map(|statement| format!("{} asks for all columns", statement.name)));
    for list in LISTS {
        let bytes = item_bytes(a, list).await?;
        if bytes > ITEM_BYTES_MAX {
            breaches.push(format!("{list}: {bytes} bytes an item"));
        }
    }
    facts.push(format!("{tables} tables have rows; the widest has {widest} bytes on the average"));
    let count = breaches.len();
    let measured =
        format!("{count} breaches in {tables} tables and {} statements", statements.len());
    Ok(facts.into_iter().fold(Outcome::of_breaches(breaches, measured), Outcome::evidence))
}

/// Whether a statement has a `*` that stands for a table's columns: not one that counts rows, multiplies, takes a row as one value, or
/// stands for parameters, which `unnest` makes rows of.
fn selects_all(sql: &str) -> bool {
    sql.match_indices('*').any(|(at, _)| {
        let (before, after) = (sql[..at].trim_end(), sql[at + 1..].trim_start());
        let mut words = after.split_whitespace().skip_while(|word| *word != "from").skip(1);
        let of_parameters = words.next().is_some_and(|source| source.starts_with("unnest("));
        let in_comment = before.ends_with('/') || after.starts_with('/');
        if in_comment || of_parameters || (before.ends_with('.') && after.starts_with(')')) {
            return false;
        }
        let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
        let asks = ["select", "returning", "distinct", "all"];
        before.ends_with(['.', ','])
            || word.is_some_and(|word| asks.contains(&&*word.to_lowercase()))
    })
}

/// Bytes of a list's item on the average; 0 if the list is empty.
async fn item_bytes(a: &Tenant, list: &str) -> Result<usize, Stopped> {
    let answer = a.owner.get(&a.path(list)).await?.expect(200)?.json();
    let items = answer["items"].as_array().into_iter().flatten();
    let bytes: Vec<_> = items.map(|item: &Value| item.to_string().len()).collect();
    Ok(bytes.iter().sum::<usize>() / bytes.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::selects_all;

    #[test]
    fn a_star_stands_for_columns_or_for_something_else() {
        for sql in [
            "select * from t",
            "SELECT\n  *",
            "select a, *",
            "select t.* from t",
            "returning *",
            "select distinct *",
        ] {
            assert!(selects_all(sql), "{sql}");
        }
        for sql in [
            "select count(*) from t",
            "select a * b, (a) * 2, $1 * interval '1 day'",
            "/* reads all: few */ select a",
            "select avg(pg_column_size(t.*)) from t",
            "insert into t (a, b) select $1, n.* from unnest($2::uuid[]) as n",
        ] {
            assert!(!selects_all(sql), "{sql}");
        }
    }
}
