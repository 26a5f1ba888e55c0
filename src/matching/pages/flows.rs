//! Who buys from whom in a run: a table with bars, and a picture of it where few enough stand on each side to be read.

use std::{cmp::Reverse, collections::BTreeMap};

use eslabon_solver::Outcome;
use num_rational::BigRational;
use num_traits::Zero;

use super::show::{WIDTH as BAR, exact, money, scaled};
use crate::{
    foundation::{figure::rounded, i18n::Locale, page::filters::grouped},
    matching::store::telling::Told,
};

/// With more than these on a side there is no picture: it would be a tangle.
const MOST_BUYERS: usize = 12;
const MOST_SUPPLIERS: usize = 20;

/// The picture's width, where the columns of buyers and of suppliers stand, and how wide they are.
const WIDTH: i64 = 640;
const LEFT: i64 = 190;
const RIGHT: i64 = 440;
const COLUMN: i64 = 10;
/// Above the first firm and below the last one.
const MARGIN: i64 = 14;
/// All that flows is so high.
const FLOW: i64 = 180;
/// Between two firms of the longer side: as much as a name takes.
const GAP: i64 = 15;
/// So many letters of a name stand beside its column; the table has all of them.
const NAME: usize = 22;

/// What flows from a lead firm to a supplier.
pub(super) struct FlowLine {
    pub(super) buyer: String,
    pub(super) supplier: String,
    pub(super) amount: String,
    pub(super) length: i64,
}

/// Contract amounts from each lead firm to each supplier.
pub(super) struct Flows {
    /// The largest first.
    pub(super) lines: Vec<FlowLine>,
    /// What the largest one weighs.
    pub(super) finding: Option<String>,
    pub(super) picture: Option<Picture>,
}

/// From one firm to another, and how much.
type Flow<'a> = ((&'a str, &'a str), BigRational);

impl Flows {
    pub(super) fn of(told: &Told, outcome: &Outcome, locale: Locale, most: usize) -> Self {
        let buyers: BTreeMap<&str, &str> =
            told.instance.lots.iter().map(|lot| (lot.id.as_str(), lot.buyer.as_str())).collect();
        let mut sums: BTreeMap<(&str, &str), BigRational> = BTreeMap::new();
        for award in &outcome.awards {
            let (Some(buyer), Some(more)) = (buyers.get(award.lot.as_str()), exact(&award.amount)) else {
                continue;
            };
            *sums.entry((buyer, &award.supplier)).or_insert_with(BigRational::zero) += more;
        }
        let mut flows: Vec<Flow<'_>> = sums.into_iter().filter(|(_, sum)| !sum.is_zero()).collect();
        flows.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let names = &told.names;
        let length =
            |sum: &BigRational| flows.first().map_or(0, |(_, largest)| scaled(&(sum / largest), BAR));
        let line = |((buyer, supplier), sum): &Flow<'_>| FlowLine {
            buyer: names.firm(buyer).to_owned(),
            supplier: names.firm(supplier).to_owned(),
            amount: money(sum, &outcome.currency),
            length: length(sum),
        };
        let total: BigRational = flows.iter().map(|(_, sum)| sum).sum();
        let finding = flows.first().map(|((buyer, supplier), sum)| {
            let part = sum / &total * BigRational::from_integer(100.into());
            let said = [
                ("buyer", names.firm(buyer).to_owned()),
                ("supplier", names.firm(supplier).to_owned()),
                ("part", grouped(&rounded(&part, 1))),
            ];
            locale.text_with("run-flows-finding", &said)
        });
        let lines = flows.iter().take(most).map(line).collect();
        Self { lines, finding, picture: Picture::of(&flows, |id| names.firm(id)) }
    }
}

/// A firm's piece of its column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Firm {
    pub(super) name: String,
    pub(super) y: i64,
    pub(super) height: i64,
}

impl Firm {
    /// Where its name stands.
    pub(super) const fn middle(&self) -> i64 {
        self.y + self.height / 2 + 4
    }
}

/// An alluvial diagram: buyers on the left, suppliers on the right, each as high as what it buys or sells, the largest on
/// top, and between them bands as thick as what flows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Picture {
    pub(super) buyers: Vec<Firm>,
    pub(super) suppliers: Vec<Firm>,
    /// The bands' outlines.
    pub(super) bands: Vec<String>,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) left: i64,
    pub(super) right: i64,
    pub(super) column: i64,
}

/// A firm on its way through the bands: how far down its piece begins beyond what flows above it, and what of all that
/// flows has been drawn until then.
struct Place {
    offset: i64,
    drawn: BigRational,
}

impl Picture {
    fn of<'a>(flows: &[Flow<'a>], name: impl Fn(&'a str) -> &'a str) -> Option<Self> {
        let total: BigRational = flows.iter().map(|(_, sum)| sum).sum();
        let side = |firm: fn(&(&'a str, &'a str)) -> &'a str| {
            let mut sums: BTreeMap<&str, BigRational> = BTreeMap::new();
            for (between, sum) in flows {
                *sums.entry(firm(between)).or_insert_with(BigRational::zero) += sum;
            }
            let mut sums: Vec<_> = sums.into_iter().collect();
            sums.sort_by_cached_key(|(id, sum)| (Reverse(sum.clone()), *id));
            sums
        };
        let (buyers, suppliers) = (side(|between| between.0), side(|between| between.1));
        if flows.len() < 2 || buyers.len() > MOST_BUYERS || suppliers.len() > MOST_SUPPLIERS {
            return None;
        }
        let longer = i64::try_from(buyers.len().max(suppliers.len())).ok()?;
        let tall = FLOW + GAP * (longer - 1);
        let height = |sum: &BigRational| scaled(&(sum / &total), FLOW);
        // Both columns are as high, whoever stands in them; one firm alone stands in the middle.
        let places = |side: &[(&'a str, BigRational)]| {
            let count = i64::try_from(side.len()).unwrap_or(1);
            let mut drawn = BigRational::zero();
            let (mut places, mut firms) = (BTreeMap::new(), Vec::new());
            for (at, (id, sum)) in (0..).zip(side) {
                let free = tall - FLOW;
                let offset = MARGIN + if count == 1 { free / 2 } else { free * at / (count - 1) };
                let y = offset + height(&drawn);
                places.insert(*id, Place { offset, drawn: drawn.clone() });
                drawn += sum;
                // As high as what it trades; who trades too little for that is still there to be seen.
                let height = (offset + height(&drawn) - y).max(1);
                firms.push(Firm { name: short(name(id)), y, height });
            }
            (places, firms)
        };
        let ((mut from, left), (mut to, right)) = (places(&buyers), places(&suppliers));
        let mut bands = Vec::new();
        for (buyer, _) in &buyers {
            for (supplier, _) in &suppliers {
                let Some((_, sum)) = flows.iter().find(|(between, _)| *between == (*buyer, *supplier)) else {
                    continue;
                };
                let next = |places: &mut BTreeMap<&str, Place>, id: &str| {
                    let place = places.get_mut(id)?;
                    let upper = place.offset + height(&place.drawn);
                    place.drawn += sum;
                    Some((upper, place.offset + height(&place.drawn)))
                };
                let ((a, b), (c, d)) = (next(&mut from, buyer)?, next(&mut to, supplier)?);
                let (begin, middle) = (LEFT + COLUMN, i64::midpoint(LEFT + COLUMN, RIGHT));
                bands.push(format!(
                    "M{begin} {a}C{middle} {a} {middle} {c} {RIGHT} {c}V{d}C{middle} {d} {middle} {b} {begin} {b}Z"
                ));
            }
        }
        Some(Self {
            buyers: left,
            suppliers: right,
            bands,
            width: WIDTH,
            height: tall + 2 * MARGIN,
            left: LEFT,
            right: RIGHT,
            column: COLUMN,
        })
    }
}

/// As much of a name as there is room for.
fn short(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    let begin: String = name.chars().take(NAME - 1).collect();
    format!("{}…", begin.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(buyer: &'static str, supplier: &'static str, sum: i64) -> Flow<'static> {
        ((buyer, supplier), BigRational::from_integer(sum.into()))
    }

    #[test]
    fn bands_fill_both_columns_and_end_where_they_should() {
        let flows = [flow("b", "s", 60), flow("b", "t", 30), flow("c", "t", 90)];
        let drawn = Picture::of(&flows, |id| id).unwrap();
        let firm = |name: &str, y, height| Firm { name: name.to_owned(), y, height };
        assert_eq!(drawn.buyers, [firm("b", 14, 90), firm("c", 119, 90)]);
        assert_eq!(drawn.suppliers, [firm("t", 14, 120), firm("s", 149, 60)]);
        assert_eq!(
            drawn.bands,
            [
                "M200 14C320 14 320 14 440 14V44C320 44 320 44 200 44Z",
                "M200 44C320 44 320 149 440 149V209C320 209 320 104 200 104Z",
                "M200 119C320 119 320 44 440 44V134C320 134 320 209 200 209Z",
            ]
        );
        assert_eq!(drawn.height, 223);
    }

    #[test]
    fn one_firm_stands_in_the_middle_and_a_crowd_is_not_drawn() {
        let two = [flow("b", "s", 1), flow("b", "t", 1)];
        assert_eq!(
            Picture::of(&two, |id| id).unwrap().buyers,
            [Firm { name: "b".to_owned(), y: 21, height: 180 }]
        );
        assert_eq!(Picture::of(&two[..1], |id| id), None, "one flow is no picture");
        let many = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"];
        let from = many.map(|buyer| flow(buyer, "s", 1));
        assert!(Picture::of(&from[..12], |id| id).is_some() && Picture::of(&from, |id| id).is_none());
        let to = many.map(|supplier| flow("b", supplier, 1));
        assert!(Picture::of(&to, |id| id).is_some(), "there is more room for suppliers");
    }

    #[test]
    fn names_end_where_their_room_does() {
        assert_eq!(short("Maestranza El Roble"), "Maestranza El Roble");
        assert_eq!(short("Sociedad Metalmecánica del Ñuble"), "Sociedad Metalmecánic…");
    }
}
