//! What a check may use: the deployment, two tenants that may be broken, and a broom.

mod book;
mod imports;
mod tenants;

use std::{path::PathBuf, time::Duration};

use reqwest::Method;
use rustix::process::Signal;
use tokio::sync::OnceCell;
use underpin_base::Secret;
use underpin_db::{Component, Db, Settings, Statement};
use uuid::Uuid;

pub use book::Book;
pub(crate) use book::is_over;
pub use imports::{Import, follow, upload};
pub use tenants::{Tenant, Tenants, Things};

use crate::{
    Answer, Deployment, Instance, Person, Result, Stopped, Target,
    client::{self, Ask},
    debt::{Debt, Debts},
    process::Process,
    wait::until,
};

/// What the database server calls the sessions of an audit.
pub(crate) const AUDITOR: &str = "underpin-audit";

/// The stage of an audit.
#[derive(Debug)]
pub struct Stage {
    target: Target,
    http: reqwest::Client,
    run: String,
    components: Vec<Component>,
    statements: Vec<&'static Statement>,
    tenants: OnceCell<Result<Tenants, Stopped>>,
    debts: Debts,
}

impl Stage {
    /// A stage before a deployment; nothing is asked or made yet. `components` are those of the program that audits.
    pub fn new(target: Target, components: Vec<Component>) -> Result<Self> {
        let run: String = Uuid::new_v4().simple().to_string().chars().take(8).collect();
        Ok(Self {
            target,
            http: client::http()?,
            run,
            components,
            statements: Vec::new(),
            tenants: OnceCell::new(),
            debts: Debts::default(),
        })
    }

    /// With every statement that the program which audits would run.
    #[must_use]
    pub fn with_statements(self, statements: Vec<&'static Statement>) -> Self {
        Self { statements, ..self }
    }

    /// Every statement of the program that audits.
    ///
    /// Errors: inconclusive if none is known.
    pub fn statements(&self) -> Result<&[&'static Statement], Stopped> {
        if self.statements.is_empty() {
            return Err(Stopped::inconclusive("no statements of the program are known"));
        }
        Ok(&self.statements)
    }

    /// Names everything that this audit makes.
    pub fn run_id(&self) -> &str {
        &self.run
    }

    /// A client without a session.
    pub const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The tables of the program that audits, in the order of migration.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The deployment as it is now.
    pub fn deployment(&self) -> Result<Deployment, Stopped> {
        Ok(self.target.look()?)
    }

    /// Two tenants with people and a small book each, made when a check first asks for them.
    pub async fn tenants(&self) -> Result<&Tenants, Stopped> {
        let made = self.tenants.get_or_init(|| tenants::make(self)).await;
        made.as_ref().map_err(Clone::clone)
    }

    /// One more person of a tenant, invited by its owner; of the role `investor`, to see this investor's rows.
    pub async fn guest(
        &self,
        tenant: &Tenant,
        name: &str,
        role: &'static str,
        investor: Option<Uuid>,
    ) -> Result<Person> {
        tenants::invite(self, &tenant.owner, &tenant.slug, tenants::Guest { name, role, investor })
            .await
    }

    /// The database, with one connection a role, so that what one transaction leaves behind is what the next one finds.
    pub fn db(&self) -> Result<Db, Stopped> {
        let deployment = self.deployment()?;
        let database = deployment.database()?;
        let (app, system) = (database.app_url.expose(), database.system_url.expose());
        let mut settings = Settings::new(app.as_str(), system.as_str());
        (settings.app_connections_max, settings.system_connections_max) = (1, 1);
        settings.acquire_timeout = Duration::from_secs(5);
        AUDITOR.clone_into(&mut settings.application_name);
        Ok(Db::new(settings)?)
    }

    /// Ask as an operator.
    pub fn operator(&self, method: Method, path: &str) -> Result<Ask, Stopped> {
        let deployment = self.deployment()?;
        let (url, token) = deployment.operator()?;
        Ok(self.operator_with(method, &format!("{url}{path}"), token))
    }

    /// Read something as an operator of the process that has this address.
    pub(crate) async fn operator_at(&self, url: &str, path: &str) -> Result<Answer, Stopped> {
        let deployment = self.deployment()?;
        let (_, token) = deployment.operator()?;
        let ask = self.operator_with(Method::GET, &format!("{url}{path}"), token);
        Ok(ask.send().await?.expect(200)?)
    }

    pub(crate) fn operator_with(&self, method: Method, url: &str, token: &Secret<String>) -> Ask {
        let ask = Ask::bare(&self.http, method, url);
        ask.header("authorization", &format!("Bearer {}", token.expose()))
    }

    /// What the deployment says of itself.
    pub async fn about(&self) -> Result<Answer, Stopped> {
        let url = format!("{}/v1/deployment", self.deployment()?.url);
        Ok(Ask::bare(&self.http, Method::GET, &url).send().await?.expect(200)?)
    }

    /// Whether processes may be killed and stopped here: this machine, and `dev`.
    pub async fn may_break(&self) -> Result<(), Stopped> {
        if !self.deployment()?.is_local() {
            return Err(Stopped::skip("breaks processes: only on this machine"));
        }
        match self.about().await?.text_at("/environment")?.as_str() {
            "dev" => Ok(()),
            other => Err(Stopped::skip(format!("breaks processes: only in dev, not in {other}"))),
        }
    }

    /// The one worker that may be broken.
    pub async fn worker(&self) -> Result<Process, Stopped> {
        self.may_break().await?;
        match self.deployment()?.workers.as_slice() {
            [worker] => Process::find(worker.pid, "work"),
            [] => Err(Stopped::skip("needs the worker's process id: give --ready-file")),
            workers => Err(Stopped::skip(format!("needs one worker, not {}", workers.len()))),
        }
    }

    /// The web processes of this machine.
    pub fn web(&self) -> Result<Vec<(Instance, Process)>, Stopped> {
        let instances = self.deployment()?.instances;
        if instances.is_empty() {
            return Err(Stopped::skip("needs the instances' process ids: give --ready-file"));
        }
        let found = instances.into_iter().map(|instance| {
            let process = Process::find(instance.pid, "serve")?;
            Ok((instance, process))
        });
        found.collect()
    }

    /// End a web process in good order and wait for the one that takes its place.
    pub(crate) async fn renew(
        &self,
        old: &Instance,
        within: Duration,
    ) -> Result<Instance, Stopped> {
        Process::find(old.pid, "serve")?.signal(Signal::TERM)?;
        self.successor(old, within).await
    }

    /// The process that took the place of one that ended.
    pub(crate) async fn successor(
        &self,
        old: &Instance,
        within: Duration,
    ) -> Result<Instance, Stopped> {
        let next = until("a process in the place of one that ended", within, || async {
            let instances = self.target.look()?.instances;
            Ok(instances.into_iter().find(|new| new.url == old.url && new.pid != old.pid))
        });
        Ok(next.await?)
    }

    /// A fresh directory for a private Postgres; both are removed at the end.
    pub fn cluster_dir(&self) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("underpin-audit-{}", self.run));
        self.debts.note(Debt::Cluster(dir.clone()));
        dir
    }

    /// Note that a tenant is about to be made.
    pub(crate) fn owe_tenant(&self, slug: &str) {
        self.debts.note(Debt::Tenant { slug: slug.to_owned(), made: false });
    }

    /// Note that it was made.
    pub(crate) fn made_tenant(&self, slug: &str) {
        self.debts.confirm(slug);
    }

    /// Take away everything that was made; says what stayed and why.
    pub async fn settle(&self) -> Vec<String> {
        let deployment = self.deployment().ok();
        self.debts.settle(&self.http, deployment.as_ref()).await
    }
}
