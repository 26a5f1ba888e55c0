//! Measured figures: exact decimal numbers with at most six decimals.

use std::{fmt, str::FromStr};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema};

use super::{
    fields::{Fault, Raw, Value},
    money::{AmountError, UnitPrice},
};

/// A figure that was measured or is demanded: `97.5` %, `500` ppm, `45` days. In millionths of its
/// unit; on the wire a text, so that no reader passes it through a double.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, DeriveValueType)]
pub struct Figure(i64);

impl Figure {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// That many millionths.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// That many whole units; `None` beyond ±9·10^12.
    pub const fn whole(units: i64) -> Option<Self> {
        match units.checked_mul(1_000_000) {
            Some(millionths) => Some(Self(millionths)),
            None => None,
        }
    }

    /// Millionths of the unit.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// How far this is above `floor`: 0 when it is not.
    #[must_use]
    pub const fn above(self, floor: Self) -> Self {
        if self.0 > floor.0 { Self(self.0.saturating_sub(floor.0)) } else { Self::ZERO }
    }
}

impl FromStr for Figure {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        UnitPrice::parse(text).map(|price| Self(price.0))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        UnitPrice(self.0).fmt(f)
    }
}

impl Serialize for Figure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Figure {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("decimal number, at most six decimals"))
            .examples(["97.5"])
            .into()
    }
}
impl ToSchema for Figure {}

/// A figure that can't be negative; all that the service measures are such.
impl Value for Figure {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        let figure: Self = raw.numeral()?.parse().map_err(|_| Fault::new("not-a-figure"))?;
        if figure < Self::ZERO { Err(Fault::new("negative")) } else { Ok(figure) }
    }
}

/// An exact number with so many decimals, rounded half away from zero.
pub fn rounded(exact: &BigRational, decimals: u32) -> String {
    let scale = BigRational::from_integer(BigInt::from(10).pow(decimals));
    let digits =
        (exact.abs() * scale + BigRational::new(1.into(), 2.into())).floor().to_integer().to_string();
    let sign = if exact.is_negative() && digits.bytes().any(|digit| digit != b'0') { "-" } else { "" };
    if decimals == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = decimals as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
    format!("{sign}{whole}.{fraction}")
}

/// The same, without the zeros at its end.
pub fn brief(exact: &BigRational, decimals: u32) -> String {
    let text = rounded(exact, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_exact() {
        assert_eq!("97.5".parse::<Figure>().unwrap().millionths(), 97_500_000);
        assert_eq!("0.000001".parse::<Figure>().unwrap().to_string(), "0.000001");
        assert!("0.0000001".parse::<Figure>().is_err());
        assert_eq!(
            Figure::whole(500).unwrap().above(Figure::whole(200).unwrap()),
            Figure::whole(300).unwrap()
        );
        assert_eq!(Figure::whole(200).unwrap().above(Figure::whole(500).unwrap()), Figure::ZERO);
    }

    #[test]
    fn exact_numbers_are_rounded_half_away_from_zero() {
        let exact = |numerator: i64, denominator: i64| BigRational::new(numerator.into(), denominator.into());
        assert_eq!((rounded(&exact(2, 3), 2), brief(&exact(1, 2), 4)), ("0.67".to_owned(), "0.5".to_owned()));
        assert_eq!(
            (rounded(&exact(1, 20), 1), rounded(&exact(-1, 20), 1)),
            ("0.1".to_owned(), "-0.1".to_owned())
        );
        assert_eq!(
            (rounded(&exact(-1, 300), 1), rounded(&exact(-7, 2), 0)),
            ("0.0".to_owned(), "-4".to_owned())
        );
        assert_eq!(brief(&exact(500, 1), 6), "500");
    }
}
