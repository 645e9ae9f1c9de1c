//! The findings of the audits, and who answers them.

use std::{collections::BTreeMap, time::Duration};

use underpin_audit::{Answered, BadCatalogue, Catalogue, Check, Line, Outcome, Standing};

use crate::stage::check;

const FINDINGS: &str = "
'S0.1' = { severity = 'P0', module = 'db', asks = 'one', fix = 'a' }
'S0.2' = { severity = 'P1', module = 'db', asks = 'two', fix = 'b' }
'S0.10' = { severity = 'P1', module = 'db', asks = 'ten', fix = 'c' }
";

const fn naming(seeds: &'static [&'static str]) -> Check {
    Check { seeds, ..check("it.passes") }
}

fn line(check: &Check, passed: bool) -> Line {
    Line::of(check, Ok(Outcome::judge(passed, "1")), false, Duration::ZERO)
}

fn catalogue(answers: &str) -> Result<Catalogue, BadCatalogue> {
    Catalogue::read(FINDINGS, answers)
}

#[test]
fn every_item_of_the_five_audits_is_there_and_says_what_it_asks_for() {
    let catalogue = Catalogue::built_in();
    let mut rows = BTreeMap::<&str, Vec<u8>>::new();
    for finding in catalogue.iter() {
        let (audit, row) = finding.id.split_once('.').unwrap();
        rows.entry(audit).or_default().push(row.parse().unwrap());
        for text in [&finding.module, &finding.asks, &finding.fix] {
            assert!(!text.trim().is_empty() && !text.contains("  "), "{}: {text:?}", finding.id);
        }
    }
    let expected = [("S0", 52), ("S1", 68), ("S2", 90), ("S3", 50), ("S4", 33)];
    assert_eq!(rows, expected.map(|(audit, last)| (audit, (1..=last).collect())).into());
}

#[test]
fn every_plan_has_its_day_and_what_it_waits_for() {
    for finding in Catalogue::built_in().iter() {
        match &finding.answer {
            Some(Answered::Plan { planned, by }) => {
                assert!(planned.year() >= 2026 && !by.trim().is_empty(), "{}", finding.id);
            }
            Some(Answered::Rule { rule }) => assert!(rule.contains('.'), "{}: {rule}", finding.id),
            Some(Answered::Alias { .. }) | None => {}
        }
    }
}

#[test]
fn no_check_of_the_kernel_names_a_finding_that_is_not_there_or_planned() {
    let breaches = Catalogue::built_in().breaches(&underpin_audit::checks());
    // The modules' checks are not here: the server's tests know them too.
    let here: Vec<_> = breaches.iter().filter(|breach| !breach.starts_with("nobody")).collect();
    assert!(here.is_empty(), "{here:#?}");
}

#[test]
fn a_check_that_lands_is_told_which_line_to_remove() {
    let answers = "'S0.1' = { planned = '2027-01-31', by = 'Redis' }\n'S0.2' = { rule = 'a.b' }";
    let catalogue = catalogue(answers).unwrap();
    let breaches = catalogue.breaches(&[naming(&["S0.1", "S9.9"])]);
    assert_eq!(breaches.len(), 3, "{breaches:#?}");
    assert_eq!(breaches[0], "it.passes names S9.9, which no audit has");
    assert_eq!(
        breaches[1],
        "S0.1 is answered by it.passes: remove the line that begins with \"S0.1\" from \
         crates/underpin-audit/catalogue/answers.toml, or run `cargo xtask catalogue`"
    );
    assert!(breaches[2].starts_with("nobody answers S0.10: "), "{}", breaches[2]);
    assert!(catalogue.breaches(&[naming(&["S0.10"])]).is_empty());
}

#[test]
fn what_contradicts_itself_is_no_catalogue() {
    for (answers, reason) in [
        ("'S0.3' = { rule = 'a.b' }", "S0.3 answers S0.3, which no audit has"),
        ("'S0.1' = { alias_of = ['S0.9'] }", "S0.1 answers S0.9, which no audit has"),
        ("'S0.1' = { alias_of = ['S0.1'] }", "S0.1 is an alias of itself"),
        ("'S0.1' = { alias_of = [] }", "S0.1 is an alias of itself, or of nothing"),
        (
            "'S0.1' = { alias_of = ['S0.2'] }\n'S0.2' = { alias_of = ['S0.10', 'S0.1'] }",
            "is an alias of itself",
        ),
        ("'S0.1' = { planned = 'soon', by = 'x' }", "cannot be read"),
        ("'S0.1' = { planned = '2027-01-31' }", "cannot be read"),
        ("'S0.1' = { planned = '2027-01-31', by = 'x', rule = 'a.b' }", "cannot be read"),
        ("'S0.1' = { rule = 'a.b' }\n'S0.1' = { rule = 'a.b' }", "cannot be read"),
    ] {
        let error = catalogue(answers).unwrap_err().to_string();
        assert!(error.contains(reason), "{answers}: {error}");
    }
    let error = Catalogue::read(&FINDINGS.replace("S0.10", "S0.010"), "").unwrap_err();
    assert_eq!(error.to_string(), "S0.010 is no number of a finding");
}

#[test]
fn an_alias_stands_as_the_worst_of_what_it_leads_to() {
    let alias = "'S0.1' = { alias_of = ['S0.2', 'S0.10'] }\n";
    let standing = |answers: &str, lines: &[Line]| {
        let catalogue = catalogue(&format!("{alias}{answers}")).unwrap();
        catalogue.standing(catalogue.find("S0.1").unwrap(), lines)
    };
    let (two, both) = (naming(&["S0.2"]), naming(&["S0.2", "S0.10"]));
    assert_eq!(standing("", &[line(&both, true)]), Standing::Answered);
    assert_eq!(standing("", &[line(&both, false)]), Standing::Open);
    assert_eq!(standing("", &[line(&two, true), line(&both, false)]), Standing::Open);
    assert_eq!(standing("", &[line(&two, true)]), Standing::NotAsked);
    let planned = "'S0.10' = { planned = '2027-01-31', by = 'Redis' }";
    assert_eq!(standing(planned, &[line(&two, true)]), Standing::Planned);
    let held = "'S0.10' = { rule = 'a.b' }";
    assert_eq!(standing(held, &[line(&two, true)]), Standing::Answered);
}
