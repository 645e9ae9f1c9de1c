//! Where processes keep files, as an operator meets it.

use std::{path::Path, process::Output, time::Duration};

use tokio::process::Command;
use underpin_base::UserId;
use underpin_files::{FileHost, Files};
use underpin_testkit::TestDb;
use underpin_testkit_s3::{ACCESS_KEY_ID, BUCKET, S3Server, SECRET_ACCESS_KEY};

/// Longest that a command here may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// The binary on a database, with nothing else of our settings.
fn underpin(args: &[&str], test: &TestDb) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpin"));
    command.args(args).kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("UNDERPIN_") {
            command.env_remove(name);
        }
    }
    command
        .env("UNDERPIN_DATABASE_APP_URL", &test.app_url)
        .env("UNDERPIN_DATABASE_SYSTEM_URL", &test.system_url)
        .env("UNDERPIN_SECURITY_SECRET_KEY", "0123456789abcdef".repeat(4))
        .env("UNDERPIN_SECURITY_OPERATOR_TOKEN", "an operator's token")
        .env("UNDERPIN_DEPLOYMENT_ENVIRONMENT", "dev")
        .env("UNDERPIN_HTTP_LISTEN", "127.0.0.1:0");
    command
}

async fn run(mut command: Command) -> (bool, String) {
    let Output { status, stdout, stderr } =
        tokio::time::timeout(PATIENCE, command.output()).await.expect("it ends").unwrap();
    (status.success(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

fn in_bucket<'c>(command: &'c mut Command, server: &S3Server) -> &'c mut Command {
    command
        .env("UNDERPIN_FILES_S3_BUCKET", BUCKET)
        .env("UNDERPIN_FILES_S3_REGION", "us-east-1")
        .env("UNDERPIN_FILES_S3_ENDPOINT", server.endpoint())
        .env("UNDERPIN_FILES_S3_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("UNDERPIN_FILES_S3_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .env("UNDERPIN_FILES_S3_PATH_STYLE", "true")
}

fn line<'t>(said: &'t str, of: &str) -> &'t str {
    said.lines().find(|line| line.contains(of)).unwrap_or_else(|| panic!("no {of} in {said}"))
}

#[tokio::test]
async fn a_process_on_a_second_host_with_a_directory_refuses_to_start_and_says_why() {
    let test = TestDb::new(&underpin_server::platform().components()).await;
    // The living host is alive however long the programs take to begin.
    test.stop_clock().await;
    let directory = std::env::temp_dir().join(format!("underpin-server-{}", UserId::new()));
    let files = Files::local(&directory).unwrap();
    FileHost::new(&files, "north").announce(&test.db).await.unwrap();
    for command in ["serve", "work"] {
        let mut south = underpin(&[command], &test);
        south.env("UNDERPIN_FILES_DIRECTORY", &directory).env("UNDERPIN_DEPLOYMENT_HOST", "south");
        let (ok, said) = run(south).await;
        assert!(!ok, "{command}: {said}");
        for part in ["files.s3_bucket", "deployment.host", "host south", "host north"] {
            assert!(said.contains(part), "{command} says no {part}: {said}");
        }
    }
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn the_doctor_writes_and_reads_what_the_settings_name() {
    let test = TestDb::new(&underpin_server::platform().components()).await;
    let server = S3Server::start().await;
    let mut bucket = underpin(&["doctor"], &test);
    in_bucket(&mut bucket, &server);
    let (_, said) = run(bucket).await;
    let found = line(&said, "storage");
    assert!(found.starts_with("ok ") && found.ends_with("written and read"), "{found}");
    assert_eq!(server.objects(), 0);

    server.go_away().await;
    let mut away = underpin(&["doctor"], &test);
    in_bucket(&mut away, &server);
    let (ok, said) = run(away).await;
    assert!(!ok && line(&said, "storage").starts_with("fail"), "{said}");

    let closed = Path::new("/proc/underpin");
    let mut directory = underpin(&["doctor"], &test);
    directory.env("UNDERPIN_FILES_DIRECTORY", closed);
    let (ok, said) = run(directory).await;
    assert!(!ok && line(&said, "storage").starts_with("fail"), "{said}");
    let (_, said) = run(underpin(&["doctor"], &test)).await;
    assert!(line(&said, "storage").starts_with("fail"), "{said}");
    assert!(said.contains("files.directory is needed"), "{said}");
}
