//! Cuts the text of a CSV file (RFC 4180) into rows of cells.
//!
//! A parser of our own, because findings need what others do not give: the line of the file on which a
//! row begins, whatever ends lines and whatever stands between; where a quote is left open; and memory
//! that stays bounded for a row of a thousand million commas.

use std::borrow::Cow;

use super::row::MAX_COLUMNS;

/// So many cells of a row are kept; no table has as many columns. The others are counted.
const KEPT: usize = 4 * MAX_COLUMNS;

/// What there is to say of a row besides its cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// How many cells it has, kept or not.
    pub(super) cells: usize,
    /// A quote is open at the end of the file.
    pub(super) unclosed: bool,
    /// A cell goes on after its closing quote.
    pub(super) trailing: bool,
}

/// A text and how far it has been cut.
#[derive(Debug)]
pub(super) struct Cutter<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Cutter<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The next row that is not empty. Its cells replace those given.
    pub(super) fn next(&mut self, cells: &mut Vec<Cow<'a, str>>) -> Option<Head> {
        cells.clear();
        while self.line_ends() {}
        self.peek()?;
        let mut head = Head { line: self.line, cells: 0, unclosed: false, trailing: false };
        loop {
            let cell =
                if self.peek() == Some(b'"') { self.quoted(&mut head) } else { Cow::Borrowed(self.plain()) };
            head.cells += 1;
            if cells.len() < KEPT {
                cells.push(cell);
            }
            if self.peek() == Some(b',') {
                self.at += 1;
            } else {
                // Here stands the end of the line, or of the text.
                self.line_ends();
                return Some(head);
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over one end of a line: LF, CR LF or CR.
    fn line_ends(&mut self) -> bool {
        let length = match (self.peek(), self.text.as_bytes().get(self.at + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => return false,
        };
        self.at += length;
        self.line += 1;
        true
    }

    /// Everything up to the next comma or end of line.
    fn plain(&mut self) -> &'a str {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let length = rest.iter().position(|b| matches!(b, b',' | b'\n' | b'\r')).unwrap_or(rest.len());
        self.at = start + length;
        // Cut at ASCII only, so these are boundaries of characters.
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// A cell in quotes. A doubled quote stands for one.
    fn quoted(&mut self, head: &mut Head) -> Cow<'a, str> {
        let mut cell = Cow::Borrowed("");
        loop {
            // Behind an opening quote, or behind the second one of a doubled quote.
            self.at += 1;
            let start = self.at;
            while self.peek().is_some_and(|b| b != b'"') {
                if !self.line_ends() {
                    self.at += 1;
                }
            }
            append(&mut cell, self.text.get(start..self.at).unwrap_or_default());
            if self.peek().is_none() {
                head.unclosed = true;
                return cell;
            }
            self.at += 1;
            if self.peek() != Some(b'"') {
                break;
            }
            append(&mut cell, "\"");
        }
        head.trailing |= !self.plain().trim().is_empty();
        cell
    }
}

/// Borrows what is whole, and copies what must be put together.
fn append<'a>(cell: &mut Cow<'a, str>, piece: &'a str) {
    if cell.is_empty() {
        *cell = Cow::Borrowed(piece);
    } else {
        cell.to_mut().push_str(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut cutter = Cutter::new(text);
        let mut cells = Vec::new();
        let mut rows = Vec::new();
        while let Some(head) = cutter.next(&mut cells) {
            assert!(!head.unclosed && !head.trailing, "{text:?}");
            rows.push((head.line, cells.iter().map(ToString::to_string).collect()));
        }
        rows
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        let expected = [row(2, &["a", "b"]), row(4, &["c", ""]), row(5, &["", "d"])];
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(rows(&["", "a,b", "", "c,", ",d"].join(end)), expected, "{end:?}");
        }
        assert_eq!(rows(""), []);
        assert_eq!(rows("\n\r\n"), []);
    }

    #[test]
    fn quotes_hold_commas_quotes_and_lines() {
        let text = "\"a,\"\"b\"\"\",\"c\nd\",\"\"\ne,\"\"\"\",f\"g\n";
        assert_eq!(rows(text), [row(1, &["a,\"b\"", "c\nd", ""]), row(3, &["e", "\"", "f\"g"])]);
    }

    #[test]
    fn what_is_wrong_with_quotes_is_said() {
        let head = |text| Cutter::new(text).next(&mut Vec::new()).unwrap();
        assert!(head("a,\"b\nc").unclosed);
        assert!(head("\"").unclosed);
        assert!(head("\"a\"b,c").trailing);
        assert!(!head("\"a\" ,c").trailing);
    }

    #[test]
    fn a_row_of_commas_keeps_few_cells() {
        let text = ",".repeat(100_000);
        let mut cells = Vec::new();
        let head = Cutter::new(&text).next(&mut cells).unwrap();
        assert_eq!((head.cells, cells.len()), (100_001, KEPT));
    }
}
