//! `instance.toml` as a row. Numbers stay the digits in which they were written.

use toml::de::{DeTable, DeValue};

use super::{
    codes,
    problems::{Place, Problems},
    row::{Cell, Quoted, Row},
    settings,
};

/// How deep a value may be nested: the fields of a tier in the list of objectives.
const DEPTH: u8 = 2;

/// The fields of a file; `None` where it is not TOML.
pub(super) fn row<'a>(text: &'a str, file: &'a str, problems: &mut Problems) -> Option<Row<'a>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let row = error.span().map_or(0, |span| line(text, span.start));
        let cause = format_args!("this is not TOML: {}", error.message());
        problems.report(codes::E1004, Place::new(file, row, ""), cause);
    }
    if !errors.is_empty() {
        return None;
    }
    let mut row = Row::new(file, 0, settings::COLUMNS);
    for (name, value) in table.into_inner() {
        let line = line(text, name.span().start);
        let name = name.into_inner();
        if let Some(column) = settings::COLUMNS.iter().position(|c| *c == name) {
            row.set_line(column, line);
            row.set(column, cell(value.into_inner(), DEPTH));
        } else {
            let cause = format_args!("there is no field {}", Quoted(&name));
            problems.report(codes::E1008, Place::new(file, line, &name), cause);
        }
    }
    Some(row)
}

fn line(text: &str, at: usize) -> u64 {
    let before = text.bytes().take(at).filter(|b| *b == b'\n').count();
    u64::try_from(before).map_or(0, |before| before + 1)
}

fn cell(value: DeValue<'_>, depth: u8) -> Cell<'_> {
    match value {
        DeValue::String(text) => Cell::text(text),
        DeValue::Integer(number) if number.radix() == 10 => Cell::Number(number.as_str().to_owned().into()),
        DeValue::Float(number) => Cell::Number(number.as_str().to_owned().into()),
        DeValue::Boolean(flag) => Cell::Flag(flag),
        DeValue::Array(items) if depth > 0 => {
            Cell::List(items.into_iter().map(|item| cell(item.into_inner(), depth - 1)).collect())
        }
        DeValue::Table(fields) if depth > 0 => Cell::Fields(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let name = name.into_inner().into_owned();
                    (name, cell(value.into_inner(), depth - 1))
                })
                .collect(),
        ),
        _ => Cell::Other,
    }
}
