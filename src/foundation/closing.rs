//! When something closes by itself: a requirement, a call.
//!
//! People name a moment by the clock on their wall, programs by the offset from UTC. Both are taken: a local
//! time is resolved in the programme's time zone, and kept as a moment.

use jiff::{civil::DateTime, tz::TimeZone};

use super::{
    clock::Timestamp,
    fields::{Fault, Raw, Value},
    problem::Problem,
};

/// A moment as it was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClosingTime {
    /// With its offset from UTC: `2026-12-01T18:00:00-03:00`.
    At(Timestamp),
    /// By the clocks of the programme's time zone: `2026-12-01T18:00`.
    Local(DateTime),
}

impl Value for ClosingTime {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        let text = raw.text()?;
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let local = text.contains('T') && !text.ends_with('Z');
        // In the calendar's last year a clock may show what is the next one's in UTC.
        let is_moment = |at: &DateTime| local && (1..=9_998).contains(&at.year());
        let parsed = text.parse().ok().filter(is_moment).map(Self::Local);
        parsed.ok_or_else(|| Fault::new("not-a-closing-time"))
    }
}

impl ClosingTime {
    /// The moment, by the clocks of that zone. Of an hour that the clocks skip it is the hour after, of one
    /// that they show twice the first.
    ///
    /// # Errors
    /// 500 when there is no such zone: the programme's was checked when it was written.
    pub fn resolve(self, zone: &str) -> Result<Timestamp, Problem> {
        let local = match self {
            Self::At(at) => return Ok(at),
            Self::Local(local) => local,
        };
        let zone = TimeZone::get(zone).map_err(Problem::internal)?;
        let zoned = local.to_zoned(zone).map_err(Problem::internal)?;
        Ok(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::foundation::fields::{Fields, Input};

    struct Sent(ClosingTime);

    impl Input for Sent {
        fn read(f: &mut Fields) -> Option<Self> {
            f.required("closes_at").map(Self)
        }
    }

    fn read(text: &str) -> Option<ClosingTime> {
        Fields::from_json::<Sent>(json!({ "closes_at": text }).to_string().as_bytes()).ok().map(|sent| sent.0)
    }

    #[test]
    fn a_local_time_is_one_of_the_programmes_zone() {
        let at = |text: &str, zone: &str| read(text).unwrap().resolve(zone).unwrap().to_string();
        assert_eq!(at("2026-12-01T18:00", "America/Santiago"), "2026-12-01T21:00:00Z");
        assert_eq!(at("2026-07-01T18:00:00", "America/Santiago"), "2026-07-01T22:00:00Z");
        assert_eq!(at("2026-12-01T18:00:00-05:00", "America/Santiago"), "2026-12-01T23:00:00Z");
        assert_eq!(at("2026-12-01T18:00:00Z", "America/Bogota"), "2026-12-01T18:00:00Z");
    }

    #[test]
    fn what_names_no_moment_is_refused() {
        for text in [
            "2026-12-01",
            "mañana",
            "2026-12-01T25:00",
            "18:00",
            "2026-13-01T18:00Z",
            "9999-12-31T23:59",
            "-0001-01-01T00:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
