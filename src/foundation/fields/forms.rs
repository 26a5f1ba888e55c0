//! What a browser sends: flat pairs of texts, typed by people.
//!
//! `lots-0-quantity` is the field `quantity` of the first of `lots`, so that a form says whatever a JSON body can.
//! A row in which nothing was typed is no row; the others keep their places, so that a fault's pointer leads to the
//! field that was typed into.
//!
//! Numbers are typed as people write them where they live ([`numerals`](crate::foundation::numerals)).

use serde_json::{Map, Value as Json};

use super::Fault;
use crate::foundation::numerals::Convention;

/// So many rows a form may have in all its lists.
const MOST_ROWS: usize = 2_000;
/// So many names a field's name may be made of. What goes deeper is a field that nobody knows.
const DEEPEST: usize = 12;

/// Puts a form's pairs into the object that their names describe. The page layer's own fields (`_…`) are left out; of
/// a name that comes twice the last one counts.
pub(super) fn unfold(pairs: &[(String, String)]) -> Map<String, Json> {
    let mut object = Map::new();
    let mut left = MOST_ROWS;
    for (name, text) in pairs.iter().filter(|(name, _)| !name.starts_with('_')) {
        let path: Vec<&str> = name.split('-').take(DEEPEST + 1).collect();
        if path.len() <= DEEPEST && path.iter().all(|part| !part.is_empty()) {
            put(&mut object, &path, text, &mut left);
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

/// `left`: how many rows there may still be.
fn put(object: &mut Map<String, Json>, path: &[&str], text: &str, left: &mut usize) {
    let Some((first, rest)) = path.split_first() else { return };
    let Some(next) = rest.first() else {
        object.insert((*first).to_owned(), Json::from(text));
        return;
    };
    let Ok(at) = next.parse::<usize>() else {
        let inner = object.entry((*first).to_owned()).or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(inner) = inner {
            put(inner, rest, text, left);
        }
        return;
    };
    let list = object.entry((*first).to_owned()).or_insert_with(|| Json::Array(Vec::new()));
    let Json::Array(list) = list else { return };
    let more = at.saturating_add(1).saturating_sub(list.len());
    let Some(rest_left) = left.checked_sub(more) else { return };
    *left = rest_left;
    list.resize(list.len() + more, Json::Null);
    match &rest[1..] {
        [] => list[at] = Json::from(text),
        inner => {
            if !list[at].is_object() {
                list[at] = Json::Object(Map::new());
            }
            if let Json::Object(row) = &mut list[at] {
                put(row, inner, text, left);
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

/// A number as typed, written plainly: digits, and a point before the decimals. What is no number stays as it is, for
/// the field to say what it takes.
///
/// # Errors
/// `ambiguous-number` with both readings, where there are two and people's country does not decide.
pub fn numeral(typed: &str, numbers: Convention) -> Result<String, Fault> {
    match numbers.read(typed) {
        Err(Fault("not-a-number", _)) => Ok(typed.to_owned()),
        read => read,
    }
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
        // A name that goes down without end is one field, and many lists together have no more rows than one may have.
        let deep = "a-".repeat(500_000) + "b";
        assert_eq!(unfold(&[(deep.clone(), "x".to_owned())]).keys().collect::<Vec<_>>(), [&deep]);
        let lists: Vec<_> = (0..10_000).map(|list| (format!("l{list}-1999"), "x".to_owned())).collect();
        let rows = unfold(&lists).values().filter_map(Json::as_array).map(Vec::len).sum::<usize>();
        assert_eq!(rows, MOST_ROWS);
    }

    fn numeral(typed: &str) -> Result<String, Fault> {
        super::numeral(typed, Convention::UNKNOWN)
    }

    #[test]
    fn a_number_is_read_as_it_is_written_where_people_live() {
        for (country, typed, plain) in [
            ("CL", "1.234", "1234"),
            ("MX", "1,234", "1234"),
            ("CL", "0,125", "0.125"),
            ("MX", "0.125", "0.125"),
        ] {
            assert_eq!(super::numeral(typed, Convention::of(country)).as_deref(), Ok(plain), "{country}");
        }
        for (country, typed) in [("CL", "1,234"), ("MX", "1.234")] {
            let Fault(code, _) = super::numeral(typed, Convention::of(country)).unwrap_err();
            assert_eq!(code, "ambiguous-number", "{country}: may have been copied from elsewhere");
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them_unless_they_can_mean_two() {
        for (typed, plain) in
            [("1 234", "1234"), ("1.234.567,89", "1234567.89"), ("12,5", "12.5"), ("abc", "abc")]
        {
            assert_eq!(numeral(typed).as_deref(), Ok(plain), "{typed}");
        }
        for typed in ["1.234", "1,234", "12.000", "999,999"] {
            let Fault(code, readings) = numeral(typed).unwrap_err();
            assert_eq!(code, "ambiguous-number", "{typed}");
            let (large, small) = (&readings[0].1, format!("{}0", readings[1].1));
            assert_eq!(numeral(large).as_ref(), Ok(large), "the text tells how to write each of them");
            assert_eq!(numeral(&small).as_ref(), Ok(&small));
        }
    }
}
