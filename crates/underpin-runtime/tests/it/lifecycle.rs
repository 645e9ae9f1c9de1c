use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use underpin_runtime::{CancellationToken, Tasks};

#[tokio::test(start_paused = true)]
async fn a_service_that_panics_fails_or_ends_is_started_again() {
    let (tasks, runs, third) = (Tasks::new(), Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
    let (count, reached) = (Arc::clone(&runs), Arc::clone(&third));
    tasks.spawn("unsteady", move |stop: CancellationToken| {
        let (run, reached) = (count.fetch_add(1, Ordering::SeqCst), Arc::clone(&reached));
        async move {
            match run {
                0 => panic!("the first run panics"),
                1 => Err("the second run fails"),
                2 => Ok(()),
                _ => {
                    reached.notify_one();
                    stop.cancelled().await;
                    Ok(())
                }
            }
        }
    });
    tokio::time::timeout(Duration::from_secs(10), third.notified()).await.unwrap();
    assert_eq!(tasks.stop(Duration::from_secs(1)).await, Vec::<String>::new());
    assert_eq!(runs.load(Ordering::SeqCst), 4);
    assert!(tasks.names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_stop_is_cut_off_and_named() {
    let tasks = Tasks::new();
    tasks.spawn("deaf", |_stop| std::future::pending::<()>());
    tasks.spawn("obedient", |stop: CancellationToken| async move { stop.cancelled().await });
    assert_eq!(tasks.stop(Duration::from_secs(1)).await, ["deaf"]);
    assert!(tasks.names().is_empty());
}

#[tokio::test]
async fn start_and_stop_may_race_in_any_order() {
    for _ in 0..200 {
        let tasks = Tasks::new();
        for _ in 0..5 {
            tasks.spawn("short", |stop: CancellationToken| async move { stop.cancelled().await });
        }
        assert!(tasks.stop(Duration::from_mins(2)).await.is_empty());
        tasks.spawn("late", |stop: CancellationToken| async move { stop.cancelled().await });
        assert!(tasks.stop(Duration::from_mins(2)).await.is_empty());
    }
}
