//! Two pictures: how many suppliers stood in which band of dependency, month by month, and one firm's own share.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::{
    foundation::{ids::OrganisationId, zone::Zone},
    matching::position::BANDS,
    monitoring::{dependency::Band, store::Record},
};

/// A year and a month.
pub(super) type Month = (i32, u8);

/// The pictures' width and height, and the room around what they show.
pub(super) const WIDTH: i64 = 440;
const HEIGHT: i64 = 220;
const LEFT: i64 = 36;
const RIGHT: i64 = 14;
const TOP: i64 = 12;
const BOTTOM: i64 = 30;

/// So many months are shown, the latest.
const MOST: usize = 13;

/// The bands from the least dangerous one on; what is undisclosed stands on top.
const STACKED: [Band; 6] =
    [Band::Fine, Band::Watch, Band::Elevated, Band::Alert, Band::WaiverNeeded, Band::Undisclosed];

/// A part of a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Part {
    pub(super) band: Band,
    pub(super) count: usize,
    pub(super) y: i64,
    pub(super) height: i64,
}

/// A month: how many suppliers stood in which band at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Column {
    /// None: now.
    pub(super) month: Option<Month>,
    pub(super) x: i64,
    pub(super) width: i64,
    pub(super) parts: Vec<Part>,
}

impl Column {
    /// How many stood in a band.
    pub(super) fn count(&self, band: Band) -> usize {
        self.parts.iter().find(|part| part.band == band).map_or(0, |part| part.count)
    }

    /// How many are known of.
    pub(super) fn all(&self) -> usize {
        self.parts.iter().map(|part| part.count).sum()
    }

    /// Where its label stands.
    pub(super) const fn middle(&self) -> i64 {
        self.x + self.width / 2
    }
}

/// Month by month, the present last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bands {
    pub(super) columns: Vec<Column>,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) floor: i64,
}

fn month_of(record: &Record, zone: &Zone) -> Option<Month> {
    let day = zone.day(record.recorded_at?).date();
    Some((day.year(), u8::from(day.month())))
}

/// How many suppliers stood in which band, month by month: of each the last that was written down until then.
pub(super) fn bands(records: &[Record], zone: &Zone) -> Option<Bands> {
    let mut months: Vec<Option<Month>> =
        records.iter().filter_map(|one| month_of(one, zone)).map(Some).collect();
    months.sort_unstable();
    months.dedup();
    let months: Vec<_> = months.split_off(months.len().saturating_sub(MOST - 1));
    let mut by_supplier: BTreeMap<OrganisationId, Vec<(Option<Month>, Band)>> = BTreeMap::new();
    for record in records {
        by_supplier.entry(record.supplier).or_default().push((month_of(record, zone), record.band));
    }
    let most = i64::try_from(by_supplier.len()).ok().filter(|most| *most > 0)?;
    let stood = |month: Option<Month>| {
        let last = |own: &Vec<(Option<Month>, Band)>| match month {
            None => own.last().map(|(_, band)| *band),
            until => own.iter().rev().find(|(at, _)| at.is_some() && *at <= until).map(|(_, band)| *band),
        };
        by_supplier.values().filter_map(last).collect::<Vec<_>>()
    };
    let count = i64::try_from(months.len() + 1).ok()?;
    let (wide, tall) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
    let step = wide / count;
    let column = |(at, month): (usize, Option<Month>)| {
        let all = stood(month);
        let mut floor = HEIGHT - BOTTOM;
        let parts = STACKED.iter().filter_map(|band| {
            let count = all.iter().filter(|one| *one == band).count();
            let height = tall * i64::try_from(count).ok()? / most;
            floor -= height;
            (count > 0).then_some(Part { band: *band, count, y: floor, height })
        });
        let parts = parts.collect();
        let width = (step * 7 / 10).min(90);
        Column { month, x: LEFT + step * i64::try_from(at).unwrap_or(0) + (step - width) / 2, width, parts }
    };
    let columns = months.into_iter().chain([None]).enumerate().map(column).collect();
    Some(Bands { columns, width: WIDTH, height: HEIGHT, floor: HEIGHT - BOTTOM })
}

/// A point of one firm's own line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Point {
    pub(super) x: i64,
    pub(super) y: i64,
}

/// One firm's share over time, with the bands' borders and the cap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Own {
    pub(super) points: Vec<Point>,
    pub(super) line: String,
    /// Height and percent of what is marked.
    pub(super) marks: Vec<(i64, i64)>,
    pub(super) cap: Option<i64>,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) left: i64,
    pub(super) right: i64,
}

/// The line of shares (of 1), in the order of time; `None` of nothing known.
pub(super) fn own(shares: &[BigRational], cap: Option<&BigRational>) -> Option<Own> {
    let count = i64::try_from(shares.len()).ok().filter(|count| *count > 0)?;
    let (wide, tall) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
    let half = BigRational::new(1.into(), 2.into());
    // As much as there is, half of everything at least.
    let top = shares.iter().chain(cap).chain([&half]).max()?.clone();
    let height = |share: &BigRational| {
        let length = share / &top * BigRational::from_integer(tall.into());
        TOP + tall - length.round().to_integer().to_i64().unwrap_or(0)
    };
    let x = |at: usize| {
        let at = i64::try_from(at).unwrap_or(0);
        if count == 1 { LEFT + wide / 2 } else { LEFT + wide * at / (count - 1) }
    };
    let points: Vec<_> =
        shares.iter().enumerate().map(|(at, share)| Point { x: x(at), y: height(share) }).collect();
    let line = points.iter().map(|point| format!("{} {}", point.x, point.y)).collect::<Vec<_>>().join("L");
    let marks = [0].into_iter().chain(BANDS);
    let marks = marks.map(|mark| (height(&BigRational::new(mark.into(), 100.into())), mark));
    Some(Own {
        line: format!("M{line}"),
        points,
        marks: marks.collect(),
        cap: cap.map(height),
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right: WIDTH - RIGHT,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{foundation::clock::Timestamp, monitoring::figures::Exact};

    pub(in crate::monitoring::pages) fn record(
        supplier: u8,
        at: Option<&str>,
        percent: Option<i64>,
    ) -> Record {
        let share = percent.map(|percent| Exact::new(percent.into(), 100.into()));
        Record {
            supplier: OrganisationId(uuid::Uuid::from_bytes([supplier; 16])),
            recorded_at: at.map(|at| at.parse::<Timestamp>().unwrap()),
            buyer_group: share.is_some().then(uuid::Uuid::nil),
            band: Band::of(share.as_ref()),
            hhi: share.clone().map(|share| share * Exact::from_integer(10_000.into())),
            share,
            turn: None,
        }
    }

    #[test]
    fn columns_hold_the_last_that_is_known_of_each() {
        let records = [
            record(1, Some("2026-03-05T12:00:00Z"), Some(40)),
            record(1, Some("2026-05-05T12:00:00Z"), Some(28)),
            record(1, None, Some(8)),
            // Written down later, and undisclosed by now.
            record(2, Some("2026-05-01T12:00:00Z"), Some(12)),
            record(2, None, None),
        ];
        let found = bands(&records, &Zone::default()).unwrap();
        let counts: Vec<Vec<(Band, usize)>> = found
            .columns
            .iter()
            .map(|column| column.parts.iter().map(|part| (part.band, part.count)).collect())
            .collect();
        assert_eq!(
            counts,
            [
                vec![(Band::WaiverNeeded, 1)],
                vec![(Band::Watch, 1), (Band::Alert, 1)],
                vec![(Band::Fine, 1), (Band::Undisclosed, 1)],
            ]
        );
        assert_eq!(
            found.columns.iter().map(|one| one.month).collect::<Vec<_>>(),
            [Some((2026, 3)), Some((2026, 5)), None]
        );
        // Golden: one of two fills half of the height, and nothing stands below the floor.
        let part = &found.columns[0].parts[0];
        assert_eq!((found.columns[0].x, found.columns[0].width, part.y, part.height), (56, 90, 101, 89));
        assert_eq!(found.columns[1].parts[1].y, 12);
        assert_eq!(bands(&[], &Zone::default()), None);
    }

    #[test]
    fn ones_own_line_goes_through_its_shares() {
        let share = |percent: i64| BigRational::new(percent.into(), 100.into());
        let drawn = own(&[share(20), share(50)], Some(&share(30))).unwrap();
        assert_eq!((drawn.line.as_str(), drawn.cap), ("M36 119L426 12", Some(83)));
        assert_eq!(own(&[share(60)], None).unwrap().points, [Point { x: 231, y: 12 }]);
        assert_eq!(own(&[], None), None);
    }
}
