//! What every check must say of itself.

use std::collections::BTreeSet;

/// The check that is worth asking and asks less than its finding, which is planned.
const ASKS_LESS: &str = "writes.rivals";

#[test]
fn every_check_of_the_kernel_says_what_it_promises_and_what_breaks_it() {
    let checks = underpin_audit::checks();
    assert!(checks.len() >= 43, "{}", checks.len());
    let (mut ids, mut faults) = (BTreeSet::new(), BTreeSet::new());
    for check in &checks {
        let id = check.id;
        assert!(ids.insert(id), "{id} twice");
        assert!(faults.insert(check.fault), "{id}: another check has the fault {}", check.fault);
        assert!(id.contains('.'), "{id} is no <what>.<which>");
        assert!(check.promise.ends_with('.'), "{id}: a promise is a sentence");
        for text in [check.promise, check.input, check.measure, check.threshold] {
            assert!(!text.is_empty() && !text.contains("  "), "{id}: {text:?}");
        }
        assert!(!check.seeds.is_empty() || id == ASKS_LESS, "{id} answers no finding");
        for seed in check.seeds {
            let number = seed.strip_prefix('S').and_then(|seed| seed.split_once('.'));
            let number = number.map(|(audit, row)| (audit.parse::<u8>(), row.parse::<u8>()));
            assert!(matches!(number, Some((Ok(0..=4), Ok(1..)))), "{id}: {seed}");
        }
    }
}
