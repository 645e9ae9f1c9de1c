//! Rooms over web sockets and event streams, on the hub of the process.

mod allowance;
mod open_live;
mod protocol;
pub(crate) mod rooms;
mod sessions;
mod socket;

use tracing::Span;
use underpin_base::{TenantId, Trace};
use underpin_db::watch;
use underpin_realtime::{Connection, Holder, Hub, Limits};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Api, ApiSettings, Code, Parts, Problem, Tenant, events};

/// The routes of realtime.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(open_live::open_live)).routes(routes!(events::get_events))
}

/// The hub of a process.
pub(crate) fn hub(parts: &Parts, settings: &ApiSettings) -> Hub {
    let limits = Limits {
        connections_max: settings.streams_max,
        person_connections_max: settings.person_streams_max,
        outbox_bytes_max: settings.outbox_bytes_max,
        ..Limits::default()
    };
    let guard = sessions::Sessions(parts.identity.clone());
    Hub::new(parts.log.clone(), parts.db.wakes().clone(), guard, limits)
}

/// A connection for a member, as long as session and role are what they are now.
///
/// Errors: `unavailable` where the process has no place, `rate_limited` where the person has too many.
pub(crate) fn connect(api: &Api, tenant: &Tenant) -> Result<Connection, Problem> {
    let holder = Holder { session: tenant.session.id.uuid(), principal: tenant.principal };
    api.live.connect(holder).map_err(Into::into)
}

/// Where a socket or a stream came from, for the lines of the log that it writes long after its request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    trace: Option<Trace>,
    tenant: TenantId,
}

impl Origin {
    /// That of the request which is being handled.
    pub(crate) fn of(tenant: &Tenant) -> Self {
        Self { trace: watch::trace(), tenant: tenant.principal.tenant }
    }

    /// A span for what it says now. Not one for its life: kept for thousands that wait, they would cost as much as all the rest.
    pub(crate) fn span(self, route: &'static str) -> Span {
        let trace_id = self.trace.map(Trace::trace_id);
        tracing::error_span!("live", route, trace_id, tenant = %self.tenant)
    }
}

impl From<underpin_realtime::Error> for Problem {
    fn from(error: underpin_realtime::Error) -> Self {
        use underpin_realtime::Error as E;
        let detail = match error {
            E::Log(error) => return error.into(),
            E::Closed => "this process takes no streams now",
            E::Full => "too many streams",
            E::TooMany => "you have too many streams",
            E::TooManyRooms => "too many rooms",
        };
        Self::new(Code::from(error.kind())).detail(detail)
    }
}
