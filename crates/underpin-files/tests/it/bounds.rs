//! How many at a time, how much memory, how much in all.

use bytes::Bytes;
use futures_util::stream;
use underpin_base::Role;
use underpin_files::{Bounds, Error, Incoming};

use crate::support::{
    BOUNDS, Fixture, LIMITS, PATIENT, Piece, colleague, hanging, incoming, on_both_stores,
    principal, streaming,
};

on_both_stores! {
    a_person_and_a_tenant_have_so_many_under_way_in_all_processes
    who_finds_no_memory_free_is_told_so_before_anything_is_read
    a_tenant_stores_so_much_and_is_told_before_the_body_is_read
    what_a_tenant_may_store_is_exact_among_rivals
}

async fn a_person_and_a_tenant_have_so_many_under_way_in_all_processes(fixture: Fixture) {
    let Fixture { uploads, staff, .. } = &fixture;
    let other = &uploads.clone().with_bounds(BOUNDS);
    let one = uploads.receive(*staff, hanging(10), &PATIENT);
    let two = other.receive(*staff, hanging(10), &PATIENT);
    let third = async {
        fixture.until_rows(2).await;
        let mine = uploads.receive(*staff, incoming(vec![]), &LIMITS).await;
        let ours = other.receive(colleague(*staff), hanging(10), &PATIENT);
        let after = async {
            fixture.until_rows(3).await;
            let full = uploads.receive(colleague(*staff), incoming(vec![]), &LIMITS).await;
            // Somebody else's tenant is not concerned.
            let stranger = principal(Role::Owner);
            uploads.receive(stranger, incoming(vec![]), &LIMITS).await.unwrap();
            full
        };
        tokio::select! {
            full = after => (mine, full),
            done = ours => panic!("{done:?}"),
        }
    };
    let (mine, ours) = tokio::select! {
        third = third => third,
        both = async { tokio::join!(one, two) } => panic!("{both:?}"),
    };
    assert!(matches!(mine, Err(Error::TooMany { whose: "yours", open: 2 })), "{mine:?}");
    assert!(matches!(ours, Err(Error::TooMany { whose: "your tenant", open: 3 })), "{ours:?}");
    // What a killed process leaves open counts until its lease is over, and no longer.
    fixture.until_rows(1).await;
}

async fn who_finds_no_memory_free_is_told_so_before_anything_is_read(fixture: Fixture) {
    // Room for one part and a little more.
    let part = if fixture.uploads.files().is_local() { 1 << 20 } else { 5 << 20 };
    let fixture = fixture.bounded(Bounds { memory_bytes_max: part + (64 << 10), ..BOUNDS });
    let uploads = &fixture.uploads;
    let asked = async {
        fixture.until_rows(1).await;
        let unread = stream::poll_fn(|_| -> std::task::Poll<Option<Piece>> { panic!("was read") });
        let refused = uploads.receive(fixture.staff, streaming(unread), &LIMITS).await;
        // A small file fits beside it.
        let small = incoming(vec![Bytes::from_static(b"x")]);
        let small = Incoming { content_length: Some(1), ..small };
        uploads.receive(fixture.staff, small, &LIMITS).await.unwrap();
        refused
    };
    let refused = tokio::select! {
        refused = asked => refused,
        done = uploads.receive(fixture.staff, hanging(10), &PATIENT) => panic!("{done:?}"),
    };
    assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
}

async fn a_tenant_stores_so_much_and_is_told_before_the_body_is_read(fixture: Fixture) {
    let fixture = fixture.bounded(Bounds { tenant_bytes_max: 1_000, ..BOUNDS });
    fixture.keep(600).await.unwrap();
    let unread = stream::poll_fn(|_| -> std::task::Poll<Option<Piece>> { panic!("was read") });
    let announced = Incoming { content_length: Some(401), ..streaming(unread) };
    let refused = fixture.uploads.receive(fixture.staff, announced, &LIMITS).await;
    assert!(matches!(refused, Err(Error::QuotaExceeded { bytes_max: 1_000 })), "{refused:?}");
    // One that does not say its length is refused at its commit.
    let body = incoming(vec![Bytes::from(vec![7; 401])]);
    let received = fixture.uploads.receive(fixture.staff, body, &LIMITS).await.unwrap();
    let refused = fixture.commit(fixture.staff, &received).await;
    assert!(matches!(refused, Err(Error::QuotaExceeded { .. })), "{refused:?}");
    fixture.uploads.discard(fixture.staff, &received).await;
    fixture.keep(400).await.unwrap();
    assert_eq!((fixture.usage().await, fixture.stored()), (1_000, (2, 0)));
}

async fn what_a_tenant_may_store_is_exact_among_rivals(fixture: Fixture) {
    let bounds =
        Bounds { tenant_bytes_max: 1_000, per_user_max: 100, per_tenant_max: 100, ..BOUNDS };
    let fixture = &fixture.bounded(bounds);
    let rivals = (0..8).map(|_| async move {
        let body = incoming(vec![Bytes::from(vec![7; 300])]);
        fixture.uploads.receive(fixture.staff, body, &LIMITS).await.unwrap()
    });
    let rivals = futures_util::future::join_all(rivals).await;
    let commits = rivals.iter().map(|received| fixture.commit(fixture.staff, received));
    let commits = futures_util::future::join_all(commits).await;
    let kept = commits.iter().filter(|commit| commit.is_ok()).count();
    assert_eq!((kept, fixture.usage().await), (3, 900), "{commits:?}");
    let refused = commits.into_iter().filter_map(Result::err);
    for error in refused {
        assert!(matches!(error, Error::QuotaExceeded { .. }), "{error:?}");
    }
}
