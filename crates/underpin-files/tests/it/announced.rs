//! Files that go past the server.

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use underpin_base::{Principal, Role};
use underpin_files::{
    Announce, Bounds, Error, Limits, PutUrl, Result, Swept, Upload, UploadId, UploadState, Verdict,
};

use crate::support::{BOUNDS, Fixture, LIMITS, colleague, principal};

const BOOK: &[u8] = b"investor,fund,as_of,commitment\nA,F,2025-03-31,1\n";

fn announce(bytes: &[u8]) -> Announce {
    Announce {
        filename: "book.csv".to_owned(),
        media_type: Some("text/csv".to_owned()),
        bytes: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
    }
}

/// What a browser does with a URL that it was given.
async fn put(url: &PutUrl, body: &[u8]) -> u16 {
    let client = reqwest::Client::builder().build().unwrap();
    let mut request = client.put(&url.url).body(body.to_vec());
    for (name, value) in &url.headers {
        request = request.header(name, value);
    }
    request.send().await.unwrap().status().as_u16()
}

impl Fixture {
    async fn announced(&self, file: &[u8]) -> (Upload, PutUrl) {
        self.uploads.announce(self.staff, announce(file), &LIMITS).await.unwrap()
    }

    async fn complete(&self, by: Principal, id: UploadId) -> Result<bool> {
        let (uploads, now) = (&self.uploads, Timestamp::UNIX_EPOCH);
        let complete = self
            .test
            .db
            .transact(by, |tx, _| Box::pin(async move { uploads.complete(tx, id, now).await }));
        complete.await
    }

    /// What the job does: whether the file is stored, and what the look at it found.
    async fn verify(&self, id: UploadId) -> (bool, Verdict) {
        let (uploads, staff, now) = (&self.uploads, self.staff, Timestamp::UNIX_EPOCH);
        let upload = &uploads.find(staff, id).await.unwrap();
        let verdict = &uploads.verify(upload, 7).await.unwrap();
        let settled = self.test.db.transact(staff, |tx, _| {
            Box::pin(async move { uploads.settle(tx, upload, verdict, now).await })
        });
        let stored: Result<bool> = settled.await;
        let stored = stored.unwrap();
        uploads.tidy(upload, verdict, stored).await;
        (stored, verdict.clone())
    }

    async fn refusal(&self, id: UploadId) -> Option<String> {
        self.uploads.find(self.staff, id).await.unwrap().refused
    }

    async fn use_stored(&self, by: Principal, id: UploadId) -> Result<underpin_files::Received> {
        let uploads = &self.uploads;
        let used = self
            .test
            .db
            .transact(by, |tx, _| Box::pin(async move { uploads.use_stored(tx, id).await }));
        used.await
    }

    async fn state(&self, id: UploadId) -> UploadState {
        self.uploads.find(self.staff, id).await.unwrap().state
    }
}

#[tokio::test]
async fn a_file_is_announced_sent_completed_verified_and_used_once() {
    let fixture = Fixture::in_a_bucket().await;
    let (upload, url) = fixture.announced(BOOK).await;
    assert_eq!((upload.state, upload.bytes), (UploadState::Expected, BOOK.len() as u64));
    let early = fixture.uploads.arrived(&upload).await;
    assert!(matches!(early, Err(Error::NotArrived)), "{early:?}");

    assert_eq!(put(&url, BOOK).await, 200);
    fixture.uploads.arrived(&upload).await.unwrap();
    assert!(fixture.complete(fixture.staff, upload.id).await.unwrap());
    // The second to say so is told that it was said.
    assert!(!fixture.complete(fixture.staff, upload.id).await.unwrap());
    assert_eq!(fixture.state(upload.id).await, UploadState::Verifying);
    let unverified = fixture.use_stored(fixture.staff, upload.id).await;
    assert!(matches!(unverified, Err(Error::Gone)), "{unverified:?}");

    let late = fixture.uploads.find(fixture.staff, upload.id).await.unwrap();
    assert!(fixture.verify(upload.id).await.0);
    assert_eq!((fixture.stored(), fixture.usage().await), ((1, 0), BOOK.len() as i64));
    // An attempt that was declared dead and goes on finds another file there by now.
    smuggle(&fixture, &upload, &vec![b'x'; BOOK.len()]).await;
    let verdict = &fixture.uploads.verify(&late, 6).await.unwrap();
    assert_eq!(*verdict, Verdict::Bad { reason: "sha256" });
    fixture.uploads.tidy(&late, verdict, false).await;
    assert_eq!((fixture.stored(), fixture.usage().await), ((1, 0), BOOK.len() as i64));
    let used = fixture.use_stored(fixture.staff, upload.id).await.unwrap();
    assert_eq!((used.filename.as_str(), used.bytes), ("book.csv", BOOK.len() as u64));
    assert_eq!(fixture.read(&used.key, 0).await, BOOK);
    let again = fixture.use_stored(fixture.staff, upload.id).await;
    assert!(matches!(again, Err(Error::Gone)), "{again:?}");
    let in_use = fixture.uploads.remove(fixture.staff, upload.id).await;
    assert!(matches!(in_use, Err(Error::Gone)), "{in_use:?}");

    let files = fixture.uploads.files();
    let url = files.presign_get(&used.key, "book.csv", Duration::from_mins(10)).await.unwrap();
    let answer = reqwest::get(&url).await.unwrap();
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment; filename=\"book.csv\""), "{disposition}");
    assert_eq!(answer.bytes().await.unwrap(), BOOK);
}

#[tokio::test]
async fn a_url_takes_the_announced_file_only_and_not_for_long() {
    let fixture = Fixture::in_a_bucket().await;
    let (upload, url) = fixture.announced(BOOK).await;
    let other = [BOOK, b"x"].concat();
    assert_ne!(put(&url, &other).await, 200, "another file");
    let unsigned = PutUrl { headers: Vec::new(), ..url.clone() };
    assert_ne!(put(&unsigned, BOOK).await, 200, "without what was signed");
    let mut forged = url.clone();
    let digest = base64_of(&other);
    forged
        .headers
        .iter_mut()
        .filter(|h| h.0.contains("sha256"))
        .for_each(|h| h.1.clone_from(&digest));
    assert_ne!(put(&forged, &other).await, 200, "with another digest");
    let elsewhere = PutUrl {
        url: url.url.replace(&upload.id.to_string(), &UploadId::new().to_string()),
        ..url.clone()
    };
    assert_ne!(put(&elsewhere, BOOK).await, 200, "to another key");
    let read = reqwest::get(&url.url).await.unwrap();
    assert_ne!(read.status().as_u16(), 200, "for reading");
    // This service refuses what has another digest, and keeps it all the same: it is found out by its size.
    let kept = fixture.uploads.arrived(&upload).await;
    assert!(matches!(kept, Err(Error::WrongSize { .. } | Error::NotArrived)), "{kept:?}");

    let bounds = Bounds { url_lasts: Duration::from_secs(1), ..BOUNDS };
    let fixture = fixture.bounded(bounds);
    let (_, brief) = fixture.announced(BOOK).await;
    underpin_testkit::until("the URL expires", async || {
        (put(&brief, BOOK).await != 200).then_some(())
    })
    .await;
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

/// As a store that does not look at digests: the object is put there behind the URL's back.
async fn smuggle(fixture: &Fixture, upload: &Upload, bytes: &[u8]) {
    let settings = crate::support::settings(fixture.bucket());
    let files = underpin_files::Files::s3(&settings).unwrap();
    let sha256 = Sha256::digest(bytes).into();
    let incoming = format!("incoming/{}/{}", upload.tenant, upload.id);
    let url = files.presign_put(&incoming, &sha256, "text/csv", Duration::from_mins(1)).await;
    assert_eq!(put(&url.unwrap(), bytes).await, 200);
}

#[tokio::test]
async fn what_arrived_instead_does_not_count() {
    let fixture = Fixture::in_a_bucket().await;
    let (upload, _) = fixture.announced(BOOK).await;
    smuggle(&fixture, &upload, b"short").await;
    let size = fixture.uploads.arrived(&upload).await;
    assert!(matches!(size, Err(Error::WrongSize { arrived: 5, .. })), "{size:?}");

    let other = vec![b'x'; BOOK.len()];
    smuggle(&fixture, &upload, &other).await;
    fixture.uploads.arrived(&upload).await.unwrap();
    fixture.complete(fixture.staff, upload.id).await.unwrap();
    let (stored, verdict) = fixture.verify(upload.id).await;
    assert_eq!((stored, verdict), (false, Verdict::Bad { reason: "sha256" }));
    let refused = fixture.uploads.find(fixture.staff, upload.id).await.unwrap();
    assert_eq!((refused.state, refused.refused.as_deref()), (UploadState::Refused, Some("sha256")));
    assert_eq!((fixture.stored(), fixture.usage().await), ((0, 0), 0));
    // A day later nothing speaks of it.
    fixture.test.advance(Duration::from_hours(25)).await;
    assert_eq!(fixture.uploads.sweep().await.unwrap(), Swept { rows: 1, objects: 0 });
}

#[tokio::test]
async fn what_is_sent_to_the_url_after_the_verification_changes_nothing() {
    let fixture = Fixture::in_a_bucket().await;
    let (upload, url) = fixture.announced(BOOK).await;
    put(&url, BOOK).await;
    fixture.complete(fixture.staff, upload.id).await.unwrap();
    assert!(fixture.verify(upload.id).await.0);
    smuggle(&fixture, &upload, &vec![b'x'; BOOK.len()]).await;
    let used = fixture.use_stored(fixture.staff, upload.id).await.unwrap();
    assert_eq!(fixture.read(&used.key, 0).await, BOOK);
    // What came late is nobody's.
    fixture.clock.advance(Duration::from_hours(7));
    let swept = fixture.uploads.sweep_orphans(Duration::from_hours(6)).await.unwrap();
    assert_eq!((swept.objects, fixture.stored()), (1, (1, 0)));
}

#[tokio::test]
async fn a_file_that_does_not_come_or_vanishes_is_forgotten() {
    let fixture = Fixture::in_a_bucket().await;
    let (_, url) = fixture.announced(BOOK).await;
    put(&url, BOOK).await;
    fixture.test.advance(Duration::from_mins(19)).await;
    assert_eq!(fixture.uploads.sweep().await.unwrap(), Swept::default());
    fixture.test.advance(Duration::from_mins(2)).await;
    assert_eq!(fixture.uploads.sweep().await.unwrap(), Swept { rows: 1, objects: 0 });
    assert_eq!((fixture.rows().await, fixture.stored()), (0, (0, 0)));

    let (upload, _) = fixture.announced(BOOK).await;
    fixture.complete(fixture.staff, upload.id).await.unwrap();
    assert!(!fixture.verify(upload.id).await.0);
    assert_eq!(fixture.refusal(upload.id).await.as_deref(), Some("missing"));
}

#[tokio::test]
async fn a_file_is_stored_only_if_there_is_room_at_that_moment() {
    let fixture = Fixture::in_a_bucket().await;
    let fixture = fixture.bounded(Bounds { tenant_bytes_max: 60, ..BOUNDS });
    let (one, url) = fixture.announced(BOOK).await;
    put(&url, BOOK).await;
    let (two, url) = fixture.announced(BOOK).await;
    put(&url, BOOK).await;
    fixture.complete(fixture.staff, one.id).await.unwrap();
    fixture.complete(fixture.staff, two.id).await.unwrap();
    assert!(fixture.verify(one.id).await.0);
    assert!(!fixture.verify(two.id).await.0);
    assert_eq!(fixture.refusal(two.id).await.as_deref(), Some("quota"));
    assert_eq!((fixture.stored(), fixture.usage().await), ((1, 0), BOOK.len() as i64));
    let full = fixture.uploads.announce(fixture.staff, announce(BOOK), &LIMITS).await;
    assert!(matches!(full, Err(Error::QuotaExceeded { .. })), "{full:?}");

    fixture.uploads.remove(fixture.staff, one.id).await.unwrap();
    assert_eq!((fixture.stored(), fixture.usage().await), ((0, 0), 0));
    fixture.announced(BOOK).await;
}

#[tokio::test]
async fn urls_are_for_staff_within_limits_and_for_a_bucket() {
    let disk = Fixture::on_a_disk().await;
    let direct = disk.uploads.announce(disk.staff, announce(BOOK), &LIMITS).await;
    assert!(matches!(direct, Err(Error::DirectOnly)), "{direct:?}");

    let fixture = Fixture::in_a_bucket().await;
    let uploads = &fixture.uploads;
    let limits = Limits { bytes_max: 10, ..LIMITS };
    let large = uploads.announce(fixture.staff, announce(BOOK), &limits).await;
    assert!(matches!(large, Err(Error::TooLarge { bytes_max: 10 })), "{large:?}");
    let investor = uploads.announce(principal(Role::Investor), announce(BOOK), &LIMITS).await;
    assert!(matches!(investor, Err(Error::Db(_))), "{investor:?}");

    let (mine, _) = fixture.announced(BOOK).await;
    fixture.announced(BOOK).await;
    let third = uploads.announce(fixture.staff, announce(BOOK), &LIMITS).await;
    assert!(matches!(third, Err(Error::TooMany { whose: "yours", open: 2 })), "{third:?}");
    uploads.announce(colleague(fixture.staff), announce(BOOK), &LIMITS).await.unwrap();
    let fourth = uploads.announce(colleague(fixture.staff), announce(BOOK), &LIMITS).await;
    assert!(matches!(fourth, Err(Error::TooMany { whose: "your tenant", open: 3 })), "{fourth:?}");
    // One that was given back is free again.
    uploads.remove(fixture.staff, mine.id).await.unwrap();
    fixture.announced(BOOK).await;

    let stranger = principal(Role::Owner);
    let seen = uploads.find(stranger, mine.id).await;
    assert!(matches!(seen, Err(Error::NoUpload)), "{seen:?}");
    assert!(!fixture.complete(stranger, mine.id).await.unwrap());
    let used = fixture.use_stored(stranger, mine.id).await;
    assert!(matches!(used, Err(Error::NoUpload)), "{used:?}");
}
