//! `underpin dev`: the whole platform on one machine.
//!
//! A supervisor with a private Postgres and child processes: web processes that share one listening socket, and a
//! worker. What dies is started again; when the supervisor ends, everything it started ends, and if it is killed, the
//! children notice and end by themselves, while Postgres stays and is adopted by the next start.

mod children;
mod data_dir;
mod database;
mod demo;
mod keeper;
mod ready;
mod secrets;
mod steps;
mod storage;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use underpin_db::cluster::{Cluster, ClusterOptions};
use underpin_runtime::{CancellationToken, Tasks};

use crate::{Build, cli::DevArgs, signals::Signals};

use children::Children;
use data_dir::DataDir;
use ready::ReadyFile;
use secrets::Secrets;
use steps::Steps;

/// How long the processes together may take to end.
const STOP_MAX: Duration = Duration::from_secs(10);

/// Run the platform until Ctrl-C or SIGTERM.
pub(crate) async fn run(build: Build, args: &DevArgs) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let listener = listen(args.listen)?;
    let ready_file = args.ready_file.as_deref().map(ReadyFile::claim).transpose()?;
    let steps = Steps::begin(build, &args.data_dir);
    let data = DataDir::open(&args.data_dir, args.fresh).await?;
    let secrets = Secrets::open(&data.secrets(), demo::emails())?;
    let cluster = Arc::new(open_cluster(&steps, &data, args.instances).await?);

    let tasks = Tasks::new();
    let watched = Arc::clone(&cluster);
    tasks.spawn("postgres", move |stop| watch_cluster(Arc::clone(&watched), stop));
    let platform = async {
        let files = storage::open(storage::environment(&data))?;
        let (urls, parts) = database::prepare(build, &steps, &cluster, &secrets, files).await?;
        let plan = children::Plan::new(build, args, &data, &secrets, &urls)?;
        let children = Children::start(&plan, &listener, &tasks)?;
        let (web, work) = (args.instances, 1);
        let say = |(): &()| format!("{web} web, {work} worker");
        steps.run("processes", children.all_ready(), say).await?;
        steps.run("demo book", database::seed(build, &parts), |()| "there").await?;
        parts.db.close();
        serve(&steps, &children, &plan, ready_file.as_ref()).await
    };
    let end = tokio::select! {
        end = platform => end,
        () = signals.next() => Ok(()),
    };
    drop(ready_file);
    println!("\nstopping");
    let stopping = async {
        tasks.stop(STOP_MAX).await;
        cluster.stop().await
    };
    tokio::select! {
        stopped = stopping => end.and(stopped.map_err(Into::into)),
        () = signals.next() => bail!("told twice to end; Postgres may still run and is adopted by the next start"),
    }
}

/// Say that the platform serves, and keep the ready file true for good.
async fn serve(
    steps: &Steps,
    children: &Children,
    plan: &children::Plan<'_>,
    ready_file: Option<&ReadyFile>,
) -> anyhow::Result<()> {
    let sign_ins = demo::sign_ins(plan.secrets);
    if let Some(file) = ready_file {
        file.write(&children.ready(plan, &sign_ins))?;
    }
    greet(steps, children.url(), &sign_ins, plan);
    loop {
        children.changed().await;
        children.all_ready().await?;
        if let Some(file) = ready_file {
            file.write(&children.ready(plan, &sign_ins))?;
        }
    }
}

/// Open the public socket, once: every web process gets it.
fn listen(address: SocketAddr) -> anyhow::Result<std::net::TcpListener> {
    if !address.ip().is_loopback() {
        bail!(
            "--listen {address} is not a loopback address; the demo's passwords are on its sign-in page, so `dev` serves \
             this machine only (use `underpin serve` for others)"
        );
    }
    let listener = std::net::TcpListener::bind(address).with_context(|| {
        format!(
            "cannot listen on {address}; give another address, for example --listen 127.0.0.1:0"
        )
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn open_cluster(steps: &Steps, data: &DataDir, instances: u16) -> anyhow::Result<Cluster> {
    let connections_max = children::connections(instances);
    let options = ClusterOptions { connections_max, ..ClusterOptions::new(data.postgres()) };
    let open = async { Ok(Cluster::open(options).await?) };
    let say = |cluster: &Cluster| {
        let verb = if cluster.was_adopted() { "adopted" } else { "started" };
        format!("{verb}, version {}", cluster.binaries().version)
    };
    steps.run("postgres", open, say).await
}

async fn watch_cluster(cluster: Arc<Cluster>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = cluster.watch() => {}
    }
}

/// Say where the platform is, how to sign in, and what to try next.
fn greet(steps: &Steps, url: &str, sign_ins: &[demo::SignIn<'_>], plan: &children::Plan<'_>) {
    println!("ready in {:.1} s\n\n  {url}\n", steps.elapsed_ms() as f64 / 1_000.0);
    println!("  {:<26} {:<16} {:<10} tenant", "sign in as", "password", "role");
    for sign_in in sign_ins {
        let demo::SignIn { email, password, role, tenant, .. } = sign_in;
        println!("  {email:<26} {password:<16} {role:<10} {tenant}");
    }
    println!("\n  next: open the URL, sign in, and import a fund book under Imports;");
    println!(
        "  kill a process if you like ({} has the logs); Ctrl-C stops everything",
        plan.data.logs().display()
    );
}
