//! Improvement plans (*planes de mejora*): how a supplier's gaps are closed, by whom, until when, who pays.
//!
//! A plan is drawn up for a requirement and a supplier from an *agreed* gap act: [suggested](suggestion) with one
//! action for each gap, then written by any of the three parties. It has *objectives* (indicator, baseline,
//! target, date) and *actions* (owner, cost and who pays it, technical assistance by the lead firm, due date).
//! The institution *proposes* it to both firms: that is where the programme says that it can pay its share, so
//! what other suppliers' plans cost is shown to nobody else. Both firms sign; then it is agreed, carried out,
//! with progress and visits in a log that only grows, and completed or abandoned.
//!
//! **What both have signed is what stands there.** As with gap acts, a signature holds the hash of the content,
//! and every change takes the plan back to a draft. When the lead firm amends a criterion that an action is to
//! close, the plan is *void* until it is changed. A new diagnostic does not void a plan: that the supplier gets
//! better is what it is for.
//!
//! A yellow supplier is awarded nothing without an agreed plan that covers what is open today ([`store::condition`]); [`store::closing`] tells
//! the solver what opening a pair would cost, and the solver's answer ([`crate::gaps::store::worth`]) tells suggestions
//! which gap pays most.

pub mod api;
pub mod content;
pub mod pages;
pub mod store;
pub mod suggestion;
#[cfg(test)]
mod tests;

use crate::{
    access,
    foundation::{
        access::{ANYONE, FIRM_WRITERS, OFFICERS, Role},
        canonical,
        clock::{Day, Timestamp},
        fields::{Fields, Input},
        files::clean::MediaType,
        ids::{
            EvidenceId, GapActId, OrganisationId, PlanActionId, PlanEntryId, PlanId, ProgrammeId,
            RequirementId,
        },
        problem::Problem,
    },
    gaps::{
        Analysis,
        acts::PARTIES,
        signing::{Party, Side, Signature, holds},
    },
    requirements::criteria::Criterion,
    words,
};
use content::{Content, NewContent};

/// Those who visit a supplier: the institution's officers, and the lead firm's people who assist it.
pub const VISITORS: &[Role] = &[
    Role::LeadFirmMember,
    Role::LeadFirmAdministrator,
    Role::Officer,
    Role::Approver,
    Role::InstitutionAdministrator,
    Role::System,
];

access! {
    /// See what an improvement plan could be, from an agreed gap act.
    Suggest = "plans.suggest", ANYONE, &["agreed"];
    /// Draw up an improvement plan.
    Create = "plans.create", PARTIES, &["published", "closed"];
    /// List the improvement plans for a requirement that one may see.
    List = "plans.list", ANYONE, &[];
    /// Look at an improvement plan, its progress and its signatures.
    Read = "plans.read", ANYONE, &[];
    /// Change an improvement plan; both sides sign it anew.
    Change = "plans.change", PARTIES,
        &["draft", "proposed", "signed_by_supplier", "signed_by_lead_firm", "agreed", "void", "under_way"];
    /// Propose a plan to both firms, when the programme can pay its share.
    Propose = "plans.propose", OFFICERS, &["draft"], decides;
    /// Sign a plan for one's firm.
    Sign = "plans.sign", FIRM_WRITERS, &["proposed", "signed_by_supplier", "signed_by_lead_firm"];
    /// Begin to carry out an agreed plan.
    Start = "plans.start", PARTIES, &["agreed"];
    /// Write down how far an action is.
    RecordProgress = "plans.record_progress", PARTIES, &["under_way"];
    /// Add a file that shows how far an action is.
    AddEvidence = "plan_evidence.add", PARTIES, &["agreed", "under_way"];
    /// List the files that show how far a plan is.
    ListEvidence = "plan_evidence.list", ANYONE, &[];
    /// Get a file that shows how far an action is.
    ReadEvidence = "plan_evidence.read", ANYONE, &[];
    /// Write down a visit to the supplier.
    RecordVisit = "plans.record_visit", VISITORS, &["agreed", "under_way"];
    /// Complete a plan whose actions are all done.
    Complete = "plans.complete", OFFICERS, &["under_way"], decides;
    /// Abandon a plan, with a reason.
    Abandon = "plans.abandon", PARTIES,
        &["draft", "proposed", "signed_by_supplier", "signed_by_lead_firm", "agreed", "void", "under_way"];
}

words! {
    /// What somebody decided about a plan; what the signatures add is [`State`].
    pub enum Stage {
        /// It is being written.
        Draft = "draft",
        /// It stands before both firms.
        Proposed = "proposed",
        /// It is being carried out.
        UnderWay = "under_way",
        /// All is done.
        Completed = "completed",
        /// It was given up.
        Abandoned = "abandoned",
    }
}

words! {
    /// How far a plan is.
    #[schema(as = PlanState)]
    pub enum State {
        /// It is being written.
        Draft = "draft",
        /// It stands before both firms.
        Proposed = "proposed",
        /// The lead firm's signature is missing.
        SignedBySupplier = "signed_by_supplier",
        /// The supplier's signature is missing.
        SignedByLeadFirm = "signed_by_lead_firm",
        /// Both have signed.
        Agreed = "agreed",
        /// A criterion that it is to fulfil has been amended since.
        Void = "void",
        /// It is being carried out.
        UnderWay = "under_way",
        /// All is done.
        Completed = "completed",
        /// It was given up.
        Abandoned = "abandoned",
    }
}

/// What somebody does with a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move {
    /// The plan is rewritten.
    Change,
    /// The institution proposes it.
    Propose,
    /// The supplier signs.
    SupplierSigns,
    /// The lead firm signs.
    LeadFirmSigns,
    /// It is begun.
    Start,
    /// Progress is written down.
    Progress,
    /// A visit is written down.
    Visit,
    /// It is completed.
    Complete,
    /// It is given up.
    Abandon,
    /// A criterion is amended: nobody moves the plan, it is found so.
    Lapse,
}

impl Move {
    /// Every move.
    pub const ALL: [Self; 10] = [
        Self::Change,
        Self::Propose,
        Self::SupplierSigns,
        Self::LeadFirmSigns,
        Self::Start,
        Self::Progress,
        Self::Visit,
        Self::Complete,
        Self::Abandon,
        Self::Lapse,
    ];

    /// The state after the move, when it is legal.
    pub const fn from(self, state: State) -> Option<State> {
        use State::{
            Abandoned, Agreed, Completed, Draft, Proposed, SignedByLeadFirm, SignedBySupplier, UnderWay, Void,
        };
        match (self, state) {
            (_, Completed | Abandoned) => None,
            (Self::Change, _) => Some(Draft),
            (Self::Abandon, _) => Some(Abandoned),
            (Self::Propose, Draft) => Some(Proposed),
            (Self::SupplierSigns, Proposed) => Some(SignedBySupplier),
            (Self::LeadFirmSigns, Proposed) => Some(SignedByLeadFirm),
            (Self::SupplierSigns, SignedByLeadFirm)
            | (Self::LeadFirmSigns, SignedBySupplier)
            | (Self::Visit, Agreed) => Some(Agreed),
            (Self::Start, Agreed) | (Self::Progress | Self::Visit, UnderWay) => Some(UnderWay),
            (Self::Complete, UnderWay) => Some(Completed),
            (Self::Lapse, Proposed | SignedBySupplier | SignedByLeadFirm | Agreed | UnderWay | Void) => {
                Some(Void)
            }
            _ => None,
        }
    }

    /// The move by which a side signs.
    pub const fn signing(side: Side) -> Self {
        match side {
            Side::Supplier => Self::SupplierSigns,
            Side::LeadFirm => Self::LeadFirmSigns,
        }
    }
}

/// How far an action was on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Its id.
    pub id: PlanEntryId,
    /// The action.
    pub action: PlanActionId,
    /// How much of it was done, 0…100.
    pub percent: i32,
    /// On which day.
    pub as_of: Day,
    /// What was done.
    pub note: String,
    /// Where it can be seen: a file, a certificate's number, a minute.
    pub evidence: Option<String>,
    /// Who wrote it down.
    pub recorded_by: Party,
    /// When.
    pub recorded_at: Timestamp,
}

/// A file that shows how far an action is. Files are added, never taken out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// Its id, and the name of its file.
    pub id: EvidenceId,
    /// The plan.
    pub plan: PlanId,
    /// The action.
    pub action: PlanActionId,
    /// What its content is.
    pub media_type: MediaType,
    /// Bytes that are kept.
    pub size: i64,
    /// SHA-256 of what is kept, in hexadecimal.
    pub sha256: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// As what those take part who added it.
    pub added_by: Party,
}

/// A visit to the supplier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Its id.
    pub id: PlanEntryId,
    /// The day.
    pub visited_on: Day,
    /// What was seen and agreed.
    pub findings: String,
    /// When the next one is.
    pub next_on: Option<Day>,
    /// Who visited.
    pub recorded_by: Party,
    /// When it was written down.
    pub recorded_at: Timestamp,
}

/// An improvement plan, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The requirement for which the supplier is to get ready.
    pub requirement: RequirementId,
    /// The lead firm that posted it.
    pub lead_firm: OrganisationId,
    /// The supplier.
    pub supplier: OrganisationId,
    /// What somebody decided.
    pub stage: Stage,
    /// What it says.
    pub content: Content,
    /// The content as it was written, so that what was signed is hashed as it stood.
    pub sealed: serde_json::Value,
    /// Why it was abandoned.
    pub reason: Option<String>,
    /// How far its actions were, the oldest entry first.
    pub progress: Vec<Progress>,
    /// The visits, the oldest entry first.
    pub visits: Vec<Visit>,
    /// Every signature that was ever given, the oldest first.
    pub signatures: Vec<Signature>,
    /// When it was drawn up.
    pub created_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// SHA-256 of what is signed of a plan, its content as it was written.
///
/// # Errors
/// When it can't be written as JSON.
pub fn hash_of(id: PlanId, sealed: &serde_json::Value) -> Result<String, Problem> {
    Ok(canonical::hash(&serde_json::json!({ "plan": id, "content": sealed }))?)
}

impl Plan {
    /// SHA-256 of what is signed.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn hash(&self) -> Result<String, Problem> {
        hash_of(self.id, &self.sealed)
    }

    /// The criteria that its actions are to fulfil and that are demanded no longer as they were.
    pub fn amended<'a>(&'a self, demanded: &[Criterion]) -> Vec<&'a Criterion> {
        let criteria = self.content.actions.iter().filter_map(|action| action.criterion.as_ref());
        criteria.filter(|criterion| !demanded.contains(criterion)).collect()
    }

    /// What must be fulfilled, is not today, and no action of the plan is to fulfil: gaps that have opened since it
    /// was drawn up.
    pub fn uncovered<'a>(&self, today: &'a Analysis) -> Vec<&'a Criterion> {
        today.open().filter(|criterion| !self.content.closes(criterion)).collect()
    }

    /// How far the plan is, when the requirement demands these criteria.
    ///
    /// # Errors
    /// When it can't be hashed.
    pub fn state(&self, demanded: &[Criterion]) -> Result<State, Problem> {
        let lapsed = || !self.amended(demanded).is_empty();
        Ok(match self.stage {
            Stage::Draft => State::Draft,
            Stage::Completed => State::Completed,
            Stage::Abandoned => State::Abandoned,
            Stage::Proposed | Stage::UnderWay if lapsed() => State::Void,
            Stage::UnderWay => State::UnderWay,
            Stage::Proposed => {
                let hash = self.hash()?;
                let signed = |side| holds(&self.signatures, side, &hash);
                match (signed(Side::Supplier), signed(Side::LeadFirm)) {
                    (false, false) => State::Proposed,
                    (true, false) => State::SignedBySupplier,
                    (false, true) => State::SignedByLeadFirm,
                    (true, true) => State::Agreed,
                }
            }
        })
    }

    /// How much of an action is done, by its last entry.
    pub fn percent_of(&self, action: PlanActionId) -> i32 {
        self.progress.iter().rev().find(|entry| entry.action == action).map_or(0, |entry| entry.percent)
    }
}

/// A plan to draw up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPlan {
    /// None: the actor's own firm.
    pub supplier: Option<OrganisationId>,
    /// What it says.
    pub content: NewContent,
}

impl Input for NewPlan {
    fn read(f: &mut Fields) -> Option<Self> {
        let (supplier, content) = (f.optional("supplier"), NewContent::read(f));
        Some(Self { supplier: supplier?, content: content? })
    }
}

/// Progress to write down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProgress {
    /// The action.
    pub action: PlanActionId,
    /// How much of it is done, 0…100.
    pub percent: i64,
    /// On which day.
    pub as_of: Day,
    /// What was done.
    pub note: String,
    /// Where it can be seen.
    pub evidence: Option<String>,
}

impl Input for NewProgress {
    fn read(f: &mut Fields) -> Option<Self> {
        let (action, percent) = (f.required("action"), f.number("percent", 0..=100));
        let (as_of, note) = (f.required("as_of"), f.text("note", 3..=2_000));
        let evidence = f.optional_text("evidence", 3..=500);
        Some(Self { action: action?, percent: percent?, as_of: as_of?, note: note?, evidence: evidence? })
    }
}

/// A visit to write down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewVisit {
    /// The day.
    pub visited_on: Day,
    /// What was seen and agreed.
    pub findings: String,
    /// When the next one is.
    pub next_on: Option<Day>,
}

impl Input for NewVisit {
    fn read(f: &mut Fields) -> Option<Self> {
        let (visited_on, findings) = (f.required("visited_on"), f.text("findings", 10..=5_000));
        let next_on = f.optional("next_on");
        Some(Self { visited_on: visited_on?, findings: findings?, next_on: next_on? })
    }
}

/// The gap act from which a plan was drawn up, as it was agreed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = PlanGrounds)]
pub struct Grounds {
    /// The act.
    pub act: GapActId,
    /// Its round.
    pub round: i32,
    /// SHA-256 of what both sides signed.
    pub hash: String,
}
