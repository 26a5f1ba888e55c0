//! All tiers solved again, on an instance with one thing changed, from where they were solved before.

use super::Solved;
use crate::{
    Decimal, Instance,
    instance::Tier,
    model::{
        Network, Rules, Standings, Warm,
        engine::Watch,
        tiers::{HOLD_SLACK, Relaxed, Search},
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

/// By how much a tier's value changes for each of `by` steps, as far as two values that an engine found can tell: it
/// keeps rows, those that hold earlier tiers too, to [`HOLD_SLACK`] of their scale. Less than that part of the larger value
/// is no change, and digits below it are the engine's, not the instance's.
pub(super) fn change(before: f64, after: f64, by: f64) -> f64 {
    let told = HOLD_SLACK * before.abs().max(after.abs());
    let change = after - before;
    if change.abs() <= told {
        return 0.;
    }
    let places = (0..12).find(|places| 10_f64.powi(-places) <= told).unwrap_or(12);
    let unit = 10_f64.powi(places);
    // No minus before a zero.
    (change / by * unit).round() / unit + 0.
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

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn what_an_engine_cannot_tell_apart_is_no_change() {
        assert_eq!(change(58_312_000., 58_312_000. - 1.19e-7, 0.1).to_string(), "0");
        assert_eq!(change(0., 0., 1.).to_string(), "0");
        assert_eq!(change(1e6, 1e6 + 0.000_9, 1.).to_string(), "0");
        assert_eq!(change(1e6, 1e6 + 0.001_1, 1.).to_string(), "0.001");
    }

    #[test]
    fn digits_that_are_the_engine_s_are_not_told() {
        assert_eq!(change(14_285.714_285_714, 14_449.213_161_659, 0.1).to_string(), "1634.98876");
        assert_eq!(change(58_312_000., 58_337_000.000_000_1, 1.).to_string(), "25000");
        assert_eq!(change(0.3, 0.299, 1.).to_string(), "-0.001");
        // A tier that was at nothing is told as far as its new value goes.
        assert_eq!(change(0., 300.000_000_000_1, 1.).to_string(), "300");
    }
}
