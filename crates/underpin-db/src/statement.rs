//! SQL as named constants.

use tokio_postgres::types::Type;

/// One SQL statement with its name and types; declared by [`statements!`](crate::statements!), never built at run time.
///
/// Types are built-in ones only: a look-up of any other type would run on the same connection inside a pipeline.
#[derive(Debug)]
pub struct Statement {
    /// Name in traces, metrics and errors, for example `funds.find_fund`.
    pub name: &'static str,
    /// The SQL text with `$1 …` parameters.
    pub sql: &'static str,
    /// Types of the parameters.
    pub params: &'static [Type],
    /// Types of the columns; a test compares them with what the server says.
    pub columns: &'static [Type],
}

impl Statement {
    /// A number for the SQL text, the same in every build: FNV-1a.
    pub fn fingerprint(&self) -> u64 {
        self.sql.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    /// Why it may read a table whole, if its author says so in its text: `/* reads all: <reason> */`.
    pub fn reads_all(&self) -> Option<&'static str> {
        let (_, rest) = self.sql.split_once("/* reads all: ")?;
        let (reason, _) = rest.split_once(" */")?;
        (!reason.is_empty()).then_some(reason)
    }
}

/// Declare the statements of one store file, and the list `ALL` of them.
///
/// ```
/// underpin_db::statements! {
///     /// One, as an integer.
///     pub(crate) ONE: "example.one" () -> (INT4) = "select 1";
///     /// Adds one to a number.
///     pub(crate) INCREMENT: "example.increment" (INT8) -> (INT8) = "select $1 + 1";
/// }
/// assert_eq!(ALL.len(), 2);
/// # let _ = (&ONE, &INCREMENT);
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $vis:vis $name:ident: $label:literal ($($param:ident),* $(,)?) -> ($($column:ident),* $(,)?) = $sql:expr;)+) => {
        $(
            $(#[$meta])*
            $vis static $name: $crate::Statement = $crate::Statement {
                name: $label,
                sql: $sql,
                params: &[$($crate::Type::$param),*],
                columns: &[$($crate::Type::$column),*],
            };
        )+
        /// Every statement of this file.
        pub(crate) static ALL: &[&$crate::Statement] = &[$(&$name),+];
    };
}
