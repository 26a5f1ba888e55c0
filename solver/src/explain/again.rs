//! All tiers solved again, on an instance with one thing changed, from where they were solved before.

use super::Solved;
use crate::{
    Decimal, Instance,
    instance::Tier,
    model::{
        Network, Rules, Standings, Warm,
        engine::Watch,
        tiers::{Relaxed, Search},
    },
    solve::SolveError,
};

/// How solving again ended.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Ended {
    /// The model's values, tier by tier.
    Values(Vec<f64>),
    /// The change leaves no solution.
    Infeasible,
    /// Time ran out, or somebody stopped it.
    Unfinished,
}

/// Solves changed instances.
pub(super) struct Again<'w, 'c> {
    warm: &'w mut Warm,
    instance: Instance,
    /// The values to measure against.
    pub before: Vec<f64>,
    /// The tiers' names.
    pub names: Vec<String>,
    watch: &'w mut Watch<'c>,
}

impl<'w, 'c> Again<'w, 'c> {
    /// Prepares for changes; `None` when there is nothing to measure them against: the tiers were not solved
    /// to their end.
    pub fn new(
        solved: &Solved<'_>,
        warm: &'w mut Warm,
        watch: &'w mut Watch<'c>,
    ) -> Result<Option<Self>, SolveError> {
        let relaxed = solved.relaxed;
        if !relaxed.complete {
            return Ok(None);
        }
        let before = relaxed.reached.iter().map(|reached| reached.value).collect();
        let names = relaxed.reached.iter().map(|reached| reached.tier.name().to_owned()).collect();
        let mut again = Self { warm, instance: solved.network.instance.clone(), before, names, watch };
        // A gap that is small beside a value is large beside the difference of two.
        if relaxed.reached.iter().any(|reached| reached.tier == Tier::Spread) || relaxed.duals.is_none() {
            again.instance.limits.relative_gap = Decimal::ZERO;
            match again.with(|_| ())? {
                Ended::Values(values) => again.before = values,
                Ended::Infeasible | Ended::Unfinished => return Ok(None),
            }
        }
        Ok(Some(again))
    }

    /// The tiers' values after a change.
    pub fn with(&mut self, change: impl FnOnce(&mut Instance)) -> Result<Ended, SolveError> {
        if self.watch.is_over() {
            return Ok(Ended::Unfinished);
        }
        let mut instance = self.instance.clone();
        change(&mut instance);
        let network = Network::new(&instance);
        let standings = Standings::new(&network);
        let rules = Rules::new(&network, &standings);
        let mut silent = |_: &crate::solve::Progress| {};
        let mut watch = Watch::new(self.watch.seconds_left(), self.watch.cancel, &mut silent);
        let search = self.warm.solve(&network, &rules, false, &mut watch)?;
        self.watch.report();
        Ok(match search {
            Search::Found(Relaxed { reached, complete: true, .. }) => {
                Ended::Values(reached.iter().map(|reached| reached.value).collect())
            }
            Search::Infeasible => Ended::Infeasible,
            _ => Ended::Unfinished,
        })
    }
}
