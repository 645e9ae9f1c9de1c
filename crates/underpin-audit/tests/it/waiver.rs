use underpin_audit::{Check, Waivers};

use crate::stage::check;

const CHECKS: [Check; 2] = [check("it.fails"), check("it.passes")];

fn waiver(check: &str, owner: &str, reason: &str, until: &str) -> String {
    format!(
        "[[waiver]]\ncheck = '{check}'\nowner = '{owner}'\nreason = '{reason}'\nuntil = '{until}'\n"
    )
}

fn parse(text: &str) -> Result<Waivers, String> {
    let parsed = Waivers::parse(text, &CHECKS, "2026-11-22".parse().unwrap());
    parsed.map_err(|error| error.to_string())
}

#[test]
fn a_waiver_holds_until_the_end_of_its_day() {
    let waivers = parse(&waiver("it.fails", "Ada", "mended soon", "2026-11-22")).unwrap();
    assert_eq!(waivers.of("it.fails").unwrap().owner, "Ada");
    assert!(waivers.of("it.passes").is_none());
    assert!(parse("").unwrap().of("it.fails").is_none());
    let error = parse(&waiver("it.fails", "Ada", "mended soon", "2026-11-21")).unwrap_err();
    let expected =
        "the waiver of it.fails by Ada ended on 2026-11-21: mend what fails, or decide anew";
    assert_eq!(error, expected);
}

#[test]
fn what_is_written_wrong_waives_nothing_in_silence() {
    let good = waiver("it.fails", "Ada", "mended soon", "2027-01-31");
    for (text, reason) in [
        (waiver("it.fial", "Ada", "x", "2027-01-31"), "names it.fial; there is no such check"),
        (waiver("it.fails", " ", "x", "2027-01-31"), "the waiver of it.fails has no owner"),
        (waiver("it.fails", "Ada", "", "2027-01-31"), "the waiver of it.fails has no reason"),
        (waiver("it.fails", "Ada", "x", "some day"), "cannot be understood"),
        (format!("{good}{good}"), "it.fails is waived twice"),
        (good.replace("reason = 'mended soon'\n", ""), "cannot be understood"),
        (good.replace("until = '2027-01-31'\n", ""), "cannot be understood"),
        (format!("{good}severity = 'P2'\n"), "cannot be understood"),
        (good.replace("[[waiver]]", "[[waivers]]"), "cannot be understood"),
    ] {
        let error = parse(&text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}
