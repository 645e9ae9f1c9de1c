//! `*` of a table: its answer changes with the table, and carries what nobody asked for.

/// Whether the SQL of a Rust file asks for `*` of rows that have no list of columns beside it.
pub(super) fn in_rust(text: &str) -> bool {
    asks(&plain(text, &["//", "--"]), true)
}

/// Whether a migration does; in a function, `t.*` of a list that stands above it is its own business.
pub(super) fn in_sql(text: &str) -> bool {
    asks(&plain(text, &["--"]), false)
}

/// The text in lower case, on one line, without comments.
fn plain(text: &str, comments: &[&str]) -> String {
    let code = text.lines().map(|line| {
        let ends = comments.iter().filter_map(|mark| line.find(mark));
        &line[..ends.min().unwrap_or(line.len())]
    });
    let code = code.collect::<Vec<_>>().join(" ").to_lowercase();
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn asks(sql: &str, aliases: bool) -> bool {
    sql.match_indices('*').any(|(at, _)| {
        let (before, after) = (sql[..at].trim_end(), sql[at + 1..].trim_start());
        let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        match word {
            "returning" => true,
            "select" | "distinct" => !of_a_list(after),
            _ if before.ends_with(',') => after.starts_with("from ") && !of_a_list(after),
            _ => {
                let alias =
                    before.strip_suffix('.').and_then(|rest| rest.rsplit([' ', '(']).next());
                aliases && alias.is_some_and(|alias| is_a_table(alias, after))
            }
        }
    })
}

/// Whether the rest of a statement, which ends with its string, gives this name to a table: `from schema.table [as] name`.
fn is_a_table(alias: &str, after: &str) -> bool {
    let rest = after.split('"').next().unwrap_or_default();
    let words: Vec<&str> = rest.split([' ', ',', ')']).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let table = word.contains('.') && !word.contains('(');
        let after = words[at + 1..].iter().find(|word| **word != "as");
        table && matches!(words[..at].last(), Some(&("from" | "join"))) && after == Some(&alias)
    })
}

/// Whether what follows `*` is a call or a list in parentheses, whose columns are named where it stands.
fn of_a_list(after: &str) -> bool {
    let source = after.strip_prefix("from ").unwrap_or_default();
    source.find('(').is_some_and(|paren| !source[..paren].contains([' ', ',', ';', '"']))
}

#[cfg(test)]
mod tests {
    use super::{in_rust, in_sql};

    #[test]
    fn every_column_of_a_table_is_refused() {
        for sql in [
            "= \"select * from funds.fund where id = $1\"",
            "= \"\n  SELECT\n  *\n  FROM funds.fund\"",
            "= \"delete from funds.fund where id = $1 returning *\"",
            "= \"insert into a.b (c) values ($1)\n returning  *\"",
            "= \"select distinct * from funds.fund\"",
            "= \"select id, * from funds.fund\"",
            "= \"select f.* from funds.fund f\"",
            "= \"select a.id, f.* from funds.allocation a join funds.fund as f on f.id = a.fund_id\"",
        ] {
            assert!(in_rust(sql), "{sql}");
        }
        assert!(in_sql("create view v as select * from a.b;"));
        assert!(in_sql("with gone as (delete from a.b returning *) select 1;"));
    }

    #[test]
    fn a_count_a_product_and_a_list_with_its_columns_are_not() {
        for sql in [
            "= \"select count(*) from funds.fund\"",
            "= \"select called * 2 from funds.fund\"",
            "= \"select * from unnest($1, $2) as g (id, topic)\"",
            "= \"select * from (values (1, 2)) as v (a, b)\"",
            "= \"select $1, n.* from unnest($2) as n (id, name)\", \"select n.id from funds.note n\"",
            "/// select * from funds.fund\n= \"select id from funds.fund\" // returning *",
            "let row = rows(a, *b);",
        ] {
            assert!(!in_rust(sql), "{sql}");
        }
        assert!(!in_sql("select s.*, 1 from s; -- select * from a.b"));
    }
}
