//! What no file may be called or contain.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::stars;
use crate::tree::visit;

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helpers", "manager", "misc", "core"];

/// Breaches of the file rules.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut breaches = Vec::new();
    for folder in ["crates", "modules", "server", "examples", "xtask", "bench", "web/src"] {
        let folder = root.join(folder);
        if folder.is_dir() {
            visit(&folder, &mut |path| check_file(root, path, &mut breaches))?;
        }
    }
    Ok(breaches)
}

fn check_file(root: &Path, path: &Path, breaches: &mut Vec<String>) -> anyhow::Result<()> {
    let place: PathBuf = path.strip_prefix(root).unwrap_or(path).into();
    let mut breach = |what: &str| breaches.push(format!("{}: {what}", place.display()));
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if !["rs", "sql", "ts", "tsx", "toml", "css", "json", "mjs"].contains(&extension) {
        return Ok(());
    }
    let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    // A catalogue of words may hold those that every page shares.
    if EMPTY_NAMES.contains(&stem) && extension != "json" {
        breach("the name says nothing; name the thing");
    }
    let text = fs::read_to_string(path).with_context(|| format!("read {}", place.display()))?;
    let in_tests =
        place.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "e2e");
    match extension {
        "rs" => {
            if stem == "mod" {
                breach("write `foo.rs` beside `foo/`");
            }
            if in_tests && sleeps(&text) {
                breach("a test sleeps; wait for a condition");
            }
            if !in_tests && text.contains("statements! {") && !holds_sql(&place) {
                breach("SQL lives in `store/`");
            }
            if !in_tests && in_store(&place) && stars::in_rust(&text) {
                breach("SQL asks for `*`: name the columns");
            }
        }
        "sql" if place.components().any(|part| part.as_os_str() == "migrations") => {
            check_sql(&text, &mut breach);
            if stars::in_sql(&text) {
                breach("SQL asks for `*` of a table: name the columns");
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether a test waits for a time rather than a condition; a stretch of time that is itself under test says so on the line before.
fn sleeps(text: &str) -> bool {
    let mut before = "";
    for line in text.lines() {
        let waits = line.replace("pg_sleep(", "").contains("sleep(");
        if waits && !before.contains("// The subject of a test") {
            return true;
        }
        before = line;
    }
    false
}

/// The database crate and tests have SQL of their own; everything else keeps it in `store`.
fn holds_sql(place: &Path) -> bool {
    place.starts_with("crates/underpin-db") || place.starts_with("xtask") || in_store(place)
}

fn in_store(place: &Path) -> bool {
    place.components().any(|part| part.as_os_str() == "store" || part.as_os_str() == "store.rs")
}

fn check_sql(text: &str, breach: &mut impl FnMut(&str)) {
    let plain: String = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase();
    if plain.contains(" now()")
        || plain.contains("current_timestamp")
        || plain.contains("current_date")
    {
        breach(
            "SQL never reads the clock: take the time as a parameter, or underpin.now() for a lease",
        );
    }
    if plain.contains(" as enum") || plain.contains(" serial") || plain.contains(" bigserial") {
        breach(
            "use text with a CHECK rather than an enum type, and UUIDv7 or an identity rather than serial",
        );
    }
    if plain.contains(" money") {
        breach("money is bigint minor units with a currency");
    }
    for line in plain.lines().map(str::trim) {
        let Some(rest) = line.strip_prefix("create table ") else { continue };
        let table = rest.split([' ', '(']).next().unwrap_or_default();
        if rest.contains("partition of") {
            continue;
        }
        let says = |what: &str| {
            let of_table = format!("alter table {table} ");
            let mut statements = plain.split(';').map(str::trim);
            statements.any(|sql| sql.starts_with(&of_table) && sql.contains(what))
        };
        let standard = plain.contains(&format!("select underpin.tenant_table('{table}'"));
        let says_so = says("enable row level security") && says("force row level security");
        if !(standard || says_so) {
            breach(&format!(
                "table {table} lacks enabled and forced row level security in its migration"
            ));
        }
    }
}
