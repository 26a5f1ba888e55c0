//! Whether matches may be approved together, and everything that keeps them from it: the one function that the approval
//! obeys and the preview shows.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::{standing::Standing, trail};
use crate::{
    approvals::{
        Approval, Approve, Move, approvers_needed,
        dependency::{Verdict, digits, percent},
        lots,
    },
    foundation::{
        access::{Actor, Operation},
        clock::Timestamp,
        ids::{MatchId, OrganisationId, RequirementId},
        money::Currency,
        problem::{FieldError, Problem},
        share::Share,
    },
    gaps::{self, Light},
    matching::{Match, MatchState, store::matches},
    organisations::store::interests,
    plans::{self, store::Condition},
    programmes::Programme,
    requirements::{self, Requirement},
};

/// Matches of one programme that somebody would approve together.
pub(super) struct Case<'a> {
    pub(super) programme: &'a Programme,
    /// As they are now.
    pub(super) chosen: &'a [Match],
    /// Why a supplier that is red is awarded all the same.
    pub(super) said: &'a BTreeMap<MatchId, &'a str>,
    pub(super) at: Timestamp,
}

/// What there is to say about it.
pub(super) struct Judgement {
    /// What keeps them from being approved.
    pub(super) faults: Faults,
    /// Those of the chosen whose supplier is red and approved all the same.
    pub(super) overridden: BTreeSet<MatchId>,
    /// How their suppliers would stand, in id order: those whose figures can be put together.
    pub(super) standings: Vec<Standing>,
    /// Who has approved them before.
    pub(super) given: BTreeMap<MatchId, Vec<Approval>>,
    /// How many approvers each of them takes.
    pub(super) needed: BTreeMap<MatchId, usize>,
}

/// Judges the case as the actor would decide it. Whoever decides holds the locks of the suppliers and lots; whoever
/// only looks may see it change.
///
/// # Errors
/// What the database said; what keeps the matches from being approved is no error but the judgement.
pub(super) async fn judge(
    db: &impl ConnectionTrait,
    actor: &Actor,
    case: &Case<'_>,
) -> Result<Judgement, Problem> {
    // What concerns the suppliers as a whole only the service reads.
    let service = Actor::system(case.programme.institution);
    let mut faults = Faults::default();
    let given = trail::of(db, case.chosen.iter().map(|found| found.id)).await?;
    let lots: BTreeSet<_> = case.chosen.iter().map(|found| found.lot).collect();
    let of_lots = matches::of_lots(db, &service, lots).await?;
    let parties = case.chosen.iter().flat_map(|found| [found.supplier, found.lead_firm]);
    let conflicts = interests::conflicts(db, actor, case.at, parties).await?;
    let mut needed = BTreeMap::new();
    for found in case.chosen {
        let conflict = conflicts.get(&found.supplier).or_else(|| conflicts.get(&found.lead_firm));
        faults.extend(found.id, conflict.map(|name| interests::conflict(name)));
        let by_me = |approval: &Approval| approval.approved_by == actor.account;
        let problem = if Move::Approve.from(found.state).is_none() {
            Some(Problem::wrong_state(&found.state.to_string(), Approve::ROW.states))
        } else if found.proposed_by == actor.account {
            Some(Problem::conflict("own-proposal"))
        } else {
            let approved = given.get(&found.id).is_some_and(|given| given.iter().any(by_me));
            approved.then(|| Problem::conflict("approved-by-you"))
        };
        faults.extend(found.id, problem);
        faults.extend(found.id, parted(found, case.chosen, &of_lots));
        needed.insert(found.id, approvers_needed(&case.programme.rules, found, &of_lots));
    }
    // What is decided already counts as that, and not once more.
    let live: Vec<&Match> = case.chosen.iter().filter(|found| found.state.is_undecided()).collect();
    let requirements = concerned(db, &service, &live).await?;
    let lights = lights(db, &service, case, (&live, &requirements), &mut faults).await?;
    check_lots(&live, &of_lots, &requirements, &lights.shares, &mut faults);
    check_supplier_shares(db, &service, case, (&live, requirements), &mut faults).await?;
    let mut standings = Vec::new();
    for supplier in live.iter().map(|found| found.supplier).collect::<BTreeSet<_>>() {
        standings.extend(check_dependency(db, case, (&live, supplier), &mut faults).await?);
    }
    Ok(Judgement { faults, overridden: lights.overridden, standings, given, needed })
}

/// The requirements of matches.
async fn concerned(
    db: &impl ConnectionTrait,
    service: &Actor,
    matches: &[&Match],
) -> Result<BTreeMap<RequirementId, Requirement>, Problem> {
    let mut found = BTreeMap::new();
    for id in matches.iter().map(|found| found.requirement).collect::<BTreeSet<_>>() {
        found.insert(id, requirements::store::find(db, service, id).await?);
    }
    Ok(found)
}

/// What a consortium has won of a lot stands or falls together: no member is left to carry a part alone.
fn parted(found: &Match, chosen: &[Match], of_lots: &[Match]) -> Option<Problem> {
    let is_chosen = |other: &&Match| chosen.iter().any(|chosen| chosen.id == other.id);
    let parts = of_lots.iter().filter(|other| found.is_won_with(other) && !is_chosen(other));
    let missing: Vec<&Match> = parts.filter(|other| other.state != MatchState::Approved).collect();
    if missing.iter().any(|other| !other.state.is_undecided()) {
        return Some(Problem::conflict("consortium-incomplete"));
    }
    (!missing.is_empty()).then(|| Problem::conflict("consortium-together").with("missing", missing.len()))
}

/// How the suppliers of matches stand to the requirements today.
#[derive(Default)]
struct Lights {
    /// The largest share of the lot that the light leaves.
    shares: BTreeMap<MatchId, Share>,
    overridden: BTreeSet<MatchId>,
}

/// A supplier that is not green for the requirement today, whatever was computed last, is awarded only with an
/// agreed improvement plan; one that is red only when the institution says why besides.
async fn lights(
    db: &impl ConnectionTrait,
    service: &Actor,
    case: &Case<'_>,
    (live, requirements): (&[&Match], &BTreeMap<RequirementId, Requirement>),
    faults: &mut Faults,
) -> Result<Lights, Problem> {
    let day = case.programme.day(case.at);
    let mut lights = Lights::default();
    for found in live {
        let requirement = requirements.get(&found.requirement).ok_or_else(Problem::not_found)?;
        let today = gaps::store::analysis_today(db, service, requirement, found.supplier, day).await?;
        if today.light == Light::Green {
            continue;
        }
        lights.shares.insert(found.id, case.programme.rules.yellow_max_share);
        if today.light == Light::Red {
            if case.said.contains_key(&found.id) {
                lights.overridden.insert(found.id);
            } else {
                faults.extend(found.id, Some(Problem::conflict("supplier-red")));
            }
        }
        let problem =
            match plans::store::condition(db, service, found.requirement, found.supplier, day).await? {
                Condition::Agreed => None,
                Condition::Missing => Some(Problem::conflict("plan-missing")),
                Condition::Outgrown(gaps) => {
                    let questions: Vec<_> = gaps.into_iter().map(|criterion| criterion.question).collect();
                    Some(Problem::conflict("plan-outgrown").with("gaps", questions.join(", ")))
                }
            };
        faults.extend(found.id, problem);
    }
    Ok(lights)
}

/// Nothing is bought twice, and what a lot says of its suppliers holds for all that is approved of it.
fn check_lots(
    live: &[&Match],
    of_lots: &[Match],
    requirements: &BTreeMap<RequirementId, Requirement>,
    lights: &BTreeMap<MatchId, Share>,
    faults: &mut Faults,
) {
    for lot in requirements.values().flat_map(|requirement| &requirement.lots) {
        let chosen: Vec<&Match> = live.iter().copied().filter(|found| found.lot == lot.id).collect();
        let approved =
            of_lots.iter().filter(|found| found.lot == lot.id && found.state == MatchState::Approved);
        let light = |found: &Match| lights.get(&found.id).copied().unwrap_or(Share::ALL);
        for (id, problem) in lots::faults(lot, &approved.collect::<Vec<_>>(), &chosen, light) {
            faults.extend(id, Some(problem));
        }
    }
}

/// What a lead firm says of one supplier's share of what it buys holds for all that is approved from it.
async fn check_supplier_shares(
    db: &impl ConnectionTrait,
    service: &Actor,
    case: &Case<'_>,
    (live, mut requirements): (&[&Match], BTreeMap<RequirementId, Requirement>),
    faults: &mut Faults,
) -> Result<(), Problem> {
    let buyers: BTreeSet<OrganisationId> = live.iter().map(|found| found.lead_firm).collect();
    let approved = matches::approved_from(db, service, case.programme.id, buyers.iter().copied()).await?;
    let approved: Vec<&Match> = approved.iter().collect();
    let before: Vec<&Match> =
        approved.iter().copied().filter(|found| !requirements.contains_key(&found.requirement)).collect();
    requirements.extend(concerned(db, service, &before).await?);
    for buyer in buyers {
        let of_buyer = |found: &&&Match| found.lead_firm == buyer;
        let approved: Vec<&Match> = approved.iter().filter(of_buyer).copied().collect();
        let chosen: Vec<&Match> = live.iter().filter(of_buyer).copied().collect();
        for (id, problem) in lots::supplier_share_faults(&requirements, &approved, &chosen) {
            faults.extend(id, Some(problem));
        }
    }
    Ok(())
}

/// The rules on dependency and concentration, for every buyer group from which the supplier gains.
async fn check_dependency(
    db: &impl ConnectionTrait,
    case: &Case<'_>,
    (live, supplier): (&[&Match], OrganisationId),
    faults: &mut Faults,
) -> Result<Option<Standing>, Problem> {
    let own: Vec<&Match> = live.iter().copied().filter(|found| found.supplier == supplier).collect();
    let standing = match Standing::of(db, case.programme, supplier, &own, &[], case.at).await {
        Ok(standing) => standing,
        // Nothing can be said before the figures agree.
        Err(problem) if problem.code == "other-currency-in-position" => {
            for found in &own {
                faults.extend(found.id, Some(problem.clone()));
            }
            return Ok(None);
        }
        Err(problem) => return Err(problem),
    };
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
    Ok(Some(standing))
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

/// What keeps matches from being approved, all of it.
#[derive(Default)]
pub(super) struct Faults(Vec<(MatchId, Problem)>);

impl Faults {
    pub(super) fn extend(&mut self, id: MatchId, problem: Option<Problem>) {
        self.0.extend(problem.map(|problem| (id, problem)));
    }

    pub(super) fn followed_by(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// A single match is named by the request already; of several, each fault names its own.
    pub(super) fn tell(self, chosen: usize) -> Result<(), Problem> {
        let errors: Vec<_> = self.at_matches().into_iter().map(|(_, error)| error).collect();
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((_, problem)) if chosen == 1 && errors.len() == 1 => Err(problem),
            Some((_, problem)) => Err(Problem { errors, ..problem }),
        }
    }

    /// Each fault at its match, in the order of the matches.
    pub(super) fn at_matches(&self) -> Vec<(MatchId, FieldError)> {
        let errors = self.0.iter().map(|(id, problem)| {
            let error = FieldError::new(format!("/matches/{id}"), code_at_match(problem.code));
            (*id, problem.args.iter().fold(error, |error, (name, value)| error.with(name, value)))
        });
        let mut errors: Vec<_> = errors.collect();
        errors.sort();
        errors
    }
}

/// The code of a fault at one of several matches.
fn code_at_match(code: &str) -> &'static str {
    match code {
        "stale-version" => "match-changed",
        "forbidden" => "approver-needed",
        "conflict-of-interest" => "conflicted",
        "wrong-state" => "match-not-accepted",
        "own-proposal" => "proposed-by-you",
        "approved-by-you" => "match-approved-by-you",
        "lot-already-covered" => "lot-covered",
        "lot-share-exceeded" => "over-the-lot-share",
        "lot-share-too-small" => "under-the-lot-share",
        "lot-too-many-suppliers" => "too-many-suppliers",
        "supplier-share-exceeded" => "over-the-supplier-share",
        "consortium-together" | "consortium-incomplete" => "consortium-parted",
        "supplier-red" => "red-without-override",
        "plan-missing" => "without-agreed-plan",
        "plan-outgrown" => "plan-does-not-cover",
        "concentration-cap-exceeded" => "too-concentrated",
        "other-currency-in-position" => "figures-in-other-currency",
        _ => "over-the-cap",
    }
}
