use jiff::Timestamp;
use serde_json::json;
use underpin_base::{Page, PageQuery, Principal, Role};
use underpin_log::emit;

use super::trail::record;
use crate::{
    Error, Identity, Result, events,
    model::{ApiKey, ApiKeyId, Scopes, parse_name},
    store::{
        api_keys::{self, NewApiKey},
        tenants,
    },
    token::{Token, TokenPurpose},
    trail::Act,
};

/// Keys of one tenant that are good at the same time.
const KEYS_MAX: i64 = 100;

/// A key to be made.
#[derive(Debug, Clone)]
pub struct CreateApiKey {
    /// What it is for.
    pub name: String,
    /// As what it acts: `Admin` or `Member`.
    pub role: Role,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends; never, if nobody says.
    pub expires_at: Option<Timestamp>,
}

/// A new key with its token, which is shown this once.
#[derive(Debug, Clone)]
pub struct CreatedApiKey {
    /// Its id, which is the subject of what it does.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// As what it acts.
    pub role: Role,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// What a program presents.
    pub token: Token,
}

impl Identity {
    /// Make an API key for the principal's tenant.
    ///
    /// Keeps: only a person makes one, by a policy too: a key makes no keys.
    /// Effects: an audit entry and event `api_key.created`.
    /// Errors: `Forbidden` unless the principal is an admin; `Invalid`; `TooManyKeys`.
    pub async fn create_api_key(
        &self,
        by: Principal,
        input: CreateApiKey,
    ) -> Result<CreatedApiKey> {
        if !by.role.is_admin() {
            return Err(Error::Forbidden);
        }
        let CreateApiKey { name, role, scopes, expires_at } = input;
        let name = parse_name("name", &name)?;
        if !matches!(role, Role::Admin | Role::Member) {
            return Err(Error::invalid("role", "bad_role", "a key is an admin or a member"));
        }
        let now = self.now();
        if expires_at.is_some_and(|end| end <= now) {
            return Err(Error::invalid("expires_at", "past", "this instant is over"));
        }
        let (id, token) = (ApiKeyId::new(), self.keys().mint(TokenPurpose::ApiKey));
        let digest = token.digest();
        let new = NewApiKey {
            id,
            name: &name,
            role,
            scopes: scopes.names(),
            digest: &digest,
            now,
            expires_at,
        };
        let detail = json!({ "name": name, "role": role.as_str(), "scopes": scopes.names(), "expires_at": expires_at });
        let (new, detail) = (&new, &detail);
        self.db()
            .transact(by, |tx, _| {
                Box::pin(async move {
                    let version = tenants::lock(tx, by.tenant).await?;
                    if api_keys::count(tx, by.tenant, now, KEYS_MAX).await? == KEYS_MAX {
                        return Err(Error::TooManyKeys(KEYS_MAX));
                    }
                    api_keys::insert(tx, by, new).await?;
                    emit(tx, now, &[events::api_key_created(by, version, id)]).await?;
                    let act = Act::new("api_key.created").on("api_key", id);
                    record(tx, now, act.detail(detail.clone())).await
                })
            })
            .await?;
        Ok(CreatedApiKey { id, name, role, scopes, created_at: now, expires_at, token })
    }

    /// A page of the keys of the principal's tenant that are not revoked, newest first. `list` is what cursors are bound to.
    ///
    /// Errors: `Forbidden` unless the principal is an admin.
    pub async fn api_keys(
        &self,
        principal: Principal,
        query: &PageQuery,
        list: &str,
    ) -> Result<Page<ApiKey>> {
        if !principal.role.is_admin() {
            return Err(Error::Forbidden);
        }
        api_keys::list(self.db(), principal, query, list).await
    }

    /// Revoke a key: what presents it from now on is refused, and what it holds open ends within a second.
    ///
    /// Effects: an audit entry and event `api_key.revoked`.
    /// Errors: `Forbidden`, `NotFound` if it is not good any more.
    pub async fn revoke_api_key(&self, by: Principal, key: ApiKeyId) -> Result<()> {
        if !by.role.is_admin() {
            return Err(Error::Forbidden);
        }
        let now = self.now();
        self.transact_access(by, |tx, _| {
            Box::pin(async move {
                let version = tenants::lock(tx, by.tenant).await?;
                let name = api_keys::revoke(tx, by, key, now).await?;
                let name = name.ok_or(Error::NotFound("api key"))?;
                emit(tx, now, &[events::api_key_revoked(by, version, key)]).await?;
                let act = Act::new("api_key.revoked").on("api_key", key);
                record(tx, now, act.detail(json!({ "name": name }))).await
            })
        })
        .await
    }
}
