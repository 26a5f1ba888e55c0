//! The moves of matches, each under the locks that its rule needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{standing::Standing, trail};
use crate::{
    approvals::{
        Move, approvers_needed,
        dependency::{Verdict, digits, percent},
    },
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::IfVersion,
        ids::{LotId, MatchId, OrganisationId, ProgrammeId},
        money::Currency,
        problem::{FieldError, Problem},
        share::Share,
    },
    gaps::{self, Light},
    matching::{Match, MatchState, store::matches},
    organisations::store::ledger,
    plans::{self, store::Condition},
    programmes::{self, Programme},
    requirements,
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
    matches::decide(w, &found, after(Move::Reject, &found)?, Some(reason)).await
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
/// threshold are approved once a second approver has said so; until then they stay accepted.
///
/// # Errors
/// 404 when one of them is of no programme of the institution (or not of the named one), 412 for a stale
/// version; 409 when one is not accepted by both, was proposed by the actor, was approved by the actor
/// already, covers more of its lot than is left, is only a part of what a consortium has won, is of a supplier that
/// is not green today and lacks what that takes, or breaks the rule on dependency. Of several faults the problem tells the first, its `errors` all.
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
    let (held, beside): (Vec<Match>, Vec<Match>) =
        held.into_iter().partition(|found| ids.contains(&found.id));
    let given = trail::of(w.db(), ids.iter().copied()).await?;
    let by_me = |found: &Match| {
        let own = |approval: &crate::approvals::Approval| approval.approved_by == w.actor().account;
        given.get(&found.id).is_some_and(|given| given.iter().any(own))
    };
    let mut faults = Faults::default();
    for Wanted { id, version, .. } in chosen {
        let found = held.iter().find(|found| found.id == *id).ok_or_else(Problem::not_found)?;
        let unfit = version.check(found.version).and_then(|()| w.in_state(found.state)).err();
        let unfit = unfit.or_else(|| {
            let own = found.proposed_by == w.actor().account;
            own.then(|| Problem::conflict("own-proposal"))
        });
        faults.extend(*id, unfit.or_else(|| by_me(found).then(|| Problem::conflict("approved-by-you"))));
        faults.extend(*id, parted(found, &held, &beside));
    }
    faults.tell(chosen.len())?;
    let overridden = check_lights(w, &held, chosen, &mut faults).await?;
    check_lots(w, &held, &mut faults).await?;
    let tested = check_dependency(w, &programme, &held, &mut faults).await?;
    faults.tell(chosen.len())?;
    let mut approved = Vec::with_capacity(held.len());
    for found in &held {
        let is_final =
            given.get(&found.id).map_or(0, Vec::len) + 1 >= approvers_needed(&programme.rules, found);
        let step = if is_final { Move::Approve } else { Move::ApproveFirst };
        let tested = tested.get(&found.supplier).map_or(&[][..], Vec::as_slice);
        trail::keep(w, found, is_final, programme.rules_version, tested).await?;
        approved.push(matches::decide(w, found, after(step, found)?, None).await?);
        let details = json!({ "final": is_final, "rules_version": programme.rules_version,
            "red_override": overridden.get(&found.id) });
        w.record("match", found.id, &details).await?;
    }
    Ok(approved)
}

/// What keeps matches from being approved, all of it.
#[derive(Default)]
struct Faults(Vec<(MatchId, Problem)>);

impl Faults {
    fn extend(&mut self, id: MatchId, problem: Option<Problem>) {
        self.0.extend(problem.map(|problem| (id, problem)));
    }

    /// A single match is named by the request already; of several, each fault names its own.
    fn tell(&mut self, chosen: usize) -> Result<(), Problem> {
        let errors = self.0.iter().map(|(id, problem)| {
            let error = FieldError::new(format!("/matches/{id}"), code_at_match(problem.code));
            problem.args.iter().fold(error, |error, (name, value)| error.with(name, value))
        });
        let mut errors: Vec<_> = errors.collect();
        errors.sort();
        match std::mem::take(&mut self.0).into_iter().next() {
            None => Ok(()),
            Some((_, problem)) if chosen == 1 => Err(problem),
            Some((_, problem)) => Err(Problem { errors, ..problem }),
        }
    }
}

/// The code of a fault at one of several matches.
fn code_at_match(code: &str) -> &'static str {
    match code {
        "stale-version" => "match-changed",
        "wrong-state" => "match-not-accepted",
        "own-proposal" => "proposed-by-you",
        "approved-by-you" => "match-approved-by-you",
        "lot-already-covered" => "lot-covered",
        "consortium-together" | "consortium-incomplete" => "consortium-parted",
        "supplier-red" => "red-without-override",
        "plan-missing" => "without-agreed-plan",
        "plan-outgrown" => "plan-does-not-cover",
        "concentration-cap-exceeded" => "too-concentrated",
        _ => "over-the-cap",
    }
}

/// What a consortium has won of a lot stands or falls together: no member is left to carry a part alone.
fn parted(found: &Match, chosen: &[Match], beside: &[Match]) -> Option<Problem> {
    let consortium = found.consortium?;
    let together = |other: &&Match| {
        other.run == found.run && other.lot == found.lot && other.consortium == Some(consortium)
    };
    debug_assert!(chosen.iter().any(|other| other.id == found.id), "held matches are the chosen ones");
    let missing: Vec<&Match> =
        beside.iter().filter(together).filter(|other| other.state != MatchState::Approved).collect();
    if missing.iter().any(|other| !other.state.is_undecided()) {
        return Some(Problem::conflict("consortium-incomplete"));
    }
    (!missing.is_empty()).then(|| Problem::conflict("consortium-together").with("missing", missing.len()))
}

/// A supplier that is not green for the requirement today, whatever was computed last, is awarded only with an
/// agreed improvement plan; one that is red only when the institution says why besides. What it has said, per match.
async fn check_lights<'a>(
    w: &Write,
    held: &[Match],
    chosen: &'a [Wanted],
    faults: &mut Faults,
) -> Result<BTreeMap<MatchId, &'a str>, Problem> {
    let service = Actor::system(w.actor().organisation);
    let said = chosen.iter().filter_map(|wanted| Some((wanted.id, wanted.red_override.as_deref()?)));
    let said: BTreeMap<MatchId, &str> = said.collect();
    let mut overridden = BTreeMap::new();
    for found in held {
        let requirement = requirements::store::find(w.db(), &service, found.requirement).await?;
        let day = programmes::store::today(w, found.programme).await?;
        let today = gaps::store::analysis_today(w.db(), &service, &requirement, found.supplier, day).await?;
        match (today.light, said.get(&found.id)) {
            (Light::Green, _) => continue,
            (Light::Yellow, _) => {}
            (Light::Red, Some(reason)) => {
                overridden.insert(found.id, *reason);
            }
            (Light::Red, None) => faults.extend(found.id, Some(Problem::conflict("supplier-red"))),
        }
        let condition =
            plans::store::condition(w.db(), &service, found.requirement, found.supplier, day).await?;
        let problem = match condition {
            Condition::Agreed => None,
            Condition::Missing => Some(Problem::conflict("plan-missing")),
            Condition::Outgrown(gaps) => {
                let questions: Vec<_> = gaps.into_iter().map(|criterion| criterion.question).collect();
                Some(Problem::conflict("plan-outgrown").with("gaps", questions.join(", ")))
            }
        };
        faults.extend(found.id, problem);
    }
    Ok(overridden)
}

/// Nothing is bought twice: two runs may have proposed the same units.
async fn check_lots(w: &Write, chosen: &[Match], faults: &mut Faults) -> Result<(), Problem> {
    let service = Actor::system(w.actor().organisation);
    let mut units: BTreeMap<LotId, i64> = BTreeMap::new();
    let lots: BTreeSet<LotId> = chosen.iter().map(|found| found.lot).collect();
    for found in matches::approved_in(w.db(), &service, lots).await?.iter().chain(chosen) {
        *units.entry(found.lot).or_default() += found.quantity;
    }
    for (lot, units) in units {
        let (_, found) = requirements::store::lot(w.db(), &service, lot).await?;
        if units > found.quantity {
            let problem = Problem::conflict("lot-already-covered")
                .with("lot", &found.name)
                .with("units", units)
                .with("quantity", found.quantity);
            for chosen in chosen.iter().filter(|chosen| chosen.lot == lot) {
                faults.extend(chosen.id, Some(problem.clone()));
            }
        }
    }
    Ok(())
}

/// The rule on dependency, for every supplier and buyer group that gains; what was tested, per supplier.
async fn check_dependency(
    w: &Write,
    programme: &Programme,
    chosen: &[Match],
    faults: &mut Faults,
) -> Result<BTreeMap<OrganisationId, Vec<crate::approvals::Tested>>, Problem> {
    let suppliers: BTreeSet<OrganisationId> = chosen.iter().map(|found| found.supplier).collect();
    let mut tested = BTreeMap::new();
    for supplier in suppliers {
        let own: Vec<&Match> = chosen.iter().filter(|found| found.supplier == supplier).collect();
        let standing = Standing::of(w.db(), programme, supplier, &own, &[], w.at()).await?;
        for found in &own {
            let verdict = standing.verdict(found)?;
            if !verdict.allowed {
                let name = standing.name_of(found.lead_firm);
                faults.extend(found.id, Some(exceeded(&verdict, name, standing.currency)));
            }
        }
        if let Some((cap, index)) = standing.concentration() {
            let problem = Problem::conflict("concentration-cap-exceeded")
                .with("cap", cap)
                .with("index", digits(&index.round()));
            for found in &own {
                faults.extend(found.id, Some(problem.clone()));
            }
        }
        tested.insert(supplier, standing.tested());
    }
    Ok(tested)
}

fn exceeded(verdict: &Verdict, lead_firm: &str, currency: Currency) -> Problem {
    let share = verdict.share_after.as_ref().map_or_else(|| "–".to_owned(), percent);
    let cap = verdict.cap.map_or_else(String::new, Share::to_percent);
    let amount = |exact| format!("{} {currency}", digits(exact));
    let (left, right) =
        verdict.sides.as_ref().map(|sides| (amount(&sides.left), amount(&sides.right))).unwrap_or_default();
    Problem::conflict("dependency-cap-exceeded")
        .with("lead-firm", lead_firm)
        .with("share", share)
        .with("cap", cap)
        .with("left", left)
        .with("right", right)
}
