//! The deployment's program, run for a moment with settings of one's own.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio, time::Duration};

use tokio::process::Command;

use crate::{Error, Result, Stage, Stopped};

/// Most that is kept of what a program said, in bytes.
const SAID_MAX: usize = 64 * 1024;

/// The deployment's program with an environment.
#[derive(Clone)]
pub(super) struct Program {
    path: PathBuf,
    environment: BTreeMap<String, String>,
}

/// What came of a run.
pub(super) struct Said {
    /// Whether it ended with 0; none if it did not end and was killed.
    pub(super) ended_well: Option<bool>,
    /// Both outputs.
    pub(super) text: String,
}

impl Program {
    /// As the deployment's own web processes run it.
    pub(super) fn of(stage: &Stage) -> Result<Self, Stopped> {
        let path = stage.deployment()?.program()?;
        let (_, process) = stage.web()?.swap_remove(0);
        Ok(Self { path, environment: process.environment()? })
    }

    /// The same without any of the deployment's settings: production, as it is where nobody says otherwise.
    pub(super) fn bare(stage: &Stage) -> Result<Self, Stopped> {
        const SECTIONS: [&str; 9] = [
            "DATABASE",
            "HTTP",
            "FILES",
            "MAIL",
            "SECURITY",
            "DEPLOYMENT",
            "LOG",
            "JOBS",
            "CONFIG",
        ];
        let mut program = Self::of(stage)?;
        program.environment.retain(|name, _| {
            let section = name.strip_prefix("UNDERPIN_").and_then(|rest| rest.split('_').next());
            section.is_none_or(|section| !SECTIONS.contains(&section))
        });
        Ok(program)
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// Run it to its end, or kill it after `limit`.
    pub(super) async fn run(&self, args: &[&str], limit: Duration) -> Result<Said> {
        let failed =
            |source| Error::Process { what: format!("run {}", self.path.display()), source };
        let mut command = Command::new(&self.path);
        command.args(args).env_clear().envs(&self.environment).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let Ok(output) = tokio::time::timeout(limit, command.output()).await else {
            return Ok(Said { ended_well: None, text: String::new() });
        };
        let output = output.map_err(failed)?;
        let mut bytes = [output.stdout, output.stderr].concat();
        bytes.truncate(SAID_MAX);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Said { ended_well: Some(output.status.success()), text })
    }
}

impl Said {
    /// How it ended, in words.
    pub(super) fn ending(&self) -> String {
        match self.ended_well {
            None => "it started and ran on".to_owned(),
            Some(true) => "it was accepted".to_owned(),
            Some(false) => format!("it ended: {}", self.first_line()),
        }
    }

    /// The first line that says something of the end.
    pub(super) fn first_line(&self) -> &str {
        let told = |line: &&str| line.starts_with("underpin") || line.contains("this process");
        self.text.lines().find(told).or_else(|| self.text.lines().last()).unwrap_or("nothing")
    }
}
