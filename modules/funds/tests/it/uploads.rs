//! Files that come compressed, or past the server.

use std::{io::Write as _, sync::Arc};

use axum::{
    body::Body,
    http::{Request, header},
};
use flate2::{Compression, FlushCompress, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio_util::task::AbortOnDropHandle;
use underpin::{
    base::Secret,
    files::{Files, S3Settings, UploadId, Uploads},
    http::VerifyUpload,
    jobs::{Registry, Runner, RunnerSettings},
};
use underpin_funds::{ApplyImport, Context};
use underpin_testkit::until;
use underpin_testkit_s3::{ACCESS_KEY_ID, BUCKET, S3Server, SECRET_ACCESS_KEY};

use crate::{
    site::{Answer, Site},
    stage::{DEMO, Stage},
};

const IMPORTS: &str = "/v1/t/north/imports?kind=funds&filename=book.csv&currency=USD";
const UPLOADS: &str = "/v1/t/north/uploads";

async fn send(site: &Site, token: &str, codings: &[&str], body: Vec<u8>) -> Answer {
    let request = Request::post(IMPORTS)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "text/csv");
    let request = codings
        .iter()
        .fold(request, |request, coding| request.header(header::CONTENT_ENCODING, *coding));
    site.ask(request.body(Body::from(body)).unwrap()).await
}

/// What an import becomes; a worker must be at work.
async fn over(site: &Site, token: &str, accepted: &Answer) -> Value {
    assert_eq!(accepted.status.as_u16(), 202, "{}", accepted.text);
    let id = accepted.json()["import_id"].as_str().unwrap().to_owned();
    until("the import is over", async || {
        let import = site.get(token, &format!("/v1/t/north/imports/{id}")).await.json();
        (import["state"] == "done").then_some(import)
    })
    .await
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_compressed_book_is_imported_and_a_bomb_or_another_coding_is_refused() {
    let site = Site::new().await;
    let ada = site.token("ada").await;
    let worker = site.stage.work(2_000);
    let import = over(&site, &ada, &send(&site, &ada, &["gzip"], packed(DEMO)).await).await;
    assert_eq!((&import["rows"]["read"], &import["bytes"]), (&json!(2489), &json!(DEMO.len())));
    drop(worker);

    for codings in [&["br"][..], &["gzip, gzip"], &["gzip", "gzip"], &["deflate"]] {
        let other = send(&site, &ada, codings, packed(DEMO)).await;
        assert_eq!(other.problem(), (415, "media_type".to_owned()), "{codings:?}");
    }
    let plain = send(&site, &ada, &["gzip"], DEMO.to_vec()).await;
    assert_eq!(plain.problem(), (400, "malformed".to_owned()));
    // Within the limit as it is sent, and a gigabyte of zeros.
    let mut packer = flate2::Compress::new(Compression::best(), false);
    let (zeros, mut block) = (vec![0; 1 << 20], Vec::with_capacity(1 << 16));
    packer.compress_vec(&zeros, &mut block, FlushCompress::Full).unwrap();
    let head = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let bomb = [head, block.repeat(1_024)].concat();
    let bomb = send(&site, &ada, &["gzip"], bomb).await;
    assert_eq!(bomb.problem(), (413, "too_large".to_owned()));
}

/// A site whose files lie in a bucket, and a worker.
async fn in_a_bucket() -> (Site, S3Server, AbortOnDropHandle<()>) {
    let (mut stage, bucket) = (Stage::new().await, S3Server::start().await);
    let settings = S3Settings {
        bucket: BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(bucket.endpoint()),
        public_endpoint: None,
        access_key_id: ACCESS_KEY_ID.to_owned(),
        secret_access_key: Secret::new(SECRET_ACCESS_KEY.to_owned()),
        path_style: true,
    };
    let (files, clock) = (Files::s3(&settings).unwrap(), Arc::new(stage.clock.clone()));
    stage.uploads = Uploads::new(stage.test.db.clone(), files.clone(), clock.clone());
    let mut registry = Registry::new();
    registry.register::<ApplyImport>(Context::new(files, clock));
    registry.register::<VerifyUpload>(stage.uploads.clone());
    let runner = Runner::new(stage.test.db.clone(), registry, RunnerSettings::default());
    let worker = AbortOnDropHandle::new(tokio::spawn(runner.run(stage.stop.clone())));
    (Site::of(stage).await, bucket, worker)
}

/// Send a file past the server until it is stored; its path.
async fn stored(site: &Site, token: &str, file: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(file).into();
    let digest = digest.map(|byte| format!("{byte:02x}")).concat();
    let body = json!({"filename": "book.csv", "bytes": file.len(), "sha256": digest});
    let made = site.write(token, ("POST", UPLOADS), &[], &body).await.json();
    let client = reqwest::Client::builder().build().unwrap();
    let mut put = client.put(made["put"]["url"].as_str().unwrap()).body(file.to_vec());
    for (name, value) in made["put"]["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert_eq!(put.send().await.unwrap().status(), 200);
    let path = format!("{UPLOADS}/{}", made["upload"]["id"].as_str().unwrap());
    let early = import(site, token, &path, "early").await;
    assert_eq!(early.problem(), (409, "conflict".to_owned()), "it is not stored");
    site.write(token, ("POST", &format!("{path}/complete")), &[], &json!(null)).await;
    until("it is stored", async || {
        (site.get(token, &path).await.json()["state"] == "stored").then_some(())
    })
    .await;
    path
}

async fn import(site: &Site, token: &str, path: &str, key: &str) -> Answer {
    let body = json!({"kind": "funds", "currency": "USD"});
    let path = format!("{path}/imports");
    site.write(token, ("POST", &path), &[("idempotency-key", key)], &body).await
}

#[tokio::test]
async fn a_book_that_went_past_the_server_is_imported_once() {
    let (site, bucket, worker) = in_a_bucket().await;
    let (ada, sue, ivy) =
        (site.token("ada").await, site.token("sue").await, site.token("ivy").await);
    let path = stored(&site, &ada, DEMO).await;
    let not_found = (404, "not_found".to_owned());
    assert_eq!(
        import(&site, &sue, &path.replace("north", "south"), "k").await.problem(),
        not_found
    );
    let nobody = format!("{UPLOADS}/{}", UploadId::new());
    assert_eq!(import(&site, &ada, &nobody, "n").await.problem(), not_found);
    let forbidden = (403, "forbidden".to_owned());
    assert_eq!(import(&site, &ivy, &path, "k").await.problem(), forbidden);
    let wrong = json!({"kind": "x", "currency": "USD"});
    let wrong = site.write(&ada, ("POST", &format!("{path}/imports")), &[], &wrong).await;
    assert_eq!(wrong.faults(), [("kind".to_owned(), "unknown".to_owned())]);

    let first = import(&site, &ada, &path, "k").await;
    let again = import(&site, &ada, &path, "k").await;
    assert_eq!((again.text.as_str(), again.header("idempotent-replayed")), (&*first.text, "true"));
    let other = import(&site, &ada, &path, "other").await;
    assert_eq!(other.problem(), (409, "conflict".to_owned()), "it is in use");
    let import = over(&site, &ada, &first).await;
    assert_eq!(import["rows"]["applied"], 2489);
    assert_eq!(import["filename"], "book.csv");
    assert_eq!(site.get(&ada, &path).await.json()["used"], true);
    assert_eq!((bucket.objects(), bucket.unfinished()), (1, 0));
    drop(worker);
}

#[tokio::test]
async fn a_book_sent_to_the_server_of_a_bucket_is_imported_too_and_refused_while_that_is_away() {
    let (site, bucket, worker) = in_a_bucket().await;
    let ada = site.token("ada").await;
    let import = over(&site, &ada, &send(&site, &ada, &[], DEMO.to_vec()).await).await;
    assert_eq!(import["rows"]["read"], 2489);
    drop(worker);

    bucket.go_away().await;
    let away = send(&site, &ada, &[], DEMO.to_vec()).await;
    assert_eq!(away.problem(), (503, "unavailable".to_owned()));
    assert_ne!(away.header("retry-after"), "");
    // The rest works.
    assert_eq!(site.get(&ada, "/v1/t/north/funds").await.status.as_u16(), 200);
    bucket.come_back().await;
    assert_eq!(send(&site, &ada, &[], DEMO.to_vec()).await.status.as_u16(), 202);
}
