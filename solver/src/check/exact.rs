//! Exact arithmetic on what the result states: reading a decimal text, rounding half up, showing.

use num_bigint::{BigInt, Sign};
use num_traits::{One, Zero};

use crate::ratio::Ratio;

/// An exact number.
pub(super) type Exact = Ratio;

/// No figure of a result needs more digits; a longer text is an attack on the checker, not a number.
const LONGEST_TEXT: usize = 120;

/// So many digits fit 127 bits, and so does ten to that power.
const MOST_SMALL_DIGITS: usize = 38;

/// More decimal places than a terminating fraction of the format's numbers can have.
const MOST_PLACES: usize = 400;

/// The number in a plain decimal text: digits, at most one point between digits, an optional minus.
/// No exponents: nothing that the solver prints has one.
pub(super) fn parse(text: &str) -> Option<Exact> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if text.len() > LONGEST_TEXT || whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    if whole.len() + fraction.len() <= MOST_SMALL_DIGITS {
        let digits = whole.bytes().chain(fraction.bytes());
        let magnitude = digits.fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        let unit = fraction.bytes().fold(1, |unit, _| unit * 10);
        return Some(Exact::of(if negative { -magnitude } else { magnitude }, unit));
    }
    let magnitude: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let numerator = if negative { -magnitude } else { magnitude };
    Some(Exact::new(numerator, ten_to(fraction.len())))
}

/// The number rounded to so many decimal places; a half goes up.
pub(super) fn round_half_up(number: &Exact, places: usize) -> Exact {
    let scale = u32::try_from(places).map_or_else(|_| Exact::one(), Exact::ten_to);
    (number * &scale + Exact::of(1, 2)).floor() / scale
}

/// Whether a text is the quotient of two numbers, rounded to so many decimal places; a half goes up. Where the numbers are
/// small, without the quotient's lowest terms.
pub(super) fn reads_quotient(text: &str, left: &Exact, right: &Exact, places: usize) -> bool {
    let quick = || {
        // Below 0 a half goes the other way.
        let positive = !left.is_negative() && right.is_positive();
        let parts = left.quotient_in_parts_of(right, u32::try_from(places).ok()?).filter(|_| positive)?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let plain = fraction.len() == places && !whole.is_empty() && text.len() <= MOST_SMALL_DIGITS;
        let digits = || whole.bytes().chain(fraction.bytes());
        let plain = plain && digits().all(|digit| digit.is_ascii_digit());
        plain.then(|| digits().fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0')) == parts)
    };
    quick().unwrap_or_else(|| {
        quotient(left, right)
            .is_some_and(|expected| parse(text).as_ref() == Some(&round_half_up(&expected, places)))
    })
}

/// The quotient, or `None` when there is nothing to divide by.
pub(super) fn quotient(left: &Exact, right: &Exact) -> Option<Exact> {
    (!right.is_zero()).then(|| left / right)
}

/// A whole number, exactly.
pub(super) fn whole(number: u64) -> Exact {
    Exact::from(number)
}

/// The number as people read it, exactly: a decimal where it terminates, else a fraction.
pub(super) fn show(number: &Exact) -> String {
    let Some(places) = decimal_places(&number.denom()) else {
        return number.to_string();
    };
    let digits = (number.numer() * ten_to(places) / number.denom()).magnitude().to_string();
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = match number.numer().sign() {
        Sign::Minus => "-",
        Sign::NoSign | Sign::Plus => "",
    };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// How many decimal places a fraction with this denominator has; `None` when it never ends.
fn decimal_places(denominator: &BigInt) -> Option<usize> {
    let mut rest = denominator.clone();
    let mut times = |prime: u32| {
        let mut count = 0;
        while count < MOST_PLACES && (&rest % prime).is_zero() {
            rest /= prime;
            count += 1;
        }
        count
    };
    let places = times(2).max(times(5));
    rest.is_one().then_some(places)
}

fn ten_to(places: usize) -> BigInt {
    num_traits::pow(BigInt::from(10), places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_goes_up() {
        for (text, places, expected) in [
            ("0.5", 0, "1"),
            ("2.5", 0, "3"),
            ("0.125", 2, "0.13"),
            ("0.1249999999", 2, "0.12"),
            ("7", 3, "7"),
            ("-0.5", 0, "0"),
        ] {
            let number = parse(text).map(|n| show(&round_half_up(&n, places)));
            assert_eq!(number.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_quotient_is_read_as_it_is_rounded() {
        let of = |numerator, denominator| Exact::of(numerator, denominator);
        for (text, left, right, places, holds) in [
            ("0.333333333", of(1, 1), of(3, 1), 9, true),
            ("0.333333334", of(1, 1), of(3, 1), 9, false),
            ("0.67", of(2, 7), of(3, 7), 2, true),
            ("0.7", of(7, 2), of(5, 1), 2, true),
            ("0.13", of(1, 1), of(8, 1), 2, true),
            ("0.12", of(1, 1), of(8, 1), 2, false),
            ("-0.12", of(-1, 1), of(8, 1), 2, true),
            ("-0.13", of(1, 1), of(-8, 1), 2, false),
            ("0.1x", of(1, 1), of(8, 1), 2, false),
            (".13", of(1, 1), of(8, 1), 2, false),
            ("0.00", of(0, 1), of(0, 1), 2, false),
        ] {
            assert_eq!(reads_quotient(text, &left, &right, places), holds, "{text}");
        }
    }

    #[test]
    fn only_plain_decimals_are_numbers() {
        for text in ["", "-", ".", "1.", ".5", "1e3", "+1", "NaN", "1,5", " 1", "1.2.3", "0x1", "٣"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"9".repeat(121)), None);
        assert_eq!(parse("10.50"), parse("10.5"));
        assert_eq!(parse("-1.5"), Some(Exact::of(-3, 2)));
        assert_eq!(parse(&format!("-{}", "9".repeat(40))).map(|n| n.is_positive()), Some(false));
    }

    #[test]
    fn a_number_is_shown_exactly() {
        for (numerator, denominator, expected) in
            [(1, 3, "1/3"), (-1, 8, "-0.125"), (7, 1, "7"), (1, 1000, "0.001")]
        {
            let number = Exact::new(BigInt::from(numerator), BigInt::from(denominator));
            assert_eq!(show(&number), expected);
        }
        // With more places than anybody writes it stays a fraction.
        let halves = |count| show(&Exact::new(BigInt::from(1), BigInt::from(2).pow(count)));
        assert_eq!(halves(400).split_once('.').map(|(_, digits)| digits.len()), Some(400));
        assert!(halves(401).starts_with("1/"));
    }
}
