//! Requests that would succeed if the ids were one's own.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Answer, Operation, Person, Result, Tenant};

/// A request that would succeed if the id were one's own.
pub(super) struct Request<'o> {
    operation: &'o Operation,
    body: Option<Value>,
    /// The version of the real thing: the best that a stranger could guess.
    version: String,
}

impl<'o> Request<'o> {
    /// One that knows nothing of what the operation wants: it must not get so far that it matters.
    pub(super) fn blind(operation: &'o Operation) -> Self {
        let body = operation.takes_json.then(|| json!({}));
        Self { operation, body, version: "\"1\"".to_owned() }
    }

    pub(super) async fn of(
        operation: &'o Operation,
        tenant: &Tenant,
        keeper: &Person,
        ids: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut version = None;
        if [Method::PATCH, Method::PUT, Method::DELETE].contains(&operation.method) {
            let path = operation.fill(|name| ids.get(name).unwrap_or(&tenant.slug).clone());
            version = keeper.get(&path).await?.etag().map(str::to_owned);
        }
        let version = version.unwrap_or_else(|| "\"1\"".to_owned());
        Ok(Self { operation, body: body(operation, tenant), version })
    }

    pub(super) async fn send(
        &self,
        by: &Person,
        slug: &str,
        id: impl Fn(&str) -> String,
    ) -> Result<Answer> {
        let fill = |name: &str| if name == "tenant" { slug.to_owned() } else { id(name) };
        let ask = by.ask(self.operation.method.clone(), &self.operation.fill(fill));
        let ask = ask.header("if-match", &self.version).key(&Uuid::now_v7().to_string());
        let ask = match &self.body {
            Some(body) => ask.json(body),
            None => ask,
        };
        ask.send_for_head().await
    }
}

/// A body that the operation takes.
fn body(operation: &Operation, tenant: &Tenant) -> Option<Value> {
    let body = match operation.id.as_str() {
        "update_member" => json!({ "role": "member" }),
        "update_fund" => json!({ "strategy": "Audited" }),
        "update_allocation" => json!({ "deal_ref": "audited" }),
        "create_allocation" => allocation(tenant.things.investor, "foreign"),
        "import_upload" => json!({ "kind": "funds", "currency": "USD" }),
        // The id's own people will be refused, and that is a breach: a new route needs a line here.
        _ => json!({}),
    };
    operation.takes_json.then_some(body)
}

/// A body that makes an allocation.
pub(super) fn allocation(investor: Uuid, deal_ref: &str) -> Value {
    json!({ "investor_id": investor, "deal_ref": deal_ref,
        "report": { "as_of": "2024-06-30", "commitment": "10.00" } })
}
