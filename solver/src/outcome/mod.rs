//! The result: what the solver answers, as it is printed, stored and checked.
//!
//! Field names are a public contract. Amounts and shares are texts: amounts in the instance's
//! currency, rounded half up to its minor unit; shares and model values as decimals. Every figure is
//! recomputed by the independent checker ([`crate::check`]) before a result leaves the crate.

pub mod comparison;
mod explanation;
pub mod reading;
pub mod tables;

use serde::{Deserialize, Serialize};

pub use comparison::{Comparison, compare};
pub use explanation::{Price, Reason, Relaxation, TierChange, TierPrice, WhyNot, Worth};

/// The answer to one [`crate::Instance`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// `"eslabon-result/1"`.
    pub format: String,
    /// How the solve ended.
    pub status: Status,
    /// The engine that ran, with its version.
    pub engine: String,
    /// SHA-256 of the canonical instance and options, hexadecimal.
    pub fingerprint: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Seconds per phase: the only part of a result that differs between equal runs.
    pub seconds: Vec<PhaseSeconds>,
    /// What was legal but odd in the instance (W codes).
    pub warnings: Vec<crate::problem::Problem>,
    /// What the independent checker said.
    pub checker: CheckerReport,
    /// One entry a tier, in order.
    pub tiers: Vec<TierOutcome>,
    /// Awards in whole units, by lot and supplier.
    pub awards: Vec<Award>,
    /// What nobody got, per lot with a rest.
    pub unmet: Vec<Unmet>,
    /// One entry per supplier and buyer group with sales or awards.
    pub dependency: Vec<Dependency>,
    /// One entry per supplier with disclosed sales or awards.
    #[serde(default)]
    pub hhi: Vec<Concentration>,
    /// How concentrated the awards of each process are: context, no rule.
    #[serde(default)]
    pub market: Vec<Market>,
    /// Gaps that the published awards need closed.
    #[serde(default)]
    pub development: Vec<Development>,
    /// What binding limits cost (on `--explain`).
    #[serde(default)]
    pub prices: Vec<Price>,
    /// What closing gaps would be worth (on `--explain`).
    #[serde(default)]
    pub worth: Vec<Worth>,
    /// Why pairs were not awarded (on `--explain`).
    #[serde(default)]
    pub why_not: Vec<WhyNot>,
    /// Why there are no awards, when the status is `infeasible` or `unpublishable`: the rules named.
    pub conflict: Vec<RuleName>,
    /// The least change of the rules in conflict that mends them, when the status is `infeasible`.
    #[serde(default)]
    pub relaxation: Vec<Relaxation>,
}

impl Outcome {
    /// A result with nothing in it, as if stopped at once.
    #[must_use]
    pub fn blank(currency: impl Into<String>) -> Self {
        Self {
            format: "eslabon-result/1".to_owned(),
            status: Status::Interrupted,
            engine: String::new(),
            fingerprint: String::new(),
            currency: currency.into(),
            seconds: Vec::new(),
            warnings: Vec::new(),
            checker: CheckerReport::default(),
            tiers: Vec::new(),
            awards: Vec::new(),
            unmet: Vec::new(),
            dependency: Vec::new(),
            hhi: Vec::new(),
            market: Vec::new(),
            development: Vec::new(),
            prices: Vec::new(),
            worth: Vec::new(),
            why_not: Vec::new(),
            conflict: Vec::new(),
            relaxation: Vec::new(),
        }
    }
}

/// How a solve ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every tier is solved within its gap.
    Optimal,
    /// Time ran out; the gaps are stated.
    Feasible,
    /// No assignment obeys the rules.
    Infeasible,
    /// Shares obey the rules, but no rounding to whole units keeps the fixed and minimum rules.
    Unpublishable,
    /// Stopped by the caller.
    Interrupted,
}

impl Status {
    /// The status as it stands in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::Feasible => "feasible",
            Self::Infeasible => "infeasible",
            Self::Unpublishable => "unpublishable",
            Self::Interrupted => "interrupted",
        }
    }

    /// The exit code of the command: 0 optimal or feasible, 3 infeasible or unpublishable, 4 stopped.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Optimal | Self::Feasible => 0,
            Self::Infeasible | Self::Unpublishable => 3,
            Self::Interrupted => 4,
        }
    }
}

/// Time spent in one phase.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PhaseSeconds {
    /// `build`, `coverage`, `fit`, `cost`, `publish`, `check`; `conflict` when infeasible.
    pub phase: String,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// The independent checker's verdict.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CheckerReport {
    /// Whether every rule and every figure held.
    pub passed: bool,
    /// Number of rules checked.
    pub rules: u64,
    /// Number of reported figures recomputed.
    pub figures: u64,
}

/// What one tier reached.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TierOutcome {
    /// `coverage`, `fit`, `cost`, `suppliers`, `spread`.
    pub name: String,
    /// Best value found in the model (awards as shares).
    pub value: f64,
    /// Proven bound of the model.
    pub bound: f64,
    /// |value − bound| / max(|value|, 1e-9).
    pub gap: f64,
    /// The same measure of the whole-unit awards, exact: an amount; a number for `suppliers`; a share
    /// with nine decimals for `spread`.
    pub published: String,
    /// What whole units lose against the model's value, in the tier's unit; negative where they gain
    /// by what a tolerance lets go.
    #[serde(default)]
    pub loss: f64,
}

/// One award.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Award {
    /// Supplier id: never a consortium, which has one award per member.
    pub supplier: String,
    /// Lot id.
    pub lot: String,
    /// The consortium through which it was won, if any.
    pub consortium: Option<String>,
    /// Whole units.
    pub quantity: u64,
    /// quantity / the lot's quantity, rounded half up to nine decimals.
    pub share: String,
    /// Contract total.
    pub amount: String,
    /// Contract total / years.
    pub annual_amount: String,
}

/// Units of a lot that nobody got.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unmet {
    /// Lot id.
    pub lot: String,
    /// Whole units.
    pub quantity: u64,
}

/// How much of a supplier's sales hang on one buyer group. Shares are decimals, rounded half up to
/// nine places; `None` where the supplier's sales are undisclosed or the share is 0/0.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dependency {
    /// Supplier id.
    pub supplier: String,
    /// Buyer group.
    pub group: String,
    /// The share today: existing sales over annual sales, before expiring ones are taken out.
    pub before: Option<String>,
    /// (E + A) / (R + N) of the published awards.
    pub after: Option<String>,
    /// The cap in force, if any.
    pub cap: Option<String>,
    /// Left side over right side of the cap's row, for the published awards; `None` without a cap
    /// or when the right side is 0.
    pub row_use: Option<String>,
    /// Whether the cap's row has no slack in the model (≤ 1e-6 of its scale).
    pub binding: bool,
}

/// How concentrated a supplier's sales are on its buyers: the Herfindahl–Hirschman index Σ share² of
/// the known buyer groups, 0…10000. Other sales count as atomised, so it reads "at least".
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Concentration {
    /// Supplier id.
    pub supplier: String,
    /// Today, expiring sales included, rounded half up to two decimals; `None` where undisclosed or 0/0.
    pub before: Option<String>,
    /// With the published awards, without what expires.
    pub after: Option<String>,
    /// The limit in force: the larger of `hhi_cap` and, with `no_worsening`, the HHI without awards and
    /// without what expires; `None` without a rule. Rounded half up to two decimals.
    pub cap: Option<String>,
}

/// How the awards of one process are distributed among suppliers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Market {
    /// The process.
    pub process: String,
    /// Sum of contract amounts.
    pub amount: String,
    /// Suppliers with awards.
    pub suppliers: u64,
    /// HHI of the suppliers' shares of that sum, 0…10000, two decimals; `None` if the sum is 0.
    pub hhi: Option<String>,
}

/// A gap that published awards need closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Development {
    /// Gap id.
    pub gap: String,
    /// The supplier or consortium that has it.
    pub supplier: String,
    /// What closing it costs.
    pub cost: String,
    /// Lots of awarded pairs that it blocked, in id order.
    pub opens: Vec<String>,
}

/// A rule of the model, named by what it is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct RuleName {
    /// One of [`RuleName::NAMES`].
    pub rule: String,
    /// The rows it is about: supplier, lot, process, buyer, group, gap — those that apply, as ids.
    pub subject: Vec<String>,
}

impl RuleName {
    /// Every rule of the model.
    pub const NAMES: [&'static str; 20] = [
        "demand",
        "min_coverage",
        "max_share",
        "min_share",
        "min_suppliers",
        "max_suppliers",
        "divisible",
        "must_award",
        // Alone or in a consortium, not both.
        "one_way",
        "max_awards",
        "min_total",
        "capacity",
        "budget",
        "max_supplier_share",
        "dependency",
        "hhi",
        "blocked",
        "development_budget",
        "fixed",
        "forbidden",
    ];
}
