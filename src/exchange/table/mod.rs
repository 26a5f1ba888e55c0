//! Tables that come in: CSV and XLSX, as spreadsheet programs and people write them.
//!
//! A table becomes a [`Grid`]: a header, and rows with the number that a spreadsheet shows beside them. What a cell
//! means is decided later, by the column that it stands in. A file is read within limits, whatever it says of itself.

mod delimited;
mod workbook;

use axum::http::StatusCode;

pub use delimited::{Decoder, delimiter};

use crate::foundation::{http::UPLOAD_LIMIT, problem::Problem};

/// The largest file.
pub const MOST_BYTES: usize = UPLOAD_LIMIT;
/// The most rows after the header.
pub const MOST_ROWS: usize = 5_000;
/// The most columns.
pub const MOST_COLUMNS: usize = 64;
/// What a workbook may be once it is unpacked: a spreadsheet packs to about a tenth.
pub const MOST_UNPACKED: u64 = 64 << 20;

/// A table as it came.
#[derive(Clone, PartialEq, Debug)]
pub struct Grid {
    /// What stands in the first row.
    pub header: Vec<String>,
    /// The other rows that are not empty.
    pub rows: Vec<Line>,
}

/// A row.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// As a spreadsheet numbers it; the header is row 1.
    pub number: usize,
    /// Its cells; what is missing at the end is empty.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// What was typed.
    Text(String),
    /// A number of a workbook, in digits with a point: it can only be read one way.
    Number(String),
    /// A date of a workbook: `2026-03-02`.
    Day(String),
    /// A truth value of a workbook.
    Flag(bool),
}

impl Cell {
    /// A text, without what surrounds it.
    pub fn text(text: &str) -> Self {
        match text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}') {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }

    /// What it shows.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Number(text) | Self::Day(text) => text.clone(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

impl Grid {
    /// Reads a file, by what is in it and not by what it is called.
    ///
    /// # Errors
    /// 413 for too much, also once it is unpacked and read, 415 for neither CSV nor XLSX, 422 `no-table` when there is no header.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.len() > MOST_BYTES {
            return Err(too_much("table-too-large", MOST_BYTES >> 20));
        }
        let grid = if bytes.starts_with(b"PK") { workbook::read(bytes)? } else { delimited::read(bytes)? };
        if grid.header.iter().all(String::is_empty) {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no-table"));
        }
        Ok(grid)
    }

    /// Adds a row within the limits; the first one is the header.
    fn push(rows: &mut Vec<Line>, line: Line) -> Result<(), Problem> {
        if line.cells.len() > MOST_COLUMNS {
            return Err(too_much("too-many-columns", MOST_COLUMNS));
        }
        if line.cells.iter().all(|cell| *cell == Cell::Empty) {
            return Ok(());
        }
        // One of them is the header.
        if rows.len() > MOST_ROWS {
            return Err(too_much("too-many-rows", MOST_ROWS));
        }
        rows.push(line);
        Ok(())
    }

    fn of(rows: Vec<Line>) -> Self {
        let mut rows = rows.into_iter();
        let header = rows.next().map(|line| line.cells.iter().map(Cell::shown).collect()).unwrap_or_default();
        Self { header, rows: rows.collect() }
    }
}

fn too_much(code: &'static str, most: usize) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, code).with("most", most)
}

fn no_table() -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-a-table")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    use super::*;

    fn texts(grid: &Grid) -> Vec<(usize, Vec<String>)> {
        grid.rows.iter().map(|line| (line.number, line.cells.iter().map(Cell::shown).collect())).collect()
    }

    #[test]
    fn every_delimiter_and_encoding_reads_alike() {
        let expected = vec![
            (2, vec!["Añil y Cía".to_owned(), "1,5".to_owned()]),
            (4, vec!["b".to_owned(), "2".to_owned()]),
        ];
        let table = "nombre;monto\nAñil y Cía;1,5\n;\nb;2\n";
        let tabs = table.replace(';', "\t");
        let commas = "nombre,monto\r\n\"Añil y Cía\",\"1,5\"\r\n,\r\nb,2\r\n";
        let latin: Vec<u8> = table.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let marked = [b"\xef\xbb\xbf".as_slice(), table.as_bytes()].concat();
        for bytes in [table.as_bytes(), tabs.as_bytes(), commas.as_bytes(), &latin, &marked] {
            let grid = Grid::read(bytes).unwrap();
            assert_eq!(grid.header, ["nombre", "monto"]);
            assert_eq!(texts(&grid), expected);
        }
    }

    #[test]
    fn rows_are_numbered_as_spreadsheets_do() {
        let grid = Grid::read(b"a,b\n\"one\ntwo\",1\n\n\nx,2\n").unwrap();
        assert_eq!(texts(&grid).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 5]);
        let classic = Grid::read(b"a,b\r\"one\rtwo\",1\r\r\rx,2\r").unwrap();
        assert_eq!(texts(&classic).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 5]);
    }

    #[test]
    fn a_workbook_says_what_is_a_number_and_what_a_day() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, name) in (0..).zip(["name", "amount", "day", "yes"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        let day = ExcelDateTime::from_ymd(2026, 3, 2).unwrap();
        sheet.write_string(2, 0, "=1+1").unwrap();
        sheet.write_number(2, 1, 1_234_567.5).unwrap();
        sheet.write_datetime_with_format(2, 2, &day, &Format::new().set_num_format("dd/mm/yyyy")).unwrap();
        sheet.write_boolean(2, 3, true).unwrap();
        let grid = Grid::read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(grid.header, ["name", "amount", "day", "yes"]);
        let cells = vec![
            Cell::Text("=1+1".to_owned()),
            Cell::Number("1234567.5".to_owned()),
            Cell::Day("2026-03-02".to_owned()),
            Cell::Flag(true),
        ];
        assert_eq!(grid.rows, [Line { number: 3, cells }]);
    }

    #[test]
    fn what_is_too_much_or_no_table_is_refused() {
        let code = |bytes: &[u8]| Grid::read(bytes).unwrap_err().code;
        assert_eq!(code(b""), "no-table");
        assert_eq!(code(b"\n\n"), "no-table");
        assert_eq!(code(b"PK\x03\x04 no archive"), "not-a-table");
        assert_eq!(code(b"%PDF-1.7\0\0\0"), "not-a-table");
        assert_eq!(code(&vec![b'a'; MOST_BYTES + 1]), "table-too-large");
        assert_eq!(code("a,".repeat(MOST_COLUMNS + 1).as_bytes()), "too-many-columns");
        assert_eq!(code(format!("a\n{}", "b\n".repeat(MOST_ROWS + 1)).as_bytes()), "too-many-rows");
        assert!(Grid::read(format!("a\n{}", "b\n".repeat(MOST_ROWS)).as_bytes()).is_ok());
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..=(MOST_UNPACKED >> 20) {
            zip.write_all(&zeros).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < MOST_BYTES, "{}", bytes.len());
        assert_eq!(Grid::read(&bytes).unwrap_err().code, "table-too-large");
    }

    /// A workbook with something else in one of its parts.
    fn workbook_with(part: &str, content: &[u8]) -> Vec<u8> {
        let mut book = Workbook::new();
        book.add_worksheet().write_string(0, 0, "name").unwrap();
        let whole = book.save_to_buffer().unwrap();
        let mut from = zip::ZipArchive::new(Cursor::new(whole)).unwrap();
        let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let names: Vec<String> = from.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert!(names.iter().any(|name| name == part), "{part} is none of {names:?}");
        for name in names {
            to.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
            if name == part {
                to.write_all(content).unwrap();
            } else {
                std::io::copy(&mut from.by_name(&name).unwrap(), &mut to).unwrap();
            }
        }
        to.finish().unwrap().into_inner()
    }

    /// Whoever reads it makes room for what it claims at once, and copies for what is named.
    #[test]
    fn a_workbook_that_unfolds_too_far_is_refused() {
        let code = |part: &str, content: &[u8]| {
            Grid::read(&workbook_with(part, content)).map_err(|problem| problem.code)
        };
        let texts = |count: &str| format!("<sst uniqueCount = {count}><si><t>name</t></si></sst>");
        assert_eq!(code("xl/sharedStrings.xml", texts("'1'").as_bytes()).unwrap().header, ["name"]);
        for count in ["'1000000000000'", "\"99999999999999999999999\""] {
            assert_eq!(code("xl/sharedStrings.xml", texts(count).as_bytes()), Err("not-a-table"), "{count}");
        }
        let styles = |format: &str, times: usize| {
            let formats = "<xf numFmtId='164'/>".repeat(times);
            format!(
                "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='{format}'/></numFmts>\
                <cellXfs>{formats}</cellXfs></styleSheet>"
            )
        };
        assert_eq!(code("xl/styles.xml", styles("0.00", 60_000).as_bytes()).unwrap().header, ["name"]);
        let long = "<".repeat(1 << 20);
        assert_eq!(code("xl/styles.xml", styles(&long, 1_000).as_bytes()), Err("too-many-formats"));
        assert_eq!(code("xl/styles.xml", styles("0", 1_000_001).as_bytes()), Err("too-many-formats"));
        let many = format!("<sst>{}</sst>", "<si/>".repeat(1_000_001));
        assert_eq!(code("xl/sharedStrings.xml", many.as_bytes()), Err("table-too-large"));
    }

    #[test]
    fn one_text_in_every_cell_is_as_much_as_it_is_in_each() {
        let mut book = Workbook::new();
        let (sheet, text) = (book.add_worksheet(), "x".repeat(32_000));
        for row in 0..40 {
            for column in 0..60 {
                sheet.write_string(row, column, &text).unwrap();
            }
        }
        let bytes = book.save_to_buffer().unwrap();
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        assert_eq!(Grid::read(&bytes).unwrap_err().code, "table-too-large");
    }

    #[test]
    fn a_cell_at_the_end_of_the_world_costs_nothing() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "a").unwrap();
        sheet.write_string(1_048_575, 16_383, "z").unwrap();
        assert_eq!(Grid::read(&book.save_to_buffer().unwrap()).unwrap_err().code, "too-many-columns");
    }
}
