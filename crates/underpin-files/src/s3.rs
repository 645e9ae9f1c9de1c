//! A bucket that speaks S3.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use object_store::{
    BackoffConfig, ClientOptions, MultipartId, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    multipart::{MultipartStore as _, PartId},
    path::Path,
    signer::{HeaderName, HeaderValue, Method, SignedUrlOptions, Signer as _},
};
use underpin_base::Secret;

use crate::{Result, disposition::attachment, error::storage, files::bounded};

/// How a bucket is reached.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// The bucket's name.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Scheme and authority of the service; none means the one of Amazon for the region.
    pub endpoint: Option<String>,
    /// The same as people's browsers reach it, where that is another; URLs that are given out begin with it.
    pub public_endpoint: Option<String>,
    /// Whose key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: Secret<String>,
    /// Whether the bucket stands in the path of URLs rather than in the host.
    pub path_style: bool,
}

/// Smallest part but the last that S3 takes. The memory of one upload is one of these.
const PART_BYTES: u64 = 5 << 20;
/// S3 takes 10,000 parts; a few are kept in reserve.
const PARTS_MAX: u64 = 9_000;
/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// Longest silence of the service within one request.
const READ_MAX: Duration = Duration::from_secs(30);
/// Longest that a small request may take, its retries included: an upload that cannot begin must be told so soon.
const BRIEF_MAX: Duration = Duration::from_secs(4);
/// The same for a part, and for putting the parts together.
const PART_MAX: Duration = Duration::from_mins(1);
/// Longest that a URL which was given out may be good.
const URL_LASTS_MAX: Duration = Duration::from_hours(1);

static CONTENT_TYPE: HeaderName = HeaderName::from_static("content-type");
static CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");

/// A URL to which one file may be sent, once it is known what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutUrl {
    /// Where to; a secret until it expires.
    pub url: String,
    /// What must be sent along, exactly so: it is part of the signature.
    pub headers: Vec<(String, String)>,
}

/// A bucket, as the server reaches it and as browsers do.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) store: AmazonS3,
    signer: AmazonS3,
    name: String,
}

impl Bucket {
    pub(crate) fn open(settings: &S3Settings) -> Result<Self> {
        // The client takes the provider of the process; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = build(settings, settings.endpoint.as_deref())?;
        let signer = match &settings.public_endpoint {
            Some(public) => build(settings, Some(public))?,
            None => store.clone(),
        };
        let place = settings.endpoint.as_deref().unwrap_or(&settings.region);
        Ok(Self { store, signer, name: format!("bucket {} at {place}", settings.bucket) })
    }

    /// In words, without secrets.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What the parts of a body of at most so many bytes must have.
    pub(crate) const fn part_bytes(bytes_max: u64) -> u64 {
        let least = bytes_max.div_ceil(PARTS_MAX);
        if least > PART_BYTES { least } else { PART_BYTES }
    }

    pub(crate) async fn presign_put(
        &self,
        key: &str,
        sha256: &[u8; 32],
        media_type: &str,
        lasts: Duration,
    ) -> Result<PutUrl> {
        // A service that checks digests refuses anything but this file; one that does not is found out by the verification.
        let digest = BASE64_STANDARD.encode(sha256);
        let headers = [(&CHECKSUM, digest.as_str()), (&CONTENT_TYPE, media_type)];
        let mut options = SignedUrlOptions::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value)
                .unwrap_or(HeaderValue::from_static("application/octet-stream"));
            options = options.with_signed_header(name.clone(), value);
        }
        let headers = options
            .signed_headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        let headers = headers.collect();
        let url = self.sign(Method::PUT, key, lasts, &options).await?;
        Ok(PutUrl { url, headers })
    }

    pub(crate) async fn presign_get(
        &self,
        key: &str,
        filename: &str,
        lasts: Duration,
    ) -> Result<String> {
        let options = SignedUrlOptions::new().with_query([
            ("response-content-disposition", attachment(filename).as_str()),
            // What somebody sent is never shown as a page of the store's host.
            ("response-content-type", "application/octet-stream"),
        ]);
        self.sign(Method::GET, key, lasts, &options).await
    }

    async fn sign(
        &self,
        method: Method,
        key: &str,
        lasts: Duration,
        options: &SignedUrlOptions,
    ) -> Result<String> {
        let lasts = lasts.min(URL_LASTS_MAX);
        let url = self.signer.signed_url_opts(method, &Path::from(key), lasts, options).await;
        Ok(url.map_err(storage("sign a URL"))?.to_string())
    }

    pub(crate) async fn begin(self: Arc<Self>, key: &str) -> Result<Multipart> {
        let key = Path::from(key);
        let id = bounded("begin an object", BRIEF_MAX, self.store.create_multipart(&key)).await?;
        Ok(Multipart { bucket: self, key, id, parts: Vec::new() })
    }

    /// Forget an object that was begun, with all its parts.
    pub(crate) async fn abort(&self, key: &str, id: &str) -> Result<()> {
        let (key, id) = (Path::from(key), id.to_owned());
        match bounded("abort an object", BRIEF_MAX, self.store.abort_multipart(&key, &id)).await {
            // It was completed or aborted before.
            Err(crate::Error::Missing { .. }) => Ok(()),
            other => other,
        }
    }
}

fn build(settings: &S3Settings, endpoint: Option<&str>) -> Result<AmazonS3> {
    let plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let client = ClientOptions::new()
        .with_allow_http(plain)
        .with_connect_timeout(CONNECT_MAX)
        .with_read_timeout(READ_MAX)
        // A large object may take longer than any fixed time; silence is what ends it.
        .with_timeout_disabled()
        .with_pool_max_idle_per_host(64);
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(1),
            base: 3.0,
        },
        max_retries: 3,
        retry_timeout: Duration::from_secs(20),
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(&settings.access_key_id)
        .with_secret_access_key(settings.secret_access_key.expose())
        .with_virtual_hosted_style_request(!settings.path_style)
        .with_client_options(client)
        .with_retry(retry);
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(of_bucket(endpoint, settings));
    }
    builder.build().map_err(storage("reach its bucket"))
}

/// The endpoint with the bucket in its host, unless it stands in the path.
fn of_bucket(endpoint: &str, settings: &S3Settings) -> String {
    match endpoint.split_once("://") {
        Some((scheme, host)) if !settings.path_style => {
            format!("{scheme}://{}.{host}", settings.bucket)
        }
        _ => endpoint.to_owned(),
    }
}

/// An object whose parts are arriving.
#[derive(Debug)]
pub(crate) struct Multipart {
    bucket: Arc<Bucket>,
    key: Path,
    id: MultipartId,
    parts: Vec<PartId>,
}

impl Multipart {
    /// What the service calls it; whoever knows it can abort it.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) async fn put(&mut self, part: Bytes) -> Result<()> {
        let put = self.bucket.store.put_part(&self.key, &self.id, self.parts.len(), part.into());
        self.parts.push(bounded("write a part", PART_MAX, put).await?);
        Ok(())
    }

    pub(crate) async fn complete(self) -> Result<()> {
        let complete = self.bucket.store.complete_multipart(&self.key, &self.id, self.parts);
        bounded("finish an object", PART_MAX, complete).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(path_style: bool) -> S3Settings {
        S3Settings {
            bucket: "files".to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint: None,
            public_endpoint: Some("https://s3.example.com".to_owned()),
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned()),
            path_style,
        }
    }

    #[test]
    fn parts_grow_so_that_ten_thousand_suffice() {
        assert_eq!(Bucket::part_bytes(1), 5 << 20);
        assert_eq!(Bucket::part_bytes(256 << 20), 5 << 20);
        let terabyte = 1 << 40;
        assert!(terabyte / Bucket::part_bytes(terabyte) < 10_000);
        assert!(Bucket::part_bytes(u64::MAX) > 0);
    }

    #[tokio::test]
    async fn a_url_names_the_public_host_binds_the_digest_and_expires() {
        for (path_style, begins) in [
            (true, "https://s3.example.com/files/incoming/a?"),
            (false, "https://files.s3.example.com/incoming/a?"),
        ] {
            let bucket = Bucket::open(&settings(path_style)).unwrap();
            let day = Duration::from_hours(24);
            let put = bucket.presign_put("incoming/a", &[7; 32], "text/csv", day).await.unwrap();
            assert!(put.url.starts_with(begins), "{}", put.url);
            assert!(put.url.contains("X-Amz-Expires=3600"), "{}", put.url);
            let signed = "X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-checksum-sha256";
            assert!(put.url.contains(signed), "{}", put.url);
            assert!(!put.url.contains("wJalr"), "{}", put.url);
            let digest = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned();
            assert!(put.headers.contains(&("x-amz-checksum-sha256".to_owned(), digest)));
            assert!(put.headers.contains(&("content-type".to_owned(), "text/csv".to_owned())));
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        let text = format!("{:?} {:?}", settings(true), Bucket::open(&settings(true)).unwrap());
        assert!(!text.contains("wJalr"), "{text}");
    }
}
