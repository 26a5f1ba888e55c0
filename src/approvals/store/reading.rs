//! Matches as their sides and the institution see them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::{
    judging::{Case, Judgement},
    preview,
    standing::Standing,
    trail,
};
use crate::{
    approvals::{Approval, Move, NoLongerFits, approvers_needed, dependency::Verdict},
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        ids::MatchId,
        problem::{FieldError, Problem},
        zone::Zone,
    },
    matching::{Match, store::matches},
    organisations::store::firms,
    programmes, requirements,
};

/// Firms learn nothing of what only the institution may know: to them it does not exist.
pub(super) fn demand_institution(actor: &Actor) -> Result<(), Problem> {
    let is_institution = actor.is_system() || actor.kind() == Some(Kind::Institution);
    if is_institution { Ok(()) } else { Err(Problem::not_found()) }
}

/// A match with what its approval would mean now.
pub struct Seen {
    /// The match.
    pub found: Match,
    /// What its approval would mean: for the supplier itself and the institution, while it is undecided.
    pub verdict: Option<Verdict>,
    /// Everything that would keep the actor from approving it now, by itself; for the institution.
    pub reasons: Vec<FieldError>,
    /// Further pending matches that could no longer be approved then; for the institution.
    pub no_longer_fit: Vec<NoLongerFits>,
    /// Who has approved it already; for the institution.
    pub approvals: Vec<Approval>,
    /// How many approvers it takes; for the institution.
    pub approvers_needed: Option<usize>,
}

/// The match and, while it is undecided, what its approval would mean: for the supplier itself and the
/// institution; the lead firm sees none of it.
///
/// # Errors
/// 404 when the actor may not see the match.
pub async fn read(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: MatchId,
    at: Timestamp,
) -> Result<Seen, Problem> {
    let found = matches::find(db, actor, id).await?;
    let to_institution = demand_institution(actor).is_ok();
    let mut seen = Seen {
        found,
        verdict: None,
        reasons: Vec::new(),
        no_longer_fit: Vec::new(),
        approvals: Vec::new(),
        approvers_needed: None,
    };
    let service = Actor::system(actor.organisation);
    let programme = programmes::store::find(db, &service, seen.found.programme).await?;
    if to_institution {
        seen.approvals = trail::of(db, [id]).await?.remove(&id).unwrap_or_default();
        let of_lot = matches::of_lots(db, &service, [seen.found.lot]).await?;
        seen.approvers_needed = Some(approvers_needed(&programme.rules, &seen.found, &of_lot));
    }
    let undecided = Move::Reject.from(seen.found.state).is_some();
    if !undecided || actor.kind() == Some(Kind::LeadFirm) {
        return Ok(seen);
    }
    let chosen = [seen.found.clone()];
    if !to_institution {
        seen.verdict = match Standing::of(db, &programme, seen.found.supplier, &[&seen.found], &[], at).await
        {
            Ok(standing) => Some(alone(&standing, &seen.found)?),
            // Nothing can be said before the figures agree; an approval would be told the same.
            Err(problem) if problem.code == "other-currency-in-position" => None,
            Err(problem) => return Err(problem),
        };
        return Ok(seen);
    }
    let case = Case { programme: &programme, chosen: &chosen, said: &BTreeMap::new(), at };
    let (faults, Judgement { standings, .. }) = preview::foresee(db, actor, &case).await?;
    seen.verdict = standings.first().map(|standing| alone(standing, &seen.found)).transpose()?;
    seen.reasons = faults.at_matches().into_iter().map(|(_, error)| error).collect();
    seen.no_longer_fit = preview::no_longer_fit(db, actor, &programme, &chosen, at).await?;
    Ok(seen)
}

/// What the rules on dependency and concentration say of a match by itself.
fn alone(standing: &Standing, found: &Match) -> Result<Verdict, Problem> {
    let mut verdict = standing.verdict(found)?;
    verdict.allowed &= standing.concentration().is_none();
    Ok(verdict)
}

/// A match with what it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    /// The match.
    pub found: Match,
    /// Who would supply.
    pub supplier: String,
    /// Who would buy.
    pub lead_firm: String,
    /// What the requirement is called.
    pub requirement: String,
    /// What would be made.
    pub lot: String,
    /// In what it is counted.
    pub unit: String,
    /// What the programme is called.
    pub programme: String,
    /// By whose clocks its moments are told: the programme's.
    pub zone: Zone,
}

/// Matches that the actor sees, with the names of what they are about: whoever takes part in a match, or
/// decides about it, knows with whom and for what, whatever else it may see of them.
///
/// # Errors
/// 404 when the actor does not see one of them.
pub async fn described(
    db: &impl ConnectionTrait,
    actor: &Actor,
    found: Vec<Match>,
) -> Result<Vec<Described>, Problem> {
    let ids: BTreeSet<MatchId> = found.iter().map(|found| found.id).collect();
    matches::find_all(db, actor, &ids.into_iter().collect::<Vec<_>>()).await?;
    let service = Actor::system(actor.organisation);
    let ids: BTreeSet<_> = found.iter().flat_map(|found| [found.supplier, found.lead_firm]).collect();
    let firms = firms::find_all(db, &service, ids).await?;
    let name =
        |id| firms.iter().find(|firm| firm.id == id).map_or_else(String::new, |firm| firm.name.clone());
    let mut requirements = BTreeMap::new();
    for id in found.iter().map(|found| found.requirement).collect::<BTreeSet<_>>() {
        requirements.insert(id, requirements::store::find(db, &service, id).await?);
    }
    let zones = programmes::store::zones(db, &service, found.iter().map(|found| found.programme)).await?;
    let programmes =
        programmes::store::names(db, &service, found.iter().map(|found| found.programme)).await?;
    let describe = |found: Match| {
        let requirement = requirements.get(&found.requirement).ok_or_else(Problem::not_found)?;
        let lot = requirement.lots.iter().find(|lot| lot.id == found.lot).ok_or_else(Problem::not_found)?;
        Ok(Described {
            supplier: name(found.supplier),
            lead_firm: name(found.lead_firm),
            requirement: requirement.title.clone(),
            lot: lot.name.clone(),
            unit: lot.unit.clone(),
            programme: programmes.get(&found.programme).cloned().unwrap_or_default(),
            zone: zones.get(&found.programme).cloned().unwrap_or_default(),
            found,
        })
    };
    found.into_iter().map(describe).collect()
}
