//! Tax ids of Latin American countries.

use std::{fmt, str::FromStr};

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

use crate::foundation::{
    fields::{Fault, Raw, Value},
    zone::Zone,
};

/// The alpha-2 codes that ISO 3166-1 assigns.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ \
    BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ \
    DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY \
    HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT \
    JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
    LA LB LC LI LK LR LS LT LU LV LY \
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ \
    NA NC NE NF NG NI NL NO NP NR NU NZ OM \
    PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ \
    TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ \
    UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// An ISO 3166-1 alpha-2 country code. What comes in from outside says an assigned one; what is kept may say another,
/// such as those that public records use for international bodies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct Country([u8; 2]);

/// Not two letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an ISO 3166-1 country code")]
pub struct NotACountry;

impl Country {
    /// A country that a document does not tell (ISO 3166-1 leaves XX to its users).
    pub const UNKNOWN: Self = Self(*b"XX");

    /// Whether ISO 3166-1 assigns it.
    pub fn is_assigned(&self) -> bool {
        ASSIGNED.split(' ').any(|code| code == self.code())
    }

    /// Two capital letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The time zone of its capital, or of its largest city where most people live by another one's clocks; UTC for
    /// countries outside Latin America.
    pub fn zone(&self) -> Zone {
        let name = match &self.0 {
            b"AR" => "America/Argentina/Buenos_Aires",
            b"BO" => "America/La_Paz",
            b"BR" => "America/Sao_Paulo",
            b"CL" => "America/Santiago",
            b"CO" => "America/Bogota",
            b"CR" => "America/Costa_Rica",
            b"CU" => "America/Havana",
            b"DO" => "America/Santo_Domingo",
            b"EC" => "America/Guayaquil",
            b"GT" => "America/Guatemala",
            b"HN" => "America/Tegucigalpa",
            b"HT" => "America/Port-au-Prince",
            b"MX" => "America/Mexico_City",
            b"NI" => "America/Managua",
            b"PA" => "America/Panama",
            b"PE" => "America/Lima",
            b"PR" => "America/Puerto_Rico",
            b"PY" => "America/Asuncion",
            b"SV" => "America/El_Salvador",
            b"UY" => "America/Montevideo",
            b"VE" => "America/Caracas",
            _ => "UTC",
        };
        name.parse().unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = NotACountry;

    fn from_str(text: &str) -> Result<Self, NotACountry> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(NotACountry),
        }
    }
}

/// A country may stand in a key; no engine hands one out as a number.
impl sea_orm::TryFromU64 for Country {
    fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
        Err(sea_orm::DbErr::ConvertFromU64("Country"))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Value for Country {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        let country: Self = raw.parsed("not-a-country")?;
        // A firm of a public record that names no country is named by that.
        let can_be_named = country.is_assigned() || country == Self::UNKNOWN;
        if can_be_named { Ok(country) } else { Err(Fault::new("not-a-country")) }
    }
}

/// A country and a tax id there, in canonical form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaxId {
    /// The country.
    pub country: Country,
    /// Without points, spaces and dashes, in capitals.
    pub number: String,
    /// Whether the number passed its country's check; a Mexican RFC may fail its check digit and still
    /// be a real one, so there it only warns.
    pub confirmed: bool,
}

/// The schemes with check digits, or a structure that can be checked, per country: any of them will do.
const SCHEMES: &[(&str, &str)] = &[
    ("AR", "ar/cuit"),
    ("BR", "br/cnpj"),
    ("CL", "cl/rut"),
    ("CO", "co/nit"),
    ("CR", "cr/cpj"),
    // Whoever trades under their own name has the number of a person.
    ("CR", "cr/cpf"),
    ("DO", "do/rnc"),
    ("DO", "do/cedula"),
    ("EC", "ec/ruc"),
    ("GT", "gt/nit"),
    ("MX", "mx/rfc"),
    ("PE", "pe/ruc"),
    ("PY", "py/ruc"),
    ("SV", "sv/nit"),
    ("UY", "uy/rut"),
    ("VE", "ve/rif"),
];

/// Countries whose check digits the library does not know: how many characters, and whether digits only.
/// Bolivia's NIT, Panama's RUC (with letters for some kinds of firm) and Honduras's RTN.
const SHAPES: &[(&str, std::ops::RangeInclusive<usize>, bool)] =
    &[("BO", 6..=12, true), ("PA", 5..=20, false), ("HN", 14..=14, true)];

impl TaxId {
    /// Checks a number against its country's scheme. Countries without a scheme here take any plain
    /// number, unconfirmed.
    ///
    /// # Errors
    /// `wrong-tax-id` when the check fails.
    pub fn parse(country: Country, text: &str) -> Result<Self, Fault> {
        // The library knows some separators of each country; points are not among all of them.
        let stripped: String = text.chars().filter(|c| !matches!(c, '.' | ' ' | '-' | '/')).collect();
        let number = stripped.to_uppercase();
        if !(2..=20).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(wrong(country));
        }
        let shape = SHAPES.iter().find(|(code, ..)| *code == country.code());
        if shape.is_some_and(|(_, length, is_digits)| {
            !length.contains(&number.len()) || (*is_digits && !number.bytes().all(|b| b.is_ascii_digit()))
        }) {
            return Err(wrong(country));
        }
        let mut schemes = SCHEMES.iter().filter(|(code, _)| *code == country.code()).peekable();
        if schemes.peek().is_none() {
            return Ok(Self { country, number, confirmed: false });
        }
        let valid =
            schemes.filter_map(|(_, key)| stdnum::find(key)).find_map(|scheme| scheme.validate(&number).ok());
        match valid {
            Some(valid) => Ok(Self { country, number: valid.compact, confirmed: true }),
            None if country.code() == "MX" && (12..=13).contains(&number.len()) => {
                Ok(Self { country, number, confirmed: false })
            }
            None => Err(wrong(country)),
        }
    }
}

fn wrong(country: Country) -> Fault {
    Fault("wrong-tax-id", vec![("country", country.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(country: &str, text: &str) -> Option<(String, bool)> {
        TaxId::parse(country.parse().unwrap(), text).ok().map(|id| (id.number, id.confirmed))
    }

    #[test]
    fn a_country_has_the_clocks_of_its_capital() {
        let at = "2026-03-11T03:30:00Z".parse().unwrap();
        let here = [
            "AR", "BO", "BR", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "HT", "MX", "NI", "PA", "PE",
            "PR", "PY", "SV", "UY", "VE",
        ];
        for code in here {
            let zone = code.parse::<Country>().unwrap().zone();
            assert_ne!(zone, Zone::default(), "{code}");
            // Half past midnight on the eastern coast, an evening in the west.
            let east = ["AR", "BR", "CL", "PY", "UY"].contains(&code);
            assert_eq!(zone.day(at).to_string(), if east { "2026-03-11" } else { "2026-03-10" }, "{code}");
        }
        assert_eq!(Country::UNKNOWN.zone(), Zone::default());
    }

    #[test]
    fn a_country_is_one_of_the_standards() {
        assert_eq!(ASSIGNED.split(' ').count(), 249);
        let assigned = |code: &str| code.parse::<Country>().unwrap().is_assigned();
        assert!(["CL", "mx", "PY", "ZW", "AD"].into_iter().all(assigned));
        assert!(!["ZZ", "XX", "EU", "UK"].into_iter().any(assigned));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in ["76.086.428-5", "76086428-5", " 760864285 "] {
            assert_eq!(parsed("CL", text), Some(("760864285".to_owned(), true)), "{text}");
        }
        assert_eq!(parsed("CL", "76.086.428-6"), None);
    }

    #[test]
    fn a_mexican_check_digit_only_warns() {
        assert_eq!(parsed("MX", "ABC010101AB9").map(|(_, confirmed)| confirmed), Some(false));
        assert_eq!(parsed("MX", "ABC"), None);
    }

    /// Numbers that tax authorities and their manuals show; the last digit changed, none passes.
    #[test]
    fn check_digits_of_each_country_are_checked() {
        let good = [
            ("AR", "20-05536168-2"),
            ("BR", "16.727.230/0001-97"),
            ("CL", "76.086.428-5"),
            ("CO", "213.123.432-1"),
            ("DO", "1-01-85004-3"),
            ("GT", "576937-K"),
            ("PE", "20512333797"),
            ("PY", "80028061-0"),
            ("SV", "0614-050707-104-8"),
            ("UY", "21-100342-001-7"),
            ("VE", "V-11470283-4"),
        ];
        for (country, text) in good {
            assert_eq!(parsed(country, text).map(|(_, confirmed)| confirmed), Some(true), "{country} {text}");
            let (rest, last) = text.split_at(text.len() - 1);
            let wrong = format!("{rest}{}", if last == "1" { "2" } else { "1" });
            assert_eq!(parsed(country, &wrong), None, "{country} {wrong}");
        }
        for (country, text) in [("EC", "1792060346-001"), ("CR", "3-101-999999"), ("CR", "3-0455-0175")] {
            assert_eq!(parsed(country, text).map(|(_, confirmed)| confirmed), Some(true), "{country} {text}");
        }
    }

    #[test]
    fn where_no_check_digit_is_known_the_shape_is_checked() {
        assert_eq!(parsed("BO", "1020703023"), Some(("1020703023".to_owned(), false)));
        assert_eq!(parsed("BO", "102070302A"), None);
        assert_eq!(parsed("PA", "8-442-445"), Some(("8442445".to_owned(), false)));
        assert_eq!(parsed("HN", "0801-1990-123456"), Some(("08011990123456".to_owned(), false)));
        assert_eq!(parsed("HN", "0801-1990"), None);
    }

    #[test]
    fn every_scheme_is_known_to_the_library() {
        for (country, key) in SCHEMES {
            assert!(stdnum::find(key).is_some(), "{country} {key}");
        }
    }
}
