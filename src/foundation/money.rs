//! Money: exact, in the currency's minor units, printed with its ISO code.

use std::{fmt, str::FromStr};

use iso_currency::Currency as Iso;
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema};

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct Currency(Iso);

impl Currency {
    /// Number of decimals of the minor unit: 2 for USD, 0 for CLP and PYG.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// Three letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Not the code of a currency in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an ISO 4217 currency code")]
pub struct UnknownCurrency;

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        Iso::from_code(text).map(Self).ok_or(UnknownCurrency)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("ISO 4217 code"))
            .examples(["CLP"])
            .into()
    }
}
impl ToSchema for Currency {}

/// An exact amount. On the wire `{"amount": "1234.50", "currency": "USD"}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Money {
    /// Minor units of the currency.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// A price per unit, scaled by 10^-6 of the currency's main unit, so that 0.0125 USD is exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, DeriveValueType)]
pub struct UnitPrice(pub i64);

/// Why a text is not an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AmountError {
    /// Not a plain decimal number such as `1234.50`.
    #[error("not a decimal number")]
    Malformed,
    /// More decimals than the currency has.
    #[error("more decimals than can be kept")]
    TooManyDecimals,
    /// Beyond ±10^15 units.
    #[error("too large")]
    TooLarge,
}

impl Money {
    /// An amount of that many minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads `1234.50`: an optional minus, digits, and at most the currency's decimals after a point.
    ///
    /// # Errors
    /// [`AmountError`] says what is wrong with the text.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        Ok(Self { minor: parse_scaled(text, currency.decimals())?, currency })
    }

    /// The number alone: `1234.50`.
    pub fn amount(self) -> String {
        print_scaled(self.minor, self.currency.decimals())
    }
}

impl UnitPrice {
    const DECIMALS: u32 = 6;

    /// Reads a price with at most six decimals.
    ///
    /// # Errors
    /// [`AmountError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        parse_scaled(text, Self::DECIMALS).map(Self)
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = print_scaled(self.0, Self::DECIMALS);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

fn parse_scaled(text: &str, decimals: u32) -> Result<i64, AmountError> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(AmountError::Malformed);
    }
    let fraction = fraction.trim_end_matches('0');
    let places = u32::try_from(fraction.len()).map_err(|_| AmountError::TooManyDecimals)?;
    let missing = decimals.checked_sub(places).ok_or(AmountError::TooManyDecimals)?;
    let number: i64 = format!("{whole}{fraction}{}", "0".repeat(missing as usize))
        .parse()
        .map_err(|_| AmountError::TooLarge)?;
    if number > 1_000_000_000_000_000_i64.saturating_mul(10_i64.saturating_pow(decimals.min(3))) {
        return Err(AmountError::TooLarge);
    }
    Ok(if negative { -number } else { number })
}

fn print_scaled(number: i64, decimals: u32) -> String {
    let decimals = decimals as usize;
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Money as JSON: the amount is text, so that no reader passes it through a double.
#[derive(Serialize, Deserialize, ToSchema)]
struct MoneyJson {
    #[schema(example = "1234.50")]
    amount: String,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        MoneyJson { amount: self.amount(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = MoneyJson::deserialize(deserializer)?;
        Self::parse(&json.amount, json.currency).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Money {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        MoneyJson::schema()
    }
}
impl ToSchema for Money {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        schemas.push(("Currency".to_owned(), Currency::schema()));
    }
}

impl Serialize for UnitPrice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnitPrice {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for UnitPrice {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("price per unit, at most six decimals"))
            .examples(["0.0125"])
            .into()
    }
}
impl ToSchema for UnitPrice {}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str, currency: &str) -> Result<String, AmountError> {
        Money::parse(text, currency.parse().unwrap()).map(|m| m.to_string())
    }

    #[test]
    fn amounts_keep_every_cent() {
        assert_eq!(money("99999999999999.99", "USD").as_deref(), Ok("99999999999999.99 USD"));
        assert_eq!(money("-0.5", "USD").as_deref(), Ok("-0.50 USD"));
        assert_eq!(money("626953284", "PYG").as_deref(), Ok("626953284 PYG"));
        assert_eq!(money("12.00", "CLP").as_deref(), Ok("12 CLP"));
    }

    #[test]
    fn what_a_currency_cannot_hold_is_refused() {
        assert_eq!(money("0.5", "PYG"), Err(AmountError::TooManyDecimals));
        assert_eq!(money("1.234", "USD"), Err(AmountError::TooManyDecimals));
        for text in ["", "1,5", "1e5", ".5", "5.", "+1", "NaN", " 1"] {
            assert_eq!(money(text, "USD"), Err(AmountError::Malformed), "{text}");
        }
        assert_eq!(money("99999999999999999999", "USD"), Err(AmountError::TooLarge));
    }

    #[test]
    fn unit_prices_go_below_the_minor_unit() {
        assert_eq!(UnitPrice::parse("0.0125").unwrap().to_string(), "0.0125");
        assert_eq!(UnitPrice::parse("0.0000001"), Err(AmountError::TooManyDecimals));
    }
}
