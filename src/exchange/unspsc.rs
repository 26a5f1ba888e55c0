//! Tables of UNSPSC codes, as they are published: one row a code, with its name, and often with the names of the class,
//! the family and the segment to which it belongs, which then become codes of their own.

use std::{
    collections::BTreeMap,
    io::{BufRead, Read},
};

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::{
    ocds::Refusal,
    table::{Decoder, delimiter},
};
use crate::organisations::unspsc::is_code;

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

/// So many of the rows that could not be used are told of singly.
const TOLD: usize = 10;

/// The rows that could not be used.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unusable {
    /// How many there are.
    pub rows: usize,
    /// The first ten: the line on which each begins, and why it could not be used.
    pub first: Vec<(u64, String)>,
}

impl Unusable {
    fn add(&mut self, line: u64, why: String) {
        self.rows += 1;
        if self.first.len() < TOLD {
            self.first.push((line, why));
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
            let text: String =
                text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect();
            (!text.is_empty()).then_some(text)
        };
        let (code, name) = match (cell(code), cell(name)) {
            (Some(code), Some(name)) if is_code(&code) => (code, name),
            (code, name) => {
                let why = match (code, name) {
                    (None, _) => "it has no code".to_owned(),
                    (Some(code), _) if !is_code(&code) => {
                        format!("\"{code}\" is no code: eight digits, the first two 10 to 95")
                    }
                    (Some(code), _) => format!("{code} has no name"),
                };
                unusable.add(record.position().map_or(0, csv::Position::line), why);
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

/// The next row that can be read.
fn next<R: Read>(rows: &mut csv::Reader<R>, record: &mut ByteRecord, unusable: &mut Unusable) -> bool {
    loop {
        match rows.read_byte_record(record) {
            Ok(more) => return more,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                unusable.add(line, format!("it can't be read: {error}"));
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
        let expected =
            vec![(3, "\"sin código\" is no code: eight digits, the first two 10 to 95".to_owned())];
        assert_eq!(unusable, Unusable { rows: 1, first: expected });
    }

    #[test]
    fn the_first_rows_that_can_not_be_used_are_told_with_their_lines() {
        let short = (0..12).map(|at| format!("{at},corto\n")).collect::<Vec<_>>().concat();
        let table = format!("code,name\n10101501,\"Dos\nlíneas\"\n10101502,\n,Sin código\n{short}");
        let (names, unusable) = read(table.as_bytes()).unwrap();
        assert_eq!((names.len(), unusable.rows, unusable.first.len()), (1, 14, 10));
        let told = |line: u64, why: &str| (line, why.to_owned());
        let expected = [
            told(4, "10101502 has no name"),
            told(5, "it has no code"),
            told(6, "\"0\" is no code: eight digits, the first two 10 to 95"),
        ];
        assert_eq!(unusable.first[..3], expected);
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
