use std::time::Duration;

use tokio_util::sync::CancellationToken;
use underpin_audit::{Audit, Check, Ended, Line, Outcome, Proof, Stopped, Verdict, Waivers};

use crate::stage::{FAILS, HANGS, PANICS, SKIPS, check, stage};

async fn run(checks: Vec<Check>) -> Vec<Line> {
    let audit = Audit { stage: stage(), checks, proof: None, waivers: Waivers::default() };
    let Ended { scorecard, stayed } = audit.run(&CancellationToken::new(), |_| {}).await;
    assert_eq!(stayed, [""; 0]);
    scorecard.checks
}

#[tokio::test]
async fn each_end_of_a_check_has_its_verdict_and_the_next_one_runs() {
    let lines = run(vec![check("it.passes"), FAILS, SKIPS, PANICS, check("it.is_last")]).await;
    let verdicts: Vec<_> = lines.iter().map(|line| line.verdict).collect();
    let expected =
        [Verdict::Pass, Verdict::Fail, Verdict::Skip, Verdict::Inconclusive, Verdict::Pass];
    assert_eq!(verdicts, expected);
    assert_eq!(lines[1].evidence, ["the first"]);
    assert_eq!(lines[2].evidence, ["not here"]);
    assert!(lines[2].measured.is_none());
    assert!(lines[3].evidence[0].contains("a broken check"), "{:?}", lines[3].evidence);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_is_inconclusive_at_its_deadline() {
    let lines = run(vec![HANGS, check("it.passes")]).await;
    assert_eq!(lines[0].verdict, Verdict::Inconclusive);
    assert!(lines[0].took >= Duration::from_secs(90));
    assert!(lines[0].evidence[0].contains("did not end within"), "{:?}", lines[0].evidence);
    assert_eq!(lines[1].verdict, Verdict::Pass);
}

#[tokio::test]
async fn the_word_to_end_cuts_a_check_off_and_no_other_begins() {
    let stop = CancellationToken::new();
    let told = stop.clone();
    let audit = Audit {
        stage: stage(),
        checks: vec![HANGS, check("it.passes")],
        proof: None,
        waivers: Waivers::default(),
    };
    let waiting = audit.run(&stop, |_| {});
    let (ended, ()) = tokio::join!(waiting, async { told.cancel() });
    let verdicts: Vec<_> = ended.scorecard.checks.iter().map(|line| line.verdict).collect();
    assert_eq!(verdicts, [Verdict::Inconclusive; 2]);
    assert_eq!(ended.scorecard.exit_code(), 2);
}

#[tokio::test]
async fn lines_are_told_as_they_come() {
    let mut told = Vec::new();
    let audit = Audit {
        stage: stage(),
        checks: vec![FAILS, SKIPS],
        proof: None,
        waivers: Waivers::default(),
    };
    audit.run(&CancellationToken::new(), |line| told.push(line.id)).await;
    assert_eq!(told, ["it.fails", "it.skips"]);
}

#[tokio::test]
async fn only_a_check_that_went_red_on_its_own_fault_is_proven() {
    let proof: Proof = serde_json::from_value(serde_json::json!({
        "commit": "abc", "binary_sha256": "00",
        "proofs": [
            { "check": "it.passes", "fault": "some_fault", "verdict": "fail", "measured": "x", "at": "now" },
            { "check": "it.skips", "fault": "some_fault", "verdict": "pass" },
            { "check": "it.fails", "fault": "another_fault", "verdict": "fail" },
        ],
    }))
    .unwrap();
    let audit = Audit {
        stage: stage(),
        checks: vec![check("it.passes"), FAILS, SKIPS],
        proof: Some(proof),
        waivers: Waivers::default(),
    };
    let ended = audit.run(&CancellationToken::new(), |_| {}).await;
    let proven: Vec<_> = ended.scorecard.checks.iter().map(|line| line.proven).collect();
    assert_eq!(proven, [true, false, false]);
    assert_eq!(ended.scorecard.score.unproven, 2);
}

#[tokio::test]
async fn a_deployment_that_cannot_be_found_is_no_pass() {
    const ASKS: Check = Check {
        run: |stage| {
            Box::pin(async move {
                stage.tenants().await?;
                Ok(Outcome::judge(true, "made tenants of nothing"))
            })
        },
        ..check("it.asks")
    };
    let lines = run(vec![ASKS]).await;
    assert_eq!(lines[0].verdict, Verdict::Inconclusive);
    assert!(lines[0].evidence[0].contains("/nonexistent/ready.json"), "{:?}", lines[0].evidence);
    let reason = Stopped::inconclusive("x");
    assert_ne!(reason, Stopped::skip("x"));
}

#[tokio::test]
async fn a_failure_that_somebody_answers_for_is_told_as_waived_and_fails_nothing() {
    let text = "[[waiver]]\ncheck = 'it.fails'\nowner = 'Ada'\nreason = 'mended with 2.0'\nuntil = '2027-01-31'\n\
                [[waiver]]\ncheck = 'it.skips'\nowner = 'Ada'\nreason = 'as well'\nuntil = '2027-01-31'\n";
    let checks = vec![FAILS, SKIPS, check("it.passes")];
    let waivers = Waivers::parse(text, &checks, "2027-01-31".parse().unwrap()).unwrap();
    let mut told = Vec::new();
    let audit = Audit { stage: stage(), checks, proof: None, waivers };
    let ended = audit.run(&CancellationToken::new(), |line| told.push(line.to_text())).await;
    assert!(told[0].starts_with("waived "), "{}", told[0]);
    assert!(told[0].contains("waived by Ada until 2027-01-31: mended with 2.0"), "{}", told[0]);
    assert!(told[1].starts_with("skip "), "only a failure can be waived: {}", told[1]);
    let card = ended.scorecard;
    assert_eq!((card.score.fail, card.waived), (1, 1));
    // The other one has no outcome, and nobody can answer for that.
    assert_eq!(card.exit_code(), 2);
}
