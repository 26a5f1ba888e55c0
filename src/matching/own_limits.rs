//! What a supplier's own limits cost in a run, and what closing its own gaps would be worth, for that supplier.
//!
//! Only coverage is told: how much more of the lots, at reference prices, would be covered. What another aim would
//! gain or lose says how others fit and what they ask, and who knows its own price could work theirs out.

use eslabon_solver::{
    Outcome,
    outcome::{Price, Worth},
};

use super::unplanned::Unplanned;
use crate::foundation::{
    money::{Currency, Money},
    problem::Problem,
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
    pub tighter: Option<Money>,
    /// The same when it is loosened.
    pub looser: Option<Money>,
}

/// A gap of the supplier that keeps it from lots.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnGap {
    /// The action of its plan that closes it; `None`: it stands in no plan.
    pub action: Option<String>,
    /// The questions of the criteria that it is about, where it stands in no plan.
    pub questions: Vec<String>,
    /// What the programme pays for it; `None`: nobody has said.
    pub cost: Option<Money>,
    /// The lots that it would open.
    pub lots: Vec<String>,
    /// How much more would be covered; `None` where time ran out before it was solved.
    pub worth: Option<Money>,
}

/// What a run says of one supplier's limits and gaps.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnLimits {
    /// Of every amount.
    pub currency: Currency,
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
///
/// # Errors
/// 500 when the outcome has no currency.
pub fn own_limits(outcome: &Outcome, supplier: &str) -> Result<OwnLimits, Problem> {
    let currency: Currency = outcome.currency.parse().map_err(Problem::internal)?;
    let money = |change: f64| in_money(change, currency).ok();
    let limit = |price: &Price| {
        let [of, other] = price.rule.subject.as_slice() else { return None };
        let coverage = price.tiers.iter().find(|tier| tier.name == COVERAGE);
        (of == supplier).then(|| OwnLimit {
            rule: price.rule.rule.clone(),
            of: other.clone(),
            step: price.step.clone(),
            tighter: coverage.and_then(|tier| tier.tighter).and_then(money),
            looser: coverage.and_then(|tier| tier.looser).and_then(money),
        })
    };
    let gap = |worth: &Worth| {
        let unplanned = Unplanned::read(&worth.gap);
        OwnGap {
            action: unplanned.is_none().then(|| worth.gap.clone()),
            questions: unplanned.map(|unplanned| unplanned.questions).unwrap_or_default(),
            cost: worth.cost.as_ref().and_then(|cost| Money::parse(cost, currency).ok()),
            lots: worth.lots.clone(),
            worth: coverage_of(worth).and_then(money),
        }
    };
    Ok(OwnLimits {
        currency,
        limits: outcome.prices.iter().filter_map(limit).collect(),
        gaps: outcome.worth.iter().filter(|worth| worth.supplier == supplier).map(gap).collect(),
        complete: !outcome.warnings.iter().any(|warning| warning.code == RAN_OUT),
    })
}

/// A change of coverage as an amount, rounded to the minor unit.
///
/// # Errors
/// 500 for more than an amount holds.
pub fn in_money(change: f64, currency: Currency) -> Result<Money, Problem> {
    let places = usize::try_from(currency.decimals()).map_err(Problem::internal)?;
    // No minus before a zero.
    let text = format!("{change:.places$}");
    let zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    Money::parse(if zero { text.trim_start_matches('-') } else { &text }, currency).map_err(Problem::internal)
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
            cost: Some("200.00".to_owned()),
            lots: vec!["lote".to_owned()],
            estimate: None,
            tiers: vec![TierChange { name: name.to_owned(), change: 400. }],
        };
        let outcome = Outcome {
            prices: vec![price("ana"), price("bea")],
            worth: vec![worth("ana", "coverage"), worth("ana", "cost"), worth("bea", "coverage")],
            ..Outcome::blank("USD")
        };
        let own = own_limits(&outcome, "ana").unwrap();
        let usd = |text: &str| Money::parse(text, "USD".parse().unwrap()).ok();
        let limits: Vec<_> = own.limits.iter().map(|own| (own.tighter, own.looser)).collect();
        assert_eq!(limits, [(usd("-9"), usd("7"))]);
        assert_eq!(own.gaps.iter().map(|gap| gap.worth).collect::<Vec<_>>(), [usd("400"), None]);
        assert_eq!((own.gaps[0].action.as_deref(), own.gaps[0].cost), (Some("plazo"), usd("200")));
    }

    #[test]
    fn a_change_is_told_in_whole_minor_units() {
        let told = |change, currency: &str| in_money(change, currency.parse().unwrap()).unwrap().to_string();
        assert_eq!(told(-1.19e-7, "CLP"), "0 CLP");
        assert_eq!(told(-0.004, "USD"), "0.00 USD");
        assert_eq!(told(1634.98876, "USD"), "1634.99 USD");
        assert_eq!(told(-1634.98876, "CLP"), "-1635 CLP");
    }
}
