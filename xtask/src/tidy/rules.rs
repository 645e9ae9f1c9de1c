//! The rules that answer a finding of the audits are there: the catalogue names none that CI does not hold.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use toml::{Table, Value};

use crate::catalogue::ANSWERS;

/// A rule, the file that holds it, and the function that does.
const RULES: &[(&str, &str, &str)] = &[
    ("tidy.globals", "xtask/src/tidy/globals.rs", "check"),
    ("tidy.secrets", "xtask/src/tidy/secrets.rs", "check"),
    ("tidy.one_store", "xtask/src/tidy/web.rs", "check"),
    ("statements.one_home", "server/tests/it/statements.rs", "every_statement_has_one_home"),
    (
        "catalogue.whole",
        "server/tests/it/findings.rs",
        "each_finding_has_a_check_or_an_alias_or_a_rule_or_a_plan_and_only_one_of_them",
    ),
];

/// Breaches: a rule that the catalogue names and nothing holds; one that holds and answers nothing.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(root.join(ANSWERS)).with_context(|| format!("read {ANSWERS}"))?;
    let mut breaches = compare(&named(&text.parse()?));
    for (rule, file, function) in RULES {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("read {file}"))?;
        if !text.contains(&format!("fn {function}(")) {
            breaches.push(format!("{file}: {rule} is to be held by fn {function}"));
        }
    }
    Ok(breaches)
}

/// The rules that the catalogue names, each with a finding.
fn named(answers: &Table) -> BTreeMap<&str, &str> {
    let rules = answers.iter().filter_map(|(id, answer)| {
        let rule = answer.get("rule").and_then(Value::as_str)?;
        Some((rule, id.as_str()))
    });
    rules.collect()
}

fn compare(named: &BTreeMap<&str, &str>) -> Vec<String> {
    let unheld = named.iter().filter(|(rule, _)| !RULES.iter().any(|(held, ..)| held == *rule));
    let unheld =
        unheld.map(|(rule, id)| format!("{ANSWERS}: {id} names {rule}, which nothing holds"));
    let idle = RULES.iter().filter(|(rule, ..)| !named.contains_key(rule));
    let idle = idle.map(|(rule, ..)| format!("{ANSWERS}: no finding names {rule}"));
    unheld.chain(idle).collect()
}

#[cfg(test)]
mod tests {
    use super::{RULES, compare, named};

    #[test]
    fn a_rule_that_nothing_holds_and_one_that_answers_nothing_are_told() {
        let mut text: String = RULES
            .iter()
            .skip(1)
            .map(|(rule, ..)| format!("'{rule}' = {{ rule = '{rule}' }}\n"))
            .collect::<Vec<_>>()
            .concat();
        text.push_str("'S9.9' = { rule = 'tidy.nothing' }\n'S9.8' = { planned = '2027-01-31' }\n");
        let table = text.parse().unwrap();
        let breaches = compare(&named(&table)).join("\n");
        assert!(breaches.contains("S9.9 names tidy.nothing, which nothing holds"), "{breaches}");
        assert!(breaches.contains("no finding names tidy.globals"), "{breaches}");
        assert_eq!(breaches.lines().count(), 2, "{breaches}");
    }
}
