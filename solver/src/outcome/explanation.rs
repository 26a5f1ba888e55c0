//! Why a result is as it is: what rules cost, what gaps are worth, why a pair was not awarded.
//!
//! Data, not prose: codes and numbers that a caller puts into words, in its own language. Nothing here
//! names a rival or measures it.

use serde::{Deserialize, Serialize};

use super::RuleName;

/// What a binding limit costs: how each tier changes when it is moved a little and everything is
/// solved again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Price {
    /// `dependency` of a supplier and group, or `capacity` of a supplier and process.
    #[serde(flatten)]
    pub rule: RuleName,
    /// By how much the limit was moved, each way: percent points of a cap; percent of a capacity.
    pub step: String,
    /// What the first tier's dual says it would gain per percent point (percent) more, in its own unit;
    /// `None` where the model has binaries, whose duals mean nothing. An estimate, never a fact.
    pub estimate: Option<f64>,
    /// Every tier, in order, solved again.
    pub tiers: Vec<TierPrice>,
}

/// How one tier's model value changes with a limit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TierPrice {
    /// The tier's name.
    pub name: String,
    /// Change of the tier's value per percent point (percent) when the limit is tightened; `None` if
    /// that leaves no solution, or was not solved to the end.
    pub tighter: Option<f64>,
    /// The same when it is loosened.
    pub looser: Option<f64>,
}

/// What closing one gap would be worth.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Worth {
    /// Gap id.
    pub gap: String,
    /// The supplier or consortium that has it.
    pub supplier: String,
    /// What closing it costs; `None` where the instance does not say.
    pub cost: Option<String>,
    /// Lots whose pairs are blocked by this gap alone, or by it and closed ones.
    pub lots: Vec<String>,
    /// What current prices (reduced costs of the first tier) say that the pairs it opens would gain, at
    /// most; `None` where the model has binaries. An estimate, never a fact.
    pub estimate: Option<f64>,
    /// Change of every tier's value with the gap closed free of charge, all tiers solved again; empty
    /// where only the estimate was asked for.
    pub tiers: Vec<TierChange>,
}

/// By how much a tier's model value changes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TierChange {
    /// The tier's name.
    pub name: String,
    /// New value less old value.
    pub change: f64,
}

/// Why a pair got nothing, or not all of its lot.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WhyNot {
    /// Supplier or consortium id.
    pub supplier: String,
    /// Lot id.
    pub lot: String,
    /// Every reason that holds, most decisive first.
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Somebody forbade it.
    Forbidden,
    /// Gaps that stay open.
    Blocked {
        /// Their ids.
        gaps: Vec<String>,
    },
    /// A gap takes longer to close than the lot can wait.
    TooLate {
        /// Their ids.
        gaps: Vec<String>,
    },
    /// No capacity is left in the lot's process.
    Capacity {
        /// The process.
        process: String,
        /// Units of the lot that the capacity left over would make.
        units_left: u64,
    },
    /// The dependency cap leaves no room with this buyer group.
    Dependency {
        /// The group.
        group: String,
        /// The cap in force.
        cap: String,
        /// The supplier's dependency on the group with the published awards; `None` if undisclosed.
        after: Option<String>,
        /// Further annual amount that the cap would allow from this group alone, at the published
        /// awards.
        room: String,
    },
    /// The HHI cap leaves no room.
    Concentration {
        /// The cap in force for this supplier.
        cap: String,
        /// The HHI with the published awards.
        after: Option<String>,
    },
    /// Another rule stands in the way.
    Rule(RuleName),
    /// The lot is served in full at better value: a tier would lose.
    BetterServed {
        /// The first tier that would lose.
        tier: String,
    },
    /// The price is above the reference price.
    Price {
        /// Own price over the reference price.
        ratio: String,
    },
    /// Nothing stands in the way: as good as what was chosen.
    Tied,
}

impl Reason {
    /// The reason's code, as it stands in JSON.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Blocked { .. } => "blocked",
            Self::TooLate { .. } => "too_late",
            Self::Capacity { .. } => "capacity",
            Self::Dependency { .. } => "dependency",
            Self::Concentration { .. } => "concentration",
            Self::Rule(_) => "rule",
            Self::BetterServed { .. } => "better_served",
            Self::Price { .. } => "price",
            Self::Tied => "tied",
        }
    }
}

/// The least change of a rule that, with the others so changed, leaves a solution.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Relaxation {
    /// The rule.
    #[serde(flatten)]
    pub rule: RuleName,
    /// By how much its limit must move, in the rule's own unit: units of a lot, an amount, capacity.
    pub by: f64,
}
