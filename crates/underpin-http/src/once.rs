//! Requests that happen once however often they are sent.

mod claim;
mod error;
mod sweep;

use std::marker::PhantomData;

use axum::{
    body::{Bytes, HttpBody as _},
    extract::{FromRequest, Request},
    http::HeaderValue,
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use underpin_db::{AsDbError, Error, Scope, Tx, Within, Work};
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use self::{
    claim::{Claim, Found},
    error::Stop,
};
use crate::{Answer, Api, Problem, answer::Written, extract, layers::Told};

pub use sweep::sweep_answers;

/// A JSON body whose request may carry an `Idempotency-Key`; without one it is done each time it is sent.
///
/// Take it as the last argument, after whoever asks: a key counts for one person in one tenant.
#[derive(Debug)]
pub struct Idempotent<T> {
    request: T,
    claim: Option<Claim>,
}

/// A JSON body whose request must carry an `Idempotency-Key`: for routes that make something or move money.
#[derive(Debug)]
pub struct Keyed<T>(Idempotent<T>);

impl<T: DeserializeOwned + Send> FromRequest<Api> for Idempotent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        read(request, api, false).await
    }
}

impl<T: DeserializeOwned + Send> FromRequest<Api> for Keyed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        read(request, api, true).await.map(Self)
    }
}

/// The key before the body: what lacks it is refused before a byte is read.
async fn read<T: DeserializeOwned>(
    request: Request,
    api: &Api,
    required: bool,
) -> Result<Idempotent<T>, Problem> {
    let (mut parts, body) = request.into_parts();
    let key = claim::key(&parts.headers, required)?;
    if key.is_some()
        && let Some(told) = parts.extensions.get::<Told>()
    {
        told.keyed();
    }
    // What has no fields needs no body.
    let bytes = if size_of::<T>() == 0 && body.is_end_stream() {
        Bytes::from_static(b"{}")
    } else {
        extract::json::bytes(&parts.headers, body, api).await?
    };
    let claim = match key {
        Some(key) => Some(Claim::new(key, &mut parts, &bytes).await?),
        None => None,
    };
    Ok(Idempotent { request: extract::json::read(&bytes)?, claim })
}

impl<T> Idempotent<T> {
    /// What was sent.
    pub const fn request(&self) -> &T {
        &self.request
    }
}

impl<T> Keyed<T> {
    /// What was sent.
    pub const fn request(&self) -> &T {
        self.0.request()
    }
}

impl<T: Send + Sync + 'static> Idempotent<T> {
    /// Do the work in one transaction with the answer that is kept for the key, or send the answer that is kept already.
    ///
    /// The closure gets the transaction, what was sent, and the time. The scope is a principal's.
    /// Keeps: for one key of one person there is at most one effect, and it exists if and only if its answer does. Only a success is
    /// kept; an error rolls everything back and is computed anew by the next try.
    /// Errors: `in_flight` at once while another request with the key is at work; `key_reused` if the key was for another request.
    /// Retry: as [`underpin_db::Db::transact`], so the closure holds nothing but database work. Cost: with a key two statements more than the work,
    /// the first of which travels with `BEGIN`; without one none.
    pub async fn commit<'a, V, E, F>(
        self,
        api: &Api,
        scope: impl Into<Scope> + Send,
        work: F,
    ) -> Result<Response, Problem>
    where
        F: for<'t> FnMut(&'t mut Tx, &'t T, Timestamp, Within<'t, 'a>) -> Work<'t, Answer<V>, E>
            + Send,
        E: From<Error> + AsDbError + Into<Problem> + Send,
        V: Serialize + Send,
    {
        let scope = scope.into();
        let principal = scope.principal().ok_or(Error::WrongScope)?;
        let (request, claim, now) = (&self.request, self.claim.as_ref(), api.now());
        // The closure may run again, and what it returns borrows the transaction only: so it is lent to each run.
        let work = tokio::sync::Mutex::new(work);
        let lent = &work;
        let done = api.db.transact(scope, move |tx, _| {
            Box::pin(async move {
                if let Some(claim) = claim {
                    match claim.take(tx, now).await? {
                        Found::Nothing => {}
                        Found::Answer(written) => return Ok((written, true)),
                        Found::InFlight => return Err(Stop::InFlight),
                        Found::Other => return Err(Stop::Reused),
                    }
                }
                let answer = {
                    let mut work = lent.lock().await;
                    (*work)(tx, request, now, PhantomData).await.map_err(Stop::Work)?
                };
                let written = Written::of(&answer).map_err(Stop::Fault)?;
                if let Some(claim) = claim {
                    claim.keep(tx, &written, now).await?;
                }
                Ok::<_, Stop<E>>((written, false))
            })
        });
        match (done.await, claim) {
            (Ok((written, replayed)), _) => Ok(respond(written, replayed)),
            (Err(stop), Some(claim)) if stop.may_be_late() => {
                let failure = Problem::from(stop);
                // What failed on our side is not a rival's doing.
                if failure.code().status().is_client_error() {
                    claim.look_again(api, principal, now, failure).await
                } else {
                    Err(failure)
                }
            }
            (Err(stop), _) => Err(stop.into()),
        }
    }
}

impl<T: Send + Sync + 'static> Keyed<T> {
    /// As [`Idempotent::commit`].
    pub async fn commit<'a, V, E, F>(
        self,
        api: &Api,
        scope: impl Into<Scope> + Send,
        work: F,
    ) -> Result<Response, Problem>
    where
        F: for<'t> FnMut(&'t mut Tx, &'t T, Timestamp, Within<'t, 'a>) -> Work<'t, Answer<V>, E>
            + Send,
        E: From<Error> + AsDbError + Into<Problem> + Send,
        V: Serialize + Send,
    {
        self.0.commit(api, scope, work).await
    }
}

/// The answer as it leaves, the first time and again.
fn respond(written: Written, replayed: bool) -> Response {
    let mut response = written.into_response();
    if replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert("idempotent-replayed", yes);
    }
    response
}

/// The header's line in the OpenAPI document.
impl<T> IntoParams for Idempotent<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![claim::parameter(false)]
    }
}

/// The header's line in the OpenAPI document.
impl<T> IntoParams for Keyed<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![claim::parameter(true)]
    }
}
