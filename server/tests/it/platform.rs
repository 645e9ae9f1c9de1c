//! A running `underpin dev` of a test.

use std::{
    future::ready,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use underpin_testkit::until;

/// A directory of one test, removed with it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        let name = format!("underpin-it-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        // Root runs Postgres as another account, which must get through.
        let made = std::fs::DirBuilder::new().mode(0o711).create(&path);
        made.expect("a test may make a directory");
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The binary with an argument list and nothing of our settings.
pub(crate) fn underpin(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpin"));
    command.args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("UNDERPIN_") && name != "UNDERPIN_PG_BIN" {
            command.env_remove(name);
        }
    }
    command
}

/// A supervisor and what its ready file says.
pub(crate) struct Platform {
    supervisor: Child,
    ready_file: PathBuf,
    data: PathBuf,
}

impl Platform {
    /// Start one and wait until it is ready.
    pub(crate) async fn start(scratch: &Scratch) -> Self {
        let (data, ready_file) = (scratch.path("data"), scratch.path("ready.json"));
        let _ = std::fs::remove_file(&ready_file);
        let mut command = underpin(&["dev", "--listen", "127.0.0.1:0", "--data-dir"]);
        command.arg(&data).arg("--ready-file").arg(&ready_file);
        let output = std::fs::File::create(scratch.path("output")).expect("a file");
        let errors = output.try_clone().expect("a copy");
        let supervisor = command.stdout(output).stderr(errors).spawn().expect("the binary runs");
        let mut platform = Self { supervisor, ready_file, data };
        until("the platform is ready", || {
            let ended = platform.supervisor.try_wait().expect("a child can be asked");
            let said = || std::fs::read_to_string(scratch.path("output")).unwrap_or_default();
            assert!(ended.is_none(), "the platform ended: {}", said());
            ready(platform.ready_file.exists().then_some(()))
        })
        .await;
        platform
    }

    pub(crate) fn ready(&self) -> serde_json::Value {
        let text = std::fs::read(&self.ready_file).expect("the ready file can be read");
        serde_json::from_slice(&text).expect("the ready file is JSON")
    }

    pub(crate) fn ready_file_mode(&self) -> u32 {
        let metadata = std::fs::metadata(&self.ready_file).expect("the ready file is there");
        metadata.permissions().mode() & 0o777
    }

    pub(crate) fn has_ready_file(&self) -> bool {
        self.ready_file.exists()
    }

    /// The process ids of the children, web processes first.
    pub(crate) fn children(&self) -> Vec<u32> {
        let ready = self.ready();
        let all = ["instances", "workers"]
            .into_iter()
            .flat_map(|kind| ready[kind].as_array().cloned().unwrap_or_default());
        all.map(|process| process["pid"].as_u64().expect("a pid") as u32).collect()
    }

    pub(crate) fn postgres(&self) -> u32 {
        let text = |path: &Path| std::fs::read_to_string(path).expect("the file can be read");
        let near = self.data.join("postgres");
        let root = near.join("place");
        let root = if root.exists() { text(&root).trim().into() } else { near };
        let pid_file = text(&root.join("data/postmaster.pid"));
        pid_file.lines().next().expect("a line").parse().expect("a pid")
    }

    pub(crate) fn kill(&mut self) {
        self.supervisor.kill().expect("it can be killed");
        self.supervisor.wait().expect("it ends");
    }

    /// Ctrl-C, and whether it ended well.
    pub(crate) async fn interrupt(&mut self) -> bool {
        send(self.supervisor.id(), Signal::INT);
        let supervisor = &mut self.supervisor;
        until("the supervisor ends", || ready(supervisor.try_wait().expect("a child")))
            .await
            .success()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if self.supervisor.try_wait().is_ok_and(|ended| ended.is_none()) {
            send(self.supervisor.id(), Signal::INT);
            let _ = self.supervisor.wait();
        }
    }
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(id.cast_signed()).expect("a process id is not 0")
}

pub(crate) fn send(id: u32, signal: Signal) {
    // A process that is gone already needs no signal.
    let _ = kill_process(pid(id), signal);
}

/// Whether a process runs; a corpse that nobody has buried does not.
pub(crate) fn runs(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let zombie = stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'));
    test_kill_process(pid(id)) != Err(rustix::io::Errno::SRCH) && !zombie
}

/// The status of a GET, none if nobody answers.
pub(crate) async fn status(url: &str, path: &str) -> Option<u16> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build();
    let response = client.expect("a client").get(format!("{url}{path}")).send().await;
    Some(response.ok()?.status().as_u16())
}
