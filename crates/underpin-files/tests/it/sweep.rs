//! What is begun and never used goes away; what is used stays.

use std::time::Duration;

use bytes::Bytes;
use underpin_files::{Error, Swept};

use crate::support::{Fixture, LIMITS, PATIENT, hanging, incoming, on_both_stores};

const AGE: Duration = Duration::from_hours(6);

on_both_stores! {
    the_sweep_removes_what_is_over_and_unused_only
    what_a_killed_process_left_half_written_is_removed
    objects_without_a_row_are_removed_when_old
    a_purged_tenant_leaves_no_object
}

async fn the_sweep_removes_what_is_over_and_unused_only(fixture: Fixture) {
    let uploads = &fixture.uploads;
    fixture.keep(1).await.unwrap();
    let body = incoming(vec![Bytes::from_static(b"x")]);
    let unused = &uploads.receive(fixture.staff, body, &LIMITS).await.unwrap();

    assert_eq!(uploads.sweep().await.unwrap(), Swept::default());
    fixture.test.advance(Duration::from_mins(4)).await;
    assert_eq!(uploads.sweep().await.unwrap(), Swept { rows: 1, objects: 0 });

    assert_eq!((fixture.rows().await, fixture.stored(), fixture.usage().await), (1, (1, 0), 1));
    let late = fixture.commit(fixture.staff, unused).await;
    assert!(matches!(late, Err(Error::Gone)), "{late:?}");
    assert_eq!(fixture.usage().await, 1);
}

/// As after `kill -9`: the future is neither driven on nor dropped, so nothing cleans up behind it.
async fn killed_in_the_middle(fixture: &Fixture) {
    let (uploads, staff) = (fixture.uploads.clone(), fixture.staff);
    let mut receiving =
        Box::pin(async move { uploads.receive(staff, hanging(6 << 20), &PATIENT).await.map(drop) });
    let half_written = underpin_testkit::until("half of it is there", async || {
        (fixture.stored().1 > 0 && fixture.rows().await == 1).then_some(())
    });
    tokio::select! {
        () = half_written => {}
        done = &mut receiving => panic!("{done:?}"),
    }
    std::mem::forget(receiving);
}

async fn what_a_killed_process_left_half_written_is_removed(fixture: Fixture) {
    killed_in_the_middle(&fixture).await;
    assert_eq!(fixture.uploads.sweep().await.unwrap(), Swept::default());
    fixture.test.advance(Duration::from_mins(4)).await;
    assert_eq!(fixture.uploads.sweep().await.unwrap(), Swept { rows: 1, objects: 0 });
    // A disk knows its half-written files by their age.
    fixture.clock.advance(AGE + Duration::from_mins(1));
    fixture.uploads.sweep_orphans(AGE).await.unwrap();
    assert_eq!((fixture.rows().await, fixture.stored()), (0, (0, 0)));
    assert_eq!(fixture.uploads.sweep().await.unwrap(), Swept::default());
}

async fn objects_without_a_row_are_removed_when_old(fixture: Fixture) {
    fixture.keep(1).await.unwrap();
    let orphan = fixture.uploads.receive(fixture.staff, incoming(vec![]), &LIMITS).await.unwrap();
    // The row's delete committed, the object's did not happen.
    let client = fixture.test.superuser().await;
    let sql = "delete from underpin.upload where id = $1";
    client.execute(sql, &[&orphan.upload_id.uuid()]).await.unwrap();

    assert_eq!(fixture.uploads.sweep_orphans(AGE).await.unwrap(), Swept::default());
    fixture.clock.advance(AGE + Duration::from_mins(1));
    let swept = fixture.uploads.sweep_orphans(AGE).await.unwrap();
    assert_eq!(swept, Swept { rows: 0, objects: 1 });
    assert_eq!((fixture.rows().await, fixture.stored()), (1, (1, 0)));
}

async fn a_purged_tenant_leaves_no_object(fixture: Fixture) {
    fixture.keep(1).await.unwrap();
    fixture.keep(2).await.unwrap();
    let tenant = fixture.staff.tenant;
    assert_eq!(fixture.uploads.remove_objects_of(tenant).await.unwrap(), 0, "its rows are there");
    let client = fixture.test.superuser().await;
    client.execute("delete from underpin.upload", &[]).await.unwrap();
    let other = underpin_base::TenantId::new();
    assert_eq!(fixture.uploads.remove_objects_of(other).await.unwrap(), 0);
    assert_eq!(fixture.uploads.remove_objects_of(tenant).await.unwrap(), 2);
    assert_eq!(fixture.stored(), (0, 0));
}
