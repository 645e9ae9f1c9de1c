//! Keyset pages: a list is read from where the last page ended, never by offset.

use std::fmt::Write as _;

use serde::Serialize;

/// Rows of a page when the request does not say.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most rows that one page may have.
pub const LIMIT_MAX: u32 = 200;

/// One page of a list, as it leaves in JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; absent on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Build a page from `limit + 1` rows: the surplus row only proves that there is a next page.
    pub fn from_surplus(mut rows: Vec<T>, limit: u32, cursor: impl FnOnce(&T) -> Cursor) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }

    /// The same page with each row turned into another shape.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next: self.next }
    }
}

/// What a client asks of a list.
#[derive(Debug, Clone, Default)]
pub struct PageQuery {
    /// 1 to [`LIMIT_MAX`].
    pub limit: u32,
    /// Where to go on.
    pub cursor: Option<Cursor>,
}

impl PageQuery {
    /// Where the last page of `list` ended, for lists that are sorted by one key alone.
    ///
    /// Errors: [`BadCursor`] if the cursor is of another list or holds no `T`.
    pub fn after<T: std::str::FromStr>(&self, list: &str) -> Result<Option<T>, BadCursor> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let [text] = cursor.parts(list)?;
        text.parse().map(Some).map_err(|_| BadCursor)
    }

    /// How many rows to read: one more than the page has, to know whether there is a next.
    pub fn surplus(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// A cursor that this list did not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cursor was not given by this list")]
pub struct BadCursor;

/// Where a page ended: the sort key of its last row, bound to the list (tenant, route, sort) that gave it.
///
/// It is opaque to clients. It carries no secret and no right: row level security decides what the next page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Longest accepted text, in bytes.
    const TEXT_MAX: usize = 2_048;

    /// Make a cursor for `list` (tenant, route and sort order in one text) from the parts of a row's sort key.
    pub fn new(list: &str, parts: &[&str]) -> Self {
        let mut text = format!("{:016x}", fingerprint(list));
        for part in parts {
            text.push('.');
            for byte in part.bytes() {
                if byte.is_ascii_alphanumeric() || byte == b'-' {
                    text.push(char::from(byte));
                } else {
                    let _ = write!(text, "_{byte:02x}");
                }
            }
        }
        Self(text)
    }

    /// The `N` parts that [`Cursor::new`] was given, if it was given for this very list.
    pub fn parts<const N: usize>(&self, list: &str) -> Result<[String; N], BadCursor> {
        let mut fields = self.0.split('.');
        let expected = format!("{:016x}", fingerprint(list));
        if fields.next() != Some(expected.as_str()) {
            return Err(BadCursor);
        }
        let parts = fields.map(unescape).collect::<Result<Vec<_>, _>>()?;
        parts.try_into().map_err(|_| BadCursor)
    }
}

impl std::str::FromStr for Cursor {
    type Err = BadCursor;
    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > Self::TEXT_MAX || !text.bytes().all(plain) {
            return Err(BadCursor);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// FNV-1a: enough to tell lists apart; a forged match gains nothing (see [`Cursor`]).
fn fingerprint(list: &str) -> u64 {
    list.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn unescape(part: &str) -> Result<String, BadCursor> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'_' {
            let hex = tail.get(..2).and_then(|h| std::str::from_utf8(h).ok()).ok_or(BadCursor)?;
            bytes.push(u8::from_str_radix(hex, 16).map_err(|_| BadCursor)?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).map_err(|_| BadCursor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_gives_back_its_parts_to_its_own_list_only(a in ".{0,40}", b in ".{0,40}") {
            let cursor: Cursor = Cursor::new("t1 funds name", &[&a, &b]).to_string().parse().unwrap();
            prop_assert_eq!(cursor.parts::<2>("t1 funds name"), Ok([a, b]));
            prop_assert_eq!(cursor.parts::<2>("t2 funds name"), Err(BadCursor));
            prop_assert_eq!(cursor.parts::<3>("t1 funds name"), Err(BadCursor));
        }

        #[test]
        fn any_text_is_a_cursor_or_refused_without_panic(text in ".{0,80}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                let _ = cursor.parts::<1>("x");
            }
        }
    }

    #[test]
    fn the_surplus_row_only_proves_the_next_page() {
        let page =
            Page::from_surplus(vec![1, 2, 3], 2, |last| Cursor::new("n", &[&last.to_string()]));
        assert_eq!(page.items, [1, 2]);
        assert_eq!(page.next.unwrap().parts::<1>("n").unwrap(), ["2"]);
        assert!(Page::from_surplus(vec![1, 2], 2, |_| Cursor::new("n", &[])).next.is_none());
    }
}
