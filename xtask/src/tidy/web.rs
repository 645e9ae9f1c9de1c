//! What the console has one of.

use std::{fs, path::Path};

use crate::tree::visit;

/// The one place that makes a store of answers.
const STORE: &str = "web/src/api/queryClient.ts";

/// Breaches: a second store of answers, which would disagree with the first.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut breaches = Vec::new();
    visit(&root.join("web/src"), &mut |path| {
        let place = path.strip_prefix(root)?.to_string_lossy().into_owned();
        let code = Path::new(&place).extension().is_some_and(|end| end == "ts" || end == "tsx")
            && !place.contains(".test.");
        if code && place != STORE && makes_a_store(&fs::read_to_string(path)?) {
            breaches.push(format!("{place}: a second store of answers; use {STORE}"));
        }
        Ok(())
    })?;
    Ok(breaches)
}

fn makes_a_store(text: &str) -> bool {
    ["new QueryClient(", "new QueryCache(", "caches.open("].iter().any(|call| text.contains(call))
}

#[cfg(test)]
mod tests {
    use super::makes_a_store;

    #[test]
    fn a_second_store_of_answers_is_refused() {
        assert!(makes_a_store("const mine = new QueryClient({})"));
        assert!(makes_a_store("const kept = await caches.open('v1')"));
        assert!(!makes_a_store("const queryClient = useQueryClient()"));
    }
}
