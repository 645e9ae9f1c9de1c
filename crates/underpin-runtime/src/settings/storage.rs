use std::{net::IpAddr, path::PathBuf};

use underpin_base::Secret;

use super::{Environment, Files, Settings, Url};
use crate::Result;

/// Where files lie.
#[derive(Debug, Clone)]
pub enum Storage {
    /// Below a directory of this host.
    Directory(PathBuf),
    /// In a bucket.
    S3(S3),
}

/// A bucket and how it is reached.
#[derive(Debug, Clone)]
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Scheme and host of the service; none means Amazon's.
    pub endpoint: Option<Url>,
    /// The same as browsers reach it.
    pub public_endpoint: Option<Url>,
    /// Whose key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: Secret<String>,
    /// Whether the bucket stands in the path of URLs.
    pub path_style: bool,
}

/// Longest that a URL may be good, in seconds.
const URL_SECONDS_MAX: u32 = 3_600;
/// Longest that what was deleted is kept, in days.
const DELETED_DAYS_MAX: u32 = 3_650;

impl Files {
    /// Where files lie.
    ///
    /// Errors: [`crate::Error::Refused`] if neither a directory nor a bucket was given.
    pub fn storage(&self) -> Result<Storage> {
        let given =
            (&self.s3_bucket, &self.s3_region, &self.s3_access_key_id, &self.s3_secret_access_key);
        // Settings that name a bucket and lack the rest of it were refused when they were read.
        let (Some(bucket), Some(region), Some(id), Some(key)) = given else {
            return self.directory.get().cloned().map(Storage::Directory);
        };
        Ok(Storage::S3(S3 {
            bucket: bucket.clone(),
            region: region.clone(),
            endpoint: self.s3_endpoint.clone(),
            public_endpoint: self.s3_public_endpoint.clone(),
            access_key_id: id.clone(),
            secret_access_key: key.clone(),
            path_style: self.s3_path_style,
        }))
    }
}

impl Settings {
    pub(super) fn storage_contradictions(&self, refuse: &mut impl FnMut(&str, &str, &str)) {
        let files = &self.files;
        let needed = [
            files.s3_region.is_some(),
            files.s3_access_key_id.is_some(),
            files.s3_secret_access_key.is_some(),
        ];
        let endpoints = [&files.s3_endpoint, &files.s3_public_endpoint];
        match &files.s3_bucket {
            Some(_) if files.directory.find().is_some() => {
                let mend = "keep one of the two; what lies in the other stays there";
                refuse("files have two places", "files.directory, files.s3_bucket", mend);
            }
            Some(_) if needed.contains(&false) => {
                let mend = "set all three";
                let place = "files.s3_region, files.s3_access_key_id, files.s3_secret_access_key";
                refuse("the bucket cannot be reached", place, mend);
            }
            None if needed.contains(&true) || endpoints.iter().any(|url| url.is_some()) => {
                let mend = "set files.s3_bucket too, or leave the rest out";
                refuse("a service without a bucket", "files.s3_bucket", mend);
            }
            _ => {}
        }
        let production = self.deployment.environment == Environment::Production;
        if production && endpoints.into_iter().flatten().any(is_clear_text) {
            let mend = "use https://, or deployment.environment = \"dev\"";
            let place = "files.s3_endpoint, files.s3_public_endpoint";
            refuse("files would travel in clear text", place, mend);
        }
        if files.upload_url_seconds > URL_SECONDS_MAX {
            let mend = "give it an hour at most";
            refuse("URLs would be good for too long", "files.upload_url_seconds", mend);
        }
        if self.deployment.deleted_days > DELETED_DAYS_MAX {
            let mend = "give it from 1 to 3650";
            refuse("what is deleted would never go", "deployment.deleted_days", mend);
        }
        if self.http.upload_bytes_max > files.tenant_bytes_max {
            let mend = "keep upload_bytes_max at or below files.tenant_bytes_max";
            refuse("files may be larger than all of them", "http.upload_bytes_max", mend);
        }
    }
}

/// Whether what goes there can be read on the way.
fn is_clear_text(url: &Url) -> bool {
    let authority = url.origin().split_once("://").map_or("", |(_, authority)| authority);
    !url.is_https() && !is_loopback(authority)
}

/// Whether a host, perhaps with a port, is this machine by its number or as `localhost`.
pub(super) fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}
