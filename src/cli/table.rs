//! Tables on a terminal: columns that are as wide as their widest cell.

use std::fmt::Write;

#[derive(Clone, Copy)]
pub(super) enum Side {
    Left,
    Right,
}

pub(super) struct Table {
    sides: Vec<Side>,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Rows that were left out, and what says where they are.
    left_out: Option<(usize, &'static str)>,
}

impl Table {
    pub(super) fn new(columns: &[(&str, Side)]) -> Self {
        let (head, sides) = columns.iter().map(|(name, side)| ((*name).to_owned(), *side)).unzip();
        Self { sides, head, rows: Vec::new(), left_out: None }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Keeps the first rows, and says where the others are.
    pub(super) fn at_most(mut self, rows: usize, elsewhere: &'static str) -> Self {
        if self.rows.len() > rows {
            self.left_out = Some((self.rows.len() - rows, elsewhere));
            self.rows.truncate(rows);
        }
        self
    }

    /// The table under a title, with an empty line before it; nothing if it has no rows.
    pub(super) fn section(&self, text: &mut String, title: &str) {
        if !self.rows.is_empty() {
            let _ = write!(text, "\n{title}\n{}", self.aligned());
        }
    }

    pub(super) fn aligned(&self) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&self.head]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut text = String::new();
        for row in [&self.head].into_iter().chain(&self.rows) {
            let cells = row.iter().zip(&widths).zip(&self.sides).map(|((cell, width), side)| match side {
                Side::Left => format!("{cell:<width$}"),
                Side::Right => format!("{cell:>width$}"),
            });
            let _ = writeln!(text, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        if let Some((rows, elsewhere)) = self.left_out {
            let _ = writeln!(text, "  and {rows} more: {elsewhere}");
        }
        text
    }
}

/// A share for the eye, in percent; the results themselves have nine places.
pub(super) fn percent(share: Option<&str>) -> String {
    match share.and_then(|share| share.parse::<f64>().ok()) {
        Some(share) => format!("{:.1} %", share * 100.),
        None => "–".to_owned(),
    }
}

/// An amount for the eye: a thin space every three digits, as the SI writes numbers.
pub(super) fn grouped(amount: &str) -> String {
    let (sign, number) = amount.split_at(amount.len() - amount.trim_start_matches(['-', '+']).len());
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return amount.to_owned();
    }
    let mut text = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        let _ = write!(text, ".{fraction}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Table {
        let mut table = Table::new(&[("Lot", Side::Left), ("units", Side::Right), ("", Side::Left)]);
        table.row(["Piñón".to_owned(), "7".to_owned(), String::new()]);
        table.row(["B".to_owned(), "1200".to_owned(), "new".to_owned()]);
        table
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        assert_eq!(example().aligned(), "  Lot    units\n  Piñón      7\n  B       1200  new\n");
    }

    #[test]
    fn rows_that_are_left_out_are_counted() {
        let short = example().at_most(1, "--json has them").aligned();
        assert!(short.ends_with("Piñón      7\n  and 1 more: --json has them\n"), "{short}");
    }

    #[test]
    fn a_share_that_nobody_knows_is_a_dash() {
        assert_eq!(percent(None), "–");
        assert_eq!(percent(Some("0.295774648")), "29.6 %");
    }

    #[test]
    fn thousands_stand_apart() {
        for (amount, expected) in [
            ("1234567.50", "1 234 567.50"),
            ("999", "999"),
            ("-1000", "-1 000"),
            ("+1000.25", "+1 000.25"),
            ("-0.5", "-0.5"),
            ("much", "much"),
            ("", ""),
        ] {
            assert_eq!(grouped(amount), expected);
        }
    }
}
