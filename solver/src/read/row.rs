//! One row as it was written, and the rules by which its cells become values.
//!
//! Both forms of an instance produce these rows, so every rule about a field exists once. A getter
//! that finds something wrong reports it and answers `None`; the caller goes on with a stand-in, so
//! that the next cell is looked at too. No stand-in survives: after an error there is no instance.

use std::{borrow::Cow, fmt, ops::RangeInclusive};

use super::{
    codes,
    problems::{Place, Problems},
};
use crate::{Decimal, decimal::DecimalError};

/// More columns than any table of the format has.
pub(super) const MAX_COLUMNS: usize = 16;

/// A value as it was written.
#[derive(Clone, Debug, Default)]
pub(super) enum Cell<'a> {
    /// Not given, or empty: the default counts.
    #[default]
    Absent,
    /// A text; in a table of text cells, anything.
    Text(Cow<'a, str>),
    /// A number, in the digits in which it was written.
    Number(Cow<'a, str>),
    /// `true` or `false`.
    Flag(bool),
    /// A list.
    List(Vec<Cell<'a>>),
    /// An object with its fields in order.
    Fields(Vec<(String, Cell<'a>)>),
    /// Something that no field of the format is.
    Other,
}

impl<'a> Cell<'a> {
    /// A text, or nothing where it is empty.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Absent } else { Self::Text(text) }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Fields(_) => "an object",
            Self::Other => "something else",
        }
    }
}

/// One row, or the fields at the top level.
#[derive(Debug)]
pub(super) struct Row<'a> {
    file: &'a str,
    number: u64,
    columns: &'static [&'static str],
    cells: [Cell<'a>; MAX_COLUMNS],
    /// Where each field has a line of its own, as in TOML.
    lines: [u32; MAX_COLUMNS],
}

impl<'a> Row<'a> {
    /// A row without values.
    pub(super) fn new(file: &'a str, number: u64, columns: &'static [&'static str]) -> Self {
        Self { file, number, columns, cells: std::array::from_fn(|_| Cell::Absent), lines: [0; MAX_COLUMNS] }
    }

    /// Fills in a value by the position of its column.
    pub(super) fn set(&mut self, column: usize, cell: Cell<'a>) {
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
        }
    }

    /// Says on which line a field stands, where fields have lines of their own.
    pub(super) fn set_line(&mut self, column: usize, line: u64) {
        if let Some(place) = self.lines.get_mut(column) {
            *place = u32::try_from(line).unwrap_or(0);
        }
    }

    /// The line, or the position in the array.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// Whether no cell holds anything, as in the rows that spreadsheets leave behind.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(|c| matches!(c, Cell::Absent))
    }

    fn position(&self, column: &str) -> usize {
        let position = self.columns.iter().position(|c| *c == column);
        debug_assert!(position.is_some(), "no column {column}");
        position.unwrap_or(MAX_COLUMNS)
    }

    pub(super) fn cell(&self, column: &str) -> &Cell<'a> {
        self.cells.get(self.position(column)).unwrap_or(&Cell::Absent)
    }

    /// Where a column of this row stands.
    pub(super) fn place<'b>(&'b self, column: &'b str) -> Place<'b> {
        let line = self.lines.get(self.position(column)).map_or(0, |l| *l);
        let row = if line > 0 { u64::from(line) } else { self.number };
        Place::new(self.file, row, column)
    }

    /// A text.
    pub(super) fn text(&self, column: &str, problems: &mut Problems) -> Option<&str> {
        match self.cell(column) {
            Cell::Absent => None,
            Cell::Text(text) => Some(text),
            other => check_e1011_kind(self.place(column), "a text", other, problems),
        }
    }

    /// An id that must be there.
    pub(super) fn id(&self, column: &str, problems: &mut Problems) -> Option<String> {
        self.check_e1010_given(column, problems)?;
        self.optional_id(column, problems)
    }

    /// An id that may be left out.
    pub(super) fn optional_id(&self, column: &str, problems: &mut Problems) -> Option<String> {
        let id = self.text(column, problems)?;
        check_e1101_id(self.place(column), id, problems).then(|| id.to_owned())
    }

    /// A list of ids, sorted, each once; empty where it is left out.
    pub(super) fn ids(&self, column: &str, problems: &mut Problems) -> Option<Vec<String>> {
        let place = self.place(column);
        let items = match self.cell(column) {
            Cell::Absent => return Some(Vec::new()),
            Cell::List(items) => items,
            other => return check_e1011_kind(place, "a list of ids", other, problems),
        };
        let mut ids = Vec::with_capacity(items.len());
        for item in items {
            ids.push(match item {
                Cell::Text(id) => check_e1101_id(place, id, problems).then(|| id.clone().into_owned()),
                Cell::Absent => check_e1101_id(place, "", problems).then(String::new),
                other => check_e1011_kind(place, "an id", other, problems),
            });
        }
        let mut ids: Vec<String> = ids.into_iter().collect::<Option<_>>()?;
        ids.sort_unstable();
        check_e1112_once(place, &mut ids, problems);
        Some(ids)
    }

    /// A decimal number of any size and sign.
    fn decimal(&self, column: &str, problems: &mut Problems) -> Option<Decimal> {
        let place = self.place(column);
        match self.cell(column) {
            Cell::Absent => None,
            Cell::Text(text) | Cell::Number(text) => check_e1102_e1103_decimal(place, text, problems),
            other => check_e1011_kind(place, "a decimal number", other, problems),
        }
    }

    /// A number that is 0 or more.
    pub(super) fn amount(&self, column: &str, problems: &mut Problems) -> Option<Decimal> {
        let number = self.decimal(column, problems)?;
        check_e1104_negative(self.place(column), number, problems).then_some(number)
    }

    /// A number that is 0 or more and must be there.
    pub(super) fn required_amount(&self, column: &str, problems: &mut Problems) -> Option<Decimal> {
        self.check_e1010_given(column, problems)?;
        self.amount(column, problems)
    }

    /// A number greater than 0.
    pub(super) fn positive(&self, column: &str, problems: &mut Problems) -> Option<Decimal> {
        let number = self.amount(column, problems)?;
        check_e1107_positive(self.place(column), number, problems).then_some(number)
    }

    /// A number from 0 to 1.
    pub(super) fn share(&self, column: &str, problems: &mut Problems) -> Option<Decimal> {
        let number = self.decimal(column, problems)?;
        check_e1105_share(self.place(column), number, problems).then_some(number)
    }

    /// A number from 0 to 1 that must be there.
    pub(super) fn required_share(&self, column: &str, problems: &mut Problems) -> Option<Decimal> {
        self.check_e1010_given(column, problems)?;
        self.share(column, problems)
    }

    /// A whole number within a range.
    pub(super) fn whole(
        &self,
        column: &str,
        range: RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let number = self.decimal(column, problems)?;
        check_e1106_whole(self.place(column), number, range, problems)
    }

    /// `true` or `false`, as a word in whatever case the spreadsheet writes it.
    pub(super) fn flag(&self, column: &str, problems: &mut Problems) -> Option<bool> {
        match self.cell(column) {
            Cell::Absent => None,
            Cell::Flag(flag) => Some(*flag),
            Cell::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Cell::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            other => check_e1011_kind(self.place(column), "true or false", other, problems),
        }
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(
        &self,
        column: &str,
        choices: &[(&str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let word = self.text(column, problems)?;
        check_e1108_choice(self.place(column), word, choices, problems)
    }

    /// E1010: a field that has no default is given.
    pub(super) fn check_e1010_given(&self, column: &str, problems: &mut Problems) -> Option<()> {
        if !matches!(self.cell(column), Cell::Absent) {
            return Some(());
        }
        let cause = format_args!("{column} is missing");
        problems.report(codes::E1010, self.place(column), cause);
        None
    }
}

/// E1011: a value is of the kind that its field needs. Called where it is not.
pub(super) fn check_e1011_kind<T>(
    place: Place<'_>,
    needed: &str,
    found: &Cell<'_>,
    problems: &mut Problems,
) -> Option<T> {
    let kind = match found {
        Cell::Text(text) => &Quoted(text) as &dyn fmt::Display,
        other => &other.kind(),
    };
    let cause = format_args!("must be {needed}, but is {kind}");
    problems.report(codes::E1011, place, cause);
    None
}

/// E1101: an id can be printed, joined with `|` and opened in a spreadsheet.
pub(super) fn check_e1101_id(place: Place<'_>, id: &str, problems: &mut Problems) -> bool {
    let well_formed = id.chars().count() <= 200
        && !id.is_empty()
        && id.trim() == id
        && !id.starts_with(['=', '+', '-', '@'])
        && !id.contains(|c: char| c == '|' || c.is_control());
    if !well_formed {
        let cause = format_args!("{} is not a usable id", Quoted(id));
        problems.report(codes::E1101, place, cause);
    }
    well_formed
}

/// E1102, E1103: a text is a decimal number that can be kept exactly.
pub(super) fn check_e1102_e1103_decimal(
    place: Place<'_>,
    text: &str,
    problems: &mut Problems,
) -> Option<Decimal> {
    text.parse()
        .map_err(|error| {
            let code = match error {
                DecimalError::Malformed => codes::E1102,
                DecimalError::TooPrecise | DecimalError::TooLarge => codes::E1103,
            };
            problems.report(code, place, format_args!("{} {error}", Quoted(text)));
        })
        .ok()
}

/// E1104: a number is 0 or more.
fn check_e1104_negative(place: Place<'_>, number: Decimal, problems: &mut Problems) -> bool {
    if number.is_negative() {
        problems.report(codes::E1104, place, format_args!("{number} is negative"));
    }
    !number.is_negative()
}

/// E1105: a share lies in 0…1.
pub(super) fn check_e1105_share(place: Place<'_>, number: Decimal, problems: &mut Problems) -> bool {
    let inside = !number.is_negative() && number <= Decimal::ONE;
    if !inside {
        let cause = format_args!("{number} is not a share");
        problems.report(codes::E1105, place, cause);
    }
    inside
}

/// E1106: a number is whole and in its range.
fn check_e1106_whole(
    place: Place<'_>,
    number: Decimal,
    range: RangeInclusive<u64>,
    problems: &mut Problems,
) -> Option<u64> {
    let whole = number.to_integer().and_then(|n| u64::try_from(n).ok());
    let whole = whole.filter(|n| range.contains(n));
    if whole.is_none() {
        let (from, to) = range.into_inner();
        let cause = format_args!("{number} is not a whole number from {from} to {to}");
        problems.report(codes::E1106, place, cause);
    }
    whole
}

/// E1107: a number is greater than 0.
fn check_e1107_positive(place: Place<'_>, number: Decimal, problems: &mut Problems) -> bool {
    if number.is_zero() {
        problems.report(codes::E1107, place, format_args!("must not be 0"));
    }
    !number.is_zero()
}

/// E1108: a word is one of the choices.
fn check_e1108_choice<T: Copy>(
    place: Place<'_>,
    word: &str,
    choices: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let choice = choices.iter().find(|(name, _)| *name == word);
    if choice.is_none() {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let cause = format_args!("{} is not one of {}", Quoted(word), names.join(", "));
        problems.report(codes::E1108, place, cause);
    }
    choice.map(|(_, value)| *value)
}

/// E1111: an HHI lies in 0…10000.
pub(super) fn check_e1111_hhi(place: Place<'_>, number: Decimal, problems: &mut Problems) -> bool {
    let inside = number <= Decimal::from(10_000);
    if !inside {
        let cause = format_args!("{number} is more than 10000, a single buyer's HHI");
        problems.report(codes::E1111, place, cause);
    }
    inside
}

/// E1112: a sorted list names each id once.
fn check_e1112_once(place: Place<'_>, ids: &mut Vec<String>, problems: &mut Problems) {
    for pair in ids.windows(2) {
        if let [a, b] = pair
            && a == b
        {
            problems.report(codes::E1112, place, format_args!("{} is named twice", Quoted(a)));
        }
    }
    ids.dedup();
}

/// A text from the input in quotation marks, escaped and cut, so that no message carries a book.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 60;
        f.write_str("\u{201c}")?;
        for character in self.0.chars().take(SHOWN) {
            if character.is_control() {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        let cut = self.0.chars().nth(SHOWN).is_some();
        f.write_str(if cut { "…\u{201d}" } else { "\u{201d}" })
    }
}
