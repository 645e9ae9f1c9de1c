//! Processes that share a storage must agree on it.

use std::{path::PathBuf, time::Duration};

use tokio_util::sync::CancellationToken;
use underpin_base::UserId;
use underpin_files::{COMPONENT, Error, FileHost, Files};
use underpin_testkit::{TestDb, until};
use underpin_testkit_s3::S3Server;

use crate::support::settings;

/// A directory that goes with its test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("underpin-files-{}", UserId::new())))
    }

    fn files(&self) -> Files {
        Files::local(&self.0).unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_directory_is_refused_to_a_second_host_until_the_first_is_gone() {
    let test = TestDb::new(&[COMPONENT]).await;
    // Who said that it lives does so for a while of this clock.
    test.stop_clock().await;
    let directory = Directory::new();
    let files = directory.files();
    FileHost::new(&files, "north").announce(&test.db).await.unwrap();
    FileHost::new(&files, "north").announce(&test.db).await.unwrap();
    let south = FileHost::new(&files, "south");
    let refused = south.announce(&test.db).await.unwrap_err();
    assert!(matches!(&refused, Error::Elsewhere { other_host, .. } if other_host == "north"));
    assert!(refused.to_string().contains("on host south, but a process on host north"));
    // Both were killed: they count as living for a while.
    test.advance(Duration::from_secs(30)).await;
    south.announce(&test.db).await.unwrap();
}

#[tokio::test]
async fn a_process_that_ends_makes_room_and_one_that_lives_keeps_it() {
    let test = TestDb::new(&[COMPONENT]).await;
    // Who said that it lives does so for a while of this clock.
    test.stop_clock().await;
    let (directory, stop) = (Directory::new(), CancellationToken::new());
    let files = directory.files();
    let (north, south) = (FileHost::new(&files, "north"), FileHost::new(&files, "south"));
    north.announce(&test.db).await.unwrap();
    stop.cancel();
    north.run(&test.db, stop).await;
    south.announce(&test.db).await.unwrap();
    assert!(north.announce(&test.db).await.is_err());
}

#[tokio::test]
async fn a_bucket_serves_many_hosts_and_nobody_keeps_files_elsewhere() {
    let test = TestDb::new(&[COMPONENT]).await;
    let server = S3Server::start().await;
    let bucket = Files::s3(&settings(&server)).unwrap();
    for host in ["north", "south"] {
        FileHost::new(&bucket, host).announce(&test.db).await.unwrap();
    }
    let directory = Directory::new();
    let local = FileHost::new(&directory.files(), "north").announce(&test.db).await;
    assert!(matches!(local, Err(Error::Elsewhere { .. })), "{local:?}");
    let other = underpin_files::S3Settings { bucket: "other".into(), ..settings(&server) };
    let other = FileHost::new(&Files::s3(&other).unwrap(), "north").announce(&test.db).await;
    assert!(matches!(other, Err(Error::Elsewhere { .. })), "{other:?}");
}

#[tokio::test]
async fn of_two_hosts_that_begin_at_once_with_a_directory_one_goes_on() {
    let test = TestDb::new(&[COMPONENT]).await;
    let directory = Directory::new();
    let files = directory.files();
    let other = test.second_process();
    let (north, south) = (FileHost::new(&files, "north"), FileHost::new(&files, "south"));
    let (north, south) = tokio::join!(north.announce(&test.db), south.announce(&other));
    assert!(north.is_ok() != south.is_ok(), "{north:?} {south:?}");
}

#[tokio::test]
async fn a_living_process_says_so_again() {
    let test = TestDb::new(&[COMPONENT]).await;
    let (directory, stop) = (Directory::new(), CancellationToken::new());
    let files = directory.files();
    let north = FileHost::new(&files, "north");
    north.announce(&test.db).await.unwrap();
    let client = test.superuser().await;
    let alive = async || -> jiff::Timestamp {
        client.query_one("select alive_until from underpin.file_host", &[]).await.unwrap().get(0)
    };
    let first = alive().await;
    let goes_on = until("it says so again", async || (alive().await > first).then_some(()));
    tokio::select! {
        () = goes_on => {}
        () = north.run(&test.db, stop.clone()) => panic!("it ended"),
    }
}
