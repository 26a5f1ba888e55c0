//! Exact numbers: decimals as they are written, fractions where one divides.

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// An exact fraction. Amounts, shares and means are added and divided as fractions and rounded only
/// where they are printed or leave for a table.
pub type Exact = BigRational;

/// Most significant digits of a number that is taken at its word; the solver's decimals keep as many.
const DIGITS: usize = 18;
/// Furthest power of ten: no amount, price or quantity lies beyond, and `1e999999999` must not fill
/// the memory.
const POWER: u64 = 30;
/// Largest absolute value, that of the solver's decimals.
const LIMIT: i64 = 1_000_000_000_000_000;

/// Reads a decimal in JSON's notation; `None` for anything else, and for numbers that are beyond
/// ±10^15 or have more than 18 significant digits.
pub(in crate::exchange) fn parse(text: &str) -> Option<Exact> {
    let (number, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all: String = [whole, fraction].concat();
    if whole.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let places = i64::try_from(fraction.len()).ok()?;
    let leading = all.trim_start_matches('0');
    let significant = leading.trim_end_matches('0');
    if significant.is_empty() {
        return Some(Exact::zero());
    }
    let trailing = i64::try_from(leading.len() - significant.len()).ok()?;
    let power = exponent.checked_sub(places)?.checked_add(trailing)?;
    if significant.len() > DIGITS || power.unsigned_abs() > POWER {
        return None;
    }
    let mantissa = Exact::from(significant.parse::<BigInt>().ok()?);
    let ten = tenfold(u32::try_from(power.unsigned_abs()).ok()?);
    let value = if power < 0 { mantissa / ten } else { mantissa * ten };
    let value = if negative { -value } else { value };
    (value.abs() <= whole_number(LIMIT)).then_some(value)
}

/// The fraction `n / 1`.
pub(super) fn whole_number(n: i64) -> Exact {
    Exact::from(BigInt::from(n))
}

/// 10 to the power of `places`.
pub(super) fn tenfold(places: u32) -> Exact {
    Exact::from(BigInt::from(10).pow(places))
}

/// The nearest whole number, halves upwards.
pub(super) fn round_half_up(value: &Exact) -> BigInt {
    (value + Exact::new(BigInt::one(), BigInt::from(2))).floor().to_integer()
}

/// `value` with exactly `places` decimals, halves upwards.
pub(super) fn fixed(value: &Exact, places: u32) -> String {
    let scaled = round_half_up(&(value * tenfold(places)));
    let width = usize::try_from(places).unwrap_or(0) + 1;
    let digits = format!("{:0>width$}", scaled.abs().to_string());
    let (whole, fraction) = digits.split_at(digits.len() - (width - 1));
    let sign = if scaled.is_negative() { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// `value` with as many decimals as it needs, six at most, halves upwards.
pub(super) fn decimal(value: &Exact) -> String {
    let text = fixed(value, 6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What `value` becomes when it is squeezed through a 32-bit float, for whole numbers of more than
/// 24 bits; `None` where that changes nothing. It is only ever used to explain a difference.
pub(super) fn single_precision(value: &Exact) -> Option<Exact> {
    if !value.is_integer() || value.is_negative() {
        return None;
    }
    let number = value.to_integer();
    let unit = BigInt::one() << number.bits().checked_sub(24)?;
    let floor = &number / &unit;
    let rest = &number - &floor * &unit;
    let twice = &rest * BigInt::from(2);
    let odd = (&floor % BigInt::from(2)).is_one();
    let up = twice > unit || (twice == unit && odd);
    let nearest = (if up { floor + BigInt::one() } else { floor }) * unit;
    (nearest != number).then(|| Exact::from(nearest))
}

/// A price per unit in millionths of the currency's main unit: 12.5 is 12,500,000. Finer than minor
/// units, because unit prices such as USD 0.0125 exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UnitPrice {
    /// Millionths.
    pub micros: i64,
}

impl UnitPrice {
    /// The nearest millionth, halves upwards; `None` for what is not positive or does not fit.
    pub fn nearest(price: &Exact) -> Option<Self> {
        let micros = i64::try_from(round_half_up(&(price * tenfold(6)))).ok()?;
        (micros > 0).then_some(Self { micros })
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(&(whole_number(self.micros) / tenfold(6))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Exact {
        parse(text).unwrap()
    }

    #[test]
    fn a_decimal_is_read_without_a_float_in_between() {
        assert_eq!(number("626953284.0"), whole_number(626_953_284));
        assert_eq!(number("0.1") + number("0.2"), number("0.3"));
        assert_eq!(number("1.25E2"), whole_number(125));
        assert_eq!(number("-5e-1"), -number("0.5"));
        assert_eq!(number("99999999999999.9999") * tenfold(4), whole_number(999_999_999_999_999_999));
    }

    #[test]
    fn numbers_beyond_reason_and_other_notations_are_not_numbers() {
        for text in [
            "",
            "-",
            ".5",
            "1,5",
            "1.2.3",
            "NaN",
            "0x10",
            "1e",
            "1e999999999",
            "1e-999999999",
            "1e9223372036854775807",
            "1e-9223372036854775808",
            "1e99999999999999999999",
            "1000000000000001",
            "0.1234567890123456789",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn halves_round_upwards() {
        assert_eq!(fixed(&number("0.05"), 1), "0.1");
        assert_eq!(fixed(&number("0.04999"), 1), "0.0");
        assert_eq!(fixed(&number("-0.05"), 1), "0.0");
        assert_eq!(fixed(&number("-1.25"), 1), "-1.2");
        assert_eq!(decimal(&(number("1") / number("3"))), "0.333333");
        assert_eq!(decimal(&number("1200")), "1200");
    }

    #[test]
    fn a_32_bit_float_is_recognised_by_what_it_does_to_large_numbers() {
        assert_eq!(single_precision(&whole_number(139_981_000)), Some(whole_number(139_980_992)));
        assert_eq!(single_precision(&whole_number(40_095_000)), None);
        assert_eq!(single_precision(&whole_number(12)), None);
    }

    #[test]
    fn a_unit_price_keeps_millionths() {
        assert_eq!(UnitPrice::nearest(&number("0.0125")).unwrap().to_string(), "0.0125");
        assert_eq!(UnitPrice::nearest(&Exact::zero()), None);
        assert_eq!(UnitPrice::nearest(&number("1e15")), None);
    }
}
