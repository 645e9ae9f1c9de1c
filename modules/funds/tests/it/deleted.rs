//! What is deleted is nowhere, and comes back as it was.

use axum::http::StatusCode;
use serde_json::{Value, json};
use underpin::{base::Clock as _, db::export_tenant, log::Sequencer};

use crate::{
    create::{allocation, made},
    rooms::enter,
    site::{Answer, Site, link, read_until},
};

const T: &str = "/v1/t/north";

/// A site with two investors, the first of which is ivy's, and a fund of both.
struct Scene {
    site: Site,
    ada: String,
    ivy: String,
    investors: [String; 2],
    fund: String,
    allocations: Vec<String>,
}

impl Scene {
    async fn new() -> Self {
        let site = Site::new().await;
        let (ada, ivy) = (site.token("ada").await, site.token("ivy").await);
        let mut investors = [String::new(), String::new()];
        for (id, name) in investors.iter_mut().zip(["Ivy's", "WSIB"]) {
            let path = format!("{T}/investors");
            *id = made(&site.make(&ada, &path, &json!({ "name": name })).await);
        }
        link(&site, "Ivy's", site.principal("ivy").await.subject).await;
        let mut scene =
            Self { site, ada, ivy, investors, fund: String::new(), allocations: vec![] };
        scene.fund = scene.open("Alpha").await;
        scene.allocations = vec![
            scene.promise(&scene.fund, 0, "2025-03-31", "10.10").await,
            scene.promise(&scene.fund, 1, "2025-06-30", "20").await,
        ];
        scene
    }

    async fn open(&self, name: &str) -> String {
        let body = json!({"name": name, "currency": "USD", "vintage": 2001});
        made(&self.site.make(&self.ada, &format!("{T}/funds"), &body).await)
    }

    async fn promise(&self, fund: &str, investor: usize, as_of: &str, amount: &str) -> String {
        let body = allocation(&self.investors[investor], as_of, amount);
        let path = format!("{T}/funds/{fund}/allocations");
        made(&self.site.make(&self.ada, &path, &body).await)
    }

    /// The path of a thing and its tag.
    async fn tagged(&self, what: &str, id: &str) -> (String, String) {
        let path = format!("{T}/{what}/{id}");
        let tag = if what == "investors" {
            let list = self.site.get(&self.ada, &format!("{T}/investors")).await.json();
            let items = list["items"].as_array().unwrap();
            let version = items.iter().find(|item| item["id"] == id).unwrap()["version"].clone();
            format!("\"{version}\"")
        } else {
            self.site.get(&self.ada, &path).await.header("etag").to_owned()
        };
        (path, tag)
    }

    async fn delete(&self, what: &str, id: &str) -> Answer {
        let (path, tag) = self.tagged(what, id).await;
        self.site.write(&self.ada, ("DELETE", &path), &[("if-match", &tag)], &json!({})).await
    }

    async fn deleted(&self, what: &str, id: &str) {
        assert_eq!(self.delete(what, id).await.status, StatusCode::NO_CONTENT);
    }

    async fn restore(&self, what: &str, id: &str) -> Answer {
        self.site.make(&self.ada, &format!("{T}/{what}/{id}/restore"), &json!({})).await
    }

    async fn restored(&self, what: &str, id: &str) -> Value {
        let answer = self.restore(what, id).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let (_, tag) = self.tagged(what, id).await;
        assert_eq!(answer.header("etag"), tag);
        answer.json()
    }

    /// Everything that counts and sums, as the staff and as ivy see it; without versions.
    async fn seen(&self) -> Vec<(String, u16, Value)> {
        let mut paths = vec![
            format!("{T}/funds"),
            format!("{T}/funds?q=al"),
            format!("{T}/funds?sort=-value"),
            format!("{T}/funds?sort=committed&as_of=2025-04-01"),
            format!("{T}/portfolio"),
            format!("{T}/portfolio?currency=USD&as_of=2025-06-30"),
            format!("{T}/investors"),
            format!("{T}/investors?as_of=2025-04-01"),
            format!("{T}/funds/{}", self.fund),
            format!("{T}/funds?vintage=2019"),
            format!("{T}/funds/{}/allocations", self.fund),
            format!("{T}/funds/{}/dashboard", self.fund),
            format!("{T}/funds/{}/dashboard?as_of=2025-04-01", self.fund),
        ];
        paths.extend(self.allocations.iter().map(|id| format!("{T}/allocations/{id}")));
        let mut seen = Vec::new();
        for token in [&self.ada, &self.ivy] {
            for path in &paths {
                let answer = self.site.get(token, path).await;
                let mut body = answer.json();
                without_versions(&mut body);
                seen.push((path.clone(), answer.status.as_u16(), body));
            }
        }
        seen
    }

    async fn list(&self) -> Vec<Value> {
        let list = self.site.get(&self.ada, &format!("{T}/funds/deleted")).await.json();
        list["items"].as_array().unwrap().clone()
    }
}

/// A version counts that something was gone; an instance of a problem is its request's.
fn without_versions(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "version" && name != "instance");
            fields.values_mut().for_each(without_versions);
        }
        Value::Array(items) => items.iter_mut().for_each(without_versions),
        _ => {}
    }
}

/// What is seen of lists and sums, the things themselves aside.
fn lists(seen: &[(String, u16, Value)]) -> Vec<&(String, u16, Value)> {
    let is_list = |path: &str| !path.contains("/allocations/") && !path.contains("/funds/");
    seen.iter().filter(|(path, ..)| is_list(path)).collect()
}

#[tokio::test]
async fn a_deleted_fund_is_nowhere_and_comes_back_as_it_was() {
    let mut scene = Scene::new().await;
    let other = scene.open("Beta").await;
    scene.promise(&other, 0, "2025-06-30", "5").await;
    scene.promise(&other, 1, "2025-03-31", "7").await;
    // What the book is without the fund: as it was before there was one.
    scene.deleted("funds", &scene.fund).await;
    let without = scene.seen().await;
    scene.fund = scene.open("Alto").await;
    scene.allocations = vec![
        scene.promise(&scene.fund, 0, "2025-03-31", "1.01").await,
        scene.promise(&scene.fund, 1, "2024-12-31", "2").await,
    ];
    let with = scene.seen().await;
    assert_ne!(lists(&with), lists(&without));

    scene.deleted("funds", &scene.fund).await;
    let gone = scene.seen().await;
    assert_eq!(lists(&gone), lists(&without));
    for (path, status, _) in
        gone.iter().filter(|(path, ..)| !lists(&gone).iter().any(|l| l.0 == *path))
    {
        assert_eq!(*status, 404, "{path}");
    }
    let body = scene.restored("funds", &scene.fund).await;
    assert_eq!((&body["name"], &body["version"]), (&json!("Alto"), &json!(3)));
    assert_eq!(scene.seen().await, with);
}

#[tokio::test]
async fn a_deleted_allocation_leaves_the_sums_as_if_it_never_was() {
    let scene = Scene::new().await;
    let without = scene.seen().await;
    let mut body = allocation(&scene.investors[0], "2025-03-31", "3");
    body["tranche"] = json!(2);
    let path = format!("{T}/funds/{}/allocations", scene.fund);
    let extra = made(&scene.site.make(&scene.ada, &path, &body).await);
    // A date of its own, one of another's, and one past all.
    for as_of in ["2025-05-31", "2025-06-30", "2025-12-31"] {
        let (path, tag) = scene.tagged("allocations", &extra).await;
        let change = json!({"report": {"as_of": as_of, "commitment": "3", "called": "1.50"}});
        let changed = scene.site.change(&scene.ada, &path, &tag, &change).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    }
    let with = scene.seen().await;
    assert_ne!(with, without);
    scene.deleted("allocations", &extra).await;
    assert_eq!(scene.seen().await, without);
    let path = format!("{T}/allocations/{extra}");
    for token in [&scene.ada, &scene.ivy] {
        assert_eq!(scene.site.get(token, &path).await.status, StatusCode::NOT_FOUND);
    }
    let body = scene.restored("allocations", &extra).await;
    assert_eq!(body, scene.site.get(&scene.ada, &path).await.json());
    assert_eq!(scene.seen().await, with);
}

#[tokio::test]
async fn an_investor_is_deleted_without_allocations_only() {
    let scene = Scene::new().await;
    let [ivys, wsib] = &scene.investors;
    let in_use = (409, "investor_in_use".to_owned());
    assert_eq!(scene.delete("investors", wsib).await.problem(), in_use);
    scene.deleted("allocations", &scene.allocations[1]).await;
    let before = scene.seen().await;
    scene.deleted("investors", wsib).await;
    let names = |list: &Value| {
        let items = list["items"].as_array().unwrap().iter();
        items.map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let list = scene.site.get(&scene.ada, &format!("{T}/investors")).await.json();
    assert_eq!((names(&list), &list["count"]), (vec!["Ivy's".to_owned()], &json!(1)));
    // Nothing can be promised to, or brought back for, somebody who is not there.
    let path = format!("{T}/funds/{}/allocations", scene.fund);
    let body = allocation(wsib, "2025-03-31", "3");
    assert_eq!(scene.site.make(&scene.ada, &path, &body).await.problem().0, 404);
    let parent = (409, "parent_deleted".to_owned());
    assert_eq!(scene.restore("allocations", &scene.allocations[1]).await.problem(), parent);

    let body = scene.restored("investors", wsib).await;
    assert_eq!(body, json!({"id": wsib, "name": "WSIB", "version": 3}));
    assert_eq!(scene.seen().await, before);
    scene.restored("allocations", &scene.allocations[1]).await;
    // The name may go to another while it is free.
    scene.deleted("allocations", &scene.allocations[0]).await;
    scene.deleted("investors", ivys).await;
    made(&scene.site.make(&scene.ada, &format!("{T}/investors"), &json!({"name": "IVY'S"})).await);
    let taken = (409, "name_taken".to_owned());
    assert_eq!(scene.restore("investors", ivys).await.problem(), taken);
}

#[tokio::test]
async fn a_fund_comes_back_with_what_went_with_it_and_nothing_else() {
    let scene = Scene::new().await;
    let [first, second] = &scene.allocations[..] else { panic!("two allocations") };
    scene.deleted("allocations", first).await;
    scene.deleted("funds", &scene.fund).await;
    let parent = (409, "parent_deleted".to_owned());
    for allocation in [first, second] {
        assert_eq!(scene.restore("allocations", allocation).await.problem(), parent);
    }
    // Its last investor may go meanwhile, and must come back first.
    scene.deleted("investors", &scene.investors[1]).await;
    assert_eq!(scene.restore("funds", &scene.fund).await.problem(), parent);
    scene.restored("investors", &scene.investors[1]).await;
    scene.restored("funds", &scene.fund).await;
    let path = format!("{T}/funds/{}/allocations", scene.fund);
    let shown = scene.site.get(&scene.ada, &path).await.json();
    let allocations = shown["items"].as_array().unwrap();
    assert_eq!((allocations.len(), &allocations[0]["id"]), (1, &json!(second)));
    scene.restored("allocations", first).await;
    // What a person saw before is not what is there now.
    let path = format!("{T}/funds/{}", scene.fund);
    for method in ["DELETE", "PATCH"] {
        let stale = [("if-match", "\"1\"")];
        let answer =
            scene.site.write(&scene.ada, (method, &path), &stale, &json!({"vintage": 2000})).await;
        assert_eq!(answer.problem(), (412, "version_conflict".to_owned()), "{method}");
    }
}

#[tokio::test]
async fn a_name_or_place_that_another_has_by_now_is_not_taken_from_it() {
    let scene = Scene::new().await;
    scene.deleted("funds", &scene.fund).await;
    let again = scene.open("ALPHA").await;
    assert_eq!(scene.restore("funds", &scene.fund).await.problem(), (409, "name_taken".to_owned()));
    scene.deleted("funds", &again).await;
    scene.restored("funds", &scene.fund).await;

    scene.deleted("allocations", &scene.allocations[0]).await;
    let instead = scene.promise(&scene.fund, 0, "2025-03-31", "1").await;
    let exists = (409, "allocation_exists".to_owned());
    assert_eq!(scene.restore("allocations", &scene.allocations[0]).await.problem(), exists);
    scene.deleted("allocations", &instead).await;
    scene.restored("allocations", &scene.allocations[0]).await;
}

#[tokio::test]
async fn what_is_deleted_blindly_twice_or_by_others_is_refused() {
    let scene = Scene::new().await;
    let sue = scene.site.token("sue").await;
    let things = [
        ("funds", &scene.fund),
        ("allocations", &scene.allocations[0]),
        ("investors", &scene.investors[0]),
    ];
    for (what, id) in things {
        let (path, tag) = scene.tagged(what, id).await;
        let ask = async |token: &str, path: &str, headers: &[(&str, &str)]| {
            scene.site.write(token, ("DELETE", path), headers, &json!({})).await.problem()
        };
        let saw = [("if-match", tag.as_str())];
        assert_eq!(ask(&scene.ada, &path, &[]).await, (428, "precondition_required".to_owned()));
        let stale = [("if-match", "\"9-9\"")];
        assert_eq!(ask(&scene.ada, &path, &stale).await, (412, "version_conflict".to_owned()));
        assert_eq!(ask(&scene.ivy, &path, &saw).await, (403, "forbidden".to_owned()));
        assert_eq!(ask(&sue, &path, &saw).await, (404, "not_found".to_owned()));
        let south = path.replace("north", "south");
        assert_eq!(ask(&sue, &south, &saw).await, (404, "not_found".to_owned()));
        // What is not deleted cannot be restored.
        assert_eq!(scene.restore(what, id).await.problem(), (404, "not_found".to_owned()));
    }
    scene.deleted("funds", &scene.fund).await;
    let (fund, south) = (format!("{T}/funds/{}", scene.fund), "/v1/t/south/funds/deleted");
    let again = [("if-match", "\"2\"")];
    let again = scene.site.write(&scene.ada, ("DELETE", &fund), &again, &json!({})).await;
    assert_eq!(again.problem(), (404, "not_found".to_owned()));
    let restore = format!("{fund}/restore");
    for (token, path, status) in
        [(&scene.ivy, restore.clone(), 403), (&sue, restore.replace("north", "south"), 404)]
    {
        assert_eq!(scene.site.make(token, &path, &json!({})).await.problem().0, status);
    }
    assert_eq!(scene.site.get(&sue, south).await.json()["items"], json!([]));
    let listed = scene.site.get(&scene.ivy, &format!("{T}/funds/deleted")).await;
    assert_eq!(listed.problem(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn a_restore_happens_once_for_its_key_and_needs_no_body() {
    let scene = Scene::new().await;
    scene.deleted("funds", &scene.fund).await;
    let path = format!("{T}/funds/{}/restore", scene.fund);
    let ask = async || {
        let request = axum::http::Request::post(&path)
            .header("authorization", format!("Bearer {}", scene.ada))
            .header("idempotency-key", "once");
        scene.site.ask(request.body(axum::body::Body::empty()).unwrap()).await
    };
    let first = ask().await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    let again = ask().await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(scene.restore("funds", &scene.fund).await.problem().0, 404);
}

#[tokio::test]
async fn what_was_deleted_is_listed_newest_first_with_who_did_it() {
    let scene = Scene::new().await;
    let hour = std::time::Duration::from_hours(1);
    let first = &scene.allocations[0];
    let at = |hours: i64| {
        (scene.site.stage.clock.now() + jiff::SignedDuration::from_hours(hours)).to_string()
    };
    let times = [at(0), at(1), at(2)];
    let until = at(30 * 24);
    scene.deleted("allocations", first).await;
    scene.site.stage.clock.advance(hour);
    scene.deleted("funds", &scene.fund).await;
    scene.site.stage.clock.advance(hour);
    scene.deleted("investors", &scene.investors[1]).await;
    let listed = scene.list().await;
    let short: Vec<_> =
        listed.iter().map(|item| json!([item["kind"], item["id"], item["deleted_at"]])).collect();
    assert_eq!(
        short,
        [
            json!(["investor", scene.investors[1], times[2]]),
            json!(["fund", scene.fund, times[1]]),
            json!(["allocation", first, times[0]]),
        ]
    );
    let ada = json!({"id": scene.site.principal("ada").await.subject, "name": "ada"});
    let expected = json!({"kind": "fund", "id": scene.fund, "name": "Alpha", "allocations": 1, "deleted_at": times[1],
        "deleted_by": ada, "purged_after": listed[1]["purged_after"]});
    assert_eq!(listed[1], expected);
    let expected = json!({"kind": "allocation", "id": first, "name": "Ivy's", "fund_id": scene.fund, "fund_name": "Alpha",
        "deleted_at": times[0], "deleted_by": ada, "purged_after": until});
    assert_eq!(listed[2], expected);
    // Page by page the same.
    let (mut walked, mut path) = (Vec::new(), format!("{T}/funds/deleted?limit=1"));
    loop {
        let page = scene.site.get(&scene.ada, &path).await.json();
        walked.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{T}/funds/deleted?limit=1&cursor={next}");
    }
    assert_eq!(walked, listed);
}

#[tokio::test]
async fn a_deletion_is_told_to_whoever_saw_the_thing_and_nothing_of_it_afterwards() {
    let scene = Scene::new().await;
    let (site, ada, ivy) = (&scene.site, &scene.ada, &scene.ivy);
    tokio::spawn(Sequencer::run(site.stage.db().clone(), site.stage.stop.clone()));
    let person = site.principal("ivy").await.subject;
    let room = format!("fund/{}", scene.fund);
    let mut own = enter(site, ivy, "north", &room).await.into_body();
    let mut staff = enter(site, ada, "north", "funds").await.into_body();
    for stream in [&mut own, &mut staff] {
        read_until(stream, "event: resync").await;
    }
    scene.deleted("funds", &scene.fund).await;
    for token in [ada, ivy] {
        assert_eq!(enter(site, token, "north", &room).await.status(), StatusCode::NOT_FOUND);
    }
    let told = site.told().await;
    let payload = json!({"fund_id": scene.fund, "version": 2});
    assert_eq!(
        told[told.len() - 3..],
        [
            json!([room, "tenant", null, "fund.deleted", 2, payload]),
            json!(["funds", "staff", null, "fund.deleted", 2, payload]),
            json!(["funds", "user", person.to_string(), "fund.deleted", 2, payload]),
        ]
    );
    scene.restored("funds", &scene.fund).await;
    let heard = read_until(&mut own, "event: fund.restored").await;
    let (_, after) = heard.split_once("event: fund.deleted").unwrap();
    assert_eq!(after.matches("event: ").count(), 1, "{heard}");
    scene.deleted("allocations", &scene.allocations[1]).await;
    scene.deleted("investors", &scene.investors[1]).await;
    let heard = read_until(&mut staff, "event: investor.deleted").await;
    assert!(heard.contains("event: allocation.deleted"), "{heard}");
}

#[tokio::test]
async fn the_policies_hide_what_is_deleted_from_every_statement() {
    let scene = Scene::new().await;
    scene.deleted("funds", &scene.fund).await;
    let (app, connection) =
        tokio_postgres::connect(&scene.site.stage.test.app_url, tokio_postgres::NoTls)
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let (ada, ivy) = (scene.site.principal("ada").await, scene.site.principal("ivy").await);
    let tables = ["funds.fund", "funds.allocation"];
    let rows =
        async |sql: String| app.execute(&sql, &[]).await.map_err(|error| error.code().cloned());
    for (by, role, deleted, seen) in [
        (ada, "owner", "", [0, 0]),
        (ada, "owner", "seen", [1, 2]),
        (ivy, "investor", "", [0, 0]),
        (ivy, "investor", "seen", [0, 0]),
    ] {
        let set = format!(
            "set underpin.tenant = '{}'; set underpin.subject = '{}'; set underpin.role = '{role}'; set underpin.deleted = '{deleted}'",
            by.tenant, by.subject
        );
        app.batch_execute(&set).await.unwrap();
        for (table, seen) in tables.into_iter().zip(seen) {
            let found = rows(format!("select id from {table}")).await;
            assert_eq!(found, Ok(seen), "{table} {role} {deleted}");
            let changed = rows(format!("update {table} set deleted_by = deleted_by")).await;
            assert_eq!(changed, Ok(seen), "{table} {role} {deleted}");
        }
    }
    // Who was not opened for it deletes nothing either, with or without a condition.
    let set = format!(
        "set underpin.subject = '{}'; set underpin.role = 'owner'; set underpin.deleted = ''",
        ada.subject
    );
    app.batch_execute(&set).await.unwrap();
    for tail in ["", " where name <> ''"] {
        let refused = rows(format!("update funds.investor set deleted_at = now(){tail}")).await;
        assert_eq!(refused.unwrap_err().unwrap().code(), "42501");
    }
    connection.abort();
}

#[tokio::test]
async fn an_export_has_nothing_of_what_is_deleted() {
    let mut scene = Scene::new().await;
    let kept = scene.open("Beta").await;
    scene.allocations.push(scene.promise(&kept, 0, "2025-03-31", "3").await);
    let tenant = scene.site.principal("ada").await.tenant;
    let rows = async || {
        let mut rows = Vec::new();
        let url = &scene.site.stage.test.owner_url;
        let told = export_tenant::<underpin::db::Error>(url, tenant, |table, row| {
            if table.starts_with("funds.") {
                rows.push((table.to_owned(), row.to_owned()));
            }
            Ok(())
        });
        told.await.unwrap();
        rows
    };
    let count = |rows: &[(String, String)], name: &str| {
        rows.iter().filter(|(table, _)| table == name).count()
    };
    let tables = ["fund", "allocation", "position_report", "fund_movement", "investor"];
    let counts =
        |rows: &[(String, String)]| tables.map(|table| count(rows, &format!("funds.{table}")));
    assert_eq!(counts(&rows().await), [2, 3, 3, 3, 2]);
    scene.deleted("funds", &scene.fund).await;
    let left = rows().await;
    assert_eq!(counts(&left), [1, 1, 1, 1, 2]);
    let gone = [&scene.fund, &scene.allocations[0], &scene.allocations[1]];
    assert!(
        !left.iter().any(|(_, row)| gone.iter().any(|id| row.contains(id.as_str()))),
        "{left:?}"
    );
}
