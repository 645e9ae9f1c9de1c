//! Which rooms there are, and who may join them: each module answers for its own.

use std::{collections::BTreeMap, fmt, future::ready, pin::Pin, sync::Arc};

use underpin_identity::Access;
use underpin_log::Topic;
use uuid::Uuid;

use crate::{Api, Area, Code, Problem, Tenant};

type Answer = Pin<Box<dyn Future<Output = Result<bool, Problem>> + Send>>;

/// A kind of room: a topic of the log, and the question who may join it.
///
/// The question is that of the GET beside it: somebody who may not read the thing may not hear of it.
#[derive(Clone)]
pub struct Room {
    name: &'static str,
    /// What an API key must be allowed to read.
    area: &'static str,
    question: Question,
}

#[derive(Clone)]
enum Question {
    /// One room of the tenant: `funds`.
    Named(Arc<dyn Fn(Api, Tenant) -> Answer + Send + Sync>),
    /// A room for each thing: `fund/<id>`.
    Of(Arc<dyn Fn(Api, Tenant, Uuid) -> Answer + Send + Sync>),
}

impl Room {
    /// The room `<name>` of a tenant.
    pub fn named<F, R>(name: &'static str, may_join: F) -> Self
    where
        F: Fn(Api, Tenant) -> R + Send + Sync + 'static,
        R: Future<Output = Result<bool, Problem>> + Send + 'static,
    {
        let question: Arc<dyn Fn(Api, Tenant) -> Answer + Send + Sync> =
            Arc::new(move |api, tenant| Box::pin(may_join(api, tenant)));
        Self { name, area: Area::TENANT.0, question: Question::Named(question) }
    }

    /// The room `<name>` of a tenant, for its staff.
    pub fn of_staff(name: &'static str) -> Self {
        Self::named(name, |_, tenant| ready(Ok(tenant.principal.role.is_staff())))
    }

    /// The rooms `<name>/<id>` of a tenant.
    pub fn of<F, R>(name: &'static str, may_join: F) -> Self
    where
        F: Fn(Api, Tenant, Uuid) -> R + Send + Sync + 'static,
        R: Future<Output = Result<bool, Problem>> + Send + 'static,
    {
        let question: Arc<dyn Fn(Api, Tenant, Uuid) -> Answer + Send + Sync> =
            Arc::new(move |api, tenant, id| Box::pin(may_join(api, tenant, id)));
        Self { name, area: Area::TENANT.0, question: Question::Of(question) }
    }

    /// The same room as part of an area: an API key that may not read there is told that there is no such room.
    #[must_use]
    pub fn in_area(self, area: &'static str) -> Self {
        Self { area, ..self }
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Room").field(&self.name).finish()
    }
}

/// The rooms of a process: those of the kernel and of its modules.
#[derive(Debug, Clone)]
pub struct Rooms(Arc<BTreeMap<&'static str, Room>>);

impl Default for Rooms {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Rooms {
    /// These rooms and the kernel's own: `tenant`, for every member.
    ///
    /// Panics: if two have one name.
    pub fn new(rooms: Vec<Room>) -> Self {
        let tenant = Room::named("tenant", |_, _| ready(Ok(true)));
        let mut named = BTreeMap::new();
        for room in std::iter::once(tenant).chain(rooms) {
            let name = room.name;
            assert!(named.insert(name, room).is_none(), "two rooms are called {name}");
        }
        Self(Arc::new(named))
    }

    /// The topic of the room of this name, if the member may join it.
    ///
    /// Errors: `not_found` for a room that is none, for one of somebody else's and for one that is closed to the role
    /// or the key: they look the same.
    pub(crate) async fn enter(
        &self,
        api: &Api,
        tenant: &Tenant,
        room: &str,
    ) -> Result<Topic, Problem> {
        let missing = || Problem::new(Code::NotFound);
        let (name, id) = room.split_once('/').map_or((room, None), |(name, id)| (name, Some(id)));
        let Room { name, area, question } = self.0.get(name).ok_or_else(missing)?;
        if !tenant.may(area, Access::Read) {
            return Err(missing());
        }
        let (api, tenant) = (api.clone(), tenant.clone());
        let (topic, answer) = match (question, id) {
            (Question::Named(ask), None) => (Topic::named(name), ask(api, tenant)),
            (Question::Of(ask), Some(text)) => {
                let id = Uuid::try_parse(text).map_err(|_| missing())?;
                let topic = Topic::of(name, id);
                // One thing has one room: no other spelling of its id.
                if topic.as_str() != room {
                    return Err(missing());
                }
                (topic, ask(api, tenant, id))
            }
            _ => return Err(missing()),
        };
        match answer.await {
            Ok(true) => Ok(topic),
            Err(problem) if !matches!(problem.code(), Code::NotFound | Code::Forbidden) => {
                Err(problem)
            }
            Ok(false) | Err(_) => Err(missing()),
        }
    }
}
