//! Time: the only place that reads the wall clock.

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use sea_orm::DeriveValueType;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{
    Date, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::date,
    macros::format_description,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, schema::KnownFormat, schema::Type},
};

/// A moment in UTC, cut to microseconds.
///
/// Stored as a 64-bit count of microseconds since 1970: both engines keep it exactly and compare it
/// rightly, which texts with and without a fraction of a second do not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, DeriveValueType)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment that many microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The moment that many seconds later (or earlier, when negative).
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Whole seconds from `earlier` to this moment.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0) / 1_000_000
    }

    /// The calendar day in UTC.
    pub fn day(self) -> Day {
        Day(self.to_utc().date())
    }

    /// The same moment as the `time` crate writes it.
    pub fn to_utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        Self(i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

/// A text that names no moment of the years 0 to 9998 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a moment such as 2026-03-02T14:00:00Z")]
pub struct NotAMoment;

impl FromStr for Timestamp {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotAMoment)?;
        let utc = moment.checked_to_offset(UtcOffset::UTC).ok_or(NotAMoment)?;
        // On the calendar's last days clocks elsewhere may show a year more.
        if (0..=9_998).contains(&utc.year()) { Ok(utc.into()) } else { Err(NotAMoment) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        text_schema(KnownFormat::DateTime, "RFC 3339, UTC", "2026-03-02T14:00:00Z")
    }
}
impl ToSchema for Timestamp {}

/// A calendar day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct Day(Date);

impl Day {
    /// The day as the `time` crate writes it.
    pub const fn date(self) -> Date {
        self.0
    }

    /// Whole days from `earlier` to this day.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_days()
    }

    /// That many days later, or earlier when negative; stays at the calendar's end when there is none, and at the first
    /// day of the year nought, before which no day is written in four digits.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let (first, last) = (date!(0000 - 01 - 01), Date::MAX);
        let moved = self.0.checked_add(time::Duration::days(days.clamp(-10_000_000, 10_000_000)));
        Self(moved.unwrap_or(if days < 0 { first } else { last }).clamp(first, last))
    }
}

/// A day may stand in a key; no engine hands one out as a number.
impl sea_orm::TryFromU64 for Day {
    fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
        Err(sea_orm::DbErr::ConvertFromU64("Day"))
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

/// A text that names no day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a day such as 2026-03-02")]
pub struct NotADay;

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        // Before the year nought there is no day that is written in four digits.
        if text.starts_with(['-', '+']) {
            return Err(NotADay);
        }
        Date::parse(text, format_description!("[year]-[month]-[day]")).map(Self).map_err(|_| NotADay)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        text_schema(KnownFormat::Date, "ISO 8601 calendar day", "2026-03-02")
    }
}
impl ToSchema for Day {}

fn text_schema(format: KnownFormat, description: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .description(Some(description))
        .examples([example])
        .into()
}

/// Where moments come from: the machine, or a test's hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's wall clock.
    System,
    /// Stands still until it is moved; shared by its clones.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `moment`.
    pub fn manual(moment: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(moment.0)))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
            Self::System => OffsetDateTime::now_utc().into(),
            Self::Manual(micros) => Timestamp(micros.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward; the machine's clock moves by itself.
    pub fn advance(&self, seconds: i64) {
        if let Self::Manual(micros) = self {
            micros.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_kept_to_the_microsecond_and_printed_in_utc() {
        let moment: Timestamp = "2026-03-02T11:00:00.123456-03:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-03-02T14:00:00.123456Z");
        assert_eq!(Timestamp::from_micros(moment.micros()), moment);
        // What has no year of four digits in UTC could not be written.
        for none in ["0000-01-01T00:00:00+10:00", "9998-12-31T23:59:59-01:00", "2026-03-02"] {
            assert_eq!(none.parse::<Timestamp>(), Err(NotAMoment), "{none}");
        }
    }

    #[test]
    fn days_count_across_months() {
        let day: Day = "2026-02-27".parse().unwrap();
        assert_eq!(day.plus_days(3).to_string(), "2026-03-02");
        assert_eq!(
            [i64::MIN, i64::MAX].map(|days| day.plus_days(days).to_string()),
            ["0000-01-01", "9999-12-31"]
        );
        for none in ["2026-02-30", "-0005-01-01", "+2026-01-01", "10000-01-01"] {
            assert_eq!(none.parse::<Day>(), Err(NotADay), "{none}");
        }
    }
}
