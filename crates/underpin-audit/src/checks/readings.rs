//! What a tenant's owner may read: every such operation of the OpenAPI document, with the ids of things that are there.

use reqwest::Method;
use uuid::Uuid;

use crate::{Stage, Stopped, Tenant, operations};

/// Answers that do not end.
const STREAMS: [&str; 2] = ["/events", "/live"];

/// One thing to read.
#[derive(Debug)]
pub(super) struct Reading {
    /// Its operation.
    pub(super) name: String,
    /// Its path, filled.
    pub(super) path: String,
    /// Whether its answer ends.
    pub(super) ends: bool,
}

/// The things of a tenant that ids in paths name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) fund: Uuid,
    pub(super) import: Uuid,
}

/// Everything that the owner may read, and the names of those operations whose ids are not known here.
pub(super) async fn readings(
    stage: &Stage,
    tenant: &Tenant,
    named: Named,
) -> Result<(Vec<Reading>, Vec<String>), Stopped> {
    let import = tenant.owner.get(&tenant.path(&format!("/imports/{}", named.import))).await?;
    let (upload, job) = (import.expect(200)?.id_at("/upload_id")?, tenant.things.job);
    let id = |name: &str| match name {
        "tenant" => Some(tenant.slug.clone()),
        "fund" => Some(named.fund.to_string()),
        "allocation" => Some(tenant.things.allocation.to_string()),
        "import" => Some(named.import.to_string()),
        "upload" => Some(upload.to_string()),
        "job" => Some(job.to_string()),
        _ => None,
    };
    let (mut readings, mut unknown) = (Vec::new(), Vec::new());
    let mut operations = operations(stage).await?;
    operations.retain(|operation| operation.method == Method::GET && !operation.public);
    for operation in &operations {
        if operation.parameters().into_iter().any(|name| id(name).is_none()) {
            unknown.push(operation.name());
            continue;
        }
        readings.push(Reading {
            name: operation.name(),
            path: operation.fill(|name| id(name).unwrap_or_default()),
            ends: !STREAMS.iter().any(|end| operation.path.ends_with(end)),
        });
    }
    Ok((readings, unknown))
}
