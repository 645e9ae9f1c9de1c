//! The bucket goes away.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use underpin_base::ErrorKind;
use underpin_files::{Error, Files};
use underpin_testkit_s3::S3Server;

use crate::support::{Fixture, LIMITS, Piece, incoming, settings, streaming};

fn body() -> Vec<Bytes> {
    (0..14_u8).map(|n| Bytes::from(vec![n; 1 << 20])).collect()
}

#[tokio::test]
async fn while_the_store_is_away_uploads_are_refused_before_the_body_is_read() {
    let fixture = Fixture::in_a_bucket().await;
    fixture.bucket().go_away().await;
    let unread = stream::poll_fn(|_| -> std::task::Poll<Option<Piece>> { panic!("was read") });
    let began = std::time::Instant::now();
    let refused = fixture.uploads.receive(fixture.staff, streaming(unread), &LIMITS).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable, "{refused:?}");
    // Long before a read of the store would be given up.
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert_eq!(fixture.rows().await, 0);

    fixture.bucket().come_back().await;
    fixture.keep(1).await.unwrap();
}

#[tokio::test]
async fn a_store_that_dies_in_the_middle_of_a_body_leaves_nothing_that_the_sweep_does_not_find() {
    let fixture = Fixture::in_a_bucket().await;
    // Begin, one part, and then nothing any more.
    fixture.bucket().die_after(2);
    let outcome = fixture.uploads.receive(fixture.staff, incoming(body()), &LIMITS).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    // The row stays: it is what knows of the part.
    assert_eq!(fixture.rows().await, 1);
    assert!(fixture.stored().1 > 0);

    fixture.test.advance(Duration::from_mins(4)).await;
    let still_away = fixture.uploads.sweep().await.unwrap_err();
    assert_eq!(still_away.kind(), ErrorKind::Unavailable, "{still_away:?}");
    fixture.bucket().come_back().await;
    // The row was claimed by the sweep that failed, and is free again after a while.
    fixture.test.advance(Duration::from_mins(11)).await;
    assert_eq!(fixture.uploads.sweep().await.unwrap().rows, 1);
    assert_eq!((fixture.rows().await, fixture.stored()), (0, (0, 0)));
}

#[tokio::test]
async fn a_store_that_comes_back_in_time_is_not_noticed() {
    let fixture = Fixture::in_a_bucket().await;
    fixture.bucket().die_after(2);
    let uploading = async {
        let received = fixture.uploads.receive(fixture.staff, incoming(body()), &LIMITS).await?;
        fixture.commit(fixture.staff, &received).await.map(|()| received)
    };
    let coming_back = async {
        underpin_testkit::until("it died", async || (fixture.bucket().asked() >= 3).then_some(()))
            .await;
        fixture.bucket().come_back().await;
    };
    let (received, ()) = tokio::join!(uploading, coming_back);
    assert!(fixture.read(&received.unwrap().key, 0).await == body().concat());
}

#[tokio::test]
async fn a_probe_tells_whether_the_store_can_be_written_and_read() {
    let fixture = Fixture::in_a_bucket().await;
    fixture.uploads.files().probe().await.unwrap();
    assert_eq!(fixture.stored(), (0, 0));
    let server = S3Server::start().await;
    let stranger = underpin_files::S3Settings {
        secret_access_key: underpin_base::Secret::new("not the key of this service".to_owned()),
        ..settings(&server)
    };
    let refused = Files::s3(&stranger).unwrap().probe().await;
    assert!(matches!(refused, Err(Error::Storage { .. })), "{refused:?}");
    server.go_away().await;
    assert!(Files::s3(&settings(&server)).unwrap().probe().await.is_err());
    Fixture::on_a_disk().await.uploads.files().probe().await.unwrap();
}
