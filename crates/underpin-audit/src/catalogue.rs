//! What was asked for: the findings of the five audits, and who answers each.

mod coverage;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::{Check, Severity};

pub use coverage::{Items, OfSeverity, Standing};

const FINDINGS: &str = include_str!("../catalogue/findings.toml");
const ANSWERS: &str = include_str!("../catalogue/answers.toml");
/// Where the answers lie, for those who must change them.
const ANSWERS_PATH: &str = "crates/underpin-audit/catalogue/answers.toml";

/// Which audit, and which finding of it: `S1.23` is (1, 23). Findings are listed in this order.
type Number = (u8, u8);

/// The findings of the five audits.
#[derive(Debug, Clone)]
pub struct Catalogue(BTreeMap<Number, Finding>);

/// One thing that an audit asked for.
#[derive(Debug, Clone)]
pub struct Finding {
    /// `S<audit>.<number>`.
    pub id: String,
    /// What it means for the platform if it is not answered.
    pub severity: Severity,
    /// The part of the platform that it is about.
    pub module: String,
    /// What was found, or asked for, in the words of the audit.
    pub asks: String,
    /// What the answer has to be.
    pub fix: String,
    /// Who answers it; none if that is for a check to say.
    pub answer: Option<Answered>,
}

/// Who answers a finding that no check names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Answered {
    /// It asks for what these ask for.
    Alias {
        /// The other findings.
        alias_of: Vec<String>,
    },
    /// CI holds it on the sources.
    Rule {
        /// The rule.
        rule: String,
    },
    /// Nobody yet.
    Plan {
        /// The last day on which that may be so.
        planned: Date,
        /// What is going to answer it.
        by: String,
    },
}

/// A line of `findings.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    severity: Severity,
    module: String,
    asks: String,
    fix: String,
}

/// A catalogue that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum BadCatalogue {
    /// It cannot be read.
    #[error("the catalogue cannot be read")]
    Unreadable(#[from] toml::de::Error),
    /// A finding is called otherwise than `S<audit>.<number>`.
    #[error("{0} is no number of a finding")]
    Name(String),
    /// An answer of a finding, or an alias of one, that no audit has.
    #[error("{0} answers {1}, which no audit has")]
    Unknown(String, String),
    /// An alias that comes back to where it began, or that says nothing.
    #[error("{0} is an alias of itself, or of nothing")]
    Circle(String),
}

impl Catalogue {
    /// The findings that this program knows.
    pub fn built_in() -> Self {
        Self::read(FINDINGS, ANSWERS).expect("a test reads the same texts")
    }

    /// Read a catalogue.
    ///
    /// Keeps: every answer is of a finding, every alias ends at findings that are none.
    pub fn read(findings: &str, answers: &str) -> Result<Self, BadCatalogue> {
        let findings: BTreeMap<String, Asked> = toml::from_str(findings)?;
        let answers: BTreeMap<String, Answered> = toml::from_str(answers)?;
        let mut catalogue = BTreeMap::new();
        for (id, Asked { severity, module, asks, fix }) in findings {
            let number = number(&id).ok_or_else(|| BadCatalogue::Name(id.clone()))?;
            let answer = answers.get(&id).cloned();
            catalogue.insert(number, Finding { id, severity, module, asks, fix, answer });
        }
        let catalogue = Self(catalogue);
        for id in answers.keys() {
            catalogue.follow(id, &mut vec![id.as_str()])?;
        }
        Ok(catalogue)
    }

    /// Whether everything that an alias leads to is there, and none leads back.
    fn follow<'a>(&'a self, id: &str, way: &mut Vec<&'a str>) -> Result<(), BadCatalogue> {
        let unknown = || BadCatalogue::Unknown(way[0].to_owned(), id.to_owned());
        let finding = self.find(id).ok_or_else(unknown)?;
        let Some(Answered::Alias { alias_of }) = &finding.answer else { return Ok(()) };
        if alias_of.is_empty() {
            return Err(BadCatalogue::Circle(finding.id.clone()));
        }
        for next in alias_of {
            if way.contains(&next.as_str()) {
                return Err(BadCatalogue::Circle(next.clone()));
            }
            way.push(next);
            self.follow(next, way)?;
            way.pop();
        }
        Ok(())
    }

    /// Every finding, audit by audit.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.values()
    }

    /// The finding of this id.
    pub fn find(&self, id: &str) -> Option<&Finding> {
        self.0.get(&number(id)?)
    }

    /// What is wrong between the findings and these checks: a finding that nobody answers, or two; a check that names what no audit has.
    pub fn breaches(&self, checks: &[Check]) -> Vec<String> {
        let mut breaches = Vec::new();
        for check in checks {
            let unknown = check.seeds.iter().filter(|seed| self.find(seed).is_none());
            breaches.extend(
                unknown.map(|seed| format!("{} names {seed}, which no audit has", check.id)),
            );
        }
        for Finding { id, answer, .. } in self.iter() {
            let named = checks.iter().find(|check| check.seeds.contains(&id.as_str()));
            match (named, answer) {
                (Some(check), Some(_)) => breaches.push(format!(
                    "{id} is answered by {}: remove the line that begins with \"{id}\" from {ANSWERS_PATH}, or run `cargo xtask catalogue`",
                    check.id
                )),
                (None, None) => breaches.push(format!(
                    "nobody answers {id}: no check names it in `seeds`, and it has no line in {ANSWERS_PATH}"
                )),
                _ => {}
            }
        }
        breaches
    }
}

/// The number that a finding's id writes, in its one form.
fn number(id: &str) -> Option<Number> {
    let (audit, row) = id.strip_prefix('S')?.split_once('.')?;
    let number = (audit.parse().ok()?, row.parse().ok()?);
    (id == format!("S{}.{}", number.0, number.1)).then_some(number)
}
