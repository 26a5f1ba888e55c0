//! Exact numbers as they are printed: rounded half up, once, at the end.

use crate::model::Exact;
use iso_currency::Currency;

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

/// A number rounded half up (away from zero) to decimal places.
pub(crate) fn rounded(number: &Exact, places: u32) -> String {
    let units = number.in_parts_of(places).map_or_else(
        || {
            let lifted = number.abs() * Exact::ten_to(places);
            (lifted + Exact::of(1, 2)).floor().to_integer().to_string()
        },
        |units| units.unsigned_abs().to_string(),
    );
    let places = places as usize;
    let sign = if number.is_negative() && units != "0" { "-" } else { "" };
    let digits = format!("{units:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
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
