//! What is deleted is nowhere, and comes back as it was.

use std::time::Duration;

use serde_json::{Value, json};
use underpin::{
    audit::{
        Check, Error, Method, Outcome, Person, Result, Severity, Socket, Stage, Stopped, Tenant,
        follow, upload,
    },
    db::Db,
};
use uuid::Uuid;

use super::IMPORT_MAX;
use crate::store::deleted::COUNT_UNASKED;

/// Longest that a frame may take.
const HEARD_MAX: Duration = Duration::from_secs(5);

pub(super) const CHECK: Check = Check {
    id: "funds.deleted",
    seeds: &["S3.6"],
    severity: Severity::P1,
    promise: "What is deleted is in no list, search, sum or room, for no statement that forgets to ask; restored, it is as it was.",
    input: "a fund of the investor person and of another, deleted and restored by its owner; each list, search, sum and page of it as \
            the owner and as the investor, before, meanwhile and afterwards; a socket in its room",
    measure: "places where it still is; rows that the role app sees without asking; frames of it after that of its deletion; answers \
              that are not as before",
    threshold: "none of any",
    fault: "deleted_rows_seen",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let (a, db) = (&stage.tenants().await?.a, stage.db()?);
    let [fund, other] = import(a).await?;
    let room = format!("fund/{fund}");
    let mut socket = Socket::open(&a.owner, &a.slug).await?;
    for room in ["funds", &room] {
        socket.join(room).await?;
    }
    let people = [&a.owner, &a.investor];
    let mut before = Vec::new();
    for person in people {
        before.push(seen(person, a, fund).await?);
    }
    let (rows, mut breaches) = (unasked(&db, a, fund).await?, Vec::new());
    if rows == 0 {
        return Err(Stopped::inconclusive("the fund was not there before it was deleted"));
    }
    let path = a.path(&format!("/funds/{fund}"));
    delete(a, &path).await?;
    for person in people {
        breaches.extend(places(person, a, fund).await?);
    }
    if socket.ask_to_join(&room).await?["op"] == "joined" {
        breaches.push("its room is open".to_owned());
    }
    let left = unasked(&db, a, fund).await?;
    if left > 0 {
        breaches.push(format!("{left} of {rows} rows are there for a statement that does not ask"));
    }
    breaches.extend(frames(&socket, a, fund, other).await?);
    let key = Uuid::now_v7().to_string();
    let restore = a.owner.ask(Method::POST, &format!("{path}/restore")).key(&key);
    restore.send().await?.expect(200)?;
    for (person, before) in people.into_iter().zip(&before) {
        for (was, is) in before.iter().zip(seen(person, a, fund).await?) {
            if *was != is {
                breaches.push(format!("{} is not as before for the {}", was.0, person.role));
            }
        }
    }
    db.close();
    let measured = format!("{} breaches; {rows} rows, {left} of them seen", breaches.len());
    Ok(Outcome::of_breaches(breaches, measured))
}

/// Two funds, the first of both investors, the way a user brings them in.
async fn import(a: &Tenant) -> Result<[Uuid; 2], Stopped> {
    let csv = "investor,fund,as_of,commitment,called\nOwn,Gone one,2024-03-31,11.25,1\nOwn,Gone one,2024-06-30,11.25,2\n\
               Gone investor,Gone one,2024-06-30,20,5\nGone investor,Gone other,2024-06-30,30,5\n";
    let import = upload(&a.owner, &a.slug, csv.to_owned()).await?;
    let is_over = |import: &Value| matches!(import["state"].as_str(), Some("done" | "failed"));
    let ended = follow(&a.owner, &a.slug, import, IMPORT_MAX, is_over).await?;
    let listed = a.owner.get(&a.path("/funds?q=Gone")).await?.expect(200)?.json();
    let id_of = |name: &str| {
        let mut items = listed["items"].as_array().into_iter().flatten();
        let id = items.find(|fund| fund["name"] == name).and_then(|fund| fund["id"].as_str());
        id.and_then(|id| id.parse().ok()).ok_or_else(|| Error::Lacking {
            what: format!("the import {ended}"),
            field: name.to_owned(),
        })
    };
    Ok([id_of("Gone one")?, id_of("Gone other")?])
}

async fn delete(a: &Tenant, path: &str) -> Result<()> {
    let version = a.owner.get(path).await?.expect(200)?;
    let version = version.etag().unwrap_or_default();
    let ask = a.owner.ask(Method::DELETE, path).header("if-match", version);
    ask.send().await?.expect(204)?;
    Ok(())
}

/// What a person sees of lists, sums and the fund itself; without versions, which count that it was gone.
async fn seen(person: &Person, a: &Tenant, fund: Uuid) -> Result<Vec<(String, Value)>> {
    let own = format!("/funds/{fund}");
    let paths = ["/funds?q=Gone", "/funds?sort=-committed", "/portfolio", "/investors"];
    let paths = paths.map(str::to_owned).into_iter();
    let mut seen = Vec::new();
    for path in paths.chain([format!("{own}/dashboard"), own]) {
        let mut body = person.get(&a.path(&path)).await?.expect(200)?.json();
        without_versions(&mut body);
        seen.push((path, body));
    }
    Ok(seen)
}

fn without_versions(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("version");
            fields.values_mut().for_each(without_versions);
        }
        Value::Array(items) => items.iter_mut().for_each(without_versions),
        _ => {}
    }
}

/// Where a person still finds a fund that is deleted; and its sums.
async fn places(person: &Person, a: &Tenant, fund: Uuid) -> Result<Vec<String>> {
    let mut places = Vec::new();
    for path in ["/funds?q=Gone", "/funds?sort=-committed&limit=200"] {
        let list = person.get(&a.path(path)).await?.expect(200)?;
        if String::from_utf8_lossy(&list.body).contains(&fund.to_string()) {
            places.push(format!("{path} has it for the {}", person.role));
        }
    }
    for path in ["", "/dashboard", "/allocations"].map(|of| format!("/funds/{fund}{of}")) {
        let answer = person.get(&a.path(&path)).await?;
        if answer.status != 404 {
            places.push(format!("{path} answers {} to the {}", answer.status, person.role));
        }
    }
    // The sums of the book are those of the funds that are listed.
    let book = person.get(&a.path("/funds?limit=200")).await?.expect(200)?.json();
    let portfolio = person.get(&a.path("/portfolio?currency=USD")).await?.expect(200)?.json();
    let mut totals = book["totals"].as_array().into_iter().flatten();
    let dollars = totals.find(|total| total["committed"]["currency"] == "USD");
    if dollars.is_some_and(|total| total["committed"] != portfolio["positions"]["committed"]) {
        places.push(format!("the sums of the portfolio have it for the {}", person.role));
    }
    Ok(places)
}

/// How many rows of a fund the role app sees for the tenant's owner.
async fn unasked(db: &Db, a: &Tenant, fund: Uuid) -> Result<i64> {
    let (tenant, principal) = (a.id.uuid(), a.principal());
    Ok(db.query_one(principal, &COUNT_UNASKED, &[&tenant, &fund]).await?.get(0))
}

/// What is wrong with the frames: its deletion must come, and nothing of it before that of another fund, which is changed now.
async fn frames(socket: &Socket, a: &Tenant, fund: Uuid, other: Uuid) -> Result<Vec<String>> {
    let path = a.path(&format!("/funds/{other}"));
    let version = a.owner.get(&path).await?.expect(200)?;
    let version = version.etag().unwrap_or_default();
    // To what it is: lists stay as they were.
    let change = a.owner.ask(Method::PATCH, &path).header("if-match", version);
    change.json(&json!({ "name": "Gone other" })).send().await?.expect(200)?;
    let (fund, other) = (fund.to_string(), other.to_string());
    let marker =
        |frame: &Value| frame["kind"] == "fund.changed" && frame["data"]["fund_id"] == other;
    let look = |heard: &[underpin::audit::Heard]| {
        let end = heard.iter().position(|heard| marker(&heard.frame))?;
        Some(heard[..end].iter().map(|heard| heard.frame.clone()).collect::<Vec<_>>())
    };
    let Some(heard) = socket.wait(HEARD_MAX, look).await else {
        return Ok(vec!["the change of another fund was not heard".to_owned()]);
    };
    let kinds = heard.iter().filter(|frame| frame["data"]["fund_id"] == fund);
    let kinds: Vec<_> = kinds.filter_map(|frame| frame["kind"].as_str()).collect();
    let after = kinds.iter().skip_while(|kind| **kind != "fund.deleted");
    let odd: Vec<_> = after.filter(|kind| **kind != "fund.deleted").collect();
    let mut breaches = Vec::new();
    if !kinds.contains(&"fund.deleted") {
        breaches.push("its deletion was not told".to_owned());
    }
    if !odd.is_empty() {
        breaches.push(format!("told of it afterwards: {odd:?}"));
    }
    Ok(breaches)
}
