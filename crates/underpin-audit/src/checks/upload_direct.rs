//! A file goes past the server to the store, and counts once it was looked at.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::upload_whole::{load, sha256};
use crate::{
    Answer, Ask, Book, Check, Import, Outcome, Result, Severity, Stage, Stopped, Tenant, follow,
    stage::is_over, wait::until,
};

/// Funds of the book that is sent: 80 reports each, some 700 KiB.
const FUNDS: u64 = 120;
/// Longest that a file may take to be looked at, and to be imported.
const JUDGED_MAX: Duration = Duration::from_secs(20);

pub(super) const CHECK: Check = Check {
    id: "upload.direct",
    seeds: &["S0.10"],
    severity: Severity::P1,
    promise: "A file may go to the store by a URL, past every web process; it counts when a look at it has found what was announced.",
    input: "a book that is announced, completed too early, sent to its URL, completed, loaded again and imported; other bytes of the \
            same size to another URL",
    measure: "where the URL leads; the answers; digests of what was sent, of the row and of what is loaded; what was imported",
    threshold: "the URL leads to none of the deployment's processes; 409 before the file is there; stored, all three digests alike, every \
                report applied; the other bytes are not stored",
    fault: "direct_believed",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let a = &stage.tenants().await?.a;
    let book = Book::new("Direct", FUNDS);
    let (file, digest) = (book.csv().as_bytes().to_vec(), sha256(book.csv().as_bytes()));
    let mut breaches = Vec::new();
    let announced = announce(a, &file).await?;
    breaches.extend(through_us(stage, &announced)?);
    let path = a.path(&format!("/uploads/{}", announced.id_at("/upload/id")?));
    let early = a.owner.post(&format!("{path}/complete"), &Value::Null).await?;
    if early.status != 409 {
        breaches.push(format!("completed before it was there: {}", early.unexpected()));
    }
    put(stage, &announced, file.clone()).await?.expect(200)?;
    a.owner.post(&format!("{path}/complete"), &Value::Null).await?.expect(202)?;
    let row = judged(a, &path).await?;
    if row["state"] != "stored" || row["sha256"] != digest.as_str() {
        breaches.push(format!("what was sent is {row}"));
    }
    let loaded = load(stage, a, &path).await?;
    if !loaded.is_success() || sha256(&loaded.body) != digest {
        let (status, bytes) = (loaded.status, loaded.body.len());
        breaches.push(format!("{} bytes were sent, {status} with {bytes} came back", file.len()));
    }
    // An import of what is not there would be tried again and again.
    let applied = if breaches.is_empty() {
        let ended = import(a, &path).await?;
        breaches.extend(super::miscounted(&ended, book.rows));
        ended["rows"]["applied"].as_u64().unwrap_or_default()
    } else {
        0
    };
    let other = other_bytes(stage, a, &file).await?;
    if other == "stored" {
        breaches.push("other bytes than the announced ones are stored".to_owned());
    }
    let measured = format!(
        "{} bytes past the server: {}, {applied} of {} reports applied; other bytes {other}",
        file.len(),
        row["state"].as_str().unwrap_or_default(),
        book.rows
    );
    Ok(Outcome::of_breaches(breaches, measured))
}

async fn announce(a: &Tenant, file: &[u8]) -> Result<Answer, Stopped> {
    let body = json!({
        "filename": "direct.csv", "media_type": "text/csv", "bytes": file.len(), "sha256": sha256(file),
    });
    let answer = a.owner.post(&a.path("/uploads"), &body).await?;
    if answer.code().as_deref() == Some("direct_only") {
        return Err(Stopped::skip("needs a bucket: files of this deployment lie in a directory"));
    }
    Ok(answer.expect(201)?)
}

/// Whether the URL leads to a process of the deployment: then the file would not go past it.
fn through_us(stage: &Stage, announced: &Answer) -> Result<Option<String>, Stopped> {
    let url = announced.text_at("/put/url")?;
    let deployment = stage.deployment()?;
    let ours = deployment.instances.iter().map(|instance| instance.url.as_str());
    let ours =
        ours.chain([deployment.url.as_str()]).find(|ours| url.starts_with(&format!("{ours}/")));
    Ok(ours.map(|ours| format!("the URL leads to {ours}")))
}

/// Send bytes to the URL of an announced file, with what must go along.
async fn put(stage: &Stage, announced: &Answer, bytes: Vec<u8>) -> Result<Answer> {
    let put = &announced.json()["put"];
    let ask = Ask::bare(stage.http(), Method::PUT, &announced.text_at("/put/url")?);
    let headers = put["headers"].as_object().into_iter().flatten();
    let pair = |(name, value): (&String, &Value)| {
        (name.clone(), value.as_str().unwrap_or_default().to_owned())
    };
    let ask = headers.map(pair).fold(ask, |ask, (name, value)| ask.header(&name, &value));
    ask.bytes(bytes).send().await
}

/// The upload once it is known what became of it.
async fn judged(a: &Tenant, path: &str) -> Result<Value> {
    until("the look at a file", JUDGED_MAX, || async {
        let upload = a.owner.get(path).await?.expect(200)?.json();
        let is_judged = matches!(upload["state"].as_str(), Some("stored" | "refused"));
        Ok(is_judged.then_some(upload))
    })
    .await
}

/// Import a file that is stored, and wait for the end.
async fn import(a: &Tenant, path: &str) -> Result<Value> {
    let body = json!({ "kind": "funds", "currency": "USD" });
    let taken = a.owner.post(&format!("{path}/imports"), &body).await?.expect(202)?;
    let import = Import { id: taken.id_at("/import_id")?, job: taken.id_at("/job_id")? };
    follow(&a.owner, &a.slug, import, JUDGED_MAX, is_over).await
}

/// Announce a file and send another of its size; gives what became of it.
async fn other_bytes(stage: &Stage, a: &Tenant, file: &[u8]) -> Result<String, Stopped> {
    let announced = announce(a, file).await?;
    let path = a.path(&format!("/uploads/{}", announced.id_at("/upload/id")?));
    let sent = put(stage, &announced, vec![b'x'; file.len()]).await?;
    if !sent.is_success() {
        return Ok(format!("refused by the store with {}", sent.status));
    }
    a.owner.post(&format!("{path}/complete"), &Value::Null).await?.expect(202)?;
    let upload = judged(a, &path).await?;
    Ok(upload["state"].as_str().unwrap_or_default().to_owned())
}
