//! What a plan could be: one action for each gap of an agreed act, the most worthwhile first.
//!
//! A gap comes before another when the solver has found closing it worth more; among equals the one of the
//! higher priority (criticality × gap) comes first. What nobody can tell comes last: it is to be shown, not closed.
//! Costs, months and who pays come from the act's closing actions; where there is none they are to be filled in, and
//! the suggestion says so.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::{
    diagnostics::{
        self,
        instrument::{Form, asked_of_suppliers, for_kind},
    },
    foundation::{
        access::Kind,
        clock::Day,
        figure::Figure,
        i18n::Locale,
        money::{Currency, Money},
        share::Share,
    },
    gaps::{Line, Outcome, acts::Act, closing::Closing, signing::Party},
    programmes::Cofinancing,
    requirements::criteria::{Bounds, Criterion, Demand},
};

use super::content::Objective;

/// The months that closing a gap is taken to need where nobody has said: a quarter.
pub const USUAL_MONTHS: i64 = 3;

/// A suggested action, and why it stands where it does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggested {
    /// The criterion that it would fulfil.
    pub criterion: Criterion,
    /// Whether it holds today; what nobody can tell is to be shown.
    pub outcome: Outcome,
    /// Criticality × gap; none while nobody can tell.
    pub priority: Option<Figure>,
    /// What the solver found closing it worth.
    pub worth: Option<Money>,
    /// Who would carry it out.
    pub owner: Party,
    /// What is to be done.
    pub closing: Closing,
    /// Whether cost and months come from the act; else they are to be filled in.
    pub is_costed: bool,
    /// Until when.
    pub due_on: Day,
}

/// A suggested plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// One for each gap that is counted in levels or numbers.
    pub objectives: Vec<Objective>,
    /// One for each gap.
    pub actions: Vec<Suggested>,
}

/// What a suggestion is made with.
pub struct Making<'a> {
    /// What the solver found closing each question's gap worth.
    pub worths: &'a BTreeMap<String, Money>,
    /// The programme's currency.
    pub currency: Currency,
    /// The split that holds where nobody states another; else the supplier pays.
    pub usual: Option<Cofinancing>,
    /// The programme's last day.
    pub last: Day,
    /// Today.
    pub today: Day,
    /// In which language.
    pub locale: Locale,
}

/// The plan that an act suggests.
pub fn suggest(act: &Act, making: &Making<'_>) -> Suggestion {
    let lines = act.basis.analysis.lines.iter().enumerate();
    let open = lines.filter(|(_, line)| line.counts && line.outcome != Outcome::Met);
    let mut actions: Vec<_> = open.map(|(at, line)| making.action(act, at, line)).collect();
    // Stable, so that the requirement's order decides among equals.
    actions.sort_by_key(|action| {
        let worth = action.worth.map_or(0, |worth| worth.minor);
        (action.outcome == Outcome::Unknown, Reverse(worth), Reverse(action.priority))
    });
    let objectives = actions.iter().filter_map(|action| {
        let line = act.basis.analysis.lines.iter().find(|line| line.criterion == action.criterion)?;
        objective(line, action.due_on, making.locale)
    });
    Suggestion { objectives: objectives.collect(), actions }
}

impl Making<'_> {
    fn action(&self, act: &Act, at: usize, line: &Line) -> Suggested {
        let planned =
            act.actions.iter().find(|action| action.line == at).map(|action| action.closing.clone());
        let is_costed = planned.is_some();
        let closing = planned.unwrap_or_else(|| self.to_fill_in(line));
        let due_on = self.today.plus_days(closing.months.max(1) * 30).min(self.last);
        Suggested {
            criterion: line.criterion.clone(),
            outcome: line.outcome,
            priority: line.gap.map(|gap| gap.priority),
            worth: self.worths.get(&line.criterion.question).copied(),
            owner: Party::Supplier,
            closing,
            is_costed,
            due_on,
        }
    }

    fn to_fill_in(&self, line: &Line) -> Closing {
        let question = [("question", asked_of_suppliers(&line.criterion.question, self.locale))];
        let description = if line.outcome == Outcome::Unknown {
            self.locale.text_with("plan-show", &question)
        } else {
            self.locale.text_with("plan-close", &question)
        };
        let own = Cofinancing { programme: Share::NONE, lead_firm: Share::NONE, supplier: Share::ALL };
        Closing {
            description,
            cost: Money::new(0, self.currency),
            months: USUAL_MONTHS,
            split: self.usual.unwrap_or(own),
            technical_assistance: None,
        }
    }
}

/// From where to where, when the criterion is counted in levels or numbers and answered.
fn objective(line: &Line, due_on: Day, locale: Locale) -> Option<Objective> {
    let (baseline, target) = match (&line.criterion.demand, line.actual?) {
        (Demand::Level { minimum }, diagnostics::Answer::Level(level)) => {
            (Figure::whole(level.into())?, Figure::whole(*minimum)?)
        }
        (Demand::Number(bounds), diagnostics::Answer::Number(actual)) => (actual, nearest(bounds, actual)?),
        _ => return None,
    };
    let unit = for_kind(Kind::Supplier).and_then(|of| match &of.question(&line.criterion.question)?.form {
        Form::Number { unit, .. } => Some(unit.get(locale).to_owned()),
        _ => None,
    });
    let indicator = asked_of_suppliers(&line.criterion.question, locale);
    Some(Objective { indicator, unit, baseline, target, due_on })
}

/// The bound that is missed.
fn nearest(bounds: &Bounds, actual: Figure) -> Option<Figure> {
    match *bounds {
        Bounds { expected: Some(expected), .. } => Some(expected),
        Bounds { minimum: Some(minimum), .. } if actual < minimum => Some(minimum),
        Bounds { maximum, .. } => maximum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_the_bound_that_is_missed() {
        let figure = |whole: i64| Figure::whole(whole).unwrap();
        let between = Bounds { minimum: Some(figure(5)), maximum: Some(figure(10)), expected: None };
        assert_eq!(nearest(&between, figure(3)), Some(figure(5)));
        assert_eq!(nearest(&between, figure(12)), Some(figure(10)));
        let exactly = Bounds { expected: Some(figure(7)), ..between };
        assert_eq!(nearest(&exactly, figure(3)), Some(figure(7)));
    }
}
