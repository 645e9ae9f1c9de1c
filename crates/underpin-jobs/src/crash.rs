//! Places where a debug build can be made to die, to show that nothing is lost there.

/// Abort the process if `UNDERPIN_CRASH_AT="name[:nth]"` names this place and it is passed for the nth time.
///
/// Debug builds only; in a release build it is nothing. Names of this crate: `jobs.{step,finish}.{begin,worked,fenced,committed}` (before
/// the work, after it, after the statement that proves the claim, after the commit), `jobs.turn.{before,after}`,
/// `jobs.handler.{before,after}`.
#[cfg(debug_assertions)]
pub fn crash_point(name: &str) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };
    static CHOSEN: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let chosen =
        CHOSEN.get_or_init(|| std::env::var("UNDERPIN_CRASH_AT").ok().map(|text| parse(&text)));
    if let Some((place, nth)) = chosen
        && place == name
        && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *nth
    {
        std::process::abort();
    }
}

/// Nothing: a release build has no crash points.
#[cfg(not(debug_assertions))]
pub const fn crash_point(_: &str) {}

#[cfg(debug_assertions)]
fn parse(text: &str) -> (String, u64) {
    match text.rsplit_once(':') {
        Some((name, nth)) => (name.to_owned(), nth.parse().unwrap_or(1)),
        None => (text.to_owned(), 1),
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::parse;

    #[test]
    fn a_crash_point_is_a_name_and_a_count() {
        assert_eq!(parse("jobs.turn.after"), ("jobs.turn.after".to_owned(), 1));
        assert_eq!(parse("jobs.turn.after:3"), ("jobs.turn.after".to_owned(), 3));
    }
}
