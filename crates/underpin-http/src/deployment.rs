//! Which deployment this is.

use axum::{Extension, extract::State};
use serde::Serialize;
use underpin_runtime::Environment;
use utoipa::ToSchema;

use crate::{Api, Client, DemoSignIn, Json};

/// Which deployment this is, for the page one signs in on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deployment)]
pub(crate) struct Response {
    /// Its name.
    name: String,
    /// `dev` or `production`.
    #[schema(value_type = String)]
    environment: &'static str,
    /// The version of the program.
    version: String,
    /// Largest file that an upload may have.
    upload_bytes_max: u64,
    /// For how many days what was deleted can be restored.
    deleted_days: u32,
    /// Whether it sends mail: a forgotten password can be set anew.
    mail: bool,
    /// Sign-ins of the demo: only in `dev`, only for a client on this machine.
    demo: Vec<DemoSignIn>,
}

/// Which deployment this is.
#[utoipa::path(get, path = "/v1/deployment", operation_id = "get_deployment", tag = "deployment",
    security(()), responses((status = 200, body = Response)))]
pub(crate) async fn get_deployment(
    State(api): State<Api>,
    Extension(client): Extension<Client>,
) -> Json<Response> {
    let settings = &api.settings;
    let shown = settings.environment == Environment::Dev && client.is_loopback();
    Json(Response {
        name: settings.name.clone(),
        environment: settings.environment.as_str(),
        version: settings.version.clone(),
        upload_bytes_max: settings.upload_limits.bytes_max,
        deleted_days: settings.deleted_days,
        mail: api.identity.has_mail(),
        demo: if shown { settings.demo.clone() } else { Vec::new() },
    })
}
