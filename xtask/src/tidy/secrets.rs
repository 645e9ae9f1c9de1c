//! No secret is committed: no key, no file of settings for one machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use crate::tree::visit;

/// How names of files end that hold keys.
const KEY_FILES: [&str; 6] = ["pem", "key", "p12", "pfx", "jks", "keystore"];

/// What a secret begins with, and how many letters of its alphabet follow at least.
const TOKENS: [(&str, usize, &str); 8] = [
    ("AKIA", 16, "an AWS key"),
    ("ASIA", 16, "an AWS key"),
    ("sk_live_", 16, "a Stripe key"),
    ("rk_live_", 16, "a Stripe key"),
    ("ghp_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("xoxb-", 20, "a Slack token"),
    ("npm_", 36, "an npm token"),
];

/// Breaches: files of the checkout that hold a secret, or are made for one.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut breaches = Vec::new();
    for place in files(root)? {
        if let Some(what) = bad_name(&place) {
            breaches.push(format!("{}: {what}", place.display()));
        }
        let path = root.join(&place);
        // A link leads to a file that is looked at by its own name, or lies elsewhere.
        if path.symlink_metadata().is_ok_and(|about| about.is_file()) {
            let bytes = fs::read(&path).with_context(|| format!("read {}", place.display()))?;
            let text = String::from_utf8_lossy(&bytes);
            breaches.extend(secrets(&text).map(|(line, what)| {
                format!("{}:{line}: {what}; take it away and revoke it", place.display())
            }));
        }
    }
    Ok(breaches)
}

/// What git has or would add; every file where there is no git.
fn files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output();
    if let Ok(output) = listed
        && output.status.success()
    {
        let names = String::from_utf8(output.stdout).context("a file's name is no UTF-8")?;
        return Ok(names.split_terminator('\0').map(PathBuf::from).collect());
    }
    let mut files = Vec::new();
    visit(root, &mut |path| {
        files.push(path.strip_prefix(root)?.to_owned());
        Ok(())
    })?;
    Ok(files)
}

fn bad_name(place: &Path) -> Option<&'static str> {
    let name = place.file_name()?.to_str()?;
    let extension = place.extension().and_then(|extension| extension.to_str());
    if name == ".env" || name.starts_with(".env.") || extension == Some("env") {
        return Some(
            "settings of one machine are not committed; `underpin config` lists the names",
        );
    }
    let key = extension.is_some_and(|extension| KEY_FILES.contains(&extension));
    (key || name.starts_with("id_rsa") || name.starts_with("id_ed25519"))
        .then_some("keys are not committed; a test makes its own")
}

/// The lines that hold a secret.
fn secrets(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let lines = text.lines().zip(1..);
    lines.filter_map(|(line, number)| Some((number, secret(line)?)))
}

fn secret(line: &str) -> Option<&'static str> {
    let head = "-----BEGIN ";
    let tail = "PRIVATE KEY-----";
    if line.split_once(head).is_some_and(|(_, rest)| rest.contains(tail)) {
        return Some("a private key");
    }
    let of_token = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    TOKENS.iter().find_map(|(begin, more, what)| {
        let found = line.match_indices(begin).any(|(at, _)| {
            let alone = !line[..at].ends_with(of_token);
            let rest = line[at + begin.len()..].chars().take_while(|c| of_token(*c));
            alone && rest.count() >= *more
        });
        found.then_some(*what)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{bad_name, secret, secrets};

    #[test]
    fn a_secret_is_refused_with_its_line() {
        // Put together here, or this file would be refused.
        let end = "PRIVATE KEY-----";
        let pem = format!("-----BEGIN EC {end}");
        let aws = format!("aws_access_key_id = AKI{}", "AABCDEFGHIJKLMNOP");
        let stripe = format!("key: \"sk_{}{}\"", "live_", "a1".repeat(12));
        let github = format!("token=ghp{}{}", "_", "x9".repeat(18));
        for line in [&pem, &aws, &stripe, &github] {
            assert!(secret(line).is_some(), "{line}");
        }
        let text = format!("first\n{pem}\nthird");
        let found: Vec<_> = secrets(&text).collect();
        assert_eq!(found, [(2, "a private key")]);
    }

    #[test]
    fn what_only_looks_like_one_is_not() {
        for line in [
            "-----BEGIN CERTIFICATE-----",
            "the PRIVATE KEY----- of nothing",
            "an id such as AKIA",
            "MAKIAVELLIANCHARACTERSBEFORE",
            "sk_live_ is how they begin",
            "npm_config_cache",
        ] {
            assert_eq!(secret(line), None, "{line}");
        }
    }

    #[test]
    fn files_that_are_made_for_secrets_are_refused() {
        for place in
            [".env", "deploy/.env.production", "prod.env", "tls/server.key", "a.pem", "id_rsa"]
        {
            assert!(bad_name(Path::new(place)).is_some(), "{place}");
        }
        for place in ["docs/environment.md", "web/src/env.d.ts", "crates/keys.rs"] {
            assert_eq!(bad_name(Path::new(place)), None, "{place}");
        }
    }
}
