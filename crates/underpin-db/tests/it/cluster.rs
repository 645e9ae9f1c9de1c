//! A private Postgres is made once, adopted, mended and stopped.

use std::{
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Signal, kill_process};
use underpin_db::cluster::{Cluster, ClusterOptions};
use underpin_testkit::until;

/// A directory of one test; what lies in it is erased by the test itself.
fn scratch() -> PathBuf {
    let dir =
        std::env::temp_dir().join(format!("underpin-cluster-{}", uuid::Uuid::new_v4().simple()));
    std::fs::DirBuilder::new().mode(0o700).create(&dir).expect("a test may make a directory");
    dir
}

fn options(dir: &Path) -> ClusterOptions {
    ClusterOptions { durable: false, connections_max: 20, ..ClusterOptions::new(dir.join("pg")) }
}

#[tokio::test]
async fn many_openers_get_one_server_and_a_killed_one_is_started_again() {
    let dir = scratch();
    let (a, b) = tokio::join!(Cluster::open(options(&dir)), Cluster::open(options(&dir)));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(a.pid().await, b.pid().await);
    assert_ne!(a.was_adopted(), b.was_adopted());
    let password = std::fs::metadata(dir.join("pg/superuser-password")).unwrap();
    assert_eq!(password.permissions().mode() & 0o777, 0o600);

    let first = a.pid().await;
    let watched = async {
        kill_process(Pid::from_raw(first.cast_signed()).unwrap(), Signal::KILL).unwrap();
        until("a successor runs", async || (a.pid().await != first).then_some(())).await;
    };
    tokio::select! {
        () = a.watch() => panic!("nobody told the server to stop"),
        () = watched => {}
    }
    let admin_url = a.admin_url();
    assert!(tokio_postgres::connect(admin_url.expose(), tokio_postgres::NoTls).await.is_ok());

    a.stop().await.unwrap();
    assert!(tokio_postgres::connect(admin_url.expose(), tokio_postgres::NoTls).await.is_err());
    Cluster::erase(&dir.join("pg")).await.unwrap();
    assert!(!dir.join("pg").exists());
    std::fs::remove_dir(&dir).unwrap();
}
