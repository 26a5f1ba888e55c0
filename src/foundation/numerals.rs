//! Numbers as people write them. `1.234` is one thousand and something in Chile and one and a bit in Mexico: what
//! can be read in two ways is refused with both, unless the file's country or its sender says which is meant.

use super::{clock::Day, fields::Fault};
use crate::words;

words! {
    /// What stands before the decimals.
    #[schema(as = DecimalMark)]
    pub enum Mark {
        /// `1.234,5`
        Comma = "comma",
        /// `1,234.5`
        Point = "point",
    }
}

/// Where numbers have a decimal comma (CLDR 48).
const COMMA: &[&str] = &["AR", "BO", "BR", "CL", "CO", "CR", "CU", "EC", "ES", "PY", "UY", "VE"];
/// Where they have a decimal point.
const POINT: &[&str] = &["DO", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "SV", "US"];

/// How numbers are read and printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Convention {
    mark: Option<Mark>,
    /// Somebody has said so: then nothing is ambiguous.
    declared: bool,
}

impl Mark {
    const fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }
}

impl Convention {
    /// As the sender says.
    pub const fn declared(mark: Mark) -> Self {
        Self { mark: Some(mark), declared: true }
    }

    /// Nobody knows who wrote it.
    pub const UNKNOWN: Self = Self { mark: None, declared: false };

    /// As people write in a country (ISO 3166-1 alpha-2).
    pub fn of(country: &str) -> Self {
        let within = |list: &[&str]| list.contains(&country);
        let mark = if within(COMMA) {
            Some(Mark::Comma)
        } else if within(POINT) {
            Some(Mark::Point)
        } else {
            None
        };
        Self { mark, declared: false }
    }

    /// What is printed before the decimals: a point where nobody knows.
    pub fn sign(self) -> char {
        self.mark.map_or('.', Mark::sign)
    }

    /// A number in digits, with a point before its decimals, as somebody there would type it: [`read`](Self::read) takes
    /// it back as it is, everywhere. Three decimals get a nought, as they could be thousands.
    pub fn write(self, number: &str) -> String {
        let Some((whole, decimals)) = number.split_once('.') else { return number.to_owned() };
        let nought = if decimals.len() == 3 { "0" } else { "" };
        format!("{whole}{}{decimals}{nought}", self.sign())
    }

    /// The same, unless the numbers of a file show that it was written otherwise.
    #[must_use]
    pub fn unless_contradicted<'a>(self, numbers: impl IntoIterator<Item = &'a str>) -> Self {
        let other = |text: &str| matches!(shape(text), Shape::Decimal(sign) if Some(sign) != self.mark.map(Mark::sign));
        if self.declared || !numbers.into_iter().any(other) { self } else { Self { mark: None, ..self } }
    }

    /// The number in digits, with a point before the decimals.
    ///
    /// # Errors
    /// `not-a-number`, or `ambiguous-number` with both readings.
    pub fn read(self, text: &str) -> Result<String, Fault> {
        let bare = bare(text);
        let without = |sign: char| bare.replace(sign, "");
        let decimal = |sign: char| bare.replace(sign, ".");
        match shape(text) {
            Shape::Whole => Ok(bare.clone()),
            Shape::Decimal(sign) if !self.declared || self.mark.map(Mark::sign) == Some(sign) => {
                Ok(decimal_of(&bare, sign))
            }
            Shape::Grouped(sign) if !self.declared || self.mark.map(Mark::sign) != Some(sign) => {
                Ok(without(sign))
            }
            Shape::Either(sign) => match (self.mark, self.declared) {
                (Some(mark), _) if mark.sign() != sign => Ok(without(sign)),
                (Some(_), true) => Ok(decimal(sign)),
                _ => {
                    let readings = vec![("one", without(sign)), ("other", decimal(sign))];
                    Err(Fault("ambiguous-number", readings))
                }
            },
            _ => Err(Fault::new("not-a-number")),
        }
    }
}

/// What a text looks like, whoever wrote it.
enum Shape {
    Whole,
    /// The sign stands before decimals.
    Decimal(char),
    /// The sign stands between thousands.
    Grouped(char),
    /// One or the other: `1.234`.
    Either(char),
    None,
}

/// Without spaces and currency signs.
fn bare(text: &str) -> String {
    let text = text.trim().trim_start_matches(['$', '€']);
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\'' && *c != '’').collect();
    bare.strip_prefix('+').filter(|rest| !rest.starts_with('-')).map(str::to_owned).unwrap_or(bare)
}

/// The last sign stands before the decimals, every other one between thousands.
fn decimal_of(bare: &str, sign: char) -> String {
    let (whole, decimals) = bare.rsplit_once(sign).unwrap_or((bare, ""));
    let whole: String = whole.chars().filter(|c| !matches!(c, '.' | ',')).collect();
    let whole = match whole.as_str() {
        "" => "0",
        "-" => "-0",
        digits => digits,
    };
    format!("{whole}.{decimals}")
}

fn shape(text: &str) -> Shape {
    let bare = bare(text);
    let digits = bare.strip_prefix('-').unwrap_or(&bare);
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let grouped = |part: &str, sign: char| {
        let mut groups = part.split(sign);
        let first = groups.next().unwrap_or_default();
        are_digits(first) && first.len() <= 3 && groups.all(|group| group.len() == 3 && are_digits(group))
    };
    let (points, commas) = (digits.matches('.').count(), digits.matches(',').count());
    if points + commas == 0 {
        return if are_digits(digits) { Shape::Whole } else { Shape::None };
    }
    let Some(last) = digits.rfind(['.', ',']).and_then(|at| digits[at..].chars().next()) else {
        return Shape::None;
    };
    let Some((before, after)) = digits.rsplit_once(last) else { return Shape::None };
    let other = if last == '.' { ',' } else { '.' };
    if points > 0 && commas > 0 {
        let fits = digits.matches(last).count() == 1 && grouped(before, other) && are_digits(after);
        return if fits { Shape::Decimal(last) } else { Shape::None };
    }
    if points + commas > 1 {
        return if grouped(digits, last) { Shape::Grouped(last) } else { Shape::None };
    }
    if !are_digits(after) || !(before.is_empty() || are_digits(before)) {
        return Shape::None;
    }
    let thousands = after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    if thousands { Shape::Either(last) } else { Shape::Decimal(last) }
}

/// A day as it is written: `2026-03-02`, or day, month and year as all of Latin America does.
///
/// # Errors
/// `not-a-day`.
pub fn day(text: &str) -> Result<Day, Fault> {
    let fault = || Fault::new("not-a-day-of-a-table");
    let date = text.split(['T', ' ']).next().unwrap_or(text);
    if let Ok(day) = date.parse() {
        return Ok(day);
    }
    let parts: Vec<&str> = date.split(['/', '-', '.']).collect();
    let [day, month, year] = parts.as_slice() else { return Err(fault()) };
    if year.len() != 4 {
        return Err(fault());
    }
    format!("{year}-{month:0>2}-{day:0>2}").parse().map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(convention: Convention, text: &str) -> String {
        match convention.read(text) {
            Ok(number) => number,
            Err(Fault(code, args)) => {
                let readings: Vec<_> = args.into_iter().map(|(_, value)| value).collect();
                format!("{code} {}", readings.join(" or ")).trim().to_owned()
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back_wherever_somebody_is() {
        for convention in ["CL", "MX", "XX"].map(Convention::of) {
            for number in ["1234", "12.5", "1.234", "33.333", "1234567.891", "0.001", "-3.125", "1234.50"] {
                let read = convention.read(&convention.write(number)).unwrap();
                assert_eq!(read.trim_end_matches('0'), number.trim_end_matches('0'), "{convention:?}");
            }
        }
    }

    #[test]
    fn a_country_decides_and_what_it_does_not_decide_is_refused() {
        let (chile, mexico) = (Convention::of("CL"), Convention::of("MX"));
        let unknown = Convention::of("XX");
        for (text, in_chile, in_mexico, nowhere) in [
            ("1234", "1234", "1234", "1234"),
            ("1.234", "1234", "ambiguous-number 1234 or 1.234", "ambiguous-number 1234 or 1.234"),
            ("1,234", "ambiguous-number 1234 or 1.234", "1234", "ambiguous-number 1234 or 1.234"),
            ("1.234,5", "1234.5", "1234.5", "1234.5"),
            ("1,234.5", "1234.5", "1234.5", "1234.5"),
            ("1.234.567", "1234567", "1234567", "1234567"),
            ("12,5", "12.5", "12.5", "12.5"),
            ("0,125", "0.125", "0.125", "0.125"),
            ("-3.5", "-3.5", "-3.5", "-3.5"),
            ("$ 1 234,50", "1234.50", "1234.50", "1234.50"),
            (",5", "0.5", "0.5", "0.5"),
            ("1.23.456", "not-a-number", "not-a-number", "not-a-number"),
            ("1,2,3.4", "not-a-number", "not-a-number", "not-a-number"),
            ("12a", "not-a-number", "not-a-number", "not-a-number"),
            ("$ +5", "5", "5", "5"),
            ("'+5", "5", "5", "5"),
            ("++5", "not-a-number", "not-a-number", "not-a-number"),
            ("+-5", "not-a-number", "not-a-number", "not-a-number"),
            ("-+5", "not-a-number", "not-a-number", "not-a-number"),
            ("5.", "not-a-number", "not-a-number", "not-a-number"),
            ("", "not-a-number", "not-a-number", "not-a-number"),
        ] {
            assert_eq!(read(chile, text), in_chile, "{text} in Chile");
            assert_eq!(read(mexico, text), in_mexico, "{text} in Mexico");
            assert_eq!(read(unknown, text), nowhere, "{text} anywhere");
        }
    }

    #[test]
    fn who_says_what_is_meant_is_taken_at_their_word() {
        let comma = Convention::declared(Mark::Comma);
        assert_eq!(read(comma, "1,234"), "1.234");
        assert_eq!(read(comma, "1.234"), "1234");
        assert_eq!(read(comma, "1.5"), "not-a-number");
        assert_eq!(read(Convention::declared(Mark::Point), "1.234"), "1.234");
    }

    #[test]
    fn a_file_that_contradicts_its_country_leaves_nothing_to_guess() {
        let chile = Convention::of("CL");
        assert_eq!(
            read(chile.unless_contradicted(["1234.5", "1.234"]), "1.234"),
            "ambiguous-number 1234 or 1.234"
        );
        assert_eq!(read(chile.unless_contradicted(["1234,5", "1.234"]), "1.234"), "1234");
    }

    #[test]
    fn days_are_written_in_two_ways() {
        for text in ["2026-03-02", "02/03/2026", "2-3-2026", "2.3.2026", "2026-03-02T00:00:00Z"] {
            assert_eq!(day(text).unwrap().to_string(), "2026-03-02", "{text}");
        }
        for text in ["3/2/26", "31/02/2026", "13/13/2026", "yesterday", "46083"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
