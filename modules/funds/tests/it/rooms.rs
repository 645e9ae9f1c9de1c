//! Rooms: whoever reads the thing hears of it, and hears what is for them.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
};
use serde_json::json;
use underpin::{base::UserId, log::Sequencer};

use crate::{
    create::{allocation, made, pair},
    site::{Site, link, read_until},
};

pub(crate) async fn enter(site: &Site, token: &str, tenant: &str, room: &str) -> Response {
    let request = Request::get(format!("/v1/t/{tenant}/events?room={room}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    site.open(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_room_is_open_to_whoever_reads_the_thing_and_to_nobody_else() {
    let site = Site::new().await;
    let (ada, ivy, sue) =
        (site.token("ada").await, site.token("ivy").await, site.token("sue").await);
    let (fund, _) = pair(&site, &ada, "USD").await;
    let import = site.import(&ada, b"fund,investor,as_of,commitment\n").await;
    let (fund_room, import_room) = (format!("fund/{fund}"), format!("import/{import}"));
    let nobody = UserId::new();
    for (token, tenant, room, open) in [
        (&ada, "north", "funds", true),
        (&ivy, "north", "funds", true),
        (&sue, "north", "funds", false),
        (&ada, "north", &*fund_room, true),
        (&ivy, "north", &fund_room, false),
        (&sue, "south", &fund_room, false),
        (&ada, "north", &format!("fund/{nobody}"), false),
        (&ada, "north", "fund", false),
        (&ada, "north", &import_room, true),
        (&ivy, "north", &import_room, false),
        (&sue, "south", &import_room, false),
        (&ada, "north", &format!("import/{nobody}"), false),
    ] {
        let expected = if open { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(enter(&site, token, tenant, room).await.status(), expected, "{tenant} {room}");
    }
}

#[tokio::test]
async fn a_person_hears_of_their_own_allocations_and_of_no_others() {
    let site = Site::new().await;
    let (ada, ivy) = (site.token("ada").await, site.token("ivy").await);
    tokio::spawn(Sequencer::run(site.stage.db().clone(), site.stage.stop.clone()));
    let (fund, investor) = pair(&site, &ada, "USD").await;
    let (_, other) = pair(&site, &ada, "USD").await;
    let path = format!("/v1/t/north/funds/{fund}/allocations");
    let own = made(&site.make(&ada, &path, &allocation(&investor, "2025-03-31", "5")).await);
    let name = site.get(&ada, &format!("/v1/t/north/allocations/{own}")).await.json();
    link(&site, name["investor"]["name"].as_str().unwrap(), site.principal("ivy").await.subject)
        .await;

    let room = format!("fund/{fund}");
    let mut staff = enter(&site, &ada, "north", &room).await.into_body();
    let mut person = enter(&site, &ivy, "north", &room).await.into_body();
    for stream in [&mut staff, &mut person] {
        read_until(stream, "event: resync").await;
    }
    let foreign = made(&site.make(&ada, &path, &allocation(&other, "2025-03-31", "5")).await);
    for (path, tag, change) in [
        (
            format!("/v1/t/north/allocations/{own}"),
            "\"1-1\"",
            json!({"report": {"as_of": "2025-06-30", "commitment": "6"}}),
        ),
        (format!("/v1/t/north/funds/{fund}"), "\"1\"", json!({"vintage": 2001})),
    ] {
        assert_eq!(site.change(&ada, &path, tag, &change).await.status, StatusCode::OK);
    }

    let heard = read_until(&mut staff, "event: fund.changed").await;
    assert!(heard.contains("event: allocation.created") && heard.contains(&foreign), "{heard}");
    let heard = read_until(&mut person, "event: fund.changed").await;
    assert!(heard.contains("event: allocation.changed") && heard.contains(&own), "{heard}");
    assert!(!heard.contains(&foreign) && !heard.contains("allocation.created"), "{heard}");
}
