//! Gaps: how far a supplier is from what a requirement demands.
//!
//! An analysis holds, for each criterion, what is demanded, what the supplier's counted answer says, the
//! gap between both in the criterion's own unit and as a share, and the priority of closing it:
//! criticality × share. What nobody has answered is *unknown*: neither met nor a gap of any size.
//!
//! **Groups.** Criteria without a group always count. Of the groups, one is enough: the analysis takes the
//! one that gives the better light, then the better fit; the lines of the others are shown and do not
//! count.
//!
//! **Fit** (0…1, the solver's `fit`) is the weighted mean of how far each counted criterion is fulfilled:
//! 1 − the gap as a share; an exigible criterion weighs 100, a desirable one its own weight. What is
//! unknown adds nothing, so that answering never lowers the fit and hiding an answer never raises it. A
//! requirement without criteria demands nothing: fit 1.
//!
//! **Light** (the practice of VDA 6.3: green awards freely, yellow a limited quantity with an improvement
//! plan, red nothing), by the programme's thresholds:
//! * *red*: no diagnostic that counts; or an answer below its question's minimum; or an exigible
//!   criterion of criticality 5 that is not shown to hold; or a fit below the yellow threshold;
//! * *green*: none of these, every exigible criterion is shown to hold, and the fit reaches the green
//!   threshold;
//! * *yellow*: the rest: open exigible criteria that a plan can close, or a fit between the thresholds.
//!
//! What an analysis depends on is the requirement, the diagnostic and the rules, so its hash changes
//! exactly when one of them does. The best peer, an anonymous figure from five other suppliers up, stands
//! beside it and is not hashed: that somebody else improved is no reason to sign again.
//!
//! What both sides agree on is a gap act ([`acts`]): an analysis with its disputes, its closing actions and its
//! [signatures](signing).

pub mod acts;
pub mod analysis;
pub mod api;
pub mod closing;
pub mod pages;
pub mod signing;
pub mod store;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access,
    diagnostics::{Answer, Provenance},
    foundation::{
        access::{ANYONE, Role},
        clock::Timestamp,
        figure::Figure,
        ids::{DiagnosticId, GapAnalysisId, OrganisationId, RequirementId},
        share::Share,
    },
    requirements::criteria::Criterion,
    words,
};

/// The lead firm, for its requirement, and the institution's officers.
const THOSE_WHO_COMPUTE: &[Role] = &[
    Role::LeadFirmMember,
    Role::LeadFirmAdministrator,
    Role::Officer,
    Role::Approver,
    Role::InstitutionAdministrator,
    Role::System,
];

access! {
    /// Compute the gaps of every supplier of the programme against a requirement.
    Compute = "gap_analyses.compute", THOSE_WHO_COMPUTE, &["published", "closed"];
    /// List the gap analyses of a requirement that one may see.
    List = "gap_analyses.list", ANYONE, &[];
    /// Look at a supplier's gap analysis for a requirement.
    Read = "gap_analyses.read", ANYONE, &[];
}

words! {
    /// The traffic light of a supplier for a requirement, the best first.
    #[schema(as = TrafficLight)]
    pub enum Light {
        /// Award freely.
        Green = "green",
        /// Award a limited quantity, with an improvement plan.
        Yellow = "yellow",
        /// No award.
        Red = "red",
    }
}

impl Light {
    /// The largest share of a lot that may be awarded, where the programme limits yellow to `yellow`.
    pub const fn max_share(self, yellow: Share) -> Share {
        match self {
            Self::Green => Share::ALL,
            Self::Yellow => yellow,
            Self::Red => Share::NONE,
        }
    }
}

words! {
    /// Why a light is not green.
    #[schema(as = LightReason)]
    pub enum Reason {
        /// Red: no diagnostic has been submitted.
        NoDiagnostic = "no_diagnostic",
        /// Red: the latest diagnostic is too old.
        DiagnosticExpired = "diagnostic_expired",
        /// Red: an answer lies below its question's minimum.
        KnockedOut = "knocked_out",
        /// Red: an exigible criterion of criticality 5 is not shown to hold.
        CriticalOpen = "critical_open",
        /// Red: the fit is below the yellow threshold.
        FitBelowYellow = "fit_below_yellow",
        /// Yellow: an exigible criterion is not shown to hold.
        MustOpen = "must_open",
        /// Yellow: the fit is below the green threshold.
        FitBelowGreen = "fit_below_green",
    }
}

words! {
    /// Whether a criterion holds.
    #[schema(as = CriterionOutcome)]
    pub enum Outcome {
        /// It holds.
        Met = "met",
        /// It does not.
        NotMet = "not_met",
        /// Nobody can tell.
        Unknown = "unknown",
    }
}

words! {
    /// Why nobody can tell.
    #[schema(as = GapUnknownBecause)]
    pub enum Unknown {
        /// There is no diagnostic that counts.
        NoDiagnostic = "no_diagnostic",
        /// The question has not been answered.
        NotAnswered = "not_answered",
        /// The supplier says that the question does not concern it: to be settled between both sides.
        NotApplicable = "not_applicable",
        /// The question is of another kind than the criterion.
        OtherKind = "other_kind",
    }
}

words! {
    /// What a gap is counted in.
    #[schema(as = GapUnit)]
    pub enum Unit {
        /// Yes or no: 1 when the answer is the other one.
        Answer = "answer",
        /// Levels.
        Level = "level",
        /// The question's own unit.
        Question = "question",
        /// 1 when there is no certificate in force.
        Certificate = "certificate",
        /// Days by which a certificate in force expires too early.
        Day = "day",
    }
}

/// A criterion and how the supplier stands to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = GapLine)]
pub struct Line {
    /// What is demanded.
    pub criterion: Criterion,
    /// Whether it counts: it has no group, or its group is the chosen one.
    pub counts: bool,
    /// Whether it holds.
    pub outcome: Outcome,
    /// Why nobody can tell, when nobody can.
    pub unknown: Option<Unknown>,
    /// The supplier's answer that counts.
    pub actual: Option<Answer>,
    /// Where that answer comes from.
    pub provenance: Option<Provenance>,
    /// The gap; none while it is unknown.
    pub gap: Option<Gap>,
}

/// How far a criterion is from being met.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// In its own unit; 0: met.
    pub amount: Figure,
    /// What that is counted in.
    pub unit: Unit,
    /// As a share, comparable between criteria: 0 met, 1 nothing of it there. For levels and numbers the
    /// gap over the larger of demanded and actual (so a minimum missed by half and a maximum exceeded
    /// twofold are both 0.5); 1 for a wrong answer or a missing certificate; for one that expires too
    /// early the missing days over 365, at most 1.
    pub share: Share,
    /// Criticality × share, 0…5.
    pub priority: Figure,
}

/// The analysis of a supplier against a requirement: what is hashed, and later signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = GapAnalysisContent)]
pub struct Analysis {
    /// The traffic light.
    pub light: Light,
    /// Why it is not green, the gravest first.
    pub reasons: Vec<Reason>,
    /// How far the counted criteria are fulfilled.
    pub fit: Share,
    /// The weight of the counted criteria of which something is known, over the weight of all.
    pub coverage: Share,
    /// The group that counts, when the criteria have groups.
    pub group: Option<String>,
    /// One line a criterion, in the requirement's order.
    pub lines: Vec<Line>,
}

/// An analysis as it is kept: the latest for a requirement and a supplier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GapAnalysis {
    /// Its id.
    pub id: GapAnalysisId,
    /// The requirement.
    pub requirement: RequirementId,
    /// The supplier.
    pub supplier: OrganisationId,
    /// The diagnostic on which it rests.
    pub diagnostic: Option<DiagnosticId>,
    /// What it says.
    pub analysis: Analysis,
    /// For each line the best answer of the other suppliers, where five or more have one.
    pub best_peers: Vec<Option<Answer>>,
    /// SHA-256 of the analysis in canonical JSON.
    pub hash: String,
    /// When it was computed.
    pub computed_at: Timestamp,
}

impl GapAnalysis {
    /// Grows with every computation.
    pub const fn version(&self) -> i64 {
        self.computed_at.micros()
    }
}
