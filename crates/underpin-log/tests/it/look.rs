//! Following many topics at once.

use std::time::Duration;

use underpin_base::{Principal, Role, UserId};
use underpin_log::{
    Audience, Followed, Log, News, Position, Read, Retention, Told, Topic, conformance as suite,
};

use crate::stage::{Stage, tell};

fn follow(principal: Principal, topic: &Topic, after: Position) -> Followed {
    Followed::new(principal.tenant, topic.clone(), after)
}

fn entries(news: &News) -> (&[Told], &Followed) {
    match news {
        News::Entries(told, next) => (told, next),
        News::Resync(next) => panic!("resync to {}", next.after),
    }
}

fn seqs(told: &[Told]) -> Vec<i64> {
    told.iter().map(|told| told.entry.position.seq).collect()
}

#[tokio::test]
async fn one_look_brings_what_is_new_in_topics_of_any_tenant_page_by_page() {
    let stage = Stage::new().await;
    stage.sequence();
    let (one, two) = (suite::staff(), suite::staff());
    let (left, right) = (Topic::named("left"), Topic::named("right"));
    tell(&stage.db.db, one, &suite::events(&left, Audience::Staff, 1, 5)).await;
    tell(&stage.db.db, two, &suite::events(&left, Audience::Tenant, 11, 1)).await;
    stage.settled().await;
    let log = Log::new(stage.db.db.clone());
    let mut followed = vec![
        follow(one, &left, Position::START),
        follow(one, &right, Position::START),
        follow(two, &left, Position::START),
    ];
    let news = log.look(&followed, 3).await.unwrap();
    assert_eq!(news.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 2], "right is quiet");
    let (told, next) = entries(&news[0].1);
    assert_eq!((seqs(told), next.after.seq), (vec![1, 2, 3], 3));
    assert!(told.iter().all(|told| told.tenant == one.tenant));
    let (theirs, _) = entries(&news[1].1);
    assert_eq!((theirs[0].tenant, theirs[0].entry.version), (two.tenant, 11));
    assert_eq!(theirs[0].audience, Audience::Tenant);
    for (index, news) in &news {
        followed[*index] = entries(news).1.clone();
    }
    let news = log.look(&followed, 3).await.unwrap();
    assert_eq!(news.len(), 1);
    let (told, next) = entries(&news[0].1);
    assert_eq!((seqs(told), next.after), (vec![4, 5], log.head(one, &left).await.unwrap()));
    followed[0] = next.clone();
    assert_eq!(log.look(&followed, 3).await.unwrap(), [], "nothing is new");
}

#[tokio::test]
async fn what_cannot_be_followed_on_from_says_resync() {
    let stage = Stage::new().await;
    stage.sequence();
    let (writer, topic) = (suite::staff(), Topic::named("funds"));
    tell(&stage.db.db, writer, &suite::events(&topic, Audience::Staff, 1, 5)).await;
    stage.settled().await;
    let log = Log::new(stage.db.db.clone());
    let head = log.head(writer, &topic).await.unwrap();
    let first = Position { seq: 1, ..head };
    let ahead = Position { seq: head.seq + 1, ..head };
    // The same number in another life, too.
    let other = Position { epoch: head.epoch + 1, ..head };
    for wrong in [ahead, other, Position { seq: 2, ..other }] {
        let news = log.look(&[follow(writer, &topic, wrong)], 9).await.unwrap();
        let [(0, News::Resync(next))] = &news[..] else { panic!("{wrong}: {news:?}") };
        assert_eq!(next.after, head);
    }
    // Later entries keep the topic alive while the first ones go.
    stage.db.advance(Duration::from_hours(20 * 24)).await;
    tell(&stage.db.db, writer, &suite::events(&topic, Audience::Staff, 6, 1)).await;
    stage.settled().await;
    stage.db.advance(Duration::from_hours(15 * 24)).await;
    Retention::default().run(&stage.db.db).await.unwrap();
    let head = Position { seq: 6, ..head };
    for wrong in [first, Position::START] {
        let news = log.look(&[follow(writer, &topic, wrong)], 9).await.unwrap();
        assert!(matches!(&news[..], [(0, News::Resync(next))] if next.after == head), "{news:?}");
    }
    let kept = Position { seq: 5, ..head };
    let news = log.look(&[follow(writer, &topic, kept)], 9).await.unwrap();
    assert_eq!(seqs(entries(&news[0].1).0), [6]);
    // And then the topic goes.
    stage.db.advance(Duration::from_hours(40 * 24)).await;
    Retention::default().run(&stage.db.db).await.unwrap();
    let news = log.look(&[follow(writer, &topic, head)], 9).await.unwrap();
    assert!(
        matches!(&news[..], [(0, News::Resync(next))] if next.after == Position::START),
        "{news:?}"
    );
}

#[tokio::test]
async fn the_rule_in_memory_and_the_policy_of_the_table_agree() {
    let stage = Stage::new().await;
    stage.sequence();
    let (writer, topic) = (suite::staff(), Topic::named("funds"));
    let (ivy, ian) = (UserId::new(), UserId::new());
    let audiences =
        [Audience::Staff, Audience::Tenant, Audience::User(ivy), Audience::User(writer.subject)];
    for (version, audience) in (1..).zip(audiences) {
        tell(&stage.db.db, writer, &suite::events(&topic, audience, version, 1)).await;
    }
    stage.settled().await;
    let log = Log::new(stage.db.db.clone());
    let news = log.look(&[follow(writer, &topic, Position::START)], 9).await.unwrap();
    let (told, _) = entries(&news[0].1);
    assert_eq!(told.len(), audiences.len());
    let roles = Role::PERSONS.into_iter().chain([Role::Service]);
    for role in roles {
        for subject in [ivy, ian, writer.subject] {
            let reader = Principal { subject, role, ..writer };
            let by_rule: Vec<_> = told
                .iter()
                .filter(|told| told.audience.allows(&reader))
                .map(|told| told.entry.clone())
                .collect();
            let read = log.read(reader, &topic, Position::START, 9).await.unwrap();
            let Read::Entries { entries: by_policy, .. } = read else { panic!("{read:?}") };
            assert_eq!(by_rule, by_policy, "{reader:?}");
        }
    }
}
