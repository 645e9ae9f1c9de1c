//! Refuses migrations that would stop a deployment while they run.
//!
//! A process of the version before serves on while a migration runs, on tables of any size. What holds a lock against it for as long as the
//! table is large, or takes away what it names, is refused with the way that does not.

use std::fmt;

use super::sentences::{Sentence, sentences};

/// Written before the linter; every one of them ran while no table held more than a demonstration.
const BEFORE: [(&str, &str); 3] =
    [("jobs", "0002_trace"), ("files", "0003_direct"), ("funds", "0002_changes")];
/// Words that the beginning of a statement is shown with.
const SHOWN_WORDS: usize = 12;
/// Functions that a default may call: they give one value for all rows.
const STABLE: [&str; 4] = ["now", "underpin.now", "statement_timestamp", "transaction_timestamp"];

/// A statement that would hold up a deployment which serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsafe {
    /// Its beginning.
    pub statement: String,
    /// What it would do.
    pub what: &'static str,
    /// What to write instead.
    pub how: &'static str,
}

impl fmt::Display for Unsafe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { statement, what, how } = self;
        write!(f, "`{statement}` {what}; {how}")
    }
}

/// What is wrong, and what to write instead.
type Rule = (&'static str, &'static str);

const INDEX: Rule = (
    "locks the table against writes while an index is built",
    "use `create index concurrently if not exists` in a migration of its own, and `add constraint ... using index` after it",
);
const MIXED: Rule = (
    "cannot run in a transaction with others",
    "a migration with `concurrently` holds only `create index concurrently if not exists` and `drop index concurrently if exists`",
);
const NOT_NULL: Rule = (
    "fails on a table with rows",
    "give the column a constant default, or add it without `not null` and fill it by a job",
);
const SCANS: Rule = (
    "reads the whole table while nobody else may use it",
    "add the check or foreign key `not valid`, and `validate constraint` it in a later migration",
);
const REWRITES: Rule = (
    "writes the whole table anew while nobody else may use it",
    "add a new column without that default or type, and fill it by a job",
);
const CONTRACTS: Rule = (
    "takes away what processes of the version before still name",
    "ship a version that does not name it first, then say so in a line before it: `-- unsafe: <reason>`",
);
const BLOCKS: Rule = (
    "holds rows or the table for as long as it is large",
    "do it by a job, in batches; if the table is small by its nature, say so in a line before it: `-- unsafe: <reason>`",
);

/// The statements of a migration that would hold up a deployment which serves.
///
/// Tables that the migration itself makes may be changed in any way. A statement passes with a line `-- unsafe: <reason>` before it.
pub fn lint(sql: &str) -> Vec<Unsafe> {
    let sentences = sentences(sql);
    let made: Vec<_> = sentences.iter().filter_map(|sentence| made_by(&sentence.bare)).collect();
    let alone = sentences.iter().all(is_concurrent);
    let refused = sentences.iter().filter(|sentence| !sentence.waived).flat_map(|sentence| {
        let rules = judge(&sentence.bare, &made, alone);
        let words = sentence.bare.split(' ').take(SHOWN_WORDS).collect::<Vec<_>>().join(" ");
        rules.into_iter().map(move |(what, how)| Unsafe { statement: words.clone(), what, how })
    });
    refused.collect()
}

/// Whether a migration may run as it is.
pub(super) fn is_exempt(component: &str, version: &str) -> bool {
    BEFORE.contains(&(component, version))
}

/// Whether a statement must run outside of a transaction.
pub(super) fn is_concurrent(sentence: &Sentence<'_>) -> bool {
    let bare = &sentence.bare;
    ["create index concurrently if not exists ", "create unique index concurrently if not exists "]
        .iter()
        .chain(&["drop index concurrently if exists "])
        .any(|beginning| bare.starts_with(beginning))
}

/// The table that a statement makes.
fn made_by(bare: &str) -> Option<&str> {
    let beginnings = ["create table ", "create unlogged table ", "create materialized view "];
    let rest = beginnings.iter().find_map(|beginning| bare.strip_prefix(beginning))?;
    Some(name(rest.strip_prefix("if not exists ").unwrap_or(rest)))
}

/// The name that a text begins with.
fn name(text: &str) -> &str {
    text.split([' ', '(']).next().unwrap_or_default()
}

fn judge(bare: &str, made: &[&str], alone: bool) -> Vec<Rule> {
    let is_new = |table: &str| made.contains(&table);
    let after = |beginnings: &[&str]| {
        let mut rests = beginnings.iter().filter_map(|beginning| bare.strip_prefix(beginning));
        rests.next()
    };
    if bare.contains(" concurrently ") {
        return if alone { Vec::new() } else { vec![MIXED] };
    }
    if after(&["create index ", "create unique index "]).is_some() {
        let table =
            bare.split_once(" on ").map_or("", |(_, rest)| name(rest.trim_start_matches("only ")));
        return if is_new(table) { Vec::new() } else { vec![INDEX] };
    }
    if let Some(rest) = after(&[
        "alter table if exists only ",
        "alter table if exists ",
        "alter table only ",
        "alter table ",
    ]) {
        let table = name(rest);
        if is_new(table) {
            return Vec::new();
        }
        return actions(&rest[table.len()..]).into_iter().filter_map(judge_action).collect();
    }
    if after(&["drop table ", "drop schema ", "drop function ", "drop view "]).is_some() {
        return vec![CONTRACTS];
    }
    if after(&["vacuum full", "cluster ", "reindex "]).is_some() {
        return vec![BLOCKS];
    }
    let changed = after(&[
        "update only ",
        "update ",
        "delete from only ",
        "delete from ",
        "truncate table ",
        "truncate ",
        "lock table ",
        "lock ",
    ]);
    if changed.is_some_and(|rest| !is_new(name(rest))) {
        return vec![BLOCKS];
    }
    Vec::new()
}

/// What an `alter table` does, one by one: its commas outside of parentheses part them.
fn actions(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut actions) = (0, 0, Vec::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' if depth == 0 => {
                actions.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    actions.push(text[start..].trim());
    actions
}

fn judge_action(action: &str) -> Option<Rule> {
    let has = |what: &str| action.contains(what);
    let begins = |what: &str| action.starts_with(what);
    let constraint = [
        "add constraint ",
        "add check ",
        "add foreign key ",
        "add unique ",
        "add primary key ",
        "add exclude ",
    ];
    if constraint.iter().any(|beginning| begins(beginning)) {
        let by_index =
            [" unique ", " unique(", " primary key", " exclude "].iter().any(|kind| has(kind));
        return match by_index {
            true if has(" using index ") => None,
            true => Some(INDEX),
            false if has(" not valid") => None,
            false => Some(SCANS),
        };
    }
    if begins("add ") {
        return judge_column(action);
    }
    if begins("alter ") {
        return match () {
            () if has(" set not null") => Some(SCANS),
            () if has(" type ") || has(" add generated ") => Some(REWRITES),
            () => None,
        };
    }
    if begins("rename ") || begins("drop column ") {
        return Some(CONTRACTS);
    }
    let rewriting = ["set logged", "set unlogged", "set tablespace ", "set access method "];
    rewriting.iter().any(|beginning| begins(beginning)).then_some(REWRITES)
}

/// `add [column] <name> <type> …`.
fn judge_column(action: &str) -> Option<Rule> {
    let has = |what: &str| action.contains(what);
    let default = action.split_once(" default ").map(|(_, rest)| rest);
    if [" serial", "bigserial", " generated "].iter().any(|kind| has(kind))
        || default.is_some_and(is_volatile)
    {
        return Some(REWRITES);
    }
    if [" unique", " primary key"].iter().any(|kind| has(kind)) {
        return Some(INDEX);
    }
    if has(" not null") && default.is_none() {
        return Some(NOT_NULL);
    }
    // Postgres reads every row for a check, also where all of them are null.
    has(" check (").then_some(SCANS)
}

/// Whether a default calls something that gives each row a value of its own.
fn is_volatile(default: &str) -> bool {
    let end = [" not null", " constraint ", " check ", " references "]
        .iter()
        .filter_map(|word| default.find(word))
        .min();
    let default = &default[..end.unwrap_or(default.len())];
    default.match_indices('(').any(|(at, _)| {
        let start = default[..at].rfind([' ', '(', ',']).map_or(0, |space| space + 1);
        let function = &default[start..at];
        !function.is_empty() && !STABLE.contains(&function)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_hold_up_a_deployment_is_refused_with_the_way_that_does_not() {
        for (sql, (what, _)) in [
            ("create index a_idx on funds.fund (a)", INDEX),
            ("create unique index a_idx on funds.fund (a) where b is null", INDEX),
            ("create index concurrently if not exists a on t (a); select 1", MIXED),
            ("create index concurrently a on t (a); select 1", MIXED),
            ("create index concurrently a on t (a)", MIXED),
            ("alter table funds.fund add column a text not null", NOT_NULL),
            ("alter table t add a uuid not null default gen_random_uuid()", REWRITES),
            ("alter table t add column a bigserial", REWRITES),
            ("alter table t add column a int check (a > 0)", SCANS),
            ("alter table t add column a int, add constraint b check (a > 0)", SCANS),
            ("alter table t add constraint b foreign key (a) references u (id)", SCANS),
            ("alter table t add constraint b unique (a)", INDEX),
            ("alter table t alter column a set not null", SCANS),
            ("alter table t alter a type bigint", REWRITES),
            ("alter table t rename column a to b", CONTRACTS),
            ("ALTER TABLE t\n  DROP COLUMN a", CONTRACTS),
            ("drop table t", CONTRACTS),
            ("update t set a = 1", BLOCKS),
            ("lock table t", BLOCKS),
        ] {
            let found = lint(sql);
            assert!(found.len() == 1 && found[0].what == what, "{sql}: {found:?}");
        }
    }

    #[test]
    fn what_holds_up_nobody_passes() {
        for sql in [
            "create table t (a int not null check (a > 0)); create index a_idx on t (a); alter table t add column b int not null",
            "create index concurrently if not exists a_idx on t (a);\n-- And another.\ncreate unique index concurrently if not exists b_idx on t (b);",
            "drop index concurrently if exists funds.a_idx",
            "alter table t add column a text, add column b boolean not null default false",
            "alter table t add column a timestamptz not null default underpin.now() + interval '6 hours'",
            "alter table t add constraint a check (a > 0) not valid; alter table t validate constraint a",
            "alter table t add constraint a unique using index a_idx",
            "alter table t drop constraint a, alter column b drop not null, enable row level security",
            "-- unsafe: one row a tenant\nupdate t set a = 1",
            "create function f() returns void language sql as $$ update t set a = 1; drop table t $$",
            "comment on column t.a is 'drop table t; update t'",
        ] {
            assert_eq!(lint(sql), [], "{sql}");
        }
    }
}
