//! Scenarios: what a run is asked for beside the snapshot, so that runs can be compared.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    foundation::{
        fields::{Fault, Fields, Input},
        ids::{LotId, NetworkId, OrganisationId},
        share::Share,
    },
    programmes::{Objective, Tier},
    words,
};

/// Which dependency cap a run is solved under.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RunCap)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// The programme's, with its waivers.
    #[default]
    Programme,
    /// Another one, for comparison; waivers hold.
    Instead(Share),
    /// None at all, for comparison.
    Without,
}

/// A cap of its own for one supplier and one lead firm's buyer group, for comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RunOwnCap)]
pub struct OwnCap {
    /// The supplier.
    pub supplier: OrganisationId,
    /// A lead firm of the group.
    pub lead_firm: OrganisationId,
    /// The cap.
    pub dependency_cap: Share,
}

words! {
    /// What is decided about a supplier and a lot.
    #[schema(as = RunRuling)]
    pub enum Ruling {
        /// The supplier gets so many units.
        Fixed = "fixed",
        /// The supplier gets nothing.
        Forbidden = "forbidden",
    }
}

words! {
    /// Where a decision comes from.
    #[schema(as = RunDecisionSource)]
    pub enum Source {
        /// Whoever asked for the run.
        Officer = "officer",
        /// A firm declined the match.
        Declined = "declined",
        /// The institution rejected the match.
        Rejected = "rejected",
        /// An order of the run's day would come after the lot's last day of delivery, by the offer's own lead time.
        LeadTime = "lead_time",
    }
}

/// A decision that the run takes as given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RunDecision)]
pub struct Decision {
    /// The supplier.
    pub supplier: OrganisationId,
    /// The lot.
    pub lot: LotId,
    /// What is decided.
    pub decision: Ruling,
    /// Units, where they are fixed.
    pub quantity: Option<i64>,
    /// Why.
    pub reason: String,
    /// Where it comes from.
    pub source: Source,
}

/// What a run is asked for beside the snapshot.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RunScenario)]
pub struct Scenario {
    /// The requirements of one network only.
    pub network: Option<NetworkId>,
    /// The cap.
    pub cap: Cap,
    /// Caps of their own.
    pub caps: Vec<OwnCap>,
    /// Other aims than the programme's.
    pub objectives: Option<Vec<Objective>>,
    /// Decisions that are taken as given.
    pub decisions: Vec<Decision>,
    /// Whether what firms declined and the institution rejected is among them.
    pub decisions_taken: bool,
}

impl Scenario {
    /// Adds decisions about pairs of which none has been told.
    pub fn decide_besides(&mut self, decisions: Vec<Decision>) {
        let told: BTreeSet<_> = self.decisions.iter().map(|told| (told.supplier, told.lot)).collect();
        let untold = decisions.into_iter().filter(|new| !told.contains(&(new.supplier, new.lot)));
        self.decisions.extend(untold);
    }

    /// Whether the bidder's own offer is what keeps it from the lot: it would deliver too late.
    pub fn is_too_late(&self, bidder: &str, lot: &str) -> bool {
        self.decisions.iter().any(|decision| {
            decision.source == Source::LeadTime
                && (decision.supplier.to_string().as_str(), decision.lot.to_string().as_str())
                    == (bidder, lot)
        })
    }
}

/// So many decisions and caps a scenario may have.
const MOST: usize = 1_000;

impl Input for Scenario {
    fn read(f: &mut Fields) -> Option<Self> {
        let network = f.optional("network");
        let (share, without) = (f.optional::<Share>("dependency_cap"), f.or("without_cap", false));
        let (caps, decisions) = (f.list("caps", MOST), f.list::<Decision>("decisions", MOST));
        let objectives = read_objectives(f);
        let decisions_taken = f.or("decisions_taken", false);
        let cap = match (share?, without?) {
            (Some(_), true) => {
                f.fail("without_cap", Fault::new("cap-and-without-cap"));
                None
            }
            (Some(share), false) => Some(Cap::Instead(share)),
            (None, true) => Some(Cap::Without),
            (None, false) => Some(Cap::Programme),
        };
        let decisions = decisions?;
        let mut told_once = true;
        for (at, decision) in decisions.iter().enumerate() {
            let pair = (decision.supplier, decision.lot);
            if decisions[..at].iter().any(|earlier| (earlier.supplier, earlier.lot) == pair) {
                f.fail_within("decisions", &at.to_string(), Fault::new("twice"));
                told_once = false;
            }
        }
        told_once.then_some(())?;
        Some(Self {
            network: network?,
            cap: cap?,
            caps: caps?,
            objectives: objectives.map(|aims| (!aims.is_empty()).then_some(aims))?,
            decisions,
            decisions_taken: decisions_taken?,
        })
    }
}

/// The aims; an empty list means the programme's.
fn read_objectives(f: &mut Fields) -> Option<Vec<Objective>> {
    let aims: Vec<Objective> = f.list("objectives", Tier::ALL.len())?;
    if aims.is_empty() {
        return Some(aims);
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

impl Input for OwnCap {
    fn read(f: &mut Fields) -> Option<Self> {
        let (supplier, lead_firm) = (f.required("supplier"), f.required("lead_firm"));
        let dependency_cap = f.required("dependency_cap");
        Some(Self { supplier: supplier?, lead_firm: lead_firm?, dependency_cap: dependency_cap? })
    }
}

impl Input for Decision {
    fn read(f: &mut Fields) -> Option<Self> {
        let (supplier, lot, decision) = (f.required("supplier"), f.required("lot"), f.required("decision"));
        let quantity = f.optional_number("quantity", 1..=1_000_000_000_000);
        let reason = f.reason();
        let (decision, quantity) = (decision?, quantity?);
        if (decision == Ruling::Fixed) != quantity.is_some() {
            let code = if quantity.is_none() { "required" } else { "quantity-of-nothing" };
            f.fail("quantity", Fault::new(code));
            return None;
        }
        let source = Source::Officer;
        Some(Self { supplier: supplier?, lot: lot?, decision, quantity, reason: reason?, source })
    }
}
