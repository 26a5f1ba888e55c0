//! Tables that go out, as CSV (RFC 4180, UTF-8, a comma) and as XLSX.
//!
//! A spreadsheet program runs what begins like a formula, whoever wrote it: such a text gets an apostrophe in front,
//! which spreadsheets show as the text and nothing more.

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};
use serde_json::Value as Json;

use crate::{foundation::problem::Problem, words};

words! {
    /// What a table is written as.
    #[schema(as = TableFormat)]
    pub enum Format {
        /// Comma-separated values.
        Csv = "csv",
        /// A workbook with one sheet.
        Xlsx = "xlsx",
    }
}

/// The media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The media type of CSV.
pub const CSV: &str = "text/csv";
/// A spreadsheet keeps so many digits of a number.
const DIGITS: usize = 15;
/// How columns end that hold names and never figures, however they look.
const NAMES: &[&str] = &["id", "code", "number", "process", "reference", "etag", "name", "title", "version"];

impl Format {
    /// Its media type, as it is sent.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => XLSX,
        }
    }

    /// A table of these columns, each the path of a value: `amount.currency`.
    ///
    /// # Errors
    /// When the table can't be written.
    pub fn write(self, columns: &[String], rows: &[Json]) -> Result<Vec<u8>, Problem> {
        let cell = |row: &Json, column: &String| {
            let value = at(row, column);
            let text = text(value);
            Cell { figure: figure(column, value, &text), text }
        };
        let rows: Vec<Vec<Cell>> =
            rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect()).collect();
        self.table(columns, &rows)
    }

    /// A table of these cells, each row as long as the headings.
    ///
    /// # Errors
    /// When the table can't be written.
    pub fn table(self, headings: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Csv => csv(headings, rows).map_err(Problem::internal),
            Self::Xlsx => xlsx(headings, rows).map_err(Problem::internal),
        }
    }

    /// The answer with which a table is sent to be kept.
    pub fn attached(self, name: &str, written: Vec<u8>) -> Response {
        let attachment = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{self}\""));
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.media_type())),
            (header::CONTENT_DISPOSITION, attachment.unwrap_or(HeaderValue::from_static("attachment"))),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (headers, written).into_response()
    }
}

/// A cell of a table.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    text: String,
    /// The number that a spreadsheet can reckon with.
    figure: Option<f64>,
}

impl Cell {
    /// Words.
    pub const fn text(text: String) -> Self {
        Self { text, figure: None }
    }

    /// A number in digits, with a point before its decimals.
    pub fn figure(text: String) -> Self {
        let figure = number(&text);
        Self { text, figure }
    }
}

fn csv(headings: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, std::io::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(headings.iter().map(|heading| safe(heading).into_owned()))?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| safe(&cell.text).into_owned()))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn xlsx(headings: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let bold = CellFormat::new().set_bold();
    for (column, heading) in (0..).zip(headings) {
        sheet.write_string_with_format(0, column, safe(heading), &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            match cell.figure {
                Some(number) => sheet.write_number(line, column, number)?,
                None if cell.text.is_empty() => sheet,
                None => sheet.write_string(line, column, safe(&cell.text))?,
            };
        }
    }
    book.save_to_buffer()
}

/// The value at a path.
fn at<'a>(row: &'a Json, column: &str) -> Option<&'a Json> {
    column.split('.').try_fold(row, |value, step| value.get(step))
}

/// A value in one cell: lists of plain values with semicolons, what is deeper as JSON.
fn text(value: Option<&Json>) -> String {
    match value {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Array(items)) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(|item| text(Some(item))).collect::<Vec<_>>().join("; ")
        }
        Some(other) => other.to_string(),
    }
}

/// The number of a cell that a spreadsheet can keep without changing a digit.
fn figure(column: &str, value: Option<&Json>, shown: &str) -> Option<f64> {
    let last = column.rsplit('.').next().unwrap_or(column);
    if NAMES.iter().any(|name| last.ends_with(name)) || !value.is_some_and(|v| v.is_number() || v.is_string())
    {
        return None;
    }
    number(shown)
}

/// The number that a text is, unless a spreadsheet would change a digit of it.
fn number(shown: &str) -> Option<f64> {
    let digits = shown.strip_prefix('-').unwrap_or(shown);
    let padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if padded || digits.len() > DIGITS || !is_number(shown) || shown.contains(',') {
        return None;
    }
    shown.parse().ok()
}

/// Digits with at most one point or comma, and a sign.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let marks = digits.bytes().filter(|b| matches!(b, b'.' | b',')).count();
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
    plain && marks <= 1 && digits.starts_with(|c: char| c.is_ascii_digit())
}

/// The text, unless a spreadsheet would run it.
pub fn safe(text: &str) -> Cow<'_, str> {
    let begins = text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r', '\n']);
    if begins && !is_number(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for formula in ["=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(A1)", " =A1", "\t=A1", "-"] {
            assert_eq!(safe(formula), format!("'{formula}"));
        }
        for plain in ["-12.5", "+3", "-0,5", "a=b", "", "2-3"] {
            assert_eq!(safe(plain), plain);
        }
    }

    #[test]
    fn a_table_has_its_columns_whatever_the_rows_have() {
        let columns = ["id", "amount.amount", "amount.currency", "list", "deep"].map(str::to_owned);
        let rows = [
            json!({ "id": "1", "amount": { "amount": "1234.50", "currency": "CLP" }, "list": ["a", 2] }),
            json!({ "id": "=x", "amount": null, "list": [], "deep": [{ "a": "b,\"c\"" }] }),
        ];
        let written = Format::Csv.write(&columns, &rows).unwrap();
        let expected = "id,amount.amount,amount.currency,list,deep\n1,1234.50,CLP,a; 2,\n'=x,,,,\"[{\"\"a\"\":\"\"b,\\\"\"c\\\"\"\"\"}]\"\n";
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn figures_are_numbers_and_names_stay_as_they_are() {
        let of = |column: &str, text: &str| figure(column, Some(&json!(text)), text);
        assert_eq!(of("amount.amount", "1234.50"), Some(1234.5));
        assert_eq!(of("share", "0.3"), Some(0.3));
        assert_eq!(of("tax_id", "76086428"), None);
        assert_eq!(of("quantity", "007"), None);
        assert_eq!(of("quantity", "1234567890123456"), None);
        assert_eq!(of("closes_at", "2026-03-02"), None);
    }
}
