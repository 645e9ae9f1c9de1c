use std::time::Duration;

use serde_json::json;
use underpin_audit::{Catalogue, Check, Line, Outcome, Scorecard, Severity, Stopped};

use crate::stage::check;

fn line(check: &Check, ended: Result<Outcome, Stopped>) -> Line {
    Line::of(check, ended, false, Duration::from_millis(1_234))
}

fn passed() -> Line {
    line(&check("it.passes"), Ok(Outcome::judge(true, "3 of 3").evidence("a fact")))
}

fn failed() -> Line {
    line(&check("it.fails"), Ok(Outcome::judge(false, "2 of 3")))
}

fn skipped() -> Line {
    line(&check("it.skips"), Err(Stopped::skip("not here")))
}

fn inconclusive() -> Line {
    line(&check("it.tries"), Err(Stopped::inconclusive("nothing came")))
}

#[test]
fn the_exit_code_is_0_for_passes_1_for_a_failure_and_2_for_less_than_that() {
    for (lines, code) in [
        (vec![passed()], 0),
        (vec![passed(), passed()], 0),
        (vec![passed(), failed()], 1),
        (vec![failed(), inconclusive(), skipped()], 1),
        (vec![passed(), skipped()], 2),
        (vec![passed(), inconclusive()], 2),
        (vec![], 2),
    ] {
        let scorecard = Scorecard::of(lines);
        assert_eq!(scorecard.exit_code(), code, "{}", scorecard.summary());
    }
}

#[test]
fn the_json_has_the_score_and_a_line_of_each_check() {
    let scorecard = Scorecard::of(vec![passed(), skipped()]);
    let items = scorecard.items;
    assert_eq!(items.held + items.not_asked + items.planned + items.open, 293);
    let of = |severity| Catalogue::built_in().iter().filter(|f| f.severity == severity).count();
    let expected = json!({
        "score": { "pass": 1, "fail": 0, "inconclusive": 0, "skip": 1, "unproven": 2 },
        "waived": 0,
        "severities": {
            "P0": { "checks": 0, "pass": 0, "items": of(Severity::P0), "answered": 0 },
            "P1": { "checks": 2, "pass": 1, "items": of(Severity::P1), "answered": 0 },
            "P2": { "checks": 0, "pass": 0, "items": of(Severity::P2), "answered": 0 },
        },
        "items": {
            "total": 293, "answered": 0, "open": 2, "held": items.held, "not_asked": items.not_asked,
            "planned": items.planned,
        },
        "checks": [
            {
                "id": "it.passes", "seeds": ["S0.1", "S0.2"], "severity": "P1", "verdict": "pass",
                "measured": "3 of 3", "threshold": "none", "proven": false, "evidence": ["a fact"],
            },
            {
                "id": "it.skips", "seeds": ["S0.1", "S0.2"], "severity": "P1", "verdict": "skip",
                "measured": null, "threshold": "none", "proven": false, "evidence": ["not here"],
            },
        ],
    });
    assert_eq!(serde_json::to_value(&scorecard).unwrap(), expected);
}

#[test]
fn a_line_says_what_was_promised_where_it_was_not_kept() {
    assert_eq!(
        passed().to_text(),
        "pass         P1 it.passes                  3 of 3  [unproven, 1.2 s]\n                a fact"
    );
    let text = failed().to_text();
    assert!(text.contains("promise: A promise.") && text.contains("must be: none"), "{text}");
    assert!(inconclusive().to_text().contains("nothing came"));
}

#[test]
fn breaches_beyond_the_first_dozen_are_counted() {
    let breaches = (0..20).map(|n| format!("breach {n}")).collect();
    let outcome = Outcome::of_breaches(breaches, "20 breaches");
    assert!(!outcome.passed);
    assert_eq!(outcome.evidence.len(), 13);
    assert_eq!(outcome.evidence.last().unwrap(), "and 8 more");
    assert!(Outcome::of_breaches(Vec::new(), "none").passed);
}

#[test]
fn the_summary_names_what_is_not_a_pass() {
    let scorecard = Scorecard::of(vec![passed(), failed(), skipped(), inconclusive()]);
    let summary = scorecard.summary();
    let (checks, items) = summary.split_once('\n').unwrap();
    let expected = "1 of 4 checks pass, 1 fail, 1 inconclusive, 1 skipped, 4 unproven: \
                    P0 0 of 0, P1 1 of 4, P2 0 of 0";
    assert_eq!(checks, expected);
    assert!(items.starts_with("they answer 0 of 293 items: P0 0 of "), "{items}");
    assert!(items.contains("; 2 open"), "what a failing check names is open: {items}");
}

#[test]
fn a_finding_is_answered_once_however_many_checks_name_it() {
    let twice = vec![passed(), Line { id: "it.passes_too", ..passed() }];
    let scorecard = Scorecard::of(twice);
    assert_eq!((scorecard.score.pass, scorecard.items.answered), (2, 2));
    assert_eq!(scorecard.severities[&Severity::P1].pass, 2);
    assert!(scorecard.summary().contains("they answer 2 of 293 items"), "{}", scorecard.summary());
}
