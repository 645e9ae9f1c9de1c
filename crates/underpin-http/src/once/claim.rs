//! A key, whose it is and for which request; the lock and the row behind it.

use axum::{
    extract::{FromRequestParts as _, MatchedPath, RawPathParams},
    http::{HeaderMap, request::Parts},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use underpin_base::Principal;
use underpin_db::{Row, Tx};
use utoipa::openapi::{
    ObjectBuilder, Required, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

use super::{error::Stop, respond};
use crate::{
    Api, Code, Problem,
    answer::Written,
    store::{FIND_ANSWER, INSERT_ANSWER, TAKE_KEY},
};

const HEADER: &str = "idempotency-key";
/// Longest key.
const KEY_BYTES_MAX: usize = 255;
/// Longest body that is kept; a route with larger answers has no key.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The key of a request.
///
/// Errors: `key_missing` where the route asks for one; `malformed` for one that is none.
pub(super) fn key(headers: &HeaderMap, required: bool) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        let missing = || {
            Problem::new(Code::KeyMissing)
                .detail("send Idempotency-Key: a fresh one for each thing you mean to do")
        };
        return if required { Err(missing()) } else { Ok(None) };
    };
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    let well_formed = |text: &&str| {
        (1..=KEY_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    text.filter(well_formed).map(|text| Some(text.to_owned())).ok_or_else(|| {
        Problem::new(Code::Malformed)
            .detail("Idempotency-Key is one text of 1 to 255 visible ASCII characters")
    })
}

/// The header's line in the OpenAPI document.
pub(super) fn parameter(required: bool) -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(KEY_BYTES_MAX));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(if required { Required::True } else { Required::False })
        .description(Some(
            "Sent again with the same request, the key brings the first answer again.",
        ))
        .schema(Some(text))
        .build()
}

/// A key on its route, and the request that it came with.
#[derive(Debug)]
pub(super) struct Claim {
    route: String,
    key: String,
    fingerprint: [u8; 32],
}

/// What there is for a key.
pub(super) enum Found {
    /// Neither an answer nor a rival: the lock is ours until the transaction ends.
    Nothing,
    /// The answer of the same request.
    Answer(Written),
    /// A rival is at work.
    InFlight,
    /// The answer of another request.
    Other,
}

impl Claim {
    /// Errors: a path that cannot be read, as [`crate::Path`].
    pub(super) async fn new(key: String, parts: &mut Parts, body: &[u8]) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, &()).await;
        let params = params.map_err(|_| Problem::new(Code::NotFound))?;
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let mut hash = Sha256::new();
        // Each part with its length, so that no two requests are one text.
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        add(parts.method.as_str().as_bytes());
        add(route.as_bytes());
        for (name, value) in &params {
            add(name.as_bytes());
            add(value.as_bytes());
        }
        add(parts.uri.query().unwrap_or_default().as_bytes());
        add(body);
        Ok(Self { route: route.to_owned(), key, fingerprint: hash.finalize().into() })
    }

    /// The number of the lock. Two keys with one number only tell each other to come back.
    fn lock(&self, principal: Principal) -> i64 {
        let mut hash = Sha256::new();
        hash.update(principal.tenant.uuid());
        hash.update(principal.subject.uuid());
        hash.update(self.route.as_bytes());
        // No route has this byte.
        hash.update([0]);
        hash.update(self.key.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        i64::from_be_bytes(std::array::from_fn(|at| digest[at]))
    }

    /// Try the key's lock and look for its answer, as the first statement of a transaction.
    ///
    /// The look may be older than the lock: what a rival committed in between is met by [`Claim::keep`].
    pub(super) async fn take<E>(&self, tx: &mut Tx, now: Timestamp) -> Result<Found, Stop<E>> {
        let principal = tx.principal()?;
        let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
        let lock = self.lock(principal);
        let row = tx
            .query_one(&TAKE_KEY, &[&lock, &tenant, &subject, &self.route, &self.key, &now])
            .await?;
        Ok(match (self.judge(&row, 1), row.get(0)) {
            (Some(found), _) => found,
            (None, true) => Found::Nothing,
            (None, false) => Found::InFlight,
        })
    }

    /// Keep the answer, as the last statement of the transaction.
    ///
    /// Errors: [`Stop::Late`] if a rival's answer came first; everything is rolled back then.
    pub(super) async fn keep<E>(
        &self,
        tx: &mut Tx,
        written: &Written,
        now: Timestamp,
    ) -> Result<(), Stop<E>> {
        if written.body.len() > BODY_BYTES_MAX {
            return Err(Stop::Fault(
                Problem::new(Code::Internal)
                    .caused_by(TooLarge { route: self.route.clone(), bytes: written.body.len() }),
            ));
        }
        let principal = tx.principal()?;
        let status = i16::try_from(written.status).unwrap_or_default();
        let rows = tx
            .execute(
                &INSERT_ANSWER,
                &[
                    &principal.tenant.uuid(),
                    &principal.subject.uuid(),
                    &self.route,
                    &self.key,
                    &&self.fingerprint[..],
                    &status,
                    &written.content_type,
                    &written.location,
                    &written.etag,
                    &written.body,
                    &now,
                    &(now + KEPT),
                ],
            )
            .await?;
        if rows == 1 { Ok(()) } else { Err(Stop::Late) }
    }

    /// After a failure that a rival's commit may have caused: its answer if there is one by now, else the failure.
    pub(super) async fn look_again(
        &self,
        api: &Api,
        principal: Principal,
        now: Timestamp,
        failure: Problem,
    ) -> Result<Response, Problem> {
        let (tenant, subject) = (principal.tenant.uuid(), principal.subject.uuid());
        let found = api
            .db
            .query_opt(principal, &FIND_ANSWER, &[&tenant, &subject, &self.route, &self.key, &now])
            .await;
        match found {
            Ok(row) => match row.and_then(|row| self.judge(&row, 0)) {
                Some(Found::Answer(written)) => Ok(respond(written, true)),
                _ => Err(failure),
            },
            Err(_) => Err(failure),
        }
    }

    /// What a row says from this column on; None if it holds no answer.
    fn judge(&self, row: &Row, at: usize) -> Option<Found> {
        let fingerprint: Option<&[u8]> = row.get(at);
        Some(if fingerprint? == self.fingerprint {
            Found::Answer(Written::from_row(row, at + 1))
        } else {
            Found::Other
        })
    }
}

/// An answer that cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("an answer of {route} has {bytes} bytes: too many to be kept for its key")]
struct TooLarge {
    route: String,
    bytes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(values: &[&str], required: bool) -> Result<Option<String>, Code> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        key(&headers, required).map_err(|problem| problem.code())
    }

    #[test]
    fn a_key_is_one_text_of_visible_characters() {
        assert_eq!(judged(&["a"], true), Ok(Some("a".to_owned())));
        let longest = "k".repeat(255);
        assert_eq!(judged(&[&longest], true), Ok(Some(longest.clone())));
        assert_eq!(judged(&[], false), Ok(None));
        assert_eq!(judged(&[], true), Err(Code::KeyMissing));
        for odd in ["", "two words", "tab\tinside", "größe", &format!("{longest}k")] {
            assert_eq!(judged(&[odd], false), Err(Code::Malformed), "{odd}");
        }
        assert_eq!(judged(&["a", "a"], true), Err(Code::Malformed));
    }

    fn claim(route: &str, key: &str) -> Claim {
        Claim { route: route.to_owned(), key: key.to_owned(), fingerprint: [0; 32] }
    }

    #[test]
    fn a_lock_belongs_to_one_key_of_one_person_on_one_route() {
        use underpin_base::{Role, TenantId, UserId};
        let somebody =
            Principal { tenant: TenantId::new(), subject: UserId::new(), role: Role::Member };
        let lock = claim("/a", "k").lock(somebody);
        assert_eq!(claim("/a", "k").lock(Principal { role: Role::Owner, ..somebody }), lock);
        assert_ne!(claim("/b", "k").lock(somebody), lock);
        assert_ne!(claim("/a", "l").lock(somebody), lock);
        assert_ne!(claim("/a", "k").lock(Principal { tenant: TenantId::new(), ..somebody }), lock);
        assert_ne!(claim("/a", "k").lock(Principal { subject: UserId::new(), ..somebody }), lock);
    }
}
