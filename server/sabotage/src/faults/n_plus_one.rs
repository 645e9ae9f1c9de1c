//! A dashboard that asks about each allocation by itself.

use axum::{
    extract::{FromRequestParts as _, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use underpin_http::{Api, Problem, Tenant};
use underpin_server::Build;
use uuid::Uuid;

use super::Fault;
use crate::store::{GET_ALLOCATION, LIST_ALLOCATIONS};

pub(super) const FAULT: Fault = Fault {
    name: "n_plus_one",
    what: "the dashboard of a fund runs one more statement for each of its allocations",
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
    if let Some(fund) = fund_of(parts.uri.path()) {
        let tenant = Tenant::from_request_parts(&mut parts, &api).await?.principal;
        let id = tenant.tenant.uuid();
        for row in api.db.query(tenant, &LIST_ALLOCATIONS, &[&id, &fund]).await? {
            let allocation: Uuid = row.get(0);
            api.db.query(tenant, &GET_ALLOCATION, &[&id, &allocation]).await?;
        }
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// The fund of a dashboard's path.
fn fund_of(path: &str) -> Option<Uuid> {
    let (_, rest) = path.strip_suffix("/dashboard")?.rsplit_once("/funds/")?;
    rest.parse().ok()
}
