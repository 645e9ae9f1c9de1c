use std::time::Duration;

use underpin_audit::{About, Check, Line, Outcome, Scorecard, Severity, Waivers};

use crate::stage::{FAILS, check};

fn about() -> About {
    let at = "2026-11-22T08:00:00Z".parse().unwrap();
    About { deployment: "https://a.example/?<b>&'c'".to_owned(), at, commit: None }
}

fn line(check: &Check, outcome: Outcome) -> Line {
    Line::of(check, Ok(outcome), true, Duration::ZERO)
}

/// The text of a page from one mark to another.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    page.split_once(from).unwrap().1.split_once(to).unwrap().0
}

#[test]
fn each_check_stands_under_its_severity_with_where_impact_and_fix() {
    let leak = Check { severity: Severity::P0, seeds: &["S0.12"], ..check("it.leaks") };
    let lines = vec![
        line(&check("it.passes"), Outcome::judge(true, "3 of 3")),
        line(&FAILS, Outcome::judge(false, "1 breach").evidence("the first")),
        line(&leak, Outcome::judge(true, "0 rows")),
    ];
    let page = Scorecard::of(lines).to_html(&about());
    let p0 = between(&page, "<h2>P0", "<h2>P1");
    assert!(p0.contains("1 of 1 checks pass; 1 of "), "{p0}");
    for part in [
        "it.leaks",
        "<dt>Where</dt><dd><p>something</p>",
        "<dt>Impact</dt>",
        "double-inserts",
        "<dt>Fix</dt>",
        "stored response",
        "<dt>Measured</dt><dd>0 rows</dd>",
        "<dt>Threshold</dt><dd>none</dd>",
        "yes: seen to fail on <code>some_fault</code>",
    ] {
        assert!(p0.contains(part), "{part}: {p0}");
    }
    let p1 = between(&page, "<h2>P1", "<h2>P2");
    let (failed, passed) = (p1.find("it.fails").unwrap(), p1.find("it.passes").unwrap());
    assert!(failed < passed, "what did not pass comes first");
    assert!(p1.contains("<dt>Evidence</dt><dd><ul><li>the first</li></ul></dd>"), "{p1}");
    let items = between(&page, "<summary>All 293</summary>", "</details>");
    assert_eq!(items.matches("<tr><th>S").count(), 293);
    assert!(items.contains("<td>answered</td><td>it.leaks</td>"), "{items}");
}

#[test]
fn whatever_a_deployment_says_stands_there_as_text_and_nothing_is_loaded() {
    let evil = "<script>alert(\"1\")</script>&amp;'";
    let outcome = Outcome::judge(false, evil).evidence(evil);
    let text = format!(
        "[[waiver]]\ncheck = 'it.fails'\nowner = '<i>Ada</i>'\nreason = \"\"\"{evil}\"\"\"\nuntil = '2027-01-31'"
    );
    let today = "2026-11-22".parse().unwrap();
    let waivers = Waivers::parse(&text, &[FAILS], today).unwrap();
    let page = Scorecard::of(vec![line(&FAILS, outcome).waived(&waivers)]).to_html(&about());
    let escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;";
    assert_eq!(page.matches(escaped).count(), 3, "{page}");
    assert!(page.contains("by &lt;i&gt;Ada&lt;/i&gt; until 2027-01-31"), "{page}");
    assert!(page.contains("?&lt;b&gt;&amp;&#39;c&#39;</h1>"), "{page}");
    for tag in ["<script", "<i>", "src=", "href=", "url(", "@import"] {
        assert!(!page.contains(tag), "{tag} in {page}");
    }
}
