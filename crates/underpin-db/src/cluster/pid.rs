//! Whose process a pid file names.

use std::{path::Path, process::Command};

use rustix::process::{Pid, test_kill_process};

/// The process that a pid file names in its first line.
pub(super) fn in_file(path: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(path).ok()?;
    Pid::from_raw(text.lines().next()?.trim().parse::<i32>().ok()?.abs())
}

/// Whether a process exists and is no corpse that nobody has buried.
pub(super) fn is_alive(pid: Pid) -> bool {
    exists(pid) && !is_zombie(pid)
}

/// Whether the number is taken: by a process, or by a corpse that nobody has buried yet.
pub(super) fn exists(pid: Pid) -> bool {
    // EPERM means that it exists and belongs to somebody else.
    !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

fn is_zombie(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    // The state follows the name, which is in parentheses and may hold anything.
    stat.is_ok_and(|stat| {
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
    })
}

/// Whether a process is a Postgres of this data directory, and not a stranger that got an old number.
pub(super) fn serves(pid: Pid, data: &Path) -> bool {
    if !is_alive(pid) {
        return false;
    }
    if Path::new("/proc/self/cwd").exists() {
        // A server works in its data directory.
        return std::fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero()))
            .is_ok_and(|cwd| cwd == data);
    }
    let pid = pid.as_raw_nonzero().to_string();
    let ps = Command::new("ps").args(["-o", "command=", "-p", &pid]).output();
    ps.is_ok_and(|ps| String::from_utf8_lossy(&ps.stdout).contains(&*data.to_string_lossy()))
}

/// Whether any process still works in this data directory: a backend can outlive its server by moments.
pub(super) fn any_serves(data: &Path) -> bool {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
        .any(|pid| serves(pid, data))
}
