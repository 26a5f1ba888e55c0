//! What has changed since an act was drawn up: the old and the new values, side by side.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Basis, Demanded};
use crate::{
    foundation::share::Share,
    gaps::{Analysis, Light, Line, Reason},
    words,
};

words! {
    /// What has changed.
    #[schema(as = GapActChange)]
    pub enum Cause {
        /// The lead firm amended the requirement.
        Requirement = "requirement",
        /// The supplier's diagnostic says otherwise, or has aged.
        Diagnostic = "diagnostic",
        /// The programme's rules give another verdict.
        Rules = "rules",
    }
}

/// What an act says and what would be said today.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = GapActDifference)]
pub struct Difference {
    /// What has changed, in this order.
    pub causes: Vec<Cause>,
    /// What is demanded beside the criteria, when that has changed.
    pub demanded: Option<BeforeAndNow<Demanded>>,
    /// The verdict, when that has changed.
    pub verdict: Option<BeforeAndNow<Verdict>>,
    /// The lines that have changed, come or gone.
    pub lines: Vec<LineChange>,
}

/// Before and now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct BeforeAndNow<T> {
    /// What the act says.
    pub before: T,
    /// What would be said today.
    pub now: T,
}

/// A line before and now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = GapLineChange)]
pub struct LineChange {
    /// The question of the criterion.
    pub question: String,
    /// What the act says; null: there was no such line.
    pub before: Option<Line>,
    /// What would be said today; null: there is no such line any more.
    pub now: Option<Line>,
}

/// What an analysis comes to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = GapVerdict)]
pub struct Verdict {
    /// The traffic light.
    pub light: Light,
    /// Why it is not green.
    pub reasons: Vec<Reason>,
    /// How far the counted criteria are fulfilled.
    pub fit: Share,
    /// Of how much something is known.
    pub coverage: Share,
    /// The group that counts.
    pub group: Option<String>,
}

impl From<&Analysis> for Verdict {
    fn from(analysis: &Analysis) -> Self {
        let Analysis { light, fit, coverage, .. } = *analysis;
        Self { light, reasons: analysis.reasons.clone(), fit, coverage, group: analysis.group.clone() }
    }
}

impl Difference {
    /// Between what an act rests on and today's basis; none when both say the same.
    pub fn between(before: &Basis, now: &Basis) -> Option<Self> {
        if before == now {
            return None;
        }
        let pair = |differs: bool| differs.then_some(());
        let demanded = pair(before.demanded != now.demanded)
            .map(|()| BeforeAndNow { before: before.demanded.clone(), now: now.demanded.clone() });
        let (was, is) = (Verdict::from(&before.analysis), Verdict::from(&now.analysis));
        let verdict = pair(was != is).map(|()| BeforeAndNow { before: was, now: is });
        let lines = line_changes(&before.analysis.lines, &now.analysis.lines);
        let causes = causes(before, now, demanded.is_some(), verdict.as_ref(), &lines);
        Some(Self { causes, demanded, verdict, lines })
    }
}

/// The lines are paired by question and group, those of the same in the order in which they stand.
fn line_changes(before: &[Line], now: &[Line]) -> Vec<LineChange> {
    let same = |one: &Line, other: &Line| {
        one.criterion.question == other.criterion.question && one.criterion.group == other.criterion.group
    };
    let mut left: Vec<Option<&Line>> = now.iter().map(Some).collect();
    let mut changes = Vec::new();
    for old in before {
        let partner = left.iter_mut().find(|line| line.is_some_and(|line| same(old, line)));
        let new = partner.and_then(Option::take);
        if new != Some(old) {
            let question = old.criterion.question.clone();
            changes.push(LineChange { question, before: Some(old.clone()), now: new.cloned() });
        }
    }
    changes.extend(left.into_iter().flatten().map(|new| LineChange {
        question: new.criterion.question.clone(),
        before: None,
        now: Some(new.clone()),
    }));
    changes
}

fn causes(
    before: &Basis,
    now: &Basis,
    demanded: bool,
    verdict: Option<&BeforeAndNow<Verdict>>,
    lines: &[LineChange],
) -> Vec<Cause> {
    let criteria = |basis: &Basis| -> Vec<_> {
        basis.analysis.lines.iter().map(|line| line.criterion.clone()).collect()
    };
    let amended = demanded || criteria(before) != criteria(now);
    let answered_otherwise = lines.iter().any(|change| match (&change.before, &change.now) {
        (Some(before), Some(now)) => {
            before.actual != now.actual
                || before.provenance != now.provenance
                || before.unknown != now.unknown
                // The same answer to the same criterion: a certificate has run out meanwhile.
                || (before.criterion == now.criterion && before.outcome != now.outcome)
        }
        _ => false,
    });
    let stands_otherwise = verdict.is_some_and(|pair| {
        let of_diagnostic = |verdict: &Verdict| {
            let about = [Reason::NoDiagnostic, Reason::DiagnosticExpired, Reason::KnockedOut];
            about.map(|reason| verdict.reasons.contains(&reason))
        };
        of_diagnostic(&pair.before) != of_diagnostic(&pair.now)
    });
    let diagnosed = answered_otherwise || stands_otherwise;
    // With the same criteria and the same answers only the thresholds can give another verdict.
    let ruled = verdict.is_some() && !amended && !diagnosed;
    [(amended, Cause::Requirement), (diagnosed, Cause::Diagnostic), (ruled, Cause::Rules)]
        .into_iter()
        .filter_map(|(holds, cause)| holds.then_some(cause))
        .collect()
}
