//! Scores: how answers become points, and what an unanswered question means.
//!
//! Points run from 0 to 100 and are kept as exact shares (parts per million of 100 points). What is not
//! answered is neither 0 nor 100: it stays out of the score and shows in the coverage. What is not
//! applicable leaves numerator and denominator. The scale is stored with each answer, so that a later
//! version of an instrument never changes what an answer was worth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Answer, Counted, instrument::Instrument};
use crate::{
    foundation::{clock::Day, figure::Figure, share::Share},
    words,
};

/// The points of every possible answer to a question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// By level; no and yes; without and with a certificate.
    Steps(Vec<u8>),
    /// Straight between marks in rising order, level beyond the outer ones.
    Line(Vec<(Figure, u8)>),
}

words! {
    /// What a score means (bands of the ITC).
    pub enum Band {
        /// 0–20.
        Weak = "weak",
        /// 21–40.
        BelowAverage = "below_average",
        /// 41–60.
        Average = "average",
        /// 61–80.
        VeryGood = "very_good",
        /// 81–100.
        Excellent = "excellent",
    }
}

impl Band {
    /// The band of a score. The ITC's bands are in whole points, so the score is rounded half up first:
    /// 20.4 is weak, 20.5 below average.
    pub const fn of(score: Share) -> Self {
        match (score.ppm() + 5_000) / 10_000 {
            ..=20 => Self::Weak,
            21..=40 => Self::BelowAverage,
            41..=60 => Self::Average,
            61..=80 => Self::VeryGood,
            _ => Self::Excellent,
        }
    }
}

/// The score of a dimension or of the whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Score {
    /// The points as a share of 100; none while nothing is answered.
    pub share: Option<Share>,
    /// The weight answered over the weight applicable; all when nothing applies.
    pub coverage: Share,
}

/// The scores of a diagnostic on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scores {
    /// Of the whole: the dimensions by their weight, each as far as it is covered.
    pub whole: Score,
    /// Of each dimension, in the instrument's order.
    pub dimensions: Vec<(&'static str, Score)>,
    /// The questions whose answer lies below its minimum.
    pub knocked_out: Vec<&'static str>,
}

impl Scale {
    /// What an answer is worth on a day (a certificate expires); none when it is not applicable.
    pub fn points(&self, answer: &Answer, on: Day) -> Option<Share> {
        match (self, answer) {
            (Self::Steps(steps), Answer::Level(level)) => step(steps, usize::from(*level)),
            (Self::Steps(steps), Answer::Boolean(yes)) => step(steps, usize::from(*yes)),
            (Self::Steps(steps), Answer::Certificate(expiry)) => {
                step(steps, usize::from(expiry.is_some_and(|day| day >= on)))
            }
            (Self::Line(marks), Answer::Number(number)) => line(marks, *number),
            _ => None,
        }
    }
}

fn step(steps: &[u8], at: usize) -> Option<Share> {
    steps.get(at).map(|points| Share::percent(*points))
}

/// Straight interpolation in whole parts per million, rounded half up.
fn line(marks: &[(Figure, u8)], number: Figure) -> Option<Share> {
    let after = marks.iter().position(|(at, _)| *at >= number);
    let (low, high) = match after {
        Some(0) => return marks.first().map(|(_, points)| Share::percent(*points)),
        None => return marks.last().map(|(_, points)| Share::percent(*points)),
        Some(after) => (marks[after - 1], marks[after]),
    };
    let wide = |figure: Figure| i128::from(figure.millionths());
    let (run, way) = (wide(high.0) - wide(low.0), wide(number) - wide(low.0));
    let (from, to) = (i128::from(low.1) * 10_000, i128::from(high.1) * 10_000);
    let ppm = from + rounded((to - from) * way, run);
    Share::from_ppm(i64::try_from(ppm).ok()?)
}

/// The quotient rounded half up; the divisor is positive.
const fn rounded(number: i128, by: i128) -> i128 {
    (2 * number + by).div_euclid(2 * by)
}

/// Weights and weighted points, as they are added up.
#[derive(Default)]
struct Sum {
    applicable: i128,
    answered: i128,
    points: i128,
}

impl Sum {
    fn score(&self) -> Score {
        let share = |number: i128, by: i128| {
            if by == 0 { None } else { Share::from_ppm(i64::try_from(rounded(number, by)).ok()?) }
        };
        Score {
            share: share(self.points, self.answered),
            coverage: share(self.answered * 1_000_000, self.applicable).unwrap_or(Share::ALL),
        }
    }
}

/// The scores of the answers that count.
pub fn scores(instrument: &'static Instrument, counted: &BTreeMap<String, Counted>, on: Day) -> Scores {
    let (mut whole, mut dimensions, mut knocked_out) = (Sum::default(), Vec::new(), Vec::new());
    for dimension in &instrument.dimensions {
        let mut sum = Sum::default();
        for question in instrument.questions.iter().filter(|q| q.dimension == dimension.code) {
            let weight = i128::from(question.weight);
            let given = counted.get(&question.code);
            if given.is_some_and(|given| given.answer == Answer::NotApplicable) {
                continue;
            }
            sum.applicable += weight;
            let Some(points) = given.and_then(|given| given.scale.points(&given.answer, on)) else {
                continue;
            };
            sum.answered += weight;
            sum.points += weight * i128::from(points.ppm());
            if question.minimum.is_some_and(|minimum| points < Share::percent(minimum)) {
                knocked_out.push(question.code.as_str());
            }
        }
        let score = sum.score();
        if sum.applicable > 0 {
            // As far as it is covered, so that one answer does not speak for a whole dimension.
            let weight = i128::from(dimension.weight) * 1_000_000;
            let answered = i128::from(dimension.weight) * i128::from(score.coverage.ppm());
            whole.applicable += weight;
            whole.answered += answered;
            whole.points += answered * score.share.map_or(0, |share| i128::from(share.ppm()));
        }
        dimensions.push((dimension.code.as_str(), score));
    }
    Scores { whole: whole.score(), dimensions, knocked_out }
}
