//! The audit trail as admins and people read it.

use serde_json::json;

use crate::stage::{PASSWORD, Stage, With as _, email, get, post, send};

#[tokio::test]
async fn admins_read_the_trail_of_their_tenant_page_by_page() {
    let stage = Stage::new().await;
    let ada = stage.token("ada").await;
    let cyd = stage.principal("north", "cyd").await;
    let path = format!("/v1/t/north/members/{}", cyd.subject);
    let change = send("PATCH", &path, &json!({ "role": "admin" })).bearer(&ada);
    assert_eq!(stage.ask(change).await.status, 200);
    let first = stage.ask(get("/v1/t/north/audit-trail?limit=1").bearer(&ada)).await.json();
    let entry = &first["items"][0];
    assert_eq!(entry["action"], "member.changed");
    assert_eq!(entry["actor"]["name"], "ada");
    assert_eq!(entry["subject"], format!("user/{}", cyd.subject));
    assert_eq!(entry["detail"], json!({ "from": "member", "to": "admin" }));
    assert_eq!(entry["hash"].as_str().map(str::len), Some(64));
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/t/north/audit-trail?limit=1&cursor={next}");
    let second = stage.ask(get(&path).bearer(&ada)).await.json();
    let seq = |page: &serde_json::Value| page["items"][0]["seq"].as_str().unwrap().parse::<i64>();
    assert_eq!(seq(&second).unwrap(), seq(&first).unwrap() - 1);
    for (name, code) in [("ivy", "forbidden"), ("sue", "not_found")] {
        let answer =
            stage.ask(get("/v1/t/north/audit-trail").bearer(&stage.token(name).await)).await;
        assert_eq!(answer.code(), code, "{name}");
    }
    let foreign = format!("/v1/t/south/audit-trail?cursor={next}");
    let sue = stage.token("sue").await;
    assert_eq!(stage.ask(get(&foreign).bearer(&sue)).await.code(), "bad_cursor");
}

#[tokio::test]
async fn admins_are_told_whether_the_chain_is_whole_and_where_it_breaks() {
    let stage = Stage::new().await;
    let ada = stage.token("ada").await;
    let path = "/v1/t/north/audit-trail/proof";
    let newest = stage.ask(get("/v1/t/north/audit-trail?limit=1").bearer(&ada)).await.json();
    let (seq, hash) = (&newest["items"][0]["seq"], &newest["items"][0]["hash"]);
    let proof = stage.ask(get(path).bearer(&ada)).await.json();
    let whole =
        json!({ "whole": true, "entries": seq, "head": hash, "broken_at": null, "fault": null });
    assert_eq!(proof, whole);
    let tamper = "update underpin.trail_entry set action = 'x' where seq = 1";
    stage.db.superuser().await.execute(tamper, &[]).await.unwrap();
    let proof = stage.ask(get(path).bearer(&ada)).await.json();
    let broken = json!({ "whole": false, "entries": null, "head": null, "broken_at": "1", "fault": "changed" });
    assert_eq!(proof, broken);
    for (name, code) in [("ivy", "forbidden"), ("sue", "not_found")] {
        let answer = stage.ask(get(path).bearer(&stage.token(name).await)).await;
        assert_eq!(answer.code(), code, "{name}");
    }
}

#[tokio::test]
async fn a_person_reads_the_trail_of_their_account() {
    let stage = Stage::new().await;
    let wrong = json!({ "email": email("ada"), "password": "not the password" });
    assert_eq!(stage.ask(post("/v1/session", &wrong)).await.code(), "wrong_credentials");
    let right = json!({ "email": email("ada"), "password": PASSWORD });
    assert_eq!(stage.ask(post("/v1/session", &right)).await.status, 201);
    let token = stage.token("ada").await;
    let trail = stage.ask(get("/v1/audit-trail").bearer(&token)).await.json();
    let told: Vec<_> = trail["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["address"].as_str()))
        .collect();
    let here = Some("192.0.2.1");
    assert_eq!(
        told,
        [("session.opened", here), ("session.opened", here), ("password.wrong", here)]
    );
}
