//! Tables of UNSPSC codes, as they are published: one row a code, with its name, and often with the names of the class,
//! the family and the segment to which it belongs, which then become codes of their own.
//!
//! The names are everybody's. Whoever runs the machine loads them into the database, new names over old ones; through the
//! API ([`api`]) those who administer an institution add names to codes that have none, and change none that is there.

pub mod api;

use std::{
    collections::BTreeMap,
    io::{BufRead, Read},
};

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::{
    ocds::Refusal,
    shortened,
    table::{Decoder, delimiter},
};
use crate::{
    access,
    foundation::{access::Role, problem::FieldError},
    organisations::unspsc::is_code,
};

access! {
    /// Add names to UNSPSC codes that have none yet, for everybody.
    AddNames = "imports.unspsc", &[Role::InstitutionAdministrator, Role::System], &[];
}

/// The longest name that is kept.
const LONGEST: usize = 300;

/// What columns are called in the published tables; the first that is there counts.
const CODES: &[&str] =
    &["code", "commodity", "codigo", "codigoproducto", "idproductoonu", "codigoproductoonu"];
const NAMES: &[&str] =
    &["name", "title", "commoditytitle", "nombre", "nombreproducto", "nombreproductoonu", "descripcion"];
/// The names of what a code belongs to, with the digits of its code that stand for that.
const WIDER: &[(usize, &[&str])] = &[
    (2, &["segmenttitle", "nombresegmento", "nombrenivel1"]),
    (4, &["familytitle", "nombrefamilia", "nombrenivel2"]),
    (6, &["classtitle", "nombreclase", "nombrenivel3"]),
];

/// So many bytes of a part, at least as it is counted here.
const ENOUGH: usize = 512 << 10;

/// So many codes are taken at once: all there are of one published table, with what they belong to.
pub const MOST_CODES: usize = 50_000;

/// So many of the rows that could not be used are told of singly.
const TOLD: usize = 10;

/// The rows that could not be used.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unusable {
    /// How many there are.
    pub rows: usize,
    /// Why the first ten could not be used, each at `/lines/N`, the line on which it begins.
    pub first: Vec<FieldError>,
}

impl Unusable {
    fn add(&mut self, line: u64, code: &'static str, cell: Option<&str>) {
        self.rows += 1;
        if self.first.len() < TOLD {
            let told = FieldError::new(format!("/lines/{line}"), code);
            self.first.push(match cell {
                Some(cell) => told.with("code", cell),
                None => told,
            });
        }
    }
}

/// The names by code, and the rows that could not be used.
///
/// # Errors
/// `not-unspsc-table` when the columns are missing or no row can be used.
pub fn read(mut source: impl BufRead) -> Result<(BTreeMap<String, String>, Unusable), Refusal> {
    let refusal = |what: &str| {
        Refusal::new(
            "not-unspsc-table",
            format!("this is no table of UNSPSC codes: {what}"),
            "give a CSV with a header and the columns code and name",
        )
    };
    let mark = delimiter(source.fill_buf().map_err(|error| refusal(&error.to_string()))?);
    let mut rows = ReaderBuilder::new().delimiter(mark).has_headers(false).flexible(true).from_reader(source);
    let mut record = ByteRecord::new();
    rows.read_byte_record(&mut record).map_err(|error| refusal(&error.to_string()))?;
    let header: StringRecord = record.iter().map(|name| Decoder::ByField.text(name).into_owned()).collect();
    let code = find(&header, CODES).ok_or_else(|| refusal("it has no column code"))?;
    let name = find(&header, NAMES).ok_or_else(|| refusal("it has no column name"))?;
    let wider: Vec<(usize, usize)> =
        WIDER.iter().filter_map(|(digits, names)| Some((*digits, find(&header, names)?))).collect();

    let (mut names, mut unusable) = (BTreeMap::new(), Unusable::default());
    while next(&mut rows, &mut record, &mut unusable) {
        let cell = |at: usize| {
            let text = Decoder::ByField.text(record.get(at)?);
            let text = shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST);
            (!text.is_empty()).then_some(text)
        };
        let (code, name) = match (cell(code), cell(name)) {
            (Some(code), Some(name)) if is_code(&code) => (code, name),
            (code, _) => {
                let why = match &code {
                    None => "unspsc-code-missing",
                    Some(code) if !is_code(code) => "unspsc-code-unfit",
                    Some(_) => "unspsc-name-missing",
                };
                unusable.add(record.position().map_or(0, csv::Position::line), why, code.as_deref());
                continue;
            }
        };
        for (digits, at) in &wider {
            if let (Some(part), Some(name)) = (code.get(..*digits), cell(*at)) {
                names.entry(format!("{part:0<8}")).or_insert(name);
            }
        }
        names.insert(code, name);
    }
    if names.is_empty() {
        Err(refusal("no row has a code of eight digits and a name"))
    } else {
        Ok((names, unusable))
    }
}

/// The names as tables of their own with the columns code and name, each of half a megabyte at most: what a service takes
/// in good time.
///
/// # Errors
/// None that memory gives.
pub fn parts(names: &BTreeMap<String, String>) -> csv::Result<Vec<Vec<u8>>> {
    let mut parts: Vec<csv::Writer<Vec<u8>>> = Vec::new();
    let mut size = ENOUGH;
    for (code, name) in names {
        if size >= ENOUGH {
            let mut part = csv::Writer::from_writer(Vec::new());
            part.write_record(["code", "name"])?;
            parts.push(part);
            size = 0;
        }
        if let Some(part) = parts.last_mut() {
            part.write_record([code, name])?;
            // With the marks between cells, and around one that holds them.
            size += code.len() + 2 * name.len() + 4;
        }
    }
    let whole = |part: csv::Writer<Vec<u8>>| part.into_inner().map_err(|error| error.into_error().into());
    parts.into_iter().map(whole).collect()
}

/// The next row that can be read.
fn next<R: Read>(rows: &mut csv::Reader<R>, record: &mut ByteRecord, unusable: &mut Unusable) -> bool {
    loop {
        match rows.read_byte_record(record) {
            Ok(more) => return more,
            Err(error) => {
                unusable.add(error.position().map_or(0, csv::Position::line), "row-unreadable", None);
                if rows.is_done() {
                    return false;
                }
            }
        }
    }
}

fn find(header: &StringRecord, wanted: &[&str]) -> Option<usize> {
    let plain =
        |name: &str| name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let header: Vec<String> = header.iter().map(plain).collect();
    wanted.iter().find_map(|wanted| header.iter().position(|name| name == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_table_names_classes_families_and_segments_too() {
        let table = "\u{feff}idproducto_onu;nombreproducto_onu;id_nivel3;nombre_nivel3;nombre_nivel2;nombre_nivel1\n\
            73181001;Servicios de  torneado;73181000;Mecanizado;Transformación;Servicios industriales\n\
            sin código;Nada;;;;\n";
        let (names, unusable) = read(table.as_bytes()).unwrap();
        let expected = [
            ("73000000", "Servicios industriales"),
            ("73180000", "Transformación"),
            ("73181000", "Mecanizado"),
            ("73181001", "Servicios de torneado"),
        ];
        let names: Vec<_> = names.iter().map(|(code, name)| (code.as_str(), name.as_str())).collect();
        assert_eq!(names, expected);
        let expected = FieldError::new("/lines/3", "unspsc-code-unfit").with("code", "sin código");
        assert_eq!(unusable, Unusable { rows: 1, first: vec![expected] });
    }

    #[test]
    fn the_first_rows_that_can_not_be_used_are_told_with_their_lines() {
        let short = (0..12).map(|at| format!("{at},corto\n")).collect::<Vec<_>>().concat();
        let table = format!("code,name\n10101501,\"Dos\nlíneas\"\n10101502,\n,Sin código\n{short}");
        let (names, unusable) = read(table.as_bytes()).unwrap();
        assert_eq!((names.len(), unusable.rows, unusable.first.len()), (1, 14, 10));
        let expected = [
            FieldError::new("/lines/4", "unspsc-name-missing").with("code", "10101502"),
            FieldError::new("/lines/5", "unspsc-code-missing"),
            FieldError::new("/lines/6", "unspsc-code-unfit").with("code", "0"),
        ];
        assert_eq!(unusable.first[..3], expected);
    }

    #[test]
    fn a_large_table_is_sent_in_parts_in_which_nothing_is_lost() {
        let names: BTreeMap<String, String> = (0..20_000)
            .map(|at| (format!("{}", 10_000_000 + at), format!("Rubro \"{at}\", y más")))
            .collect();
        let parts = parts(&names).unwrap();
        assert!(parts.len() > 1 && parts.iter().all(|part| part.len() < ENOUGH + 1_000));
        let read = parts.iter().flat_map(|part| read(&**part).unwrap().0);
        assert_eq!(read.collect::<BTreeMap<_, _>>(), names);
    }

    #[test]
    fn two_columns_are_enough_and_something_else_is_refused() {
        let latin: Vec<u8> =
            "Code,Title\n10101501,Ca\u{f1}a\n".chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(read(&*latin).unwrap().0["10101501"], "Caña");
        for wrong in ["", "a,b\n1,2\n", "code,name\n1,uno\n"] {
            assert_eq!(read(wrong.as_bytes()).unwrap_err().code, "not-unspsc-table", "{wrong}");
        }
    }
}
