//! Networks of any size from a seed: for measuring, for comparing with other solvers, for trying out.
//!
//! [`generate`] draws an instance that looks like a supplier-development programme: many small suppliers
//! and few large ones, each good at one to three processes; lots whose value is skewed as well, priced
//! around the usual price of their process; sales that exist already, mostly to the buyers that a
//! supplier works for anyway; capacities in proportion to size. The same options give the same
//! instance on every machine: all draws are whole numbers from a generator of our own, and no
//! logarithm or other function that processors round differently takes part.
//!
//! # Families
//!
//! What makes an instance hard is how its rules meet, so each [`Family`] is a kind of meeting, with one
//! of the measurements in mind that solvers are compared by:
//!
//! | family | what it is like | what it measures |
//! |---|---|---|
//! | [`Tight`](Family::Tight) | demand near what suppliers sell in all; suppliers live from three home buyers, so that a good part of the cap rows binds | linear programs of 60,000 and 1,000,000 pairs |
//! | [`Slack`](Family::Slack) | little demand, spread at random over all suppliers: about one cap row in a hundred binds | linear programs up to 10,000,000 pairs |
//! | [`FewBuyers`](Family::FewBuyers) | at most three buyer groups: everybody depends on them | dense cap rows, monopsony |
//! | [`DominantBuyer`](Family::DominantBuyer) | one buyer asks for most, and suppliers already near or above the cap with it need other work to grow | the dilution of shares, `no_worsening` |
//! | [`Components`](Family::Components) | regions that have nothing to do with each other | solving components apart |
//! | [`RealLike`](Family::RealLike) | a programme as found: undisclosed sales, contracts over years, yellow suppliers, waivers, expiring sales, gaps with a budget, consortia | everything at once |
//! | [`Integer`](Family::Integer) | least awards, dual sourcing, caps and a development budget together, with supplier counts, indivisible lots and consortia | integer programs of 30 × 15 to 1,000 × 500 suppliers and lots |
//!
//! The first five are plain: their models are linear programs without any integer.
//!
//! # How the numbers hang together
//!
//! With R the annual sales of all suppliers and `tightness` κ in 0…1, the lots of a year are worth
//! (0.1 + 0.9·κ)·R, and the suppliers of a process together can make 4 − 2.8·κ times what is asked of it.

mod features;
mod firms;
mod lots;
mod offers;
mod plan;
pub(crate) mod random;

use crate::{
    Decimal, Instance,
    instance::{Limits, Objective, Tier},
};

use plan::Plan;

/// What to generate.
#[derive(Clone, PartialEq, Debug)]
pub struct Options {
    /// How many suppliers, at least 1.
    pub suppliers: usize,
    /// How many lots, at least 1.
    pub lots: usize,
    /// How many buyers, at least 1. Some families join some of them to groups.
    pub buyers: usize,
    /// How many suppliers may serve each lot, where so many make its process.
    pub pairs_per_lot: usize,
    /// κ in 0…1: how much is asked, and how little can be made; `None`: as is usual in the family.
    pub tightness: Option<f64>,
    /// The kind of network.
    pub family: Family,
    /// Another seed gives another network.
    pub seed: u64,
}

/// A kind of network; see the [module](self).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Family {
    /// `tight`: caps bind nearly everywhere.
    Tight,
    /// `slack`: caps hardly ever bind.
    Slack,
    /// `few_buyers`: at most three buyer groups.
    FewBuyers,
    /// `dominant_buyer`: one buyer with most of the demand.
    DominantBuyer,
    /// `components`: regions without any link.
    Components,
    /// `real_like`: a programme as found.
    RealLike,
    /// `integer`: rules that need integers, all together.
    Integer,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 7] = [
        Self::Tight,
        Self::Slack,
        Self::FewBuyers,
        Self::DominantBuyer,
        Self::Components,
        Self::RealLike,
        Self::Integer,
    ];

    /// The family's name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tight => "tight",
            Self::Slack => "slack",
            Self::FewBuyers => "few_buyers",
            Self::DominantBuyer => "dominant_buyer",
            Self::Components => "components",
            Self::RealLike => "real_like",
            Self::Integer => "integer",
        }
    }
}

/// Draws an instance: valid, with its tables sorted, under a cap of 30 %, in USD.
///
/// ```
/// use eslabon_solver::generate::{Family, Options, generate};
///
/// let options = Options {
///     suppliers: 30,
///     lots: 60,
///     buyers: 5,
///     pairs_per_lot: 8,
///     tightness: None,
///     family: Family::Tight,
///     seed: 1,
/// };
/// assert_eq!(generate(&options), generate(&options));
/// ```
#[must_use]
pub fn generate(options: &Options) -> Instance {
    let plan = Plan::new(options);
    let firms = firms::draw(&plan);
    let demand = lots::draw(&plan, &firms);
    let gaps = features::gaps(&plan, &firms);
    let mut instance = Instance {
        currency: "USD".to_owned(),
        dependency_cap: Some(Decimal::new(3, 1)),
        no_worsening: true,
        objectives: objectives(),
        limits: Limits::default(),
        buyers: firms.buyers_table(&plan),
        suppliers: firms.suppliers_table(&plan),
        sales: firms.sales_table(&plan),
        capacity: demand.capacity_table(&plan, &firms),
        pairs: offers::draw(&plan, &firms, &demand, &gaps),
        lots: demand.lots_table(&plan),
        ..Instance::default()
    };
    features::add(&plan, &firms, gaps, &mut instance);
    instance
}

/// The format's default: coverage, fit and cost.
fn objectives() -> Vec<Objective> {
    let one_percent = Decimal::new(1, 2);
    [(Tier::Coverage, Decimal::ZERO), (Tier::Fit, one_percent), (Tier::Cost, one_percent)]
        .map(|(tier, tolerance)| Objective { tier, tolerance })
        .to_vec()
}
