//! "Why not me": what kept a supplier from a lot in a run, for that supplier itself.
//!
//! It gets its own gaps, its own limits and the rule that binds, and nothing about others: no rival, no rank,
//! no price, no count. That a lot was served otherwise is all that is said of it, whether somebody was
//! cheaper, fitted better or was as good.

use eslabon_solver::{
    Instance, Outcome,
    instance::{Consortium, Decision, Pair, Ruling},
    outcome::Reason,
};
use num_rational::BigRational;
use num_traits::One;

use super::{Scenario, unplanned::Unplanned};

/// A run that has been answered: what was asked, and what the solver said.
#[derive(Clone, PartialEq, Debug)]
pub struct Answered {
    /// The snapshot.
    pub instance: Instance,
    /// What it was asked for beside the snapshot.
    pub scenario: Scenario,
    /// The answer.
    pub outcome: Outcome,
}

/// A reason, about the supplier itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Own {
    /// It was no candidate: its light is red, or it can't make the lot's process and has made no offer.
    NoCandidate,
    /// It declined, or the institution decided so.
    Forbidden,
    /// Its own gaps stay open.
    Gaps {
        /// The actions of its plan that would close them.
        actions: Vec<String>,
        /// The questions of criteria that keep it red and stand in no plan.
        unplanned: Vec<String>,
    },
    /// Its own capacity in the process is used up.
    Capacity(String),
    /// The cap on its dependency on this buyer group leaves no room.
    Dependency {
        /// The buyer group.
        group: String,
        /// The cap.
        cap: String,
        /// Its dependency with what it was awarded.
        after: Option<String>,
    },
    /// The cap on the concentration of its sales leaves no room.
    Concentration,
    /// Its own offer would deliver after the lot's last day.
    LeadTime,
    /// Its own price is above the reference price.
    Price,
    /// Another rule of the lot, by its name.
    Rule(String),
    /// The lot is served otherwise.
    ServedOtherwise,
}

impl Own {
    /// Its code, and the key of its text.
    pub const fn said(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoCandidate => ("no_candidate", "why-not-no-candidate"),
            Self::Forbidden => ("forbidden", "why-not-forbidden"),
            Self::Gaps { unplanned, .. } if unplanned.is_empty() => ("gaps", "why-not-gaps"),
            Self::Gaps { .. } => ("gaps", "why-not-unplanned"),
            Self::Capacity(_) => ("capacity", "why-not-capacity"),
            Self::Dependency { .. } => ("dependency", "why-not-dependency"),
            Self::Concentration => ("concentration", "why-not-concentration"),
            Self::LeadTime => ("lead_time", "why-not-lead-time"),
            Self::Price => ("price", "why-not-price"),
            Self::Rule(_) => ("rule", "why-not-rule"),
            Self::ServedOtherwise => ("served_otherwise", "why-not-served-otherwise"),
        }
    }

    fn gaps(gaps: &[String]) -> Self {
        let (actions, unplanned) = Unplanned::parted(gaps);
        Self::Gaps { actions, unplanned }
    }
}

/// Why the supplier got nothing of a lot, or no more: every reason that a run gives, most decisive first.
pub fn why_not(run: &Answered, supplier: &str, lot: &str) -> Vec<Own> {
    let instance = &run.instance;
    let through = |bidder: &str| {
        let of = |c: &Consortium| c.id == bidder && c.members.iter().any(|member| member == supplier);
        instance.consortia.iter().any(of)
    };
    let own = instance.pairs.iter().find(|pair| pair.supplier == supplier && pair.lot == lot);
    let pair = own.or_else(|| instance.pairs.iter().find(|pair| pair.lot == lot && through(&pair.supplier)));
    let Some(pair) = pair else { return vec![Own::NoCandidate] };
    let mut reasons = reasons(run, pair, supplier);
    if reasons.is_empty() {
        reasons.push(Own::ServedOtherwise);
    }
    let mut seen = Vec::new();
    reasons.retain(|reason| {
        let first = !seen.contains(reason);
        seen.push(reason.clone());
        first
    });
    reasons
}

/// What kept a bidder from more of a lot: what the solver says of it under that name, else what the snapshot says.
pub(super) fn reasons(run: &Answered, pair: &Pair, name: &str) -> Vec<Own> {
    let told = run.outcome.why_not.iter().find(|row| row.supplier == name && row.lot == pair.lot);
    let reasons = match told {
        Some(told) => told.reasons.iter().map(about_itself).collect(),
        None => derived(&run.instance, &run.outcome, pair),
    };
    let is_too_late = run.scenario.is_too_late(&pair.supplier, &pair.lot);
    let say = |reason| if is_too_late && reason == Own::Forbidden { Own::LeadTime } else { reason };
    reasons.into_iter().map(say).collect()
}

/// What the solver says, without what would measure or reveal others.
fn about_itself(reason: &Reason) -> Own {
    match reason {
        Reason::Forbidden => Own::Forbidden,
        Reason::Blocked { gaps } | Reason::TooLate { gaps } => Own::gaps(gaps),
        Reason::Capacity { process, .. } => Own::Capacity(process.clone()),
        Reason::Dependency { group, cap, after, .. } => {
            Own::Dependency { group: group.clone(), cap: cap.clone(), after: after.clone() }
        }
        Reason::Concentration { .. } => Own::Concentration,
        // Its subject may be others.
        Reason::Rule(rule) => Own::Rule(rule.rule.clone()),
        Reason::Price { .. } => Own::Price,
        Reason::BetterServed { .. } | Reason::Tied => Own::ServedOtherwise,
    }
}

/// What the snapshot and the awards say by themselves, where the solver was not asked.
fn derived(instance: &Instance, outcome: &Outcome, pair: &Pair) -> Vec<Own> {
    let mut reasons = Vec::new();
    let forbids = |decision: &Decision| {
        decision.supplier == pair.supplier && decision.lot == pair.lot && decision.ruling == Ruling::Forbidden
    };
    if instance.decisions.iter().any(forbids) {
        reasons.push(Own::Forbidden);
    }
    let closed = |gap: &String| outcome.development.iter().any(|closed| closed.gap == *gap);
    let open: Vec<String> = pair.blocked_by.iter().filter(|gap| !closed(gap)).cloned().collect();
    if !open.is_empty() {
        reasons.push(Own::gaps(&open));
    }
    let Some(lot) = instance.lots.iter().find(|lot| lot.id == pair.lot) else { return reasons };
    if is_used_up(instance, outcome, pair, &lot.process) {
        reasons.push(Own::Capacity(lot.process.clone()));
    }
    let group = instance.buyers.iter().find(|buyer| buyer.id == lot.buyer).map(|buyer| &buyer.group);
    let binding = outcome
        .dependency
        .iter()
        .find(|row| row.binding && row.supplier == pair.supplier && Some(&row.group) == group);
    if let Some(row) = binding {
        let cap = row.cap.clone().unwrap_or_default();
        reasons.push(Own::Dependency { group: row.group.clone(), cap, after: row.after.clone() });
    }
    if pair.unit_price > lot.reference_price {
        reasons.push(Own::Price);
    }
    reasons
}

/// Whether less than a unit is left of the supplier's capacity in a process.
fn is_used_up(instance: &Instance, outcome: &Outcome, pair: &Pair, process: &str) -> bool {
    let row = instance.capacity.iter().find(|row| row.supplier == pair.supplier && row.process == process);
    let in_process =
        |lot: &str| instance.lots.iter().any(|found| found.id == lot && found.process == process);
    let own = outcome.awards.iter().filter(|award| award.supplier == pair.supplier && in_process(&award.lot));
    let used: u64 = own.map(|award| award.quantity).sum();
    row.is_some_and(|row| row.amount.to_ratio() - BigRational::from_integer(used.into()) < BigRational::one())
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::atomic::AtomicBool;

    use eslabon_solver::{read, solve};
    use serde_json::{Value as Json, json};

    use super::*;

    /// One lot of 10,000, which is too much for Luz under its cap and little for Mar; both are awarded something.
    pub fn solved() -> (Instance, Outcome) {
        let lot = json!({
            "id": "brackets", "buyer": "acero", "process": "laser", "quantity": 1000, "reference_price": 10,
        });
        answered(&json!({
            "format": "eslabon-instance/1", "currency": "USD", "dependency_cap": 0.3, "hhi_cap": 9900,
            "buyers": [{ "id": "acero" }],
            "suppliers": [
                { "id": "luz", "annual_sales": 10_000 }, { "id": "mar", "annual_sales": 900_000 },
            ],
            "lots": [lot],
            "pairs": [
                { "supplier": "luz", "lot": "brackets", "unit_price": 9, "fit": 1 },
                { "supplier": "mar", "lot": "brackets", "unit_price": 10, "fit": 0.5 },
            ],
        }))
    }

    fn answered(instance: &Json) -> (Instance, Outcome) {
        let reading = read::from_json(instance.to_string().as_bytes()).unwrap();
        let mut control = solve::Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
        let outcome = solve::solve(&reading, &mut control).unwrap();
        (reading.instance, outcome)
    }

    #[test]
    fn who_is_at_its_cap_is_told_so_and_nobody_else() {
        let (instance, outcome) = solved();
        let is_told = |supplier: &str| {
            let pair = instance.pairs.iter().find(|pair| pair.supplier == supplier).unwrap();
            let reasons = derived(&instance, &outcome, pair);
            reasons.iter().any(|reason| matches!(reason, Own::Dependency { group, .. } if group == "acero"))
        };
        assert!(is_told("luz") && !is_told("mar"), "{:?}", outcome.dependency);
    }

    #[test]
    fn what_is_used_up_is_the_capacity_in_the_lots_own_process() {
        // Luz has 650 left of 1,000 for the laser, and cuts 900; Mar has used all of her 200.
        let lot = |id, process, quantity| json!({ "id": id, "buyer": "acero", "process": process, "quantity": quantity, "reference_price": 10 });
        let (instance, outcome) = answered(&json!({
            "format": "eslabon-instance/1", "currency": "USD", "dependency_cap": 1,
            "buyers": [{ "id": "acero" }],
            "suppliers": [{ "id": "luz", "annual_sales": 900_000 }, { "id": "mar", "annual_sales": 900_000 }],
            "lots": [lot("brackets", "laser", 700), lot("sheets", "cutting", 900)],
            "pairs": [
                { "supplier": "luz", "lot": "brackets", "unit_price": 10, "fit": 0.5, "max_share": 0.5 },
                { "supplier": "luz", "lot": "sheets", "unit_price": 10, "fit": 0.5 },
                { "supplier": "mar", "lot": "brackets", "unit_price": 12, "fit": 1 },
            ],
            "capacity": [
                { "supplier": "luz", "process": "laser", "amount": 1000 },
                { "supplier": "luz", "process": "cutting", "amount": 900 },
                { "supplier": "mar", "process": "laser", "amount": 200 },
            ],
        }));
        let told = |supplier: &str, lot: &str| {
            let pair =
                instance.pairs.iter().find(|pair| pair.supplier == supplier && pair.lot == lot).unwrap();
            derived(&instance, &outcome, pair)
        };
        assert_eq!(told("luz", "brackets"), []);
        assert_eq!(told("luz", "sheets"), [Own::Capacity("cutting".to_owned())]);
        assert_eq!(told("mar", "brackets"), [Own::Capacity("laser".to_owned()), Own::Price]);
    }
}
