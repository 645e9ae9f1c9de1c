use std::{net::IpAddr, path::PathBuf};

use underpin_runtime::{
    Settings,
    settings::{Network, Sources},
};

fn env(pairs: &[(&str, &str)]) -> Sources {
    let env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Sources { file: None, env: env.collect() }
}

fn refusal(sources: &Sources) -> String {
    Settings::load(sources).expect_err("these settings must be refused").to_string()
}

/// A settings file of this test, removed with the process's temp files.
fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a test may write its file");
    path
}

#[test]
fn without_any_source_everything_has_its_default() {
    let settings = Settings::load(&env(&[("PATH", "/bin")])).unwrap();
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.http.upload_bytes_max, 256 << 20);
    assert!(settings.database.app_url.find().is_none());
    let error = settings.database.app_url.get().unwrap_err().to_string();
    assert!(error.contains("UNDERPIN_DATABASE_APP_URL"), "{error}");
}

#[test]
fn file_and_environment_each_give_what_the_other_does_not() {
    let path = file("both.toml", "[jobs]\nslots = 7\n[http]\ntrusted_proxies = [\"10.0.0.0/8\"]\n");
    let mut sources = env(&[("UNDERPIN_JOBS_LEASE_SECONDS", "9")]);
    sources.file = Some(path.clone());
    let settings = Settings::load(&sources).unwrap();
    assert_eq!((settings.jobs.slots, settings.jobs.lease_seconds), (7, 9));
    assert_eq!(settings.http.trusted_proxies.len(), 1);
    let print = settings.print();
    assert!(print.lines().any(|l| l.starts_with("jobs.slots = 7") && l.ends_with("both.toml")));
    assert!(print.lines().any(|l| l.ends_with("# UNDERPIN_JOBS_LEASE_SECONDS")));
}

#[test]
fn every_problem_is_named_with_its_place_and_its_remedy() {
    let path = file("bad.toml", "[http]\nlisten = 8080\nport = 1\n[jobs]\nslots = 0\n");
    let mut sources = env(&[("UNDERPIN_JOB_SLOTS", "3"), ("UNDERPIN_LOG_FILTER", "")]);
    sources.file = Some(path);
    let error = refusal(&sources);
    for part in [
        "http.listen cannot be read",
        "[http] port in ",
        "jobs.slots cannot be read",
        "$UNDERPIN_JOB_SLOTS): did you mean jobs.slots (UNDERPIN_JOBS_SLOTS)?",
        "log.filter is empty",
    ] {
        assert!(error.contains(part), "{part} is missing in {error}");
    }
}

#[test]
fn a_setting_given_twice_is_refused() {
    let mut sources = env(&[("UNDERPIN_JOBS_SLOTS", "3")]);
    sources.file = Some(file("twice.toml", "[jobs]\nslots = 7\n"));
    assert!(refusal(&sources).contains("jobs.slots is set twice"));
    let doubled =
        Sources { file: Some(file("double.toml", "[jobs]\nslots=1\nslots=2\n")), ..env(&[]) };
    assert!(refusal(&doubled).contains("double.toml line 3"));
}

#[test]
fn contradictions_are_refused() {
    let url = "postgresql://app:x@localhost/underpin";
    let same = env(&[("UNDERPIN_DATABASE_APP_URL", url), ("UNDERPIN_DATABASE_SYSTEM_URL", url)]);
    assert!(refusal(&same).contains("two roles share one URL"));
    let plain = env(&[("UNDERPIN_HTTP_PUBLIC_URL", "http://example.org")]);
    assert!(refusal(&plain).contains("clear text"));
    let demo = env(&[("UNDERPIN_DEPLOYMENT_DEMO", "[{\"password\":\"x\"}]")]);
    assert!(refusal(&demo).contains("demo sign-ins in production"));
}

#[test]
fn no_secret_is_printed_even_when_it_is_refused() {
    let key = "0123456789abcdef".repeat(4);
    let sources = env(&[
        ("UNDERPIN_DATABASE_APP_URL", "postgresql://app:hunter2@db/underpin?password=hunter2"),
        ("UNDERPIN_SECURITY_SECRET_KEY", &key),
        ("UNDERPIN_SECURITY_OPERATOR_TOKEN", "hunter2-hunter2-hunter2"),
    ]);
    let settings = Settings::load(&sources).unwrap();
    let shown = format!("{}{settings:?}", settings.print());
    assert!(!shown.contains("hunter2") && !shown.contains(&key), "{shown}");
    assert!(shown.contains("postgresql://app:***@db/underpin?password=***"));
    let short = env(&[("UNDERPIN_SECURITY_SECRET_KEY", "hunter2hunter2")]);
    assert!(!refusal(&short).contains("hunter2"));
    let broken =
        Sources { file: Some(file("broken.toml", "[security]\nx = hunter2\n")), ..env(&[]) };
    assert!(!refusal(&broken).contains("hunter2"));
}

#[test]
fn a_network_holds_its_addresses_and_no_others() {
    let holds = |network: &str, address: &str| {
        let network: Network = network.parse().expect("a network");
        network.contains(address.parse::<IpAddr>().expect("an address"))
    };
    assert!(holds("10.0.0.0/8", "10.200.1.1") && !holds("10.0.0.0/8", "11.0.0.1"));
    assert!(holds("127.0.0.1", "::ffff:127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
    assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "2001:db8::1"));
    assert!(holds("2001:db8::/32", "2001:db8:1::1"));
    assert!("10.0.0.0/33".parse::<Network>().is_err());
}
