use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use underpin_runtime::{
    Settings,
    settings::{Network, Sources, Storage},
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

/// A key as a generator makes it.
const KEY: &str = "0f096c88c961f44d2ca8fdffde5704da20004a9c90e9aa75ac8184bc33b529ee";

#[test]
fn without_any_source_everything_has_its_default() {
    let settings = Settings::load(&env(&[("PATH", "/bin")])).unwrap();
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.http.upload_bytes_max, 256 << 20);
    let log = &settings.log;
    assert_eq!((log.slow_request_ms, log.slow_statement_ms, log.summary_seconds), (1_000, 100, 60));
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
    for days in ["0", "3651"] {
        let kept = env(&[("UNDERPIN_DEPLOYMENT_DELETED_DAYS", days)]);
        assert!(refusal(&kept).contains("deployment.deleted_days"), "{days}");
    }
    let demo = env(&[("UNDERPIN_DEPLOYMENT_DEMO", "[{\"password\":\"x\"}]")]);
    assert!(refusal(&demo).contains("demo sign-ins in production"));
}

#[test]
fn what_a_deployment_must_not_run_with_is_refused_in_production_and_named() {
    let sequence = "0123456789abcdef".repeat(4);
    for (name, value, expected) in [
        ("UNDERPIN_DATABASE_APP_URL", "sqlite:///data.db", "database.app_url cannot be read"),
        ("UNDERPIN_DATABASE_APP_URL", "https://db.example.com", "nowhere else (database.app_url)"),
        (
            "UNDERPIN_DATABASE_APP_URL",
            "postgresql://a:hunter2@db/x",
            "clear text (database.app_url)",
        ),
        ("UNDERPIN_DATABASE_APP_CONNECTIONS_MIN", "17", "more connections are kept"),
        ("UNDERPIN_DATABASE_ACQUIRE_TIMEOUT_MS", "30000", "wait too long"),
        ("UNDERPIN_DATABASE_CONNECT_TIMEOUT_MS", "5001", "waited for too long"),
        ("UNDERPIN_DATABASE_WEB_STATEMENT_TIMEOUT_MS", "60000", "out of order"),
        ("UNDERPIN_SECURITY_SECRET_KEY", &sequence, "not random (security.secret_key)"),
        ("UNDERPIN_SECURITY_SECRET_KEY", &KEY[2..], "security.secret_key cannot be read"),
        (
            "UNDERPIN_SECURITY_OPERATOR_TOKEN",
            "changeme-changeme",
            "can be guessed (security.operator_token)",
        ),
    ] {
        let error = refusal(&env(&[(name, value)]));
        assert!(error.contains(expected) && !error.contains("hunter2"), "{name}: {error}");
    }
    // One developer's machine is not asked for all of that.
    let dev = ("UNDERPIN_DEPLOYMENT_ENVIRONMENT", "dev");
    let url = ("UNDERPIN_DATABASE_APP_URL", "postgresql://app@db/x");
    assert!(Settings::load(&env(&[dev, url, ("UNDERPIN_SECURITY_SECRET_KEY", &sequence)])).is_ok());
}

#[test]
fn mail_that_contradicts_itself_is_refused_and_its_password_is_never_shown() {
    let relay = ("UNDERPIN_MAIL_SMTP_URL", "smtps://me:hunter2@mail.example.com");
    let from = ("UNDERPIN_MAIL_FROM", "Acme <no-reply@example.com>");
    let url = ("UNDERPIN_HTTP_PUBLIC_URL", "https://app.example.com");
    for (pairs, expected) in [
        (&[relay, url][..], "mail would have no sender"),
        (&[relay, from], "links in mails would lead nowhere"),
        (&[from, url], "mail has a sender and no relay"),
        (&[("UNDERPIN_MAIL_SMTP_CA_FILE", "/ca.pem")], "mail has a sender and no relay"),
        (
            &[("UNDERPIN_MAIL_SMTP_URL", "smtp+plain://mail.example.com"), from, url],
            "mail would travel in clear text",
        ),
        (
            &[("UNDERPIN_MAIL_SMTP_URL", "https://me:hunter2@mail.example.com"), from, url],
            "mail.smtp_url cannot be read",
        ),
        (&[("UNDERPIN_MAIL_FROM", "Acme"), relay, url], "mail.from cannot be read"),
    ] {
        let refused = refusal(&env(pairs));
        assert!(refused.contains(expected), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
    let settings = Settings::load(&env(&[relay, from, url])).unwrap();
    let shown = format!("{}{settings:?}", settings.print());
    assert!(shown.contains("smtps://***:***@mail.example.com:465") && !shown.contains("hunter2"));
}

/// A bucket, with some settings changed: an empty value leaves one out.
fn bucket(changed: &[(&str, &str)]) -> Sources {
    let mut pairs = vec![
        ("UNDERPIN_FILES_S3_BUCKET", "files"),
        ("UNDERPIN_FILES_S3_REGION", "eu-central-1"),
        ("UNDERPIN_FILES_S3_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("UNDERPIN_FILES_S3_SECRET_ACCESS_KEY", "hunter2-hunter2-hunter2"),
    ];
    pairs.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    pairs.extend(changed.iter().filter(|(_, value)| !value.is_empty()));
    env(&pairs)
}

#[test]
fn files_lie_in_a_directory_or_in_a_bucket() {
    let neither = Settings::load(&env(&[])).unwrap().files.storage().unwrap_err();
    assert!(neither.to_string().contains("UNDERPIN_FILES_DIRECTORY"), "{neither}");
    let directory = Settings::load(&env(&[("UNDERPIN_FILES_DIRECTORY", "/srv/files")])).unwrap();
    let storage = directory.files.storage().unwrap();
    assert!(matches!(&storage, Storage::Directory(at) if at == Path::new("/srv/files")));

    let local = ("UNDERPIN_FILES_S3_ENDPOINT", "http://127.0.0.1:9000");
    let settings = Settings::load(&bucket(&[local, ("UNDERPIN_FILES_S3_PATH_STYLE", "true")]));
    let settings = settings.unwrap();
    let Storage::S3(s3) = settings.files.storage().unwrap() else { panic!("a bucket was given") };
    assert_eq!((s3.bucket.as_str(), s3.path_style), ("files", true));
    let shown = format!("{}{settings:?}{s3:?}", settings.print());
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_storage_that_contradicts_itself_is_refused() {
    for (changed, expected) in [
        (("UNDERPIN_FILES_DIRECTORY", "/srv/files"), "files have two places"),
        (("UNDERPIN_FILES_S3_REGION", ""), "the bucket cannot be reached"),
        (("UNDERPIN_FILES_S3_SECRET_ACCESS_KEY", ""), "the bucket cannot be reached"),
        (("UNDERPIN_FILES_S3_BUCKET", ""), "a service without a bucket"),
        (("UNDERPIN_FILES_S3_ENDPOINT", "http://s3.example.com"), "clear text"),
        (("UNDERPIN_FILES_S3_PUBLIC_ENDPOINT", "http://10.0.0.1"), "clear text"),
        (("UNDERPIN_FILES_S3_PATH_STYLE", "yes"), "write true or false"),
        (("UNDERPIN_FILES_UPLOAD_URL_SECONDS", "3601"), "good for too long"),
        (("UNDERPIN_FILES_TENANT_BYTES_MAX", "1000"), "larger than all of them"),
    ] {
        let refused = refusal(&bucket(&[changed]));
        assert!(refused.contains(expected) && !refused.contains("hunter2"), "{refused}");
    }
}

#[test]
fn no_secret_is_printed_even_when_it_is_refused() {
    let url = "postgresql://app:hunter2@db/underpin?password=hunter2&sslmode=require";
    let sources = env(&[
        ("UNDERPIN_DATABASE_APP_URL", url),
        ("UNDERPIN_SECURITY_SECRET_KEY", KEY),
        ("UNDERPIN_SECURITY_OPERATOR_TOKEN", "hunter2-hunter2-hunter2"),
    ]);
    let settings = Settings::load(&sources).unwrap();
    let shown = format!("{}{settings:?}", settings.print());
    assert!(!shown.contains("hunter2") && !shown.contains(KEY), "{shown}");
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
