use std::os::unix::fs::MetadataExt as _;

use rustix::process::Signal;
use underpin_testkit::until;

use crate::platform::{Platform, Scratch, runs, send, status, underpin};

fn text<'v>(value: &'v serde_json::Value, what: &str) -> &'v str {
    value.as_str().unwrap_or_else(|| panic!("{what} is a text"))
}

#[tokio::test]
async fn what_dies_is_mended_and_what_was_started_ends() {
    let scratch = Scratch::new();
    let mut platform = Platform::start(&scratch).await;
    let ready = platform.ready();
    assert_eq!(platform.ready_file_mode(), 0o600);
    let url = text(&ready["url"], "url").to_owned();
    assert_eq!(status(&url, "/readyz").await, Some(200));
    for instance in ready["instances"].as_array().unwrap() {
        assert_eq!(status(text(&instance["url"], "url"), "/readyz").await, Some(200));
    }

    // Each process in turn, Postgres at the end.
    for child in platform.children() {
        send(child, Signal::KILL);
        until("the ready file names a successor", async || {
            (!platform.children().contains(&child)).then_some(())
        })
        .await;
        assert_eq!(status(&url, "/livez").await, Some(200));
    }
    let postgres = platform.postgres();
    send(postgres, Signal::KILL);
    until("the platform is ready on a new Postgres", async || {
        (status(&url, "/readyz").await == Some(200) && !runs(postgres)).then_some(())
    })
    .await;

    // The supervisor: its children notice, Postgres stays.
    let (children, postgres) = (platform.children(), platform.postgres());
    platform.kill();
    until("the children end", async || (!children.iter().any(|id| runs(*id))).then_some(())).await;
    assert!(runs(postgres));

    let mut platform = Platform::start(&scratch).await;
    assert_eq!(platform.postgres(), postgres);
    let children = platform.children();
    assert!(platform.interrupt().await);
    assert!(!platform.has_ready_file());
    assert!(!runs(postgres) && !children.iter().any(|id| runs(*id)));
}

#[tokio::test]
async fn a_directory_has_one_supervisor_and_only_its_own_is_emptied() {
    let scratch = Scratch::new();
    let platform = Platform::start(&scratch).await;
    let data = scratch.path("data");
    let second = underpin(&["dev", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data).output();
    let second = second.unwrap();
    assert!(!second.status.success());
    let errors = String::from_utf8(second.stderr).unwrap();
    assert!(errors.contains("another `underpin dev` uses"), "{errors}");
    assert_eq!(std::fs::metadata(data.join("secrets.json")).unwrap().mode() & 0o777, 0o600);
    drop(platform);

    let foreign = scratch.path("foreign");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.txt"), "five years of work").unwrap();
    let fresh = underpin(&["dev", "--fresh", "--data-dir"]).arg(&foreign).output().unwrap();
    assert!(!fresh.status.success());
    assert!(foreign.join("thesis.txt").exists());
}
