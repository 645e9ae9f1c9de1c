//! What is told, and to whom.

use underpin_base::{Principal, Role, UserId};
use underpin_log::{Audience, Topic};
use underpin_realtime::Limits;

use crate::stage::{Reader, Stage, event, investor, staff, tell};

#[tokio::test]
async fn what_is_committed_anywhere_is_told_on_every_instance_in_order_and_once() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let (one, two) = (stage.hub(), stage.hub());
    let mut readers = Vec::new();
    for hub in [&one, &one, &two] {
        readers.push(Reader::join(hub, writer, &topic, None).await);
    }
    for start in [1, 4, 7] {
        stage.tell(writer, &topic, start..start + 3).await;
    }
    for reader in &mut readers {
        assert!(!reader.joined.resumed);
        assert_eq!(reader.numbers(9).await, (1..10).collect::<Vec<_>>());
    }
    assert_eq!(one.figures().rooms, 1);
    assert_eq!(two.figures().connections, 1);
    drop(readers);
    assert_eq!((one.figures().rooms, one.figures().connections), (0, 0), "an empty room is gone");
}

#[tokio::test]
async fn without_any_hint_it_is_only_later() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    // No link to the others.
    let hub = stage.hub_with(&stage.db.second_process(), Limits::default());
    let mut reader = Reader::join(&hub, writer, &topic, None).await;
    stage.tell(writer, &topic, 1..3).await;
    assert_eq!(reader.numbers(2).await, [1, 2]);
    stage.tell(writer, &topic, 3..4).await;
    assert_eq!(reader.number().await, 3, "the last one too");
}

#[tokio::test]
async fn nobody_hears_another_tenant_or_what_is_for_another_person() {
    let stage = Stage::new().await;
    let (north, south, topic) = (staff(), staff(), Topic::named("funds"));
    let (ivy, ian) = (investor(north), investor(north));
    // The same person in two tenants is two readers.
    let sue = Principal { subject: north.subject, ..south };
    let hub = stage.hub();
    let mut readers = Vec::new();
    for principal in [north, ivy, ian, south, sue] {
        readers.push(Reader::join(&hub, principal, &topic, None).await);
    }
    let told = [
        (Audience::Staff, 1),
        (Audience::Tenant, 2),
        (Audience::User(ivy.subject), 3),
        (Audience::User(UserId::new()), 4),
        (Audience::User(ian.subject), 5),
    ];
    for (audience, number) in told {
        tell(&stage.db.db, north, &[event(&topic, audience, number, "")]).await;
    }
    // The last of each tenant is for everybody, so whatever came before it was all.
    stage.tell(north, &topic, 99..100).await;
    stage.tell(south, &topic, 77..78).await;
    for (reader, expected) in
        readers.iter_mut().zip([&[1, 2, 3, 4, 5, 99][..], &[2, 3, 99], &[2, 5, 99], &[77], &[77]])
    {
        assert_eq!(reader.numbers(expected.len()).await, expected);
    }
}

#[tokio::test]
async fn history_and_what_is_told_are_for_the_same_readers() {
    let stage = Stage::new().await;
    let (writer, topic) = (staff(), Topic::named("funds"));
    let ivy = investor(writer);
    let hub = stage.hub();
    // Keeps the room, so that it tells while others read history.
    let mut first = Reader::join(&hub, writer, &topic, None).await;
    let audiences = [Audience::Staff, Audience::Tenant, Audience::User(ivy.subject)];
    for (number, audience) in (1..).zip(audiences) {
        tell(&stage.db.db, writer, &[event(&topic, audience, number, "")]).await;
    }
    assert_eq!(first.numbers(3).await, [1, 2, 3]);
    let start = first.joined.position;
    let roles = [Role::Owner, Role::Admin, Role::Member];
    for role in roles {
        let member = Principal { role, subject: UserId::new(), ..writer };
        let mut reader = Reader::join(&hub, member, &topic, Some(start)).await;
        assert_eq!(reader.numbers(3).await, [1, 2, 3]);
    }
    let mut reader = Reader::join(&hub, ivy, &topic, Some(start)).await;
    assert_eq!(reader.numbers(2).await, [2, 3]);
    // Somebody else's room of the same name is another room.
    let other = staff();
    let mut stranger = Reader::join(&hub, other, &topic, Some(start)).await;
    stage.tell(writer, &topic, 4..5).await;
    assert_eq!(reader.number().await, 4);
    stage.tell(other, &topic, 50..51).await;
    assert_eq!(stranger.number().await, 50);
}
