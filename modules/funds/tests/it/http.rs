//! The endpoints, as a client meets them.

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use underpin::{base::UserId, http::openapi, log::Sequencer};
use underpin_testkit::until;

use crate::{
    site::{Site, UPLOAD_MAX, link, routes},
    stage::DEMO,
};

#[tokio::test]
async fn a_book_is_sent_followed_and_read_through_the_api() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let id = site.import(&ada, DEMO).await;
    let path = format!("/v1/t/north/imports/{id}");
    let queued = site.get(&ada, &path).await.json();
    assert_eq!((&queued["state"], &queued["rows"]["read"]), (&json!("queued"), &json!(0)));
    assert_eq!((&queued["created_by"], &queued["bytes"]), (&json!("ada"), &json!(DEMO.len())));

    let worker = site.stage.work(500);
    tokio::spawn(Sequencer::run(site.stage.db().clone(), site.stage.stop.clone()));
    let request = Request::get(format!("{path}/events"))
        .header(header::AUTHORIZATION, format!("Bearer {ada}"));
    let stream =
        site.open(request.header("last-event-id", "1-0").body(Body::empty()).unwrap()).await;
    let finished = read_until(stream, "event: import.finished").await;
    drop(worker);
    let data = finished.rsplit_once("data: ").unwrap().1;
    let data: Value = serde_json::from_str(data.trim()).unwrap();
    let rows =
        json!({"read": 2489, "applied": 2489, "unchanged": 0, "refused": 0, "warnings": 176});
    assert_eq!(
        (&data["state"], &data["rows"], &data["error"]),
        (&json!("done"), &rows, &Value::Null)
    );

    let done = site.get(&ada, &path).await.json();
    assert_eq!((&done["state"], &done["rows"]), (&json!("done"), &rows));
    let listed = site.get(&ada, "/v1/t/north/imports").await.json();
    assert_eq!(listed["items"], json!([done]));

    let book = site.get(&ada, "/v1/t/north/funds?sort=-tvpi&limit=2&as_of=2024-03-31").await.json();
    assert_eq!((&book["count"], &book["as_of"]), (&json!(1634), &json!("2024-03-31")));
    assert_eq!(book["total"]["committed"], json!({"amount": "66264971626.00", "currency": "USD"}));
    assert_eq!(book["items"].as_array().unwrap().len(), 2);
    let next = book["next"].as_str().unwrap();
    let more = format!("/v1/t/north/funds?sort=-tvpi&limit=2&as_of=2024-03-31&cursor={next}");
    assert_eq!(site.get(&ada, &more).await.json()["items"].as_array().unwrap().len(), 2);

    let fund = book["items"][0]["id"].as_str().unwrap();
    let fund = site.get(&ada, &format!("/v1/t/north/funds/{fund}?as_of=2024-03-31")).await.json();
    assert_eq!(fund["positions"], book["items"][0]["positions"]);
    let vintage = site.get(&ada, "/v1/t/north/funds?vintage=2019&q=a&limit=200").await.json();
    let years = vintage["items"].as_array().unwrap().iter().map(|fund| &fund["vintage"]);
    assert!(vintage["count"].as_u64().unwrap() > 0 && years.clone().all(|year| year == 2019));
    assert_eq!(years.count() as u64, vintage["count"].as_u64().unwrap());

    let investors = site.get(&ada, "/v1/t/north/investors").await.json();
    assert_eq!(investors["count"], 5);
    assert_eq!(investors["items"][0]["positions"]["value"]["amount"], "86516773896.00");
    assert_eq!(investors["total"]["unfunded"]["amount"], "53707613950.00");
}

#[tokio::test]
async fn a_fund_counts_its_allocations_and_lists_them_by_page() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let file = "investor,fund,as_of,commitment\nA,F,2024-03-31,1.50\nB,F,2024-03-31,2.25\nC,F,2024-03-31,3\n";
    let id = site.import(&ada, file.as_bytes()).await;
    let worker = site.stage.work(10);
    site.stage.over(site.principal("ada").await, id.parse().unwrap()).await;
    drop(worker);
    let fund = site.get(&ada, "/v1/t/north/funds").await.json()["items"][0]["id"].clone();
    let path = format!("/v1/t/north/funds/{}", fund.as_str().unwrap());
    assert_eq!(site.get(&ada, &path).await.json()["allocations"], 3);

    let all = format!("{path}/allocations");
    let first = site.get(&ada, &format!("{all}?limit=2&as_of=2024-06-30")).await.json();
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["investor"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (names(&first), &first["as_of"]),
        (vec!["A".into(), "B".into()], &json!("2024-06-30"))
    );
    let item = &first["items"][1];
    assert_eq!((&item["deal_ref"], &item["tranche"]), (&json!(""), &json!(1)));
    assert_eq!(item["positions"]["committed"], json!({"amount": "2.25", "currency": "USD"}));
    let next = first["next"].as_str().unwrap();
    let rest =
        site.get(&ada, &format!("{all}?limit=2&as_of=2024-06-30&cursor={next}")).await.json();
    assert_eq!((names(&rest), &rest["next"]), (vec!["C".into()], &Value::Null));
    let elsewhere = site.get(&ada, &format!("{all}?limit=2&as_of=2024-07-01&cursor={next}")).await;
    assert_eq!(elsewhere.problem(), (400, "bad_cursor".to_owned()));

    let investor = item["investor"]["id"].as_str().unwrap();
    let own = site.get(&ada, &format!("{all}?investor={investor}")).await.json();
    assert_eq!(names(&own), ["B"]);
    let wrong = site.get(&ada, &format!("{all}?investor=b")).await;
    assert_eq!(wrong.problem(), (422, "invalid".to_owned()));
}

#[tokio::test]
async fn findings_are_listed_and_downloaded_with_formulas_escaped() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let file = b"investor,fund,as_of,commitment\nA,F,2025-03-31,\"=HYPERLINK(\"\"x\"\")\"\nA,F\n";
    let id = site.import(&ada, file).await;
    let worker = site.stage.work(10);
    let path = format!("/v1/t/north/imports/{id}");
    until("the import is over", async || {
        (site.get(&ada, &path).await.json()["state"] == "done").then_some(())
    })
    .await;
    drop(worker);
    let found = site.get(&ada, &format!("{path}/findings?severity=error")).await.json();
    let expected = json!({"line": 2, "column": "commitment", "severity": "error", "code": "not_a_number",
        "value": "=HYPERLINK(\"x\")", "message": "a number with a point and without grouping, such as 1234.50"});
    assert_eq!(found["items"][0], expected);
    assert_eq!(
        (&found["items"][1]["column"], &found["items"][1]["value"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        site.get(&ada, &format!("{path}/findings?severity=warning")).await.json()["items"],
        json!([])
    );
    let wrong = site.get(&ada, &format!("{path}/findings?severity=x")).await;
    assert_eq!(wrong.problem(), (422, "invalid".to_owned()));
    let csv = site.get(&ada, &format!("{path}/findings.csv")).await.text;
    let line = "2,commitment,error,not_a_number,\"'=HYPERLINK(\"\"x\"\")\",";
    assert!(csv.starts_with("\u{feff}line,column,severity") && csv.contains(line), "{csv}");
}

#[tokio::test]
async fn what_is_not_there_for_you_is_not_found_and_outside_persons_import_nothing() {
    let site = Site::new().await;
    let (ada, ivy, sue) =
        (site.token("ada").await, site.token("ivy").await, site.token("sue").await);
    let id = site.import(&ada, DEMO).await;
    let worker = site.stage.work(2_000);
    let import = id.parse().unwrap();
    site.stage.over(site.principal("ada").await, import).await;
    drop(worker);
    let ivy_id = site.principal("ivy").await.subject;
    link(&site, "Oregon", ivy_id).await;

    let oregon = site.get(&ivy, "/v1/t/north/investors").await.json();
    assert_eq!(
        (&oregon["count"], &oregon["total"]["committed"]["amount"]),
        (&json!(1), &json!("58127300000.00"))
    );
    let all = site.get(&ada, "/v1/t/north/funds?limit=200").await.json();
    let own = site.get(&ivy, "/v1/t/north/funds?limit=200").await.json();
    assert!(own["count"].as_i64().unwrap() < 403);
    let own: Vec<&Value> =
        own["items"].as_array().unwrap().iter().map(|fund| &fund["id"]).collect();
    let foreign = all["items"].as_array().unwrap().iter().find(|fund| !own.contains(&&fund["id"]));
    let foreign = foreign.unwrap()["id"].as_str().unwrap();
    let not_found = (404, "not_found".to_owned());
    let nobody = UserId::new();
    for (token, path) in [
        (&ivy, format!("/v1/t/north/funds/{foreign}")),
        (&ada, format!("/v1/t/north/funds/{nobody}")),
        (&ivy, format!("/v1/t/north/funds/{foreign}/allocations")),
        (&ada, format!("/v1/t/north/funds/{nobody}/allocations")),
        (&sue, format!("/v1/t/south/funds/{foreign}/allocations")),
        (&ada, "/v1/t/north/funds/no-uuid".to_owned()),
        (&sue, format!("/v1/t/south/funds/{foreign}")),
        (&sue, format!("/v1/t/north/funds/{foreign}")),
        (&sue, format!("/v1/t/south/imports/{id}")),
        (&sue, format!("/v1/t/south/imports/{id}/findings")),
        (&sue, format!("/v1/t/south/imports/{id}/findings.csv")),
        (&sue, format!("/v1/t/south/imports/{id}/events")),
        (&ada, "/v1/t/north/imports/no-uuid".to_owned()),
    ] {
        assert_eq!(site.get(token, &path).await.problem(), not_found, "{path}");
    }
    let forbidden = (403, "forbidden".to_owned());
    let path = "/v1/t/north/imports?kind=funds&filename=a&currency=USD";
    assert_eq!(site.send(&ivy, path, "text/csv", "x").await.problem(), forbidden);
    assert_eq!(site.get(&ivy, &format!("/v1/t/north/imports/{id}")).await.problem(), forbidden);
}

#[tokio::test]
async fn bad_requests_are_named_and_leave_nothing() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let path = "/v1/t/north/imports?kind=funds&filename=a.csv&currency=USD";
    let asked = [
        (path, "application/json", (415, "media_type")),
        ("/v1/t/north/imports?kind=x&filename=a.csv&currency=USD", "text/csv", (422, "invalid")),
        ("/v1/t/north/imports?kind=funds&filename=&currency=USD", "text/csv", (422, "invalid")),
        (
            "/v1/t/north/imports?kind=funds&filename=a.csv&currency=usd",
            "text/csv",
            (422, "invalid"),
        ),
    ];
    for (path, kind, (status, code)) in asked {
        assert_eq!(
            site.send(&ada, path, kind, "x").await.problem(),
            (status, code.to_owned()),
            "{path}"
        );
    }
    let large = vec![b'x'; UPLOAD_MAX as usize + 1];
    let too_large = (413, "too_large".to_owned());
    assert_eq!(site.send(&ada, path, "text/csv", large.clone()).await.problem(), too_large);
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from(large))]);
    assert_eq!(
        site.send(&ada, path, "text/csv", Body::from_stream(pieces)).await.problem(),
        too_large
    );
    let silent =
        Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let stopped = site.send(&ada, path, "text/csv", silent).await.problem();
    assert_eq!(stopped, (408, "body_timeout".to_owned()));

    for query in [
        "sort=x",
        "as_of=yesterday",
        "as_of=2025-02-30",
        "limit=0",
        "limit=201",
        "limit=x",
        "vintage=x",
        "vintage=0",
        "vintage=",
    ] {
        let answer = site.get(&ada, &format!("/v1/t/north/funds?{query}")).await;
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{query}");
    }
    let cursor = site.get(&ada, "/v1/t/north/funds?cursor=0123456789abcdef.0.0.0").await;
    assert_eq!(cursor.problem(), (400, "bad_cursor".to_owned()));
    let client = site.stage.test.superuser().await;
    let uploads = client.query_one("select count(*) from underpin.upload", &[]).await.unwrap();
    assert_eq!(uploads.get::<_, i64>(0), 0);
}

#[test]
fn the_document_names_every_endpoint_of_the_module() {
    let document: Value = serde_json::from_str(&openapi(routes()).to_json().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/imports",
        "/imports/{import}",
        "/imports/{import}/findings",
        "/imports/{import}/findings.csv",
        "/imports/{import}/events",
        "/funds",
        "/funds/{fund}",
        "/investors",
    ] {
        assert!(paths.contains_key(&format!("/v1/t/{{tenant}}{path}")), "{path}");
    }
}

/// Read a stream until a text has come, and the frame it is in.
async fn read_until(response: Response, text: &str) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    let read = async {
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.unwrap().into_data() else { continue };
            let data = String::from_utf8(data.to_vec()).unwrap();
            if data.contains(text) {
                return data;
            }
        }
        panic!("the stream ended before {text}")
    };
    tokio::time::timeout(std::time::Duration::from_mins(2), read).await.unwrap()
}
