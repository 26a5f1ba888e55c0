//! What a finished run hands down: what closing each gap is worth, where gap analyses and plans read it.

use std::collections::BTreeMap;

use eslabon_solver::Outcome;

use crate::{
    foundation::{
        access::Actor,
        db::Write,
        ids::{LotId, OrganisationId, RequirementId},
        money::Currency,
        problem::Problem,
    },
    gaps::store::worth::{self, Worths},
    matching::{
        Cap, Run,
        own_limits::{coverage_of, in_money},
        unplanned::Unplanned,
    },
    plans, requirements,
};

/// The worth of each supplier's gaps for a requirement.
type Found = BTreeMap<(RequirementId, OrganisationId), Worths>;

/// Writes down what the run found closing gaps worth: how many gaps have one now. A run under other caps than the
/// programme's says nothing about what a gap is worth under its rules.
pub(super) async fn feed(w: &Write, run: &Run, outcome: &Outcome) -> Result<usize, Problem> {
    let own_rules = |s: &crate::matching::Scenario| s.cap == Cap::Programme && s.caps.is_empty();
    if !run.scenario.as_ref().is_some_and(own_rules) {
        return Ok(0);
    }
    let service = Actor::system(w.actor().organisation);
    let currency: Currency = outcome.currency.parse().map_err(Problem::internal)?;
    let mut worths = Found::new();
    for row in &outcome.worth {
        // A gap is one for one requirement, so its lots are all of that one.
        let (Some(change), Some(lot)) = (coverage_of(row), row.lots.first()) else { continue };
        let (Ok(supplier), Ok(lot)) = (row.supplier.parse::<OrganisationId>(), lot.parse::<LotId>()) else {
            continue;
        };
        // What has been amended or finished while the solver worked has no use for it.
        let Ok((requirement, _)) = requirements::store::lot(w.db(), &service, lot).await else { continue };
        let questions = if let Some(unplanned) = Unplanned::read(&row.gap) {
            unplanned.questions
        } else {
            let actions = plans::store::closing(w.db(), &service, requirement.id, supplier).await?;
            let action = actions.into_iter().find(|action| action.id.to_string() == row.gap);
            action.map(|action| action.criterion.question).into_iter().collect()
        };
        let worth = in_money(change.max(0.), currency)?;
        let of = worths.entry((requirement.id, supplier)).or_default();
        for question in questions {
            let known = of.entry(question).or_insert(worth);
            if worth.minor > known.minor {
                *known = worth;
            }
        }
    }
    for ((requirement, supplier), of) in &worths {
        worth::put(w, *requirement, *supplier, of).await?;
    }
    Ok(worths.values().map(Worths::len).sum())
}
