//! What a person enters becomes values, or faults that name the field.

use jiff::civil::Date;
use underpin::base::{AmountError, Currency, Money};

use super::{dates, names};
use crate::{
    Error,
    model::{AMOUNT_MAX, Amounts, Name, TEXT_MAX},
};

/// Longest name of a deal, in characters.
const DEAL_REF_MAX: usize = 100;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, with a path where it lies deeper.
    pub field: String,
    /// A stable name of the rule.
    pub code: &'static str,
    /// The rule in words.
    pub message: String,
}

/// Collects what is wrong, so that a person is told everything at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Note a fault, or give the value.
    pub(crate) fn check<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.0.push(fault)).ok()
    }

    /// The faults, if there are any.
    pub(crate) fn end(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Entered(self.0)) }
    }
}

/// Where a value is missing because [`Faults::check`] noted why.
impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::Entered(faults.0)
    }
}

fn fault<T>(field: &str, code: &'static str, message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { field: field.to_owned(), code, message: message.into() })
}

/// The body changes nothing.
pub(crate) fn nothing() -> Error {
    let message = "name at least one field to change".to_owned();
    Error::Entered(vec![Fault { field: String::new(), code: "missing", message }])
}

/// A name and its key.
pub(crate) fn name(field: &str, entered: &str) -> Result<Name, Fault> {
    match text(field, entered, TEXT_MAX)? {
        Some(text) => Ok(Name { key: names::key(&text), text }),
        None => fault(field, "missing", "a name is needed"),
    }
}

/// A strategy or a manager; blank is none.
pub(crate) fn attribute(field: &str, entered: Option<&str>) -> Result<Option<String>, Fault> {
    entered.map_or(Ok(None), |entered| text(field, entered, TEXT_MAX))
}

/// The name of a deal; blank is the unnamed one.
pub(crate) fn deal_ref(field: &str, entered: &str) -> Result<String, Fault> {
    Ok(text(field, entered, DEAL_REF_MAX)?.unwrap_or_default())
}

fn text(field: &str, entered: &str, max: usize) -> Result<Option<String>, Fault> {
    let text = names::collapse(entered);
    if text.chars().count() > max {
        return fault(field, "too_long", format!("at most {max} characters"));
    }
    if text.chars().any(char::is_control) {
        return fault(field, "bad_character", "no control characters");
    }
    Ok((!text.is_empty()).then_some(text))
}

/// The number of a tranche.
pub(crate) fn tranche(field: &str, entered: i32) -> Result<i32, Fault> {
    if entered >= 1 { Ok(entered) } else { fault(field, "out_of_range", "1 or more") }
}

/// The year of a fund's first investment.
pub(crate) fn vintage(field: &str, entered: Option<i32>) -> Result<Option<i32>, Fault> {
    match entered {
        None | Some(1900..=2200) => Ok(entered),
        Some(_) => fault(field, "not_a_year", "a year from 1900 to 2200"),
    }
}

/// A currency.
pub(crate) fn currency(field: &str, entered: &str) -> Result<Currency, Fault> {
    let wrong = |_| fault(field, "not_a_currency", "an ISO 4217 code such as USD");
    entered.parse().or_else(wrong)
}

/// A business date.
pub(crate) fn date(field: &str, entered: &str) -> Result<Date, Fault> {
    match dates::parse(entered) {
        None => fault(field, "not_a_date", "a date is written 2025-03-31"),
        Some(date) if !(1900..=2200).contains(&date.year()) => {
            fault(field, "out_of_range", "a year from 1900 to 2200")
        }
        Some(date) => Ok(date),
    }
}

/// What is entered about an allocation at a date; amounts are decimal text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEntry {
    /// When.
    pub as_of: String,
    /// What was promised.
    pub commitment: String,
    /// What was called of it; not reported if absent.
    pub called: Option<String>,
    /// What came back.
    pub distributed: Option<String>,
    /// What the rest is worth.
    pub value: Option<String>,
}

/// A report in the fund's currency. Every fault is noted under `report`.
pub(crate) fn report(
    faults: &mut Faults,
    entered: &ReportEntry,
    currency: Currency,
) -> Option<(Date, Amounts)> {
    let as_of = faults.check(date("report.as_of", &entered.as_of));
    let commitment = faults.check(commitment("report.commitment", &entered.commitment, currency));
    let mut optional = |field: &str, entered: &Option<String>| {
        let read = entered.as_deref().map(|text| amount(field, text, currency)).transpose();
        faults.check(read)
    };
    let called = optional("report.called", &entered.called);
    let distributed = optional("report.distributed", &entered.distributed);
    let value = optional("report.value", &entered.value);
    let amounts = Amounts {
        commitment: commitment?,
        called: called?,
        distributed: distributed?,
        value: value?,
    };
    Some((as_of?, amounts))
}

fn commitment(field: &str, entered: &str, currency: Currency) -> Result<i64, Fault> {
    match amount(field, entered, currency)? {
        minor if minor < 0 => fault(field, "negative_commitment", "a promise is not negative"),
        minor => Ok(minor),
    }
}

/// Minor units of `-123.45`: digits and at most one point, no more decimals than the currency has.
fn amount(field: &str, entered: &str, currency: Currency) -> Result<i64, Fault> {
    let not_a_number = || fault(field, "not_a_number", "a decimal number such as 1234.50");
    let digits = entered.strip_prefix('-').unwrap_or(entered);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(decimals) {
        return not_a_number();
    }
    let exponent = currency.exponent();
    if digits.contains('.') && decimals.len() > exponent as usize {
        let message = format!("{currency} has {exponent} decimals");
        return fault(field, "too_precise", message);
    }
    match Money::parse(entered, currency).map(Money::minor) {
        Ok(minor) if (-AMOUNT_MAX..=AMOUNT_MAX).contains(&minor) => Ok(minor),
        Err(AmountError::NotANumber) => not_a_number(),
        _ => fault(field, "out_of_range", "larger than this system keeps"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, currency: &str) -> Result<i64, &'static str> {
        amount("x", text, currency.parse().unwrap()).map_err(|fault| fault.code)
    }

    #[test]
    fn amounts_are_plain_decimals_within_the_currency() {
        for (text, currency, expected) in [
            ("123.45", "USD", Ok(12_345)),
            ("-0.05", "USD", Ok(-5)),
            ("7", "USD", Ok(700)),
            ("1.5", "USD", Ok(150)),
            ("00012", "JPY", Ok(12)),
            ("1.234", "KWD", Ok(1_234)),
            ("10000000000000.00", "USD", Ok(AMOUNT_MAX)),
            ("10000000000000.01", "USD", Err("out_of_range")),
            ("123456789012345678901234567890", "USD", Err("out_of_range")),
            ("1.0", "JPY", Err("too_precise")),
            ("1.000", "USD", Err("too_precise")),
            ("1e3", "USD", Err("not_a_number")),
            ("NaN", "USD", Err("not_a_number")),
            ("1,234", "USD", Err("not_a_number")),
            ("+1", "USD", Err("not_a_number")),
            (" 1", "USD", Err("not_a_number")),
            ("--1", "USD", Err("not_a_number")),
            ("1.", "USD", Err("not_a_number")),
            (".5", "USD", Err("not_a_number")),
            ("-", "USD", Err("not_a_number")),
            ("", "USD", Err("not_a_number")),
            ("١", "USD", Err("not_a_number")),
        ] {
            assert_eq!(read(text, currency), expected, "{text} {currency}");
        }
        let long = "1".repeat(5_000);
        assert!(read(&long, "USD").is_err());
        assert!(commitment("x", "-1", "USD".parse().unwrap()).is_err());
    }

    #[test]
    fn texts_are_collapsed_and_refused_by_rule() {
        assert_eq!(name("name", "  A\t b ").unwrap().text, "A b");
        assert_eq!(name("name", " \n").unwrap_err().code, "missing");
        assert_eq!(name("name", &"x".repeat(201)).unwrap_err().code, "too_long");
        assert_eq!(name("name", "a\0b").unwrap_err().code, "bad_character");
        assert_eq!(attribute("strategy", Some("  ")), Ok(None));
        assert_eq!(deal_ref("deal_ref", " A 1 ").unwrap(), "A 1");
        assert_eq!(date("as_of", "2025-02-30").unwrap_err().code, "not_a_date");
        assert_eq!(date("as_of", "1899-12-31").unwrap_err().code, "out_of_range");
        assert_eq!(date("as_of", "2025-3-31").unwrap_err().code, "not_a_date");
    }
}
