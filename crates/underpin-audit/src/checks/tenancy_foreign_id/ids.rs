//! Real ids: what a stranger must not be able to tell from made-up ones.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Operation, Person, Result, Stage, Tenant};

/// Real ids of a tenant by the names that paths have for them.
pub(super) struct Ids {
    known: BTreeMap<&'static str, Uuid>,
    owner: Person,
    /// Whose account and session are among the ids: they may be deleted.
    spare: Person,
    slug: String,
}

impl Ids {
    pub(super) async fn of(stage: &Stage, tenant: &Tenant) -> Result<Self> {
        let spare = stage.guest(tenant, "spare", "member", None).await?;
        let invite =
            json!({ "email": format!("invited@{}.example", tenant.slug), "role": "member" });
        let invite = tenant.owner.post(&tenant.path("/invites"), &invite).await?.expect(201)?;
        let things = tenant.things;
        let import = tenant.owner.get(&tenant.path(&format!("/imports/{}", things.import))).await?;
        let mut known = BTreeMap::from([
            ("fund", things.fund),
            ("investor", things.investor),
            ("allocation", things.allocation),
            ("import", things.import),
            ("upload", import.id_at("/upload_id")?),
            ("job", things.job),
            ("user", spare.user.uuid()),
            ("session", spare.session),
            ("invite", invite.id_at("/id")?),
        ]);
        let key = json!({ "name": "Audit", "role": "member", "scopes": ["funds:read"] });
        let key = tenant.owner.post(&tenant.path("/api-keys"), &key).await?;
        if key.is_success() {
            known.insert("key", key.id_at("/id")?);
        }
        Ok(Self { known, owner: tenant.owner.clone(), spare, slug: tenant.slug.clone() })
    }

    /// The same, where a tenant's investor person has no part in any.
    pub(super) fn of_others(mut self, tenant: &Tenant) -> Self {
        let things = tenant.things;
        self.known.insert("fund", things.closed_fund);
        self.known.insert("investor", things.stranger);
        self.known.insert("allocation", things.foreign_allocation);
        self
    }

    /// Ids for all names of a path. One that is not known is looked for in the list that the path is below.
    pub(super) async fn known(
        &self,
        operation: &Operation,
    ) -> Result<Option<BTreeMap<String, String>>> {
        let mut ids = BTreeMap::new();
        for name in operation.parameters().into_iter().filter(|name| *name != "tenant") {
            let id = match self.known.get(name) {
                Some(id) => Some(id.to_string()),
                None => self.first_of_list(operation, name).await?,
            };
            let Some(id) = id else { return Ok(None) };
            ids.insert(name.to_owned(), id);
        }
        Ok(Some(ids))
    }

    async fn first_of_list(&self, operation: &Operation, name: &str) -> Result<Option<String>> {
        let list = operation.path.split(&format!("/{{{name}}}")).next().unwrap_or_default();
        if list.contains('{') && list.replace("{tenant}", "").contains('{') {
            return Ok(None);
        }
        let answer = self.owner.get(&list.replace("{tenant}", &self.slug)).await?;
        let id = answer.json().pointer("/items/0/id").and_then(Value::as_str).map(str::to_owned);
        Ok(id)
    }

    /// The one who may do it.
    pub(super) fn keeper(&self, operation: &Operation) -> Person {
        let of_account = operation.parameters().contains(&"session");
        if of_account { self.spare.clone() } else { self.owner.clone() }
    }
}
