//! Making the data of a cluster.

use std::{
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    process::Stdio,
};

use tokio::process::Command;
use underpin_base::Secret;

use super::{Binaries, Error, Result, place::Place};

/// The administrator's name in the cluster.
pub(super) const SUPERUSER: &str = "postgres";

/// Make the data if there are none, and give the password of the administrator.
///
/// Keeps: the data appear under their name only when they are whole, so a start that was killed is simply repeated.
pub(super) async fn prepare(
    binaries: &Binaries,
    place: &Place,
    durable: bool,
) -> Result<Secret<String>> {
    let (data, path) = (place.data_dir(), place.password());
    if place.data_major()?.is_some() {
        let password = std::fs::read_to_string(&path);
        let password = password.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NoPassword { path: path.clone() },
            _ => Error::io("read", &path, error),
        })?;
        return Ok(Secret::new(password.trim_end().to_owned()));
    }
    let password = generate_password();
    write_secret(&path, &password)?;
    let fresh = data.with_extension("part");
    let _ = std::fs::remove_dir_all(&fresh);
    std::fs::create_dir(&fresh).map_err(|source| Error::io("make", &fresh, source))?;
    super::place::set_mode(&fresh, 0o700)?;
    place.account.give(&fresh)?;
    // The account of the server cannot read our file: it gets one of its own, which does not stay.
    let handed = data.with_extension("password");
    write_secret(&handed, &password)?;
    place.account.give(&handed)?;
    let made = initdb(binaries, place, &fresh, &handed, durable).await;
    let _ = std::fs::remove_file(&handed);
    made?;
    std::fs::rename(&fresh, &data).map_err(|source| Error::io("make", &data, source))?;
    Ok(password)
}

async fn initdb(
    binaries: &Binaries,
    place: &Place,
    data: &Path,
    password: &Path,
    durable: bool,
) -> Result<()> {
    let mut command = program(binaries, place, "initdb");
    command.arg("-D").arg(data).arg("--pwfile").arg(password);
    command.args(["--username", SUPERUSER, "--encoding", "UTF8", "--no-locale"]);
    command.args(["--auth-local", "scram-sha-256", "--auth-host", "scram-sha-256"]);
    if !durable {
        command.arg("--no-sync");
    }
    let output = command.stdin(Stdio::null()).output().await;
    let output = output.map_err(|source| Error::io("run", &binaries.dir.join("initdb"), source))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(Error::Program { program: "initdb", output: last_lines(&text) })
}

/// A program of the server, as its account, with nothing of our environment.
pub(super) fn program(binaries: &Binaries, place: &Place, name: &str) -> Command {
    let mut command = Command::new(binaries.dir.join(name));
    // Our working directory may be closed to the account.
    command.current_dir("/").env_clear().env("LC_ALL", "C").env("TZ", "UTC");
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
    place.account.apply(&mut command);
    command
}

/// The end of what a program said.
pub(super) fn last_lines(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

fn generate_password() -> Secret<String> {
    let bytes: [u8; 24] = rand::random();
    Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}

/// Write a file that only its owner may read.
fn write_secret(path: &Path, secret: &Secret<String>) -> Result<()> {
    let failed = |source| Error::io("write", path, source);
    let file =
        std::fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path);
    let mut file = file.map_err(failed)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    file.write_all(secret.expose().as_bytes()).map_err(failed)
}
