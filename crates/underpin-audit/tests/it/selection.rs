use underpin_audit::{Check, Selection, Unknown};

use crate::stage::check;

fn checks() -> Vec<Check> {
    let other = Check { seeds: &["S9.9"], ..check("it.other") };
    vec![check("it.first"), check("it.second"), other]
}

fn selected(only: &[&str], seeds: &[&str]) -> Result<Vec<&'static str>, Unknown> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let selection = Selection { only: owned(only), seeds: owned(seeds) };
    Ok(selection.of(checks())?.into_iter().map(|check| check.id).collect())
}

#[test]
fn checks_are_chosen_by_id_by_finding_and_by_both() {
    assert_eq!(selected(&[], &[]).unwrap(), ["it.first", "it.second", "it.other"]);
    assert_eq!(selected(&["it.other", "it.first"], &[]).unwrap(), ["it.first", "it.other"]);
    assert_eq!(selected(&[], &["S0.2"]).unwrap(), ["it.first", "it.second"]);
    assert_eq!(selected(&["it.second", "it.other"], &["S0.1"]).unwrap(), ["it.second"]);
}

#[test]
fn a_name_that_nothing_has_is_refused() {
    let unknown = selected(&["it.frist"], &[]).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no check it.frist; there are it.first, it.second, it.other"
    );
    assert!(matches!(selected(&[], &["S0.2", "S7.7"]), Err(Unknown::Seed(seed)) if seed == "S7.7"));
}
