//! What a browser sends: flat pairs of texts, typed by people.
//!
//! `lots-0-quantity` is the field `quantity` of the first of `lots`, so that a form says whatever a JSON body can.
//! A row in which nothing was typed is no row; the others keep their places, so that a fault's pointer leads to the
//! field that was typed into.
//!
//! Numbers are typed as people write them where they live. `1.234` is 1234 in Chile and 1.234 in Mexico: where a text
//! can be read both ways it is refused, with both readings.

use serde_json::{Map, Value as Json};

use super::Fault;

/// So many rows a form may have.
const MOST_ROWS: usize = 2_000;

/// Puts a form's pairs into the object that their names describe. The page layer's own fields (`_…`) are left out; of
/// a name that comes twice the last one counts.
pub(super) fn unfold(pairs: &[(String, String)]) -> Map<String, Json> {
    let mut object = Map::new();
    for (name, text) in pairs.iter().filter(|(name, _)| !name.starts_with('_')) {
        let path: Vec<&str> = name.split('-').collect();
        if path.iter().all(|part| !part.is_empty()) {
            put(&mut object, &path, text);
        } else {
            object.insert(name.clone(), Json::from(text.as_str()));
        }
    }
    let mut root = Json::Object(object);
    empty_rows(&mut root);
    match root {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}

fn put(object: &mut Map<String, Json>, path: &[&str], text: &str) {
    let Some((first, rest)) = path.split_first() else { return };
    let Some(next) = rest.first() else {
        object.insert((*first).to_owned(), Json::from(text));
        return;
    };
    let Ok(at) = next.parse::<usize>() else {
        let inner = object.entry((*first).to_owned()).or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(inner) = inner {
            put(inner, rest, text);
        }
        return;
    };
    let list = object.entry((*first).to_owned()).or_insert_with(|| Json::Array(Vec::new()));
    let Json::Array(list) = list else { return };
    if at >= MOST_ROWS {
        return;
    }
    while list.len() <= at {
        list.push(Json::Null);
    }
    match &rest[1..] {
        [] => list[at] = Json::from(text),
        inner => {
            if !list[at].is_object() {
                list[at] = Json::Object(Map::new());
            }
            if let Json::Object(row) = &mut list[at] {
                put(row, inner, text);
            }
        }
    }
}

fn is_blank(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(items) => items.iter().all(is_blank),
        Json::Object(object) => object.values().all(is_blank),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

fn empty_rows(json: &mut Json) {
    match json {
        Json::Array(items) => {
            for item in items {
                if is_blank(item) {
                    *item = Json::Null;
                } else {
                    empty_rows(item);
                }
            }
        }
        Json::Object(object) => object.values_mut().for_each(empty_rows),
        _ => {}
    }
}

/// A number as typed, written plainly: digits, and a point before the decimals.
///
/// # Errors
/// `ambiguous-number` with both readings, where there are two.
pub fn numeral(typed: &str) -> Result<String, Fault> {
    let spaced = |c: &char| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}');
    let text: String = typed.trim().chars().filter(spaced).collect();
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let signs: Vec<char> = digits.chars().filter(|c| matches!(c, '.' | ',')).collect();
    let plain = match signs.as_slice() {
        [] => digits.to_owned(),
        [only] => {
            let (whole, rest) = digits.split_once(*only).unwrap_or((digits, ""));
            if rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0') {
                let readings = vec![
                    ("large", format!("{sign}{whole}{rest}")),
                    ("small", format!("{sign}{whole}.{rest}0")),
                ];
                return Err(Fault("ambiguous-number", readings));
            }
            format!("{whole}.{rest}")
        }
        // Of several signs only the last can stand before decimals, and only where it is another one.
        [first, .., last] => {
            let groups = digits.replace(*first, if first == last { "" } else { "_" });
            let well_grouped =
                |whole: &str, mark: char| whole.split(mark).skip(1).all(|group| group.len() == 3);
            if first == last {
                if !signs.iter().all(|sign| sign == first) || !well_grouped(digits, *first) {
                    return Ok(text);
                }
                groups
            } else {
                let (whole, rest) = digits.rsplit_once(*last).unwrap_or((digits, ""));
                if whole.contains(*last) || !well_grouped(whole, *first) {
                    return Ok(text);
                }
                format!("{}.{rest}", whole.replace(*first, ""))
            }
        }
    };
    Ok(format!("{sign}{plain}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn names_with_dashes_are_rows_and_fields_within() {
        let typed = pairs(&[
            ("title", "Repuestos"),
            ("_once", "k"),
            ("lots-0-name", "Ejes"),
            ("lots-0-delivery-from", "2026-01-01"),
            ("lots-1-name", " "),
            ("lots-1-delivery-from", ""),
            ("lots-2-name", "Bujes"),
            ("purposes-1", "gaps"),
        ]);
        let expected = json!({
            "title": "Repuestos",
            "lots": [
                { "name": "Ejes", "delivery": { "from": "2026-01-01" } },
                null,
                { "name": "Bujes" },
            ],
            "purposes": [null, "gaps"],
        });
        assert_eq!(Json::Object(unfold(&typed)), expected);
        let hostile = pairs(&[("a-9999999-b", "x"), ("a-b", "y"), ("-", "z"), ("a", "w"), ("a-0", "v")]);
        assert_eq!(Json::Object(unfold(&hostile)), json!({ "a": "w", "-": "z" }));
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (typed, plain) in [
            ("1234", "1234"),
            ("1 234", "1234"),
            ("1\u{202f}234\u{202f}567,5", "1234567.5"),
            ("1.234.567", "1234567"),
            ("1.234.567,89", "1234567.89"),
            ("1,234,567.89", "1234567.89"),
            ("1'234.5", "1234.5"),
            ("0,125", "0.125"),
            ("0.125", "0.125"),
            ("12,5", "12.5"),
            ("1234.567", "1234.567"),
            ("-3,25", "-3.25"),
            ("1.2345", "1.2345"),
        ] {
            assert_eq!(numeral(typed).as_deref(), Ok(plain), "{typed}");
        }
        for garbage in ["1.23.4", "1,2.3,4", "abc", "1.234,567,8"] {
            assert!(numeral(garbage).is_ok_and(|text| text.parse::<f64>().is_err()), "{garbage}");
        }
    }

    #[test]
    fn what_can_be_read_both_ways_is_refused_with_both_readings() {
        for typed in ["1.234", "1,234", "12.000", "999,999"] {
            let Fault(code, readings) = numeral(typed).unwrap_err();
            assert_eq!(code, "ambiguous-number", "{typed}");
            let plain: String = typed.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(readings[0].1, plain);
            for (_, reading) in &readings {
                assert_eq!(
                    numeral(reading).as_deref(),
                    Ok(reading.as_str()),
                    "each reading does as it stands"
                );
            }
        }
    }
}
