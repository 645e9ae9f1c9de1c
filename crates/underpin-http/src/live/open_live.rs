use axum::{
    Extension,
    extract::{
        FromRequestParts, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::request::Parts,
    response::Response,
};

use super::{
    Origin, connect,
    socket::{Guest, Socket},
};
use crate::{Api, Client, Code, Problem, Tenant, layers::may_shake_hands};

/// Bytes that are read from a socket at once: what clients say is shorter, and thousands keep such a buffer.
const READ_BUFFER: usize = 512;
/// Largest message that is read to its end, in order to say that it is too large.
const MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// Most bytes that wait in a socket's own buffer: the largest frame of the hub, one that was cut short before it, and a close.
const WRITE_BUFFER_MAX: usize = 40 * 1024;

/// A handshake that no other site's page made: asked before anything else, because a browser sends the cookie with any.
pub(crate) struct Ours;

impl FromRequestParts<Api> for Ours {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let may = may_shake_hands(&parts.headers, &api.settings);
        may.then_some(Self).ok_or_else(|| Problem::new(Code::CrossSite))
    }
}

/// Rooms over a web socket; docs/api.md has the protocol.
#[utoipa::path(get, path = "/v1/t/{tenant}/live", operation_id = "open_live", tag = "live",
    params(("tenant" = String, Path)),
    responses((status = 101, description = "A web socket."), (status = 429)))]
pub(crate) async fn open_live(
    State(api): State<Api>,
    _: Ours,
    tenant: Tenant,
    Extension(client): Extension<Client>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade =
        upgrade.map_err(|refused| Problem::new(Code::Malformed).detail(refused.body_text()))?;
    let connection = connect(&api, &tenant)?;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX);
    let (origin, request_id) = (Origin::of(&tenant), client.request_id);
    let guest = Box::new(Guest { connection, api, tenant, origin, request_id });
    Ok(upgrade.on_upgrade(move |wire| Socket::new(wire, guest).run()))
}
