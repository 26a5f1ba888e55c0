//! Exact numbers as they are printed: rounded half up, once, at the end.

use crate::model::Exact;
use iso_currency::Currency;
use num_traits::Zero;

/// Decimal places of a printed share.
const SHARE_PLACES: u32 = 9;

/// Decimal places of the currency's minor unit (ISO 4217); 2 where the standard names none.
pub(crate) fn minor_unit(currency: &str) -> u32 {
    Currency::from_code(currency).and_then(Currency::exponent).map_or(2, u32::from)
}

/// A share with nine decimal places.
pub(crate) fn share(number: &Exact) -> String {
    rounded(number, SHARE_PLACES)
}

/// What one number is of another, as a share; `None` where the other is 0.
pub(crate) fn share_of(part: &Exact, of: &Exact) -> Option<String> {
    if of.is_zero() {
        return None;
    }
    let parts = part.quotient_in_parts_of(of, SHARE_PLACES);
    Some(parts.and_then(|parts| printed(parts, SHARE_PLACES)).unwrap_or_else(|| share(&(part / of))))
}

/// A number rounded half up (away from zero) to decimal places.
pub(crate) fn rounded(number: &Exact, places: u32) -> String {
    if let Some(text) = number.in_parts_of(places).and_then(|parts| printed(parts, places)) {
        return text;
    }
    let lifted = number.abs() * Exact::ten_to(places);
    let units = (lifted + Exact::of(1, 2)).floor().to_integer().to_string();
    let places = places as usize;
    let sign = if number.is_negative() && units != "0" { "-" } else { "" };
    let digits = format!("{units:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Parts of a power of ten with a point among them, if 64 bits hold them.
fn printed(parts: i128, places: u32) -> Option<String> {
    let sign = if parts < 0 { "-" } else { "" };
    let parts = u64::try_from(parts.unsigned_abs()).ok()?;
    let unit = 10_u64.checked_pow(places)?;
    let (whole, fraction, width) = (parts / unit, parts % unit, places as usize);
    Some(if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction:0width$}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(numerator: i64, denominator: i64) -> Exact {
        Exact::new(numerator.into(), denominator.into())
    }

    #[test]
    fn halves_go_up_and_places_are_filled() {
        assert_eq!(rounded(&exact(1, 200), 2), "0.01");
        assert_eq!(rounded(&exact(1, 201), 2), "0.00");
        assert_eq!(rounded(&exact(5, 2), 0), "3");
        assert_eq!(rounded(&exact(-1, 1000), 2), "0.00");
        assert_eq!(share(&exact(2, 3)), "0.666666667");
        assert_eq!(rounded(&exact(-5, 2), 0), "-3");
        assert_eq!(rounded(&exact(-7, 1000), 2), "-0.01");
        // Beyond 128 bits on the way.
        let large = exact(i64::MAX, 3) * exact(i64::MAX, 1) * exact(10, 1);
        assert_eq!(
            rounded(&large, 9),
            "283568639100782052875145339499575941083.333333333"
                .replace("283568639100782052875145339499575941083", &large.floor().to_integer().to_string())
        );
    }

    #[test]
    fn a_currency_without_cents_prints_none() {
        assert_eq!(minor_unit("PYG"), 0);
        assert_eq!(minor_unit("USD"), 2);
        assert_eq!(minor_unit("KWD"), 3);
    }
}
