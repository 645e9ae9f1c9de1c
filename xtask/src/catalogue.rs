//! `cargo xtask catalogue`: a finding that a check names needs no other answer, and its line goes.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context as _;

use crate::tree::visit;

/// Who answers what no check names; the checks themselves say the rest.
pub(crate) const ANSWERS: &str = "crates/underpin-audit/catalogue/answers.toml";

/// What the sources say of their checks.
#[derive(Debug, Default)]
struct Checks {
    ids: BTreeSet<String>,
    seeds: BTreeSet<String>,
}

/// Take away the lines of findings that a check names, and say which plans wait for a check that is there.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = crate::root()?;
    let mut checks = Checks::default();
    visit(&root.join("crates/underpin-audit/src/checks"), &mut |path| checks.read(path))?;
    visit(&root.join("modules"), &mut |path| checks.read(path))?;
    let path = root.join(ANSWERS);
    let text = fs::read_to_string(&path).with_context(|| format!("read {ANSWERS}"))?;
    let (kept, said) = checks.mend(&text);
    for line in said {
        println!("{line}");
    }
    fs::write(&path, kept).with_context(|| format!("write {ANSWERS}"))
}

impl Checks {
    fn read(&mut self, path: &Path) -> anyhow::Result<()> {
        let tests = path.components().any(|part| part.as_os_str() == "tests");
        if path.extension().is_some_and(|extension| extension == "rs") && !tests {
            self.note(&fs::read_to_string(path)?);
        }
        Ok(())
    }

    fn note(&mut self, text: &str) {
        for (at, mark) in text.match_indices("seeds: &[") {
            let list = text[at + mark.len()..].split(']').next().unwrap_or_default();
            // Every second part is between quotes.
            self.seeds.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
            let id = text[..at].rsplit_once("id: \"").and_then(|(_, id)| id.split_once('"'));
            self.ids.extend(id.map(|(id, _)| id.to_owned()));
        }
    }

    /// The answers without those that checks give by now, and what is to be said about them.
    fn mend(&self, answers: &str) -> (String, Vec<String>) {
        let (mut kept, mut said) = (String::new(), Vec::new());
        for line in answers.split_inclusive('\n') {
            let id = line.strip_prefix('"').and_then(|line| line.split_once('"'));
            if let Some((id, _)) = id
                && self.seeds.contains(id)
            {
                said.push(format!("removed: {}", line.trim_end()));
                continue;
            }
            let by = line.split_once("by = \"check ").and_then(|(_, by)| by.split_once('"'));
            if let Some((by, _)) = by
                && self.ids.contains(by)
            {
                said.push(format!(
                    "plan anew, {by} is there and does not name it: {}",
                    line.trim_end()
                ));
            }
            kept.push_str(line);
        }
        (kept, said)
    }
}

#[cfg(test)]
mod tests {
    use super::Checks;

    #[test]
    fn only_the_lines_of_findings_that_a_check_names_go() {
        let mut checks = Checks::default();
        checks.note(
            "Check {\n    id: \"a.b\",\n    seeds: &[\n        \"S0.1\", \"S0.12\",\n    ],\n",
        );
        let answers = "# words\n\"S0.1\" = { rule = \"x.y\" }\n\"S0.2\" = { planned = \"2027-01-31\", by = \"check a.b\" }\n\
                       \"S0.11\" = { alias_of = [\"S0.12\"] }\n\"S0.12\" = { planned = \"2027-01-31\", by = \"x\" }\n";
        let (kept, said) = checks.mend(answers);
        assert_eq!(
            kept,
            "# words\n\"S0.2\" = { planned = \"2027-01-31\", by = \"check a.b\" }\n\"S0.11\" = { alias_of = [\"S0.12\"] }\n"
        );
        assert_eq!(said.len(), 3, "{said:#?}");
        assert!(said[0].starts_with("removed: \"S0.1\""), "{said:#?}");
        assert!(said[1].starts_with("plan anew, a.b is there"), "{said:#?}");
        assert_eq!(checks.mend(&kept).0, kept);
    }
}
