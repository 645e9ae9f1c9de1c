//! The words of the module: ids, amounts, a row of a file.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use underpin::base::{Currency, id};

id! {
    /// A fund.
    pub FundId
}
id! {
    /// Who invests: an institution or a person.
    pub InvestorId
}
id! {
    /// A promise of an investor to a fund.
    pub AllocationId
}
id! {
    /// A file of position reports and what became of it.
    pub ImportId
}

/// Largest amount of one report, in minor units: 10^15. Sums of 10^23 such reports still fit the arithmetic.
pub(crate) const AMOUNT_MAX: i64 = 1_000_000_000_000_000;
/// Longest name, strategy or manager, in characters.
pub(crate) const TEXT_MAX: usize = 200;

/// What is to become of a field: absent from a change it stays, null clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// As it is.
    #[default]
    Keep,
    /// To nothing.
    Clear,
    /// To this.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the change names the field.
    pub(crate) const fn is_given(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// What the field is after the change.
    pub(crate) const fn over<'a>(&'a self, before: Option<&'a T>) -> Option<&'a T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// What a report says, in minor units. "Not reported" is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    /// What was promised.
    pub commitment: i64,
    /// What was called of it; may exceed it in the real world.
    pub called: Option<i64>,
    /// What came back.
    pub distributed: Option<i64>,
    /// What the rest is worth.
    pub value: Option<i64>,
}

/// A name and the key under which it is the same; shared between the rows that carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As shown.
    pub text: String,
    /// As compared.
    pub key: String,
}

/// One good row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: i64,
    /// Who invests.
    pub investor: Arc<Name>,
    /// In what.
    pub fund: Arc<Name>,
    /// When.
    pub as_of: Date,
    /// Of the row, or of the import where the row names none.
    pub currency: Currency,
    /// What is reported.
    pub amounts: Amounts,
    /// Year of the fund's first investment.
    pub vintage: Option<i32>,
    /// Kind of investment.
    pub strategy: Option<Arc<str>>,
    /// Who runs the fund.
    pub manager: Option<Arc<str>>,
}

impl Row {
    /// The code of the row's currency.
    pub(crate) fn currency_code(&self) -> &str {
        self.currency.code()
    }
}
