//! The instance: everything that the solver is told.
//!
//! Field names are those of the public format (`eslabon-instance/1`), in JSON and as column names.
//! Values that the format leaves out hold their defaults here, so that the model has no defaults of
//! its own. Every amount is in the instance's one currency; shares lie in 0…1.
//!
//! An [`Instance`] that came through [`crate::read`] is valid: ids are unique and refer to rows that
//! exist, tables are sorted by id, shares lie in 0…1.

use crate::Decimal;

/// One matching problem. Tables are sorted by their ids, so that equal instances are equal bytes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Instance {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// τ: the largest share of a supplier's sales that may come from one buyer group; `None`: no cap.
    pub dependency_cap: Option<Decimal>,
    /// What a supplier's dependency is measured against.
    pub dependency_base: DependencyBase,
    /// Amount by which the annual sales to one buyer group, existing and new, may exceed the cap.
    pub dependency_allowance: Decimal,
    /// A supplier already above its cap keeps what it has and can only get less dependent.
    pub no_worsening: bool,
    /// Largest buyer-HHI (0…10000) of a supplier's sales; `None`: no cap.
    pub hhi_cap: Option<Decimal>,
    /// Tiers, most important first.
    pub objectives: Vec<Objective>,
    /// Money for closing gaps: `None` = gaps stay open, 0 = only free gaps close.
    pub development_budget: Option<Decimal>,
    /// Awards are whole units in the model itself, not only when published.
    pub whole_units: bool,
    /// How long and how precisely to solve.
    pub limits: Limits,
    /// Lead firms.
    pub buyers: Vec<Buyer>,
    /// Suppliers.
    pub suppliers: Vec<Supplier>,
    /// Waivers and glide paths: a cap for one supplier and one buyer group.
    pub caps: Vec<Cap>,
    /// Existing annual sales per supplier and buyer group.
    pub sales: Vec<Sales>,
    /// What a supplier can make, per process.
    pub capacity: Vec<Capacity>,
    /// What lead firms need.
    pub lots: Vec<Lot>,
    /// Who may serve which lot, and how well.
    pub pairs: Vec<Pair>,
    /// What keeps suppliers from lots, and what closing it costs.
    pub gaps: Vec<Gap>,
    /// Suppliers that offer together.
    pub consortia: Vec<Consortium>,
    /// What people have decided already.
    pub decisions: Vec<Decision>,
}

/// The denominator of a supplier's dependency on a buyer group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DependencyBase {
    /// `projected`: annual sales plus all new annual awards of the supplier.
    #[default]
    Projected,
    /// `conservative`: annual sales only.
    Conservative,
}

/// One tier of the lexicographic objective.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Objective {
    /// What is optimised.
    pub tier: Tier,
    /// Share of this tier's best value that later tiers may give up, 0…1; for `spread`, which is a
    /// share itself, the amount by which it may rise.
    pub tolerance: Decimal,
}

/// What a tier optimises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// `coverage`: the most Σ weight · `reference_price` · quantity · x.
    Coverage,
    /// `fit`: the most Σ fit · `reference_price` · quantity · x.
    Fit,
    /// `cost`: the least Σ contract amounts + costs of closing gaps + set-up costs.
    Cost,
    /// `suppliers`: the most suppliers (members, not consortia) with at least one unit.
    Suppliers,
    /// `spread`: the smallest τ' that no cap in force needs to exceed.
    Spread,
}

impl Tier {
    /// The tier's name in instances and results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Fit => "fit",
            Self::Cost => "cost",
            Self::Suppliers => "suppliers",
            Self::Spread => "spread",
        }
    }
}

/// How long and how precisely to solve.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// Seconds for all tiers and the rounding.
    pub time_limit_seconds: Decimal,
    /// Relative gap at which an integer program counts as solved; exact linear programs ignore it.
    pub relative_gap: Decimal,
    /// Threads; 0 = all.
    pub threads: u32,
    /// Random seed of the engine.
    pub seed: u32,
    /// What solves; no part of the format, as it changes nothing about what is asked.
    pub engine: Engine,
}

/// What solves an instance.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Engine {
    /// The first-order engine for large linear programs, HiGHS for everything else.
    #[default]
    Auto,
    /// HiGHS: exact where the program is linear.
    Highs,
    /// The first-order engine wherever it can, to within `relative_gap`.
    FirstOrder,
}

/// The format's defaults.
impl Default for Limits {
    fn default() -> Self {
        Self {
            time_limit_seconds: Decimal::from(60),
            relative_gap: Decimal::new(1, 4),
            threads: 0,
            seed: 0,
            engine: Engine::Auto,
        }
    }
}

/// A lead firm.
#[derive(Clone, PartialEq, Debug)]
pub struct Buyer {
    /// Unique among buyers.
    pub id: String,
    /// Buyers of one group are under common control and count as one.
    pub group: String,
    /// Largest sum of its contract amounts.
    pub budget: Option<Decimal>,
    /// Dual sourcing: one supplier's largest share of what this buyer awards in value.
    pub max_supplier_share: Decimal,
}

/// A supplier.
#[derive(Clone, PartialEq, Debug)]
pub struct Supplier {
    /// Unique among suppliers.
    pub id: String,
    /// Sales of the last 12 months; `None` = undisclosed.
    pub annual_sales: Option<Decimal>,
    /// Its own cap, in place of τ; also where there is no τ.
    pub dependency_cap: Option<Decimal>,
    /// The most lots that it may be awarded, alone or in consortia.
    pub max_awards: Option<u64>,
    /// Least sum of its contract amounts, if it gets anything.
    pub min_total: Decimal,
    /// Cost, once, if it gets anything.
    pub setup_cost: Decimal,
}

impl Supplier {
    /// A supplier with the format's defaults: sales undisclosed, no limits of its own.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            annual_sales: None,
            dependency_cap: None,
            max_awards: None,
            min_total: Decimal::default(),
            setup_cost: Decimal::default(),
        }
    }
}

/// A cap for one supplier and one buyer group: a waiver or a glide path.
#[derive(Clone, PartialEq, Debug)]
pub struct Cap {
    /// Supplier id.
    pub supplier: String,
    /// Buyer group.
    pub group: String,
    /// Replaces the supplier's own cap and τ.
    pub dependency_cap: Decimal,
}

/// Existing annual sales of a supplier to a buyer group, contained in its annual sales.
#[derive(Clone, PartialEq, Debug)]
pub struct Sales {
    /// Supplier id.
    pub supplier: String,
    /// Buyer group.
    pub group: String,
    /// Annual amount.
    pub amount: Decimal,
    /// The part of `amount` that lots of this instance replace.
    pub expiring: Decimal,
}

/// What a supplier can make of one process, in the process's own unit.
#[derive(Clone, PartialEq, Debug)]
pub struct Capacity {
    /// Supplier id.
    pub supplier: String,
    /// Process.
    pub process: String,
    /// Amount; a supplier without a row for a process is unlimited there.
    pub amount: Decimal,
}

/// A lot: a quantity of something that a buyer needs.
#[derive(Clone, PartialEq, Debug)]
pub struct Lot {
    /// Unique among lots.
    pub id: String,
    /// Buyer id.
    pub buyer: String,
    /// The process that it takes.
    pub process: String,
    /// Smallest awardable units, at least 1.
    pub quantity: u64,
    /// Per unit.
    pub reference_price: Decimal,
    /// Importance in the coverage tier.
    pub weight: Decimal,
    /// If it is awarded at all: the least number of suppliers, a consortium being one.
    pub min_suppliers: u64,
    /// The largest number of suppliers, a consortium being one.
    pub max_suppliers: Option<u64>,
    /// An awarded supplier's least share.
    pub min_share: Decimal,
    /// One supplier's largest share.
    pub max_share: Decimal,
    /// `false`: all or nothing, to one supplier.
    pub divisible: bool,
    /// Whether somebody must get at least a part.
    pub must_award: bool,
    /// Least share that must be awarded.
    pub min_coverage: Decimal,
    /// Length of the contract; annual amount = contract amount / years.
    pub years: Decimal,
    /// Months until deliveries start; a gap that takes longer to close cannot open a pair. `None`: no
    /// such limit.
    pub starts_in: Option<Decimal>,
}

impl Lot {
    /// A lot with the format's defaults: divisible, for a year, without limits.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        buyer: impl Into<String>,
        process: impl Into<String>,
        quantity: u64,
        reference_price: Decimal,
    ) -> Self {
        Self {
            id: id.into(),
            buyer: buyer.into(),
            process: process.into(),
            quantity,
            reference_price,
            weight: Decimal::ONE,
            min_suppliers: 0,
            max_suppliers: None,
            min_share: Decimal::default(),
            max_share: Decimal::ONE,
            divisible: true,
            must_award: false,
            min_coverage: Decimal::default(),
            years: Decimal::ONE,
            starts_in: None,
        }
    }
}

/// A supplier or consortium that may serve a lot.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// Supplier or consortium id.
    pub supplier: String,
    /// Lot id.
    pub lot: String,
    /// Price per unit.
    pub unit_price: Decimal,
    /// How well the supplier fits, 0…1.
    pub fit: Decimal,
    /// Capacity used per unit.
    pub load: Decimal,
    /// Largest share of the lot for this supplier (yellow suppliers).
    pub max_share: Decimal,
    /// Ids of the gaps that must all be closed first.
    pub blocked_by: Vec<String>,
}

impl Pair {
    /// A pair with the format's defaults: a perfect fit, one unit of capacity a unit, nothing in the way.
    #[must_use]
    pub fn new(supplier: impl Into<String>, lot: impl Into<String>, unit_price: Decimal) -> Self {
        Self {
            supplier: supplier.into(),
            lot: lot.into(),
            unit_price,
            fit: Decimal::ONE,
            load: Decimal::ONE,
            max_share: Decimal::ONE,
            blocked_by: Vec::new(),
        }
    }
}

/// A gap between what a supplier can do and what lots require.
#[derive(Clone, PartialEq, Debug)]
pub struct Gap {
    /// Unique among gaps.
    pub id: String,
    /// Supplier or consortium id.
    pub supplier: String,
    /// Cost of closing it, once, for all pairs that it blocks; `None`: nobody has said, so that no money closes it.
    /// What closing it would be worth can be asked all the same.
    pub cost: Option<Decimal>,
    /// Months that closing it takes.
    pub months: Decimal,
}

/// Suppliers that offer together. How a lot is split between them is part of the solution.
#[derive(Clone, PartialEq, Debug)]
pub struct Consortium {
    /// Unique among consortia and suppliers.
    pub id: String,
    /// Supplier ids, sorted.
    pub members: Vec<String>,
}

/// What people have decided about a pair. Fixed for a consortium, the split stays free; forbidden for
/// a supplier, its part in consortia is forbidden as well.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// Supplier or consortium id.
    pub supplier: String,
    /// Lot id.
    pub lot: String,
    /// The decision.
    pub ruling: Ruling,
}

/// A decision's content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ruling {
    /// `fixed`: exactly this many units.
    Fixed {
        /// Whole units of the lot.
        quantity: u64,
        /// The award may exceed the pair's `max_share`, nothing else.
        override_max_share: bool,
    },
    /// `forbidden`: nothing.
    Forbidden,
}
