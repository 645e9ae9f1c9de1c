//! A module's table of contents.

use std::pin::Pin;

use underpin_audit::Check;
use underpin_base::Principal;
use underpin_db::{Component, Statement};
use underpin_http::{PageEntry, Room};
use underpin_jobs::{Job, Registry, Schedule};

use crate::{Parts, Routes};

/// The work of making demo data: it may be repeated, and ends when the data is there.
pub type Seeding<'p> =
    Pin<Box<dyn Future<Output = Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send + 'p>>;

type Register = Box<dyn Fn(&mut Registry, &Parts) + Send + Sync>;
type MakeSchedule = Box<dyn Fn(&Parts) -> Schedule + Send + Sync>;
type Seed = Box<dyn for<'p> Fn(&'p Parts, Principal) -> Seeding<'p> + Send + Sync>;

/// A product on the kernel, as a list of what it owns and serves.
pub struct Module {
    name: &'static str,
    pub(crate) component: Option<Component>,
    pub(crate) statements: Vec<&'static Statement>,
    pub(crate) routes: Option<fn() -> Routes>,
    pub(crate) jobs: Vec<Register>,
    pub(crate) schedules: Vec<MakeSchedule>,
    pub(crate) rooms: Vec<Room>,
    pub(crate) pages: Vec<PageEntry>,
    pub(crate) checks: Option<fn() -> Vec<Check>>,
    pub(crate) demo: Option<Seed>,
}

impl Module {
    /// A module with nothing in it yet; the name is that of its schema and its pages.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            component: None,
            statements: Vec::new(),
            routes: None,
            jobs: Vec::new(),
            schedules: Vec::new(),
            rooms: Vec::new(),
            pages: Vec::new(),
            checks: None,
            demo: None,
        }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its tables.
    #[must_use]
    pub fn component(self, component: Component) -> Self {
        Self { component: Some(component), ..self }
    }

    /// Its statements, for the test that prepares each and reads its plan.
    #[must_use]
    pub fn statements(self, statements: Vec<&'static Statement>) -> Self {
        Self { statements, ..self }
    }

    /// Its HTTP endpoints.
    #[must_use]
    pub fn routes(self, routes: fn() -> Routes) -> Self {
        Self { routes: Some(routes), ..self }
    }

    /// One kind of job, with what its handler needs.
    #[must_use]
    pub fn job<J: Job>(
        mut self,
        context: impl Fn(&Parts) -> J::Context + Send + Sync + 'static,
    ) -> Self {
        self.jobs.push(Box::new(move |registry, parts| registry.register::<J>(context(parts))));
        self
    }

    /// One thing that is due at fixed intervals.
    #[must_use]
    pub fn schedule(
        mut self,
        schedule: impl Fn(&Parts) -> Schedule + Send + Sync + 'static,
    ) -> Self {
        self.schedules.push(Box::new(schedule));
        self
    }

    /// One kind of room: a topic that members may follow live, and the question who may.
    #[must_use]
    pub fn room(mut self, room: Room) -> Self {
        self.rooms.push(room);
        self
    }

    /// One page that the console shows without code of its own.
    #[must_use]
    pub fn page(mut self, page: PageEntry) -> Self {
        self.pages.push(page);
        self
    }

    /// What `underpin audit` asks a live deployment about it.
    #[must_use]
    pub fn checks(self, checks: fn() -> Vec<Check>) -> Self {
        Self { checks: Some(checks), ..self }
    }

    /// Its demo data, made for an owner of the first demo tenant.
    #[must_use]
    pub fn demo(
        self,
        seed: impl for<'p> Fn(&'p Parts, Principal) -> Seeding<'p> + Send + Sync + 'static,
    ) -> Self {
        Self { demo: Some(Box::new(seed)), ..self }
    }
}
