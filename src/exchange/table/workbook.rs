//! XLSX: the first sheet of a workbook, cell by cell.
//!
//! A workbook is an archive, and an archive lies about what is in it: it is unpacked once part by part, to see how
//! much it is and what it claims. Cells come one after another, so a single one far out does not make a table of millions.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use zip::ZipArchive;

use super::{Cell, Grid, Line, MOST_BYTES, MOST_COLUMNS, MOST_UNPACKED, no_table, too_much};
use crate::foundation::problem::Problem;

/// The most files in the archive.
const MOST_PARTS: usize = 500;
/// The most bytes of formats, each of which takes many times that once it is read.
const MOST_STYLES: u64 = 4 << 20;
/// Where the part with texts says how many there are in it, for which room is made at once.
const COUNT: &[u8] = b"uniqueCount";

pub(super) fn read(bytes: &[u8]) -> Result<Grid, Problem> {
    weigh(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| no_table())?;
    let first = book.sheet_names().first().cloned().ok_or_else(no_table)?;
    let mut cells = book.worksheet_cells_reader(&first).map_err(|_| no_table())?;
    let mut rows: Vec<Line> = Vec::new();
    let mut line = Line { number: 1, cells: Vec::new() };
    while let Some(found) = cells.next_cell().map_err(|_| no_table())? {
        let (row, column) = found.get_position();
        let (row, column) = (row as usize + 1, column as usize);
        let cell = cell(found.get_value());
        if cell == Cell::Empty {
            continue;
        }
        if row != line.number {
            Grid::push(&mut rows, std::mem::replace(&mut line, Line { number: row, cells: Vec::new() }))?;
        }
        if column >= MOST_COLUMNS {
            return Err(too_much("too-many-columns", MOST_COLUMNS));
        }
        if column >= line.cells.len() {
            line.cells.resize(column + 1, Cell::Empty);
        }
        line.cells[column] = cell;
    }
    Grid::push(&mut rows, line)?;
    Ok(Grid::of(rows))
}

fn weigh(bytes: &[u8]) -> Result<(), Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| no_table())?;
    if archive.len() > MOST_PARTS {
        return Err(no_table());
    }
    let mut left = MOST_UNPACKED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| no_table())?;
        let name = part.name().map_err(|_| no_table())?.to_ascii_lowercase();
        let mut content = Vec::new();
        part.take(left + 1).read_to_end(&mut content).map_err(|_| no_table())?;
        let unpacked = content.len() as u64;
        left = left.checked_sub(unpacked).ok_or_else(|| too_much("table-too-large", MOST_BYTES >> 20))?;
        let is_heavy = name.ends_with("styles.xml") && unpacked > MOST_STYLES;
        if is_heavy || name.ends_with("sharedstrings.xml") && claims_too_much(&content) {
            return Err(no_table());
        }
    }
    Ok(())
}

/// Whether a part says that there are more texts in it than it has bytes.
fn claims_too_much(content: &[u8]) -> bool {
    let places = content.windows(COUNT.len()).enumerate().filter(|(_, name)| *name == COUNT);
    let mut numbers = places.map(|(at, _)| {
        let value = content[at + COUNT.len()..].iter().skip_while(|byte| !byte.is_ascii_digit());
        let digits = value.take_while(|byte| byte.is_ascii_digit()).map(|digit| usize::from(digit - b'0'));
        digits.fold(0_usize, |number, digit| number.saturating_mul(10).saturating_add(digit))
    });
    numbers.any(|number| number > content.len())
}

fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty | DataRef::Error(_) => Cell::Empty,
        DataRef::String(text) | DataRef::DurationIso(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Int(number) => Cell::Number(number.to_string()),
        // The shortest digits that mean this number: what was typed, up to fifteen of them.
        DataRef::Float(number) => Cell::Number(number.to_string()),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            Cell::Day(format!("{year:04}-{month:02}-{day:02}"))
        }
        DataRef::DateTime(moment) => Cell::Number(moment.as_f64().to_string()),
        DataRef::DateTimeIso(text) => Cell::Day(text.chars().take(10).collect()),
    }
}
