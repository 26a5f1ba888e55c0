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

/// The names by code, and how many rows could not be used.
///
/// # Errors
/// `not-unspsc-table` when the columns are missing or no row can be used.
pub fn read(mut source: impl BufRead) -> Result<(BTreeMap<String, String>, usize), Refusal> {
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

    let (mut names, mut unusable) = (BTreeMap::new(), 0);
    while next(&mut rows, &mut record) {
        let cell = |at: usize| {
            let text = Decoder::ByField.text(record.get(at)?);
            let text: String =
                text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect();
            (!text.is_empty()).then_some(text)
        };
        let (Some(code), Some(name)) = (cell(code).filter(|code| is_code(code)), cell(name)) else {
            unusable += 1;
            continue;
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
fn next<R: Read>(rows: &mut csv::Reader<R>, record: &mut ByteRecord) -> bool {
    loop {
        match rows.read_byte_record(record) {
            Ok(more) => return more,
            Err(_) if rows.is_done() => return false,
            Err(_) => {}
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
        assert_eq!(unusable, 1);
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
