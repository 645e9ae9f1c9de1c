//! What "the same name" means.

/// The name as it is shown: ends trimmed, runs of white space (line breaks among them) become one blank.
pub(crate) fn collapse(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    shown
}

/// The key under which names are the same: [`collapse`], then Unicode lower case.
///
/// No normalisation form is applied: a composed and a decomposed accent make two names. Nothing else is folded, so that
/// "Fund II" and "Fund 2" stay two funds.
pub(crate) fn key(text: &str) -> String {
    collapse(text).to_lowercase()
}

/// The range of keys that begin with what somebody typed: `from <= key < below`.
pub(crate) fn prefix_range(typed: &str) -> (String, String) {
    let from = key(typed);
    // Above every character that a name can go on with; keys are compared as bytes.
    let below = format!("{from}\u{10ffff}");
    (from, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_white_space_make_no_other_name() {
        assert_eq!(key("  Rhône\u{a0}Partners\r\n V "), "rhône partners v");
        assert_eq!(collapse(" A\t B "), "A B");
        assert_ne!(key("Fund II"), key("Fund 2"));
    }

    #[test]
    fn a_prefix_is_a_range_of_bytes() {
        let (from, below) = prefix_range("Rh");
        for name in ["rh", "rhône partners v", "rh\u{ffff}"] {
            assert!(*from <= *name && *name < *below, "{name}");
        }
        for name in ["r", "ri", "Rh", "si"] {
            assert!(!(*from <= *name && *name < *below), "{name}");
        }
    }
}
