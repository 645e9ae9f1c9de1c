use serde_json::{Value, json};
use underpin_testkit::{Client, Dev, read, wait_for};

const NOTES: &str = env!("CARGO_BIN_EXE_notes");

fn write(client: &Client, tenant: &str, key: &str, text: &str) -> (u16, Value) {
    let path = format!("/v1/t/{tenant}/notes");
    let request = client.request(reqwest::Method::POST, &path).header("idempotency-key", key);
    let answer = read(request.json(&json!({ "text": text })).send().unwrap());
    (answer.status, answer.body)
}

#[test]
fn a_note_is_written_once_counted_by_its_job_and_on_a_page_of_its_tenant_alone() {
    let dev = Dev::start(NOTES, "notes");
    let (ada, meridian) = Client::sign_in(&dev, 0, "owner");
    let (cleo, juniper) = Client::sign_in(&dev, 1, "admin");

    let tenant = ada.get(&format!("/v1/t/{meridian}")).body;
    assert_eq!(tenant["pages"][0]["path"], "notes", "{tenant}");
    assert_eq!(tenant["areas"], json!(["notes"]), "so the console shows no funds");
    let (status, first) = write(&ada, &meridian, "first", "three small words");
    assert_eq!(status, 201, "{first}");
    let (status, again) = write(&ada, &meridian, "first", "three small words");
    assert_eq!((status, &again), (201, &first), "the same note, not another");
    assert_eq!(write(&ada, &meridian, "first", "other words").0, 422);
    let (status, problem) = write(&ada, &meridian, "empty", "");
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("text")), "{problem}");

    let list = |client: &Client, tenant: &str| client.get(&format!("/v1/t/{tenant}/notes"));
    wait_for("its words are counted", || {
        list(&ada, &meridian).body["items"]
            == json!([{"id": first["id"], "text": "three small words", "words": 3}])
    });
    assert_eq!(list(&cleo, &juniper).body["items"], json!([]));
    assert_eq!(list(&cleo, &meridian).status, 404);
    let (ines, _) = Client::sign_in(&dev, 0, "investor");
    assert_eq!(list(&ines, &meridian).status, 403);
}
