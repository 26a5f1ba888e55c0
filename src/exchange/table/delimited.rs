//! CSV as it is found: comma, semicolon or tab, UTF-8 or Windows-1252, with and without a byte order mark.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::{Cell, Grid, Line, MOST_COLUMNS, no_table, too_much};
use crate::foundation::problem::Problem;

/// The columns' delimiter: the one of the three that the first line has most of, outside quotes.
pub fn delimiter(start: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b';', 0_usize), (b',', 0), (b'\t', 0)];
    for &byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(*delimiter == byte);
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
    counts.iter().find(|(_, count)| *count == most && most > 0).map_or(b',', |(delimiter, _)| *delimiter)
}

/// How the bytes of a field become text. Both encodings keep ASCII, so a file is split before it is decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decoder {
    /// UTF-8, and what is none as Windows-1252, field by field: for what is too long to look at first.
    ByField,
    /// Windows-1252, which is Latin-1 with quotes and dashes.
    Windows1252,
}

impl Decoder {
    /// The text of a field.
    pub fn text(self, field: &[u8]) -> Cow<'_, str> {
        match (self, std::str::from_utf8(field)) {
            (Self::ByField, Ok(text)) => Cow::Borrowed(text),
            _ => WINDOWS_1252.decode_without_bom_handling(field).0,
        }
    }
}

/// How many lines end in there: with a line feed, a carriage return, or both.
fn lines(bytes: &[u8]) -> usize {
    let ends = |at: usize| match bytes[at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    (0..bytes.len()).filter(|at| ends(*at)).count()
}

pub(super) fn read(bytes: &[u8]) -> Result<Grid, Problem> {
    // UTF-16 is what spreadsheets call "Unicode text".
    let bytes = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => Cow::Owned(encoding.decode(bytes).0.into_owned().into_bytes()),
        None => Cow::Borrowed(bytes),
    };
    if bytes.contains(&0) {
        return Err(no_table());
    }
    let decoder = if std::str::from_utf8(&bytes).is_ok() { Decoder::ByField } else { Decoder::Windows1252 };
    let mut builder = ReaderBuilder::new();
    let builder = builder.delimiter(delimiter(&bytes)).has_headers(false).flexible(true);
    let mut reader = builder.from_reader(&*bytes);
    let (mut rows, mut record) = (Vec::new(), ByteRecord::new());
    // Lines within cells are no rows of a spreadsheet, and empty lines are.
    let (mut line, mut within, mut seen) = (1, 0, 0);
    while reader.read_byte_record(&mut record).map_err(|_| no_table())? {
        let start =
            record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(seen);
        let blank = bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += lines(&bytes[seen..start + blank]);
        seen = start + blank;
        let number = line - within;
        within += record.iter().map(lines).sum::<usize>();
        let mut fields = record.iter().map(|field| Cell::text(&decoder.text(field)));
        let cells = fields.by_ref().take(MOST_COLUMNS).collect();
        if fields.any(|cell| cell != Cell::Empty) {
            return Err(too_much("too-many-columns", MOST_COLUMNS));
        }
        Grid::push(&mut rows, Line { number, cells })?;
    }
    Ok(Grid::of(rows))
}
