//! Evaluations of impact (*evaluación de impacto*), by whoever steers a programme.
//!
//! The strategic direction says what the programme has changed beside its baseline, and what of that is due to the
//! programme. The figures are not its own to write: those of the whole programme at that moment are taken down with it,
//! as they may be told then, so that fewer than five firms stand behind none. Without a single one there is nothing to
//! evaluate yet. An evaluation is recorded and not changed; another one may follow it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{figures::Withheld, rounds::Moment};
use crate::foundation::{
    clock::Timestamp,
    fields::{Fault, Fields, Input},
    ids::{AccountId, ImpactEvaluationId, OrganisationId, ProgrammeId},
};

/// An evaluation to record.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
#[schema(as = NewImpactEvaluation)]
pub struct NewEvaluation {
    /// The moment that is compared with the baseline.
    pub moment: Moment,
    /// What has changed.
    #[schema(min_length = 20, max_length = 10_000)]
    pub findings: String,
    /// What of it is due to the programme, what would have come without it, and how one knows.
    #[schema(min_length = 20, max_length = 10_000)]
    pub attribution: String,
    /// What should follow.
    #[schema(max_length = 10_000)]
    pub recommendations: Option<String>,
}

impl Input for NewEvaluation {
    fn read(f: &mut Fields) -> Option<Self> {
        let moment = f.required::<Moment>("moment");
        if moment == Some(Moment::Baseline) {
            f.fail("moment", Fault::new("baseline-beside-itself"));
        }
        let (findings, attribution) = (f.text("findings", 20..=10_000), f.text("attribution", 20..=10_000));
        let recommendations = f.optional_text("recommendations", 10..=10_000);
        Some(Self {
            moment: moment.filter(|moment| *moment != Moment::Baseline)?,
            findings: findings?,
            attribution: attribution?,
            recommendations: recommendations?,
        })
    }
}

/// An indicator of the whole programme as it was when the evaluation was recorded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ImpactFigure)]
pub struct Figure {
    /// The indicator.
    #[schema(example = "employment")]
    pub indicator: String,
    /// Its unit.
    pub unit: String,
    /// Why the figures are withheld; null: they are not.
    pub withheld: Option<Withheld>,
    /// Firms behind them, five at least; null where they are withheld.
    pub firms: Option<usize>,
    /// Mean at the baseline.
    pub mean_before: Option<String>,
    /// Mean at the moment.
    pub mean_after: Option<String>,
    /// Difference of the means, in the unit.
    pub change: Option<String>,
    /// The same in percent; null where the mean was 0.
    pub change_percent: Option<String>,
}

/// An evaluation of impact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = ImpactEvaluation)]
pub struct Evaluation {
    /// Its id.
    pub id: ImpactEvaluationId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The institution that steered it then.
    pub institution: OrganisationId,
    /// The moment that is compared with the baseline.
    pub moment: Moment,
    /// What has changed.
    pub findings: String,
    /// What of it is due to the programme, what would have come without it, and how one knows.
    pub attribution: String,
    /// What should follow.
    pub recommendations: Option<String>,
    /// The figures behind it, in the order of the catalogue.
    pub figures: Vec<Figure>,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Timestamp,
}
