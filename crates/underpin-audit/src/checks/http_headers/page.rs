//! What a page may do.

use std::collections::BTreeMap;

use crate::Answer;

/// Sources of scripts that let in what somebody slipped into a page.
const LAX: [&str; 8] = [
    "*",
    "'unsafe-inline'",
    "'unsafe-eval'",
    "'unsafe-hashes'",
    "data:",
    "blob:",
    "http:",
    "https:",
];

/// Judge a page's headers and text.
pub(super) fn judge(page: &Answer, breaches: &mut Vec<String>) {
    let mut breach = |what: String| breaches.push(format!("{}: {what}", page.what));
    let header = |name: &str| page.header(name).unwrap_or_default();
    if !header("content-type").starts_with("text/html") {
        return breach("is no page".to_owned());
    }
    let policy = policy(header("content-security-policy"));
    let sources = |name: &str| policy.get(name).or_else(|| policy.get("default-src"));
    match sources("script-src") {
        None => breach("scripts of anybody may run".to_owned()),
        Some(allowed) => {
            for source in allowed.iter().filter(|source| LAX.contains(source)) {
                breach(format!("scripts from {source} may run"));
            }
        }
    }
    if sources("object-src").is_none_or(|allowed| *allowed != ["'none'"]) {
        breach("plug-ins may run".to_owned());
    }
    for name in ["base-uri", "frame-ancestors"] {
        let narrow = |allowed: &Vec<&str>| matches!(allowed.as_slice(), ["'none'" | "'self'"]);
        if !policy.get(name).is_some_and(narrow) {
            breach(format!("{name} is not narrow"));
        }
    }
    for (name, good) in [
        ("x-content-type-options", header("x-content-type-options") == "nosniff"),
        ("referrer-policy", !matches!(header("referrer-policy"), "" | "unsafe-url")),
        ("permissions-policy", header("permissions-policy").contains("=()")),
    ] {
        if !good {
            breach(format!("{name} is `{}`", header(name)));
        }
    }
    let text = String::from_utf8_lossy(&page.body);
    let inline = tags(&text, "<script").filter(|tag| !tag.contains(" src=")).count();
    if inline > 0 {
        breach(format!("{inline} scripts stand in its text"));
    }
}

/// Directives and their sources.
fn policy(header: &str) -> BTreeMap<&str, Vec<&str>> {
    let directives = header.split(';').filter_map(|directive| {
        let mut words = directive.split_ascii_whitespace();
        Some((words.next()?, words.collect()))
    });
    directives.collect()
}

/// The paths of scripts and styles whose names change with their content.
pub(super) fn files(text: &str) -> Vec<String> {
    let attributes = text.split(['"', '\'']);
    let paths = attributes.filter(|value| value.starts_with("/assets/"));
    let mut paths: Vec<_> = paths
        .filter(|path| matches!(path.rsplit_once('.'), Some((_, "js" | "css"))))
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

fn tags<'t>(text: &'t str, beginning: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(beginning).skip(1).map(|rest| rest.split('>').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_by_its_directives_and_files_by_their_folder() {
        let policy = policy("default-src 'none'; script-src 'self' https:;;");
        assert_eq!(policy["script-src"], ["'self'", "https:"]);
        assert_eq!(policy.len(), 2);
        let text = r#"<script type="module" src="/assets/a-1.js"></script><link href='/assets/b.css'><a href="/x.js">"#;
        assert_eq!(files(text), ["/assets/a-1.js", "/assets/b.css"]);
        assert_eq!(tags(text, "<script").count(), 1);
    }
}
