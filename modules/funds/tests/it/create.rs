//! What people enter: once for a key, refused by name where it cannot be.

use axum::http::StatusCode;
use serde_json::{Value, json};
use underpin::base::UserId;

use crate::site::{Answer, Site, link};

const FUNDS: &str = "/v1/t/north/funds";
const INVESTORS: &str = "/v1/t/north/investors";

/// The id of what was made.
pub(crate) fn made(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// A fund and an investor.
pub(crate) async fn pair(site: &Site, by: &str, currency: &str) -> (String, String) {
    let name = UserId::new().to_string();
    let fund = site.make(by, FUNDS, &json!({"name": name, "currency": currency})).await;
    let investor = site.make(by, INVESTORS, &json!({"name": name})).await;
    (made(&fund), made(&investor))
}

/// A body that enters an allocation.
pub(crate) fn allocation(investor: &str, as_of: &str, commitment: &str) -> Value {
    json!({"investor_id": investor, "report": {"as_of": as_of, "commitment": commitment}})
}

#[tokio::test]
async fn a_fund_an_investor_and_an_allocation_are_entered_read_and_told() {
    let site = Site::new().await;
    let (ada, mel) = (site.token("ada").await, site.token("mel").await);
    let body = json!({"name": " Rhône  Partners V ", "currency": "JPY", "vintage": 2019, "manager": "Rhône", "strategy": " "});
    let fund = site.make(&ada, FUNDS, &body).await;
    let id = made(&fund);
    let expected = json!({"id": id, "name": "Rhône Partners V", "currency": "JPY", "vintage": 2019,
        "strategy": null, "manager": "Rhône", "version": 1});
    assert_eq!(fund.json(), expected);
    assert_eq!(
        (fund.header("etag"), fund.header("location")),
        ("\"1\"", &*format!("{FUNDS}/{id}"))
    );
    let read = site.get(&ada, &format!("{FUNDS}/{id}")).await;
    assert_eq!((read.header("etag"), &read.json()["name"]), ("\"1\"", &json!("Rhône Partners V")));

    let investor = site.make(&mel, INVESTORS, &json!({"name": "WSIB"})).await;
    let investor = (made(&investor), investor.json());
    assert_eq!(investor.1, json!({"id": investor.0, "name": "WSIB", "version": 1}));
    let ivy = site.principal("ivy").await.subject;
    link(&site, "WSIB", ivy).await;

    let body = json!({"investor_id": investor.0, "deal_ref": " A  1", "tranche": 2, "report": {
        "as_of": "2025-03-31", "commitment": "1000", "called": "400", "distributed": null, "value": "-5"}});
    let entered = site.make(&mel, &format!("{FUNDS}/{id}/allocations"), &body).await;
    let allocation = made(&entered);
    let money = |amount: &str| json!({"amount": amount, "currency": "JPY"});
    let expected = json!({"id": allocation, "fund": {"id": id, "name": "Rhône Partners V"},
        "investor": {"id": investor.0, "name": "WSIB"}, "currency": "JPY", "deal_ref": "A 1", "tranche": 2, "version": 1,
        "reports": [{"as_of": "2025-03-31", "commitment": money("1000"), "called": money("400"), "distributed": null,
            "value": money("-5"), "source": "manual"}]});
    assert_eq!(entered.json(), expected);
    let place = format!("/v1/t/north/allocations/{allocation}");
    assert_eq!((entered.header("etag"), entered.header("location")), ("\"1-1\"", &*place));
    for token in [ada, mel, site.token("ivy").await] {
        let read = site.get(&token, &place).await;
        assert_eq!((read.json(), read.header("etag")), (expected.clone(), "\"1-1\""));
        let board = site.get(&token, &format!("{FUNDS}/{id}/dashboard")).await.json();
        assert_eq!(board["positions"]["unfunded"], money("600"));
        assert_eq!(board["investors"][0]["investor"]["name"], "WSIB");
        assert_eq!(
            (&board["history"][0]["as_of"], &board["previous"]),
            (&json!("2025-03-31"), &Value::Null)
        );
    }
    let of_fund = format!("fund/{id}");
    let payload = json!({"fund_id": id, "allocation_id": allocation});
    let told = site.told().await;
    assert_eq!(
        told[told.len() - 6..],
        [
            json!(["funds", "staff", null, "fund.created", 1, {"fund_id": id, "version": 1}]),
            json!(["funds", "staff", null, "investor.created", 1, {"investor_id": investor.0}]),
            json!([of_fund, "staff", null, "allocation.created", 1, payload]),
            json!(["funds", "staff", null, "allocation.created", 1, payload]),
            json!([of_fund, "user", ivy.to_string(), "allocation.created", 1, payload]),
            json!(["funds", "user", ivy.to_string(), "allocation.created", 1, payload]),
        ]
    );
}

#[tokio::test]
async fn what_is_sent_again_with_its_key_is_done_once_and_answered_alike() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let (fund, investor) = pair(&site, &ada, "USD").await;
    let allocations = format!("{FUNDS}/{fund}/allocations");
    let told = site.told().await.len();
    for (path, body, other) in [
        (FUNDS, json!({"name": "F", "currency": "USD"}), json!({"name": "G", "currency": "USD"})),
        (INVESTORS, json!({"name": "I"}), json!({"name": "J"})),
        (
            &allocations,
            allocation(&investor, "2025-03-31", "5"),
            allocation(&investor, "2025-03-31", "6"),
        ),
    ] {
        let key = UserId::new().to_string();
        let key = [("idempotency-key", key.as_str())];
        let first = site.write(&ada, ("POST", path), &key, &body).await;
        made(&first);
        let again = site.write(&ada, ("POST", path), &key, &body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
        assert_eq!(again.header("idempotent-replayed"), "true");
        for name in ["etag", "location"] {
            assert_eq!(again.header(name), first.header(name), "{path} {name}");
        }
        let reused = site.write(&ada, ("POST", path), &key, &other).await;
        assert_eq!(reused.problem(), (422, "key_reused".to_owned()), "{path}");
        let missing = site.write(&ada, ("POST", path), &[], &body).await;
        assert_eq!(missing.problem(), (400, "key_missing".to_owned()), "{path}");
    }
    assert_eq!(site.told().await.len(), told + 4);
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_and_a_tranche_exists_once() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    made(&site.make(&ada, FUNDS, &json!({"name": "Rhône V", "currency": "USD"})).await);
    made(&site.make(&ada, INVESTORS, &json!({"name": "WSIB"})).await);
    let taken = (409, "name_taken".to_owned());
    let fund = json!({"name": " RHÔNE  v ", "currency": "EUR"});
    assert_eq!(site.make(&ada, FUNDS, &fund).await.problem(), taken);
    assert_eq!(site.make(&ada, INVESTORS, &json!({"name": "wsib"})).await.problem(), taken);

    let (fund, investor) = pair(&site, &ada, "USD").await;
    let path = format!("{FUNDS}/{fund}/allocations");
    let body = allocation(&investor, "2025-03-31", "5");
    made(&site.make(&ada, &path, &body).await);
    let exists = (409, "allocation_exists".to_owned());
    assert_eq!(site.make(&ada, &path, &body).await.problem(), exists);
    let mut second = body.clone();
    second["tranche"] = json!(2);
    made(&site.make(&ada, &path, &second).await);
    // A refusal leaves no trace in the sums.
    let board = site.get(&ada, &format!("{FUNDS}/{fund}/dashboard")).await.json();
    assert_eq!(board["positions"]["committed"]["amount"], "10.00");
    assert_eq!(board["history"][0]["positions"]["committed"]["amount"], "10.00");
}

#[tokio::test]
async fn each_fault_names_its_field() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let long = "x".repeat(201);
    for (body, field, code) in [
        (json!({"currency": "USD"}), "name", "missing"),
        (json!({"name": " ", "currency": "USD"}), "name", "missing"),
        (json!({"name": "a\u{0}b", "currency": "USD"}), "name", "bad_character"),
        (json!({"name": long, "currency": "USD"}), "name", "too_long"),
        (json!({"name": "F", "currency": "usd"}), "currency", "not_a_currency"),
        (json!({"name": "F", "currency": "USD", "vintage": 1899}), "vintage", "not_a_year"),
        (
            json!({"name": "F", "currency": "USD", "vintage": 3_000_000_000_u32}),
            "vintage",
            "bad_value",
        ),
        (json!({"name": "F", "currency": "USD", "strategy": long}), "strategy", "too_long"),
        (json!({"name": "F", "currency": "USD", "manager": "\u{7}"}), "manager", "bad_character"),
        (json!({"name": "F", "currency": "USD", "id": 1}), "id", "unknown"),
    ] {
        let faults = site.make(&ada, FUNDS, &body).await.faults();
        assert_eq!(faults, [(field.to_owned(), code.to_owned())], "{body}");
    }
    let faults = site.make(&ada, INVESTORS, &json!({"name": "\n"})).await.faults();
    assert_eq!(faults, [("name".to_owned(), "missing".to_owned())]);

    let (fund, investor) = pair(&site, &ada, "JPY").await;
    let path = format!("{FUNDS}/{fund}/allocations");
    for (field, value, code) in [
        ("commitment", "1.5", "too_precise"),
        ("commitment", "-1", "negative_commitment"),
        ("commitment", "NaN", "not_a_number"),
        ("commitment", "123456789012345678901234567890", "out_of_range"),
        ("called", "", "not_a_number"),
        ("distributed", "1e3", "not_a_number"),
        ("value", "1000000000000001", "out_of_range"),
        ("as_of", "2025-02-30", "not_a_date"),
        ("as_of", "1066-10-14", "out_of_range"),
    ] {
        let mut body = allocation(&investor, "2025-03-31", "5");
        body["report"][field] = json!(value);
        let faults = site.make(&ada, &path, &body).await.faults();
        assert_eq!(faults, [(format!("report.{field}"), code.to_owned())], "{field} {value}");
    }
    let mut body = allocation(&investor, "soon", "much");
    body["tranche"] = json!(0);
    body["deal_ref"] = json!("x".repeat(101));
    let faults = site.make(&ada, &path, &body).await.faults();
    let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["deal_ref", "tranche", "report.as_of", "report.commitment"]);
    let mut body = allocation(&investor, "2025-03-31", "5");
    body["report"]["commitment"] = json!(5);
    let faults = site.make(&ada, &path, &body).await.faults();
    assert_eq!(faults, [("report.commitment".to_owned(), "bad_value".to_owned())]);
    let faults = site.make(&ada, &path, &allocation("no-uuid", "2025-03-31", "5")).await.faults();
    assert_eq!(faults[0].0, "investor_id");
    let client = site.stage.test.superuser().await;
    let entered = client.query_one("select count(*) from funds.allocation", &[]).await.unwrap();
    assert_eq!(entered.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn who_may_not_enter_anything_is_told_so_and_strangers_find_nothing() {
    let site = Site::new().await;
    let (ada, mel) = (site.token("ada").await, site.token("mel").await);
    let (ivy, sue) = (site.token("ivy").await, site.token("sue").await);
    let (fund, investor) = pair(&site, &ada, "USD").await;
    let south = site.make(&sue, "/v1/t/south/investors", &json!({"name": "S"})).await;
    let south = made(&south);
    let path = format!("{FUNDS}/{fund}/allocations");
    let fund_body = json!({"name": "F", "currency": "USD"});
    let entry = |investor: &str| allocation(investor, "2025-03-31", "5");
    let (forbidden, missing) = ((403, "forbidden".to_owned()), (404, "not_found".to_owned()));
    let nobody = UserId::new().to_string();
    let foreign = format!("/v1/t/south/funds/{fund}/allocations");
    let nowhere = format!("{FUNDS}/{nobody}/allocations");
    for (token, path, body, expected) in [
        (&mel, FUNDS, fund_body.clone(), &forbidden),
        (&ivy, FUNDS, fund_body.clone(), &forbidden),
        (&ivy, INVESTORS, json!({"name": "I"}), &forbidden),
        (&ivy, &path, entry(&investor), &forbidden),
        (&sue, FUNDS, fund_body, &missing),
        (&sue, INVESTORS, json!({"name": "I"}), &missing),
        (&sue, &path, entry(&investor), &missing),
        (&sue, &foreign, entry(&south), &missing),
        (&mel, &nowhere, entry(&investor), &missing),
        (&mel, &path, entry(&south), &missing),
        (&mel, &path, entry(&nobody), &missing),
    ] {
        assert_eq!(site.make(token, path, &body).await.problem(), *expected, "{path} {body}");
    }
    made(&site.make(&mel, &path, &entry(&investor)).await);
}
