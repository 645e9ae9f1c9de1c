//! What every log store must do, as a suite: Postgres passes it today, Redis must pass the same.
//!
//! A test implements [`Stage`] for its store and calls [`run`].

use serde_json::json;
use underpin_base::{Principal, Role, TenantId, UserId};
use underpin_runtime::CancellationToken;
use uuid::Uuid;

use crate::{Audience, Entry, Follower, Item, LogStore, NewEvent, Position, Read, Topic};

/// What the suite needs of a store's surroundings.
pub trait Stage: Sync {
    /// The store.
    type Store: LogStore;
    /// The store under test, as one process sees it.
    fn store(&self) -> Self::Store;
    /// Commit these events in one transaction, and return when they have their places in the store.
    fn tell(&self, principal: Principal, events: Vec<NewEvent>) -> impl Future<Output = ()> + Send;
    /// Let time pass until nothing told so far is kept.
    fn forget(&self) -> impl Future<Output = ()> + Send;
}

/// Run every check of the suite. Panics at the first that fails.
pub async fn run(stage: &impl Stage) {
    a_topic_without_entries_starts_at_the_start(stage).await;
    entries_come_in_order_without_a_gap(stage).await;
    reading_goes_on_where_it_ended(stage).await;
    topics_and_tenants_do_not_mix(stage).await;
    an_outside_person_gets_what_is_for_them_and_the_position_moves_on(stage).await;
    a_position_that_never_was_means_resync(stage).await;
    a_follower_gets_what_comes_while_it_waits(stage).await;
    a_reader_below_the_floor_is_told_to_resync(stage).await;
}

/// A member of staff of a tenant of their own.
pub fn staff() -> Principal {
    Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member }
}

/// `count` events of one thing with versions from `first` on.
pub fn events(topic: &Topic, audience: Audience, first: i64, count: i64) -> Vec<NewEvent> {
    let entity = Uuid::from_u128(1);
    let event = |version| NewEvent {
        topic: topic.clone(),
        entity,
        version,
        kind: "thing.changed",
        schema_version: 1,
        audience,
        payload: json!({ "version": version }),
    };
    (first..first + count).map(event).collect()
}

async fn entries(
    store: &impl LogStore,
    principal: Principal,
    topic: &Topic,
    after: Position,
    limit: u32,
) -> (Vec<Entry>, Position) {
    match store.read(principal, topic, after, limit).await.expect("read") {
        Read::Entries { entries, position } => (entries, position),
        Read::Resync(position) => panic!("resync to {position}"),
    }
}

fn versions(entries: &[Entry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.version).collect()
}

async fn a_topic_without_entries_starts_at_the_start(stage: &impl Stage) {
    let (store, reader, topic) = (stage.store(), staff(), Topic::named("quiet"));
    assert_eq!(store.head(reader, &topic).await.expect("head"), Position::START);
    assert_eq!(
        entries(&store, reader, &topic, Position::START, 10).await,
        (vec![], Position::START)
    );
}

async fn entries_come_in_order_without_a_gap(stage: &impl Stage) {
    let (store, writer, topic) = (stage.store(), staff(), Topic::named("order"));
    stage.tell(writer, events(&topic, Audience::Staff, 1, 3)).await;
    stage.tell(writer, events(&topic, Audience::Staff, 4, 2)).await;
    let (found, position) = entries(&store, writer, &topic, Position::START, 10).await;
    assert_eq!(versions(&found), [1, 2, 3, 4, 5]);
    let seqs: Vec<_> = found.iter().map(|entry| entry.position.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5]);
    assert_eq!(position, store.head(writer, &topic).await.expect("head"));
    assert_eq!(found[0].payload, json!({ "version": 1 }));
    assert_eq!(found[0].actor, writer.subject);
    assert_eq!(found[0].kind, "thing.changed");
}

async fn reading_goes_on_where_it_ended(stage: &impl Stage) {
    let (store, writer, topic) = (stage.store(), staff(), Topic::named("pages"));
    stage.tell(writer, events(&topic, Audience::Staff, 1, 7)).await;
    let (mut seen, mut position) = (Vec::new(), Position::START);
    loop {
        let (page, next) = entries(&store, writer, &topic, position, 3).await;
        if next == position {
            break;
        }
        assert!(page.len() <= 3);
        seen.extend(versions(&page));
        position = next;
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
}

async fn topics_and_tenants_do_not_mix(stage: &impl Stage) {
    let (store, one, two) = (stage.store(), staff(), staff());
    let (left, right) = (Topic::named("left"), Topic::named("right"));
    stage.tell(one, events(&left, Audience::Tenant, 1, 2)).await;
    stage.tell(one, events(&right, Audience::Tenant, 11, 1)).await;
    stage.tell(two, events(&left, Audience::Tenant, 21, 1)).await;
    assert_eq!(versions(&entries(&store, one, &left, Position::START, 9).await.0), [1, 2]);
    assert_eq!(versions(&entries(&store, one, &right, Position::START, 9).await.0), [11]);
    assert_eq!(versions(&entries(&store, two, &left, Position::START, 9).await.0), [21]);
    assert!(entries(&store, two, &right, Position::START, 9).await.0.is_empty());
}

async fn an_outside_person_gets_what_is_for_them_and_the_position_moves_on(stage: &impl Stage) {
    let (store, writer, topic) = (stage.store(), staff(), Topic::named("audience"));
    let person = Principal { subject: UserId::new(), role: Role::Investor, ..writer };
    let told = [
        (Audience::Staff, 1),
        (Audience::Tenant, 2),
        (Audience::User(UserId::new()), 3),
        (Audience::User(person.subject), 4),
        (Audience::Staff, 5),
    ];
    for (audience, version) in told {
        stage.tell(writer, events(&topic, audience, version, 1)).await;
    }
    let (found, position) = entries(&store, person, &topic, Position::START, 9).await;
    assert_eq!(versions(&found), [2, 4]);
    assert_eq!(position.seq, 5);
    assert_eq!(entries(&store, person, &topic, position, 9).await, (vec![], position));
    assert_eq!(versions(&entries(&store, writer, &topic, Position::START, 9).await.0).len(), 5);
}

async fn a_position_that_never_was_means_resync(stage: &impl Stage) {
    let (store, writer, topic) = (stage.store(), staff(), Topic::named("future"));
    stage.tell(writer, events(&topic, Audience::Staff, 1, 1)).await;
    let head = store.head(writer, &topic).await.expect("head");
    let ahead = Position { seq: head.seq + 1, ..head };
    let other = Position { epoch: head.epoch + 1_000_000, ..head };
    for wrong in [ahead, other] {
        assert_eq!(store.read(writer, &topic, wrong, 9).await.expect("read"), Read::Resync(head));
    }
}

async fn a_follower_gets_what_comes_while_it_waits(stage: &impl Stage) {
    let (store, writer, topic) = (stage.store(), staff(), Topic::named("live"));
    stage.tell(writer, events(&topic, Audience::Staff, 1, 1)).await;
    let stop = CancellationToken::new();
    let mut follower = Follower::start(store, writer, topic.clone(), None).await.expect("start");
    let (got, ()) = tokio::join!(
        follower.next(&stop),
        stage.tell(writer, events(&topic, Audience::Staff, 2, 2))
    );
    let Ok(Some(Item::Entry(first))) = got else { panic!("no entry but {got:?}") };
    assert_eq!(first.version, 2);
    let Ok(Some(Item::Entry(second))) = follower.next(&stop).await else { panic!("no entry") };
    assert_eq!((second.version, follower.position()), (3, second.position));
    stop.cancel();
    assert_eq!(follower.next(&stop).await.expect("stopped"), None);
}

async fn a_reader_below_the_floor_is_told_to_resync(stage: &impl Stage) {
    let (store, writer) = (stage.store(), staff());
    let (gone, back) = (Topic::named("gone"), Topic::named("back"));
    for topic in [&gone, &back] {
        stage.tell(writer, events(topic, Audience::Staff, 1, 3)).await;
    }
    let (_, first) = entries(&store, writer, &back, Position::START, 1).await;
    stage.forget().await;
    stage.tell(writer, events(&back, Audience::Staff, 4, 1)).await;
    let read = store.read(writer, &back, first, 9).await.expect("read");
    let Read::Resync(position) = read else { panic!("{read:?}") };
    stage.tell(writer, events(&back, Audience::Staff, 5, 1)).await;
    assert_eq!(versions(&entries(&store, writer, &back, position, 9).await.0), [5]);
    let (_, old) = (stage.store(), first);
    assert!(matches!(store.read(writer, &gone, old, 9).await.expect("read"), Read::Resync(_)));
}
