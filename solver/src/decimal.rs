//! Exact decimal numbers, as people write them in a spreadsheet.

use std::{cmp::Ordering, fmt, str::FromStr};

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Serialize, Serializer};

use crate::ratio::Ratio;

/// A decimal number read exactly: `mantissa · 10^-scale`, without trailing zeros.
///
/// Eighteen significant digits are enough for every amount, share and quantity that the format
/// knows, and for every number that a program prints from a double (17 digits).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

/// Why a text is not a [`Decimal`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecimalError {
    /// Not a decimal number: letters, two points, `NaN`, an empty text.
    #[error("is not a decimal number")]
    Malformed,
    /// More than 18 significant digits, or more than 30 decimal places.
    #[error("has more digits than can be kept exactly (18 significant, 30 decimal places)")]
    TooPrecise,
    /// Beyond ±10^15.
    #[error("is larger than 10^15")]
    TooLarge,
}

impl Decimal {
    /// 0.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };
    /// 1.
    pub const ONE: Self = Self { mantissa: 1, scale: 0 };
    const MAX_SCALE: i64 = 30;
    /// Mantissas that are read lie below this: 18 digits.
    const MANTISSAS: u128 = 1_000_000_000_000_000_000;
    const LIMIT: i128 = 1_000_000_000_000_000;

    /// The powers of ten that are exact doubles.
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// The decimal `mantissa · 10^-scale`; trailing zeros are dropped.
    #[must_use]
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        let (mut mantissa, mut scale) = (mantissa, scale);
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self { mantissa, scale }
    }

    /// Whether this is 0.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Whether this is less than 0.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// The same number as a whole number, when it is one.
    #[must_use]
    pub const fn to_integer(self) -> Option<i64> {
        if self.scale == 0 { Some(self.mantissa) } else { None }
    }

    /// The nearest double, correctly rounded: for the numerical engine only, never for a rule.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // Both numbers are exact doubles, so their quotient is rounded once.
        if self.mantissa.unsigned_abs() <= 1 << 53 && self.scale <= 22 {
            #[expect(clippy::cast_precision_loss, reason = "at most 53 bits, so exact")]
            return self.mantissa as f64 / Self::POWERS[usize::from(self.scale)];
        }
        // Otherwise the quotient would round twice; the standard parser rounds once.
        format!("{}e-{}", self.mantissa, self.scale).parse().unwrap_or(f64::NAN)
    }

    /// The sum, where it is a number that this type keeps: the limits are those of the parser, so
    /// that a sum can be printed and read back.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.is_zero() || other.is_zero() {
            return Some(if self.is_zero() { other } else { self });
        }
        let scale = self.scale.max(other.scale);
        // Where lifting overflows, the sum has more than 38 digits and its last one is not 0.
        let lift = |d: Self| {
            let power = 10_i128.checked_pow(u32::from(scale - d.scale))?;
            i128::from(d.mantissa).checked_mul(power)
        };
        let (mut sum, mut scale) = (lift(self)?.checked_add(lift(other)?)?, scale);
        while scale > 0 && sum % 10 == 0 {
            sum /= 10;
            scale -= 1;
        }
        let kept = sum.unsigned_abs() < Self::MANTISSAS
            && 10_i128
                .checked_pow(u32::from(scale))
                .and_then(|unit| unit.checked_mul(Self::LIMIT))
                .is_none_or(|limit| sum.abs() <= limit);
        Some(Self { mantissa: i64::try_from(sum).ok().filter(|_| kept)?, scale })
    }

    /// Ten times the number: for comparisons, so it may lie beyond the parser's limits.
    #[must_use]
    pub const fn tenfold(self) -> Self {
        if self.scale > 0 {
            Self::new(self.mantissa, self.scale - 1)
        } else {
            Self::new(self.mantissa.saturating_mul(10), 0)
        }
    }

    /// Nearly every number of a table: up to 15 digits, perhaps with a point among them.
    fn plain(text: &str) -> Option<Self> {
        let (mut mantissa, mut digits, mut scale) = (0_i64, 0_u8, None);
        for byte in text.bytes().take(17) {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa * 10 + i64::from(byte - b'0');
                    digits += 1;
                    scale = scale.map(|places: u8| places + 1);
                }
                b'.' if scale.is_none() => scale = Some(0),
                _ => return None,
            }
        }
        (1..=15).contains(&digits).then(|| Self::new(mantissa, scale.unwrap_or(0)))
    }

    /// The same number as an exact fraction, to count with inside the crate.
    pub(crate) fn to_exact(self) -> Ratio {
        let unit = 10_i128.checked_pow(u32::from(self.scale));
        // A scale that is read is at most 30, and 10³⁰ fits.
        unit.map_or_else(|| Ratio::from_big(self.to_ratio()), |unit| Ratio::of(self.mantissa.into(), unit))
    }

    /// The same number as an exact fraction.
    #[must_use]
    pub fn to_ratio(self) -> BigRational {
        BigRational::new(BigInt::from(self.mantissa), BigInt::from(10).pow(u32::from(self.scale)))
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self { mantissa: whole, scale: 0 }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        if let Some(plain) = Self::plain(text) {
            return Ok(plain);
        }
        let (number, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let (negative, digits) = match number.as_bytes().first() {
            Some(b'-') => (true, &number[1..]),
            Some(b'+') => (false, &number[1..]),
            _ => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if all().next().is_none() || !all().all(|b| b.is_ascii_digit()) {
            return Err(DecimalError::Malformed);
        }
        let significant: Vec<u8> = all().skip_while(|b| *b == b'0').collect();
        let Some(last) = significant.iter().rposition(|b| *b != b'0') else {
            return Ok(Self::ZERO);
        };
        let trailing = i64::try_from(significant.len() - 1 - last).map_err(|_| DecimalError::TooPrecise)?;
        if last >= 18 {
            return Err(DecimalError::TooPrecise);
        }
        let places = i64::try_from(fraction.len()).map_err(|_| DecimalError::TooPrecise)?;
        // value = mantissa · 10^power
        let power = exponent.saturating_sub(places).saturating_add(trailing);
        let mut mantissa: i128 = significant[..=last].iter().fold(0, |m, b| m * 10 + i128::from(b - b'0'));
        if power > 15 {
            return Err(DecimalError::TooLarge);
        }
        if power < -Self::MAX_SCALE {
            return Err(DecimalError::TooPrecise);
        }
        for _ in 0..power {
            mantissa *= 10;
        }
        let scale = u8::try_from(-power.min(0)).map_err(|_| DecimalError::TooPrecise)?;
        if mantissa > Self::LIMIT.saturating_mul(10_i128.pow(u32::from(scale).min(20))) {
            return Err(DecimalError::TooLarge);
        }
        let mantissa = i64::try_from(mantissa).map_err(|_| DecimalError::TooLarge)?;
        Ok(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }
}

/// The number after `e`. One that no `i64` holds is as good as the largest that it does.
fn exponent(text: &str) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::Malformed);
    }
    let size = digits.parse().unwrap_or(i64::MAX);
    Ok(if negative { -size } else { size })
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.mantissa);
        }
        let scale = usize::from(self.scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let scale = self.scale.max(other.scale);
        // Every i64 times 10^19 fits into an i128.
        if scale - self.scale.min(other.scale) <= 19 {
            let lift = |d: &Self| i128::from(d.mantissa) * 10_i128.pow(u32::from(scale - d.scale));
            return lift(self).cmp(&lift(other));
        }
        let lift = |d: &Self| BigInt::from(d.mantissa) * BigInt::from(10).pow(u32::from(scale - d.scale));
        lift(self).cmp(&lift(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Written as text, so that no reader passes it through a double.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(text: &str) -> Result<String, DecimalError> {
        text.parse::<Decimal>().map(|d| d.to_string())
    }

    #[test]
    fn a_number_is_kept_as_it_was_written() {
        for (text, expected) in [
            ("0.30000000000000004", "0.30000000000000004"),
            ("1e3", "1000"),
            ("12.500", "12.5"),
            ("-0.0125", "-0.0125"),
            ("1E-7", "0.0000001"),
            ("000", "0"),
            (".5", "0.5"),
            ("1000000000000000", "1000000000000000"),
            ("100.0e-1", "10"),
            ("1e+2", "100"),
            ("-0", "0"),
            ("0e99999999999999999999", "0"),
            ("123456789012345678e-30", "0.000000000000123456789012345678"),
        ] {
            assert_eq!(printed(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_or_does_not_fit_is_refused() {
        for text in [
            "", "-", ".", "NaN", "inf", "1,5", "0x10", "1e", "1e+", "1e1.5", "1e5e5", "1.2.3", " 1", "+-1",
            "1_000", "١", "e5",
        ] {
            assert_eq!(printed(text), Err(DecimalError::Malformed), "{text}");
        }
        assert_eq!(printed("1e308"), Err(DecimalError::TooLarge));
        assert_eq!(printed("1e99999999999999999999"), Err(DecimalError::TooLarge));
        assert_eq!(printed("1e-99999999999999999999"), Err(DecimalError::TooPrecise));
        assert_eq!(printed("1000000000000000.01"), Err(DecimalError::TooLarge));
        assert_eq!(printed("1000000000000001"), Err(DecimalError::TooLarge));
        assert_eq!(printed("1e-31"), Err(DecimalError::TooPrecise));
        assert_eq!(printed("1.0000000000000000001"), Err(DecimalError::TooPrecise));
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn decimals_of_different_scales_compare_by_value() {
        assert!(decimal("0.3") > decimal("0.2999999999999"));
        assert_eq!(decimal("0.30"), decimal("0.3"));
        assert!(decimal("-1") < decimal("0"));
        assert!(decimal("1000000000000000") > decimal("1e-30"));
        assert!(decimal("-1e-30") < decimal("0"));
    }

    #[test]
    fn sums_are_exact_or_refused() {
        let sum = |a: &str, b: &str| decimal(a).checked_add(decimal(b)).map(|d| d.to_string());
        assert_eq!(sum("0.1", "0.2").as_deref(), Some("0.3"));
        assert_eq!(sum("0.75", "0.25").as_deref(), Some("1"));
        assert_eq!(sum("5", "-5").as_deref(), Some("0"));
        assert_eq!(sum("1e-30", "0").as_deref(), Some("0.000000000000000000000000000001"));
        assert_eq!(sum("1e-30", "1"), None);
        assert_eq!(sum("100000000000000", "0.0001"), None);
        assert_eq!(sum("1000000000000000", "0.1"), None);
        assert_eq!(sum("1000000000000000", "1"), None);
        assert_eq!(sum("999999999999999", "1").as_deref(), Some("1000000000000000"));
    }

    #[test]
    fn ten_times_moves_the_point() {
        let tenfold = |text| decimal(text).tenfold().to_string();
        assert_eq!(tenfold("0.25"), "2.5");
        assert_eq!(tenfold("2.5"), "25");
        assert_eq!(tenfold("25"), "250");
    }

    proptest! {
        #[test]
        fn every_decimal_reads_back_and_agrees_with_its_fraction(
            a in -999_999_999_999_999_999_i64..=999_999_999_999_999_999, a_scale in 3_u8..=30,
            b in -999_999_999_999_999_999_i64..=999_999_999_999_999_999, b_scale in 3_u8..=30,
        ) {
            let (a, b) = (Decimal::new(a, a_scale), Decimal::new(b, b_scale));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_ratio().cmp(&b.to_ratio()));
            if let Some(sum) = a.checked_add(b) {
                prop_assert_eq!(sum.to_ratio(), a.to_ratio() + b.to_ratio());
                prop_assert_eq!(sum.to_string().parse(), Ok(sum));
            }
        }

        #[test]
        fn doubles_are_the_nearest(mantissa: i64, scale in 0_u8..=30) {
            let nearest: f64 = format!("{mantissa}e-{scale}").parse().unwrap();
            prop_assert_eq!(Decimal::new(mantissa, scale).to_f64().to_bits(), nearest.to_bits());
        }

        #[test]
        fn doubles_of_short_decimals_are_the_nearest(mantissa in -9_999_999_i64..9_999_999, scale in 0_u8..=8) {
            let nearest: f64 = format!("{mantissa}e-{scale}").parse().unwrap();
            prop_assert_eq!(Decimal::new(mantissa, scale).to_f64().to_bits(), nearest.to_bits());
        }
    }
}
