//! Any bytes as a table that is imported: CSV, XLSX, and, after `== NAME`, parts of a workbook, which is packed here:
//! what is packed already hardly ever stays so when its bytes are changed.

#![no_main]

use std::{
    collections::BTreeSet,
    io::{Cursor, Write},
};

use eslabon::{
    exchange::{
        bulk::{NewCapacity, NewSales, Parsed, TABLES, TabledAnswer},
        table::{Cell, Grid, MOST_COLUMNS, MOST_ROWS},
    },
    foundation::numerals::{Convention, Mark},
    organisations::NewOrganisation,
    requirements::LotTerms,
};
use eslabon_fuzz::{check_faults, check_problem};
use libfuzzer_sys::fuzz_target;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The parts of a workbook: what they are called here and there, and what stands for one that is missing.
const PARTS: [(&str, &str, &str); 6] = [
    (
        "root",
        "_rels/.rels",
        r#"<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "relations",
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
    ("workbook", "xl/workbook.xml", r#"<workbook><sheets><sheet name="a" r:id="r"/></sheets></workbook>"#),
    ("strings", "xl/sharedStrings.xml", "<sst><si><t>proceso</t></si></sst>"),
    (
        "styles",
        "xl/styles.xml",
        r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#,
    ),
    (
        "sheet",
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>"#,
    ),
];

/// Pieces, each after a line `== NAME`, as a workbook.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut parts = PARTS.map(|(name, path, usual)| (name, path, usual.as_bytes()));
    let mut rest = bytes;
    while let Some(piece) = rest.strip_prefix(b"== ") {
        let line = piece.iter().position(|b| *b == b'\n').unwrap_or(piece.len());
        let body = piece.get(line + 1..).unwrap_or_default();
        let end = body.windows(4).position(|w| w == b"\n== ").map_or(body.len(), |at| at + 1);
        let named = parts.iter_mut().find(|(name, ..)| name.as_bytes() == &piece[..line]);
        if let Some((_, _, content)) = named {
            *content = &body[..end];
        }
        rest = &body[end..];
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (_, path, content) in parts {
        zip.start_file(path, options).expect("every part has a name of its own");
        zip.write_all(content).expect("memory takes it");
    }
    zip.finish().expect("memory takes it").into_inner()
}

/// A table that came as CSV says the same when it is written as CSV.
fn written(grid: &Grid) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).flexible(true).from_writer(Vec::new());
    writer.write_record(&grid.header).expect("memory takes it");
    for row in &grid.rows {
        writer.write_record(row.cells.iter().map(Cell::shown)).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

fn cells(grid: &Grid) -> Vec<&[Cell]> {
    grid.rows.iter().map(|row| row.cells.as_slice()).collect()
}

/// Reads the rows of a table of each kind; where nothing is wrong, none is lost.
fn check_rows(grid: &Grid) {
    let numbers: BTreeSet<usize> = grid.rows.iter().map(|row| row.number).chain([1]).collect();
    let conventions = [Convention::of("CL"), Convention::UNKNOWN, Convention::declared(Mark::Point)];
    for (table, convention) in TABLES.iter().flat_map(|table| conventions.map(|how| (table, how))) {
        let mut parsed = Parsed::of(table, grid, convention);
        let rows = match table.name {
            "firms" => parsed.rows::<NewOrganisation>().len(),
            "sales" => parsed.rows::<NewSales>().len(),
            "capacities" => parsed.rows::<NewCapacity>().len(),
            "lots" => parsed.rows::<LotTerms>().len(),
            "answers" => parsed.rows::<TabledAnswer>().len(),
            other => panic!("nobody reads {other}"),
        };
        assert_eq!(parsed.objects.len(), grid.rows.len());
        assert!(!parsed.faults.is_empty() || rows == parsed.objects.len(), "{}: a row is lost", table.name);
        check_faults(&parsed.faults);
        for fault in &parsed.faults {
            let row = fault.pointer.strip_prefix("/rows/").and_then(|rest| rest.split('/').next());
            let row = row.and_then(|row| row.parse().ok());
            assert!(row.is_some_and(|row| numbers.contains(&row)), "{fault:?} leads to no row");
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let is_workbook = bytes.starts_with(b"== ");
    let read = if is_workbook { Grid::read(&packed(bytes)) } else { Grid::read(bytes) };
    let grid = match read {
        Ok(grid) => grid,
        Err(problem) => return check_problem(&problem),
    };
    assert!(grid.rows.len() <= MOST_ROWS && grid.header.len() <= MOST_COLUMNS);
    assert!(grid.rows.iter().all(|row| row.cells.len() <= MOST_COLUMNS));
    if !is_workbook && !bytes.starts_with(b"PK") {
        assert!(grid.rows.is_sorted_by_key(|row| row.number), "{grid:?}");
        let again = Grid::read(&written(&grid)).expect("it was read before");
        assert_eq!((&again.header, cells(&again)), (&grid.header, cells(&grid)));
    }
    check_rows(&grid);
});
