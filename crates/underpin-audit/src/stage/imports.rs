//! Work for a worker: a file of position reports.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::{Person, Result, wait::until};

/// A file on its way into the book.
#[derive(Debug, Clone, Copy)]
pub struct Import {
    /// The import.
    pub id: Uuid,
    /// Its job.
    pub job: Uuid,
}

/// Send a file; it is taken before anything of it is read.
pub async fn upload(by: &Person, slug: &str, csv: String) -> Result<Import> {
    let path = format!("/v1/t/{slug}/imports?kind=funds&filename=audit.csv&currency=USD");
    let ask = by.ask(Method::POST, &path).body("text/csv", csv);
    let answer = ask.send().await?.expect(202)?;
    Ok(Import { id: answer.id_at("/import_id")?, job: answer.id_at("/job_id")? })
}

/// Look at an import until it is so far; gives it as the API shows it.
///
/// A web process that does not answer for a moment is asked again.
pub async fn follow(
    by: &Person,
    slug: &str,
    import: Import,
    limit: Duration,
    so_far: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let path = format!("/v1/t/{slug}/imports/{}", import.id);
    let looked = until("the import", limit, || async {
        let Ok(answer) = by.get(&path).await else { return Ok(None) };
        let import = answer.expect(200)?.json();
        Ok(so_far(&import).then_some(import))
    });
    looked.await
}
