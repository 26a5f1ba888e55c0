//! By what proposals are judged: criteria, and how much each weighs in a call.

use num_rational::BigRational;
use num_traits::ToPrimitive;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    foundation::{
        fields::{Fault, Fields, Input},
        figure::Figure,
        i18n::Locale,
    },
    words,
};

words! {
    /// A criterion of selection: those of comparing cluster and network programmes (Dini 2003), and UNIDO's priorities.
    pub enum SelectionCriterion {
        /// Market outlook.
        MarketOutlook = "market_outlook",
        /// The firms' participation and co-financing.
        Participation = "participation",
        /// Critical mass of firms.
        CriticalMass = "critical_mass",
        /// Feasibility: the institutions around it.
        Feasibility = "feasibility",
        /// Visibility.
        Visibility = "visibility",
        /// The sector's potential: demand and factors.
        SectorPotential = "sector_potential",
        /// Economic impact: employment, product, exports.
        EconomicImpact = "economic_impact",
        /// Environmental risk: the lower, the higher the score.
        EnvironmentalRisk = "environmental_risk",
        /// Potential for linkages.
        LinkagePotential = "linkage_potential",
        /// Replicability.
        Replicability = "replicability",
    }
}

impl SelectionCriterion {
    /// What it asks, in words.
    pub fn text(self, locale: Locale) -> String {
        locale.text(match self {
            Self::MarketOutlook => "criterion-market-outlook",
            Self::Participation => "criterion-participation",
            Self::CriticalMass => "criterion-critical-mass",
            Self::Feasibility => "criterion-feasibility",
            Self::Visibility => "criterion-visibility",
            Self::SectorPotential => "criterion-sector-potential",
            Self::EconomicImpact => "criterion-economic-impact",
            Self::EnvironmentalRisk => "criterion-environmental-risk",
            Self::LinkagePotential => "criterion-linkage-potential",
            Self::Replicability => "criterion-replicability",
        })
    }
}

/// A criterion with its weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Weighted {
    /// The criterion.
    pub criterion: SelectionCriterion,
    /// How much it weighs: of all criteria together exactly 100.
    pub weight: Figure,
}

impl Input for Weighted {
    fn read(f: &mut Fields) -> Option<Self> {
        let (criterion, weight) = (f.required("criterion"), f.required::<Figure>("weight"));
        if weight == Some(Figure::ZERO) {
            f.fail("weight", Fault::new("zero"));
            return None;
        }
        Some(Self { criterion: criterion?, weight: weight? })
    }
}

/// All weights together.
const WHOLE: i64 = 100_000_000;

/// The usual criteria, which weigh the same.
pub fn usual() -> Vec<Weighted> {
    use SelectionCriterion::{CriticalMass, Feasibility, MarketOutlook, Participation, Visibility};
    let criteria = [MarketOutlook, Participation, CriticalMass, Feasibility, Visibility];
    criteria.map(|criterion| Weighted { criterion, weight: Figure::from_millionths(WHOLE / 5) }).to_vec()
}

/// The criteria of a call: absent, the usual ones.
pub fn read(f: &mut Fields) -> Option<Vec<Weighted>> {
    let given: Vec<Weighted> = f.list("criteria", SelectionCriterion::ALL.len())?;
    if given.is_empty() {
        return Some(usual());
    }
    let mut sound = true;
    for (at, one) in given.iter().enumerate() {
        if given[..at].iter().any(|other| other.criterion == one.criterion) {
            f.fail_within("criteria", &format!("{at}/criterion"), Fault::new("twice"));
            sound = false;
        }
    }
    let sum = given.iter().map(|one| i128::from(one.weight.millionths())).sum::<i128>();
    if sum != i128::from(WHOLE) {
        f.fail("criteria", Fault::new("weights-not-100"));
        sound = false;
    }
    sound.then_some(given)
}

/// What an evaluator says to a criterion.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CriterionScore)]
pub struct Score {
    /// The criterion.
    pub criterion: SelectionCriterion,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    pub score: i64,
    /// Why.
    #[schema(
        example = "La empresa líder compra hoy a dos talleres y busca ocho.",
        min_length = 3,
        max_length = 2000
    )]
    pub comment: String,
}

/// An exact number of points.
pub type Points = BigRational;

/// An evaluator's points: Σ weight × score / 100, exact.
pub fn weighted(criteria: &[Weighted], scores: &[Score]) -> Points {
    let of = |one: &Weighted| {
        scores.iter().find(|score| score.criterion == one.criterion).map_or(0, |score| score.score)
    };
    let sum: i128 =
        criteria.iter().map(|one| i128::from(one.weight.millionths()) * i128::from(of(one))).sum();
    BigRational::new(sum.into(), WHOLE.into())
}

/// What the evaluations of a proposal say together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assessment {
    /// How many there are.
    pub evaluations: usize,
    /// The mean of the evaluators' points; `None` without any.
    pub points: Option<Points>,
    /// How far the evaluators are apart.
    pub spread: Option<Points>,
    /// Whether two of them are further apart than the call allows, so that a third one is needed.
    pub needs_third: bool,
}

/// So many evaluations a proposal has at least.
pub const LEAST_EVALUATIONS: usize = 2;

impl Assessment {
    /// Of these evaluators' points.
    pub fn of(points: &[Points], threshold: Figure) -> Self {
        let spread = points.iter().max().zip(points.iter().min()).map(|(most, least)| most - least);
        let threshold = BigRational::new(threshold.millionths().into(), 1_000_000.into());
        let apart = spread.as_ref().is_some_and(|spread| *spread > threshold);
        let count = BigRational::from_integer(points.len().into());
        Self {
            evaluations: points.len(),
            points: (!points.is_empty()).then(|| points.iter().sum::<Points>() / count),
            spread,
            needs_third: points.len() == LEAST_EVALUATIONS && apart,
        }
    }

    /// Whether nobody is to evaluate it any more.
    pub const fn is_complete(&self) -> bool {
        self.evaluations >= LEAST_EVALUATIONS && !self.needs_third
    }
}

/// Points with four decimals, rounded half up: `71.2500`.
pub fn printed(points: &Points) -> String {
    let half = BigRational::new(1.into(), 2.into());
    let scaled = (points * BigRational::from_integer(10_000.into()) + half).floor().to_integer();
    let scaled = scaled.to_i64().unwrap_or(i64::MAX);
    format!("{}.{:04}", scaled / 10_000, scaled % 10_000)
}

/// The places of proposals by their points, the most first; equals share a place, and the next one comes after all of
/// them.
pub fn places<T: Clone>(scored: &[(T, Points)]) -> Vec<(usize, T)> {
    let better = |points: &Points| scored.iter().filter(|(_, other)| other > points).count();
    let mut placed: Vec<_> = scored.iter().map(|(what, points)| (better(points) + 1, what.clone())).collect();
    placed.sort_by_key(|(place, _)| *place);
    placed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn figure(text: &str) -> Figure {
        text.parse().unwrap()
    }

    fn scores(of: &[i64]) -> Vec<Score> {
        let score = |(at, score): (usize, &i64)| Score {
            criterion: SelectionCriterion::ALL[at],
            score: *score,
            comment: "Sí".to_owned(),
        };
        of.iter().enumerate().map(score).collect()
    }

    fn thirds() -> Vec<Weighted> {
        let weights = ["33.333333", "33.333333", "33.333334"];
        let weighted = |(at, weight): (usize, &str)| Weighted {
            criterion: SelectionCriterion::ALL[at],
            weight: figure(weight),
        };
        weights.into_iter().enumerate().map(weighted).collect()
    }

    #[test]
    fn points_are_exact_and_printed_rounded() {
        assert_eq!(printed(&weighted(&usual(), &scores(&[100, 80, 60, 40, 20]))), "60.0000");
        let points = weighted(&thirds(), &scores(&[100, 0, 0]));
        assert_eq!(points, BigRational::new(33_333_333.into(), 1_000_000.into()));
        assert_eq!(printed(&points), "33.3333");
        assert_eq!(printed(&weighted(&thirds(), &scores(&[0, 0, 100]))), "33.3333");
    }

    #[test]
    fn a_spread_over_the_threshold_asks_for_a_third_and_no_more() {
        let points = |of: i64| BigRational::from_integer(of.into());
        let two = Assessment::of(&[points(80), points(60)], figure("20"));
        assert!(!two.needs_third && two.is_complete());
        let apart = Assessment::of(&[points(80), points(60)], figure("19.999999"));
        assert!(apart.needs_third && !apart.is_complete());
        let three = Assessment::of(&[points(80), points(60), points(70)], figure("19.999999"));
        assert!(three.is_complete() && three.points == Some(points(70)));
        assert!(!Assessment::of(&[points(80)], figure("0")).is_complete());
    }

    #[test]
    fn equals_share_a_place() {
        let points = |of: i64| BigRational::from_integer(of.into());
        let places = places(&[("c", points(50)), ("a", points(70)), ("b", points(70)), ("d", points(10))]);
        assert_eq!(places, [(1, "a"), (1, "b"), (3, "c"), (4, "d")]);
    }

    proptest! {
        /// Points lie between the lowest and the highest score, and a better score never lowers them.
        #[test]
        fn points_lie_between_the_scores(of in prop::collection::vec(0_i64..=100, 5), better in 0_usize..5) {
            let points = weighted(&usual(), &scores(&of));
            let integer = |n: i64| BigRational::from_integer(n.into());
            prop_assert!(points >= integer(*of.iter().min().unwrap()));
            prop_assert!(points <= integer(*of.iter().max().unwrap()));
            let mut more = of.clone();
            more[better] = 100;
            prop_assert!(weighted(&usual(), &scores(&more)) >= points);
        }
    }
}
