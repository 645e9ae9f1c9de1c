//! What the page is made of: a card of each check, and the table of all findings.

use std::fmt::{self, Display, Formatter};

use super::Text;
use crate::{Answered, Catalogue, Finding, Line, Waiver};

/// One check.
pub(super) struct Card<'a> {
    pub(super) line: &'a Line,
    pub(super) catalogue: &'a Catalogue,
}

impl Card<'_> {
    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.line.seeds.iter().filter_map(|seed| self.catalogue.find(seed))
    }

    /// What the check's findings say, an item each.
    fn of_findings(&self, say: impl Fn(&Finding) -> &str) -> String {
        let items = self.findings().map(|f| format!("<b>{}</b> {}", Text(&f.id), Text(say(f))));
        list(items)
    }
}

impl Display for Card<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Line { id, promise, input, measure, threshold, severity, fault, .. } = *self.line;
        let end = self.line.end();
        writeln!(f, "<article class=\"{end}\">")?;
        writeln!(f, "<h3><span class=\"end\">{end}</span> {}</h3>", Text(id))?;
        writeln!(f, "<p>{}</p>\n<dl>", Text(promise))?;
        if let Some(Waiver { owner, reason, until, .. }) = &self.line.waiver {
            let text = format!("by {owner} until {until}: {reason}");
            writeln!(f, "<dt>Waived</dt><dd>{}</dd>", Text(text))?;
        }
        let what = format!("<p>{}</p>\n<p>Looked at: {}</p>", Text(input), Text(measure));
        writeln!(f, "<dt>Where</dt><dd>{what}</dd>")?;
        let impact = format!("<p>{}</p>{}", severity.meaning(), self.of_findings(|f| &f.asks));
        writeln!(f, "<dt>Impact</dt><dd>{impact}</dd>")?;
        if self.findings().next().is_some() {
            writeln!(f, "<dt>Fix</dt><dd>{}</dd>", self.of_findings(|f| &f.fix))?;
        }
        let measured = self.line.measured.as_deref().unwrap_or("nothing");
        writeln!(f, "<dt>Measured</dt><dd>{}</dd>", Text(measured))?;
        writeln!(f, "<dt>Threshold</dt><dd>{}</dd>", Text(threshold))?;
        let proven = if self.line.proven { "yes: seen to fail on" } else { "no; its fault is" };
        writeln!(f, "<dt>Proven</dt><dd>{proven} <code>{}</code></dd>", Text(fault))?;
        if !self.line.evidence.is_empty() {
            let facts = list(self.line.evidence.iter().map(|fact| Text(fact).to_string()));
            writeln!(f, "<dt>Evidence</dt><dd>{facts}</dd>")?;
        }
        writeln!(f, "</dl>\n</article>")
    }
}

/// Every finding of the audits and how it stands.
pub(super) struct Findings<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) lines: &'a [Line],
}

impl Findings<'_> {
    /// Who answers a finding.
    fn answer(&self, finding: &Finding) -> String {
        let named = self.lines.iter().filter(|line| line.seeds.contains(&finding.id.as_str()));
        let named: Vec<_> = named.map(|line| line.id).collect();
        match &finding.answer {
            None => named.join(", "),
            Some(Answered::Alias { alias_of }) => format!("as {}", alias_of.join(", ")),
            Some(Answered::Rule { rule }) => rule.clone(),
            Some(Answered::Plan { planned, by }) => format!("{planned}: {by}"),
        }
    }
}

impl Display for Findings<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let all = self.catalogue.iter().count();
        writeln!(f, "<section>\n<h2>Items</h2>\n<details>\n<summary>All {all}</summary>")?;
        writeln!(f, "<table>\n<thead><tr><th>Item</th><th>Severity</th><th>About</th>")?;
        writeln!(
            f,
            "<th>What was asked</th><th>How it stands</th><th>Who answers</th></tr></thead>"
        )?;
        writeln!(f, "<tbody>")?;
        for finding in self.catalogue.iter() {
            let Finding { id, severity, module, asks, .. } = finding;
            let standing = self.catalogue.standing(finding, self.lines).as_str();
            writeln!(
                f,
                "<tr><th>{}</th><td>{severity}</td><td>{}</td><td>{}</td><td>{standing}</td><td>{}</td></tr>",
                Text(id),
                Text(module),
                Text(asks),
                Text(self.answer(finding)),
            )?;
        }
        writeln!(f, "</tbody>\n</table>\n</details>\n</section>")
    }
}

/// A list of what is HTML already.
fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.map(|item| format!("<li>{item}</li>")).collect();
    if items.is_empty() { String::new() } else { format!("<ul>{}</ul>", items.concat()) }
}
