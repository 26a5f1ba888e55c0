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
    /// Tiers, most important first.
    pub objectives: Vec<Objective>,
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
    /// Share of this tier's best value that later tiers may give up, 0…1.
    pub tolerance: Decimal,
}

/// What a tier optimises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// `coverage`: the most Σ weight · `reference_price` · quantity · x.
    Coverage,
    /// `fit`: the most Σ fit · `reference_price` · quantity · x.
    Fit,
    /// `cost`: the least Σ contract amounts.
    Cost,
}

impl Tier {
    /// The tier's name in instances and results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Fit => "fit",
            Self::Cost => "cost",
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
}

/// The format's defaults.
impl Default for Limits {
    fn default() -> Self {
        Self { time_limit_seconds: Decimal::from(60), relative_gap: Decimal::new(1, 4), threads: 0, seed: 0 }
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
    /// Its own cap, in place of τ.
    pub dependency_cap: Option<Decimal>,
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
    /// One supplier's largest share.
    pub max_share: Decimal,
    /// Least share that must be awarded.
    pub min_coverage: Decimal,
    /// Length of the contract; annual amount = contract amount / years.
    pub years: Decimal,
}

/// A supplier that may serve a lot.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// Supplier id.
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
}

/// What people have decided about a pair.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// Supplier id.
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
