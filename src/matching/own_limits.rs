//! What a supplier's own limits cost in a run, and what closing its own gaps would be worth, for that supplier.
//!
//! Only coverage is told: how much more of the lots, at reference prices, would be covered. What another aim would
//! gain or lose says how others fit and what they ask, and who knows its own price could work theirs out.

use eslabon_solver::{
    Outcome,
    outcome::{Price, Worth},
};

/// The aim that is told.
const COVERAGE: &str = "coverage";

/// A limit of the supplier that binds.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnLimit {
    /// `dependency` or `capacity`.
    pub rule: String,
    /// The buyer group of a dependency, the process of a capacity.
    pub of: String,
    /// By how much the limit was moved, each way: percent points of a cap; percent of a capacity.
    pub step: String,
    /// Change of coverage per percent point (percent) when it is tightened; `None` if that leaves no solution or was not solved.
    pub tighter: Option<f64>,
    /// The same when it is loosened.
    pub looser: Option<f64>,
}

/// A gap of the supplier that keeps it from lots.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnGap {
    /// The action of its plan that closes it.
    pub action: String,
    /// What the programme pays for it.
    pub cost: String,
    /// The lots that it would open.
    pub lots: Vec<String>,
    /// How much more would be covered; `None` where time ran out before it was solved.
    pub worth: Option<f64>,
}

/// What a run says of one supplier's limits and gaps.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OwnLimits {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Its limits that bind.
    pub limits: Vec<OwnLimit>,
    /// Its gaps.
    pub gaps: Vec<OwnGap>,
    /// Whether the solver had time for everything.
    pub complete: bool,
}

/// The solver's warning that time ran out for explanations.
const RAN_OUT: &str = "W2009";

/// What the run says of the supplier.
pub fn own_limits(outcome: &Outcome, supplier: &str) -> OwnLimits {
    let limit = |price: &Price| {
        let [of, other] = price.rule.subject.as_slice() else { return None };
        let coverage = price.tiers.iter().find(|tier| tier.name == COVERAGE);
        (of == supplier).then(|| OwnLimit {
            rule: price.rule.rule.clone(),
            of: other.clone(),
            step: price.step.clone(),
            tighter: coverage.and_then(|tier| tier.tighter),
            looser: coverage.and_then(|tier| tier.looser),
        })
    };
    let gap = |worth: &Worth| OwnGap {
        action: worth.gap.clone(),
        cost: worth.cost.clone(),
        lots: worth.lots.clone(),
        worth: coverage_of(worth),
    };
    OwnLimits {
        currency: outcome.currency.clone(),
        limits: outcome.prices.iter().filter_map(limit).collect(),
        gaps: outcome.worth.iter().filter(|worth| worth.supplier == supplier).map(gap).collect(),
        complete: !outcome.warnings.iter().any(|warning| warning.code == RAN_OUT),
    }
}

/// By how much more would be covered with the gap closed; `None` where that was not solved.
pub fn coverage_of(worth: &Worth) -> Option<f64> {
    worth.tiers.iter().find(|tier| tier.name == COVERAGE).map(|tier| tier.change)
}

#[cfg(test)]
mod tests {
    use eslabon_solver::outcome::{RuleName, TierChange, TierPrice};

    use super::*;

    #[test]
    fn a_supplier_is_told_its_own_limits_and_coverage_alone() {
        let price = |supplier: &str| Price {
            rule: RuleName {
                rule: "dependency".to_owned(),
                subject: vec![supplier.to_owned(), "gran".to_owned()],
            },
            step: "0.1".to_owned(),
            estimate: Some(3.),
            tiers: vec![
                TierPrice { name: "coverage".to_owned(), tighter: Some(-9.), looser: Some(7.) },
                TierPrice { name: "cost".to_owned(), tighter: Some(-1.), looser: Some(2.) },
            ],
        };
        let worth = |supplier: &str, name: &str| Worth {
            gap: "plazo".to_owned(),
            supplier: supplier.to_owned(),
            cost: "200.00".to_owned(),
            lots: vec!["lote".to_owned()],
            estimate: None,
            tiers: vec![TierChange { name: name.to_owned(), change: 400. }],
        };
        let outcome = Outcome {
            prices: vec![price("ana"), price("bea")],
            worth: vec![worth("ana", "coverage"), worth("ana", "cost"), worth("bea", "coverage")],
            ..Outcome::blank("USD")
        };
        let own = own_limits(&outcome, "ana");
        let limits: Vec<_> = own.limits.iter().map(|own| (own.tighter, own.looser)).collect();
        assert_eq!(limits, [(Some(-9.), Some(7.))]);
        assert_eq!(own.gaps.iter().map(|gap| gap.worth).collect::<Vec<_>>(), [Some(400.), None]);
    }
}
