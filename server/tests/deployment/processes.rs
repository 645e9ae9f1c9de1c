//! Whatever process dies, the rest works on, and what died comes back.

use std::{
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use underpin_testkit::{Client, Dev, children_of, is_alive, signal, wait_for};

use crate::{UNDERPIN, client::Imports as _};

fn instance_urls(dev: &Dev) -> Vec<String> {
    let instances = dev.ready["instances"].as_array().unwrap();
    instances.iter().map(|instance| instance["url"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_session_holds_on_both_instances_and_the_killed_one_comes_back() {
    let dev = Dev::start(UNDERPIN, "instances");
    let (client, tenant) = Client::sign_in(&dev, 0, "owner");
    let path = format!("/v1/t/{tenant}");
    let urls = instance_urls(&dev);
    assert_eq!(urls.len(), 2);
    for url in &urls {
        assert_eq!(client.at(url).get(&path).status, 200, "{url}");
    }
    for victim in dev.children("serve") {
        signal(victim, Signal::KILL);
        // The public socket is held by the other instance too: no request finds it closed.
        for _ in 0..20 {
            let answer = client.request(reqwest::Method::GET, &path).send();
            let retried = answer.or_else(|_| client.request(reqwest::Method::GET, &path).send());
            assert_eq!(retried.unwrap().status(), 200);
        }
        wait_for("two instances run", || {
            let now = dev.children("serve");
            now.len() == 2 && !now.contains(&victim)
        });
        wait_for("the ready file names the new process", || {
            let text = std::fs::read_to_string(dev.folder().join("ready.json")).unwrap_or_default();
            !text.contains(&format!("\"pid\": {victim}")) && text.contains("\"pid\"")
        });
        wait_for("both answer", || {
            let ready = |pid: &u32| is_alive(*pid);
            dev.children("serve").iter().all(ready) && client.get(&path).status == 200
        });
    }
}

#[test]
fn a_killed_postgres_is_started_again_and_requests_go_on() {
    let dev = Dev::start(UNDERPIN, "postgres");
    let (client, tenant) = Client::sign_in(&dev, 0, "owner");
    let path = format!("/v1/t/{tenant}/funds?limit=1");
    assert_eq!(client.get(&path).status, 200);
    let postmaster = postmaster_of(&dev);
    signal(postmaster, Signal::KILL);
    // While it is away: a clear 503, long before a request that hangs would be ended.
    let started = Instant::now();
    let answer = client.get(&path);
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    assert!(answer.status == 503 || answer.status == 200, "{answer:?}");
    if answer.status == 503 {
        assert_eq!(answer.body["code"], "unavailable");
    }
    wait_for("requests work again", || client.get(&path).status == 200);
    wait_for("jobs work again", || {
        let import = client.import(&tenant, "investor,fund,as_of,commitment\nA,B,2024-01-01,1\n");
        client.finished(&tenant, &import)["state"] == "done"
    });
}

#[test]
fn a_killed_supervisor_leaves_only_postgres_and_the_next_start_goes_on_at_once() {
    let dev = Dev::start(UNDERPIN, "supervisor");
    let (client, tenant) = Client::sign_in(&dev, 1, "owner");
    let children: Vec<u32> = ["serve", "work"].iter().flat_map(|c| dev.children(c)).collect();
    assert_eq!(children.len(), 3);
    let postmaster = postmaster_of(&dev);
    // A running import is left behind by the kill.
    let import = client.import(&tenant, crate::crashes::book(60_000).0);
    let folder = dev.kill_supervisor();
    wait_for("the children ended", || !children.iter().any(|pid| is_alive(*pid)));
    assert!(is_alive(postmaster));

    let started = Instant::now();
    let dev = Dev::start_in(UNDERPIN, folder, &[]);
    let took = started.elapsed();
    assert!(is_alive(postmaster), "Postgres was adopted, not started anew");
    let (client, tenant) = Client::sign_in(&dev, 1, "owner");
    let ended = client.finished(&tenant, &import);
    assert_eq!(ended["state"], "done", "{ended}");
    assert_eq!(ended["rows"]["applied"], 60_000);
    println!("second start took {took:?}");

    let folder = dev.stop();
    wait_for("Postgres stopped with its supervisor", || !is_alive(postmaster));
    assert!(!folder.join("ready.json").exists(), "a stopped deployment is not ready");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn two_cannot_run_in_one_directory_and_only_a_marked_directory_is_deleted() {
    let dev = Dev::start(UNDERPIN, "marker");
    let run = |arguments: &[&str], folder: &std::path::Path| {
        std::process::Command::new(env!("CARGO_BIN_EXE_underpin"))
            .args(["dev", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    };
    let data = dev.folder().join("data");
    let second = run(&[], &data);
    assert!(!second.status.success());
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(message.contains("another `underpin dev` uses"), "{message}");
    for secret in [data.join("secrets.json"), dev.folder().join("ready.json")] {
        let mode = std::fs::metadata(&secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", secret.display());
    }

    let precious = dev.folder().join("precious");
    std::fs::create_dir(&precious).unwrap();
    std::fs::write(precious.join("thesis.txt"), "years of work").unwrap();
    let fresh = run(&["--fresh"], &precious);
    assert!(!fresh.status.success());
    assert_eq!(std::fs::read_to_string(precious.join("thesis.txt")).unwrap(), "years of work");

    let outside = std::process::Command::new(env!("CARGO_BIN_EXE_underpin"))
        .args(["dev", "--listen", "0.0.0.0:0", "--data-dir"])
        .arg(dev.folder().join("other"))
        .output()
        .unwrap();
    assert!(!outside.status.success());
}

/// The server process of the deployment: the parent of the backends that its URL reaches.
fn postmaster_of(dev: &Dev) -> u32 {
    let url = dev.ready["database"]["app_url"].as_str().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let backend: i32 = runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let pid: i32 = client.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
        stat.rsplit_once(')').unwrap().1.trim_start().split(' ').nth(1).unwrap().parse().unwrap()
    });
    assert!(!children_of(backend.cast_unsigned(), "").is_empty());
    backend.cast_unsigned()
}
