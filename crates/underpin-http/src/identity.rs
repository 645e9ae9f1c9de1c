//! People, sessions, members and invites: one endpoint per file.

mod accept_invite;
mod change_password;
mod create_invite;
mod create_session;
mod delete_invite;
mod delete_member;
mod delete_session;
mod delete_sessions;
mod end_session;
mod get_session;
mod get_tenant;
mod list_invites;
mod list_members;
mod list_sessions;
mod look_up_invite;
mod shapes;
mod update_member;

use axum::{Extension, http::HeaderMap};
use underpin_base::Secret;
use underpin_identity::Origin;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Api, ApiSettings, Client, layers::session_token};

/// The routes of identity.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(
            create_session::create_session,
            get_session::get_session,
            delete_session::delete_session
        ))
        .routes(routes!(list_sessions::list_sessions, delete_sessions::delete_sessions))
        .routes(routes!(end_session::end_session))
        .routes(routes!(change_password::change_password))
        .routes(routes!(look_up_invite::look_up_invite))
        .routes(routes!(accept_invite::accept_invite))
        .routes(routes!(get_tenant::get_tenant))
        .routes(routes!(list_members::list_members))
        .routes(routes!(update_member::update_member, delete_member::delete_member))
        .routes(routes!(list_invites::list_invites, create_invite::create_invite))
        .routes(routes!(delete_invite::delete_invite))
}

/// Where a sign-in comes from.
fn origin(Extension(client): &Extension<Client>, headers: &HeaderMap) -> Origin {
    let user_agent = headers.get("user-agent").and_then(|value| value.to_str().ok());
    Origin { address: client.address, user_agent: user_agent.map(str::to_owned) }
}

/// The token that a request presents: its session ends at sign-in.
fn former(headers: &HeaderMap, settings: &ApiSettings) -> Option<Secret<String>> {
    session_token(headers, settings).map(|token| Secret::new(token.to_owned()))
}
