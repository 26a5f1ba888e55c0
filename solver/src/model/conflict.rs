//! Which rules contradict each other.
//!
//! A deletion filter: leave rules out, in ever smaller groups, as long as the rest is still
//! infeasible. What cannot be left out is a conflict, and a smallest one when time suffices.

use super::{
    Network, Rules,
    engine::{Ended, Engine, Settings, Watch},
    linear::{Grain, formulate},
};
use crate::{outcome::RuleName, solve::SolveError};

/// The rules in conflict, for an instance whose model is infeasible.
pub(crate) fn find(
    network: &Network<'_>,
    rules: &Rules,
    watch: &mut Watch<'_>,
) -> Result<Vec<RuleName>, SolveError> {
    let mut kept: Vec<usize> = (0..rules.list.len()).collect();
    let mut group = kept.len().div_ceil(2).max(1);
    loop {
        let mut start = 0;
        while start < kept.len() {
            if watch.cancelled() || watch.seconds_left() <= 0. {
                return Ok(names(rules, &kept));
            }
            let end = (start + group).min(kept.len());
            let rest: Vec<usize> = [&kept[..start], &kept[end..]].concat();
            if infeasible(network, rules, &rest, watch)? {
                kept = rest;
            } else {
                start = end;
            }
        }
        if group == 1 {
            return Ok(names(rules, &kept));
        }
        group = group.div_ceil(2);
    }
}

fn infeasible(
    network: &Network<'_>,
    rules: &Rules,
    kept: &[usize],
    watch: &mut Watch<'_>,
) -> Result<bool, SolveError> {
    let chosen = |rule: usize| kept.binary_search(&rule).is_ok();
    let Some(problem) = formulate(network, rules, Grain::Shares, chosen) else {
        return Ok(true);
    };
    let mut engine = Engine::new(problem, Settings::from(&network.instance.limits))?;
    Ok(engine.run(watch)?.ended == Ended::Infeasible)
}

fn names(rules: &Rules, kept: &[usize]) -> Vec<RuleName> {
    let mut names: Vec<RuleName> = kept.iter().map(|i| rules.list[*i].name.clone()).collect();
    names.sort();
    names.dedup();
    names
}
