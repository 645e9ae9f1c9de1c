//! No state of the business lives in a process: what two instances must agree on is a row.

use std::{fs, path::Path};

use anyhow::Context as _;

use crate::tree::visit;

/// Types by which a `static` can change.
const CHANGING: [&str; 9] =
    ["Mutex", "RwLock", "Cell<", "OnceLock", "OnceCell", "DashMap", "Atomic", "ArcSwap", "Cache"];

/// What may change all the same: file, name, and why no instance can disagree about it.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("crates/underpin-jobs/src/crash.rs", "CHOSEN", "where a debug build dies; set once"),
    ("crates/underpin-jobs/src/crash.rs", "PASSED", "how often that place was passed"),
    (
        "crates/underpin-runtime/src/telemetry.rs",
        "LAST_PANIC",
        "of a thread, between the hook of a panic and whoever catches it",
    ),
];

/// Programs that serve nobody.
const ELSEWHERE: [&str; 3] =
    ["server/sabotage", "crates/underpin-testkit", "crates/underpin-testkit-s3"];

/// Breaches: `static`s that can change and are not allowed; allowances without their `static`.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let (mut breaches, mut used) = (Vec::new(), Vec::new());
    for folder in ["crates", "modules", "server", "examples"] {
        visit(&root.join(folder), &mut |path| {
            let place = path.strip_prefix(root)?.to_string_lossy().into_owned();
            let serves = !ELSEWHERE.iter().any(|other| Path::new(&place).starts_with(other));
            let rust = path.extension().is_some_and(|e| e == "rs") && !place.contains("/tests/");
            if !(rust && serves) {
                return Ok(());
            }
            let text = fs::read_to_string(path).with_context(|| format!("read {place}"))?;
            for name in changing(&text) {
                let allowed = ALLOWED.iter().find(|(file, of, _)| *file == place && *of == name);
                match allowed {
                    Some(allowed) => used.push(allowed),
                    None => breaches.push(format!(
                        "{place}: static {name} can change: keep it in a row, or in what owns it; or say in xtask/src/tidy/globals.rs why no two \
                         instances can disagree about it"
                    )),
                }
            }
            Ok(())
        })?;
    }
    let unused = ALLOWED.iter().filter(|allowed| !used.contains(allowed));
    breaches.extend(unused.map(|(file, name, _)| {
        format!("{file}: static {name} is allowed in xtask/src/tidy/globals.rs and is not there")
    }));
    Ok(breaches)
}

/// The names of the `static`s that can change, tests left out.
fn changing(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut names = Vec::new();
    for (at, word) in code.match_indices("static ") {
        let begins = code[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '{');
        let rest = &code[at + word.len()..];
        let mutable = rest.starts_with("mut ");
        let rest = rest.strip_prefix("mut ").unwrap_or(rest);
        let declared = rest.split(['=', ';']).next().unwrap_or_default();
        let Some((name, kind)) = declared.split_once(':') else { continue };
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if begins && is_name && (mutable || CHANGING.iter().any(|word| kind.contains(word))) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::changing;

    #[test]
    fn a_static_that_can_change_is_refused() {
        for (text, name) in [
            ("static mut COUNT: u64 = 0;", "COUNT"),
            ("static USERS: Mutex<BTreeMap<Uuid, User>> = Mutex::new(BTreeMap::new());", "USERS"),
            ("pub(crate) static SEEN: OnceLock<DashMap<Uuid, ()>> = OnceLock::new();", "SEEN"),
            ("    static LIMITS:\n        LazyLock<RwLock<HashMap<Ip, u32>>> = x();", "LIMITS"),
            ("thread_local! { static TENANT: RefCell<Option<Uuid>> = none(); }", "TENANT"),
            ("thread_local! {static NEXT: Cell<u64> = zero(); }", "NEXT"),
            ("static NEXT_ID: AtomicU64 = AtomicU64::new(0);", "NEXT_ID"),
        ] {
            assert_eq!(changing(text), [name], "{text}");
        }
    }

    #[test]
    fn a_constant_a_lifetime_and_a_test_may_be() {
        for text in [
            "static NAME: HeaderName = HeaderName::from_static(\"x\");",
            "static TODAY: LazyLock<Params> = LazyLock::new(today);",
            "fn f(x: &'static str) -> Mutex<u8> { g() }",
            "// static mut COUNT: u64 = 0;",
            "#[cfg(test)]\nmod tests {\n    static SEEN: AtomicU32 = AtomicU32::new(0);\n}",
        ] {
            assert!(changing(text).is_empty(), "{text}");
        }
    }
}
