//! What fixed awards use up together, and whether there is as much.

use std::collections::{HashMap, HashSet};

use num_bigint::BigInt;
use num_rational::BigRational;

use super::{
    codes,
    gaps::{Closed, closed},
    lots::{least_award, most_suppliers},
    problems::{Place, Problems},
    row::Quoted,
    tables::{Tables, Verb},
};
use crate::{
    Decimal,
    instance::{Consortium, Lot, Pair},
};

/// Fixed awards so far, in the order of the table.
#[derive(Debug)]
pub(super) struct Commitments<'a> {
    tables: &'a Tables,
    budget: Option<Decimal>,
    /// Fixed awards of each lot.
    suppliers: HashMap<&'a str, u64>,
    /// Fixed lots of each supplier.
    awards: HashMap<&'a str, u64>,
    /// Capacity that is used, by supplier and process.
    used: HashMap<(&'a str, &'a str), BigRational>,
    /// Gaps that must be closed, and what they cost.
    gaps: HashSet<&'a str>,
    costs: BigRational,
}

impl<'a> Commitments<'a> {
    pub(super) fn new(tables: &'a Tables, budget: Option<Decimal>) -> Self {
        Self {
            tables,
            budget,
            suppliers: HashMap::new(),
            awards: HashMap::new(),
            used: HashMap::new(),
            gaps: HashSet::new(),
            costs: Decimal::ZERO.to_ratio(),
        }
    }

    /// Adds a fixed award, and reports what it goes beyond.
    pub(super) fn check(
        &mut self,
        quantity: u64,
        lot: &'a Lot,
        pair: &'a Pair,
        place: Place<'_>,
        problems: &mut Problems,
    ) {
        self.check_w2014_gaps(lot, pair, place, problems);
        let consortium = self.tables.consortia.find((&pair.supplier, ""));
        let needed = pair.load.to_ratio() * BigRational::from(BigInt::from(quantity));
        match consortium {
            Some(consortium) => {
                self.check_w2015_together(&needed, consortium, lot, place, problems);
                self.check_w2018_members(consortium, lot, place, problems);
            }
            None => self.check_w2015_capacity(needed, lot, pair, place, problems),
        }
        check_w2016_least(quantity, lot, place, problems);
        self.check_w2017_counts(lot, pair, place, problems);
    }

    /// W2014: the gaps that the pair waits for can be closed, with all others that fixed awards need.
    fn check_w2014_gaps(&mut self, lot: &Lot, pair: &'a Pair, place: Place<'_>, problems: &mut Problems) {
        match closed(pair, lot, self.tables, self.budget) {
            Some(Closed::NoBudget) => {
                let gaps = pair.blocked_by.join(", ");
                let cause = format_args!("without development_budget {} stays open", Quoted(&gaps));
                return problems.report(codes::W2014, place, cause);
            }
            Some(Closed::TooLate(gap, starts_in)) => {
                let cause = format_args!(
                    "closing {} takes {} months, the lot starts in {starts_in}",
                    Quoted(&gap.id),
                    gap.months
                );
                return problems.report(codes::W2014, place, cause);
            }
            Some(Closed::Uncosted(gap)) => {
                let cause = format_args!("nobody has said what closing {} costs", Quoted(&gap.id));
                return problems.report(codes::W2014, place, cause);
            }
            Some(Closed::TooDear(gap, cost, budget)) => {
                let cause = format_args!("closing {} costs {cost}, the budget is {budget}", Quoted(&gap.id));
                return problems.report(codes::W2014, place, cause);
            }
            None => {}
        }
        let Some(budget) = self.budget else {
            return;
        };
        let fitted = self.costs <= budget.to_ratio();
        for id in &pair.blocked_by {
            if let Some(gap) = self.tables.gaps.find((id, ""))
                && self.gaps.insert(id)
            {
                self.costs += gap.cost.unwrap_or_default().to_ratio();
            }
        }
        if fitted && self.costs > budget.to_ratio() {
            let cause = format_args!("with this one, fixed awards need gaps that cost more than {budget}");
            problems.report(codes::W2014, place, cause);
        }
    }

    /// W2015: a supplier's own fixed awards fit into its capacity.
    fn check_w2015_capacity(
        &mut self,
        needed: BigRational,
        lot: &'a Lot,
        pair: &'a Pair,
        place: Place<'_>,
        problems: &mut Problems,
    ) {
        let key = (&*pair.supplier, &*lot.process);
        let Some(capacity) = self.tables.capacity.find(key) else {
            return;
        };
        let used = self.used.entry(key).or_insert_with(|| Decimal::ZERO.to_ratio());
        *used += needed;
        if *used > capacity.amount.to_ratio() {
            let cause = format_args!(
                "fixed awards of {} need {used} of {}, it has {}",
                Quoted(&pair.supplier),
                Quoted(&lot.process),
                capacity.amount
            );
            problems.report(codes::W2015, place, cause);
        }
    }

    /// W2015: a consortium's fixed award fits into the capacities of its members, each taken whole.
    fn check_w2015_together(
        &self,
        needed: &BigRational,
        consortium: &Consortium,
        lot: &Lot,
        place: Place<'_>,
        problems: &mut Problems,
    ) {
        let of =
            |member: &String| self.tables.capacity.find((member, &lot.process)).map(|c| c.amount.to_ratio());
        // One without a row can make any amount.
        let all: Option<BigRational> = consortium.members.iter().map(of).sum();
        if let Some(all) = all.filter(|all| needed > all) {
            let cause = format_args!(
                "the award of {} needs {needed} of {}, its members have {all}",
                Quoted(&consortium.id),
                Quoted(&lot.process)
            );
            problems.report(codes::W2015, place, cause);
        }
    }

    /// W2017: neither the lot nor the supplier gets more fixed awards than it may have.
    fn check_w2017_counts(
        &mut self,
        lot: &'a Lot,
        pair: &'a Pair,
        place: Place<'_>,
        problems: &mut Problems,
    ) {
        let count = self.suppliers.entry(&lot.id).or_default();
        *count += 1;
        if *count > most_suppliers(lot) {
            let most = most_suppliers(lot);
            let cause =
                format_args!("{count} awards of {} are fixed, it has at most {most}", Quoted(&lot.id));
            problems.report(codes::W2017, place, cause);
        }
        let most = self.tables.suppliers.find((&pair.supplier, "")).and_then(|s| s.max_awards);
        let count = self.awards.entry(&pair.supplier).or_default();
        *count += 1;
        if let Some(most) = most.filter(|most| *count > *most) {
            let supplier = Quoted(&pair.supplier);
            let cause = format_args!("{count} awards of {supplier} are fixed, it takes at most {most}");
            problems.report(codes::W2017, place, cause);
        }
    }

    /// W2018: not every member of the consortium is forbidden for the lot.
    fn check_w2018_members(
        &self,
        consortium: &Consortium,
        lot: &Lot,
        place: Place<'_>,
        problems: &mut Problems,
    ) {
        let forbidden = |member: &String| {
            let decision = self.tables.decisions.find((member, &lot.id));
            decision.is_some_and(|rule| rule.verb == Verb::Forbidden)
        };
        if !consortium.members.is_empty() && consortium.members.iter().all(forbidden) {
            let cause = format_args!(
                "every member of {} is forbidden for {}",
                Quoted(&consortium.id),
                Quoted(&lot.id)
            );
            problems.report(codes::W2018, place, cause);
        }
    }
}

/// W2016: a fixed award is as large as awards of the lot must be.
fn check_w2016_least(quantity: u64, lot: &Lot, place: Place<'_>, problems: &mut Problems) {
    let least = least_award(lot);
    if quantity < least {
        let cause =
            format_args!("{quantity} units are fixed, an award of {} has at least {least}", Quoted(&lot.id));
        problems.report(codes::W2016, place, cause);
    }
}
