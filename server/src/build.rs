//! What a program is composed of.

use std::{path::PathBuf, pin::Pin};

use axum::Router;
use underpin::{Platform, Routes};
use underpin_base::Secret;
use underpin_db::{Applied, Component, Unsafe};
use underpin_http::Api;
use underpin_runtime::{Settings, settings::Sources};

/// Work that a program's maker adds to a command.
pub type Added<T> = Pin<Box<dyn Future<Output = anyhow::Result<T>> + Send>>;

/// What a program is composed of: its modules, and what its maker puts around them.
///
/// ```no_run
/// # fn platform() -> underpin::Platform { underpin::Platform::new(vec![]) }
/// fn main() -> std::process::ExitCode {
///     underpin_server::main_of(underpin_server::Build { name: "ledgers", ..underpin_server::Build::of(platform) })
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Build {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The kernel with its modules.
    pub platform: fn() -> Platform,
    /// Puts layers around the modules' endpoints, within the kernel's own.
    pub routes: fn(Routes, &Api) -> Routes,
    /// Puts layers around everything that the public reaches.
    pub public: fn(Router, &Api) -> Router,
    /// Puts layers around everything that operators reach at a web process.
    pub operator: fn(Router, &Api) -> Router,
    /// Names of its own in the environment: `dev` hands them on to its processes, and they are no settings.
    pub environment: &'static [&'static str],
    /// Changes what a command was set to.
    pub settings: fn(Settings) -> Settings,
    /// Applies what is pending, as the owner whose URL this is.
    pub migrate: fn(Secret<String>, Vec<Component>) -> Added<Vec<Applied>>,
    /// What in a migration would hold up a deployment that serves.
    pub lint: fn(&str) -> Vec<Unsafe>,
    /// Runs in `dev` between migration and the first process; gets the administrator's URL of the private database.
    pub prepare: fn(Secret<String>) -> Added<()>,
}

impl Build {
    /// A program of these modules, with nothing around them.
    pub const fn of(platform: fn() -> Platform) -> Self {
        Self {
            name: "underpin",
            version: env!("CARGO_PKG_VERSION"),
            platform,
            routes: |routes, _| routes,
            public: |router, _| router,
            operator: |router, _| router,
            environment: &[],
            settings: |settings| settings,
            migrate: |owner_url, components| {
                Box::pin(
                    async move { Ok(underpin_db::migrate(owner_url.expose(), &components).await?) },
                )
            },
            lint: underpin_db::lint,
            prepare: |_| Box::pin(async { Ok(()) }),
        }
    }

    /// What a command was set to, by its environment and `config` or the file that the environment names.
    pub(crate) fn load_settings(&self, config: Option<PathBuf>) -> anyhow::Result<Settings> {
        let mut sources = Sources::of_process(config);
        sources.env.retain(|(name, _)| !self.environment.contains(&name.as_str()));
        Ok((self.settings)(Settings::load(&sources)?))
    }

    /// Everything that owns tables, in the order of migration.
    pub(crate) fn components(&self) -> Vec<Component> {
        (self.platform)().components()
    }
}
