//! The frontier: what every dependency cap leaves of coverage, and what it costs.
//!
//! The instance is solved again for each cap, all tiers in order; everything else of it stays, the
//! suppliers' own caps and those of `caps` included, since they replace τ. The figures are those of
//! the model, in shares of lots: publication in whole units would add its own small loss to each
//! point and hide the cap's.

mod sweep;

use serde::{Deserialize, Serialize};

use crate::{
    Decimal, Instance,
    outcome::{Status, tables::csv_table},
};

pub use sweep::frontier;

/// The caps to try, ascending and each once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Points(Vec<Decimal>);

impl Points {
    /// These caps (shares, 0…1; others are left out).
    #[must_use]
    pub fn new(caps: impl IntoIterator<Item = Decimal>) -> Self {
        let mut caps: Vec<Decimal> =
            caps.into_iter().filter(|cap| !cap.is_negative() && *cap <= Decimal::ONE).collect();
        caps.sort_unstable();
        caps.dedup();
        Self(caps)
    }

    /// From 5 % to 100 % in steps of 5.
    #[must_use]
    pub fn usual() -> Self {
        Self::new((1..=20).map(|step| Decimal::new(step * 5, 2)))
    }

    /// The caps.
    #[must_use]
    pub fn caps(&self) -> &[Decimal] {
        &self.0
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, cap: Option<Decimal>) -> Self {
        Self::new(self.0.into_iter().chain(cap))
    }
}

/// Coverage and cost for a number of caps.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Frontier {
    /// `"eslabon-frontier/1"`.
    pub format: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The instance's own cap, if it has one.
    pub chosen: Option<String>,
    /// What all lots are worth in the coverage tier: weight · reference price · quantity.
    pub asked: f64,
    /// One point a cap, ascending.
    pub points: Vec<FrontierPoint>,
    /// Whether every point asked for is there: `false` when stopped early.
    pub complete: bool,
}

/// What one cap leaves.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FrontierPoint {
    /// The cap: a share, 0…1.
    pub cap: String,
    /// `optimal`, `feasible` (a tier ran out of time) or `infeasible`.
    pub status: Status,
    /// Coverage of the model, in the coverage tier's unit; 0 where infeasible.
    pub coverage: f64,
    /// Awarded shares at their reference prices, unweighted.
    pub covered: f64,
    /// Contract amounts, closing and set-up costs.
    pub cost: f64,
    /// The tiers in the instance's order.
    pub tiers: Vec<FrontierTier>,
}

/// One tier at one cap.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FrontierTier {
    /// The tier's name.
    pub name: String,
    /// Best value found in the model.
    pub value: f64,
    /// Proven bound.
    pub bound: f64,
}

impl FrontierPoint {
    /// The cap in percent, as it is written: 0.55 is 55 and not 55.00000000000001.
    #[must_use]
    pub fn percent(&self) -> f64 {
        self.cap.parse::<Decimal>().map_or(f64::NAN, |cap| cap.tenfold().tenfold().to_f64())
    }

    /// Whether anything obeys the rules under this cap.
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        matches!(self.status, Status::Optimal | Status::Feasible)
    }

    /// What 100 of covered reference value cost; `None` where nothing is covered.
    #[must_use]
    pub fn cost_of_100(&self) -> Option<f64> {
        (self.covered > 0.).then(|| self.cost / self.covered * 100.)
    }
}

impl Frontier {
    /// Coverage of a point as a part of what is asked, 0…1.
    #[must_use]
    pub fn coverage_share(&self, point: &FrontierPoint) -> f64 {
        if self.asked > 0. { point.coverage / self.asked } else { 0. }
    }

    /// The point of the instance's own cap.
    #[must_use]
    pub fn chosen(&self) -> Option<&FrontierPoint> {
        let chosen = self.chosen.as_ref()?;
        self.points.iter().find(|point| point.cap == *chosen)
    }

    /// The loosest cap that leaves a solution.
    #[must_use]
    pub fn loosest(&self) -> Option<&FrontierPoint> {
        self.points.iter().rev().find(|point| point.is_feasible())
    }

    /// One row a cap, as CSV.
    #[must_use]
    pub fn table(&self) -> String {
        let columns =
            ["cap", "status", "chosen", "coverage", "coverage_share", "covered", "cost", "cost_of_100"];
        csv_table(
            &columns,
            self.points.iter().map(|point| {
                let figure = |value: f64| {
                    if point.is_feasible() { value.to_string() } else { String::new() }
                };
                vec![
                    point.cap.clone(),
                    point.status.name().to_owned(),
                    (self.chosen.as_ref() == Some(&point.cap)).to_string(),
                    figure(point.coverage),
                    figure(self.coverage_share(point)),
                    figure(point.covered),
                    figure(point.cost),
                    point.cost_of_100().map(|cost| cost.to_string()).unwrap_or_default(),
                ]
            }),
        )
    }
}

/// What all lots are worth in the coverage tier.
pub(crate) fn asked(instance: &Instance) -> f64 {
    let lots = instance.lots.iter();
    lots.map(|lot| lot.weight.to_f64() * lot.reference_price.to_f64() * crate::model::count(lot.quantity))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_are_tried_once_and_in_order_and_shown_as_they_are_written() {
        let caps = Points::usual().with(Some(Decimal::new(3, 1))).with(Some(Decimal::new(33, 2)));
        assert_eq!(caps.caps().len(), 21);
        let percent = |cap: &Decimal| {
            FrontierPoint {
                cap: cap.to_string(),
                status: Status::Optimal,
                coverage: 0.,
                covered: 0.,
                cost: 0.,
                tiers: Vec::new(),
            }
            .percent()
            .to_string()
        };
        let shown: Vec<String> = caps.caps().iter().map(percent).collect();
        assert_eq!(shown[5..12], ["30", "33", "35", "40", "45", "50", "55"]);
    }
}
