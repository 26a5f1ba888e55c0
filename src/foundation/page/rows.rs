//! Tables that are typed into: rows of fields, whose names say where they belong.
//!
//! `lots-0-quantity` is the field `quantity` of the first of `lots`; see
//! [`forms`](crate::foundation::fields::forms) for how they are read.

use super::Typed;

/// A column of a table: the field's name, HTML's inputmode, and how wide it is in characters.
pub type Column = (&'static str, &'static str, u8);

/// A field of a row.
pub struct Cell {
    /// The field's name on the form.
    pub name: String,
    /// The column.
    pub column: &'static str,
    /// What is saved.
    pub value: String,
    /// HTML's inputmode.
    pub mode: &'static str,
    /// In characters.
    pub size: u8,
}

/// The name of a field in a row, from 0.
pub fn name(list: &str, at: usize, field: &str) -> String {
    format!("{list}-{at}-{field}")
}

/// The fields of a row; `of` says what is saved in a column.
pub fn cells(list: &str, at: usize, columns: &[Column], of: &dyn Fn(&str) -> String) -> Vec<Cell> {
    let cell = |(column, mode, size): &Column| Cell {
        name: name(list, at, column),
        column,
        value: of(column),
        mode,
        size: *size,
    };
    columns.iter().map(cell).collect()
}

/// So many rows were typed, and at most so many.
pub fn typed(typed: &Typed, list: &str, most: usize) -> usize {
    let at =
        |name: &str| name.strip_prefix(list)?.strip_prefix('-')?.split('-').next()?.parse::<usize>().ok();
    let written = typed.pairs().iter().filter(|(_, text)| !text.trim().is_empty());
    written.filter_map(|(name, _)| at(name)).max().map_or(0, |last| last.saturating_add(1).min(most))
}

/// What a field holds, as a text; nothing is an empty one.
pub fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_rows_as_were_typed_and_no_more_than_there_may_be() {
        let count = |name: &str, text: &str| {
            typed(&Typed::new(vec![(name.to_owned(), text.to_owned())]), "lots", 500)
        };
        assert_eq!(
            (count("lots-6-name", "x"), count("lots-6-name", " "), count("lot-6-name", "x")),
            (7, 0, 0)
        );
        assert_eq!((count("lots-499-name", "x"), count("lots-500-name", "x")), (500, 500));
        assert_eq!(count(&format!("lots-{}-name", usize::MAX), "x"), 500);
    }
}
