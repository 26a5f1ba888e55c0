//! Which rules contradict each other.
//!
//! Only rules that awarding nothing would break ask for awards: minimum coverage, fixed awards, a cap
//! that has to be diluted. The search starts from those that cannot be left out, adds the rules about
//! the same awards, then those about the awards of these, and so on until the rest of the instance no
//! longer matters; and leaves out of that what it can. What remains is a conflict from which no rule
//! can be missing, as long as time suffices.

use std::collections::BTreeSet;

use super::{
    Network, Rules,
    engine::{Ended, IntegerSettings, Watch},
    linear::Grain,
    sheet::Sheet,
};
use crate::{outcome::RuleName, solve::SolveError};

/// Any solution will do; the bound is of no interest.
pub(super) const ANY_SOLUTION: IntegerSettings =
    IntegerSettings { relative_gap: f64::INFINITY, most_nodes: None, tolerance: 1e-9 };

/// The rules in conflict, by position, for an instance whose model is infeasible. When time runs out: the rules
/// that ask for awards and cannot be left out, or those known so far to be in the way of them.
pub(crate) fn find(
    network: &Network<'_>,
    rules: &Rules,
    watch: &mut Watch<'_>,
) -> Result<Vec<usize>, SolveError> {
    let nothing = vec![0; network.offers.len()];
    let asking: BTreeSet<usize> = rules.broken(network, &nothing).into_iter().map(|(rule, _)| rule).collect();
    let others: Vec<usize> = (0..rules.count()).filter(|rule| !asking.contains(rule)).collect();

    let mut search = Search { network, rules, watch };
    let asking = search.without_needless(asking.into_iter().collect(), &others)?;
    let Some(near) = search.surroundings(&asking)? else {
        return Ok(asking);
    };
    let near = search.without_needless(near, &asking)?;
    let asking = search.without_needless(asking, &near)?;
    Ok(asking.into_iter().chain(near).collect())
}

struct Search<'a, 'w> {
    network: &'a Network<'a>,
    rules: &'a Rules,
    watch: &'a mut Watch<'w>,
}

impl Search<'_, '_> {
    /// Leaves rules out, in ever smaller groups, as long as the others still contradict each other.
    fn without_needless(
        &mut self,
        mut rules: Vec<usize>,
        others: &[usize],
    ) -> Result<Vec<usize>, SolveError> {
        let mut group = rules.len().div_ceil(2).max(1);
        loop {
            let mut start = 0;
            while start < rules.len() {
                let end = (start + group).min(rules.len());
                let rest = [&rules[..start], &rules[end..]].concat();
                if self.out_of_time() {
                    return Ok(rules);
                }
                if self.contradict(rest.iter().chain(others))? {
                    rules = rest;
                } else {
                    start = end;
                }
            }
            if group == 1 {
                return Ok(rules);
            }
            group = group.div_ceil(2);
        }
    }

    /// The rules about the same awards as these, and about the awards of those, until all of them
    /// together contradict each other; `None` when time runs out first.
    fn surroundings(&mut self, asking: &[usize]) -> Result<Option<Vec<usize>>, SolveError> {
        let mut near: BTreeSet<usize> = BTreeSet::new();
        let mut reached: BTreeSet<usize> =
            asking.iter().flat_map(|rule| self.rules.all_offers(*rule)).collect();
        while !self.contradict(asking.iter().chain(&near))? {
            if self.out_of_time() {
                return Ok(None);
            }
            let before = near.len();
            for rule in 0..self.rules.count() {
                let touches = || self.rules.offers(rule).iter().any(|offer| reached.contains(offer));
                if !asking.contains(&rule) && touches() {
                    near.insert(rule);
                }
            }
            if near.len() == before {
                return Ok(None);
            }
            let beyond: Vec<usize> = near.iter().flat_map(|rule| self.rules.all_offers(*rule)).collect();
            reached.extend(beyond);
        }
        Ok(Some(near.into_iter().collect()))
    }

    fn out_of_time(&self) -> bool {
        self.watch.is_over()
    }

    fn contradict<'r>(&mut self, chosen: impl Iterator<Item = &'r usize>) -> Result<bool, SolveError> {
        let chosen: BTreeSet<usize> = chosen.copied().collect();
        let sheet =
            Sheet::new(self.network, self.rules, Grain::Shares, ANY_SOLUTION, |rule| chosen.contains(&rule))?;
        match sheet {
            Some(mut sheet) => Ok(sheet.run(self.watch)?.ended == Ended::Infeasible),
            None => Ok(true),
        }
    }
}

/// The names of rules, in order.
pub(crate) fn names(rules: &Rules, chosen: &[usize]) -> Vec<RuleName> {
    let names: BTreeSet<RuleName> = chosen.iter().map(|rule| rules.name(*rule).clone()).collect();
    names.into_iter().collect()
}
