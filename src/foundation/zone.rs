//! Time zones: by whose clocks a day begins and ends.

use std::{fmt, str::FromStr};

use jiff::{Zoned, tz::TimeZone};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema};

use super::{
    clock::{Day, Timestamp},
    fields::{Fault, Raw, Value},
};

/// A time zone of the IANA database, by its name: `America/Santiago`. The database comes with the program.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, DeriveValueType)]
pub struct Zone(String);

/// No zone of the IANA database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a time zone such as America/Santiago")]
pub struct NotAZone;

impl Zone {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The calendar day there at that moment.
    pub fn day(&self, at: Timestamp) -> Day {
        self.there(at).date().to_string().parse().unwrap_or_else(|_| at.day())
    }

    /// What the clocks on the wall show there at that moment: `11:00`.
    pub fn wall_clock(&self, at: Timestamp) -> String {
        let there = self.there(at);
        format!("{:02}:{:02}", there.hour(), there.minute())
    }

    /// Whose clocks they are, as people say it: the city after which the database names the zone.
    pub fn place(&self) -> String {
        self.0.rsplit('/').next().unwrap_or_default().replace('_', " ")
    }

    fn there(&self, at: Timestamp) -> Zoned {
        let moment = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
        // A stored name was checked; should a later database have dropped it, days are those of UTC.
        moment.to_zoned(TimeZone::get(&self.0).unwrap_or(TimeZone::UTC))
    }

    /// The day and what clocks show there at that moment, as a form takes them: `2026-12-01T18:00`.
    pub fn local(&self, at: Timestamp) -> String {
        format!("{}T{}", self.day(at), self.wall_clock(at))
    }
}

impl Default for Zone {
    /// UTC.
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

impl FromStr for Zone {
    type Err = NotAZone;

    fn from_str(text: &str) -> Result<Self, NotAZone> {
        let zone = TimeZone::get(text).map_err(|_| NotAZone)?;
        // As the database writes it: names are found in whatever case.
        zone.iana_name().map(|name| Self(name.to_owned())).ok_or(NotAZone)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for Zone {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        raw.parsed("not-a-time-zone")
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Zone {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("time zone of the IANA database"))
            .examples(["America/Santiago"])
            .into()
    }
}
impl ToSchema for Zone {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_when_it_does_there() {
        let at: Timestamp = "2026-03-02T02:30:00Z".parse().unwrap();
        let day = |zone: &str| zone.parse::<Zone>().unwrap().day(at).to_string();
        assert_eq!(day("UTC"), "2026-03-02");
        assert_eq!(day("America/Santiago"), "2026-03-01");
        assert_eq!(day("America/Tegucigalpa"), "2026-03-01");
        assert_eq!(Zone::default().day(at), at.day());
    }

    #[test]
    fn clocks_show_what_they_do_there_in_summer_and_in_winter() {
        let shown = |zone: &str, at: &str| zone.parse::<Zone>().unwrap().wall_clock(at.parse().unwrap());
        assert_eq!(shown("America/Santiago", "2026-03-02T14:00:00Z"), "11:00");
        assert_eq!(shown("America/Santiago", "2026-07-02T14:05:00Z"), "10:05");
        assert_eq!(shown("UTC", "2026-07-02T00:30:00Z"), "00:30");
        let place = |zone: &str| zone.parse::<Zone>().unwrap().place();
        assert_eq!(place("America/Argentina/Buenos_Aires"), "Buenos Aires");
        assert_eq!(place("UTC"), "UTC");
    }

    #[test]
    fn a_name_is_one_of_the_database() {
        assert_eq!("america/lima".parse::<Zone>().unwrap().name(), "America/Lima");
        for text in ["", "Lima", "-05:00", "America/Limaa"] {
            assert_eq!(text.parse::<Zone>(), Err(NotAZone), "{text}");
        }
    }
}
