//! Dependencies point down; a new edge between crates of one level needs an ADR and a line here.

use std::{path::Path, process::Command};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

/// A kernel crate and the kernel crates it may import (`docs/` and ARCHITECTURE.md draw the same picture).
const KERNEL: &[(&str, &[&str])] = &[
    ("underpin-base", &[]),
    ("underpin-runtime", &["base"]),
    ("underpin-db", &["base"]),
    ("underpin-log", &["base", "runtime", "db"]),
    ("underpin-jobs", &["base", "runtime", "db", "log"]),
    ("underpin-mail", &["base", "runtime", "db", "jobs"]),
    // It writes to people, and looks who they are in a job: docs/adr/0006.
    ("underpin-identity", &["base", "runtime", "db", "log", "jobs", "mail"]),
    ("underpin-files", &["base", "runtime", "db"]),
    ("underpin-realtime", &["base", "runtime", "db", "log"]),
    (
        "underpin-http",
        &["base", "runtime", "db", "log", "identity", "jobs", "files", "mail", "realtime"],
    ),
    // A client of a deployment; it reads the catalogue, and knows nothing of what serves.
    ("underpin-audit", &["base", "db"]),
    (
        "underpin",
        &[
            "base", "runtime", "db", "log", "identity", "jobs", "files", "mail", "realtime",
            "http", "audit",
        ],
    ),
    ("underpin-testkit", &["base", "db"]),
    ("underpin-testkit-s3", &[]),
];

/// A library and the only packages that may name it.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("tokio-postgres", &["underpin-db", "underpin-testkit", "underpin-bench", "underpin-sabotage"]),
    ("deadpool-postgres", &["underpin-db"]),
    ("object_store", &["underpin-files"]),
    ("argon2", &["underpin-identity"]),
    ("lettre", &["underpin-mail"]),
    ("anyhow", &["underpin-server", "underpin-sabotage", "underpin-bench", "xtask"]),
    // Faults are chosen in a program of their own: nothing that ships may name it.
    ("underpin-sabotage", &[]),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// Breaches of the dependency rules.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .context("run cargo metadata")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let modules = root.join("modules");
    let is_module = |package: &Package| Path::new(&package.manifest_path).starts_with(&modules);
    let module_names: Vec<&str> =
        metadata.packages.iter().filter(|p| is_module(p)).map(|p| p.name.as_str()).collect();
    let mut breaches = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        // Tests may stand on anything: what ships is what the rules are about.
        for dependency in package.dependencies.iter().filter(|d| d.kind.is_none()) {
            let on = dependency.name.as_str();
            if let Some((_, keepers)) = KEPT_IN.iter().find(|(library, _)| *library == on)
                && !keepers.contains(&name)
            {
                breaches.push(format!("{name} names {on}; only {} may", keepers.join(", ")));
            }
            if module_names.contains(&name) && module_names.contains(&on) {
                breaches.push(format!("module {name} imports module {on}; declare a port instead"));
            }
            if name == "underpin-base" && ["tokio", "futures-util", "axum"].contains(&on) {
                breaches.push(format!("underpin-base is pure and names {on}"));
            }
            if let Some(allowed) =
                KERNEL.iter().find(|(kernel, _)| *kernel == name).map(|(_, a)| *a)
            {
                breaches.extend(check_edge(name, on, allowed));
            }
        }
    }
    Ok(breaches)
}

fn check_edge(name: &str, on: &str, allowed: &[&str]) -> Option<String> {
    if on == "axum" && name != "underpin-http" {
        return Some(format!("{name} names axum; in the kernel only underpin-http may"));
    }
    let ours = KERNEL.iter().any(|(kernel, _)| *kernel == on);
    let short = on.strip_prefix("underpin-").unwrap_or(on);
    (ours && !allowed.contains(&short)).then(|| format!("{name} imports {on}: not an allowed edge"))
}
