//! What stood in the way of a lot in a run, for the lead firm whose lot it is.
//!
//! It learns which kinds of rule kept candidates from more of its lot, as codes. Nothing is measured: neither how
//! many suppliers there were, nor what another buyer takes of them, nor a price. A supplier is named only where it
//! has consented for this lead firm to see what the reason is about.

use std::collections::{BTreeMap, BTreeSet};

use super::why_not::{Answered, Own, reasons};
use crate::{organisations::consents::Purpose, words};

words! {
    /// What stood in the way of a lot.
    #[schema(as = WhyUnmetCode)]
    pub enum Obstacle {
        /// No supplier was a candidate.
        NoCandidate = "no_candidate",
        /// Candidates declined, or the institution decided against them.
        Forbidden = "forbidden",
        /// Candidates' own offers would deliver after the lot's last day.
        LeadTime = "lead_time",
        /// Candidates have gaps that stay open.
        Gaps = "gaps",
        /// Candidates have no capacity left.
        Capacity = "capacity",
        /// Candidates would depend too much on this buyer group.
        Dependency = "dependency",
        /// Candidates' sales would be too concentrated.
        Concentration = "concentration",
        /// A rule of the lot, the lead firm or the programme.
        Rule = "rule",
        /// The run does not say.
        Untold = "untold",
    }
}

impl Obstacle {
    /// The key of its text, with what to do.
    pub const fn said(self) -> &'static str {
        match self {
            Self::NoCandidate => "why-unmet-no-candidate",
            Self::Forbidden => "why-unmet-forbidden",
            Self::LeadTime => "why-unmet-lead-time",
            Self::Gaps => "why-unmet-gaps",
            Self::Capacity => "why-unmet-capacity",
            Self::Dependency => "why-unmet-dependency",
            Self::Concentration => "why-unmet-concentration",
            Self::Rule => "why-unmet-rule",
            Self::Untold => "why-unmet-untold",
        }
    }

    /// What a supplier must have consented to, to be named beside it; `None`: nobody is named.
    pub const fn names_under(self) -> Option<Purpose> {
        match self {
            Self::Gaps => Some(Purpose::Gaps),
            // These say something about capacities and sales.
            Self::Capacity | Self::Dependency | Self::Concentration => Some(Purpose::Profile),
            Self::NoCandidate | Self::Forbidden | Self::LeadTime | Self::Rule | Self::Untold => None,
        }
    }

    /// What it is, of a reason that holds for a candidate; `None` where nothing is in the way.
    fn of(reason: &Own) -> Option<(Self, Option<&str>)> {
        match reason {
            Own::NoCandidate => Some((Self::NoCandidate, None)),
            Own::Forbidden => Some((Self::Forbidden, None)),
            Own::LeadTime => Some((Self::LeadTime, None)),
            Own::Gaps { .. } => Some((Self::Gaps, None)),
            Own::Capacity(_) => Some((Self::Capacity, None)),
            Own::Dependency { .. } => Some((Self::Dependency, None)),
            Own::Concentration => Some((Self::Concentration, None)),
            Own::Rule(rule) => Some((Self::Rule, Some(rule))),
            Own::Price | Own::ServedOtherwise => None,
        }
    }
}

/// A lot in a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unmet {
    /// Units that were awarded.
    pub awarded: u64,
    /// Units that nobody got.
    pub unmet: u64,
    /// What stood in the way of these, with the rule's name for a rule, and the candidates for which it holds.
    pub obstacles: BTreeMap<(Obstacle, Option<String>), BTreeSet<String>>,
}

/// How a lot fared, and what kept the rest of it from being awarded.
pub fn why_unmet(run: &Answered, lot: &str) -> Unmet {
    let Answered { instance, outcome, .. } = run;
    let awards = outcome.awards.iter().filter(|award| award.lot == lot);
    let unmet = outcome.unmet.iter().filter(|row| row.lot == lot);
    let mut told = Unmet {
        awarded: awards.map(|award| award.quantity).sum(),
        unmet: unmet.map(|row| row.quantity).sum(),
        obstacles: BTreeMap::new(),
    };
    if told.unmet == 0 {
        return told;
    }
    let pairs: Vec<_> = instance.pairs.iter().filter(|pair| pair.lot == lot).collect();
    for pair in &pairs {
        for (obstacle, rule) in reasons(run, pair, &pair.supplier).iter().filter_map(Obstacle::of) {
            let of = told.obstacles.entry((obstacle, rule.map(str::to_owned))).or_default();
            of.insert(pair.supplier.clone());
        }
    }
    if told.obstacles.is_empty() {
        let obstacle = if pairs.is_empty() { Obstacle::NoCandidate } else { Obstacle::Untold };
        told.obstacles.insert((obstacle, None), BTreeSet::new());
    }
    told
}

#[cfg(test)]
mod tests {
    use eslabon_solver::{
        Decimal, Instance, Outcome,
        instance::{Lot, Pair},
        outcome::{Reason, RuleName, Unmet as UnmetRow, WhyNot},
    };

    use super::*;
    use crate::matching::Scenario;

    fn instance() -> Instance {
        let lot = Lot::new("lote".to_owned(), "gran".to_owned(), "torneado".to_owned(), 10, Decimal::ONE);
        let pair = |supplier: &str| Pair::new(supplier.to_owned(), "lote".to_owned(), Decimal::ONE);
        Instance { lots: vec![lot], pairs: vec![pair("ana"), pair("bea")], ..Instance::default() }
    }

    fn run(instance: Instance, outcome: Outcome) -> Answered {
        Answered { instance, outcome, scenario: Scenario::default() }
    }

    fn outcome(reasons: Vec<(&str, Vec<Reason>)>) -> Outcome {
        let why_not = reasons.into_iter().map(|(supplier, reasons)| WhyNot {
            supplier: supplier.to_owned(),
            lot: "lote".to_owned(),
            reasons,
        });
        let unmet = vec![UnmetRow { lot: "lote".to_owned(), quantity: 10 }];
        Outcome { why_not: why_not.collect(), unmet, ..Outcome::blank("USD") }
    }

    #[test]
    fn every_kind_of_obstacle_stands_once_with_whom_it_concerns() {
        let capacity = || Reason::Capacity { process: "torneado".to_owned(), units_left: 3 };
        let rule = RuleName { rule: "budget".to_owned(), subject: vec!["gran".to_owned()] };
        let told = outcome(vec![
            ("ana", vec![capacity(), Reason::Price { ratio: "1.2".to_owned() }]),
            ("bea", vec![capacity(), Reason::Rule(rule), Reason::BetterServed { tier: "cost".to_owned() }]),
        ]);
        let unmet = why_unmet(&run(instance(), told), "lote");
        let codes: Vec<_> = unmet.obstacles.iter().map(|(key, who)| (key.clone(), who.len())).collect();
        let expected = [((Obstacle::Capacity, None), 2), ((Obstacle::Rule, Some("budget".to_owned())), 1)];
        assert_eq!((unmet.unmet, codes.as_slice()), (10, expected.as_slice()));
    }

    #[test]
    fn a_lot_that_is_served_has_no_obstacles_and_one_without_candidates_says_so() {
        let served = Outcome { unmet: Vec::new(), ..outcome(vec![("ana", vec![Reason::Forbidden])]) };
        assert_eq!(why_unmet(&run(instance(), served), "lote"), Unmet::default());
        let nobody = Instance { pairs: Vec::new(), ..instance() };
        let keys = |instance: Instance| {
            let told = why_unmet(&run(instance, outcome(Vec::new())), "lote");
            told.obstacles.into_keys().map(|(code, _)| code).collect::<Vec<_>>()
        };
        assert_eq!(keys(nobody), [Obstacle::NoCandidate]);
        assert_eq!(keys(instance()), [Obstacle::Untold]);
    }
}
