//! The processes of `underpin dev`: web processes and a worker.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use tokio::{sync::watch, time::timeout};
use underpin_db::{DEDICATED, Urls};
use underpin_runtime::Tasks;

use crate::{Build, cli::DevArgs};

use super::{
    data_dir::DataDir,
    demo::{self, SignIn},
    keeper::{Keeper, Recipe, State},
    ready::{self, Database, Process, Ready},
    secrets::Secrets,
    storage,
};

/// How long all processes may take until they serve.
const READY_MAX: Duration = Duration::from_mins(3);
/// A child that died this often before it ever served will not serve.
const DEATHS_MAX: u32 = 3;
/// Connections of each process as app and as system.
const CONNECTIONS: [u32; 2] = [16, 4];
/// Processes beside those of a start that have room: one that comes before its predecessor is gone, and one that somebody tries out.
const SPARE: u32 = 2;
/// Connections of the private Postgres for all others: this process, a migration, people.
const OTHERS: u32 = 20;

/// Connections that the private Postgres must take, so that all processes fit.
pub(super) fn connections(instances: u16) -> u32 {
    let [app, system] = CONNECTIONS;
    (u32::from(instances) + 1 + SPARE) * (app + system + DEDICATED) + OTHERS
}

/// What the processes are made of.
pub(super) struct Plan<'a> {
    build: Build,
    program: PathBuf,
    args: &'a DevArgs,
    pub(super) data: &'a DataDir,
    pub(super) secrets: &'a Secrets,
    urls: &'a Urls,
}

/// All children and where they are.
pub(super) struct Children {
    url: String,
    members: Vec<Member>,
}

struct Member {
    keeper: Arc<Keeper>,
    state: watch::Receiver<State>,
    /// The address of a web process's own socket.
    url: Option<String>,
    operator_url: String,
}

impl Children {
    /// Open their sockets and start them; each is kept running by `tasks`.
    pub(super) fn start(
        plan: &Plan<'_>,
        public: &TcpListener,
        tasks: &Tasks,
    ) -> anyhow::Result<Self> {
        let url = url_of(public)?;
        let mut members = Vec::new();
        for number in 1..=plan.args.instances {
            let (own, operator) = (socket()?, socket()?);
            let (own_url, operator_url) = (Some(url_of(&own)?), url_of(&operator)?);
            let listeners = vec![public.try_clone()?, own, operator];
            let recipe = plan.recipe(format!("web-{number}"), "serve", &url, listeners)?;
            members.push(Member::new(recipe, own_url, operator_url));
        }
        let operator = socket()?;
        let operator_url = url_of(&operator)?;
        let recipe = plan.recipe("work-1".to_owned(), "work", &url, vec![operator])?;
        members.push(Member::new(recipe, None, operator_url));
        for member in &members {
            let keeper = Arc::clone(&member.keeper);
            tasks.spawn(keeper.name().to_owned(), move |stop| {
                let keeper = Arc::clone(&keeper);
                async move { keeper.run(stop).await.map_err(|error| format!("{error:#}")) }
            });
        }
        Ok(Self { url, members })
    }

    /// The public URL.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Wait until every process serves.
    ///
    /// Errors: one dies again and again, or the time is over; its last words are in the message.
    pub(super) async fn all_ready(&self) -> anyhow::Result<()> {
        for member in &self.members {
            let mut state = member.state.clone();
            let served = state.wait_for(|s| s.ready.is_some() || s.deaths >= DEATHS_MAX);
            let alive = match timeout(READY_MAX, served).await {
                Ok(Ok(state)) => state.ready.is_some(),
                _ => false,
            };
            if !alive {
                let (name, words) = (member.keeper.name(), member.keeper.last_words());
                bail!("{name} does not serve; the end of its log:\n{words}");
            }
        }
        Ok(())
    }

    /// Wait until any process dies or serves.
    pub(super) async fn changed(&self) {
        let changes = self.members.iter().map(|member| {
            let mut state = member.state.clone();
            state.mark_unchanged();
            Box::pin(async move {
                // The sender lives as long as the keeper, which we hold.
                let _ = state.changed().await;
            })
        });
        futures_util::future::select_all(changes).await;
    }

    /// The content of the ready file.
    pub(super) fn ready<'a>(&'a self, plan: &'a Plan<'_>, sign_ins: &[SignIn<'a>]) -> Ready<'a> {
        let process = |member: &Member| Process {
            url: member.url.clone(),
            operator_url: member.operator_url.clone(),
            pid: member.state.borrow().ready.unwrap_or_default(),
            last_exit: member.state.borrow().last_exit,
        };
        let (web, work): (Vec<_>, Vec<_>) =
            self.members.iter().partition(|member| member.url.is_some());
        Ready {
            url: &self.url,
            instances: web.into_iter().map(process).collect(),
            workers: work.into_iter().map(process).collect(),
            database: Database {
                app_url: plan.urls.app.expose(),
                system_url: plan.urls.system.expose(),
            },
            tenants: ready::tenants(sign_ins),
            operator_token: &plan.secrets.operator_token,
            program: &plan.program,
            logs: plan.data.logs(),
        }
    }
}

impl Member {
    fn new(recipe: Recipe, url: Option<String>, operator_url: String) -> Self {
        let keeper = Arc::new(Keeper::new(recipe));
        Self { state: keeper.state(), keeper, url, operator_url }
    }
}

impl<'a> Plan<'a> {
    /// Processes of the program that runs.
    pub(super) fn new(
        build: Build,
        args: &'a DevArgs,
        data: &'a DataDir,
        secrets: &'a Secrets,
        urls: &'a Urls,
    ) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find the program that runs")?;
        Ok(Self { build, program, args, data, secrets, urls })
    }

    fn recipe(
        &self,
        name: String,
        command: &'static str,
        url: &str,
        listeners: Vec<TcpListener>,
    ) -> anyhow::Result<Recipe> {
        let program = self.program.clone();
        let log = self.data.log(&name);
        let env = self.environment(url)?;
        Ok(Recipe { name, program, args: vec![command, "--leash"], env, listeners, log })
    }

    /// The whole environment of a child: what programs expect, and our settings.
    fn environment(&self, url: &str) -> anyhow::Result<Vec<(String, String)>> {
        let [app, system] = CONNECTIONS;
        let mut people = demo::sign_ins(self.secrets);
        // The sign-in page lists a person once, at their first tenant.
        let mut seen = std::collections::HashSet::new();
        people.retain(|sign_in| seen.insert(sign_in.email));
        let demo = serde_json::to_string(&people)?;
        let name = format!("underpin-dev-{}", &self.secrets.operator_token[..8]);
        let settings = [
            ("DATABASE_APP_URL", self.urls.app.expose().clone()),
            ("DATABASE_SYSTEM_URL", self.urls.system.expose().clone()),
            ("DATABASE_APP_CONNECTIONS_MAX", app.to_string()),
            ("DATABASE_SYSTEM_CONNECTIONS_MAX", system.to_string()),
            ("HTTP_PUBLIC_URL", url.to_owned()),
            ("HTTP_NOTICE_SECONDS", "1".to_owned()),
            ("HTTP_DRAIN_SECONDS", "3".to_owned()),
            ("SECURITY_SECRET_KEY", self.secrets.secret_key.clone()),
            ("SECURITY_OPERATOR_TOKEN", self.secrets.operator_token.clone()),
            ("DEPLOYMENT_NAME", name),
            ("DEPLOYMENT_ENVIRONMENT", "dev".to_owned()),
            ("DEPLOYMENT_DEMO", demo),
        ];
        let kept = [
            "PATH",
            "HOME",
            "TMPDIR",
            "LANG",
            "LC_ALL",
            "TZ",
            "RUST_BACKTRACE",
            "UNDERPIN_LOG_FILTER",
            "UNDERPIN_LOG_FORMAT",
            "UNDERPIN_TRACES_ENDPOINT",
            "UNDERPIN_TRACES_SHARE",
            "UNDERPIN_LOG_SLOW_REQUEST_MS",
            "UNDERPIN_LOG_SLOW_STATEMENT_MS",
            "UNDERPIN_LOG_SUMMARY_SECONDS",
        ];
        let kept = kept.iter().chain(self.build.environment);
        let kept = kept.filter_map(|k| std::env::var(k).ok().map(|v| ((*k).to_owned(), v)));
        let ours = settings.into_iter().map(|(k, v)| (format!("UNDERPIN_{k}"), v));
        Ok(kept.chain(storage::environment(self.data)).chain(ours).collect())
    }
}

/// A socket of a child's own.
fn socket() -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot open a socket")?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn url_of(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}
