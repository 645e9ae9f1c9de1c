//! What the topic `tenant` tells: memberships, invites and API keys. Payloads carry ids and roles, never a mail or a token.

use serde_json::{Value, json};
use underpin_base::{Principal, Role, UserId};
use underpin_log::{Audience, NewEvent, Topic};
use uuid::Uuid;

use crate::model::{ApiKeyId, InviteId};

/// The topic of a tenant's own affairs.
const TOPIC: &str = "tenant";

fn event(principal: Principal, version: i64, kind: &'static str, payload: Value) -> NewEvent {
    NewEvent {
        topic: Topic::named(TOPIC),
        entity: principal.tenant.uuid(),
        version,
        kind,
        schema_version: 1,
        audience: Audience::Staff,
        payload,
    }
}

pub(crate) fn member_joined(
    principal: Principal,
    version: i64,
    user: UserId,
    role: Role,
    investor: Option<Uuid>,
) -> NewEvent {
    let payload = json!({ "user": user, "role": role.as_str(), "investor": investor });
    event(principal, version, "member.joined", payload)
}

pub(crate) fn member_changed(
    principal: Principal,
    version: i64,
    user: UserId,
    role: Role,
) -> NewEvent {
    let payload = json!({ "user": user, "role": role.as_str() });
    event(principal, version, "member.changed", payload)
}

pub(crate) fn member_removed(principal: Principal, version: i64, user: UserId) -> NewEvent {
    event(principal, version, "member.removed", json!({ "user": user }))
}

pub(crate) fn invite_created(
    principal: Principal,
    version: i64,
    invite: InviteId,
    role: Role,
) -> NewEvent {
    let payload = json!({ "invite": invite, "role": role.as_str() });
    event(principal, version, "invite.created", payload)
}

pub(crate) fn api_key_created(principal: Principal, version: i64, key: ApiKeyId) -> NewEvent {
    event(principal, version, "api_key.created", json!({ "api_key": key }))
}

pub(crate) fn api_key_revoked(principal: Principal, version: i64, key: ApiKeyId) -> NewEvent {
    event(principal, version, "api_key.revoked", json!({ "api_key": key }))
}

pub(crate) fn invite_revoked(principal: Principal, version: i64, invite: InviteId) -> NewEvent {
    event(principal, version, "invite.revoked", json!({ "invite": invite }))
}
