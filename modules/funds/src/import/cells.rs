//! Cells of one row become a [`Row`], or findings.

use std::{collections::HashMap, sync::Arc};

use csv::StringRecord;
use jiff::civil::Date;
use underpin::base::{AmountError, Currency, Scaled};

use super::{
    Code, Finding,
    header::{AmountColumn, Header},
};
use crate::{
    model::{AMOUNT_MAX, Amounts, Name, Row, TEXT_MAX},
    rules::{dates, names},
};

/// Names and texts that are remembered, so that a million rows share a few thousand of them.
const SHARED_MAX: usize = 10_000;
/// Longest cell that is remembered, in bytes.
const SHARED_BYTES_MAX: usize = 128;

/// Reads rows by the file's header; remembers names it has seen.
pub(super) struct Cells {
    header: Header,
    default_currency: Currency,
    names: HashMap<Box<str>, Arc<Name>>,
    texts: HashMap<Box<str>, Arc<str>>,
}

/// A cell was bad and its finding is noted: the other cells are still looked at.
#[derive(Debug, Clone, Copy)]
struct Noted;

/// The row at hand, and what is wrong with it so far.
struct Reading<'a> {
    header: &'a Header,
    row: &'a StringRecord,
    line: i64,
    findings: &'a mut Vec<Finding>,
}

impl Cells {
    pub(super) fn new(header: Header, default_currency: Currency) -> Self {
        Self { header, default_currency, names: HashMap::new(), texts: HashMap::new() }
    }

    pub(super) const fn header(&self) -> &Header {
        &self.header
    }

    /// The row, if every cell is good; otherwise each bad cell is a finding.
    pub(super) fn read(
        &mut self,
        row: &StringRecord,
        line: i64,
        findings: &mut Vec<Finding>,
    ) -> Option<Row> {
        self.read_cells(row, line, findings).ok()
    }

    fn read_cells(
        &mut self,
        row: &StringRecord,
        line: i64,
        findings: &mut Vec<Finding>,
    ) -> Result<Row, Noted> {
        let (names, texts, header) = (&mut self.names, &mut self.texts, &self.header);
        if row.len() != header.names.len() {
            let message =
                format!("{} cells where the header has {}", row.len(), header.names.len());
            findings.push(Finding::new(line, "", Code::WrongWidth, "", message));
            return Err(Noted);
        }
        let mut reading = Reading { header, row, line, findings };
        let investor = reading.name(header.investor, names);
        let fund = reading.name(header.fund, names);
        let as_of = reading.date(header.as_of);
        let currency = reading.currency(header.currency, self.default_currency);
        let exponent =
            currency.as_ref().map_or(self.default_currency, |currency| *currency).exponent() as i32;
        let commitment = reading.commitment(header.commitment, exponent);
        let called = reading.amount(header.called, exponent);
        let distributed = reading.amount(header.distributed, exponent);
        let value = reading.amount(header.value, exponent);
        let vintage = reading.year(header.vintage);
        let strategy = reading.text(header.strategy, texts);
        let manager = reading.text(header.manager, texts);
        Ok(Row {
            line,
            investor: investor?,
            fund: fund?,
            as_of: as_of?,
            currency: currency?,
            amounts: Amounts {
                commitment: commitment?,
                called: called?,
                distributed: distributed?,
                value: value?,
            },
            vintage: vintage?,
            strategy: strategy?,
            manager: manager?,
        })
    }
}

impl Reading<'_> {
    fn cell(&self, index: usize) -> &str {
        self.row.get(index).unwrap_or_default().trim()
    }

    fn refuse<T>(&mut self, index: usize, code: Code, message: &str) -> Result<T, Noted> {
        let column = self.header.names.get(index).map_or("", String::as_str);
        let value = self.row.get(index).unwrap_or_default();
        self.findings.push(Finding::new(self.line, column, code, value, message.to_owned()));
        Err(Noted)
    }

    fn name(
        &mut self,
        index: usize,
        seen: &mut HashMap<Box<str>, Arc<Name>>,
    ) -> Result<Arc<Name>, Noted> {
        let cell = self.cell(index);
        if let Some(name) = seen.get(cell) {
            return Ok(Arc::clone(name));
        }
        let (text, key) = (names::collapse(cell), names::key(cell));
        if text.is_empty() {
            return self.refuse(index, Code::Missing, "a name is needed");
        }
        if text.chars().count() > TEXT_MAX {
            return self.refuse(index, Code::TooLong, "at most 200 characters");
        }
        let name = Arc::new(Name { text, key });
        remember(seen, self.cell(index), &name);
        Ok(name)
    }

    fn text(
        &mut self,
        column: Option<usize>,
        seen: &mut HashMap<Box<str>, Arc<str>>,
    ) -> Result<Option<Arc<str>>, Noted> {
        let Some(index) = column else { return Ok(None) };
        let cell = self.cell(index);
        if let Some(text) = seen.get(cell) {
            return Ok(Some(Arc::clone(text)));
        }
        let text = names::collapse(cell);
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > TEXT_MAX {
            return self.refuse(index, Code::TooLong, "at most 200 characters");
        }
        let text: Arc<str> = text.into();
        remember(seen, self.cell(index), &text);
        Ok(Some(text))
    }

    fn date(&mut self, index: usize) -> Result<Date, Noted> {
        let cell = self.cell(index);
        if cell.is_empty() {
            return self.refuse(index, Code::Missing, "a date is needed");
        }
        match dates::parse(cell) {
            None => self.refuse(index, Code::NotADate, "a date is written 2025-03-31"),
            Some(date) if !(1900..=2200).contains(&date.year()) => {
                self.refuse(index, Code::OutOfRange, "a year from 1900 to 2200")
            }
            Some(date) => Ok(date),
        }
    }

    fn currency(&mut self, column: Option<usize>, default: Currency) -> Result<Currency, Noted> {
        let Some(index) = column else { return Ok(default) };
        let cell = self.cell(index);
        if cell.is_empty() {
            return Ok(default);
        }
        match cell.parse() {
            Ok(currency) => Ok(currency),
            Err(_) => self.refuse(index, Code::NotACurrency, "an ISO 4217 code such as USD"),
        }
    }

    fn commitment(&mut self, column: AmountColumn, exponent: i32) -> Result<i64, Noted> {
        match self.amount(Some(column), exponent)? {
            None => self.refuse(column.index, Code::Missing, "an amount is needed"),
            Some(minor) if minor < 0 => {
                self.refuse(column.index, Code::NegativeCommitment, "a promise is not negative")
            }
            Some(minor) => Ok(minor),
        }
    }

    fn amount(
        &mut self,
        column: Option<AmountColumn>,
        exponent: i32,
    ) -> Result<Option<i64>, Noted> {
        let Some(AmountColumn { index, power }) = column else { return Ok(None) };
        let cell = self.cell(index);
        if cell.is_empty() {
            return Ok(None);
        }
        let minor = Scaled::parse(cell).and_then(|number| number.round_half_even(power + exponent));
        match minor {
            Ok(minor) if (-AMOUNT_MAX..=AMOUNT_MAX).contains(&minor) => Ok(Some(minor)),
            Ok(_) | Err(AmountError::OutOfRange | AmountError::TooPrecise) => {
                self.refuse(index, Code::OutOfRange, "larger than this system keeps")
            }
            Err(AmountError::NotANumber) => self.refuse(
                index,
                Code::NotANumber,
                "a number with a point and without grouping, such as 1234.50",
            ),
        }
    }

    fn year(&mut self, column: Option<usize>) -> Result<Option<i32>, Noted> {
        let Some(index) = column else { return Ok(None) };
        let cell = self.cell(index);
        if cell.is_empty() {
            return Ok(None);
        }
        // Spreadsheets write 2021.0 for a year in a column with gaps.
        match Scaled::parse(cell).and_then(|number| number.exact(0)) {
            Ok(year @ 1900..=2200) => Ok(Some(year as i32)),
            _ => self.refuse(index, Code::NotAYear, "a year from 1900 to 2200"),
        }
    }
}

fn remember<T: Clone>(seen: &mut HashMap<Box<str>, T>, cell: &str, value: &T) {
    if cell.len() <= SHARED_BYTES_MAX {
        if seen.len() >= SHARED_MAX {
            seen.clear();
        }
        seen.insert(cell.into(), value.clone());
    }
}
