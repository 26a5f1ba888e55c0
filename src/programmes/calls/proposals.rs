//! Proposals: what an executing institution would do with which lead firm, for how much, by when, with what result.

use num_rational::BigRational;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Call, ChangeProposal, Confirm, Decide, Reopen, Submit, WithdrawCommitment, WithdrawProposal,
    results::{ExpectedResult, NetworkKind},
};
use crate::{
    foundation::{
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        ids::{AccountId, CallId, CommitmentId, OrganisationId, ProgrammeId, ProposalId},
        money::Money,
        problem::FieldError,
    },
    moves,
    programmes::{governance::funds::positive, networks},
    words,
};

words! {
    /// How far a proposal is.
    pub enum ProposalState {
        /// It is being written.
        Draft = "draft",
        /// It takes part in the call.
        Submitted = "submitted",
        /// Its institution has taken it back.
        Withdrawn = "withdrawn",
        /// It became a project.
        Awarded = "awarded",
        /// It did not.
        Rejected = "rejected",
    }
}

moves! {
    /// What happens to a proposal.
    pub enum ProposalMove of ProposalState {
        /// It is rewritten.
        Change by ChangeProposal: Draft => Draft;
        /// It takes part.
        Submit by Submit: Draft => Submitted;
        /// It is taken back to be rewritten, or a lead firm has withdrawn.
        Reopen by Reopen: Submitted => Draft;
        /// It takes part no more.
        Withdraw by WithdrawProposal: Draft => Withdrawn, Submitted => Withdrawn;
        /// It becomes a project.
        Award by Decide: Submitted => Awarded;
        /// It does not.
        Reject by Decide: Submitted => Rejected;
        /// An objection puts it before the decision again.
        Reconsider: Rejected => Submitted;
    }
}

words! {
    /// Who pays beside the programme.
    pub enum FundingSource {
        /// Lead firms, as they have confirmed.
        LeadFirm = "lead_firm",
        /// The suppliers that benefit.
        Suppliers = "suppliers",
        /// The institution that proposes.
        Institution = "institution",
        /// Somebody else.
        Other = "other",
    }
}

/// Co-financing from a source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ProposalCofinancing)]
pub struct Cofinancing {
    /// Who pays.
    pub source: FundingSource,
    /// How much.
    pub amount: Money,
    /// In what: money, hours, machines.
    pub note: Option<String>,
}

impl Input for Cofinancing {
    fn read(f: &mut Fields) -> Option<Self> {
        let (source, amount) = (f.required("source"), positive(f, "amount"));
        let note = f.optional_text("note", 1..=1_000);
        Some(Self { source: source?, amount: amount?, note: note? })
    }
}

/// A milestone: what will be there, until when, and what of the grant is paid for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct PlannedMilestone {
    /// What will be there.
    #[schema(example = "Ocho talleres diagnosticados", min_length = 3, max_length = 500)]
    pub deliverable: String,
    /// Until when.
    pub due_on: Day,
    /// What is paid for it.
    pub amount: Money,
}

impl Input for PlannedMilestone {
    fn read(f: &mut Fields) -> Option<Self> {
        let (deliverable, due_on) = (f.text("deliverable", 3..=500), f.required("due_on"));
        let amount = positive(f, "amount");
        Some(Self { deliverable: deliverable?, due_on: due_on?, amount: amount? })
    }
}

/// A goal: an expected result, and how one will know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Goal {
    /// Which result: one that occurs in vertical networks.
    pub result: ExpectedResult,
    /// How much of it.
    #[schema(example = "Seis talleres con ISO 9001", min_length = 3, max_length = 500)]
    pub target: String,
    /// How one will know.
    #[schema(example = "Certificados vigentes al cierre", min_length = 3, max_length = 500)]
    pub measure: String,
}

impl Input for Goal {
    fn read(f: &mut Fields) -> Option<Self> {
        let result = f.required::<ExpectedResult>("result");
        let (target, measure) = (f.text("target", 3..=500), f.text("measure", 3..=500));
        if result.is_some_and(|result| !result.kinds().contains(&NetworkKind::Vertical)) {
            f.fail("result", Fault::new("result-of-another-kind"));
            return None;
        }
        Some(Self { result: result?, target: target?, measure: measure? })
    }
}

/// What a proposal says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ProposalContent)]
pub struct Content {
    /// What it is called.
    #[schema(example = "Red de talleres de la cuenca del Ñuble", min_length = 3, max_length = 200)]
    pub title: String,
    /// What it is about.
    #[schema(min_length = 10, max_length = 10_000)]
    pub summary: String,
    /// Around lead firms, or of organised suppliers.
    pub model: networks::Model,
    /// What it asks of the programme.
    pub grant: Money,
    /// What others pay.
    pub cofinancing: Vec<Cofinancing>,
    /// What will be there when; their amounts sum to the grant.
    pub milestones: Vec<PlannedMilestone>,
    /// What it is for.
    pub goals: Vec<Goal>,
}

/// A proposal to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProposal {
    /// What it says.
    pub content: Content,
    /// The lead firms that are asked to commit themselves.
    pub lead_firms: Vec<OrganisationId>,
}

impl Input for NewProposal {
    fn read(f: &mut Fields) -> Option<Self> {
        let (title, summary) = (f.text("title", 3..=200), f.text("summary", 10..=10_000));
        let (model, grant) = (f.required("model"), positive(f, "grant"));
        let cofinancing = f.list("cofinancing", 50);
        let milestones = f.list("milestones", 50);
        let goals = f.list::<Goal>("goals", ExpectedResult::ALL.len());
        let lead_firms = f.values::<OrganisationId>("lead_firms", 20);
        let mut sound = true;
        for (at, goal) in goals.iter().flatten().enumerate() {
            let before = goals.iter().flatten().take(at);
            if before.into_iter().any(|other| other.result == goal.result) {
                f.fail_within("goals", &format!("{at}/result"), Fault::new("twice"));
                sound = false;
            }
        }
        for (at, firm) in lead_firms.iter().flatten().enumerate() {
            if lead_firms.iter().flatten().take(at).any(|other| other == firm) {
                f.fail_within("lead_firms", &at.to_string(), Fault::new("twice"));
                sound = false;
            }
        }
        sound.then_some(())?;
        let content = Content {
            title: title?,
            summary: summary?,
            model: model?,
            grant: grant?,
            cofinancing: cofinancing?,
            milestones: milestones?,
            goals: goals?,
        };
        Some(Self { content, lead_firms: lead_firms? })
    }
}

fn sum(amounts: impl Iterator<Item = Money>) -> i128 {
    amounts.map(|amount| i128::from(amount.minor)).sum()
}

impl Content {
    /// Every amount in it, with its place.
    pub fn amounts(&self) -> Vec<(String, Money)> {
        let cofinancing = self.cofinancing.iter().enumerate();
        let milestones = self.milestones.iter().enumerate();
        let mut amounts = vec![("/grant".to_owned(), self.grant)];
        amounts.extend(cofinancing.map(|(at, one)| (format!("/cofinancing/{at}/amount"), one.amount)));
        amounts.extend(milestones.map(|(at, one)| (format!("/milestones/{at}/amount"), one.amount)));
        amounts
    }

    /// What keeps it from being submitted to a call, with these commitments: all at once.
    pub fn faults(&self, call: &Call, commitments: &[Commitment]) -> Vec<FieldError> {
        let (mut faults, terms) = (Vec::new(), &call.terms);
        if self.grant.minor > terms.largest_grant.minor {
            let fault = FieldError::new("/grant", "grant-too-large").with("most", terms.largest_grant);
            faults.push(fault);
        }
        let others = sum(self.cofinancing.iter().map(|one| one.amount));
        let whole = others + i128::from(self.grant.minor);
        // Co-financing of the whole at least the share that the call asks for, exactly.
        if others * 1_000_000 < whole * i128::from(terms.min_cofinancing.ppm()) {
            let fault = FieldError::new("/cofinancing", "cofinancing-too-small");
            faults.push(fault.with("least", terms.min_cofinancing.to_percent()));
        }
        if sum(self.milestones.iter().map(|one| one.amount)) != i128::from(self.grant.minor) {
            faults.push(FieldError::new("/milestones", "milestones-not-the-grant").with("grant", self.grant));
        }
        if self.goals.is_empty() {
            faults.push(FieldError::new("/goals", "required"));
        }
        if self.model == networks::Model::LeadFirm && commitments.is_empty() {
            faults.push(FieldError::new("/lead_firms", "required"));
        }
        for (at, commitment) in commitments.iter().enumerate() {
            if commitment.state != CommitmentState::Confirmed {
                faults.push(FieldError::new(format!("/lead_firms/{at}"), "not-committed"));
            }
        }
        let confirmed = commitments.iter().filter_map(|one| one.cofinancing);
        let promised = self.cofinancing.iter().filter(|one| one.source == FundingSource::LeadFirm);
        let (promised, confirmed) = (sum(promised.map(|one| one.amount)), sum(confirmed));
        if promised > confirmed {
            faults.push(FieldError::new("/cofinancing", "more-than-committed"));
        }
        faults
    }

    /// The milestones' amounts when this much of the grant was awarded: each its part, the last one what is left, so
    /// that they sum to the award exactly.
    pub fn awarded_amounts(&self, awarded: Money) -> Vec<Money> {
        let (mut up_to, mut paid) = (0_i128, 0_i128);
        let mut amounts = Vec::new();
        for milestone in &self.milestones {
            up_to += i128::from(milestone.amount.minor);
            let share = BigRational::new(
                (up_to * i128::from(awarded.minor)).into(),
                i128::from(self.grant.minor).max(1).into(),
            );
            let due = i128::try_from(share.floor().to_integer()).unwrap_or(paid);
            let minor = i64::try_from(due - paid).unwrap_or_default();
            amounts.push(Money::new(minor, awarded.currency));
            paid = due;
        }
        amounts
    }
}

words! {
    /// How a lead firm stands to a proposal.
    pub enum CommitmentState {
        /// It is asked.
        Asked = "asked",
        /// It commits itself.
        Confirmed = "confirmed",
        /// It does not, or no more.
        Withdrawn = "withdrawn",
    }
}

moves! {
    /// What a lead firm does with a commitment, until the call closes.
    pub enum CommitmentMove of CommitmentState {
        /// It commits itself, or to something else.
        Confirm by Confirm: Asked => Confirmed, Confirmed => Confirmed, Withdrawn => Confirmed;
        /// It does not, or no more.
        Withdraw by WithdrawCommitment: Asked => Withdrawn, Confirmed => Withdrawn;
    }
}

/// What a lead firm commits itself to.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewCommitment {
    /// What it pays of the project; may be zero.
    pub cofinancing: Money,
    /// What it means to buy from the network's suppliers.
    #[schema(
        example = "Revestimientos y bujes por unos 180.000 USD al año, desde 2027.",
        min_length = 10,
        max_length = 2000
    )]
    pub purchase_intention: String,
}

impl Input for NewCommitment {
    fn read(f: &mut Fields) -> Option<Self> {
        let cofinancing = f.required("cofinancing");
        let purchase_intention = f.text("purchase_intention", 10..=2_000);
        Some(Self { cofinancing: cofinancing?, purchase_intention: purchase_intention? })
    }
}

/// A lead firm's commitment to a proposal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Commitment {
    /// Its id.
    pub id: CommitmentId,
    /// The proposal.
    pub proposal: ProposalId,
    /// What that is called.
    pub title: String,
    /// The institution that proposes.
    pub institution: OrganisationId,
    /// The call.
    pub call: CallId,
    /// Until when it can be confirmed or withdrawn.
    pub closes_at: Timestamp,
    /// The lead firm.
    pub lead_firm: OrganisationId,
    /// How the lead firm stands to it.
    pub state: CommitmentState,
    /// What it pays of the project.
    pub cofinancing: Option<Money>,
    /// What it means to buy.
    pub purchase_intention: Option<String>,
    /// When it last answered.
    pub answered_at: Option<Timestamp>,
    /// Grows with every change.
    #[serde(skip)]
    pub version: i64,
}

words! {
    /// What becomes of a proposal.
    #[schema(as = ProposalOutcome)]
    pub enum Outcome {
        /// It becomes a project.
        Award = "award",
        /// It does not.
        Reject = "reject",
    }
}

/// A decision about a proposal.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewDecision {
    /// What becomes of it.
    pub outcome: Outcome,
    /// What it is awarded, of what it asks for. Absent: all of it.
    pub amount: Option<Money>,
    /// Why: the institution that proposed reads it.
    #[schema(
        example = "Primera del orden de mérito, con compromiso de compra firme.",
        min_length = 10,
        max_length = 2000
    )]
    pub reason: String,
}

impl Input for NewDecision {
    fn read(f: &mut Fields) -> Option<Self> {
        let (outcome, reason) = (f.required("outcome"), f.reason());
        let amount = f.optional::<Money>("amount");
        if amount.flatten().is_some_and(|amount| amount.minor == 0) {
            f.fail("amount", Fault::new("zero"));
            return None;
        }
        if outcome == Some(Outcome::Reject) && amount.flatten().is_some() {
            f.fail("amount", Fault::new("amount-of-a-rejection"));
            return None;
        }
        Some(Self { outcome: outcome?, amount: amount?, reason: reason? })
    }
}

/// What was decided about a proposal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = ProposalDecision)]
pub struct Decision {
    /// What it was awarded.
    pub amount: Option<Money>,
    /// Why.
    pub reason: String,
    /// When.
    pub decided_at: Timestamp,
}

/// A proposal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// The call.
    pub call: CallId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The institution that proposes.
    pub institution: OrganisationId,
    /// How far it is.
    pub state: ProposalState,
    /// What it says.
    pub content: Content,
    /// How the lead firms stand to it.
    pub commitments: Vec<Commitment>,
    /// When it was last submitted.
    pub submitted_at: Option<Timestamp>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Who wrote it, and who submitted it.
    #[serde(skip)]
    pub authors: Vec<AccountId>,
    /// Grows with every change.
    #[serde(skip)]
    pub version: i64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        foundation::{figure::Figure, share::Share},
        programmes::calls::{State, Terms},
    };

    fn content(grant: i64, milestones: &[i64]) -> Content {
        let usd = |minor| Money::new(minor, "USD".parse().unwrap());
        let milestone = |minor: &i64| PlannedMilestone {
            deliverable: "Un taller diagnosticado".to_owned(),
            due_on: "2026-09-30".parse().unwrap(),
            amount: usd(*minor),
        };
        Content {
            title: "Red".to_owned(),
            summary: "Una red de talleres".to_owned(),
            model: networks::Model::LeadFirm,
            grant: usd(grant),
            cofinancing: Vec::new(),
            milestones: milestones.iter().map(milestone).collect(),
            goals: Vec::new(),
        }
    }

    proptest! {
        /// However much of a grant is awarded: its milestones sum to the award to the last cent, and none gets more than
        /// it was planned with, rounded up.
        #[test]
        fn milestones_sum_to_what_is_awarded(planned in prop::collection::vec(1_i64..1_000_000_000, 1..20), part in 1_i64..=1_000) {
            let grant: i64 = planned.iter().sum();
            let awarded = (grant / 1_000 * part).max(1);
            let amounts = content(grant, &planned).awarded_amounts(Money::new(awarded, "USD".parse().unwrap()));
            prop_assert_eq!(amounts.iter().map(|amount| amount.minor).sum::<i64>(), awarded);
            for (amount, planned) in amounts.iter().zip(&planned) {
                prop_assert!(amount.minor >= 0 && amount.minor <= planned + 1);
            }
        }
    }

    #[test]
    fn a_lead_firm_stands_behind_its_network_and_its_money() {
        let usd = |minor| Money::new(minor, "USD".parse().unwrap());
        let call = Call {
            id: CallId(Uuid::nil()),
            programme: ProgrammeId(Uuid::nil()),
            written: State::Open,
            terms: Terms {
                title: String::new(),
                description: String::new(),
                criteria: Vec::new(),
                min_cofinancing: Share::NONE,
                largest_grant: usd(1_000),
                spread_threshold: Figure::ZERO,
                justify_first: false,
            },
            funds: usd(10_000),
            committed: usd(0),
            opens_at: None,
            closes_at: Timestamp::from_micros(0),
            opened_at: None,
            reason: None,
            version: 1,
        };
        let asks_for_one = |model| {
            let faults = Content { model, ..content(1_000, &[1_000]) }.faults(&call, &[]);
            faults.iter().any(|fault| fault.pointer == "/lead_firms")
        };
        // What others pay, no lead firm has to confirm.
        let others = [FundingSource::Suppliers, FundingSource::LeadFirm].map(|source| {
            let cofinancing = vec![Cofinancing { source, amount: usd(1), note: None }];
            let faults = Content { cofinancing, ..content(1_000, &[1_000]) }.faults(&call, &[]);
            faults.iter().any(|fault| fault.code == "more-than-committed")
        });
        assert_eq!(others, [false, true]);
        for model in networks::Model::ALL {
            assert_eq!(asks_for_one(*model), *model == networks::Model::LeadFirm, "{model}");
        }
    }
}
