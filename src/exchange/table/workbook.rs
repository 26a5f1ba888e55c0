//! XLSX: the first sheet of a workbook, cell by cell.
//!
//! A workbook is an archive, and an archive lies about what is in it: it is unpacked once part by part, to see how
//! much it is and what it claims. Cells come one after another, so a single one far out does not make a table of millions.

use std::io::{Cursor, Read, copy, sink};

use axum::http::StatusCode;
use calamine::{DataRef, Reader, Xlsx};
use quick_xml::{Reader as XmlReader, events::Event};
use zip::ZipArchive;

use super::{Cell, Grid, Line, MOST_BYTES, MOST_COLUMNS, MOST_UNPACKED, no_table, too_much};
use crate::foundation::problem::Problem;

/// The most files in the archive.
const MOST_PARTS: usize = 500;
/// The most tags of the parts with formats and with texts: each becomes something many times as large.
const MOST_TAGS: usize = 1_000_000;
/// Where the part with texts says how many there are in it, for which room is made at once.
const COUNT: &[u8] = b"uniqueCount";

pub(super) fn read(bytes: &[u8]) -> Result<Grid, Problem> {
    weigh(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| no_table())?;
    let first = book.sheet_names().first().cloned().ok_or_else(no_table)?;
    let mut cells = book.worksheet_cells_reader(&first).map_err(|_| no_table())?;
    let mut rows: Vec<Line> = Vec::new();
    let mut line = Line { number: 1, cells: Vec::new() };
    // A text that stands in the workbook once may be that of every cell.
    let mut left = MOST_UNPACKED;
    while let Some(found) = cells.next_cell().map_err(|_| no_table())? {
        let (row, column) = found.get_position();
        let (row, column) = (row as usize + 1, column as usize);
        let cell = cell(found.get_value());
        if cell == Cell::Empty {
            continue;
        }
        if let Cell::Text(text) = &cell {
            let length = text.len() as u64;
            left = left.checked_sub(length).ok_or_else(|| too_much("table-too-large", MOST_BYTES >> 20))?;
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

/// Refuses what is too much once it is unpacked, or once it is read.
fn weigh(bytes: &[u8]) -> Result<(), Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| no_table())?;
    if archive.len() > MOST_PARTS {
        return Err(no_table());
    }
    let mut left = MOST_UNPACKED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| no_table())?;
        let name = part.name().map_err(|_| no_table())?.to_ascii_lowercase();
        let (has_formats, has_texts) = (name.ends_with("styles.xml"), name.ends_with("sharedstrings.xml"));
        let (mut part, mut content) = (part.take(left + 1), Vec::new());
        let unpacked = if has_formats || has_texts {
            part.read_to_end(&mut content).map(|length| length as u64)
        } else {
            copy(&mut part, &mut sink())
        };
        let unpacked = unpacked.map_err(|_| no_table())?;
        left = left.checked_sub(unpacked).ok_or_else(|| too_much("table-too-large", MOST_BYTES >> 20))?;
        let Tags { all, formats, longest } = Tags::of(&content);
        // Each format gets copies of what it names, the font and how numbers are shown.
        if has_formats && (all > MOST_TAGS || formats.saturating_mul(longest) as u64 > MOST_UNPACKED) {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-many-formats"));
        }
        if has_texts && all > MOST_TAGS {
            return Err(too_much("table-too-large", MOST_BYTES >> 20));
        }
        if has_texts && claims_too_much(&content) {
            return Err(no_table());
        }
    }
    Ok(())
}

/// The tags of a part.
#[derive(Default)]
struct Tags {
    all: usize,
    /// Those of formats.
    formats: usize,
    /// Most bytes of what one of them says.
    longest: usize,
}

impl Tags {
    fn of(part: &[u8]) -> Self {
        let (mut tags, mut xml, mut buffer) = (Self::default(), XmlReader::from_reader(part), Vec::new());
        let config = xml.config_mut();
        (config.check_end_names, config.check_comments) = (false, false);
        // What can't be read ends the reading of the workbook as well.
        while let Ok(event) = xml.read_event_into(&mut buffer) {
            match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    tags.all += 1;
                    tags.formats += usize::from(tag.local_name().as_ref() == "xf");
                    tags.longest = tags.longest.max(tag.attributes_raw().len());
                }
                Event::Eof => break,
                _ => {}
            }
            buffer.clear();
        }
        tags
    }
}

/// Whether a part says that there are more texts in it than it has bytes.
fn claims_too_much(content: &[u8]) -> bool {
    let places = content.windows(COUNT.len()).enumerate().filter(|(_, name)| *name == COUNT);
    let mut numbers = places.map(|(at, _)| {
        let is_between = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\'');
        let value = content[at + COUNT.len()..].iter().skip_while(is_between);
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
