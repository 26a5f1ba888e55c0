//! The moves of matches, each under the locks that its rule needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    judging::{Case, Faults, Judgement, judge},
    standing::Standing,
    trail,
};
use crate::{
    approvals::Move,
    foundation::{
        access::Kind,
        db::Write,
        http::IfVersion,
        ids::{MatchId, ProgrammeId},
        problem::Problem,
    },
    matching::{Match, MatchState, store::matches},
    organisations::store::{interests, ledger},
    programmes,
};

/// A match in which the actor's own firm takes part, held for a move of that firm.
async fn own(w: &Write, id: MatchId, version: IfVersion) -> Result<Match, Problem> {
    let found = matches::hold(w, id).await?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    Ok(found)
}

/// The legal state after a move; the access table has let through what no side has done yet.
fn after(step: Move, found: &Match) -> Result<MatchState, Problem> {
    step.from(found.state).ok_or_else(|| Problem::conflict("already-accepted"))
}

/// Accepts a match for the actor's own firm.
///
/// # Errors
/// 404 when it takes no part in it, 412 for a stale version, 409 when it has accepted already or somebody
/// has decided.
pub async fn accept(w: &Write, id: MatchId, version: IfVersion) -> Result<Match, Problem> {
    let found = own(w, id, version).await?;
    let step = match w.actor().kind() {
        Some(Kind::Supplier) => Move::SupplierAccepts,
        Some(Kind::LeadFirm) => Move::LeadFirmAccepts,
        // The service itself accepts for the firm that it acts for.
        _ if w.actor().organisation == found.supplier => Move::SupplierAccepts,
        _ if w.actor().organisation == found.lead_firm => Move::LeadFirmAccepts,
        _ => return Err(Problem::not_found()),
    };
    matches::decide(w, &found, after(step, &found)?, None).await
}

/// Declines a match for the actor's own firm. No cap ever blocks that.
///
/// # Errors
/// 404 when it takes no part in it, 412 for a stale version, 409 when somebody has decided.
pub async fn decline(w: &Write, id: MatchId, version: IfVersion, reason: String) -> Result<Match, Problem> {
    let found = own(w, id, version).await?;
    matches::decide(w, &found, after(Move::Decline, &found)?, Some(reason)).await
}

/// Rejects a match of the institution's programme. No cap ever blocks that.
///
/// # Errors
/// 404 when it is of no programme of the institution, 412 for a stale version, 409 when somebody has decided.
pub async fn reject(w: &Write, id: MatchId, version: IfVersion, reason: String) -> Result<Match, Problem> {
    let found = own(w, id, version).await?;
    interests::demand_none(w, [found.supplier, found.lead_firm]).await?;
    matches::decide(w, &found, after(Move::Reject, &found)?, Some(reason)).await
}

/// Proposes a match again that the institution rejected, because a later stage has found that the rejection was wrong:
/// both firms accept anew, and an approval tests everything. Whether that was possible: it is still rejected, no run's
/// proposals have taken its place, nobody had approved it, and its programme is not over.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn reopen(w: &Write, id: MatchId) -> Result<bool, Problem> {
    let found = matches::hold(w, id).await?;
    let programme = programmes::store::hold(w, found.programme).await?;
    let is_over = found.superseded_by.is_some() || programme.state == programmes::State::Closed;
    let Some(state) = Move::Reopen.from(found.state).filter(|_| !is_over) else { return Ok(false) };
    if !trail::of(w.db(), [id]).await?.is_empty() {
        return Ok(false);
    }
    matches::decide(w, &found, state, None).await?;
    Ok(true)
}

/// A match to approve, as its approver has read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The match.
    pub id: MatchId,
    /// Its version.
    pub version: IfVersion,
    /// Why a supplier that is red is awarded all the same.
    pub red_override: Option<String>,
}

/// Approves matches of one programme, checked together: all of them, or none. Those above the programme's
/// threshold, and all that a consortium has won of a lot where that is, are approved once a second approver has said
/// so; until then they stay accepted.
///
/// # Errors
/// 404 when one of them is of no programme of the institution (or not of the named one), 412 for a stale
/// version; 409 when one is not accepted by both, was proposed by the actor, was approved by the actor
/// already, covers more of its lot than is left or than the lot and the light leave one supplier, is only a part of
/// what a consortium has won, is of a supplier that is not green today and lacks what that takes, or breaks the rule
/// on dependency. Of several faults the problem tells the first, its `errors` all.
pub async fn approve(
    w: &Write,
    programme: Option<ProgrammeId>,
    chosen: &[Wanted],
) -> Result<Vec<Match>, Problem> {
    let ids: BTreeSet<MatchId> = chosen.iter().map(|wanted| wanted.id).collect();
    if ids.len() < chosen.len() {
        return Err(Problem::field("/matches", "named-twice"));
    }
    let ids: Vec<_> = ids.into_iter().collect();
    let seen = matches::find_all(w.db(), w.actor(), &ids).await?;
    let Some(of) = seen.first().map(|found| found.programme) else { return Ok(Vec::new()) };
    if seen.iter().any(|found| found.programme != programme.unwrap_or(of)) {
        return Err(Problem::not_found());
    }
    // Locks in one order everywhere: rules, suppliers in id order, matches in id order.
    let programme = programmes::store::hold(w, of).await?;
    ledger::lock(w, seen.iter().map(|found| found.supplier)).await?;
    let held = matches::hold_lots(w, seen.iter().map(|found| found.lot)).await?;
    let held: Vec<Match> = held.into_iter().filter(|found| ids.contains(&found.id)).collect();
    let mut stale = Faults::default();
    for Wanted { id, version, .. } in chosen {
        let found = held.iter().find(|found| found.id == *id).ok_or_else(Problem::not_found)?;
        stale.extend(*id, version.check(found.version).err());
    }
    let said = chosen.iter().filter_map(|wanted| Some((wanted.id, wanted.red_override.as_deref()?)));
    let said: BTreeMap<MatchId, &str> = said.collect();
    let case = Case { programme: &programme, chosen: &held, said: &said, at: w.at() };
    let Judgement { faults, overridden, standings, given, needed } = judge(w.db(), w.actor(), &case).await?;
    stale.followed_by(faults).tell(chosen.len())?;
    // The judgement has told it of each match.
    interests::demand_none(w, held.iter().flat_map(|found| [found.supplier, found.lead_firm])).await?;
    let mut approved = Vec::with_capacity(held.len());
    for found in &held {
        let before = given.get(&found.id).map_or(0, Vec::len);
        let is_final = needed.get(&found.id).is_none_or(|needed| before + 1 >= *needed);
        let step = if is_final { Move::Approve } else { Move::ApproveFirst };
        let standing = standings.iter().find(|standing| standing.supplier == found.supplier);
        let tested = standing.map(Standing::tested).unwrap_or_default();
        trail::keep(w, found, is_final, programme.rules_version, &tested).await?;
        approved.push(matches::decide(w, found, after(step, found)?, None).await?);
        let details = json!({ "final": is_final, "rules_version": programme.rules_version,
            "red_override": said.get(&found.id).filter(|_| overridden.contains(&found.id)) });
        w.record("match", found.id, &details).await?;
    }
    Ok(approved)
}
