//! How suppliers depend on their buyers, over time.
//!
//! The share is that of the buyer group from which most of a supplier's sales come, by the ledger and what is approved
//! on top; the index is the Herfindahl-Hirschman index of its buyers. Both are written down every month and whenever
//! somebody asks for it and something has changed. Undisclosed sales have neither.

use crate::{matching::position::BANDS, words};

use super::figures::Exact;

/// Marks for the concentration of a market, in points of the Herfindahl-Hirschman index: of the merger guidelines of the
/// United States (2023 and 2010) and the European Union (2004). They are screens for mergers, not thresholds of
/// dependency.
pub const MERGER_MARKS: [i64; 3] = [1_000, 1_800, 2_500];

words! {
    /// How dangerous the share of a supplier's largest buyer group is.
    #[schema(as = DependencyBand)]
    pub enum Band {
        /// Its sales are undisclosed, or there are none.
        Undisclosed = "undisclosed",
        /// Below 10 %.
        Fine = "fine",
        /// 10 to below 15 %.
        Watch = "watch",
        /// 15 to below 25 %.
        Elevated = "elevated",
        /// 25 to 30 %.
        Alert = "alert",
        /// Above 30 %.
        WaiverNeeded = "waiver_needed",
    }
}

impl Band {
    /// The band of a share.
    pub fn of(share: Option<&Exact>) -> Self {
        let Some(share) = share else { return Self::Undisclosed };
        let [watch, elevated, alert, waiver] = BANDS.map(|percent| Exact::new(percent.into(), 100.into()));
        match share {
            share if *share < watch => Self::Fine,
            share if *share < elevated => Self::Watch,
            share if *share < alert => Self::Elevated,
            share if *share <= waiver => Self::Alert,
            _ => Self::WaiverNeeded,
        }
    }
}

words! {
    /// Which way a supplier's band went.
    #[schema(as = DependencyTurn)]
    pub enum Turn {
        /// Into a more dangerous one.
        Worse = "worse",
        /// Into a less dangerous one.
        Better = "better",
    }
}

/// Which way a supplier went from one band to another; `None`: it stayed, or one of them is not known.
pub fn turn(before: Band, after: Band) -> Option<Turn> {
    if before == Band::Undisclosed || after == Band::Undisclosed {
        return None;
    }
    match after.cmp(&before) {
        std::cmp::Ordering::Greater => Some(Turn::Worse),
        std::cmp::Ordering::Less => Some(Turn::Better),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_begin_and_end_where_they_say() {
        let share = |permille: i64| Exact::new(permille.into(), 1_000.into());
        let bands =
            [0, 99, 100, 149, 150, 249, 250, 300, 301, 1_000].map(|at| Band::of(Some(&share(at))).word());
        assert_eq!(
            bands,
            [
                "fine",
                "fine",
                "watch",
                "watch",
                "elevated",
                "elevated",
                "alert",
                "alert",
                "waiver_needed",
                "waiver_needed"
            ]
        );
        assert_eq!(Band::of(None), Band::Undisclosed);
    }

    #[test]
    fn a_turn_is_from_one_known_band_to_another() {
        assert_eq!(turn(Band::Fine, Band::Elevated), Some(Turn::Worse));
        assert_eq!(turn(Band::Alert, Band::Watch), Some(Turn::Better));
        assert_eq!(turn(Band::Watch, Band::Watch), None);
        assert_eq!(turn(Band::Undisclosed, Band::Alert), None);
    }
}
