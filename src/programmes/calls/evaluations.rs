//! Evaluations of proposals, and the ranking that follows.

use serde::Serialize;
use utoipa::ToSchema;

use super::criteria::{Points, Score, SelectionCriterion, Weighted};
use crate::foundation::{
    clock::Timestamp,
    fields::{Fault, Fields, Input},
    ids::{AccountId, EvaluationId, OrganisationId, ProposalId},
    money::Money,
    problem::FieldError,
};

/// An evaluation to hand in, as far as it can be read. It can't be changed afterwards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvaluation {
    /// One for each criterion of the call.
    pub scores: Vec<Score>,
    /// Anything else.
    pub comment: Option<String>,
    /// The criterion of each score that was written, also of those that are faulty.
    named: Vec<Option<SelectionCriterion>>,
    /// What is wrong without looking at the call.
    malformed: Vec<FieldError>,
}

/// An evaluation to hand in. It can't be changed afterwards.
#[derive(ToSchema)]
#[schema(as = NewEvaluation)]
#[expect(dead_code, reason = "describes what `NewEvaluation` reads")]
pub struct NewEvaluationJson {
    /// One for each criterion of the call.
    #[schema(max_items = 20)]
    scores: Vec<Score>,
    /// Anything else.
    #[schema(max_length = 5000)]
    comment: Option<String>,
}

/// A score as far as it can be read: what it is about counts, whatever else is wrong with it.
struct Written {
    criterion: Option<SelectionCriterion>,
    score: Option<Score>,
}

impl Input for Written {
    fn read(f: &mut Fields) -> Option<Self> {
        let (criterion, score) = (f.required("criterion"), f.number("score", 0..=100));
        let comment = f.text("comment", 3..=2_000);
        let whole = criterion.zip(score).zip(comment);
        let score = whole.map(|((criterion, score), comment)| Score { criterion, score, comment });
        Some(Self { criterion, score })
    }
}

impl Input for NewEvaluation {
    fn read(f: &mut Fields) -> Option<Self> {
        let (written, comment) = (f.list::<Written>("scores", 20), f.optional_text("comment", 1..=5_000));
        if written.as_ref().is_some_and(Vec::is_empty) {
            f.fail("scores", Fault::new("required"));
        }
        let written = written.unwrap_or_default();
        Some(Self {
            named: written.iter().map(|one| one.criterion).collect(),
            scores: written.into_iter().filter_map(|one| one.score).collect(),
            comment: comment.flatten(),
            malformed: f.set_aside(),
        })
    }
}

impl NewEvaluation {
    /// Everything that is wrong with it: what is malformed, and what is missing, twice or too much for the criteria of a
    /// call.
    pub fn faults(&self, criteria: &[Weighted]) -> Vec<FieldError> {
        let mut faults = self.malformed.clone();
        for (at, named) in self.named.iter().enumerate() {
            let Some(criterion) = *named else { continue };
            let pointer = format!("/scores/{at}/criterion");
            if !criteria.iter().any(|one| one.criterion == criterion) {
                faults.push(FieldError::new(pointer, "not-a-criterion-of-the-call"));
            } else if self.named[..at].contains(named) {
                faults.push(FieldError::new(pointer, "twice"));
            }
        }
        let missing = criteria
            .iter()
            .filter(|one| !self.named.contains(&Some(one.criterion)))
            .map(|one| one.criterion.word());
        let missing = missing.collect::<Vec<_>>().join(", ");
        // Where there are no scores at all that is said already.
        if !missing.is_empty() && !self.named.is_empty() {
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
