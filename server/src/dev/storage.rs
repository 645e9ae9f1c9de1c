//! Where `dev` keeps files: in its own directory, or in a bucket that its environment names.

use underpin_files::Files;
use underpin_runtime::{Settings, settings::Sources};

use super::data_dir::DataDir;
use crate::storage;

/// What the names of a bucket's settings begin with.
const BUCKET: &str = "UNDERPIN_FILES_S3_";
/// The name of the directory's setting.
const DIRECTORY: &str = "UNDERPIN_FILES_DIRECTORY";

/// The settings of the files, for every process.
pub(super) fn environment(data: &DataDir) -> Vec<(String, String)> {
    let mut bucket = Sources::of_process(None).env;
    bucket.retain(|(name, _)| name.starts_with(BUCKET));
    if bucket.is_empty() {
        bucket.push((DIRECTORY.to_owned(), data.files().display().to_string()));
    }
    bucket
}

/// The storage of these settings.
pub(super) fn open(environment: Vec<(String, String)>) -> anyhow::Result<Files> {
    storage::files(&Settings::load(&Sources { file: None, env: environment })?)
}
