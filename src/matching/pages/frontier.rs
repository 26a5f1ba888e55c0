//! What each dependency cap costs: finished runs of a programme that differ in nothing but the cap, as two lines, of what
//! they cover and of what they award.

use eslabon_solver::{Instance, Outcome, outcome::Status};
use num_rational::BigRational;

use super::show::{exact, money, percent, scaled, sum};
use crate::{
    foundation::{figure::rounded, ids::RunId, page::filters::grouped},
    matching::{
        Run,
        comparison::{awarded, largest_dependency},
        store::telling::Answered,
    },
};

/// The picture's size, and the room around the lines; above them stands what each of them is.
const WIDTH: i64 = 640;
const HEIGHT: i64 = 280;
const LEFT: i64 = 56;
const BOTTOM: i64 = 40;
const TOP: i64 = 36;
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
    /// Of the most that any of them awards.
    pub(super) cost_part: String,
    pub(super) suppliers: usize,
    pub(super) largest: Option<String>,
    pub(super) is_adopted: bool,
    /// Why it awards nothing, where no assignment keeps the rules.
    pub(super) impossible: Option<&'static str>,
    pub(super) x: i64,
    /// How high its coverage stands, and its cost.
    pub(super) y: i64,
    pub(super) cost_y: i64,
}

/// The frontier of one snapshot.
pub(super) struct Frontier {
    /// By cap, the tightest first, no cap last.
    pub(super) points: Vec<Point>,
    /// The line through their coverage, and the one through their cost.
    pub(super) line: String,
    pub(super) cost_line: String,
    /// Where the axes have marks: position and percent.
    pub(super) marks: Vec<(i64, String)>,
    pub(super) heights: Vec<(i64, String)>,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) floor: i64,
    pub(super) left: i64,
    pub(super) right: i64,
    /// Runs of other snapshots, or with other rules, or without an answer: they say nothing about this one's caps.
    pub(super) others: usize,
    /// Runs with a cap for which another one stands here.
    pub(super) repeated: usize,
}

fn zero() -> BigRational {
    BigRational::from_integer(0.into())
}

/// What was asked, but for the cap.
fn but_for_the_cap(instance: &Instance) -> Instance {
    Instance { dependency_cap: None, ..instance.clone() }
}

/// Whether a run says what its cap costs: it awards something, or was seen to the end and awards nothing.
fn says_something(outcome: &Outcome) -> bool {
    !outcome.awards.is_empty() || !matches!(outcome.status, Status::Feasible | Status::Interrupted)
}

struct Found {
    run: Run,
    cap: BigRational,
    cap_text: Option<String>,
    coverage: BigRational,
    cost: BigRational,
    point: Point,
}

impl Frontier {
    /// Of these runs, those that are about the same as the latest one. Of several with one cap the one that was adopted
    /// counts, else the latest.
    pub(super) fn of(mut runs: Vec<Answered>) -> Option<Self> {
        let all = runs.len();
        let latest = runs.iter().max_by_key(|found| (found.run.created_at, found.run.id))?;
        let same = but_for_the_cap(&latest.instance);
        runs.retain(|found| but_for_the_cap(&found.instance) == same && says_something(&found.outcome));
        let others = all - runs.len();
        let rank = |run: &Run| (run.adopted_at, run.created_at, run.id);
        runs.sort_by_key(|found| std::cmp::Reverse(rank(&found.run)));
        let about_this = runs.len();
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
            let coverage = tier("coverage").and_then(|tier| exact(&tier.published)).unwrap_or_else(zero);
            let cost = sum(outcome.awards.iter().map(|award| award.amount.as_str()));
            let point = Point {
                id: answered.run.id,
                name: answered.run.name.clone(),
                cap: cap_text.as_deref().and_then(percent),
                coverage: money(&coverage, &outcome.currency),
                part: String::new(),
                is_full: false,
                cost: money(&cost, &outcome.currency),
                cost_part: String::new(),
                suppliers: awarded(outcome).len(),
                largest: largest_dependency(outcome).and_then(percent),
                is_adopted: answered.run.adopted_at.is_some(),
                impossible: matches!(outcome.status, Status::Infeasible | Status::Unpublishable)
                    .then(|| outcome.status.name()),
                x: 0,
                y: 0,
                cost_y: 0,
            };
            found.push(Found { run: answered.run, cap, cap_text, coverage, cost, point });
        }
        found.sort_by(|a, b| {
            (&a.cap, a.cap_text.is_none(), a.run.id).cmp(&(&b.cap, b.cap_text.is_none(), b.run.id))
        });
        let repeated = about_this - found.len();
        Some(Self { others, repeated, ..Self::drawn(found) })
    }

    fn drawn(found: Vec<Found>) -> Self {
        let most = |of: fn(&Found) -> &BigRational| {
            let most = found.iter().map(of).max().filter(|most| **most > zero()).cloned();
            most.unwrap_or_else(|| BigRational::from_integer(1.into()))
        };
        let (best, dearest) = (most(|found| &found.coverage), most(|found| &found.cost));
        let (wide, tall) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let points: Vec<Point> = found
            .into_iter()
            .map(|Found { cap, coverage, cost, point, .. }| {
                let (part, cost_part) = (coverage / &best, cost / &dearest);
                let in_percent =
                    |part: &BigRational| rounded(&(part * BigRational::from_integer(100.into())), 1);
                let percent = in_percent(&part);
                Point {
                    x: LEFT + scaled(&cap, wide),
                    y: TOP + tall - scaled(&part, tall),
                    cost_y: TOP + tall - scaled(&cost_part, tall),
                    cost_part: grouped(&in_percent(&cost_part)),
                    is_full: percent == "100.0",
                    part: grouped(&percent),
                    ..point
                }
            })
            .collect();
        let through = |height: fn(&Point) -> i64| {
            let steps: Vec<_> = points.iter().map(|point| format!("{} {}", point.x, height(point))).collect();
            if steps.is_empty() { String::new() } else { format!("M{}", steps.join("L")) }
        };
        let (line, cost_line) = (through(|point| point.y), through(|point| point.cost_y));
        let marks = (0..=10).step_by(2).map(|tenth| (LEFT + wide * tenth / 10, (tenth * 10).to_string()));
        let heights = (0..=4).map(|quarter| (TOP + tall - tall * quarter / 4, (quarter * 25).to_string()));
        Self {
            line,
            cost_line,
            marks: marks.collect(),
            heights: heights.collect(),
            width: WIDTH,
            height: HEIGHT,
            floor: TOP + tall,
            left: LEFT,
            right: WIDTH - RIGHT,
            points,
            others: 0,
            repeated: 0,
        }
    }

    /// Whether there is something to draw: one point is no line.
    pub(super) fn is_drawn(&self) -> bool {
        self.points.len() > 1
    }

    /// What the lines say: the tightest cap that still covers (almost) all, and what the tightest one loses.
    pub(super) fn finding(&self) -> Option<(&Point, &Point)> {
        let full = self.points.iter().find(|point| point.is_full)?;
        let tightest = self.points.first()?;
        self.is_drawn().then_some((full, tightest))
    }
}
