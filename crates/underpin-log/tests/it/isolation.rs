//! Who may write and read what.

use jiff::Timestamp;
use underpin_base::{Principal, Role, TenantId, UserId};
use underpin_db::{Purpose, Scope};
use underpin_log::{Audience, Log, Position, Read, Topic, conformance as suite, emit};

use crate::stage::{Stage, tell};

#[tokio::test]
async fn another_tenant_sees_neither_entry_nor_head() {
    let stage = Stage::new().await;
    stage.sequence();
    let (owner, stranger, topic) = (suite::staff(), suite::staff(), Topic::named("funds"));
    tell(&stage.db.db, owner, &suite::events(&topic, Audience::Tenant, 1, 3)).await;
    stage.settled().await;
    let log = Log::new(stage.db.db.clone());
    let head = log.head(owner, &topic).await.unwrap();
    assert_eq!(head.seq, 3);
    assert_eq!(log.head(stranger, &topic).await.unwrap(), Position::START);
    assert_eq!(
        log.read(stranger, &topic, head, 9).await.unwrap(),
        Read::Resync(Position::START),
        "somebody else's position is no place here"
    );
}

#[tokio::test]
async fn no_table_shows_a_row_to_a_foreign_tenant_or_to_nobody() {
    let stage = Stage::new().await;
    stage.sequence();
    let owner = suite::staff();
    tell(&stage.db.db, owner, &suite::events(&Topic::named("funds"), Audience::Tenant, 1, 3)).await;
    stage.settled().await;
    let (app, _) = connect(&stage.db.app_url).await;
    for tenant in [String::new(), TenantId::new().to_string()] {
        app.batch_execute(&format!(
            "set underpin.tenant = '{tenant}'; set underpin.role = 'owner'"
        ))
        .await
        .unwrap();
        for table in ["event", "event_log", "topic_head"] {
            let rows = app.query(&format!("select 1 from underpin.{table}"), &[]).await.unwrap();
            assert!(rows.is_empty(), "{table} as {tenant:?}");
        }
        assert!(app.query("select 1 from underpin.event_pending", &[]).await.is_err());
    }
}

#[tokio::test]
async fn nobody_speaks_for_another_tenant_or_in_anothers_name() {
    let stage = Stage::new().await;
    let (app, _) = connect(&stage.db.app_url).await;
    let (tenant, subject) = (TenantId::new(), UserId::new());
    app.batch_execute(&format!("set underpin.tenant = '{tenant}'; set underpin.subject = '{subject}'; set underpin.role = 'owner'"))
        .await
        .unwrap();
    let insert = "insert into underpin.event (stored_on, id, tenant_id, topic, entity, version, kind, schema_version, audience, actor, trace, at, payload)
        select (clock_timestamp() at time zone 'UTC')::date, gen_random_uuid(), $1, 'x', gen_random_uuid(), 1, 'x', 1::int2, 'staff', $2, '', clock_timestamp(), '{}'";
    assert_eq!(app.execute(insert, &[&tenant.uuid(), &subject.uuid()]).await.unwrap(), 1);
    for (t, s) in [(TenantId::new(), subject), (tenant, UserId::new())] {
        let refused = app.execute(insert, &[&t.uuid(), &s.uuid()]).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501");
    }
    for change in ["update underpin.event set kind = 'y'", "delete from underpin.event"] {
        assert_eq!(app.execute(change, &[]).await.unwrap_err().code().unwrap().code(), "42501");
    }
}

#[tokio::test]
async fn an_outside_person_may_tell_what_only_staff_may_read() {
    let stage = Stage::new().await;
    stage.sequence();
    let writer = Principal { role: Role::Investor, ..suite::staff() };
    let topic = Topic::named("requests");
    tell(&stage.db.db, writer, &suite::events(&topic, Audience::Staff, 1, 1)).await;
    stage.settled().await;
    let log = Log::new(stage.db.db.clone());
    let Read::Entries { entries, position } =
        log.read(writer, &topic, Position::START, 9).await.unwrap()
    else {
        panic!("resync")
    };
    assert!(entries.is_empty() && position.seq == 1);
}

#[tokio::test]
async fn an_event_of_a_rolled_back_transaction_never_was() {
    let stage = Stage::new().await;
    stage.sequence();
    let (writer, topic) = (suite::staff(), Topic::named("funds"));
    let lost = suite::events(&topic, Audience::Staff, 1, 2);
    let lost = &lost;
    let result: Result<(), underpin_log::Error> = stage
        .db
        .db
        .transact(writer, |tx, _| {
            Box::pin(async move {
                emit(tx, Timestamp::UNIX_EPOCH, lost).await?;
                Err(underpin_db::Error::Aborted.into())
            })
        })
        .await;
    assert!(result.is_err());
    tell(&stage.db.db, writer, &suite::events(&topic, Audience::Staff, 3, 1)).await;
    stage.settled().await;
    assert_eq!(Log::new(stage.db.db.clone()).head(writer, &topic).await.unwrap().seq, 1);
}

#[tokio::test]
async fn only_a_tenant_scope_can_tell() {
    let stage = Stage::new().await;
    let events = suite::events(&Topic::named("funds"), Audience::Staff, 1, 1);
    let events = &events;
    for scope in [Scope::System(Purpose::Operate), Scope::Account(UserId::new())] {
        let result = stage
            .db
            .db
            .transact(scope, |tx, _| {
                Box::pin(async move { emit(tx, Timestamp::UNIX_EPOCH, events).await })
            })
            .await;
        assert!(matches!(result, Err(underpin_log::Error::Db(underpin_db::Error::WrongScope))));
    }
}

async fn connect(url: &str) -> (tokio_postgres::Client, tokio::task::JoinHandle<()>) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let task = tokio::spawn(async move { connection.await.unwrap_or_default() });
    (client, task)
}
