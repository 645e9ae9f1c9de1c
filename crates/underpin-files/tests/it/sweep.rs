//! What is begun and never used goes away; what is used stays.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use underpin_files::{Error, Incoming, Result, Swept};

use crate::support::{Fixture, LIMITS, Piece, incoming};

const AGE: Duration = Duration::from_hours(6);

#[tokio::test]
async fn the_sweep_removes_what_is_old_and_unused_only() {
    let fixture = Fixture::new().await;
    let uploads = &fixture.uploads;
    let body = || incoming(vec![Bytes::from_static(b"x")]);
    let used = uploads.receive(fixture.staff, body(), &LIMITS).await.unwrap();
    let unused = &uploads.receive(fixture.staff, body(), &LIMITS).await.unwrap();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let keep = &used;
    let kept: Result<()> = fixture
        .test
        .db
        .transact(fixture.staff, |tx, _| {
            Box::pin(async move { uploads.commit(tx, keep, now).await })
        })
        .await;
    kept.unwrap();

    assert_eq!(uploads.sweep(AGE).await.unwrap(), Swept::default());
    fixture.clock.advance(AGE + Duration::from_mins(1));
    assert_eq!(uploads.sweep(AGE).await.unwrap(), Swept { rows: 1, objects: 1 });

    assert_eq!((fixture.rows().await, fixture.files_on_disk()), (1, 1));
    let late: Result<()> = fixture
        .test
        .db
        .transact(fixture.staff, |tx, _| {
            Box::pin(async move { uploads.commit(tx, unused, now).await })
        })
        .await;
    assert!(matches!(late, Err(Error::Gone)), "{late:?}");
}

#[tokio::test]
async fn objects_without_a_row_and_half_written_ones_are_removed_when_old() {
    let fixture = Fixture::new().await;
    let orphan = fixture.uploads.receive(fixture.staff, incoming(vec![]), &LIMITS).await.unwrap();
    // As after a kill: the row's delete committed, the object's did not happen; and a staging file without its writer.
    let client = fixture.test.superuser().await;
    client.execute("delete from underpin.upload", &[]).await.unwrap();
    let half = Incoming {
        filename: "a".into(),
        media_type: None,
        content_length: None,
        body: stream::iter([Piece::Ok(Bytes::from(vec![1; 2 << 20]))]).chain(stream::pending()),
    };
    let limits = underpin_files::Limits { idle_timeout: Duration::from_mins(1), ..LIMITS };
    let hanging = fixture.uploads.receive(fixture.staff, half, &limits);
    let swept = async {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        while fixture.files_on_disk() < 2 && tokio::time::Instant::now() < deadline {
            tokio::task::yield_now().await;
        }
        assert_eq!(fixture.files_on_disk(), 2, "one whole, one half written: {}", orphan.key);
        fixture.clock.advance(AGE + Duration::from_mins(1));
        fixture.uploads.sweep(AGE).await.unwrap()
    };
    tokio::select! {
        swept = swept => assert_eq!(swept, Swept { rows: 1, objects: 3 }),
        done = hanging => panic!("{done:?}"),
    }
    assert_eq!((fixture.rows().await, fixture.files_on_disk()), (0, 0));
}
