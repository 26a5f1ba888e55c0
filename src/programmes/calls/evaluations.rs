//! Evaluations of proposals, and the ranking that follows.

use serde::Serialize;
use utoipa::ToSchema;

use super::criteria::{Points, Score, Weighted};
use crate::foundation::{
    clock::Timestamp,
    fields::{Fault, Fields, Input},
    ids::{AccountId, EvaluationId, OrganisationId, ProposalId},
    money::Money,
    problem::FieldError,
};

/// An evaluation to hand in. It can't be changed afterwards.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewEvaluation {
    /// One for each criterion of the call.
    #[schema(max_items = 20)]
    pub scores: Vec<Score>,
    /// Anything else.
    #[schema(max_length = 5000)]
    pub comment: Option<String>,
}

impl Input for NewEvaluation {
    fn read(f: &mut Fields) -> Option<Self> {
        let (scores, comment) = (f.list::<Score>("scores", 20), f.optional_text("comment", 1..=5_000));
        if scores.as_ref().is_some_and(Vec::is_empty) {
            f.fail("scores", Fault::new("required"));
            return None;
        }
        Some(Self { scores: scores?, comment: comment? })
    }
}

impl NewEvaluation {
    /// What is missing, twice or too much for the criteria of a call.
    pub fn faults(&self, criteria: &[Weighted]) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (at, score) in self.scores.iter().enumerate() {
            let pointer = format!("/scores/{at}/criterion");
            if !criteria.iter().any(|one| one.criterion == score.criterion) {
                faults.push(FieldError::new(pointer, "not-a-criterion-of-the-call"));
            } else if self.scores[..at].iter().any(|other| other.criterion == score.criterion) {
                faults.push(FieldError::new(pointer, "twice"));
            }
        }
        let missing = criteria
            .iter()
            .filter(|one| !self.scores.iter().any(|score| score.criterion == one.criterion))
            .map(|one| one.criterion.word());
        let missing = missing.collect::<Vec<_>>().join(", ");
        if !missing.is_empty() {
            faults.push(FieldError::new("/scores", "scores-missing").with("missing", missing));
        }
        faults
    }
}

/// An evaluation that was handed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evaluation {
    /// Its id.
    pub id: EvaluationId,
    /// The proposal.
    pub proposal: ProposalId,
    /// Who has evaluated; `None` for the institution that proposed.
    pub evaluator: Option<AccountId>,
    /// What they said to each criterion.
    pub scores: Vec<Score>,
    /// Anything else.
    pub comment: Option<String>,
    /// Their points, exact.
    pub points: Points,
    /// When it was handed in.
    pub handed_in_at: Timestamp,
}

/// A proposal in the ranking.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Ranked {
    /// Its place; null until all proposals are evaluated. Equals share one.
    pub place: Option<usize>,
    /// The proposal.
    pub proposal: ProposalId,
    /// The institution that proposes.
    pub institution: OrganisationId,
    /// What it is called.
    pub title: String,
    /// What it asks for.
    pub grant: Money,
    /// How many evaluations were handed in.
    pub evaluations: usize,
    /// Whether the evaluators are further apart than the call allows, so that a third one is needed.
    pub needs_third: bool,
    /// The mean of the evaluators' points, rounded half up; null until all proposals are evaluated.
    #[schema(example = "71.2500")]
    pub points: Option<String>,
    /// The same as an exact fraction.
    #[schema(example = "285/4")]
    pub points_exact: Option<String>,
    /// By how many points the evaluators differ; null until all proposals are evaluated.
    pub spread: Option<String>,
    /// Whether the funds suffice for it and all those before it.
    pub is_within_funds: Option<bool>,
    /// What it was awarded.
    pub awarded: Option<Money>,
}
