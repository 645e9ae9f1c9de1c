//! Bodies that come, come wrong, or do not come.

use std::io::Read as _;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use underpin_base::{Principal, Role};
use underpin_files::{Error, Incoming, Received, Result};

use crate::support::{Fixture, LIMITS, Piece, incoming, principal};

async fn commit(fixture: &Fixture, by: Principal, received: &Received) -> Result<()> {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let (db, uploads) = (&fixture.test.db, &fixture.uploads);
    db.transact(by, |tx, _| Box::pin(async move { uploads.commit(tx, received, now).await })).await
}

async fn read(fixture: &Fixture, key: &str, offset: u64) -> Vec<u8> {
    let mut reader = fixture.uploads.files().reader(key, offset).await.unwrap();
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    bytes
}

#[tokio::test]
async fn a_body_becomes_a_hashed_file_that_is_read_from_any_offset() {
    let fixture = Fixture::new().await;
    let pieces: Vec<Bytes> = (0..300_u32).map(|n| Bytes::from(vec![n as u8; 9_973])).collect();
    let whole: Vec<u8> = pieces.iter().flatten().copied().collect();

    let received = fixture.uploads.receive(fixture.staff, incoming(pieces), &LIMITS).await.unwrap();

    assert_eq!(received.bytes, whole.len() as u64);
    assert_eq!(received.sha256, <[u8; 32]>::from(Sha256::digest(&whole)));
    commit(&fixture, fixture.staff, &received).await.unwrap();
    for offset in [0, 1, 1 << 20, whole.len() - 1, whole.len(), whole.len() + 7] {
        let expected = &whole[offset.min(whole.len())..];
        assert!(read(&fixture, &received.key, offset as u64).await == expected, "offset {offset}");
    }
}

#[tokio::test]
async fn a_file_is_used_once() {
    let fixture = Fixture::new().await;
    let body = incoming(vec![Bytes::from_static(b"x")]);
    let received = fixture.uploads.receive(fixture.staff, body, &LIMITS).await.unwrap();
    commit(&fixture, fixture.staff, &received).await.unwrap();
    let again = commit(&fixture, fixture.staff, &received).await;
    assert!(matches!(again, Err(Error::Gone)), "{again:?}");
    // A discard that comes too late removes nothing.
    fixture.uploads.discard(fixture.staff, &received).await;
    assert_eq!((fixture.rows().await, fixture.files_on_disk()), (1, 1));
}

#[tokio::test]
async fn a_body_past_its_limit_is_refused_by_header_without_being_read_and_by_count() {
    let fixture = Fixture::new().await;
    let unread = stream::poll_fn(|_| -> std::task::Poll<Option<Piece>> { panic!("was read") });
    let announced = Incoming {
        filename: "a".into(),
        media_type: None,
        content_length: Some(LIMITS.bytes_max + 1),
        body: unread,
    };
    let by_header = fixture.uploads.receive(fixture.staff, announced, &LIMITS).await;
    assert!(matches!(by_header, Err(Error::TooLarge { .. })), "{by_header:?}");

    let endless = stream::repeat_with(|| Piece::Ok(Bytes::from(vec![7; 64 << 10])));
    let endless =
        Incoming { filename: "a".into(), media_type: None, content_length: None, body: endless };
    let by_count = fixture.uploads.receive(fixture.staff, endless, &LIMITS).await;
    assert!(matches!(by_count, Err(Error::TooLarge { .. })), "{by_count:?}");
    assert_eq!((fixture.rows().await, fixture.files_on_disk()), (0, 0));
}

#[tokio::test]
async fn a_body_that_stops_breaks_off_or_lies_leaves_nothing() {
    let fixture = Fixture::new().await;
    let first = || stream::iter([Piece::Ok(Bytes::from(vec![1; 3 << 20]))]);

    let silent = Incoming {
        filename: "a".into(),
        media_type: None,
        content_length: None,
        body: first().chain(stream::pending()),
    };
    let stopped = fixture.uploads.receive(fixture.staff, silent, &LIMITS).await;
    assert!(matches!(stopped, Err(Error::BodyTimeout { bytes: 3_145_728 })), "{stopped:?}");

    let gone = stream::iter([Piece::Err(std::io::ErrorKind::ConnectionReset.into())]);
    let broken = Incoming {
        filename: "a".into(),
        media_type: None,
        content_length: None,
        body: first().chain(gone),
    };
    let broken = fixture.uploads.receive(fixture.staff, broken, &LIMITS).await;
    assert!(matches!(broken, Err(Error::BodyBroken { .. })), "{broken:?}");

    let short = Incoming {
        filename: "a".into(),
        media_type: None,
        content_length: Some(4 << 20),
        body: first(),
    };
    let short = fixture.uploads.receive(fixture.staff, short, &LIMITS).await;
    assert!(matches!(short, Err(Error::LengthMismatch { .. })), "{short:?}");
    assert_eq!((fixture.rows().await, fixture.files_on_disk()), (0, 0));
}

#[tokio::test]
async fn only_so_many_bodies_are_taken_at_a_time() {
    let fixture = Fixture::new().await;
    let hanging = || Incoming {
        filename: "a".into(),
        media_type: None,
        content_length: None,
        body: stream::pending::<Piece>(),
    };
    let limits =
        &underpin_files::Limits { idle_timeout: std::time::Duration::from_secs(5), ..LIMITS };
    let one = fixture.uploads.receive(fixture.staff, hanging(), limits);
    let two = fixture.uploads.receive(fixture.staff, hanging(), limits);
    let third = async {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(4);
        while fixture.rows().await < 2 && tokio::time::Instant::now() < deadline {}
        fixture.uploads.receive(fixture.staff, incoming(vec![]), limits).await
    };
    tokio::select! {
        third = third => assert!(matches!(third, Err(Error::Busy)), "{third:?}"),
        both = async { tokio::join!(one, two) } => panic!("{both:?}"),
    }
}

#[tokio::test]
async fn an_investor_may_not_upload_and_no_tenant_sees_the_file_of_another() {
    let fixture = Fixture::new().await;
    let investor = principal(Role::Investor);
    let refused = fixture.uploads.receive(investor, incoming(vec![]), &LIMITS).await;
    assert!(matches!(refused, Err(Error::Db(underpin_db::Error::Refused { .. }))), "{refused:?}");

    let body = incoming(vec![Bytes::from_static(b"x")]);
    let mine = fixture.uploads.receive(fixture.staff, body, &LIMITS).await.unwrap();
    let taken = commit(&fixture, principal(Role::Owner), &mine).await;
    assert!(matches!(taken, Err(Error::Gone)), "{taken:?}");
}
