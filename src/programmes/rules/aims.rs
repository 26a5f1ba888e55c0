//! What the solver aims at, in order.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    foundation::{
        fields::{Fault, Fields, Input},
        share::Share,
    },
    words,
};

/// How much of the best fit or cost the solver may give up for the aim after it. At 1 % of the fit, cost
/// fell by 1.7–3.3 % on random networks; at 0 by next to nothing.
pub const TOLERANCE: Share = Share::percent(1);

words! {
    /// An aim of the solver.
    pub enum Tier {
        /// Cover as much of the demand as possible.
        Coverage = "coverage",
        /// Give it to those who fit best.
        Fit = "fit",
        /// Spend as little as possible.
        Cost = "cost",
        /// Let as many suppliers as possible take part.
        Suppliers = "suppliers",
        /// Spread sales evenly.
        Spread = "spread",
    }
}

/// An aim, and the share of its best value that may be given up for the aims after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Objective {
    /// The aim.
    pub tier: Tier,
    /// Default 0 for coverage, else 0.01.
    pub tolerance: Share,
}

/// Coverage, then fit, then cost. Of the coverage nothing is given up.
pub fn standard() -> Vec<Objective> {
    [Tier::Coverage, Tier::Fit, Tier::Cost].map(Objective::new).to_vec()
}

impl Objective {
    const fn new(tier: Tier) -> Self {
        Self { tier, tolerance: if matches!(tier, Tier::Coverage) { Share::NONE } else { TOLERANCE } }
    }
}

impl Input for Objective {
    fn read(f: &mut Fields) -> Option<Self> {
        let tier = f.required::<Tier>("tier");
        let tolerance = f.optional("tolerance");
        let tier = tier?;
        Some(Self { tier, tolerance: tolerance?.unwrap_or(Self::new(tier).tolerance) })
    }
}

/// Reads the list; absent means the standard one. Coverage must be among the aims (without it, buying nothing
/// is the cheapest plan) and none stands twice.
pub(super) fn read(f: &mut Fields) -> Option<Vec<Objective>> {
    let aims: Vec<Objective> = f.list("objectives", Tier::ALL.len())?;
    if aims.is_empty() {
        return Some(standard());
    }
    let mut is_right = true;
    for (at, aim) in aims.iter().enumerate() {
        if aims[..at].iter().any(|earlier| earlier.tier == aim.tier) {
            f.fail_within("objectives", &format!("{at}/tier"), Fault::new("twice"));
            is_right = false;
        }
    }
    if !aims.iter().any(|aim| aim.tier == Tier::Coverage) {
        f.fail("objectives", Fault::new("objectives-without-coverage"));
        is_right = false;
    }
    is_right.then_some(aims)
}

/// Rules of before the list named the two tolerances alone.
pub(super) fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Objective>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        List(Vec<Objective>),
        Before { fit_tolerance: Share, cost_tolerance: Share },
    }
    Ok(match Stored::deserialize(deserializer)? {
        Stored::List(aims) => aims,
        Stored::Before { fit_tolerance, cost_tolerance } => vec![
            Objective::new(Tier::Coverage),
            Objective { tier: Tier::Fit, tolerance: fit_tolerance },
            Objective { tier: Tier::Cost, tolerance: cost_tolerance },
        ],
    })
}
