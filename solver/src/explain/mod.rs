//! Explanations: what binding limits cost, what closed gaps are worth, why a pair was not awarded.
//!
//! Two kinds of figure, never mixed. An **estimate** comes from the first tier's linear program as it
//! stands: with dual π of the cap's row (in the tier's unit per unit of money), R and N the supplier's
//! sales without and its new sales with the awards, one percent point more of the cap t is worth
//!
//! ```text
//! π · ∂(right − left)/∂t / 100,    ∂(right − left)/∂t = R·[E ≤ t·R] + N   (projected; without N if conservative)
//! ```
//!
//! because t multiplies N, and R unless the supplier keeps what it has above its cap; and a pair that is
//! blocked is worth its reduced cost. A **fact** comes from solving all tiers again with the limit moved
//! by a tenth of a percent point (a capacity by one percent), once each way: the model is piecewise linear
//! in its limits, and at a kink the two sides differ. Duals of later tiers are never used: the rows that
//! hold the tiers before them make them degenerate (2·10⁹ was measured where solving again gave −626 and
//! +580). Programs with binaries have no duals at all, so they have facts only.
//!
//! Nothing here names a rival or measures it. Reasons are codes and numbers of the pair's own firm; that a
//! lot is better served says in which tier, never by whom or by how much.

mod again;
mod prices;
mod why_not;
mod worth;

use crate::{
    Outcome,
    model::{Network, Rules, Standings, Warm, engine::Watch, tiers::Relaxed},
    problem::Problem,
    read::codes,
    solve::SolveError,
};

/// What to explain beside the awards.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Explain {
    /// Nothing.
    #[default]
    Nothing,
    /// Every binding limit, every gap and every pair.
    Everything,
    /// The limits, gaps and pairs of one supplier or consortium.
    Supplier(String),
}

impl Explain {
    fn covers(&self, supplier: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Supplier(id) => id == supplier,
        }
    }
}

/// What explanations start from.
struct Solved<'a> {
    network: &'a Network<'a>,
    standings: &'a Standings,
    rules: &'a Rules,
    relaxed: &'a Relaxed,
    /// The published awards, per offer.
    units: &'a [u64],
    /// Decimal places of the currency.
    places: u32,
}

/// Adds explanations to a result with awards, as far as time allows.
pub(crate) fn add(
    network: &Network<'_>,
    standings: &Standings,
    rules: &Rules,
    (relaxed, units): (&Relaxed, &[u64]),
    (explain, places, warm): (&Explain, u32, &mut Warm),
    outcome: &mut Outcome,
    watch: &mut Watch<'_>,
) -> Result<(), SolveError> {
    if *explain == Explain::Nothing {
        return Ok(());
    }
    watch.enter("explain");
    let solved = Solved { network, standings, rules, relaxed, units, places };
    // What needs no engine comes first, so that it never falls to the time limit.
    let mut prices = prices::estimates(&solved, explain);
    let mut worth = worth::estimates(&solved, explain);
    let (why_not, open) = why_not::reasons(&solved, explain);
    outcome.why_not = why_not;

    let nothing_to_solve = open.is_empty() && worth.is_empty() && prices.is_empty();
    let complete = nothing_to_solve
        || match again::Again::new(&solved, warm, watch)? {
            Some(mut again) => {
                why_not::decide(&solved, open, &mut outcome.why_not, &mut again)?
                    && worth::facts(&mut worth, &mut again)?
                    && prices::facts(&mut prices, &mut again)?
            }
            None => false,
        };
    outcome.prices = prices.into_iter().map(|priced| priced.price).collect();
    outcome.worth = worth;
    if !complete {
        outcome.warnings.push(incomplete());
    }
    Ok(())
}

fn incomplete() -> Problem {
    let codes::Code { code, action, .. } = codes::W2009;
    Problem {
        code: code.to_owned(),
        cause: "time ran out before everything was solved again: what is missing among the explanations was not reached"
            .to_owned(),
        action: action.to_owned(),
        file: String::new(),
        row: 0,
        column: "time_limit_seconds".to_owned(),
    }
}
