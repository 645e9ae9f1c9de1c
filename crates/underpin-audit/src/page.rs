//! The scorecard as one page of HTML that needs nothing else: by severity, each check with where, impact and fix.

mod parts;

use std::fmt::{self, Display, Formatter, Write as _};

use jiff::Timestamp;
use parts::{Card, Findings};

use crate::{Catalogue, Scorecard, Severity};

const STYLE: &str = include_str!("page/style.css");

/// What was audited, for the head of the page.
#[derive(Debug, Clone)]
pub struct About {
    /// The deployment.
    pub deployment: String,
    /// When the audit ended.
    pub at: Timestamp,
    /// The commit that is proven; none if there is no proof of this program.
    pub commit: Option<String>,
}

/// Text that stands in HTML as what it says.
struct Text<T>(T);

impl<T: Display> Display for Text<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for letter in self.0.to_string().chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

impl Scorecard {
    /// The page.
    pub fn to_html(&self, about: &About) -> String {
        let catalogue = Catalogue::built_in();
        let sections = Severity::ALL.map(|severity| self.section(&catalogue, severity));
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Audit of {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
             {head}{sections}{findings}</main>\n</body>\n</html>\n",
            title = Text(&about.deployment),
            head = self.head(about),
            sections = sections.concat(),
            findings = Findings { catalogue: &catalogue, lines: &self.checks },
        )
    }

    fn head(&self, about: &About) -> String {
        let proof = match &about.commit {
            Some(commit) => format!("proofs of commit {}", Text(commit)),
            None => "no proof of this program".to_owned(),
        };
        let at = about.at.strftime("%Y-%m-%d %H:%M UTC");
        let mut head = format!(
            "<header>\n<h1>Audit of {}</h1>\n<p>{at} · {proof}</p>\n",
            Text(&about.deployment)
        );
        for line in self.summary().lines() {
            let _ = writeln!(head, "<p class=\"score\">{}</p>", Text(line));
        }
        head + "</header>\n"
    }

    /// The checks of one severity, those first that did not pass.
    fn section(&self, catalogue: &Catalogue, severity: Severity) -> String {
        let of = catalogue.of_severity(severity, &self.checks);
        let mut section = format!(
            "<section>\n<h2>{severity} <small>{}</small></h2>\n\
             <p>{} of {} checks pass; {} of {} items are answered.</p>\n",
            Text(severity.meaning()),
            of.pass,
            of.checks,
            of.answered,
            of.items,
        );
        let mut lines: Vec<_> = self.checks.iter().filter(|l| l.severity == severity).collect();
        lines.sort_by_key(|line| line.end() == "pass");
        for line in lines {
            let _ = write!(section, "{}", Card { line, catalogue });
        }
        section + "</section>\n"
    }
}
