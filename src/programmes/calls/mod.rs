//! Calls for projects (*convocatorias*): a programme's funds, competed for in the open.
//!
//! The coordinating body writes a call: its funds, its rules, its criteria with weights, until when. Open, it stands
//! before the executing institutions of the programme, which write [proposals]: sealed until the call closes, by itself
//! and not before. Their lead firms commit themselves through their own accounts and can take that back until then.
//! Closed, two independent evaluators at least score each proposal ([criteria]), neither seeing the other's scores
//! before both have handed in; where they are further apart than the call allows, a third one is asked. Then scores are
//! final, the ranking shows, and each proposal is decided on with reasons, by somebody who has neither proposed nor
//! evaluated it ([eligibility]). Draft → open → closed → evaluated → decided; cancelled before it is evaluated.
//!
//! **Invariant:** while a call is open nobody but the institution that proposes sees a proposal (and its lead firms what
//! they are asked for): it is in no list, no count, no version and no error of anybody else.
//!
//! The coordinating body does not propose to its own calls.

pub mod criteria;
pub mod eligibility;
pub mod evaluations;
pub mod proposals;
pub mod results;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access,
    foundation::{
        access::{APPROVERS, INSTITUTION, LEAD_FIRM, LEAD_FIRM_WRITERS, OFFICERS},
        clock::Timestamp,
        closing::ClosingTime,
        fields::{Fault, Fields, Input},
        figure::Figure,
        ids::{AccountId, CallId, OrganisationId, ProgrammeId},
        money::{Currency, Money},
        share::Share,
    },
    moves,
    programmes::governance::funds::positive,
    words,
};
use criteria::Weighted;

access! {
    /// Write a call of a programme.
    Create = "calls.create", OFFICERS, &["draft", "open"];
    /// List the calls that one may see.
    List = "calls.list", INSTITUTION, &[];
    /// Look at a call.
    Read = "calls.read", INSTITUTION, &[];
    /// Rewrite a call.
    Change = "calls.change", OFFICERS, &["draft"];
    /// Open a call to the programme's executing institutions; its funds are reserved.
    Open = "calls.open", APPROVERS, &["draft"];
    /// Cancel a call, with a reason.
    Cancel = "calls.cancel", APPROVERS, &["draft", "open", "closed"];
    /// Say that the evaluations of a call are complete, so that it can be decided.
    FinishEvaluation = "calls.finish_evaluation", OFFICERS, &["closed"];
    /// See how the proposals of a call are ranked.
    ReadRanking = "calls.ranking", INSTITUTION, &["closed", "evaluated", "decided"];
    /// Appoint an evaluator to a call.
    AppointEvaluator = "evaluators.appoint", OFFICERS, &["draft", "open", "closed"];
    /// List the evaluators of a call.
    ListEvaluators = "evaluators.list", INSTITUTION, &[];
    /// Take an evaluator off a call who has handed nothing in.
    DismissEvaluator = "evaluators.dismiss", OFFICERS, &["draft", "open", "closed"];
    /// List what networks are expected to bring, by kind of network.
    ListResults = "expected_results.list", INSTITUTION, &[];
    /// Write a proposal to a call.
    Propose = "proposals.create", OFFICERS, &["open"];
    /// List the proposals to a call that one may see.
    ListProposals = "proposals.list", INSTITUTION, &[];
    /// Look at a proposal.
    ReadProposal = "proposals.read", INSTITUTION, &[];
    /// Rewrite a proposal.
    ChangeProposal = "proposals.change", OFFICERS, &["draft"];
    /// Submit a proposal.
    Submit = "proposals.submit", APPROVERS, &["draft"];
    /// Take a submitted proposal back to rewrite it.
    Reopen = "proposals.reopen", OFFICERS, &["submitted"];
    /// Withdraw a proposal.
    WithdrawProposal = "proposals.withdraw", APPROVERS, &["draft", "submitted"];
    /// Hand in one's evaluation of a proposal.
    Evaluate = "evaluations.create", OFFICERS, &["submitted"], decides;
    /// List the evaluations of a proposal that one may see.
    ListEvaluations = "evaluations.list", INSTITUTION, &[];
    /// Award a proposal, or reject it, with reasons.
    Decide = "proposals.decide", APPROVERS, &["submitted"], approves;
    /// List the commitments that one's lead firm is asked for.
    ListCommitments = "commitments.list", LEAD_FIRM, &[];
    /// Look at a commitment that one's lead firm is asked for.
    ReadCommitment = "commitments.read", LEAD_FIRM, &[];
    /// Commit one's lead firm to a proposal.
    Confirm = "commitments.confirm", LEAD_FIRM_WRITERS, &[];
    /// Refuse a commitment, or take it back.
    WithdrawCommitment = "commitments.withdraw", LEAD_FIRM_WRITERS, &["asked", "confirmed"];
}

words! {
    /// How far a call is.
    #[schema(as = CallState)]
    pub enum State {
        /// It is being written.
        Draft = "draft",
        /// Executing institutions see it and propose.
        Open = "open",
        /// Its time is over: proposals are evaluated.
        Closed = "closed",
        /// All proposals are evaluated, and can be decided on.
        Evaluated = "evaluated",
        /// All of them are decided on.
        Decided = "decided",
        /// It was cancelled.
        Cancelled = "cancelled",
    }
}

moves! {
    /// What happens to a call.
    pub enum Move of State {
        /// It is rewritten.
        Change by Change: Draft => Draft;
        /// Executing institutions see it.
        Open by Open: Draft => Open;
        /// Its time is over.
        Close: Open => Closed;
        /// All proposals are evaluated.
        FinishEvaluation by FinishEvaluation: Closed => Evaluated;
        /// The last proposal is decided on.
        Conclude: Evaluated => Decided;
        /// An objection puts a rejected proposal before the decision again.
        Reconsider: Decided => Evaluated;
        /// It is given up.
        Cancel by Cancel: Draft => Cancelled, Open => Cancelled, Closed => Cancelled;
    }
}

/// The rules of a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// By what proposals are judged; the weights sum to 100.
    pub criteria: Vec<Weighted>,
    /// The least share of a project's whole cost that others pay.
    pub min_cofinancing: Share,
    /// The largest grant of a project.
    pub largest_grant: Money,
    /// The points by which two evaluators may differ before a third one is asked.
    pub spread_threshold: Figure,
    /// Whether a disbursement waits until the one before is justified.
    pub justify_first: bool,
}

/// A call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// The programme.
    pub programme: ProgrammeId,
    /// How far it is, as it was written down: see [`Call::state`].
    pub written: State,
    /// Its rules.
    pub terms: Terms,
    /// What it may award in all.
    pub funds: Money,
    /// What it has awarded.
    pub committed: Money,
    /// From when proposals can be submitted; `None`: from when it is opened.
    pub opens_at: Option<Timestamp>,
    /// When it closes by itself.
    pub closes_at: Timestamp,
    /// When it was opened.
    pub opened_at: Option<Timestamp>,
    /// Why it was cancelled.
    pub reason: Option<String>,
    /// Grows with every change.
    pub version: i64,
}

impl Call {
    /// How far it is at that moment: what is open closes by itself.
    pub fn state(&self, at: Timestamp) -> State {
        if self.written == State::Open && self.closes_at <= at { State::Closed } else { self.written }
    }

    /// The currency of its amounts.
    pub const fn currency(&self) -> Currency {
        self.funds.currency
    }

    /// What it may still award.
    pub const fn left(&self) -> Money {
        Money::new(self.funds.minor - self.committed.minor, self.funds.currency)
    }
}

/// A call to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCall {
    /// What it may award in all.
    pub funds: Money,
    /// From when proposals can be submitted.
    pub opens_at: Option<ClosingTime>,
    /// When it closes by itself.
    pub closes_at: ClosingTime,
    /// Its rules.
    pub terms: Terms,
}

/// Points by which two evaluators may differ, unless a call says otherwise.
const SPREAD: i64 = 20;

impl Input for NewCall {
    fn read(f: &mut Fields) -> Option<Self> {
        let (title, description) = (f.text("title", 3..=200), f.text("description", 10..=20_000));
        let (funds, largest) = (positive(f, "funds"), f.optional::<Money>("largest_grant"));
        let (opens_at, closes_at) = (f.optional("opens_at"), f.required("closes_at"));
        let (criteria, min_cofinancing) = (criteria::read(f), f.or("min_cofinancing", Share::NONE));
        let threshold = f.or("spread_threshold", Figure::from_millionths(SPREAD * 1_000_000));
        let justify_first = f.or("justify_first", true);
        if let (Some(funds), Some(Some(largest))) = (funds, largest)
            && (largest.currency != funds.currency || largest.minor > funds.minor || largest.minor == 0)
        {
            f.fail("largest_grant", Fault("more-than-the-funds", vec![("most", funds.to_string())]));
            return None;
        }
        let funds = funds?;
        let terms = Terms {
            title: title?,
            description: description?,
            criteria: criteria?,
            min_cofinancing: min_cofinancing?,
            largest_grant: largest?.unwrap_or(funds),
            spread_threshold: threshold?,
            justify_first: justify_first?,
        };
        Some(Self { funds, opens_at: opens_at?, closes_at: closes_at?, terms })
    }
}

/// A person who evaluates.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewEvaluator {
    /// The person's e-mail address; they act for the institution of the actor, or else for their own.
    #[schema(example = "evaluadora@universidad.example", max_length = 254)]
    pub email: String,
}

impl Input for NewEvaluator {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { email: f.text("email", 3..=254)?.to_lowercase() })
    }
}

/// An evaluator of a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = CallEvaluator)]
pub struct Appointed {
    /// The person.
    pub account: AccountId,
    /// The institution for which they act.
    pub institution: OrganisationId,
    /// When they were appointed.
    pub appointed_at: Timestamp,
}
