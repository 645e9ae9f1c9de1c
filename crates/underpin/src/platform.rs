//! The kernel and the modules of one binary.

use underpin_audit::Check;
use underpin_base::Principal;
use underpin_db::{Component, Statement};
use underpin_http::{PageEntry, Rooms};
use underpin_jobs::Registry;

use crate::{Module, Parts, Routes, kernel};

/// The kernel and the modules of one binary.
pub struct Platform {
    modules: Vec<Module>,
}

impl Platform {
    /// The platform of these modules.
    ///
    /// Panics: if two modules have one name.
    pub fn new(modules: Vec<Module>) -> Self {
        for (at, module) in modules.iter().enumerate() {
            let twin = modules[..at].iter().any(|other| other.name() == module.name());
            assert!(!twin, "two modules are called {}", module.name());
        }
        Self { modules }
    }

    /// Everything that owns tables, in the order of migration.
    pub fn components(&self) -> Vec<Component> {
        kernel::COMPONENTS
            .into_iter()
            .chain(self.modules.iter().filter_map(|module| module.component))
            .collect()
    }

    /// Every statement that the platform runs.
    pub fn statements(&self) -> Vec<&'static Statement> {
        let mut statements = kernel::statements();
        statements.extend(self.modules.iter().flat_map(|module| module.statements.iter().copied()));
        statements
    }

    /// The endpoints of every module.
    pub fn routes(&self) -> Routes {
        let areas = self.modules.iter().filter_map(|module| {
            module.routes.map(|routes| underpin_http::in_area(routes(), module.name()))
        });
        areas.fold(Routes::new(), Routes::merge)
    }

    /// The rooms of every module, the kernel's own among them.
    ///
    /// Panics: if two rooms have one name.
    pub fn rooms(&self) -> Rooms {
        let rooms = self.modules.iter().flat_map(|module| {
            module.rooms.iter().cloned().map(|room| room.in_area(module.name()))
        });
        Rooms::new(rooms.collect())
    }

    /// The names of the modules: what an API key's scopes may name beside the tenant's own affairs.
    pub fn areas(&self) -> Vec<&'static str> {
        self.modules.iter().map(Module::name).collect()
    }

    /// The pages that the console shows without code of their own.
    pub fn pages(&self) -> Vec<PageEntry> {
        self.modules.iter().flat_map(|module| module.pages.iter().cloned()).collect()
    }

    /// What `underpin audit` asks a live deployment: the modules' checks, then the kernel's, which end by breaking processes.
    ///
    /// Panics: if two checks have one id.
    pub fn checks(&self) -> Vec<Check> {
        let modules = self.modules.iter().filter_map(|module| module.checks);
        let mut checks: Vec<_> = modules.flat_map(|checks| checks()).collect();
        checks.extend(underpin_audit::checks());
        for (at, check) in checks.iter().enumerate() {
            let twin = checks[..at].iter().any(|other| other.id == check.id);
            assert!(!twin, "two checks are called {}", check.id);
        }
        checks
    }

    /// Every kind of job and every schedule, the kernel's own among them.
    pub fn registry(&self, parts: &Parts) -> Registry {
        let mut registry = Registry::new();
        for schedule in kernel::schedules(parts) {
            registry.schedule(schedule);
        }
        kernel::register(&mut registry, parts);
        registry.register::<underpin_http::VerifyUpload>(parts.uploads.clone());
        for module in &self.modules {
            for register in &module.jobs {
                register(&mut registry, parts);
            }
            for make in &module.schedules {
                registry.schedule(make(parts));
            }
        }
        registry
    }

    /// Make every module's demo data; may be repeated. Ends when it is there, so a worker must run meanwhile.
    pub async fn seed(
        &self,
        parts: &Parts,
        owner: Principal,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        for seed in self.modules.iter().filter_map(|module| module.demo.as_ref()) {
            seed(parts, owner).await?;
        }
        Ok(())
    }
}
