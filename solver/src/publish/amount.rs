//! Exact numbers as they are printed: rounded half up, once, at the end.

use iso_currency::Currency;
use num_bigint::BigInt;

use crate::model::Exact;

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
    let lifted = number.abs() * Exact::ten_to(places);
    let half = Exact::of(1, 2);
    let units = (lifted + half).floor().to_integer();
    let places = places as usize;
    let digits = format!("{:0>width$}", units.to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if number.is_negative() && units != BigInt::ZERO { "-" } else { "" };
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
    }

    #[test]
    fn a_currency_without_cents_prints_none() {
        assert_eq!(minor_unit("PYG"), 0);
        assert_eq!(minor_unit("USD"), 2);
        assert_eq!(minor_unit("KWD"), 3);
    }
}
