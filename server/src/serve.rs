//! `underpin serve`: HTTP, and jobs beside it if told so.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use anyhow::{Context as _, bail};
use axum::Router;
use underpin_http::{ServeOptions, operator_router};

use crate::{Build, app::App, cli::ServeArgs, process::Process};

/// Sockets from a supervisor: the public one, one of this process's own, the operators'.
const SOCKETS: usize = 3;

/// Serve until told to end.
pub(crate) async fn run(
    build: Build,
    config: Option<PathBuf>,
    args: &ServeArgs,
) -> anyhow::Result<()> {
    let (process, mut sockets) = Process::start(build, config, args.leash.then_some(SOCKETS))?;
    if !args.leash {
        let http = &process.settings.http;
        sockets = vec![bind(http.listen)?, bind(http.operator_listen)?];
    }
    let app = App::new(build, &process.settings)?;
    app.announce().await?;
    refuse_pending(&app).await?;
    app.agree(&process).await?;
    let api = app.api(&process)?;
    let live = api.live.clone();
    let identity = api.identity.clone();
    process.tasks.spawn("access", move |stop| identity.clone().follow_access(stop));
    process.tasks.spawn("live", move |stop| live.run(stop));
    let operator = sockets.pop().context("the operators' socket was opened above")?;
    for socket in sockets {
        listen(&process, "http", socket, app.public_router(&api))?;
    }
    listen(&process, "operators", operator, (build.operator)(operator_router(api.clone()), &api))?;
    app.start_kernel(&process, &api);
    if args.with_work {
        app.start_work(&process);
    }
    let notice = process.notice();
    process.run(&app.health, notice).await
}

/// Errors: the database lacks migrations of this version of the program.
pub(crate) async fn refuse_pending(app: &App) -> anyhow::Result<()> {
    let pending = underpin_db::pending(&app.parts.db, &app.platform.components()).await;
    let pending =
        pending.context("cannot read which migrations the database has; is it reachable?")?;
    if pending.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = pending.iter().map(|m| format!("{} {}", m.component, m.version)).collect();
    bail!("migrations are pending ({}); run `underpin migrate` first", names.join(", "));
}

/// Open a socket of our own.
pub(crate) fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!(
            "cannot listen on {address}; set http.listen and http.operator_listen to free addresses"
        )
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serve a socket as a service of this process.
pub(crate) fn listen(
    process: &Process,
    name: &'static str,
    socket: TcpListener,
    router: Router,
) -> anyhow::Result<()> {
    tracing::info!(address = %socket.local_addr()?, name, "listening");
    let options = ServeOptions { drain: process.drain(), ..ServeOptions::default() };
    process.tasks.spawn(name, move |stop| {
        let (socket, router) = (socket.try_clone(), router.clone());
        async move { underpin_http::serve(socket?, router, options, stop).await }
    });
    Ok(())
}
