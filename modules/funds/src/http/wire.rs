//! Shapes that several endpoints answer with.

use jiff::civil::Date;
use serde::Serialize;
use underpin::{
    base::Currency,
    http::{Api, Problem},
};
use utoipa::ToSchema;

use crate::{
    Sums, Total,
    rules::{dates, multiples::multiple},
};

/// An exact amount of a currency. A sum over many reports may pass what one amount can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Money {
    /// For example `-1234.50`; as many decimals as the currency has.
    #[schema(example = "1234.50")]
    amount: String,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
}

impl Money {
    pub(super) fn new(minor: i128, code: &str) -> Self {
        let exponent = code.parse::<Currency>().map_or(2, Currency::exponent);
        let (unit, size) = (10_u128.pow(exponent), minor.unsigned_abs());
        let sign = if minor < 0 { "-" } else { "" };
        let amount = match exponent {
            0 => format!("{sign}{size}"),
            _ => {
                format!("{sign}{}.{:0width$}", size / unit, size % unit, width = exponent as usize)
            }
        };
        Self { amount, currency: code.to_owned() }
    }
}

/// A thing by name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Named {
    #[schema(format = Uuid)]
    pub(super) id: String,
    pub(super) name: String,
}

/// What was promised, called, given back, and what the rest is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Positions {
    committed: Money,
    called: Money,
    distributed: Money,
    value: Money,
    /// Committed − called as reported; negative where more was called than promised.
    unfunded: Money,
    /// (distributed + value) / called, four decimals; null when nothing is called.
    #[schema(required, example = "1.4200")]
    tvpi: Option<String>,
    /// distributed / called.
    #[schema(required)]
    dpi: Option<String>,
    /// value / called.
    #[schema(required)]
    rvpi: Option<String>,
}

impl Positions {
    pub(super) fn new(sums: &Sums, currency: &str) -> Self {
        let Sums { committed, called, distributed, value } = *sums;
        let money = |minor| Money::new(minor, currency);
        Self {
            committed: money(committed),
            called: money(called),
            distributed: money(distributed),
            value: money(value),
            unfunded: money(committed - called),
            tvpi: multiple(distributed + value, called),
            dpi: multiple(distributed, called),
            rvpi: multiple(value, called),
        }
    }
}

/// One total per currency, and the total if there is one currency.
pub(super) fn totals(totals: &[Total]) -> (Option<Positions>, Vec<Positions>) {
    let all: Vec<_> =
        totals.iter().map(|total| Positions::new(&total.sums, &total.currency)).collect();
    let one = if let [one] = &all[..] { Some(one.clone()) } else { None };
    (one, all)
}

/// The date that reports are counted up to: the one asked for, or today in UTC.
pub(super) fn as_of(api: &Api, asked: Option<&str>) -> Result<Date, Problem> {
    let Some(text) = asked else {
        return Ok(api.now().to_zoned(jiff::tz::TimeZone::UTC).date());
    };
    dates::parse(text)
        .ok_or_else(|| Problem::field("as_of", "not_a_date", "a date is written 2025-03-31"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency_and_no_bound() {
        let text = |minor, code| Money::new(minor, code).amount;
        assert_eq!(text(-5, "USD"), "-0.05");
        assert_eq!(text(1_234, "JPY"), "1234");
        assert_eq!(text(1_234, "KWD"), "1.234");
        assert_eq!(text(i128::from(i64::MAX) * 100, "USD"), "9223372036854775807.00");
    }

    #[test]
    fn unfunded_is_not_clamped_and_multiples_need_something_called() {
        let sums = Sums { committed: 100, called: 150, distributed: 30, value: 180 };
        let positions = Positions::new(&sums, "USD");
        assert_eq!(positions.unfunded.amount, "-0.50");
        assert_eq!(positions.tvpi.as_deref(), Some("1.4000"));
        let nothing = Positions::new(&Sums { called: 0, ..sums }, "USD");
        assert_eq!((nothing.tvpi, nothing.dpi, nothing.rvpi), (None, None, None));
    }
}
