//! Which column means what.

use csv::StringRecord;

use super::FileError;

/// Most columns that a file may have.
pub(super) const COLUMNS_MAX: usize = 200;

/// A column of amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AmountColumn {
    pub(super) index: usize,
    /// Ten to this is the unit: 0, or 6 for millions (`_mm`).
    pub(super) power: i32,
}

/// Where each field stands in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    pub(super) investor: usize,
    pub(super) fund: usize,
    pub(super) as_of: usize,
    pub(super) commitment: AmountColumn,
    pub(super) called: Option<AmountColumn>,
    pub(super) distributed: Option<AmountColumn>,
    pub(super) value: Option<AmountColumn>,
    pub(super) currency: Option<usize>,
    pub(super) vintage: Option<usize>,
    pub(super) strategy: Option<usize>,
    pub(super) manager: Option<usize>,
}

/// Names under which each field is known: the first is ours.
const ALIASES: &[(&str, &[&str])] = &[
    ("investor", &["investor", "investor_name", "pension_fund_name"]),
    ("fund", &["fund", "fund_name"]),
    ("as_of", &["as_of", "as_of_date", "date"]),
    ("commitment", &["commitment", "commitment_mm"]),
    ("called", &["called", "called_mm", "capital_called_mm"]),
    ("distributed", &["distributed", "distributed_mm", "capital_distributed_mm"]),
    ("value", &["value", "value_mm", "remaining_value_mm"]),
    ("currency", &["currency"]),
    ("vintage", &["vintage", "vintage_year"]),
    ("strategy", &["strategy", "asset_class"]),
    ("manager", &["manager", "general_partner"]),
];

/// Fields that every file has.
const REQUIRED: &[&str] = &["investor", "fund", "as_of", "commitment"];

impl Header {
    /// Read the first row. Columns that mean nothing to us are passed over.
    pub(super) fn read(row: &StringRecord) -> Result<Self, FileError> {
        if row.len() > COLUMNS_MAX {
            return Err(FileError::TooManyColumns(row.len()));
        }
        let names: Vec<String> = row.iter().map(|name| name.trim().to_lowercase()).collect();
        let find = |field: &str| find(&names, field);
        let missing: Vec<&str> = REQUIRED.iter().copied().filter(|f| find(f) == Ok(None)).collect();
        if missing.len() == REQUIRED.len() && row.len() == 1 {
            return Err(FileError::NotCsv(guess(&names[0])));
        }
        if !missing.is_empty() {
            return Err(FileError::HeaderMissing(missing.join(", ")));
        }
        let required = |field| find(field).map(|column| column.expect("looked for above"));
        let amount = |index: usize| AmountColumn {
            index,
            power: if names[index].ends_with("_mm") { 6 } else { 0 },
        };
        Ok(Self {
            investor: required("investor")?,
            fund: required("fund")?,
            as_of: required("as_of")?,
            commitment: amount(required("commitment")?),
            called: find("called")?.map(amount),
            distributed: find("distributed")?.map(amount),
            value: find("value")?.map(amount),
            currency: find("currency")?,
            vintage: find("vintage")?,
            strategy: find("strategy")?,
            manager: find("manager")?,
            names: names.clone(),
        })
    }

    /// Whether a row further down is the header again.
    pub(super) fn is_repeated_by(&self, row: &StringRecord) -> bool {
        row.len() == self.names.len()
            && row.iter().zip(&self.names).all(|(cell, name)| cell.trim().to_lowercase() == *name)
    }
}

fn find(names: &[String], field: &str) -> Result<Option<usize>, FileError> {
    let aliases = ALIASES.iter().find(|(ours, _)| *ours == field).map_or(&[][..], |(_, all)| *all);
    let mut columns = names.iter().enumerate().filter(|(_, name)| aliases.contains(&name.as_str()));
    let Some((index, first)) = columns.next() else { return Ok(None) };
    match columns.next() {
        None => Ok(Some(index)),
        Some((_, second)) => Err(FileError::HeaderTwice(format!(
            "two columns mean {field}: {first:?} and {second:?}"
        ))),
    }
}

fn guess(line: &str) -> &'static str {
    if line.contains(';') {
        "separated by semicolons"
    } else if line.contains('\t') {
        "separated by tabs"
    } else {
        "one column without a known name"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Header, &'static str> {
        let row: StringRecord = line.split(',').collect();
        Header::read(&row).map_err(|error| error.code())
    }

    #[test]
    fn columns_are_known_by_any_of_their_names_in_any_order() {
        let header = read("As_Of_Date,x, Fund ,INVESTOR_NAME,called_mm,commitment").unwrap();
        assert_eq!((header.as_of, header.fund, header.investor), (0, 2, 3));
        assert_eq!(header.commitment, AmountColumn { index: 5, power: 0 });
        assert_eq!(header.called, Some(AmountColumn { index: 4, power: 6 }));
        assert_eq!(header.value, None);
    }

    #[test]
    fn headers_that_cannot_be_meant_are_named() {
        assert_eq!(read("investor,fund,as_of"), Err("header_missing"));
        assert_eq!(read("a,b,c"), Err("header_missing"));
        assert_eq!(read("investor;fund;as_of;commitment"), Err("not_csv"));
        assert_eq!(read("investor,fund,as_of,commitment,commitment_mm"), Err("header_twice"));
        assert_eq!(read("investor,fund,as_of,commitment,fund"), Err("header_twice"));
        assert_eq!(read(&"x,".repeat(200)), Err("too_many_columns"));
    }
}
