//! Where files lie, and how much uploads may take.

use std::time::Duration;

use anyhow::Context as _;
use underpin_db::Db;
use underpin_files::{Bounds, Error, FileHost, Files, S3Settings};
use underpin_runtime::{
    Settings,
    settings::{Storage, Url},
};

use crate::process::Process;

/// The storage of these settings. Nothing is asked of a bucket yet.
pub(crate) fn files(settings: &Settings) -> anyhow::Result<Files> {
    match settings.files.storage()? {
        Storage::Directory(directory) => Files::local(&directory)
            .with_context(|| format!("cannot use {} for uploaded files", directory.display())),
        Storage::S3(s3) => {
            let url = |url: Option<Url>| url.map(|url| url.as_str().to_owned());
            let s3 = S3Settings {
                bucket: s3.bucket,
                region: s3.region,
                endpoint: url(s3.endpoint),
                public_endpoint: url(s3.public_endpoint),
                access_key_id: s3.access_key_id,
                secret_access_key: s3.secret_access_key,
                path_style: s3.path_style,
            };
            Files::s3(&s3).with_context(|| format!("cannot use bucket {}", s3.bucket))
        }
    }
}

/// How much uploads may take by these settings.
pub(crate) fn bounds(settings: &Settings) -> Bounds {
    let files = &settings.files;
    Bounds {
        memory_bytes_max: files.upload_memory_bytes_max,
        per_user_max: files.uploads_per_user_max,
        per_tenant_max: files.uploads_per_tenant_max,
        tenant_bytes_max: files.tenant_bytes_max,
        url_lasts: Duration::from_secs(files.upload_url_seconds.into()),
        ..Bounds::default()
    }
}

/// Say where this process keeps files, as long as it runs.
///
/// Errors: another living process keeps them elsewhere, or in a directory of another host.
pub(crate) async fn agree(process: &Process, db: &Db, files: &Files) -> anyhow::Result<()> {
    let host = FileHost::new(files, &host(&process.settings));
    host.announce(db).await.map_err(explained)?;
    let db = db.clone();
    process.tasks.spawn("files", move |stop| {
        let (host, db) = (host.clone(), db.clone());
        async move { host.run(&db, stop).await }
    });
    Ok(())
}

fn explained(error: Error) -> anyhow::Error {
    let mend = match &error {
        Error::Elsewhere { host, other_host, .. } if host != other_host => {
            "a directory serves one host: set files.s3_bucket for more, or deployment.host where two names mean one disk \
             (a process that was killed counts for 20 s)"
        }
        Error::Elsewhere { .. } => "every process of a deployment needs the same storage settings",
        _ => "cannot ask where other processes keep files",
    };
    anyhow::Error::from(error).context(mend)
}

/// This machine's name.
pub(crate) fn host(settings: &Settings) -> String {
    settings.deployment.host.clone().unwrap_or_else(|| {
        let name = rustix::system::uname();
        let name = name.nodename().to_string_lossy();
        if name.is_empty() { "unknown".to_owned() } else { name.into_owned() }
    })
}
