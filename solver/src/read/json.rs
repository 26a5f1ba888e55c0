//! An instance in one JSON document.
//!
//! Numbers stay the digits in which they were written: values are looked at as raw text, never as
//! doubles. Raw values are skipped without recursion, so no nesting is too deep.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer as _,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Deserializer, value::RawValue};

use super::{
    Source, codes,
    problems::{Place, Problems},
    row::{Cell, Quoted, Row},
    settings,
    tables::{NAMES, Record, Table},
};

/// How deep a value may be nested: the fields of a tier in the list of objectives.
const DEPTH: u8 = 2;

/// More fields than any object of the format has, and more elements than any list of ids. What goes
/// beyond is refused before it fills the memory.
const FIELDS: usize = 256;
const ELEMENTS: usize = 65_536;

/// A document, cut into its top-level values.
pub(super) struct Document<'a> {
    fields: Object<'a>,
}

impl<'a> Document<'a> {
    /// Finds the top-level values of a document.
    pub(super) fn new(bytes: &'a [u8], problems: &mut Problems) -> Option<Self> {
        let text = check_e1003_utf8(bytes, Place::default(), problems)?;
        match object(text) {
            Ok(fields) => {
                let known = |name: &str| settings::COLUMNS.contains(&name) || NAMES.contains(&name);
                check_e1008_e1009_fields(&fields, known, Place::default(), problems);
                Some(Self { fields })
            }
            Err(error) => {
                let cause = format_args!("this is not an object in JSON: {error}");
                problems.report(codes::E1004, Place::default(), cause);
                None
            }
        }
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        let field = self.fields.iter().find(|(Name(n), _)| n == name);
        field.map(|(_, raw)| raw.get()).filter(|text| *text != "null")
    }
}

impl Source for Document<'_> {
    fn settings(&self, problems: &mut Problems) -> crate::Instance {
        let mut row = Row::new("", 0, settings::COLUMNS);
        for (position, name) in settings::COLUMNS.iter().enumerate() {
            if let Some(text) = self.value(name) {
                row.set(position, cell(text, DEPTH));
            }
        }
        settings::read(&row, problems)
    }

    fn table<T: Record>(&self, problems: &mut Problems) -> Table<T> {
        let mut table = Table::new(T::table());
        let place = Place::file(T::table());
        let Some(text) = self.value(T::table()) else {
            table.whole = !T::NEEDED;
            if T::NEEDED {
                let cause = format_args!("the table {} is missing", T::table());
                problems.report(codes::E1010, place, cause);
            }
            return table;
        };
        if !text.starts_with('[') {
            let cause = format_args!("must be a list of rows");
            problems.report(codes::E1011, place, cause);
            table.whole = false;
            return table;
        }
        let rows = Rows(|position, text: &str| push(&mut table, position, text, problems));
        // The text was read as a value before, so this cannot fail.
        if let Err(error) = Deserializer::from_str(text).deserialize_seq(rows) {
            let cause = format_args!("this is not JSON: {error}");
            problems.report(codes::E1004, place, cause);
        }
        table
    }
}

/// Interprets one element of a table.
fn push<T: Record>(table: &mut Table<T>, position: u64, text: &str, problems: &mut Problems) {
    let place = table.place(position, "");
    if !text.starts_with('{') {
        let cause = format_args!("must be an object");
        problems.report(codes::E1011, place, cause);
        table.whole = false;
        return;
    }
    let fields = match object(text) {
        Ok(fields) => fields,
        Err(error) => {
            let cause = format_args!("this is not JSON: {error}");
            problems.report(codes::E1004, place, cause);
            table.whole = false;
            return;
        }
    };
    check_e1008_e1009_fields(&fields, |name| T::COLUMNS.contains(&name), place, problems);
    let mut row = Row::new(table.file, position, T::COLUMNS);
    // Backwards, so that of a field given twice the first counts, as it does everywhere.
    for (Name(name), raw) in fields.iter().rev() {
        if let Some(column) = T::COLUMNS.iter().position(|c| c == name) {
            row.set(column, cell(raw.get(), DEPTH));
        }
    }
    table.push(&row, problems);
}

/// E1008, E1009: every field is known and given once.
fn check_e1008_e1009_fields(
    fields: &Object<'_>,
    known: impl Fn(&str) -> bool,
    place: Place<'_>,
    problems: &mut Problems,
) {
    let mut seen: Vec<&str> = Vec::new();
    for (Name(name), _) in fields {
        let place = Place::new(place.file, place.row, name);
        if !known(name) {
            let cause = format_args!("there is no field {}", Quoted(name));
            problems.report(codes::E1008, place, cause);
        } else if seen.contains(&&**name) {
            let cause = format_args!("{name} is given twice");
            problems.report(codes::E1009, place, cause);
        } else {
            seen.push(name);
        }
    }
}

/// E1003: bytes are UTF-8 text. A byte order mark in front is passed over.
pub(super) fn check_e1003_utf8<'a>(
    bytes: &'a [u8],
    place: Place<'_>,
    problems: &mut Problems,
) -> Option<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = before.split(|b| *b == b'\n').count();
            let cause = format_args!("line {line} is not UTF-8 text");
            problems.report(codes::E1003, place, cause);
            None
        }
    }
}

/// The fields of an object in order; a name that is given twice stands here twice.
type Object<'a> = Vec<(Name<'a>, &'a RawValue)>;

/// A field's name, borrowed where it holds no escapes: rows have the same few names millions of times.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

fn object(text: &str) -> serde_json::Result<Object<'_>> {
    let mut deserializer = Deserializer::from_str(text);
    let fields = deserializer.deserialize_map(Fields)?;
    deserializer.end()?;
    Ok(fields)
}

/// A value. What cannot be a value of any field becomes [`Cell::Other`].
fn cell(text: &str, depth: u8) -> Cell<'_> {
    match text.as_bytes() {
        [b'n', ..] => Cell::Absent,
        [b't', ..] => Cell::Flag(true),
        [b'f', ..] => Cell::Flag(false),
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => Cell::text(&text[1..text.len() - 1]),
        [b'"', ..] => serde_json::from_str::<String>(text).map_or(Cell::Other, Cell::text),
        [b'[' | b'{', ..] if depth == 0 => Cell::Other,
        [b'[', ..] => list(text, depth).map_or(Cell::Other, Cell::List),
        [b'{', ..] => object(text).map_or(Cell::Other, |fields| {
            let cells = fields.into_iter().map(|(name, value)| {
                let name = name.0.into_owned();
                (name, cell(value.get(), depth - 1))
            });
            Cell::Fields(cells.collect())
        }),
        _ => Cell::Number(text.into()),
    }
}

/// The elements of a list, unless there are too many.
fn list(text: &str, depth: u8) -> Option<Vec<Cell<'_>>> {
    let mut cells = Vec::new();
    let mut fits = true;
    let elements = Rows(|_, element| {
        fits = cells.len() < ELEMENTS;
        if fits {
            cells.push(cell(element, depth - 1));
        }
    });
    Deserializer::from_str(text).deserialize_seq(elements).ok().filter(|()| fits).map(|()| cells)
}

/// Collects an object's fields.
struct Fields;

impl<'a> Visitor<'a> for Fields {
    type Value = Object<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Object<'a>, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            if fields.len() == FIELDS {
                return Err(de::Error::custom(format_args!("more than {FIELDS} fields")));
            }
            fields.push(field);
        }
        Ok(fields)
    }
}

/// Hands every element of a list to a function, with its position from 1.
struct Rows<F>(F);

impl<'a, F: FnMut(u64, &'a str)> Visitor<'a> for Rows<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let mut position = 0;
        while let Some(element) = elements.next_element::<&RawValue>()? {
            position += 1;
            (self.0)(position, element.get());
        }
        Ok(())
    }
}
