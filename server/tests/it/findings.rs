//! Whether each finding of the audits is answered, by the checks of the whole platform or as the catalogue says.

use underpin_audit::Catalogue;

#[test]
fn each_finding_has_a_check_or_an_alias_or_a_rule_or_a_plan_and_only_one_of_them() {
    let breaches = Catalogue::built_in().breaches(&underpin_server::platform().checks());
    assert!(breaches.is_empty(), "\n  {}", breaches.join("\n  "));
}
