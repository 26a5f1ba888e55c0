//! What approvals would mean, seen beforehand: for the suppliers, and for what is still pending.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::{reading::demand_institution, standing::Standing};
use crate::{
    approvals::{Effect, NoLongerFits, Preview, Why, approvers_needed},
    foundation::{
        access::Actor,
        clock::Timestamp,
        ids::{LotId, MatchId, OrganisationId, ProgrammeId},
        problem::Problem,
    },
    matching::{Match, store::matches},
    programmes::{self, Programme},
    requirements,
};

/// What approving these matches of a programme together would mean. Nothing is changed, and nothing
/// reserved: the approval itself tests everything again.
///
/// # Errors
/// 404 when one of them is not of this programme, or the actor is no institution that sees it; 422 when
/// one is named twice.
pub async fn preview(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    chosen: &[MatchId],
    at: Timestamp,
) -> Result<Preview, Problem> {
    demand_institution(actor)?;
    let programme = programmes::store::find(db, actor, programme).await?;
    let ids: BTreeSet<MatchId> = chosen.iter().copied().collect();
    if ids.len() < chosen.len() {
        return Err(Problem::field("/matches", "named-twice"));
    }
    let chosen = matches::find_all(db, actor, &ids.into_iter().collect::<Vec<_>>()).await?;
    if chosen.iter().any(|found| found.programme != programme.id) {
        return Err(Problem::not_found());
    }
    let mut effects = Vec::new();
    for supplier in chosen.iter().map(|found| found.supplier).collect::<BTreeSet<_>>() {
        let own: Vec<&Match> = chosen.iter().filter(|found| found.supplier == supplier).collect();
        let standing = Standing::of(db, &programme, supplier, &own, &[], at).await?;
        let mut told = BTreeSet::new();
        for found in &own {
            let buyer_group = standing.group_of(found.lead_firm);
            if told.insert(buyer_group) {
                let mut verdict = standing.verdict(found)?;
                verdict.allowed &= standing.concentration().is_none();
                effects.push(Effect { supplier, buyer_group, lead_firm: found.lead_firm, verdict });
            }
        }
    }
    let over = over_covered(db, actor, &chosen).await?;
    Ok(Preview {
        effects,
        over_covered: over,
        two_approvers: chosen
            .iter()
            .filter(|found| approvers_needed(&programme.rules, found) > 1)
            .map(|found| found.id)
            .collect(),
        no_longer_fit: no_longer_fit(db, actor, &programme, &chosen, at).await?,
    })
}

/// Units approved and chosen per lot, and the lot's quantity.
async fn units(
    db: &impl ConnectionTrait,
    actor: &Actor,
    chosen: &[Match],
) -> Result<BTreeMap<LotId, (i64, i64)>, Problem> {
    let service = Actor::system(actor.organisation);
    let lots: BTreeSet<LotId> = chosen.iter().map(|found| found.lot).collect();
    let mut units = BTreeMap::new();
    for found in matches::approved_in(db, &service, lots).await?.iter().chain(chosen) {
        units.entry(found.lot).or_insert((0, 0)).0 += found.quantity;
    }
    for (lot, (_, quantity)) in &mut units {
        *quantity = requirements::store::lot(db, &service, *lot).await?.1.quantity;
    }
    Ok(units)
}

async fn over_covered(
    db: &impl ConnectionTrait,
    actor: &Actor,
    chosen: &[Match],
) -> Result<Vec<LotId>, Problem> {
    let units = units(db, actor, chosen).await?;
    Ok(units.into_iter().filter(|(_, (taken, quantity))| taken > quantity).map(|(lot, _)| lot).collect())
}

/// The programme's other pending matches that may be approved by themselves now, and no longer once the
/// chosen are.
pub(super) async fn no_longer_fit(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: &Programme,
    chosen: &[Match],
    at: Timestamp,
) -> Result<Vec<NoLongerFits>, Problem> {
    let suppliers: BTreeSet<OrganisationId> = chosen.iter().map(|found| found.supplier).collect();
    let lots: BTreeSet<LotId> = chosen.iter().map(|found| found.lot).collect();
    let pending =
        matches::undecided(db, actor, programme.id, suppliers.iter().copied(), lots.iter().copied()).await?;
    let is_chosen = |found: &Match| chosen.iter().any(|chosen| chosen.id == found.id);
    let pending: Vec<Match> = pending.into_iter().filter(|found| !is_chosen(found)).collect();
    let mut lost: BTreeMap<MatchId, Why> = BTreeMap::new();

    let taken = units(db, actor, chosen).await?;
    for found in pending.iter().filter(|found| lots.contains(&found.lot)) {
        let by_chosen: i64 =
            chosen.iter().filter(|chosen| chosen.lot == found.lot).map(|chosen| chosen.quantity).sum();
        let Some((after, quantity)) = taken.get(&found.lot) else { continue };
        let (then, now) = (after + found.quantity, after - by_chosen + found.quantity);
        if then > *quantity && now <= *quantity {
            lost.insert(found.id, Why::LotCovered);
        }
    }
    for supplier in suppliers {
        let own: Vec<&Match> = chosen.iter().filter(|found| found.supplier == supplier).collect();
        let others: Vec<&Match> = pending.iter().filter(|found| found.supplier == supplier).collect();
        if others.is_empty() {
            continue;
        }
        let standing = Standing::of(db, programme, supplier, &own, &others, at).await?;
        for found in others {
            if standing.would_allow(&standing.before, found)?
                && !standing.would_allow(&standing.after, found)?
            {
                lost.insert(found.id, Why::OverTheCap);
            }
        }
    }
    Ok(lost.into_iter().map(|(id, why)| NoLongerFits { id, why }).collect())
}
