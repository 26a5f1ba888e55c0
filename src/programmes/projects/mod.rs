//! Projects: what becomes of awarded proposals, and how their funds are used.
//!
//! A project has the milestones of its proposal, in the proportion in which the grant was awarded. The executing
//! institution reports a milestone with its evidence, the coordinating body accepts it or sends it back, and then pays
//! what it is worth. What was paid is justified by expenses, each accepted or refused; by the rule of its call the next
//! payment waits until the one before is justified. A project is closed with a result for each of its goals once all is
//! paid and justified, or terminated before, and what it did not get is free again.
//!
//! **Invariant:** of a project, and of a programme with all of its projects, committed ≥ disbursed ≥ justified.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access,
    foundation::{
        access::{APPROVERS, INSTITUTION, OFFICERS},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        files::clean::MediaType,
        ids::{CallId, EvidenceId, ExpenseId, NetworkId, OrganisationId, ProgrammeId, ProjectId, ProposalId},
        money::Money,
        problem::FieldError,
    },
    moves,
    programmes::{
        calls::{proposals::Goal, results::ExpectedResult},
        governance::funds::positive,
    },
    words,
};

access! {
    /// List the projects that one may see.
    List = "projects.list", INSTITUTION, &[];
    /// Look at a project.
    Read = "projects.read", INSTITUTION, &[];
    /// Name the networks that a project runs.
    NameNetworks = "projects.name_networks", OFFICERS, &["active"];
    /// Add a file that shows how far a milestone is.
    AddEvidence = "milestones.add_evidence", OFFICERS, &["pending", "reported"];
    /// List the files of a project's milestones.
    ListEvidence = "milestones.list_evidence", INSTITUTION, &[];
    /// Get a file of a project's milestones.
    ReadEvidence = "milestones.read_evidence", INSTITUTION, &[];
    /// Report a milestone, with its evidence.
    Report = "milestones.report", OFFICERS, &["pending"];
    /// Send a reported milestone back, with a reason.
    SendBack = "milestones.send_back", OFFICERS, &["reported"], decides;
    /// Accept a reported milestone.
    Accept = "milestones.accept", OFFICERS, &["reported"], decides;
    /// Pay what an accepted milestone is worth.
    Disburse = "milestones.disburse", APPROVERS, &["accepted"], approves;
    /// State an expense that justifies what was paid for a milestone.
    StateExpense = "expenses.create", OFFICERS, &["disbursed"];
    /// List the expenses of a project.
    ListExpenses = "expenses.list", INSTITUTION, &[];
    /// Accept an expense, or refuse it.
    DecideExpense = "expenses.decide", OFFICERS, &["stated"], decides;
    /// Close a project with the results of its goals.
    Close = "projects.close", OFFICERS, &["active"], decides;
    /// Terminate a project before its end.
    Terminate = "projects.terminate", APPROVERS, &["active"], decides;
}

words! {
    /// How far a project is.
    #[schema(as = ProjectState)]
    pub enum State {
        /// It is carried out.
        Active = "active",
        /// It is over, with results.
        Closed = "closed",
        /// It was ended before.
        Terminated = "terminated",
    }
}

moves! {
    /// What happens to a project.
    pub enum Move of State {
        /// It names its networks.
        NameNetworks by NameNetworks: Active => Active;
        /// It is over.
        Close by Close: Active => Closed;
        /// It is ended before.
        Terminate by Terminate: Active => Terminated;
    }
}

words! {
    /// How far a milestone is.
    pub enum MilestoneState {
        /// It is to come, or was sent back.
        Pending = "pending",
        /// The executing institution says that it is there.
        Reported = "reported",
        /// The coordinating body agrees.
        Accepted = "accepted",
        /// It was paid.
        Disbursed = "disbursed",
    }
}

moves! {
    /// What happens to a milestone.
    pub enum MilestoneMove of MilestoneState {
        /// It is reported.
        Report by Report: Pending => Reported;
        /// It is sent back.
        SendBack by SendBack: Reported => Pending;
        /// It is accepted.
        Accept by Accept: Reported => Accepted;
        /// It is paid.
        Disburse by Disburse: Accepted => Disbursed;
    }
}

words! {
    /// How far an expense is.
    pub enum ExpenseState {
        /// The executing institution has stated it.
        Stated = "stated",
        /// It justifies what was paid.
        Accepted = "accepted",
        /// It does not.
        Refused = "refused",
    }
}

moves! {
    /// What happens to an expense.
    pub enum ExpenseMove of ExpenseState {
        /// It justifies what was paid.
        Accept by DecideExpense: Stated => Accepted;
        /// It does not.
        Refuse by DecideExpense: Stated => Refused;
    }
}

/// A project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// The proposal from which it came.
    pub proposal: ProposalId,
    /// The call.
    pub call: CallId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The institution that executes it.
    pub institution: OrganisationId,
    /// What it is called.
    pub title: String,
    /// How far it is.
    pub state: State,
    /// What it was awarded; once it is over, what it got.
    pub committed: Money,
    /// What was paid.
    pub disbursed: Money,
    /// What of that was justified.
    pub justified: Money,
    /// Whether a payment waits until the one before is justified.
    pub justify_first: bool,
    /// What it is for.
    pub goals: Vec<Goal>,
    /// What became of its goals.
    pub results: Vec<GoalResult>,
    /// The networks that it runs.
    pub networks: Vec<NetworkId>,
    /// Its milestones, in order.
    pub milestones: Vec<Milestone>,
    /// Why it was terminated.
    pub reason: Option<String>,
    /// Grows with every change.
    #[serde(skip)]
    pub version: i64,
}

/// A milestone of a project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = ProjectMilestone)]
pub struct Milestone {
    /// Its number, from 1.
    pub number: i32,
    /// What will be there.
    pub deliverable: String,
    /// Until when.
    pub due_on: Day,
    /// What is paid for it.
    pub amount: Money,
    /// What of that was justified.
    pub justified: Money,
    /// How far it is.
    pub state: MilestoneState,
    /// What was reported.
    pub report: Option<String>,
    /// Where the evidence is.
    pub evidence_link: Option<String>,
    /// When it was last reported.
    pub reported_at: Option<Timestamp>,
    /// Why it was last sent back.
    pub returned_because: Option<String>,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was paid.
    pub disbursed_at: Option<Timestamp>,
}

impl Project {
    /// The milestone of that number.
    pub fn milestone(&self, number: i32) -> Option<&Milestone> {
        self.milestones.iter().find(|one| one.number == number)
    }

    /// What was paid and is not justified yet, in minor units.
    pub const fn unjustified(&self) -> i64 {
        self.disbursed.minor - self.justified.minor
    }
}

/// What the executing institution says of a milestone.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewReport {
    /// What is there.
    #[schema(
        example = "Ocho diagnósticos terminados y devueltos a los talleres.",
        min_length = 10,
        max_length = 10_000
    )]
    pub report: String,
    /// Where the evidence is.
    #[schema(example = "https://corporacion.example/informes/hito-1.pdf", max_length = 1000)]
    pub evidence_link: Option<String>,
}

impl Input for NewReport {
    fn read(f: &mut Fields) -> Option<Self> {
        let report = f.text("report", 10..=10_000);
        let evidence_link = f.optional_text("evidence_link", 9..=1_000);
        let is_link = |text: &String| text.starts_with("https://") || text.starts_with("http://");
        if evidence_link.as_ref().and_then(Option::as_ref).is_some_and(|text| !is_link(text)) {
            f.fail("evidence_link", Fault::new("not-a-link"));
            return None;
        }
        Some(Self { report: report?, evidence_link: evidence_link? })
    }
}

/// A file that shows how far a milestone is. Files are added, never taken out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct MilestoneEvidence {
    /// Its id, and the name of its file.
    pub id: EvidenceId,
    /// The project.
    pub project: ProjectId,
    /// The milestone.
    pub milestone: i32,
    /// What its content is.
    pub media_type: MediaType,
    /// Bytes that are kept, after metadata were taken out.
    pub size: i64,
    /// Of what is kept, in hexadecimal.
    pub sha256: String,
    /// When it was added.
    pub added_at: Timestamp,
}

/// An expense to state.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewExpense {
    /// How much.
    pub amount: Money,
    /// When it was paid.
    pub spent_on: Day,
    /// The number of its invoice or receipt.
    #[schema(example = "Factura 4711", min_length = 1, max_length = 100)]
    pub document: String,
    /// What for.
    #[schema(example = "Honorarios de dos consultores de calidad, marzo", min_length = 3, max_length = 1000)]
    pub description: String,
}

impl Input for NewExpense {
    fn read(f: &mut Fields) -> Option<Self> {
        let (amount, spent_on) = (positive(f, "amount"), f.required("spent_on"));
        let (document, description) = (f.text("document", 1..=100), f.text("description", 3..=1_000));
        Some(Self { amount: amount?, spent_on: spent_on?, document: document?, description: description? })
    }
}

/// An expense of a project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = ProjectExpense)]
pub struct Expense {
    /// Its id.
    pub id: ExpenseId,
    /// The milestone whose payment it justifies.
    pub milestone: i32,
    /// How much.
    pub amount: Money,
    /// When it was paid.
    pub spent_on: Day,
    /// The number of its invoice or receipt.
    pub document: String,
    /// What for.
    pub description: String,
    /// How far it is.
    pub state: ExpenseState,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When it was stated.
    pub stated_at: Timestamp,
    /// When it was accepted or refused.
    pub decided_at: Option<Timestamp>,
}

words! {
    /// What becomes of an expense.
    pub enum ExpenseOutcome {
        /// It justifies what was paid.
        Accept = "accept",
        /// It does not.
        Refuse = "refuse",
    }
}

/// A decision about an expense.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewExpenseDecision {
    /// What becomes of it.
    pub outcome: ExpenseOutcome,
    /// Why; must be there for a refusal.
    #[schema(min_length = 10, max_length = 2000)]
    pub reason: Option<String>,
}

impl Input for NewExpenseDecision {
    fn read(f: &mut Fields) -> Option<Self> {
        let (outcome, reason) = (f.required("outcome"), f.optional_reason("reason"));
        if outcome == Some(ExpenseOutcome::Refuse) && reason == Some(None) {
            f.fail("reason", Fault::new("required"));
            return None;
        }
        Some(Self { outcome: outcome?, reason: reason? })
    }
}

words! {
    /// What became of a goal.
    pub enum Achievement {
        /// All of it.
        Achieved = "achieved",
        /// A part.
        Partly = "partly",
        /// Nothing.
        Missed = "missed",
        /// Nobody knows yet.
        Unknown = "unknown",
    }
}

/// What became of a goal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct GoalResult {
    /// The goal.
    pub result: ExpectedResult,
    /// What became of it.
    pub achievement: Achievement,
    /// What there is to say.
    #[schema(
        example = "Cinco de los seis talleres tienen el certificado.",
        min_length = 3,
        max_length = 2000
    )]
    pub note: String,
}

impl Input for GoalResult {
    fn read(f: &mut Fields) -> Option<Self> {
        let (result, achievement) = (f.required("result"), f.required("achievement"));
        let note = f.text("note", 3..=2_000);
        Some(Self { result: result?, achievement: achievement?, note: note? })
    }
}

/// The end of a project.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewClosing {
    /// One for each of its goals.
    #[schema(max_items = 12)]
    pub results: Vec<GoalResult>,
}

impl Input for NewClosing {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { results: f.list("results", ExpectedResult::ALL.len())? })
    }
}

impl NewClosing {
    /// What is missing, twice or no goal of the project.
    pub fn faults(&self, goals: &[Goal]) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (at, one) in self.results.iter().enumerate() {
            let pointer = format!("/results/{at}/result");
            if !goals.iter().any(|goal| goal.result == one.result) {
                faults.push(FieldError::new(pointer, "not-a-goal"));
            } else if self.results[..at].iter().any(|other| other.result == one.result) {
                faults.push(FieldError::new(pointer, "twice"));
            }
        }
        let missing = goals.iter().filter(|goal| !self.results.iter().any(|one| one.result == goal.result));
        let missing = missing.map(|goal| goal.result.word()).collect::<Vec<_>>().join(", ");
        if !missing.is_empty() {
            faults.push(FieldError::new("/results", "results-missing").with("missing", missing));
        }
        faults
    }
}

/// The networks that a project runs.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct RunNetworks {
    /// Networks of its programme.
    #[schema(max_items = 100)]
    pub networks: Vec<NetworkId>,
}

impl Input for RunNetworks {
    fn read(f: &mut Fields) -> Option<Self> {
        let networks: Vec<NetworkId> = f.values("networks", 100)?;
        let mut sound = true;
        for (at, one) in networks.iter().enumerate() {
            if networks[..at].contains(one) {
                f.fail_within("networks", &at.to_string(), Fault::new("twice"));
                sound = false;
            }
        }
        sound.then_some(Self { networks })
    }
}
