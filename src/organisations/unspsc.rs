//! The UNSPSC, the United Nations' Standard Products and Services Code, by which processes can be named.
//!
//! A code has eight digits in four pairs: segment, family, class and commodity. Zeros at the end mean the whole of what
//! stands before them, so the code itself says where it belongs. Names come from tables that the operator loads
//! or institutions add (`eslabon import unspsc`), in one language or two; without it codes are codes, and nothing else changes.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{
    access,
    foundation::{
        access::{ANYONE, Role},
        fields::{Fault, Fields, Input},
        http::list::Window,
        i18n::Locale,
    },
    words,
};

access! {
    /// Search the names of UNSPSC codes.
    List = "unspsc.list", ANYONE, &[];
    /// What a UNSPSC code is called, and what it belongs to.
    Read = "unspsc.read", ANYONE, &[];
    /// Load the names of UNSPSC codes (from the command line).
    Load = "unspsc.load", &[Role::System], &[];
}

words! {
    /// How narrow a code is.
    pub enum Level {
        /// The first two digits (*segmento*).
        Segment = "segment",
        /// The first four (*familia*).
        Family = "family",
        /// The first six (*clase*).
        Class = "class",
        /// All eight (*producto*).
        Commodity = "commodity",
    }
}

/// Whether the text has the form of a UNSPSC code: eight digits of which the first two, the segment, are 10 to 95.
pub fn is_code(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) && ("10".."96").contains(&&text[..2])
}

/// How narrow a code is.
pub fn level(code: &str) -> Level {
    let zero = |pair: std::ops::Range<usize>| code.get(pair) == Some("00");
    match (zero(2..4), zero(4..6), zero(6..8)) {
        (true, true, true) => Level::Segment,
        (_, true, true) => Level::Family,
        (_, _, true) => Level::Class,
        _ => Level::Commodity,
    }
}

/// What a code belongs to, widest first, without itself.
pub fn broader(code: &str) -> Vec<String> {
    let wider = [2, 4, 6].into_iter().filter_map(|digits| Some(format!("{:0<8}", code.get(..digits)?)));
    let mut wider: Vec<String> = wider.filter(|wider| wider != code).collect();
    wider.dedup();
    wider
}

/// The digits that all codes within a code begin with.
pub fn prefix(code: &str) -> &str {
    let digits = match level(code) {
        Level::Segment => 2,
        Level::Family => 4,
        Level::Class => 6,
        Level::Commodity => 8,
    };
    code.get(..digits).unwrap_or(code)
}

/// Small letters without accents, as a search compares them.
pub fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// A code with its names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// Eight digits.
    pub code: String,
    /// In Spanish.
    pub es: Option<String>,
    /// In English.
    pub en: Option<String>,
}

impl Named {
    /// Its name for a reader: in the other language where the reader's is not known.
    pub fn name(&self, locale: Locale) -> &str {
        let (first, second) = match locale {
            Locale::Es => (&self.es, &self.en),
            Locale::En => (&self.en, &self.es),
        };
        first.as_ref().or(second.as_ref()).map_or("", String::as_str)
    }
}

/// What a search asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Search {
    /// Words that the name has, each anywhere in it, or the beginning of a code.
    pub words: Vec<String>,
    /// Only what belongs to this code.
    pub within: Option<String>,
    /// The window.
    pub window: Window,
}

impl Input for Search {
    fn read(f: &mut Fields) -> Option<Self> {
        let (query, within) = (f.optional_text("q", 1..=100), f.optional_text("within", 1..=20));
        let window = Window::read(f);
        if within.as_ref().is_some_and(|code| code.as_ref().is_some_and(|code| !is_code(code))) {
            f.fail("within", Fault::new("not-a-unspsc-code"));
            return None;
        }
        let words = query?.unwrap_or_default();
        let words = words.split_whitespace().map(folded).take(8).collect();
        Some(Self { words, within: within?, window: window? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_where_it_belongs() {
        assert_eq!(level("73181001"), Level::Commodity);
        assert_eq!(level("73181000"), Level::Class);
        assert_eq!(level("73180000"), Level::Family);
        assert_eq!(level("73000000"), Level::Segment);
        assert_eq!(broader("73181001"), ["73000000", "73180000", "73181000"]);
        assert_eq!(broader("73180000"), ["73000000"]);
        assert!(broader("73000000").is_empty());
        assert_eq!(prefix("73181000"), "731810");
        // A family whose number ends in a zero is a family still.
        assert_eq!(level("10100000"), Level::Family);
        assert_eq!(broader("10101000"), ["10000000", "10100000"]);
    }

    #[test]
    fn a_search_knows_neither_accents_nor_capitals() {
        assert_eq!(folded("Óleos, LUBRICACIÓN y pañales"), "oleos, lubricacion y panales");
    }
}
