//! Runs side by side, and what a run says to a supplier about itself.

use eslabon_solver::{Instance, Outcome};
use sea_orm::ConnectionTrait;

use super::runs;
use crate::{
    foundation::{
        access::{Actor, Kind},
        ids::{LotId, OrganisationId, RunId},
        problem::Problem,
    },
    matching::{
        State,
        comparison::{Comparison, Side},
        why_not::{Own, why_not},
    },
    programmes, requirements,
};

/// Compares a finished run with another of the same programme.
///
/// # Errors
/// 404 when the actor may not see the run; 422 when the other is none that it sees in the same programme;
/// 409 when one of them has no answer.
pub async fn compare(
    db: &impl ConnectionTrait,
    actor: &Actor,
    this: RunId,
    other: RunId,
) -> Result<Comparison, Problem> {
    let programme = runs::glance(db, actor, this).await?.programme;
    match runs::glance(db, actor, other).await {
        Ok(found) if found.programme == programme => {}
        Ok(_) => return Err(Problem::field("/with", "no-such-run")),
        Err(problem) if problem == Problem::not_found() => {
            return Err(Problem::field("/with", "no-such-run"));
        }
        Err(problem) => return Err(problem),
    }
    let (a, b) = (answered(db, actor, this).await?, answered(db, actor, other).await?);
    Ok(Comparison::of(&Side { instance: &a.0, outcome: &a.1 }, &Side { instance: &b.0, outcome: &b.1 }))
}

async fn answered(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RunId,
) -> Result<(Instance, Outcome), Problem> {
    let run = runs::find(db, actor, id).await?;
    let outcome = run.outcome.filter(|_| run.state == State::Finished);
    let outcome = outcome.ok_or_else(|| Problem::conflict("run-without-answer").with("run", id))?;
    Ok((runs::reading(&runs::instance(db, actor, id).await?)?.instance, outcome))
}

/// Why the actor's own firm got nothing of a lot, or no more, in the run that was adopted last: its own gaps,
/// its own limits and the rule that binds.
///
/// # Errors
/// 404 when it does not see the lot; 409 while no run about it has been adopted.
pub async fn why_not_me(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lot: LotId,
) -> Result<(i64, Vec<Own>), Problem> {
    if actor.kind() != Some(Kind::Supplier) {
        return Err(Problem::not_found());
    }
    let (requirement, _) = requirements::store::lot(db, actor, lot).await?;
    let service = Actor::system(actor.organisation);
    let programme = programmes::store::find(db, &service, requirement.programme).await?;
    let service = Actor::system(programme.institution);
    for run in runs::adopted(db, &service, programme.id).await? {
        let (instance, outcome) = answered(db, &service, run).await?;
        let name = lot.to_string();
        if !instance.lots.iter().any(|found| found.id == name) {
            continue;
        }
        let supplier: OrganisationId = actor.organisation;
        let own = outcome.awards.iter().filter(|a| a.lot == name && a.supplier == supplier.to_string());
        let units = i64::try_from(own.map(|award| award.quantity).sum::<u64>()).map_err(Problem::internal)?;
        return Ok((units, why_not(&instance, &outcome, &supplier.to_string(), &name)));
    }
    Err(Problem::conflict("not-matched-yet"))
}
