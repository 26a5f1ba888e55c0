//! Runs side by side, and what a run says to a firm about itself.

use std::collections::BTreeMap;

use eslabon_solver::Instance;
use sea_orm::ConnectionTrait;

use super::runs;
use crate::{
    foundation::{
        access::{Actor, Kind},
        ids::{LotId, OrganisationId, ProgrammeId, RunId},
        problem::Problem,
    },
    matching::{
        State,
        comparison::{Comparison, Side},
        own_limits::{OwnLimits, own_limits},
        why_not::{Answered, Own, why_not},
        why_unmet::{Obstacle, Unmet, why_unmet},
    },
    organisations::{consents::Purpose, store::consents},
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
    Ok(Comparison::of(&a.side(), &b.side()))
}

async fn answered(db: &impl ConnectionTrait, actor: &Actor, id: RunId) -> Result<Answered, Problem> {
    let run = runs::find(db, actor, id).await?;
    let outcome = run.outcome.filter(|_| run.state == State::Finished);
    let outcome = outcome.ok_or_else(|| Problem::conflict("run-without-answer").with("run", id))?;
    let instance = runs::reading(&runs::instance(db, actor, id).await?)?.instance;
    Ok(Answered { instance, scenario: run.scenario.unwrap_or_default(), outcome })
}

impl Answered {
    const fn side(&self) -> Side<'_> {
        Side { instance: &self.instance, outcome: &self.outcome }
    }
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
    let programme = own_lot(db, actor, Kind::Supplier, lot).await?;
    let (lot, supplier) = (lot.to_string(), actor.organisation.to_string());
    let is_about = |instance: &Instance| instance.lots.iter().any(|found| found.id == lot);
    let run = adopted_last(db, programme, is_about).await?;
    let own = run.outcome.awards.iter().filter(|award| award.lot == lot && award.supplier == supplier);
    let units = i64::try_from(own.map(|award| award.quantity).sum::<u64>()).map_err(Problem::internal)?;
    Ok((units, why_not(&run, &supplier, &lot)))
}

/// What the run that was adopted last of those that are about the actor's own firm says of its limits and gaps.
///
/// # Errors
/// 404 when it does not see the programme; 409 while no run about it has been adopted.
pub async fn limits_of_mine(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<OwnLimits, Problem> {
    if actor.kind() != Some(Kind::Supplier) {
        return Err(Problem::not_found());
    }
    let programme = programmes::store::find(db, actor, programme).await?.id;
    let supplier = actor.organisation.to_string();
    let is_about = |instance: &Instance| instance.suppliers.iter().any(|found| found.id == supplier);
    let run = adopted_last(db, programme, is_about).await?;
    own_limits(&run.outcome, &supplier)
}

/// What stood in the way of a lot of the actor's own firm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhyUnmet {
    /// Units that were awarded.
    pub awarded: i64,
    /// Units that nobody got.
    pub unmet: i64,
    /// What stood in the way: code, the rule's name, and those suppliers that have consented to be seen so far.
    pub obstacles: Vec<(Obstacle, Option<String>, Vec<OrganisationId>)>,
}

impl WhyUnmet {
    /// Whom the answer names under a purpose.
    pub fn named(&self, purpose: Purpose) -> Vec<OrganisationId> {
        let under = self.obstacles.iter().filter(|(code, ..)| code.names_under() == Some(purpose));
        let mut named: Vec<_> = under.flat_map(|(.., suppliers)| suppliers.iter().copied()).collect();
        named.sort_unstable();
        named.dedup();
        named
    }
}

/// What stood in the way of a lot of the actor's own lead firm in the run that was adopted last.
///
/// # Errors
/// 404 unless it is a lot of its own; 409 while no run about it has been adopted.
pub async fn why_unmet_mine(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lot: LotId,
) -> Result<WhyUnmet, Problem> {
    let programme = own_lot(db, actor, Kind::LeadFirm, lot).await?;
    let lot = lot.to_string();
    let is_about = |instance: &Instance| instance.lots.iter().any(|found| found.id == lot);
    let run = adopted_last(db, programme, is_about).await?;
    let Unmet { awarded, unmet, obstacles } = why_unmet(&run, &lot);
    let mut consenting: BTreeMap<Purpose, Vec<OrganisationId>> = BTreeMap::new();
    for purpose in [Purpose::Gaps, Purpose::Profile] {
        consenting.insert(purpose, consents::consenting(db, actor, purpose).await?);
    }
    let named = |code: Obstacle, who: &str| {
        let id: OrganisationId = who.parse().ok()?;
        consenting.get(&code.names_under()?)?.contains(&id).then_some(id)
    };
    let obstacles = obstacles.into_iter().map(|((code, rule), who)| {
        let suppliers = who.iter().filter_map(|who| named(code, who)).collect();
        (code, rule, suppliers)
    });
    Ok(WhyUnmet {
        awarded: i64::try_from(awarded).map_err(Problem::internal)?,
        unmet: i64::try_from(unmet).map_err(Problem::internal)?,
        obstacles: obstacles.collect(),
    })
}

/// The programme of a lot that a firm of this kind sees.
async fn own_lot(
    db: &impl ConnectionTrait,
    actor: &Actor,
    kind: Kind,
    lot: LotId,
) -> Result<ProgrammeId, Problem> {
    if actor.kind() != Some(kind) {
        return Err(Problem::not_found());
    }
    Ok(requirements::store::lot(db, actor, lot).await?.0.programme)
}

/// The snapshot and the answer of the run of a programme that was adopted last, of those that are about something:
/// for callers who have shown that they may see what they will tell of it.
async fn adopted_last(
    db: &impl ConnectionTrait,
    programme: ProgrammeId,
    is_about: impl Fn(&Instance) -> bool,
) -> Result<Answered, Problem> {
    let service = Actor::system(OrganisationId(uuid::Uuid::nil()));
    for run in runs::adopted(db, &service, programme).await? {
        let run = answered(db, &service, run).await?;
        if is_about(&run.instance) {
            return Ok(run);
        }
    }
    Err(Problem::conflict("not-matched-yet"))
}
