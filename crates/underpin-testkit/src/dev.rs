//! `underpin dev` in a directory of its own, ended when dropped.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// Longest that a cold start may take on a busy machine.
const READY_MAX: Duration = Duration::from_mins(15);
/// Longest wait for its end.
const END_MAX: Duration = Duration::from_mins(2);

/// A running deployment.
#[derive(Debug)]
pub struct Dev {
    supervisor: Option<Child>,
    folder: PathBuf,
    /// The ready file.
    pub ready: Value,
}

impl Dev {
    /// Start a program in a fresh directory.
    pub fn start(program: impl AsRef<Path>, name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("underpin-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self::start_in(program, folder, &[])
    }

    /// Start in a directory that may hold an earlier deployment.
    pub fn start_in(
        program: impl AsRef<Path>,
        folder: PathBuf,
        environment: &[(&str, &str)],
    ) -> Self {
        let ready_file = folder.join("ready.json");
        let _ = std::fs::remove_file(&ready_file);
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(folder.join("dev.log"))
            .unwrap();
        let mut supervisor = Command::new(program.as_ref())
            .args(["dev", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.join("data"))
            .arg("--ready-file")
            .arg(&ready_file)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let deadline = Instant::now() + READY_MAX;
        let ready = loop {
            if let Ok(text) = std::fs::read_to_string(&ready_file) {
                break serde_json::from_str(&text).unwrap();
            }
            let ended = supervisor.try_wait().unwrap();
            assert!(ended.is_none(), "dev ended with {ended:?}:\n{}", log_of(&folder));
            assert!(Instant::now() < deadline, "dev never became ready:\n{}", log_of(&folder));
            pause();
        };
        Self { supervisor: Some(supervisor), folder, ready }
    }

    /// The public URL.
    pub fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    /// The directory that holds data, ready file and log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The end of what it said.
    pub fn log(&self) -> String {
        log_of(&self.folder)
    }

    /// The supervisor's process.
    pub fn supervisor_pid(&self) -> u32 {
        self.supervisor.as_ref().unwrap().id()
    }

    /// The supervisor's living children that run this subcommand (`serve`, `work`).
    pub fn children(&self, subcommand: &str) -> Vec<u32> {
        children_of(self.supervisor_pid(), subcommand)
    }

    /// The one `work` process, once there is one.
    pub fn worker(&self) -> u32 {
        let mut worker = None;
        wait_for("a worker runs", || {
            worker = self.children("work").first().copied();
            worker.is_some()
        });
        worker.unwrap()
    }

    /// Kill the supervisor without giving it a chance to clean up; returns the folder for the next start.
    pub fn kill_supervisor(mut self) -> PathBuf {
        let mut supervisor = self.supervisor.take().unwrap();
        supervisor.kill().unwrap();
        supervisor.wait().unwrap();
        self.folder.clone()
    }

    /// End it as Ctrl-C does; returns the folder.
    pub fn stop(mut self) -> PathBuf {
        self.interrupt();
        self.folder.clone()
    }

    /// No request asked the database the same thing per item: what a deployment was made to do here is what its users do.
    fn assert_no_repeats(&self) {
        let Ok(logs) = std::fs::read_dir(self.folder.join("data/logs")) else { return };
        for log in logs {
            let text = std::fs::read_to_string(log.unwrap().path()).unwrap_or_default();
            let repeat = text.lines().find(|line| line.contains("repeats a statement"));
            assert!(repeat.is_none() || std::thread::panicking(), "{repeat:?}");
        }
    }

    fn interrupt(&mut self) {
        let Some(mut supervisor) = self.supervisor.take() else { return };
        signal(supervisor.id(), rustix::process::Signal::INT);
        let deadline = Instant::now() + END_MAX;
        while supervisor.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                supervisor.kill().unwrap();
                supervisor.wait().unwrap();
                panic!("dev did not stop in time:\n{}", self.log());
            }
            pause();
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log of dev ---\n{}", self.log());
        }
        if self.supervisor.is_some() {
            self.interrupt();
            self.assert_no_repeats();
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// The living children of a process whose command line has this word.
pub fn children_of(parent: u32, word: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap() {
        let name = entry.unwrap().file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let after = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start()).unwrap_or_default();
        let mut fields = after.split(' ');
        let state = fields.next();
        let is_child = fields.next() == Some(&parent.to_string());
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let has_word = command.split(|byte| *byte == 0).any(|part| part == word.as_bytes());
        if is_child && has_word && state != Some("Z") {
            found.push(pid);
        }
    }
    found
}

fn log_of(folder: &Path) -> String {
    let log = std::fs::read_to_string(folder.join("dev.log")).unwrap_or_default();
    let tail: Vec<&str> = log.lines().rev().take(80).collect();
    tail.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// Send a signal to a process of this test's own.
pub fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    // A process that is gone already needs no signal.
    let _ = rustix::process::kill_process(pid, signal);
}

/// Whether a process runs (a zombie that nobody waited for does not).
pub fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Ask until it is true; panics with `what` after ten minutes.
pub fn wait_for(what: &str, mut check: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(10);
    while !check() {
        assert!(Instant::now() < deadline, "never came true: {what}");
        pause();
    }
}

/// A short breath between two looks.
pub(crate) fn pause() {
    std::thread::park_timeout(Duration::from_millis(20));
}
