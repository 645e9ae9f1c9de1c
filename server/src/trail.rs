//! `underpin tenant audit-trail`.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use underpin_identity::{Fault, Identity, Trail, TrailEntry, Verified};

/// Print a tenant's trail, or prove that it is whole.
pub(crate) async fn run(identity: &Identity, slug: &str, verify: bool) -> anyhow::Result<()> {
    let tenant = identity.find_tenant(slug).await?;
    let trail = Trail::Tenant(tenant.with_context(|| format!("there is no tenant {slug}"))?.id);
    if verify { prove(identity, slug, trail).await } else { print(identity, trail).await }
}

async fn prove(identity: &Identity, slug: &str, trail: Trail) -> anyhow::Result<()> {
    match identity.verify_trail(trail).await? {
        Verified::Whole { entries, head } => {
            println!("the trail of {slug} is whole: {entries} entries, the last {}", hex(&head));
            Ok(())
        }
        Verified::Broken { seq, fault } => {
            let what = match fault {
                Fault::Changed => "is not as it was written",
                Fault::Missing => "is gone",
                Fault::Cut => "is where the trail ends too soon or goes on too far",
            };
            bail!("the trail of {slug} is broken: entry {seq} {what}")
        }
    }
}

async fn print(identity: &Identity, trail: Trail) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let entries = identity.read_trail(trail, after).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = last.seq;
        for entry in &entries {
            // Whoever reads may have seen enough.
            if writeln!(std::io::stdout(), "{}", line(entry)).is_err() {
                return Ok(());
            }
        }
    }
}

fn line(entry: &TrailEntry) -> Value {
    json!({
        "seq": entry.seq,
        "at": entry.at,
        "actor": { "kind": entry.actor_kind, "id": entry.actor_id },
        "action": entry.action,
        "subject": entry.subject,
        "detail": serde_json::from_str::<Value>(&entry.detail).unwrap_or_default(),
        "address": entry.address,
        "prev": hex(&entry.prev),
        "hash": hex(&entry.hash),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
