//! `underpin work`: jobs, schedules and the sequencer.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use underpin_http::operator_router;

use crate::{Build, app::App, cli::WorkArgs, process::Process, serve};

/// Sockets from a supervisor: the operators'.
const SOCKETS: usize = 1;

/// Work until told to end.
pub(crate) async fn run(
    build: Build,
    config: Option<PathBuf>,
    args: &WorkArgs,
) -> anyhow::Result<()> {
    let (process, mut sockets) = Process::start(build, config, args.leash.then_some(SOCKETS))?;
    if !args.leash {
        sockets.push(serve::bind(process.settings.http.operator_listen)?);
    }
    let app = App::new(build, &process.settings)?;
    app.announce().await?;
    serve::refuse_pending(&app).await?;
    app.agree(&process).await?;
    let operator = sockets.pop().context("the operators' socket was opened above")?;
    let api = app.api(&process)?;
    serve::listen(&process, "operators", operator, operator_router(api.clone()))?;
    app.start_kernel(&process, &api);
    app.start_work(&process);
    // Nobody sends requests to a worker: its jobs are told to end at once.
    process.run(&app.health, Duration::ZERO).await
}
