//! People, sessions, members and invites: one endpoint per file.

mod accept_invite;
mod answer_challenge;
mod change_password;
mod complete_password_reset;
mod confirm_second_factor;
mod create_api_key;
mod create_invite;
mod create_password_reset;
mod create_second_factor;
mod create_session;
mod delete_api_key;
mod delete_invite;
mod delete_member;
mod delete_session;
mod delete_sessions;
mod disable_second_factor;
mod end_session;
mod get_second_factor;
mod get_second_factor_policy;
mod get_session;
mod get_tenant;
mod list_account_trail;
mod list_api_keys;
mod list_api_scopes;
mod list_invites;
mod list_members;
mod list_sessions;
mod list_trail;
mod look_up_invite;
mod put_second_factor_policy;
mod renew_recovery_codes;
mod shapes;
mod update_member;
mod verify_trail;

use axum::{
    Extension,
    http::{HeaderMap, header},
};
use underpin_base::Secret;
use underpin_identity::{Language, Origin};
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
        .merge(second_factor())
        .routes(routes!(create_password_reset::create_password_reset))
        .routes(routes!(complete_password_reset::complete_password_reset))
        .routes(routes!(list_api_keys::list_api_keys, create_api_key::create_api_key))
        .routes(routes!(delete_api_key::delete_api_key))
        .routes(routes!(list_api_scopes::list_api_scopes))
        .routes(routes!(list_trail::list_trail))
        .routes(routes!(verify_trail::verify_trail))
        .routes(routes!(list_account_trail::list_account_trail))
}

/// The routes of second factors.
fn second_factor() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(answer_challenge::answer_challenge))
        .routes(routes!(
            get_second_factor::get_second_factor,
            create_second_factor::create_second_factor
        ))
        .routes(routes!(confirm_second_factor::confirm_second_factor))
        .routes(routes!(renew_recovery_codes::renew_recovery_codes))
        .routes(routes!(disable_second_factor::disable_second_factor))
        .routes(routes!(
            get_second_factor_policy::get_second_factor_policy,
            put_second_factor_policy::put_second_factor_policy
        ))
}

/// Where a sign-in comes from.
fn origin(Extension(client): &Extension<Client>, headers: &HeaderMap) -> Origin {
    let user_agent = headers.get("user-agent").and_then(|value| value.to_str().ok());
    Origin {
        address: client.address,
        user_agent: user_agent.map(str::to_owned),
        language: language(headers),
    }
}

/// The language that whoever asks reads.
fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepted.map(Language::accepted).unwrap_or_default()
}

/// The token that a request presents: its session ends at sign-in.
fn former(headers: &HeaderMap, settings: &ApiSettings) -> Option<Secret<String>> {
    session_token(headers, settings).map(|token| Secret::new(token.to_owned()))
}
