//! `underpin audit` against a deployment as its users run it.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use underpin_testkit::{Dev, signal, wait_for};
use underpin_testkit_s3::S3Server;

use crate::UNDERPIN;

/// Checks of each kind, in the order in which they are run: with tenants, people, files, jobs, processes and clusters of their own. All of them are
/// run by `make prove` and `make audit`.
const CHECKS: &[&str] = &[
    "funds.dashboard_statements",
    "funds.deleted",
    "tenancy.foreign_id",
    "db.deleted",
    "db.types",
    "idempotency.rivals",
    "session.everywhere",
    "upload.whole",
    "upload.direct",
    "jobs.atomic",
    "secrets.canary",
    "errors.grouped",
    "migrate.rivals",
    "health.database",
];

fn audit(args: &[&str]) -> Output {
    let mut command = Command::new(UNDERPIN);
    command.arg("audit").args(args).stdin(Stdio::null());
    command.env_remove("UNDERPIN_TOKEN").output().unwrap()
}

fn words(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}\n{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// The checks that a busy machine may have spoiled, and that are asked once more: what could not be measured, and what failed and is about no
/// tenant's data. A promise that is broken is broken then too.
fn doubtful(card: &Value) -> Vec<String> {
    let lines = card["checks"].as_array().into_iter().flatten();
    let spoiled = lines.filter(|line| match line["verdict"].as_str() {
        Some("inconclusive") => true,
        Some("fail") => line["severity"] != "P0",
        _ => false,
    });
    spoiled.filter_map(|line| line["id"].as_str().map(str::to_owned)).collect()
}

/// Put the lines of a later audit in the place of the first one's.
fn replace(card: &mut Value, again: &Value) {
    let later = again["checks"].as_array().unwrap();
    for line in card["checks"].as_array_mut().unwrap() {
        if let Some(newer) = later.iter().find(|newer| newer["id"] == line["id"]) {
            *line = newer.clone();
        }
    }
}

/// Tenants and accounts of the deployment, and what is left of an audit on this machine.
fn belongings(dev: &Dev) -> (i64, i64, usize) {
    let url = dev.ready["database"]["system_url"].as_str().unwrap().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (tenants, accounts) = runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let sql = "select (select count(*) from underpin.tenant), (select count(*) from underpin.user_account)";
        let row = client.query_one(sql, &[]).await.unwrap();
        (row.get(0), row.get(1))
    });
    // None, if its files lie in a bucket.
    let uploads = std::fs::read_dir(dev.folder().join("data/files/uploads")).into_iter().flatten();
    (
        tenants,
        accounts,
        uploads.filter(|folder| has_files(&folder.as_ref().unwrap().path())).count(),
    )
}

/// A bucket, and the runtime that it is served by.
fn bucket() -> (tokio::runtime::Runtime, S3Server) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let s3 = runtime.block_on(S3Server::start());
    (runtime, s3)
}

fn has_files(folder: &std::path::Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_some()
}

#[test]
fn promises_are_kept_and_nothing_is_left_behind() {
    let (runtime, s3) = bucket();
    let variables = s3.variables();
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let folder = std::env::temp_dir().join(format!("underpin-audit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let dev = Dev::start_in(UNDERPIN, folder, &variables);
    let ready_file = dev.folder().join("ready.json");
    let ready_file = ready_file.to_str().unwrap();
    let belongings = |dev: &Dev| (belongings(dev), s3.objects());
    let before = belongings(&dev);

    let only = CHECKS.join(",");
    let output = audit(&["--ready-file", ready_file, "--json", "--only", &only]);
    let mut card: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let doubtful = doubtful(&card);
    assert_eq!(output.status.code() == Some(0), doubtful.is_empty(), "{}", words(&output));
    if !doubtful.is_empty() {
        eprintln!("asked again: {doubtful:?}\n{}", words(&output));
        let again = audit(&["--ready-file", ready_file, "--json", "--only", &doubtful.join(",")]);
        assert_eq!(again.status.code(), Some(0), "{}", words(&again));
        replace(&mut card, &serde_json::from_slice(&again.stdout).unwrap());
    }
    let score = card["score"].as_object().unwrap();
    let names: Vec<_> = score.keys().map(String::as_str).collect();
    assert_eq!(names, ["fail", "inconclusive", "pass", "skip", "unproven"]);
    let score = ["pass", "fail", "inconclusive", "skip"].map(|name| score[name].as_u64());
    let sum: u64 = score.iter().flatten().sum();
    let at_once = CHECKS.len() - doubtful.len();
    assert_eq!((score[0], sum), (Some(at_once as u64), CHECKS.len() as u64));
    let lines = card["checks"].as_array().unwrap();
    let ids: Vec<_> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, CHECKS);
    for line in lines {
        let keys: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let expected =
            ["evidence", "id", "measured", "proven", "seeds", "severity", "threshold", "verdict"];
        assert_eq!(keys, expected);
        assert!(line["measured"].is_string() && line["seeds"].is_array(), "{line}");
        assert_eq!(line["verdict"], "pass", "{line}");
    }
    assert_eq!(belongings(&dev), before, "{}", words(&output));

    // Some of them, as a table; what cannot be asked here is skipped, and that is no pass.
    let output = audit(&["--ready-file", ready_file, "--only", "db.forced_rls,idempotency.rivals"]);
    let text = words(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("pass         P0 db.forced_rls"), "{text}");
    assert!(text.contains("2 of 2 checks pass") && text.contains("proof"), "{text}");
    let output = audit(&["--target", dev.url(), "--seed", "S0.12,S0.22", "--json"]);
    let card: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
    assert_eq!(card["score"]["skip"], 2, "{card}");
    assert!(card["checks"][0]["evidence"][0].as_str().unwrap().contains("--operator"), "{card}");
    assert_eq!(card["checks"][0]["measured"], json!(null));
    assert_eq!(belongings(&dev), before);
    // It keeps its files in the bucket to its own end.
    drop(dev);
    drop(s3);
    drop(runtime);
}

#[test]
fn an_audit_of_nothing_is_incomplete() {
    let nowhere = audit(&["--target", "http://127.0.0.1:1", "--only", "upload.limit", "--json"]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", words(&nowhere));
    let card: Value = serde_json::from_slice(&nowhere.stdout).unwrap();
    assert_eq!(card["score"]["inconclusive"], 1, "{card}");
    assert_eq!(card["items"]["answered"], 0, "{card}");
    for (args, reason) in [
        (&["--ready-file", "/nonexistent/ready.json"][..], "/nonexistent/ready.json"),
        (&["--target", "127.0.0.1:8080"], "give a URL"),
        (
            &["--target", "http://127.0.0.1:1", "--only", "jobs.zombies"],
            "there is no check jobs.zombies",
        ),
        (&["--target", "http://127.0.0.1:1", "--seed", "S9.9"], "S9.9"),
        (
            &["--target", "http://127.0.0.1:1", "--waivers", "/nonexistent/w.toml"],
            "/nonexistent/w.toml",
        ),
        (
            &["--target", "http://127.0.0.1:1", "--html", "/nonexistent/a.html"],
            "/nonexistent/a.html",
        ),
        (&["--ready-file", "x", "--target", "http://127.0.0.1:1"], "cannot be used with"),
        (&[], "required"),
    ] {
        let output = audit(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(words(&output).contains(reason), "{args:?}: {}", words(&output));
    }
}

#[test]
fn what_came_of_an_audit_stands_on_a_page_and_a_waiver_of_nothing_ends_it() {
    let scratch = std::env::temp_dir().join(format!("underpin-audit-page-{}", std::process::id()));
    std::fs::create_dir(&scratch).unwrap();
    let (page, waivers) = (scratch.join("audit.html"), scratch.join("waivers.toml"));
    let waived = |check: &str, until: &str| {
        let text = format!(
            "[[waiver]]\ncheck = '{check}'\nowner = 'Ada'\nreason = 'a test'\nuntil = '{until}'\n"
        );
        std::fs::write(&waivers, text).unwrap();
        audit(&[
            "--target",
            "http://127.0.0.1:1",
            "--only",
            "upload.limit",
            "--html",
            page.to_str().unwrap(),
            "--waivers",
            waivers.to_str().unwrap(),
        ])
    };
    let output = waived("upload.limit", "2999-12-31");
    // Without an outcome there is nothing to be waived.
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("<h1>Audit of http://127.0.0.1:1</h1>"), "{html}");
    assert!(html.contains("upload.limit") && html.ends_with("</html>\n"), "{html}");
    for (check, until, reason) in [
        ("upload.limits", "2999-12-31", "names upload.limits; there is no such check"),
        ("upload.limit", "2020-01-01", "by Ada ended on 2020-01-01"),
    ] {
        let output = waived(check, until);
        assert_eq!(output.status.code(), Some(2));
        assert!(words(&output).contains(reason), "{}", words(&output));
    }
    std::fs::remove_dir_all(&scratch).unwrap();
}

#[test]
fn an_audit_that_is_told_to_end_leaves_nothing_behind() {
    let dev = Dev::start(UNDERPIN, "audit-end");
    let before = belongings(&dev);
    let audit = Command::new(UNDERPIN)
        .args(["audit", "--only", "session.everywhere,live.rooms", "--json", "--ready-file"])
        .arg(dev.folder().join("ready.json"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for("both tenants are there", || belongings(&dev).0 == before.0 + 2);
    signal(audit.id(), rustix::process::Signal::INT);
    let output = audit.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
    let card: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(card["score"]["inconclusive"], 2, "{card}");
    assert_eq!(belongings(&dev), before, "{card}");
}
