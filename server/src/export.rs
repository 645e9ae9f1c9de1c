//! `underpin tenant export`.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use underpin_base::{Clock as _, SystemClock};
use underpin_files::Files;
use underpin_identity::Identity;

use crate::{Build, storage};

/// Write all that a tenant has into a new directory: a file of JSON lines a table, its stored files, and last a manifest with counts and digests.
///
/// A directory without `manifest.json` is not whole. Keeps: nothing of the deployment is changed.
pub(crate) async fn run(
    build: Build,
    config: Option<PathBuf>,
    identity: &Identity,
    slug: &str,
    out: &Path,
) -> anyhow::Result<()> {
    let settings = build.load_settings(config)?;
    let owner_url = settings.database.owner_url.get()?.expose().as_str().to_owned();
    let files = storage::files(&settings)?;
    let tenant = identity.find_tenant(slug).await?;
    let tenant = tenant.with_context(|| format!("there is no tenant {slug}"))?;
    fs::create_dir(out).with_context(|| {
        format!("cannot make {}; --out is a directory that is not there yet", out.display())
    })?;
    let mut writer = Writer { out, tables: BTreeMap::new(), uploads: Vec::new() };
    let tables =
        underpin_db::export_tenant(&owner_url, tenant.id, |table, row| writer.write(table, row))
            .await
            .map_err(|Stopped(error)| error)?;
    let uploads = std::mem::take(&mut writer.uploads);
    let digests = writer.finish()?;
    let mut manifest = json!({
        "tenant": {"id": tenant.id, "slug": slug},
        "at": SystemClock.now(),
        "tables": [],
        "files": [],
    });
    let listed = tables.iter().map(|table| {
        let sha256 = digests.get(&table.name);
        json!({"name": table.name, "rows": table.rows, "file": sha256.map(|_| file_name(&table.name)), "sha256": sha256})
    });
    manifest["tables"] = listed.collect();
    manifest["files"] = copy_files(&files, &uploads, &out.join("files")).await?;
    let text = serde_json::to_vec_pretty(&manifest)?;
    let part = out.join("manifest.part");
    fs::write(&part, text)?;
    fs::rename(&part, out.join("manifest.json")).context("cannot write manifest.json")?;
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    println!(
        "tenant {slug}: {rows} rows of {} tables and {} files in {}",
        tables.len(),
        uploads.len(),
        out.display()
    );
    Ok(())
}

/// Why an export ended: a row could not be written, or read.
struct Stopped(anyhow::Error);

impl From<underpin_db::Error> for Stopped {
    fn from(error: underpin_db::Error) -> Self {
        Self(error.into())
    }
}

/// An upload that has its bytes.
struct Upload {
    id: String,
    key: String,
    /// Lower-case hexadecimal.
    sha256: String,
}

struct Writer<'a> {
    out: &'a Path,
    tables: BTreeMap<String, (BufWriter<File>, Sha256)>,
    uploads: Vec<Upload>,
}

fn file_name(table: &str) -> String {
    format!("{table}.jsonl")
}

impl Writer<'_> {
    fn write(&mut self, table: &str, row: &str) -> Result<(), Stopped> {
        self.try_write(table, row).map_err(Stopped)
    }

    fn try_write(&mut self, table: &str, row: &str) -> anyhow::Result<()> {
        if !self.tables.contains_key(table) {
            let path = self.out.join(file_name(table));
            let file = File::create_new(&path);
            let file = file.with_context(|| format!("cannot write {}", path.display()))?;
            self.tables.insert(table.to_owned(), (BufWriter::new(file), Sha256::new()));
        }
        let Some((file, digest)) = self.tables.get_mut(table) else { bail!("made above") };
        for bytes in [row.as_bytes(), b"\n"] {
            file.write_all(bytes)?;
            digest.update(bytes);
        }
        if table == "underpin.upload" {
            let row: Value = serde_json::from_str(row)?;
            let text = |name: &str| row[name].as_str().map(str::to_owned);
            // Without a time it never came to its end.
            if row["stored_at"].is_string()
                && let (Some(id), Some(key), Some(sha256)) =
                    (text("id"), text("object_key"), text("sha256"))
            {
                let sha256 = sha256.trim_start_matches("\\x").to_owned();
                self.uploads.push(Upload { id, key, sha256 });
            }
        }
        Ok(())
    }

    /// Flush every file; their digests by table.
    fn finish(self) -> anyhow::Result<BTreeMap<String, String>> {
        let end = |(table, (file, digest)): (String, (BufWriter<File>, Sha256))| {
            file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
            Ok((table, hex(&digest.finalize())))
        };
        self.tables.into_iter().map(end).collect()
    }
}

/// Copy stored files; each must have the digest that its row has.
async fn copy_files(files: &Files, uploads: &[Upload], out: &Path) -> anyhow::Result<Value> {
    fs::create_dir(out)?;
    let mut listed = Vec::with_capacity(uploads.len());
    for Upload { id, key, sha256 } in uploads {
        let mut stream = files.stream(key).await.with_context(|| format!("upload {id}"))?;
        let mut file = BufWriter::new(File::create_new(out.join(id))?);
        let (mut digest, mut bytes) = (Sha256::new(), 0);
        while let Some(chunk) = stream.try_next().await? {
            digest.update(&chunk);
            bytes += chunk.len() as u64;
            file.write_all(&chunk)?;
        }
        file.flush()?;
        let found = hex(&digest.finalize());
        ensure!(found == *sha256, "upload {id}: its row says SHA-256 {sha256}, its bytes {found}");
        listed.push(json!({"upload": id, "bytes": bytes, "sha256": sha256}));
    }
    Ok(Value::Array(listed))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
