//! A file, chunk by chunk, from any record boundary.

use std::{
    io::{self, Read},
    rc::Rc,
};

use csv::{ReaderBuilder, StringRecord};
use serde::{Deserialize, Serialize};
use underpin::base::Currency;

use super::{
    FileError, Finding,
    cells::Cells,
    header::Header,
    limited::{BoundReached, Limited, Window},
};
use crate::model::Row;

/// Longest row, in bytes.
const ROW_BYTES_MAX: u64 = 1 << 20;
/// Rows of the first chunk, unless the largest is smaller.
const ROWS_FIRST: usize = 250;
/// A chunk of longer rows ends earlier, and so does one in which much is wrong: what is in memory stays bounded.
const CHUNK_BYTES_MAX: u64 = 2 << 20;
const CHUNK_FINDINGS_MAX: usize = 5_000;
/// What the CSV reader reads ahead, in bytes.
const BUFFER_BYTES: usize = 64 << 10;

/// A boundary between two rows of a file: where a reader can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Bytes before it.
    pub offset: u64,
    /// Line breaks before it.
    pub lines: u64,
}

impl Place {
    /// Before the first byte.
    pub const START: Self = Self { offset: 0, lines: 0 };
}

/// Some rows of a file, and where the next begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Good rows, in the file's order.
    pub rows: Vec<Row>,
    /// What is wrong with the others, in the file's order.
    pub findings: Vec<Finding>,
    /// Rows read, good or not.
    pub read: i64,
    /// Where the next chunk begins.
    pub end: Place,
}

/// Either half of what can go wrong while reading.
pub type ReadResult<T> = io::Result<Result<T, FileError>>;

/// The columns of a file, which its first row names.
#[derive(Debug, Clone)]
pub struct Columns(Header);

impl Columns {
    /// Read the first row; the place is where the second begins.
    pub fn read(file: impl Read) -> ReadResult<(Self, Place)> {
        let mut source = Source::new(file, Place::START);
        let mut row = StringRecord::new();
        Ok(match source.next(&mut row)? {
            Err(error) => Err(error),
            Ok(None) => Err(FileError::EmptyFile),
            Ok(Some(_)) => Header::read(&row).map(|header| (Self(header), source.place())),
        })
    }
}

/// Reads a file chunk by chunk, in constant memory: no row, cell or name can make it grow past its bounds.
pub struct Chunks<R> {
    source: Source<R>,
    cells: Cells,
    row: StringRecord,
    /// Rows of the next chunk, and of the largest.
    rows: usize,
    rows_max: usize,
}

impl<R> std::fmt::Debug for Chunks<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunks").field("start", &self.source.start).finish_non_exhaustive()
    }
}

impl<R: Read> Chunks<R> {
    /// Go on at `place` with `file`, which stands there; `currency` is that of rows that name none.
    pub fn new(
        file: R,
        place: Place,
        columns: Columns,
        currency: Currency,
        rows_max: usize,
    ) -> Self {
        let cells = Cells::new(columns.0, currency);
        let source = Source::new(file, place);
        Self { source, cells, row: StringRecord::new(), rows: ROWS_FIRST.min(rows_max), rows_max }
    }

    /// The next chunk; none at the end. The first is small, so that a person soon sees something, and each is twice the one before,
    /// up to `rows_max`, so that a large file pays for few commits.
    pub fn next_chunk(&mut self) -> ReadResult<Option<Chunk>> {
        let rows_wanted = self.rows;
        self.rows = (rows_wanted * 2).min(self.rows_max);
        let (mut rows, mut findings, mut read) = (Vec::with_capacity(rows_wanted), Vec::new(), 0);
        let bytes_end = self.source.place().offset + CHUNK_BYTES_MAX;
        while read < rows_wanted as i64
            && findings.len() < CHUNK_FINDINGS_MAX
            && self.source.place().offset < bytes_end
        {
            let line = match self.source.next(&mut self.row)? {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            };
            if self.cells.header().is_repeated_by(&self.row) {
                let message = format!("the header comes again on line {line}");
                return Ok(Err(FileError::HeaderTwice(message)));
            }
            read += 1;
            rows.extend(self.cells.read(&self.row, line, &mut findings));
        }
        let end = self.source.place();
        Ok(Ok((read > 0).then_some(Chunk { rows, findings, read, end })))
    }
}

/// Rows of text, each within its bound.
struct Source<R> {
    csv: csv::Reader<Limited<R>>,
    window: Rc<Window>,
    start: Place,
    /// The line after the last row's end.
    next_line: i64,
}

impl<R: Read> Source<R> {
    fn new(file: R, start: Place) -> Self {
        let window = Rc::new(Window::default());
        let csv = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(Limited::new(file, Rc::clone(&window)));
        Self { csv, window, start, next_line: start.lines as i64 + 1 }
    }

    /// Read the next row; gives the line on which it begins.
    fn next(&mut self, row: &mut StringRecord) -> ReadResult<Option<i64>> {
        let before = self.csv.position().byte();
        self.window.set_bound(before + ROW_BYTES_MAX + BUFFER_BYTES as u64);
        match self.csv.read_record(row) {
            Ok(false) => Ok(Ok(None)),
            Ok(true) => {
                let line = self.line(row);
                if self.csv.position().byte() - before > ROW_BYTES_MAX {
                    return Ok(Err(FileError::RowTooLong(line)));
                }
                Ok(Ok(Some(line)))
            }
            Err(error) => self.refuse(error),
        }
    }

    /// The line on which the row begins that was just read.
    ///
    /// The reader counts line feeds it has passed. After a row that ends with CR LF it stands between the two, so its count says where
    /// the next row is only after a plain LF; and blank lines before a row count as the row's. So we count back from the row's end.
    fn line(&mut self, row: &StringRecord) -> i64 {
        let position = self.csv.position();
        let passed = (self.start.lines + position.line()) as i64;
        let last = position.byte().checked_sub(1).and_then(|byte| self.window.byte_at(byte));
        let end = if last == Some(b'\n') { passed - 1 } else { passed };
        let before = std::mem::replace(&mut self.next_line, end + 1);
        if end == before {
            return end;
        }
        let within = row.as_slice().bytes().filter(|byte| *byte == b'\n').count();
        end - within as i64
    }

    fn refuse<T>(&self, error: csv::Error) -> ReadResult<T> {
        match error.into_kind() {
            csv::ErrorKind::Io(error) if is_bound(&error) => {
                Ok(Err(FileError::RowTooLong(self.next_line)))
            }
            csv::ErrorKind::Io(error) => Err(error),
            csv::ErrorKind::Utf8 { pos, .. } => {
                let offset = pos.map_or(0, |pos| pos.byte());
                Ok(Err(FileError::NotUtf8(self.start.offset + offset)))
            }
            other => Err(io::Error::other(format!("{other:?}"))),
        }
    }

    /// Where the next row begins.
    fn place(&self) -> Place {
        let position = self.csv.position();
        Place {
            offset: self.start.offset + position.byte(),
            lines: self.start.lines + position.line() - 1,
        }
    }
}

fn is_bound(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<BoundReached>)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::Code;

    const HEADER: &str = "investor,fund,as_of,commitment_mm,called_mm,note";

    fn usd() -> Currency {
        "USD".parse().unwrap()
    }

    /// All chunks of a file, each read by a new reader that begins where the last chunk ended.
    fn resumed(file: &[u8], rows_max: usize) -> Result<Vec<Chunk>, FileError> {
        let (columns, mut place) = Columns::read(file).unwrap()?;
        let mut all = Vec::new();
        loop {
            let rest = &file[place.offset as usize..];
            let mut chunks = Chunks::new(rest, place, columns.clone(), usd(), rows_max);
            match chunks.next_chunk().unwrap()? {
                None => return Ok(all),
                Some(chunk) => {
                    place = chunk.end;
                    all.push(chunk);
                }
            }
        }
    }

    fn at_once(file: &[u8]) -> Result<Chunk, FileError> {
        let mut chunks = resumed(file, 1_000_000)?;
        assert_eq!(chunks.len(), 1);
        Ok(chunks.remove(0))
    }

    #[test]
    fn quoted_commas_and_line_breaks_crlf_bom_and_empty_cells_are_read() {
        let file = format!(
            "\u{feff}{HEADER}\r\n\"A, B\",\"F\r\nI\",2025-03-31,24.096353999999998,,\r\n\r\nA,G,2025-03-31,-0.0,-9.531234,\r\n"
        );
        let chunk = at_once(file.as_bytes()).unwrap();
        assert_eq!(chunk.findings, []);
        let [first, second] = &chunk.rows[..] else { panic!("{chunk:?}") };
        assert_eq!((first.investor.text.as_str(), first.fund.text.as_str()), ("A, B", "F I"));
        assert_eq!((first.amounts.commitment, first.amounts.called), (2_409_635_400, None));
        assert_eq!((second.amounts.commitment, second.amounts.called), (0, Some(-953_123_400)));
        assert_eq!((first.line, second.line), (2, 5));
        assert_eq!(chunk.end.offset, file.len() as u64);
    }

    #[test]
    fn each_bad_cell_is_a_finding_of_its_line_and_column() {
        let file = format!(
            "{HEADER}\n,F,2025-3-31,x,1e30,\nA,F,2025-02-29,-1,,\nA,F,2025-03-31,,,\nA,F\nA,F,0001-01-01,1,,\n"
        );
        let chunk = at_once(file.as_bytes()).unwrap();
        assert_eq!((chunk.rows.len(), chunk.read), (0, 5));
        let found: Vec<_> = chunk.findings.iter().map(|f| (f.line, &*f.column, f.code)).collect();
        let expected = [
            (2, "investor", Code::Missing),
            (2, "as_of", Code::NotADate),
            (2, "commitment_mm", Code::NotANumber),
            (2, "called_mm", Code::OutOfRange),
            (3, "as_of", Code::NotADate),
            (3, "commitment_mm", Code::NegativeCommitment),
            (4, "commitment_mm", Code::Missing),
            (5, "", Code::WrongWidth),
            (6, "as_of", Code::OutOfRange),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_row_without_an_end_is_refused_with_flat_memory() {
        struct Endless(u64);
        impl Read for Endless {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                assert!(self.0 < ROW_BYTES_MAX + 4 * BUFFER_BYTES as u64, "read on past the bound");
                out.fill(b'x');
                self.0 += out.len() as u64;
                Ok(out.len())
            }
        }
        let start = format!("{HEADER}\nA,\"");
        let file = || start.as_bytes().chain(Endless(0));
        let (columns, place) = Columns::read(file()).unwrap().unwrap();
        let mut rest = file();
        io::copy(&mut (&mut rest).take(place.offset), &mut io::sink()).unwrap();
        let refused = Chunks::new(rest, place, columns, usd(), 10).next_chunk().unwrap();
        assert_eq!(refused, Err(FileError::RowTooLong(2)));
    }

    #[test]
    fn a_header_that_comes_again_is_refused() {
        let file = format!("{HEADER}\nA,F,2025-03-31,1,,\n{HEADER}\n");
        assert_eq!(resumed(file.as_bytes(), 1).unwrap_err().code(), "header_twice");
        assert!(at_once(format!("{HEADER}\n").as_bytes().repeat(2).as_slice()).is_err());
    }

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-zé ]{0,8}",
            "[0-9]{1,4}-[0-9]{2}-[0-9]{2}",
            "-?[0-9]{1,9}(\\.[0-9]{0,17})?",
            "[,\"\r\n a]{0,6}",
        ]
    }

    fn file() -> impl Strategy<Value = String> {
        let row = prop::collection::vec(cell(), 4..8);
        (prop::collection::vec(row, 0..20), any::<bool>(), any::<bool>()).prop_map(
            |(rows, crlf, bom)| {
                let end = if crlf { "\r\n" } else { "\n" };
                let mut text = format!("{}{HEADER}{end}", if bom { "\u{feff}" } else { "" });
                for row in rows {
                    let cells: Vec<String> =
                        row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
                    text.push_str(&cells.join(","));
                    text.push_str(end);
                }
                text
            },
        )
    }

    proptest! {
        #[test]
        fn a_file_read_in_pieces_gives_what_it_gives_at_once(file in file(), rows_max in 1_usize..5) {
            let pieces = resumed(file.as_bytes(), rows_max).unwrap();
            let whole = resumed(file.as_bytes(), 1_000).unwrap();
            let rows = |chunks: &[Chunk]| chunks.iter().flat_map(|c| c.rows.clone()).collect::<Vec<_>>();
            let found = |chunks: &[Chunk]| chunks.iter().flat_map(|c| c.findings.clone()).collect::<Vec<_>>();
            prop_assert_eq!(rows(&pieces), rows(&whole));
            prop_assert_eq!(found(&pieces), found(&whole));
            let read: i64 = pieces.iter().map(|c| c.read).sum();
            prop_assert_eq!(read, whole.iter().map(|c| c.read).sum::<i64>());
        }

        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut file = format!("{HEADER}\n").into_bytes();
            file.extend(bytes);
            let _ = crate::import::scan(&file[..]).unwrap();
            let _ = resumed(&file, 3);
        }
    }
}
