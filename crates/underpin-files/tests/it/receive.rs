//! Bodies that come, come wrong, or do not come.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use underpin_base::Role;
use underpin_files::{Error, Incoming};

use crate::support::{
    Fixture, LIMITS, PATIENT, Piece, hanging, incoming, on_both_stores, principal, streaming,
};

on_both_stores! {
    a_body_becomes_a_hashed_file_that_is_read_from_any_offset
    an_empty_body_is_a_file_too
    a_file_is_used_once
    a_body_past_its_limit_is_refused_by_header_without_being_read_and_by_count
    a_body_that_stops_breaks_off_or_lies_leaves_nothing
    a_sender_who_goes_away_leaves_nothing
    an_investor_may_not_upload_and_no_tenant_sees_the_file_of_another
    what_a_file_is_called_is_checked_before_it_is_read
}

async fn a_body_becomes_a_hashed_file_that_is_read_from_any_offset(fixture: Fixture) {
    let pieces: Vec<Bytes> = (0..1_200_u32).map(|n| Bytes::from(vec![n as u8; 9_973])).collect();
    let whole: Vec<u8> = pieces.iter().flatten().copied().collect();

    let received = fixture.uploads.receive(fixture.staff, incoming(pieces), &LIMITS).await.unwrap();

    assert_eq!(received.bytes, whole.len() as u64);
    assert_eq!(received.sha256, <[u8; 32]>::from(Sha256::digest(&whole)));
    fixture.commit(fixture.staff, &received).await.unwrap();
    for offset in [0, 1, 1 << 20, whole.len() - 1, whole.len(), whole.len() + 7] {
        let expected = &whole[offset.min(whole.len())..];
        assert!(fixture.read(&received.key, offset as u64).await == expected, "offset {offset}");
    }
    let pieces = fixture.uploads.files().stream(&received.key).await.unwrap();
    let streamed: Vec<Bytes> = pieces.map(|piece| piece.unwrap()).collect().await;
    assert!(streamed.concat() == whole);
    assert_eq!((fixture.rows().await, fixture.stored()), (1, (1, 0)));
    assert_eq!(fixture.usage().await, whole.len() as i64);
}

async fn an_empty_body_is_a_file_too(fixture: Fixture) {
    let received = fixture.uploads.receive(fixture.staff, incoming(vec![]), &LIMITS).await.unwrap();
    fixture.commit(fixture.staff, &received).await.unwrap();
    assert_eq!(received.sha256, <[u8; 32]>::from(Sha256::digest(b"")));
    assert_eq!(fixture.read(&received.key, 0).await, b"");
}

async fn a_file_is_used_once(fixture: Fixture) {
    let body = incoming(vec![Bytes::from_static(b"x")]);
    let received = fixture.uploads.receive(fixture.staff, body, &LIMITS).await.unwrap();
    fixture.commit(fixture.staff, &received).await.unwrap();
    let again = fixture.commit(fixture.staff, &received).await;
    assert!(matches!(again, Err(Error::Gone)), "{again:?}");
    // A discard that comes too late removes nothing.
    fixture.uploads.discard(fixture.staff, &received).await;
    assert_eq!((fixture.rows().await, fixture.stored(), fixture.usage().await), (1, (1, 0), 1));
}

async fn a_body_past_its_limit_is_refused_by_header_without_being_read_and_by_count(
    fixture: Fixture,
) {
    let unread = stream::poll_fn(|_| -> std::task::Poll<Option<Piece>> { panic!("was read") });
    let announced = Incoming { content_length: Some(LIMITS.bytes_max + 1), ..streaming(unread) };
    let by_header = fixture.uploads.receive(fixture.staff, announced, &LIMITS).await;
    assert!(matches!(by_header, Err(Error::TooLarge { .. })), "{by_header:?}");

    let endless = stream::repeat_with(|| Piece::Ok(Bytes::from(vec![7; 64 << 10])));
    let by_count = fixture.uploads.receive(fixture.staff, streaming(endless), &LIMITS).await;
    assert!(matches!(by_count, Err(Error::TooLarge { .. })), "{by_count:?}");
    assert_eq!((fixture.rows().await, fixture.stored()), (0, (0, 0)));
}

async fn a_body_that_stops_breaks_off_or_lies_leaves_nothing(fixture: Fixture) {
    let first = || stream::iter([Piece::Ok(Bytes::from(vec![1; 6 << 20]))]);

    let stopped = fixture.uploads.receive(fixture.staff, hanging(6 << 20), &LIMITS).await;
    assert!(matches!(stopped, Err(Error::BodyTimeout { bytes: 6_291_456 })), "{stopped:?}");

    let gone = stream::iter([Piece::Err(std::io::ErrorKind::ConnectionReset.into())]);
    let broken = streaming(first().chain(gone));
    let broken = fixture.uploads.receive(fixture.staff, broken, &LIMITS).await;
    assert!(matches!(broken, Err(Error::BodyBroken { .. })), "{broken:?}");

    let short = Incoming { content_length: Some(7 << 20), ..streaming(first()) };
    let short = fixture.uploads.receive(fixture.staff, short, &LIMITS).await;
    assert!(matches!(short, Err(Error::LengthMismatch { .. })), "{short:?}");
    assert_eq!((fixture.rows().await, fixture.stored()), (0, (0, 0)));
}

async fn a_sender_who_goes_away_leaves_nothing(fixture: Fixture) {
    let hangs = fixture.uploads.receive(fixture.staff, hanging(6 << 20), &PATIENT);
    tokio::select! {
        () = fixture.until_rows(1) => {}
        done = hangs => panic!("{done:?}"),
    }
    // The request's future is dropped, as when the connection breaks.
    fixture.until_rows(0).await;
    assert_eq!(fixture.stored(), (0, 0));
}

async fn an_investor_may_not_upload_and_no_tenant_sees_the_file_of_another(fixture: Fixture) {
    let investor = principal(Role::Investor);
    let refused = fixture.uploads.receive(investor, incoming(vec![]), &LIMITS).await;
    assert!(matches!(refused, Err(Error::Db(underpin_db::Error::Refused { .. }))), "{refused:?}");

    let body = incoming(vec![Bytes::from_static(b"x")]);
    let mine = fixture.uploads.receive(fixture.staff, body, &LIMITS).await.unwrap();
    let stranger = principal(Role::Owner);
    let taken = fixture.commit(stranger, &mine).await;
    assert!(matches!(taken, Err(Error::Gone)), "{taken:?}");
    let seen = fixture.uploads.find(stranger, mine.upload_id).await;
    assert!(matches!(seen, Err(Error::NoUpload)), "{seen:?}");
    let removed = fixture.uploads.remove(stranger, mine.upload_id).await;
    assert!(matches!(removed, Err(Error::NoUpload)), "{removed:?}");
}

async fn what_a_file_is_called_is_checked_before_it_is_read(fixture: Fixture) {
    for name in [String::new(), "a\nb".to_owned(), "x".repeat(256)] {
        let unread = stream::poll_fn(|_| -> std::task::Poll<Option<Piece>> { panic!("was read") });
        let named = Incoming { filename: name, ..streaming(unread) };
        let refused = fixture.uploads.receive(fixture.staff, named, &LIMITS).await;
        assert!(matches!(refused, Err(Error::BadFilename)), "{refused:?}");
    }
    assert_eq!(fixture.rows().await, 0);
}
