//! Matching: runs of the solver, from a snapshot to proposed matches.
//!
//! A *run* (*corrida*) freezes what a programme knows at one moment (rules, waivers, ledger, capacities,
//! offers, gaps) into an instance of the solver ([`snapshot`]), which never changes afterwards. A background
//! job solves it in a child process ([`jobs`]), so that a crash of the solver never touches the service.
//! Queued → running → finished | failed | cancelled; a queued run may also be cancelled at once.
//!
//! Each run is a [`Scenario`] on its snapshot: another cap, other aims, one network only, decisions that are
//! taken as given. What firms declined and the institution rejected can be among them, each with its reason,
//! so that a run starts from the decisions taken. Finished runs are compared side by side ([`comparison`]);
//! a supplier may ask why it got nothing of a lot, and learns about itself alone ([`why_not`]); a lead firm, what
//! stood in the way of its own lots ([`why_unmet`]). Every run asks the solver to explain itself: what binding
//! limits cost, what closing gaps is worth, why pairs got nothing. The institution sees all of it, a supplier what
//! is about itself ([`own_limits`]), and what a gap is worth orders the actions that plans are suggested with.
//!
//! An officer may *adopt* a finished run, once: each of its awards becomes a [`Match`], proposed by that
//! officer, which both firms and the institution then decide about (the stage `approvals`). The programme must be
//! open, its rules those under which the run was solved, and none of the lots under another run's undecided
//! proposals; or the officer says why the run *supersedes* these ([`Adopting`]): they are rejected with that reason,
//! answers of firms included, and forbid the pair to no later run. What is decided stays decided.
//!
//! **What is approved already.** An approved match is business that is certain, though no contract has
//! brought it into the ledger yet. For a run it counts as existing: the ledger's E and R become E + A and
//! R + N with the approved annual amounts A from the buyer group and N from everybody, of all programmes
//! ([`position::Position::committed`]); where the rules are conservative, R stays. Then a run does not
//! propose what an approval would refuse: while the approved position keeps its rule,
//! E + A − t·(R + N) ≤ max(allowance, E − t·R), so the row of the run is at least as strict as that of the
//! approval, which starts from the bare ledger. It is stricter in one case only: a supplier above its cap
//! that approved business with others has diluted since. (Where conservative E + A exceed R, the solver's
//! reader raises R with a warning; the approval decides.) Approved units are taken from the lots and from
//! the capacities as well.

pub mod api;
pub mod comparison;
pub mod jobs;
pub mod own_limits;
pub mod pages;
pub mod position;
pub mod scenario;
pub mod snapshot;
pub mod store;
#[cfg(test)]
mod tests;
pub mod unplanned;
pub mod why_not;
pub mod why_unmet;

use eslabon_solver::{Outcome, solve::Progress};
use num_rational::BigRational;
use uuid::Uuid;

use crate::{
    access,
    foundation::{
        access::{INSTITUTION, LEAD_FIRM, OFFICERS, Role, SUPPLIER},
        clock::Timestamp,
        fields::{Fields, Input},
        ids::{AccountId, LotId, MatchId, OrganisationId, ProgrammeId, RequirementId, RunId},
        money::{Money, UnitPrice},
    },
    moves,
    programmes::ExchangeRate,
    words,
};
pub use scenario::{Cap, Scenario};

access! {
    /// Run the solver on a programme.
    Create = "runs.create", OFFICERS, &["open"];
    /// Look at a run.
    Read = "runs.read", INSTITUTION, &[];
    /// List a programme's runs.
    List = "runs.list", INSTITUTION, &[];
    /// Follow a run's progress.
    Follow = "runs.follow", INSTITUTION, &[];
    /// Stop a run.
    Cancel = "runs.cancel", OFFICERS, &["queued", "running", "cancelled"];
    /// Propose a run's awards as matches, in place of other runs' undecided ones where that is asked for.
    Adopt = "runs.adopt", OFFICERS, &["finished"];
    /// Compare two runs of a programme.
    Compare = "runs.compare", INSTITUTION, &[];
    /// Ask what kept one's own firm from a lot.
    AskWhyNot = "lots.why_not", SUPPLIER, &[];
    /// Ask what stood in the way of a lot of one's own.
    AskWhyUnmet = "lots.why_unmet", LEAD_FIRM, &[];
    /// See what one's own limits cost and closing one's own gaps is worth.
    SeeOwnLimits = "programmes.own_limits", SUPPLIER, &[];
    /// Solve a run: the service's background job.
    Solve = "runs.solve", &[Role::System], &["queued", "running"];
}

words! {
    /// How far a run is.
    #[schema(as = RunState)]
    pub enum State {
        /// It waits for a worker.
        Queued = "queued",
        /// The solver works on it.
        Running = "running",
        /// The solver has answered: with awards, or with the reason why there are none.
        Finished = "finished",
        /// The solver did not answer.
        Failed = "failed",
        /// Somebody stopped it.
        Cancelled = "cancelled",
    }
}

moves! {
    /// What happens to a run.
    pub enum Move of State {
        /// A worker takes it up, or takes it over from one that died.
        Start by Solve: Queued => Running, Running => Running;
        /// Somebody asks to stop it: at once while it waits; asking again changes nothing.
        Cancel by Cancel: Queued => Cancelled, Running => Running, Cancelled => Cancelled;
        /// The solver has answered.
        Finish by Solve: Running => Finished;
        /// The solver did not answer, or no worker ever began.
        Fail by Solve: Queued => Failed, Running => Failed;
        /// The worker has stopped the solver.
        Stop by Solve: Queued => Cancelled, Running => Cancelled;
        /// Its awards become matches; that once.
        Adopt by Adopt: Finished => Finished;
    }
}

impl State {
    /// Whether the run has ended.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

words! {
    /// Why a run failed.
    pub enum Cause {
        /// The solver refused its instance.
        Refused = "instance_refused",
        /// The solver ended without an answer, time and again.
        Crashed = "solver_crashed",
        /// The service's workers died over it, time and again.
        WorkersDied = "workers_died",
    }
}

/// Why a run failed, with what the solver said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The kind of failure.
    pub cause: Cause,
    /// Details for whoever looks into it.
    pub detail: String,
}

/// A run of the solver.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The programme.
    pub programme: ProgrammeId,
    /// What its author calls it.
    pub name: String,
    /// How far it is.
    pub state: State,
    /// Who asked for it.
    pub requested_by: AccountId,
    /// The version of the programme's rules in the snapshot.
    pub rules_version: i64,
    /// What it was asked for beside the snapshot; `None` for runs from before scenarios were kept.
    pub scenario: Option<Scenario>,
    /// SHA-256 of the canonical snapshot.
    pub fingerprint: String,
    /// The rates with which figures in other currencies went into the snapshot, by currency.
    pub exchange_rates: Vec<ExchangeRate>,
    /// Where the solver stands, while it runs.
    pub progress: Option<Step>,
    /// Whether somebody has asked to stop it.
    pub cancel_requested: bool,
    /// The solver's answer, once finished.
    pub outcome: Option<Outcome>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// When its awards became matches.
    pub adopted_at: Option<Timestamp>,
    /// Who adopted it.
    pub adopted_by: Option<AccountId>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Grows with every change but progress.
    pub version: i64,
}

/// One report of the solver's progress.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// Grows with every report of a run, over all its attempts.
    pub sequence: i64,
    /// Where the solver stands.
    #[serde(flatten)]
    pub progress: Progress,
}

/// A run to start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRun {
    /// What to call it.
    pub name: String,
    /// What it is asked for beside the snapshot.
    pub scenario: Scenario,
}

/// What an officer may say with an adoption.
#[derive(Clone, PartialEq, Eq, Debug, utoipa::ToSchema)]
pub struct Adopting {
    /// Why the run's proposals take the place of other runs' undecided ones for the same lots; the firms read it.
    #[schema(example = "Se amplió la capacidad declarada.", min_length = 10, max_length = 2000)]
    pub supersede: Option<String>,
}

impl Input for Adopting {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { supersede: f.optional_reason("supersede")? })
    }
}

impl Input for NewRun {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, scenario) = (f.text("name", 1..=200), Scenario::read(f));
        Some(Self { name: name?, scenario: scenario? })
    }
}

words! {
    /// How far a match is.
    pub enum MatchState {
        /// Nobody has answered.
        Proposed = "proposed",
        /// The supplier has accepted, the lead firm has not answered.
        AcceptedBySupplier = "accepted_by_supplier",
        /// The lead firm has accepted, the supplier has not answered.
        AcceptedByLeadFirm = "accepted_by_lead_firm",
        /// Both have accepted.
        Accepted = "accepted",
        /// One of them has declined.
        Declined = "declined",
        /// The institution has approved.
        Approved = "approved",
        /// The institution has rejected.
        Rejected = "rejected",
    }
}

impl MatchState {
    /// Whether firms or the institution still have to answer.
    pub const fn is_undecided(self) -> bool {
        !matches!(self, Self::Declined | Self::Approved | Self::Rejected)
    }
}

/// A match (*emparejamiento*): an award on its way to approval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// Its id.
    pub id: MatchId,
    /// The run that proposed it.
    pub run: RunId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The requirement.
    pub requirement: RequirementId,
    /// The lot.
    pub lot: LotId,
    /// The buyer.
    pub lead_firm: OrganisationId,
    /// The supplier.
    pub supplier: OrganisationId,
    /// The consortium through which the supplier has won it, if any: its members' parts of a lot stand or
    /// fall together.
    pub consortium: Option<Uuid>,
    /// Whole units.
    pub quantity: i64,
    /// Price per unit.
    pub unit_price: UnitPrice,
    /// Length of the contract.
    pub years: i32,
    /// Contract total, rounded half up to the minor unit.
    pub amount: Money,
    /// Contract total / years, rounded half up to the minor unit.
    pub annual_amount: Money,
    /// How far it is.
    pub state: MatchState,
    /// Who adopted the run.
    pub proposed_by: AccountId,
    /// Who took the last decision about it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was declined or rejected.
    pub reason: Option<String>,
    /// The run whose proposals took its place while nobody had decided about it.
    pub superseded_by: Option<RunId>,
    /// Grows with every change.
    pub version: i64,
}

impl Match {
    /// Whether both are parts of what one consortium has won of a lot.
    pub fn is_won_with(&self, other: &Self) -> bool {
        self.consortium.is_some()
            && (self.run, self.lot, self.consortium) == (other.run, other.lot, other.consortium)
    }

    /// When the institution approved or rejected it, to which its firms may object. What firms themselves have declined,
    /// and what another run's proposals took the place of, the institution did not decide.
    pub fn decision(&self) -> Option<Timestamp> {
        let is_decided = matches!(self.state, MatchState::Rejected | MatchState::Approved);
        self.decided_at.filter(|_| is_decided && self.superseded_by.is_none())
    }

    /// The annual amount before any rounding, in the currency's main unit: what the rules are checked on.
    pub fn exact_annual_amount(&self) -> BigRational {
        let contract = BigRational::new(
            (i128::from(self.quantity) * i128::from(self.unit_price.0)).into(),
            1_000_000.into(),
        );
        contract / BigRational::from_integer(i64::from(self.years).into())
    }
}
