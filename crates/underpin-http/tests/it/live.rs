//! Rooms over real sockets, on two instances.

mod bounds;
pub(crate) mod client;
mod handshake;
mod logged;

use serde_json::{Value, json};
use underpin_base::Role;
use underpin_http::{Code, Problem, Room, Rooms};
use underpin_log::Audience;
use uuid::Uuid;

use crate::stage::{Stage, With as _, get};
use client::{Client, Served};

/// The one thing that there is.
const THING: Uuid = Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0001);

/// `news` for everybody, `desk` for staff, `thing/<id>` for staff who ask for the one there is; `workshop` of another area; one whose
/// question fails.
pub(crate) fn rooms() -> Rooms {
    Rooms::new(vec![
        Room::named("news", |_, _| async { Ok(true) }),
        Room::named("desk", |_, tenant| async move {
            if tenant.principal.role.is_staff() {
                Ok(true)
            } else {
                Err(Problem::new(Code::Forbidden))
            }
        }),
        Room::of("thing", |_, tenant, id| async move {
            Ok(tenant.principal.role.is_staff() && tenant.info.slug == "north" && id == THING)
        }),
        Room::named("workshop", |_, _| async { Ok(true) }).in_area("things"),
        Room::named("broken", |_, _| async { Err(Problem::new(Code::Internal)) }),
    ])
}

/// Two instances, and a sequencer.
async fn two() -> (Stage, Served, Served) {
    let stage = Stage::new().await;
    stage.sequence();
    let one = Served::start(&stage.router, &stage.stop);
    let two = Served::start(&stage.second_instance(), &stage.stop);
    (stage, one, two)
}

fn join(room: &str) -> Value {
    json!({ "op": "join", "room": room })
}

#[tokio::test]
async fn what_is_told_reaches_the_rooms_readers_on_every_instance_and_nobody_else() {
    let (stage, one, two) = two().await;
    let ada = stage.principal("north", "ada").await;
    let ivy = stage.principal("north", "ivy").await;
    let mut here = Client::joined(&one, "north", &stage.token("cyd").await, "news").await;
    let mut there = Client::joined(&two, "north", &stage.token("bob").await, "news").await;
    let mut outside = Client::joined(&two, "north", &stage.token("ivy").await, "news").await;
    let mut foreign = Client::joined(&two, "south", &stage.token("sue").await, "news").await;
    let mut elsewhere = Client::joined(&one, "north", &stage.token("cyd").await, "desk").await;
    let told = [
        (Audience::Staff, 1),
        (Audience::User(ada.subject), 2),
        (Audience::User(ivy.subject), 3),
        (Audience::Tenant, 4),
    ];
    for (audience, number) in told {
        stage.tell(ada, audience, number).await;
    }
    for client in [&mut here, &mut there] {
        for number in 1..=4 {
            assert_eq!(client.number().await, number);
        }
    }
    assert_eq!((outside.number().await, outside.number().await), (3, 4));
    let sue = stage.principal("south", "sue").await;
    stage.tell(sue, Audience::Tenant, 50).await;
    let frame = foreign.next().await;
    let expected = json!({
        "op": "event", "room": "news", "id": frame["id"], "kind": "news.told",
        "entity": sue.tenant, "version": 50, "at": frame["at"], "actor": sue.subject, "data": { "number": 50 },
    });
    assert_eq!(frame, expected, "only what is of the own tenant");
    assert_eq!(elsewhere.ask(&json!({ "op": "ping" })).await, json!({ "op": "pong" }));
}

#[tokio::test]
async fn a_client_goes_on_on_the_other_instance_where_it_was() {
    let (stage, one, two) = two().await;
    let cyd = stage.principal("north", "cyd").await;
    let token = stage.token("cyd").await;
    let mut client = Client::connect(&one, "north", &token).await;
    let joined = client.ask(&join("news")).await;
    assert_eq!(
        joined,
        json!({"op": "joined", "room": "news", "position": "0-0", "resumed": false})
    );
    for number in 1..=5 {
        stage.tell(cyd, Audience::Staff, number).await;
    }
    assert_eq!(client.number().await, 1);
    let second = client.next().await;
    drop(client);
    let mut client = Client::connect(&two, "north", &token).await;
    let again = json!({ "op": "join", "room": "news", "after": second["id"] });
    let joined = client.ask(&again).await;
    assert_eq!((&joined["resumed"], &joined["position"]), (&json!(true), &second["id"]));
    for number in 3..=5 {
        assert_eq!(client.number().await, number);
    }
    // A place that this topic never had.
    let lost = json!({ "op": "join", "room": "news", "after": "99-7" });
    let joined = client.ask(&lost).await;
    assert_eq!(joined["resumed"], false);
    let resync = client.next().await;
    let expected = json!({ "op": "resync", "room": "news", "id": joined["position"] });
    assert_eq!(resync, expected);
    let left = client.ask(&json!({ "op": "leave", "room": "news" })).await;
    assert_eq!(left, json!({ "op": "left", "room": "news" }));
    stage.tell(cyd, Audience::Staff, 6).await;
    let again = json!({ "op": "join", "room": "news", "after": resync["id"] });
    assert_eq!(client.ask(&again).await["op"], "joined");
    assert_eq!(client.number().await, 6);
}

#[tokio::test]
async fn a_room_that_is_closed_to_one_is_the_same_as_none() {
    let (stage, one, _two) = two().await;
    let thing = format!("thing/{THING}");
    let mut member = Client::joined(&one, "north", &stage.token("cyd").await, &thing).await;
    let long = "x".repeat(300);
    let none = [
        "nothing",
        "",
        "/",
        "thing",
        "thing/",
        "thing/x",
        "news/",
        "desk/01890000-0000-7000-8000-000000000001",
        "thing/01890000-0000-7000-8000-000000000002",
        &thing.to_uppercase(),
        &thing.replace('-', ""),
        &format!("{thing}/"),
        &format!(" {thing}"),
        "fund\u{0}",
        &long,
    ];
    for room in none {
        let expected = json!({ "op": "refused", "room": room, "code": "not_found" });
        assert_eq!(member.ask(&join(room)).await, expected);
    }
    // Somebody else's, and closed to the role.
    let mut foreign = Client::connect(&one, "south", &stage.token("sue").await).await;
    let mut investor = Client::connect(&one, "north", &stage.token("ivy").await).await;
    let refused = |room: &str| json!({ "op": "refused", "room": room, "code": "not_found" });
    assert_eq!(foreign.ask(&join(&thing)).await, refused(&thing));
    for room in [&thing, "desk"] {
        assert_eq!(investor.ask(&join(room)).await, refused(room));
    }
    let broken = member.ask(&join("broken")).await;
    assert_eq!(broken, json!({ "op": "refused", "room": "broken", "code": "internal" }));
    // The stream asks the same question.
    for (name, room, status) in
        [("cyd", "news", 200), ("cyd", &*thing, 200), ("ivy", &thing, 404), ("cyd", "nothing", 404)]
    {
        let path = format!("/v1/t/north/events?room={room}");
        let answer = stage.open(get(&path).bearer(&stage.token(name).await)).await;
        assert_eq!(answer.status(), status, "{name} {room}");
    }
    let missing = stage.ask(get("/v1/t/north/events").bearer(&stage.token("cyd").await)).await;
    assert_eq!(missing.code(), "invalid");
}

#[tokio::test]
async fn who_signed_out_or_changed_anywhere_is_let_go_everywhere() {
    let (stage, one, two) = two().await;
    let identity = &stage.api.identity;
    let ada = stage.principal("north", "ada").await;
    let cyd = stage.principal("north", "cyd").await;
    for (what, code, reason) in [
        ("sign out", 4401, "unauthenticated"),
        ("role", 4403, "membership_changed"),
        ("removed", 4403, "membership_changed"),
    ] {
        identity.add_member(ada.tenant, cyd.subject, Role::Member).await.unwrap();
        let token = stage.token("cyd").await;
        let mut here = Client::joined(&one, "north", &token, "news").await;
        let mut there = Client::joined(&two, "north", &token, "news").await;
        let mut other = Client::joined(&two, "north", &stage.token("bob").await, "news").await;
        match what {
            "sign out" => identity.sign_out_everywhere(cyd.subject).await.unwrap(),
            "role" => {
                identity.set_role(ada, cyd.subject, Role::Investor).await.unwrap();
            }
            _ => identity.remove_member(ada, cyd.subject).await.unwrap(),
        }
        for client in [&mut here, &mut there] {
            assert_eq!(client.closed().await, (code, reason.to_owned()), "{what}");
        }
        assert_eq!(other.ask(&json!({ "op": "ping" })).await["op"], "pong", "the others stay");
    }
}
