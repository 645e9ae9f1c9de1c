//! Processes of the deployment, where it runs on this machine.

use std::{collections::BTreeMap, io, path::Path};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, Result, Stopped};

/// A process that was seen to be one of ours: the number may pass to another, the number and its start cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    pid: Pid,
    started: u64,
}

impl Process {
    /// The process of a number, if it runs `word` as its subcommand for the user who asks.
    ///
    /// Errors: skip, if it is another process: a signal must not go to a stranger.
    pub fn find(pid: u32, word: &str) -> Result<Self, Stopped> {
        let not_ours = || Stopped::skip(format!("process {pid} is no `underpin {word}` of ours"));
        let number = Pid::from_raw(pid.cast_signed()).ok_or_else(not_ours)?;
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let runs = command.split(|byte| *byte == 0).any(|part| part == word.as_bytes());
        let owner = std::fs::metadata(format!("/proc/{pid}"));
        let owner = owner.map(|meta| std::os::unix::fs::MetadataExt::uid(&meta));
        let ours = owner.is_ok_and(|uid| uid == rustix::process::geteuid().as_raw());
        let started = started(pid).filter(|_| runs && ours).ok_or_else(not_ours)?;
        Ok(Self { pid: number, started })
    }

    /// Its number.
    pub fn id(self) -> u32 {
        self.pid.as_raw_nonzero().get().cast_unsigned()
    }

    /// Whether it is there and no corpse.
    pub fn is_alive(self) -> bool {
        started(self.id()) == Some(self.started)
    }

    /// Send it a signal; one that is gone needs none.
    pub fn signal(self, signal: Signal) -> Result<()> {
        if !self.is_alive() {
            return Ok(());
        }
        let sent = kill_process(self.pid, signal).map_err(io::Error::from);
        sent.map_err(|source| Error::Process { what: format!("signal {}", self.id()), source })
    }

    /// The environment that it was started with.
    pub fn environment(self) -> Result<BTreeMap<String, String>> {
        let read = std::fs::read(format!("/proc/{}/environ", self.id()));
        let what = format!("read the environment of {}", self.id());
        let read = read.map_err(|source| Error::Process { what, source })?;
        let pairs = read.split(|byte| *byte == 0).filter_map(|pair| {
            let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        });
        Ok(pairs.collect())
    }

    /// A size of `/proc/<pid>/status` in KiB, for example `VmHWM`.
    pub fn status_kib(self, name: &str) -> Result<u64> {
        let path = format!("/proc/{}/status", self.id());
        let read = std::fs::read_to_string(&path);
        let what = format!("read {path}");
        let text = read.map_err(|source| Error::Process { what, source })?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let size = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
        size.ok_or_else(|| Error::Lacking { what: path, field: name.to_owned() })
    }

    /// Begin the peak of its memory (`VmHWM`) anew.
    pub fn forget_peak(self) -> Result<()> {
        let written = std::fs::write(format!("/proc/{}/clear_refs", self.id()), "5");
        let what = format!("begin the peak of {} anew", self.id());
        written.map_err(|source| Error::Process { what, source })
    }
}

/// When a living process was started, in ticks since the machine was.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
    let stat = stat.ok()?;
    // The name in brackets may hold anything, brackets too.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<_> = fields.split_ascii_whitespace().collect();
    let dead = matches!(fields.first(), Some(&"Z" | &"X"));
    if dead { None } else { fields.get(19)?.parse().ok() }
}

/// A process that stands still as long as this lives; however the check ends, the process goes on afterwards.
#[derive(Debug)]
pub struct Frozen(Process);

impl Frozen {
    /// Stop a process where it is.
    pub fn freeze(process: Process) -> Result<Self> {
        process.signal(Signal::STOP)?;
        Ok(Self(process))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        // One that was killed meanwhile needs no word to go on.
        let _ = self.0.signal(Signal::CONT);
    }
}
