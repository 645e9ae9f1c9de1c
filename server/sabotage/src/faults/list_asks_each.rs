//! A list that asks about each of its rows by itself.

use axum::{
    extract::{FromRequestParts as _, Request, State},
    http::Method,
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use underpin_http::{Api, Problem, Tenant};
use underpin_server::Build;
use uuid::Uuid;

use super::Fault;
use crate::store::{GET_INVESTOR, LIST_INVESTORS};

pub(super) const FAULT: Fault = Fault {
    name: "list_asks_each",
    what: "the list of investors runs one more statement for each of them",
    put_into: |build| Build {
        routes: |routes, api| routes.layer(from_fn_with_state(api.clone(), ask_each)),
        ..build
    },
};

async fn ask_each(
    State(api): State<Api>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::GET && parts.uri.path().ends_with("/investors") {
        let tenant = Tenant::from_request_parts(&mut parts, &api).await?.principal;
        let id = tenant.tenant.uuid();
        for row in api.db.query(tenant, &LIST_INVESTORS, &[&id]).await? {
            let investor: Uuid = row.get(0);
            api.db.query(tenant, &GET_INVESTOR, &[&id, &investor]).await?;
        }
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}
