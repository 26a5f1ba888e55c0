//! What a plan says, and what it must say before it is proposed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Grounds;
use crate::{
    foundation::{
        clock::Day,
        fields::{Fields, Input},
        figure::Figure,
        ids::PlanActionId,
        money::{Currency, Money},
        problem::FieldError,
    },
    gaps::{
        Analysis,
        closing::{Closing, NewClosing, Parts},
        signing::Party,
    },
    programmes::{Cofinancing, Programme},
    requirements::criteria::Criterion,
};

/// The most objectives of a plan.
pub const MOST_OBJECTIVES: usize = 50;
/// The most actions of a plan.
pub const MOST_ACTIONS: usize = 200;

/// What a plan says: this is signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Content {
    /// Grows when the plan is changed; a change that is taken back brings no signature back.
    pub edition: i32,
    /// The gap act on which it rests.
    pub grounds: Grounds,
    /// What is to be reached.
    pub objectives: Vec<Objective>,
    /// What is to be done.
    pub actions: Vec<Action>,
}

/// An agreed objective.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanObjective)]
pub struct Objective {
    /// What is measured.
    #[schema(example = "Entregas a tiempo")]
    pub indicator: String,
    /// In what; null where it is counted without a unit.
    #[schema(example = "%")]
    pub unit: Option<String>,
    /// Where it stands.
    pub baseline: Figure,
    /// Where it is to be.
    pub target: Figure,
    /// Until when.
    pub due_on: Day,
}

/// An action of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Action {
    /// Its id; stays when the plan is changed, so that progress goes on.
    pub id: PlanActionId,
    /// The criterion that it is to fulfil, as it was demanded; none: it serves the plan as a whole.
    pub criterion: Option<Criterion>,
    /// Who carries it out.
    pub owner: Party,
    /// What is to be done, for how much, in how many months, and who pays.
    #[serde(flatten)]
    pub closing: Closing,
    /// Until when.
    pub due_on: Day,
    /// What will show that it is done.
    pub evidence: Option<String>,
}

impl Content {
    /// What it costs together, by who pays.
    pub fn cost(&self, currency: Currency) -> Parts {
        let parts = self.actions.iter().map(Action::parts);
        parts.fold(Parts::none(currency), Parts::plus)
    }

    /// What is missing before both firms can be asked to sign: all of it, with pointers into the plan. Without an
    /// analysis that holds nobody can say which gaps are open.
    pub fn missing(&self, analysis: Option<&Analysis>, programme: &Programme, today: Day) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (list, is_empty) in
            [("/objectives", self.objectives.is_empty()), ("/actions", self.actions.is_empty())]
        {
            if is_empty {
                errors.push(FieldError::new(list, "required"));
            }
        }
        let objectives = self.objectives.iter().map(|objective| objective.due_on).enumerate();
        let actions = self.actions.iter().map(|action| action.due_on).enumerate();
        let dated = objectives.map(|(at, day)| (format!("/objectives/{at}/due_on"), day));
        for (pointer, day) in dated.chain(actions.map(|(at, day)| (format!("/actions/{at}/due_on"), day))) {
            if day < today {
                errors.push(FieldError::new(pointer, "in-the-past"));
            } else if day > programme.ends_on {
                errors.push(FieldError::new(pointer, "after-the-programme").with("last", programme.ends_on));
            }
        }
        for (at, objective) in self.objectives.iter().enumerate() {
            if objective.baseline == objective.target {
                errors.push(FieldError::new(format!("/objectives/{at}/target"), "objective-without-change"));
            }
        }
        let open = analysis.into_iter().flat_map(Analysis::open).filter(|criterion| !self.closes(criterion));
        errors.extend(open.map(|criterion| {
            FieldError::new("/actions", "gap-without-action").with("question", &criterion.question)
        }));
        errors
    }

    /// Whether an action is to fulfil the criterion.
    pub fn closes(&self, criterion: &Criterion) -> bool {
        self.actions.iter().any(|action| action.criterion.as_ref() == Some(criterion))
    }
}

impl Action {
    /// What each pays.
    pub fn parts(&self) -> Parts {
        self.closing.parts()
    }
}

impl Input for Objective {
    fn read(f: &mut Fields) -> Option<Self> {
        let (indicator, unit) = (f.text("indicator", 2..=200), f.optional_text("unit", 1..=40));
        let (baseline, target) = (f.required("baseline"), f.required("target"));
        let due_on = f.required("due_on");
        Some(Self {
            indicator: indicator?,
            unit: unit?,
            baseline: baseline?,
            target: target?,
            due_on: due_on?,
        })
    }
}

/// An action as it is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAction {
    /// The action that it replaces, whose progress goes on.
    pub id: Option<PlanActionId>,
    /// The question of the criterion that it is to fulfil.
    pub question: Option<String>,
    /// The group of that criterion, where the question stands in several.
    pub group: Option<String>,
    /// Who carries it out.
    pub owner: Party,
    /// What is to be done.
    pub closing: NewClosing,
    /// Until when.
    pub due_on: Day,
    /// What will show that it is done.
    pub evidence: Option<String>,
}

impl Input for NewAction {
    fn read(f: &mut Fields) -> Option<Self> {
        let (id, owner) = (f.optional("id"), f.required("owner"));
        let (question, group) = (f.optional_text("question", 1..=80), f.optional_text("group", 1..=40));
        let (closing, due_on) = (NewClosing::read(f), f.required("due_on"));
        let evidence = f.optional_text("evidence", 3..=500);
        Some(Self {
            id: id?,
            question: question?,
            group: group?,
            owner: owner?,
            closing: closing?,
            due_on: due_on?,
            evidence: evidence?,
        })
    }
}

/// What a plan is to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewContent {
    /// What is to be reached.
    pub objectives: Vec<Objective>,
    /// What is to be done.
    pub actions: Vec<NewAction>,
}

impl Input for NewContent {
    fn read(f: &mut Fields) -> Option<Self> {
        let (objectives, actions) = (f.list("objectives", MOST_OBJECTIVES), f.list("actions", MOST_ACTIONS));
        Some(Self { objectives: objectives?, actions: actions? })
    }
}

/// What new content is read against.
pub struct Against<'a> {
    /// What the requirement demands.
    pub criteria: &'a [Criterion],
    /// The programme's currency.
    pub currency: Currency,
    /// The split that holds where nobody states another.
    pub usual: Option<Cofinancing>,
    /// The actions that stood there before.
    pub before: &'a [Action],
}

impl NewContent {
    /// The content, with ids; every fault is noted with its pointer.
    ///
    /// # Errors
    /// The faults.
    pub fn settle(
        self,
        against: &Against<'_>,
        (edition, grounds): (i32, Grounds),
        new_id: impl Fn() -> PlanActionId,
    ) -> Result<Content, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut actions: Vec<Action> = Vec::with_capacity(self.actions.len());
        for (at, new) in self.actions.into_iter().enumerate() {
            let pointer = format!("/actions/{at}");
            let known = |id: &PlanActionId| against.before.iter().any(|action| action.id == *id);
            if new.id.is_some_and(|id| !known(&id)) {
                errors.push(FieldError::new(format!("{pointer}/id"), "no-such-action"));
            }
            if new.id.is_some_and(|id| actions.iter().any(|action| action.id == id)) {
                errors.push(FieldError::new(format!("{pointer}/id"), "action-named-twice"));
            }
            let criterion = new.question.as_ref().map(|question| {
                against.criteria.iter().find(|criterion| {
                    criterion.question == *question && (new.group.is_none() || criterion.group == new.group)
                })
            });
            if criterion == Some(None) {
                errors.push(FieldError::new(format!("{pointer}/question"), "no-such-criterion"));
            }
            let closing = new.closing.settle(&pointer, against.currency, against.usual, &mut errors);
            let Some(closing) = closing else { continue };
            actions.push(Action {
                id: new.id.unwrap_or_else(&new_id),
                criterion: criterion.flatten().cloned(),
                owner: new.owner,
                closing,
                due_on: new.due_on,
                evidence: new.evidence,
            });
        }
        if errors.is_empty() {
            Ok(Content { edition, grounds, objectives: self.objectives, actions })
        } else {
            Err(errors)
        }
    }
}

/// What closing a gap costs, for the solver: an action of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GapAction {
    /// The action.
    pub id: PlanActionId,
    /// The criterion that it fulfils.
    pub criterion: Criterion,
    /// What it costs in all.
    pub cost: Money,
    /// What the programme pays of that: what counts against its development budget.
    pub programme_cost: Money,
    /// Months that it takes.
    pub months: i64,
    /// Whether it has been carried out.
    pub is_done: bool,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        foundation::{
            ids::{GapActId, OrganisationId, ProgrammeId},
            zone::Zone,
        },
        programmes::{self, Rules},
    };

    #[test]
    fn what_is_to_be_reached_is_due_while_the_programme_lasts() {
        let day = |text: &str| -> Day { text.parse().unwrap() };
        let programme = Programme {
            id: ProgrammeId(Uuid::nil()),
            institution: OrganisationId(Uuid::nil()),
            name: String::new(),
            currency: "USD".parse().unwrap(),
            starts_on: day("2026-01-01"),
            ends_on: day("2026-12-31"),
            time_zone: Zone::default(),
            locality: String::new(),
            state: programmes::State::Open,
            rules: Rules::standard("USD".parse().unwrap()),
            rules_version: 1,
            version: 1,
        };
        let faults = |due_on: &str| -> Vec<&str> {
            let objective = Objective {
                indicator: "Entregas a tiempo".to_owned(),
                unit: None,
                baseline: Figure::ZERO,
                target: Figure::whole(1).unwrap(),
                due_on: day(due_on),
            };
            let grounds = Grounds { act: GapActId(Uuid::nil()), round: 1, hash: String::new() };
            let content = Content { edition: 1, grounds, objectives: vec![objective], actions: Vec::new() };
            let missing = content.missing(None, &programme, day("2026-03-02"));
            let dated = missing.iter().filter(|error| error.pointer == "/objectives/0/due_on");
            dated.map(|error| error.code).collect()
        };
        assert_eq!(faults("2026-03-01"), ["in-the-past"]);
        assert_eq!(faults("2026-03-02"), [""; 0]);
        assert_eq!(faults("2026-12-31"), [""; 0]);
        assert_eq!(faults("2027-01-01"), ["after-the-programme"]);
    }
}
