//! What is wrong with a row, or with a whole file.

/// Whether the row was refused or only noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The row was refused.
    Error,
    /// The row was applied, but something else in it was not.
    Warning,
}

impl Severity {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What is wrong with a cell or a row; docs/api.md has the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is explained by its message")]
pub enum Code {
    Missing,
    NotANumber,
    OutOfRange,
    NotADate,
    NotAYear,
    NotACurrency,
    TooLong,
    WrongWidth,
    DuplicateRow,
    CurrencyConflict,
    NegativeCommitment,
    VintageConflict,
    StrategyConflict,
    ManagerConflict,
}

impl Code {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotANumber => "not_a_number",
            Self::OutOfRange => "out_of_range",
            Self::NotADate => "not_a_date",
            Self::NotAYear => "not_a_year",
            Self::NotACurrency => "not_a_currency",
            Self::TooLong => "too_long",
            Self::WrongWidth => "wrong_width",
            Self::DuplicateRow => "duplicate_row",
            Self::CurrencyConflict => "currency_conflict",
            Self::NegativeCommitment => "negative_commitment",
            Self::VintageConflict => "vintage_conflict",
            Self::StrategyConflict => "strategy_conflict",
            Self::ManagerConflict => "manager_conflict",
        }
    }

    /// Conflicts of an attribute leave the row standing; everything else refuses it.
    pub const fn severity(self) -> Severity {
        match self {
            Self::VintageConflict | Self::StrategyConflict | Self::ManagerConflict => {
                Severity::Warning
            }
            _ => Severity::Error,
        }
    }
}

/// Longest value that a finding quotes, in characters.
const VALUE_MAX: usize = 200;

/// One thing that is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line on which the row begins, from 1.
    pub line: i64,
    /// The column as the file calls it; empty for the whole row.
    pub column: String,
    /// What is wrong.
    pub code: Code,
    /// The cell, cut after 200 characters.
    pub value: String,
    /// What is wrong, for a person.
    pub message: String,
}

impl Finding {
    pub(crate) fn new(line: i64, column: &str, code: Code, value: &str, message: String) -> Self {
        let value = value.chars().take(VALUE_MAX).collect();
        Self { line, column: column.to_owned(), code, value, message }
    }
}

/// Why a whole file is refused. What earlier chunks applied stays; the same file, mended, can be imported again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Some bytes are no UTF-8.
    #[error("byte {0} is not UTF-8; save the file as \"CSV UTF-8\"")]
    NotUtf8(u64),
    /// It is something else than CSV.
    #[error("this is {0}, not comma-separated values")]
    NotCsv(&'static str),
    /// The first line does not name the columns.
    #[error("the first line must name the columns; missing: {0}")]
    HeaderMissing(String),
    /// Two columns mean the same, or the header comes again further down.
    #[error("{0}")]
    HeaderTwice(String),
    /// More columns than are looked at.
    #[error("{0} columns; at most {max} are allowed", max = super::header::COLUMNS_MAX)]
    TooManyColumns(usize),
    /// A row that does not end.
    #[error("the row that begins on line {0} is longer than 1 MiB; is a quote not closed?")]
    RowTooLong(i64),
    /// Nothing in it.
    #[error("the file is empty")]
    EmptyFile,
}

impl FileError {
    /// The stable name.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8(_) => "not_utf8",
            Self::NotCsv(_) => "not_csv",
            Self::HeaderMissing(_) => "header_missing",
            Self::HeaderTwice(_) => "header_twice",
            Self::TooManyColumns(_) => "too_many_columns",
            Self::RowTooLong(_) => "row_too_long",
            Self::EmptyFile => "empty_file",
        }
    }
}
