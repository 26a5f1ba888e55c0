//! Shares: exact parts per million.

use std::{fmt, str::FromStr};

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema};

use super::{
    fields::{Fault, Raw, Value},
    figure::Figure,
};

/// A share of a whole, 0…1, in parts per million. On the wire a text: `"0.3"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, DeriveValueType)]
pub struct Share(i64);

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// All.
    pub const ALL: Self = Self(1_000_000);

    /// That many parts per million, when it is at most the whole.
    pub const fn from_ppm(ppm: i64) -> Option<Self> {
        if ppm >= 0 && ppm <= 1_000_000 { Some(Self(ppm)) } else { None }
    }

    /// That many percent points (at most 100).
    pub const fn percent(percent: u8) -> Self {
        Self(if percent > 100 { 1_000_000 } else { percent as i64 * 10_000 })
    }

    /// That many percent, as exactly as parts per million can say it.
    pub fn of_percent(percent: Figure) -> Option<Self> {
        let millionths = percent.millionths();
        if millionths % 100 == 0 { Self::from_ppm(millionths / 100) } else { None }
    }

    /// The share in percent, exactly, as a form shows it: `30`, `12.5`.
    pub fn as_percent(self) -> Figure {
        Figure::from_millionths(self.0 * 100)
    }

    /// The whole units that lie within this share of a quantity.
    pub fn whole_units(self, quantity: i64) -> i64 {
        i64::try_from(i128::from(self.0) * i128::from(quantity) / 1_000_000).unwrap_or(i64::MAX)
    }

    /// The fewest whole units that are at least this share of a quantity.
    pub fn whole_units_up(self, quantity: i64) -> i64 {
        let exact = i128::from(self.0) * i128::from(quantity);
        i64::try_from((exact + 999_999) / 1_000_000).unwrap_or(i64::MAX)
    }

    /// Parts per million.
    pub const fn ppm(self) -> i64 {
        self.0
    }

    /// The share in percent points with one decimal, rounded half up: `30.0`.
    pub fn to_percent(self) -> String {
        let tenths = (self.0 + 500) / 1_000;
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// Not a share: no decimal number, outside 0…1, or with more than six decimals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a share between 0 and 1 with at most six decimals")]
pub struct NotAShare;

impl FromStr for Share {
    type Err = NotAShare;

    fn from_str(text: &str) -> Result<Self, NotAShare> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let fraction_digits = fraction.trim_end_matches('0');
        if !digits(whole) || !digits(fraction) || fraction_digits.len() > 6 {
            return Err(NotAShare);
        }
        let ppm = format!("{whole}{fraction_digits:0<6}").parse().map_err(|_| NotAShare)?;
        Self::from_ppm(ppm).ok_or(NotAShare)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Serialize for Share {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Share {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("share of a whole, 0 to 1, at most six decimals"))
            .examples(["0.3"])
            .into()
    }
}
impl ToSchema for Share {}

impl Value for Share {
    /// People type percent.
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        let text = raw.numeral()?;
        if !raw.is_typed() {
            return text.parse().map_err(|_| Fault::new("not-a-share"));
        }
        let refused = |_| Fault::new("not-a-percentage");
        let percent: Figure = text.trim_end_matches('%').parse().map_err(refused)?;
        Self::of_percent(percent).ok_or_else(|| Fault::new("not-a-percentage"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_units_lie_within_a_share_or_make_it_up() {
        let third = Share::from_ppm(333_333).unwrap();
        assert_eq!((third.whole_units(9), third.whole_units_up(9)), (2, 3));
        assert_eq!((Share::percent(50).whole_units(10), Share::percent(50).whole_units_up(10)), (5, 5));
        assert_eq!((Share::NONE.whole_units(9), Share::NONE.whole_units_up(9)), (0, 0));
        assert_eq!(Share::ALL.whole_units_up(i64::MAX), i64::MAX);
    }

    #[test]
    fn shares_are_exact_and_within_the_whole() {
        let printed = |text: &str| text.parse::<Share>().map(|s| s.to_string());
        assert_eq!(printed("0.3").as_deref(), Ok("0.3"));
        assert_eq!(printed("1").as_deref(), Ok("1"));
        assert_eq!(printed("0.333333").as_deref(), Ok("0.333333"));
        for text in ["1.000001", "-0.1", "0.3333333", ".3", "30%", ""] {
            assert_eq!(printed(text), Err(NotAShare), "{text}");
        }
        assert_eq!(Share::percent(30).to_percent(), "30.0");
    }
}
