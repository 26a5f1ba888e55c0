//! One table in a CSV file.

use csv::{ReaderBuilder, StringRecord};

use super::{
    codes,
    problems::Problems,
    row::{Cell, MAX_COLUMNS, Quoted, Row},
    tables::{Record, Table},
};

/// Interprets every row of a file. One record is reused, so a row costs only what it keeps.
pub(super) fn fill<T: Record>(table: &mut Table<T>, text: &str, problems: &mut Problems) {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Lines::new(text.as_bytes());
    let mut record = StringRecord::new();
    let mut columns: Option<Vec<Option<usize>>> = None;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let cause = format_args!("this is not a CSV table: {error}");
                problems.report(codes::E1007, table.place(0, ""), cause);
                table.whole = false;
                return;
            }
        }
        let line = lines.line(record.position().map_or(0, csv::Position::byte));
        let Some(columns) = &columns else {
            columns = header(table, &record, line, problems);
            if columns.is_none() {
                table.whole = false;
                return;
            }
            continue;
        };
        let mut row = Row::new(table.file, line, T::COLUMNS);
        for (column, cell) in columns.iter().zip(&record) {
            if let Some(column) = column {
                row.set(*column, value::<T>(*column, cell.trim()));
            }
        }
        if !check_e1007_cells(table, &record, columns.len(), line, problems) {
            table.whole = false;
        } else if !row.is_empty() {
            table.push(&row, problems);
        }
    }
    if columns.is_none() {
        let cause = format_args!("the table has no header");
        problems.report(codes::E1010, table.place(0, ""), cause);
        table.whole = false;
    }
}

/// A cell as a text, or as a list where its column holds lists.
fn value<T: Record>(column: usize, cell: &str) -> Cell<'_> {
    let list = !cell.is_empty() && T::COLUMNS.get(column).is_some_and(|name| T::LISTS.contains(name));
    if list {
        return Cell::List(cell.split('|').map(|item| Cell::text(item.trim())).collect());
    }
    Cell::text(cell)
}

/// Which column of the format stands where; `None` where the rows cannot be understood.
fn header<T: Record>(
    table: &Table<T>,
    record: &StringRecord,
    line: u64,
    problems: &mut Problems,
) -> Option<Vec<Option<usize>>> {
    check_e1006_commas(table, record, line, problems)?;
    let mut given = [false; MAX_COLUMNS];
    let columns = record
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let name = name.trim();
            let column = check_e1008_column(table, name, at + 1, line, problems)?;
            check_e1009_once(table, name, &mut given[column], line, problems).then_some(column)
        })
        .collect();
    check_e1010_columns(table, &given, line, problems).then_some(columns)
}

/// E1008: a column of the header is one of the table's.
fn check_e1008_column<T: Record>(
    table: &Table<T>,
    name: &str,
    number: usize,
    line: u64,
    problems: &mut Problems,
) -> Option<usize> {
    let column = T::COLUMNS.iter().position(|c| *c == name);
    if column.is_none() {
        let place = table.place(line, name);
        if name.is_empty() {
            let cause = format_args!("column {number} has no name");
            problems.report(codes::E1008, place, cause);
        } else {
            let cause = format_args!("there is no column {}", Quoted(name));
            problems.report(codes::E1008, place, cause);
        }
    }
    column
}

/// E1009: a column is given once.
fn check_e1009_once<T: Record>(
    table: &Table<T>,
    name: &str,
    given: &mut bool,
    line: u64,
    problems: &mut Problems,
) -> bool {
    let again = std::mem::replace(given, true);
    if again {
        let cause = format_args!("the column {name} is given twice");
        problems.report(codes::E1009, table.place(line, name), cause);
    }
    !again
}

/// E1010: the columns without a default are given.
fn check_e1010_columns<T: Record>(
    table: &Table<T>,
    given: &[bool; MAX_COLUMNS],
    line: u64,
    problems: &mut Problems,
) -> bool {
    let mut complete = true;
    for (name, given) in T::COLUMNS.iter().zip(given) {
        if !given && T::REQUIRED.contains(name) {
            let cause = format_args!("the column {name} is missing");
            problems.report(codes::E1010, table.place(line, name), cause);
            complete = false;
        }
    }
    complete
}

/// E1006: the header is separated by commas. Semicolons are refused rather than understood, because
/// tables that have them usually have decimal commas as well.
fn check_e1006_commas<T: Record>(
    table: &Table<T>,
    header: &StringRecord,
    line: u64,
    problems: &mut Problems,
) -> Option<()> {
    let only = header.get(0).filter(|_| header.len() == 1).unwrap_or("");
    let (_, separator) = [(';', "semicolons"), ('\t', "tabs")]
        .into_iter()
        .find(|(separator, _)| only.contains(*separator))
        .unzip();
    let Some(separator) = separator else {
        return Some(());
    };
    let cause = format_args!("the columns are separated by {separator}");
    problems.report(codes::E1006, table.place(line, ""), cause);
    None
}

/// E1007: a row has as many cells as the header.
fn check_e1007_cells<T: Record>(
    table: &Table<T>,
    record: &StringRecord,
    columns: usize,
    line: u64,
    problems: &mut Problems,
) -> bool {
    let fits = record.len() == columns;
    if !fits {
        let cause = format_args!("the row has {} cells, the header {columns}", record.len());
        problems.report(codes::E1007, table.place(line, ""), cause);
    }
    fits
}

/// Finds the line on which a record starts. The CSV reader's own count is behind where lines end in
/// CR LF or stand empty.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The line of the first byte from `start` on that ends no line.
    fn line(&mut self, start: u64) -> u64 {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.at) {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => self.bytes.get(self.at + 1) != Some(&b'\n'),
                _ => false,
            };
            if self.at >= start && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.line += u64::from(ends_line);
            self.at += 1;
        }
        self.line
    }
}
