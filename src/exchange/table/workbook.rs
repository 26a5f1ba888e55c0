//! XLSX: the first sheet of a workbook, cell by cell.
//!
//! A workbook is an archive, and an archive lies about what is in it: it is unpacked once to nowhere, to see how
//! much it is. Cells come one after another, so a single one far out does not make a table of millions.

use std::io::{Cursor, Read, copy, sink};

use calamine::{DataRef, Reader, Xlsx};
use zip::ZipArchive;

use super::{Cell, Grid, Line, MOST_BYTES, MOST_COLUMNS, MOST_UNPACKED, no_table, too_much};
use crate::foundation::problem::Problem;

/// The most files in the archive.
const MOST_PARTS: usize = 500;

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
        let unpacked = copy(&mut part.take(left + 1), &mut sink()).map_err(|_| no_table())?;
        left = left.checked_sub(unpacked).ok_or_else(|| too_much("table-too-large", MOST_BYTES >> 20))?;
    }
    Ok(())
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
