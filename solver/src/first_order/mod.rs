//! A first-order engine for large networks: fast, repaired to feasibility, and with a proof beside every value.
//!
//! HiGHS is exact and stays the engine of ordinary programmes. On large networks under tight caps its methods take
//! minutes where a first-order method, whose steps cost one pass over the pairs, takes seconds. This engine is such a
//! method, written for the structure of the model ([`program`]): restarted, reflected Halpern iterations of
//! primal-dual hybrid gradient ([`steps`]) with the restarts and weights of PDLP (Applegate et al., Advances in Neural
//! Information Processing Systems 34, 2021; Lu, Peng & Yang, cuPDLPx, arXiv:2507.14051). What such a method leaves
//! breaks rules a little, and proves nothing. So whenever it seems near its end
//!
//! * its awards are *repaired* ([`repair`]): lowered until every rule holds, and what that leaves of lots
//!   is given out again. Their value is reached by shares that keep every rule;
//! * its duals are *evaluated* ([`bound`]): any duals bound the optimum, and the sum is rounded outward. The bound
//!   is proven, whatever the method did;
//!
//! and it ends ([`descent`]) when the two are as near as `relative_gap` asks.
//!
//! A held tier is a row with a term for nearly every pair, and the method takes ten times as many steps with it.
//! So held tiers are priced instead ([`blends`]): each program is a plain one, whose objective is a blend of the
//! tiers' objectives.

mod blends;
mod bound;
mod descent;
mod program;
mod repair;
mod steps;

use crate::{
    instance::Engine,
    model::{Network, Rules, engine::Watch, tiers::Search},
    solve::SolveError,
};
use program::Program;

/// The engine's name in results.
pub(crate) const NAME: &str = "Eslabón first-order, certified";

/// Offers from which on the engine may be chosen. Below, HiGHS takes seconds, and is exact.
const LARGE: usize = 20_000;

/// Offers from which on it is chosen whatever the rules.
const VERY_LARGE: usize = 300_000;

/// Rows that may bind, by offer, from which on HiGHS takes minutes. Of 60,000 generated pairs it was 0.11 where
/// caps are slack, which HiGHS solves in seconds, and 0.38 where they are tight.
const TIGHT: f64 = 0.15;

/// Optimises the tiers in order; `None` where HiGHS is to do that.
pub(crate) fn optimise(
    network: &Network<'_>,
    rules: &Rules,
    watch: &mut Watch<'_>,
) -> Result<Option<Search>, SolveError> {
    let offers = network.offers.len();
    match network.instance.limits.engine {
        Engine::FirstOrder => blends::optimise(network, rules, |_| true, watch),
        Engine::Auto if offers >= LARGE => {
            let wanted = |program: &Program| offers >= VERY_LARGE || program.tightness() >= TIGHT;
            blends::optimise(network, rules, wanted, watch)
        }
        Engine::Auto | Engine::Highs => Ok(None),
    }
}

#[cfg(test)]
mod tests;
