//! What each dependency cap costs: finished runs of a programme that differ in nothing but the cap, as a line.

use eslabon_solver::Instance;
use num_rational::BigRational;

use super::show::{exact, largest, money, percent, sum, suppliers};
use crate::{
    foundation::{figure::rounded, ids::RunId, page::filters::grouped},
    matching::{Run, store::telling::Answered},
};

/// The picture's size, and the room around the line.
const WIDTH: i64 = 640;
const HEIGHT: i64 = 280;
const LEFT: i64 = 56;
const BOTTOM: i64 = 40;
const TOP: i64 = 18;
const RIGHT: i64 = 28;

/// A run as a point.
pub(super) struct Point {
    pub(super) id: RunId,
    pub(super) name: String,
    /// Percent; `None`: no cap.
    pub(super) cap: Option<String>,
    pub(super) coverage: String,
    /// Of what is covered without a cap, or with the loosest one.
    pub(super) part: String,
    /// Whether that is all of it, as far as it is told.
    is_full: bool,
    pub(super) cost: String,
    pub(super) suppliers: usize,
    pub(super) largest: Option<String>,
    pub(super) is_adopted: bool,
    pub(super) x: i64,
    pub(super) y: i64,
}

/// The frontier of one snapshot.
pub(super) struct Frontier {
    /// By cap, the tightest first, no cap last.
    pub(super) points: Vec<Point>,
    /// The line through them.
    pub(super) line: String,
    /// Where the axes have marks: position and percent.
    pub(super) marks: Vec<(i64, String)>,
    pub(super) heights: Vec<(i64, String)>,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) floor: i64,
    pub(super) left: i64,
    pub(super) right: i64,
    /// Runs of other snapshots, or with other rules, which say nothing about this one's caps.
    pub(super) others: usize,
}

/// What was asked, but for the cap.
fn but_for_the_cap(instance: &Instance) -> Instance {
    Instance { dependency_cap: None, ..instance.clone() }
}

struct Found {
    run: Run,
    cap: BigRational,
    cap_text: Option<String>,
    coverage: BigRational,
    point: Point,
}

impl Frontier {
    /// Of these runs, those that are about the same as the latest one. Of several with one cap the latest counts.
    pub(super) fn of(mut runs: Vec<Answered>) -> Option<Self> {
        let all = runs.len();
        let latest = runs.iter().max_by_key(|found| (found.run.created_at, found.run.id))?;
        let same = but_for_the_cap(&latest.instance);
        runs.retain(|found| but_for_the_cap(&found.instance) == same && !found.outcome.awards.is_empty());
        let others = all - runs.len();
        runs.sort_by_key(|found| std::cmp::Reverse((found.run.created_at, found.run.id)));
        let one = || BigRational::from_integer(1.into());
        let mut found: Vec<Found> = Vec::new();
        for answered in runs {
            let cap_text = answered.instance.dependency_cap.as_ref().map(ToString::to_string);
            let cap = cap_text.as_deref().and_then(exact).unwrap_or_else(one);
            if found.iter().any(|known| known.cap_text == cap_text) {
                continue;
            }
            let outcome = &answered.outcome;
            let tier = |name: &str| outcome.tiers.iter().find(|tier| tier.name == name);
            let coverage = tier("coverage").and_then(|tier| exact(&tier.published))?;
            let cost = sum(outcome.awards.iter().map(|award| award.amount.as_str()));
            let point = Point {
                id: answered.run.id,
                name: answered.run.name.clone(),
                cap: cap_text.as_deref().and_then(percent),
                coverage: money(&coverage, &outcome.currency),
                part: String::new(),
                is_full: false,
                cost: money(&cost, &outcome.currency),
                suppliers: suppliers(outcome),
                largest: largest(outcome).and_then(percent),
                is_adopted: answered.run.adopted_at.is_some(),
                x: 0,
                y: 0,
            };
            found.push(Found { run: answered.run, cap, cap_text, coverage, point });
        }
        found.sort_by(|a, b| {
            (&a.cap, a.cap_text.is_none(), a.run.id).cmp(&(&b.cap, b.cap_text.is_none(), b.run.id))
        });
        Some(Self::drawn(found, others))
    }

    fn drawn(found: Vec<Found>, others: usize) -> Self {
        let zero = || BigRational::from_integer(0.into());
        let best = found.iter().map(|f| f.coverage.clone()).max().filter(|best| *best > zero());
        let best = best.unwrap_or_else(|| BigRational::from_integer(1.into()));
        let (wide, tall) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let along = |share: &BigRational, length: i64| {
            use num_traits::ToPrimitive;
            (share * BigRational::from_integer(length.into())).round().to_integer().to_i64().unwrap_or(0)
        };
        let points: Vec<Point> = found
            .into_iter()
            .map(|Found { cap, coverage, point, .. }| {
                let part = coverage / &best;
                let percent = rounded(&(&part * BigRational::from_integer(100.into())), 1);
                Point {
                    x: LEFT + along(&cap, wide),
                    y: TOP + tall - along(&part, tall),
                    is_full: percent == "100.0",
                    part: grouped(&percent),
                    ..point
                }
            })
            .collect();
        let line: Vec<_> = points.iter().map(|point| format!("{} {}", point.x, point.y)).collect();
        let line = if line.is_empty() { String::new() } else { format!("M{}", line.join("L")) };
        let marks = (0..=10).step_by(2).map(|tenth| (LEFT + wide * tenth / 10, (tenth * 10).to_string()));
        let heights = (0..=4).map(|quarter| (TOP + tall - tall * quarter / 4, (quarter * 25).to_string()));
        Self {
            line,
            marks: marks.collect(),
            heights: heights.collect(),
            width: WIDTH,
            height: HEIGHT,
            floor: TOP + tall,
            left: LEFT,
            right: WIDTH - RIGHT,
            points,
            others,
        }
    }

    /// What the line says: the tightest cap that still covers (almost) all, and what the tightest one loses.
    pub(super) fn finding(&self) -> Option<(&Point, &Point)> {
        let full = self.points.iter().find(|point| point.is_full)?;
        let tightest = self.points.first()?;
        (self.points.len() > 1).then_some((full, tightest))
    }
}
