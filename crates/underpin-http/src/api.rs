//! What handlers share.

use std::{ops::Deref, sync::Arc, time::Duration};

use serde::Serialize;
use tokio::sync::Semaphore;
use underpin_base::{Clock, Secret};
use underpin_db::Db;
use underpin_files::{Files, Limits, RateFloor, Uploads};
use underpin_identity::Identity;
use underpin_log::Log;
use underpin_realtime::Hub;
use underpin_runtime::{
    CancellationToken, Environment, FailureGroups, Health, Settings, Telemetry, Tracer,
    settings::Network,
};
use utoipa::ToSchema;

use crate::{Memory, PageEntry, Rooms, live, metrics::Metrics, probe::Probe};

/// The state of every route: a handle of [`ApiState`], whose fields it has. A clone counts one reference: each layer of each request takes some.
#[derive(Debug, Clone)]
pub struct Api(Arc<ApiState>);

impl Deref for Api {
    type Target = ApiState;

    fn deref(&self) -> &ApiState {
        &self.0
    }
}

/// The parts of the kernel that a handler may use.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// The database.
    pub db: Db,
    /// People, tenants, sessions.
    pub identity: Identity,
    /// The log.
    pub log: Log,
    /// Stored files.
    pub files: Files,
    /// Uploads.
    pub uploads: Uploads,
    /// What the process says of itself.
    pub health: Health,
    /// How this deployment serves.
    pub settings: Arc<ApiSettings>,
    /// Cancelled when the process drains.
    pub stop: CancellationToken,
    /// The rooms of the process; a service runs it.
    pub live: Hub,
    /// What the process keeps in memory.
    pub memory: Memory,
    /// Panics and answers from 500 on.
    pub(crate) failures: FailureGroups,
    pub(crate) rooms: Rooms,
    pub(crate) telemetry: Telemetry,
    pub(crate) clock: SharedClock,
    pub(crate) shared: Arc<Shared>,
}

/// What all clones of an [`Api`] have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) probe: Probe,
}

/// A clock that can be shown.
#[derive(Clone)]
pub(crate) struct SharedClock(pub(crate) Arc<dyn Clock>);

impl std::fmt::Debug for SharedClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// The parts that an [`Api`] is put together from.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// People, tenants, sessions.
    pub identity: Identity,
    /// The log.
    pub log: Log,
    /// Stored files.
    pub files: Files,
    /// Uploads.
    pub uploads: Uploads,
    /// What the process says of itself.
    pub health: Health,
    /// Cancelled when the process drains.
    pub stop: CancellationToken,
}

impl Api {
    /// Put the parts together.
    pub fn new(parts: Parts, clock: Arc<dyn Clock>, settings: ApiSettings) -> Self {
        let live = live::hub(&parts, &settings);
        let Parts { db, identity, log, files, uploads, health, stop } = parts;
        let metrics = Arc::new(Metrics::default());
        let memory = Memory::of_kernel(&db, &identity, &live, &metrics, &settings);
        let shared = Shared {
            in_flight: Arc::new(Semaphore::new(settings.in_flight_max)),
            metrics,
            probe: Probe::default(),
        };
        Self(Arc::new(ApiState {
            db,
            identity,
            log,
            files,
            uploads,
            health,
            settings: Arc::new(settings),
            stop,
            live,
            memory,
            failures: FailureGroups::default(),
            rooms: Rooms::default(),
            telemetry: Telemetry::default(),
            clock: SharedClock(clock),
            shared: Arc::new(shared),
        }))
    }

    /// The same with another part. What already has a clone keeps what it has.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut ApiState)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Serve these rooms.
    #[must_use]
    pub fn with_rooms(self, rooms: Rooms) -> Self {
        self.with(|state| state.rooms = rooms)
    }

    /// Tell of requests by these.
    #[must_use]
    pub fn with_telemetry(self, telemetry: Telemetry) -> Self {
        let tracer = telemetry.tracer.clone();
        self.memory.name("traces", Tracer::KEPT_MAX, move || tracer.kept());
        self.with(|state| state.telemetry = telemetry)
    }

    /// Group failures with those of the rest of the process.
    #[must_use]
    pub fn with_failures(self, failures: FailureGroups) -> Self {
        let groups = failures.clone();
        self.memory.name("failures", FailureGroups::KEPT_MAX, move || groups.list().len());
        self.with(|state| state.failures = failures)
    }

    /// Requests that are being answered, health and operators aside.
    pub(crate) fn in_flight(&self) -> usize {
        self.settings.in_flight_max.saturating_sub(self.shared.in_flight.available_permits())
    }

    /// Business time.
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.0.now()
    }
}

/// How a deployment serves.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// Names the deployment and its cookie.
    pub name: String,
    /// `dev` shows demo sign-ins to loopback clients.
    pub environment: Environment,
    /// The version of the program.
    pub version: String,
    /// Scheme and authority that people type, without a slash at the end: the allowed `Origin`, the root of links.
    pub public_url: Option<String>,
    /// Networks whose `X-Forwarded-For` and `X-Request-Id` are believed.
    pub trusted_proxies: Vec<Network>,
    /// Largest body of a request that is no upload.
    pub body_bytes_max: u64,
    /// Longest time that such a body may take to arrive.
    pub body_timeout: Duration,
    /// What an upload may cost.
    pub upload_limits: Limits,
    /// Longest time that a handler may take, uploads and streams aside.
    pub request_timeout: Duration,
    /// Requests at the same time; one more is told to come back.
    pub in_flight_max: usize,
    /// Web sockets and event streams at the same time.
    pub streams_max: usize,
    /// Web sockets and event streams of one person at the same time.
    pub person_streams_max: usize,
    /// Bytes that may wait for one of them; more become `resync`.
    pub outbox_bytes_max: usize,
    /// How often a stream says that it is alive.
    pub stream_beat: Duration,
    /// Requests that take this long are recorded with what they spent their time on.
    pub slow_request: Duration,
    /// How often the sums of all requests are logged.
    pub summary_every: Duration,
    /// What becomes of a request that repeats statements without saying why.
    pub repeats: Repeats,
    /// What operators present; without it the operators' address serves only health.
    pub operator_token: Option<Secret<String>>,
    /// Sign-ins of the demo; only shown in `dev`, to loopback.
    pub demo: Vec<DemoSignIn>,
    /// Pages of modules that the console shows without code of its own.
    pub pages: Vec<PageEntry>,
    /// The names of modules: what an API key's scopes may name beside `tenant`.
    pub areas: Vec<&'static str>,
    /// Days in which what people deleted can be brought back.
    pub deleted_days: u32,
}

/// What becomes of a request that repeats statements without saying why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// It is logged, and listed for operators.
    Report,
    /// Its answer becomes a 500 that names the statement: for tests, which fail by it.
    Refuse,
}

/// A sign-in of the demo.
#[derive(Debug, Clone, Serialize, serde::Deserialize, ToSchema)]
pub struct DemoSignIn {
    /// Mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// The tenant's slug.
    pub tenant: String,
}

impl Default for ApiSettings {
    /// Production on plain HTTP with nothing trusted.
    fn default() -> Self {
        Self {
            name: "underpin".to_owned(),
            environment: Environment::Production,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            public_url: None,
            trusted_proxies: Vec::new(),
            body_bytes_max: 1 << 20,
            body_timeout: Duration::from_secs(10),
            upload_limits: Limits::default(),
            request_timeout: Duration::from_secs(30),
            in_flight_max: 512,
            streams_max: 5_000,
            person_streams_max: 32,
            outbox_bytes_max: 64 * 1024,
            stream_beat: Duration::from_secs(15),
            slow_request: Duration::from_secs(1),
            summary_every: Duration::from_mins(1),
            repeats: Repeats::Report,
            operator_token: None,
            demo: Vec::new(),
            pages: Vec::new(),
            areas: Vec::new(),
            deleted_days: 30,
        }
    }
}

impl ApiSettings {
    /// Take what the process's settings say; demo sign-ins come apart, because only `dev` has them.
    pub fn of(settings: &Settings, demo: Vec<DemoSignIn>) -> Self {
        let Settings { http, security, deployment, log, .. } = settings;
        Self {
            name: deployment.name.clone(),
            environment: deployment.environment,
            public_url: http.public_url.as_ref().map(|url| url.as_str().to_owned()),
            trusted_proxies: http.trusted_proxies.clone(),
            body_bytes_max: http.body_bytes_max,
            streams_max: http.streams_max as usize,
            outbox_bytes_max: http.outbox_bytes_max as usize,
            upload_limits: upload_limits(settings),
            slow_request: Duration::from_millis(log.slow_request_ms.into()),
            summary_every: Duration::from_secs(log.summary_seconds.into()),
            operator_token: security.operator_token.clone(),
            deleted_days: deployment.deleted_days,
            demo,
            ..Self::default()
        }
    }

    /// What the scopes of an API key may name: the tenant's own affairs, and every module.
    pub(crate) fn scope_areas(&self) -> Vec<&'static str> {
        let kernel = [crate::Area::FILES.0, crate::Area::TENANT.0];
        kernel.into_iter().chain(self.areas.iter().copied()).collect()
    }

    /// Whether people reach the deployment by `https`: cookies are `Secure` then.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// What one uploaded file may cost by these settings.
fn upload_limits(settings: &Settings) -> Limits {
    let limits = Limits::default();
    let bytes_per_second = settings.files.upload_rate_bytes_min.into();
    let rate = RateFloor { bytes_per_second, ..limits.rate };
    Limits { bytes_max: settings.http.upload_bytes_max, rate, ..limits }
}
