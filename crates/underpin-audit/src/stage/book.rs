//! A generated book of position reports, and what must stand in the database after its import.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use serde_json::Value;

use super::{Import, follow, upload};
use crate::{Error, Person, Result};

/// Investors of a fund of the book.
const INVESTORS: u64 = 40;
/// Dates of each allocation's reports.
const DATES: [&str; 2] = ["2023-12-31", "2024-03-31"];

/// Sums of a fund as of a date, in minor units: committed, called, distributed, value.
type Figures = [i64; 4];

/// A file of position reports, every one of them good, and the sums that it leaves behind.
#[derive(Debug, Clone)]
pub struct Book {
    /// What the names of its funds begin with.
    pub prefix: String,
    /// How many reports it has.
    pub rows: u64,
    csv: String,
    /// (as of, fund) → sums.
    sums: BTreeMap<(&'static str, String), Figures>,
}

impl Book {
    /// A book of so many funds, each with 40 allocations and two reports of each.
    pub fn new(prefix: &str, funds: u64) -> Self {
        let mut book = Self {
            prefix: prefix.to_owned(),
            rows: 0,
            csv: "investor,fund,as_of,commitment,called,distributed,value\n".to_owned(),
            sums: BTreeMap::new(),
        };
        for as_of in DATES {
            for fund in 0..funds {
                for investor in 0..INVESTORS {
                    book.push(as_of, fund, investor);
                }
            }
        }
        book
    }

    fn push(&mut self, as_of: &'static str, fund: u64, investor: u64) {
        let Self { prefix, rows, csv, sums } = self;
        *rows += 1;
        // Amounts that differ from row to row, so that a row left out or counted twice shows in the sum.
        let committed = (*rows * 7_919 + 1_000_003).cast_signed();
        let figures = [committed, committed / 2, committed / 3, committed / 5];
        let name = format!("{prefix} {fund:04}");
        let _ = write!(csv, "{prefix} investor {investor:02},{name},{as_of}");
        for minor in figures {
            let _ = write!(csv, ",{}.{:02}", minor / 100, minor % 100);
        }
        csv.push('\n');
        let sum = sums.entry((as_of, name)).or_default();
        for (sum, minor) in sum.iter_mut().zip(figures) {
            *sum += minor;
        }
    }

    /// Its file.
    pub fn csv(&self) -> &str {
        &self.csv
    }

    /// Send it.
    pub async fn upload(&self, by: &Person, slug: &str) -> Result<Import> {
        upload(by, slug, self.csv.clone()).await
    }

    /// Send it and wait for its end.
    pub async fn import(&self, by: &Person, slug: &str, limit: Duration) -> Result<Import> {
        let import = self.upload(by, slug).await?;
        let ended = follow(by, slug, import, limit, is_over).await?;
        if ended["rows"]["applied"] == self.rows {
            return Ok(import);
        }
        Err(Error::Lacking { what: format!("the import {ended}"), field: "all rows".into() })
    }

    /// Compare each fund's sums at each date with what the deployment shows; says every difference.
    pub async fn differences(&self, by: &Person, slug: &str) -> Result<Vec<String>> {
        let mut differences = Vec::new();
        for as_of in DATES {
            let mut shown = self.shown(by, slug, as_of).await?;
            for ((_, fund), expected) in self.sums.iter().filter(|((date, _), _)| *date == as_of) {
                let found = shown.remove(fund);
                if found != Some(*expected) {
                    differences.push(format!("{fund} as of {as_of}: {found:?}, not {expected:?}"));
                }
            }
            let strangers =
                shown.keys().map(|fund| format!("{fund} as of {as_of}: nobody sent it"));
            differences.extend(strangers);
        }
        Ok(differences)
    }

    async fn shown(
        &self,
        by: &Person,
        slug: &str,
        as_of: &str,
    ) -> Result<BTreeMap<String, Figures>> {
        let mut shown = BTreeMap::new();
        let list = format!("/v1/t/{slug}/funds?limit=200&as_of={as_of}&q={}", self.prefix);
        let mut path = list.clone();
        loop {
            let page = by.get(&path).await?.expect(200)?.json();
            for item in page["items"].as_array().into_iter().flatten() {
                let name = item["name"].as_str().unwrap_or_default().to_owned();
                let names = ["committed", "called", "distributed", "value"];
                let figures = names.map(|figure| minor(&item["positions"][figure]["amount"]));
                shown.insert(name, figures);
            }
            let Some(cursor) = page["next"].as_str() else { return Ok(shown) };
            path = format!("{list}&cursor={cursor}");
        }
    }
}

/// Whether an import ended.
pub(crate) fn is_over(import: &Value) -> bool {
    matches!(import["state"].as_str(), Some("done" | "failed"))
}

/// `"123.45"` in minor units; what cannot be read is no amount that a book has.
fn minor(amount: &Value) -> i64 {
    let digits = amount.as_str().unwrap_or_default().replace('.', "");
    digits.parse().unwrap_or(i64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_knows_what_it_leaves_behind() {
        let book = Book::new("x", 3);
        assert_eq!(book.rows, 3 * 40 * 2);
        assert_eq!(book.csv.lines().count() as u64, book.rows + 1);
        assert_eq!(book.sums.len(), 6);
        let committed: i64 = book.sums.values().map(|figures| figures[0]).sum();
        let amounts = book.csv.lines().skip(1).map(|line| {
            let amount = line.split(',').nth(3).unwrap();
            minor(&Value::from(amount))
        });
        assert_eq!(amounts.sum::<i64>(), committed);
        assert_eq!(minor(&Value::Null), i64::MIN);
    }
}
