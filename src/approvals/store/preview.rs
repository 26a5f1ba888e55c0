//! What approvals would mean, seen beforehand: for the suppliers, and for what is still pending.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::{
    judging::{Case, Faults, Judgement, judge},
    reading::demand_institution,
    standing::Standing,
};
use crate::{
    approvals::{Approve, Considered, Effect, NoLongerFits, Preview, Why, lots},
    foundation::{
        access::Actor,
        clock::Timestamp,
        ids::{LotId, MatchId, OrganisationId, ProgrammeId},
        problem::Problem,
        share::Share,
    },
    matching::{Match, MatchState, store::matches},
    programmes::{self, Programme},
    requirements,
};

/// What approving these matches of a programme together would mean, were the actor to do it now: judged like the
/// approval itself, which tests everything again. Nothing is changed, and nothing reserved.
///
/// # Errors
/// 404 when one of them is not of this programme, or the actor is no institution that sees it; 422 when
/// one is named twice, or let through without being among them.
pub async fn preview(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    considered: &Considered,
    at: Timestamp,
) -> Result<Preview, Problem> {
    demand_institution(actor)?;
    let programme = programmes::store::find(db, actor, programme).await?;
    let ids: BTreeSet<MatchId> = considered.matches.iter().copied().collect();
    if ids.len() < considered.matches.len() {
        return Err(Problem::field("/matches", "named-twice"));
    }
    if let Some(at) = considered.red_overrides.iter().position(|id| !ids.contains(id)) {
        return Err(Problem::field(format!("/red_overrides/{at}"), "not-considered"));
    }
    let chosen = matches::find_all(db, actor, &ids.into_iter().collect::<Vec<_>>()).await?;
    if chosen.iter().any(|found| found.programme != programme.id) {
        return Err(Problem::not_found());
    }
    let said: BTreeMap<MatchId, &str> = considered.red_overrides.iter().map(|id| (*id, "")).collect();
    let case = Case { programme: &programme, chosen: &chosen, said: &said, at };
    let (faults, Judgement { standings, needed, .. }) = foresee(db, actor, &case).await?;
    let mut effects = Vec::new();
    for standing in &standings {
        let mut told = BTreeSet::new();
        let own =
            chosen.iter().filter(|found| found.supplier == standing.supplier && found.state.is_undecided());
        for found in own {
            let (supplier, buyer_group) = (found.supplier, standing.group_of(found.lead_firm));
            if told.insert(buyer_group) {
                let mut verdict = standing.verdict(found)?;
                verdict.allowed &= standing.concentration().is_none();
                effects.push(Effect { supplier, buyer_group, lead_firm: found.lead_firm, verdict });
            }
        }
    }
    Ok(Preview {
        effects,
        reasons: faults.at_matches(),
        two_approvers: needed.into_iter().filter(|(_, needed)| *needed > 1).map(|(id, _)| id).collect(),
        no_longer_fit: no_longer_fit(db, actor, &programme, &chosen, at).await?,
    })
}

/// The judgement on a case, and everything that would keep the actor from approving it: the role as well.
pub(super) async fn foresee(
    db: &impl ConnectionTrait,
    actor: &Actor,
    case: &Case<'_>,
) -> Result<(Faults, Judgement), Problem> {
    let mut faults = Faults::default();
    if let Err(problem) = actor.may::<Approve>() {
        case.chosen.iter().for_each(|found| faults.extend(found.id, Some(problem.clone())));
    }
    let mut judgement = judge(db, actor, case).await?;
    faults = faults.followed_by(std::mem::take(&mut judgement.faults));
    Ok((faults, judgement))
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
    let chosen: Vec<Match> = chosen.iter().filter(|found| found.state.is_undecided()).cloned().collect();
    let suppliers: BTreeSet<OrganisationId> = chosen.iter().map(|found| found.supplier).collect();
    let lots: BTreeSet<LotId> = chosen.iter().map(|found| found.lot).collect();
    let pending =
        matches::undecided(db, actor, programme.id, suppliers.iter().copied(), lots.iter().copied()).await?;
    let is_chosen = |found: &Match| chosen.iter().any(|chosen| chosen.id == found.id);
    let pending: Vec<Match> = pending.into_iter().filter(|found| !is_chosen(found)).collect();
    let mut lost: BTreeMap<MatchId, Why> = BTreeMap::new();

    let service = Actor::system(programme.institution);
    let of_lots = matches::of_lots(db, &service, lots.iter().copied()).await?;
    for id in &lots {
        let here = |found: &&Match| found.lot == *id;
        if !pending.iter().any(|found| here(&found)) {
            continue;
        }
        let (_, lot) = requirements::store::lot(db, &service, *id).await?;
        let now: Vec<&Match> =
            of_lots.iter().filter(here).filter(|found| found.state == MatchState::Approved).collect();
        let then: Vec<&Match> = now.iter().copied().chain(chosen.iter().filter(here)).collect();
        for found in pending.iter().filter(here) {
            // A consortium's parts of a lot are approved together.
            let parts = pending.iter().filter(here).filter(|other| {
                other.id == found.id
                    || (found.consortium.is_some() && lots::bidder(other) == lots::bidder(found))
            });
            let parts: Vec<&Match> = parts.collect();
            let fault =
                |beside: &[&Match]| lots::faults(&lot, beside, &parts, |_| Share::ALL).into_iter().next();
            if let (None, Some((_, problem))) = (fault(&now), fault(&then)) {
                let covered = problem.code == "lot-already-covered";
                lost.insert(found.id, if covered { Why::LotCovered } else { Why::LotLimits });
            }
        }
    }
    for supplier in suppliers {
        let own: Vec<&Match> = chosen.iter().filter(|found| found.supplier == supplier).collect();
        let others: Vec<&Match> = pending.iter().filter(|found| found.supplier == supplier).collect();
        if others.is_empty() {
            continue;
        }
        let standing = match Standing::of(db, programme, supplier, &own, &others, at).await {
            Ok(standing) => standing,
            Err(problem) if problem.code == "other-currency-in-position" => continue,
            Err(problem) => return Err(problem),
        };
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
