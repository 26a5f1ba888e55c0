//! One table in a CSV file.

use std::borrow::Cow;

use super::{
    codes,
    cut::{Cutter, Head},
    problems::Problems,
    row::{Cell, MAX_COLUMNS, Quoted, Row},
    tables::{Record, Table},
};

/// Interprets every row of a file. Cells are borrowed, so a row costs only what it keeps.
pub(super) fn fill<T: Record>(table: &mut Table<T>, text: &str, problems: &mut Problems) {
    let mut cutter = Cutter::new(text);
    let mut cells = Vec::new();
    let Some(head) = cutter.next(&mut cells) else {
        let cause = format_args!("the table has no header");
        problems.report(codes::E1010, table.place(0, ""), cause);
        table.whole = false;
        return;
    };
    let Some(columns) = header(table, &cells, head, problems) else {
        table.whole = false;
        return;
    };
    while let Some(head) = cutter.next(&mut cells) {
        if !check_e1007_cells(table, head, columns.len(), problems) {
            table.whole = false;
            continue;
        }
        let mut row = Row::new(table.file, head.line, T::COLUMNS);
        for (column, cell) in columns.iter().zip(cells.drain(..)) {
            if let Some(column) = column {
                row.set(*column, value::<T>(*column, cell));
            }
        }
        if !row.is_empty() {
            table.push(&row, problems);
        }
    }
}

/// A cell as a text, or as a list where its column holds lists.
fn value<T: Record>(column: usize, cell: Cow<'_, str>) -> Cell<'_> {
    let cell = trimmed(cell);
    let list = !cell.is_empty() && T::COLUMNS.get(column).is_some_and(|name| T::LISTS.contains(name));
    if !list {
        return Cell::text(cell);
    }
    let items = cell.split('|').map(|item| Cell::text(item.trim().to_owned()));
    Cell::List(items.collect())
}

fn trimmed(cell: Cow<'_, str>) -> Cow<'_, str> {
    match cell {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// Which column of the format stands where; `None` where the rows cannot be understood.
fn header<T: Record>(
    table: &Table<T>,
    cells: &[Cow<'_, str>],
    head: Head,
    problems: &mut Problems,
) -> Option<Vec<Option<usize>>> {
    check_e1006_commas(table, cells, head, problems)?;
    if !check_e1007_cells(table, head, cells.len(), problems) {
        return None;
    }
    let mut given = [false; MAX_COLUMNS];
    let columns = cells
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let name = name.trim();
            let column = check_e1008_column(table, name, at + 1, head.line, problems)?;
            check_e1009_once(table, name, &mut given[column], head.line, problems).then_some(column)
        })
        .collect();
    check_e1010_columns(table, &given, head.line, problems).then_some(columns)
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
    cells: &[Cow<'_, str>],
    head: Head,
    problems: &mut Problems,
) -> Option<()> {
    let only = cells.first().filter(|_| cells.len() == 1).map_or("", |cell| cell);
    let (_, separator) = [(';', "semicolons"), ('\t', "tabs")]
        .into_iter()
        .find(|(separator, _)| only.contains(*separator))
        .unzip();
    let Some(separator) = separator else {
        return Some(());
    };
    let cause = format_args!("the columns are separated by {separator}");
    problems.report(codes::E1006, table.place(head.line, ""), cause);
    None
}

/// E1007: a row has as many cells as the header, and its quotes are closed.
fn check_e1007_cells<T: Record>(
    table: &Table<T>,
    head: Head,
    columns: usize,
    problems: &mut Problems,
) -> bool {
    let place = table.place(head.line, "");
    if head.unclosed {
        problems.report(codes::E1007, place, format_args!("a quote is opened and never closed"));
    } else if head.trailing {
        let cause = format_args!("something follows a closing quote in the same cell");
        problems.report(codes::E1007, place, cause);
    } else if head.cells != columns {
        let cause = format_args!("the row has {} cells, the header {columns}", head.cells);
        problems.report(codes::E1007, place, cause);
    } else {
        return true;
    }
    false
}
