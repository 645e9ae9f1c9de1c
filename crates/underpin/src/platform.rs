//! The kernel and the modules of one binary.

use underpin_base::Principal;
use underpin_db::{Component, Statement};
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
        let modules = self.modules.iter().filter_map(|module| module.routes);
        modules.fold(Routes::new(), |routes, module| routes.merge(module()))
    }

    /// Every kind of job and every schedule, the kernel's own among them.
    pub fn registry(&self, parts: &Parts) -> Registry {
        let mut registry = Registry::new();
        for schedule in kernel::schedules(parts) {
            registry.schedule(schedule);
        }
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
