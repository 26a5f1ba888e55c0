//! The moves of matches, each under the locks that its rule needs.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    Move,
    dependency::{Rule, Verdict, digits, percent},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        http::IfVersion,
        ids::{LotId, MatchId, OrganisationId, ProgrammeId},
        money::Currency,
        problem::{FieldError, Problem},
        share::Share,
    },
    matching::{
        Match, MatchState,
        position::{OtherCurrency, Position},
        store::matches,
    },
    organisations::{
        Organisation,
        store::{firms, ledger},
    },
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

/// Approves matches of one programme, checked together: all of them, or none.
///
/// # Errors
/// 404 when one of them is of no programme of the institution (or not of the named one), 412 for a stale
/// version; 409 when one is not accepted by both, was proposed by the actor, covers more of its lot than is
/// left, or breaks the rule on dependency.
pub async fn approve(
    w: &Write,
    programme: Option<ProgrammeId>,
    chosen: &[(MatchId, IfVersion)],
) -> Result<Vec<Match>, Problem> {
    let ids: BTreeSet<MatchId> = chosen.iter().map(|(id, _)| *id).collect();
    if ids.len() < chosen.len() {
        return Err(Problem::field("/matches", "named-twice"));
    }
    let ids: Vec<_> = ids.into_iter().collect();
    let seen = matches::find_all(w.db(), w.actor(), &ids).await?;
    if seen.iter().any(|found| programme.is_some_and(|programme| found.programme != programme)) {
        return Err(Problem::not_found());
    }
    // Locks in one order everywhere: rules, suppliers in id order, matches in id order.
    for programme in seen.iter().map(|found| found.programme).collect::<BTreeSet<_>>() {
        programmes::store::hold(w, programme).await?;
    }
    ledger::lock(w, seen.iter().map(|found| found.supplier)).await?;
    let held = matches::hold_lots(w, seen.iter().map(|found| found.lot)).await?;
    let held: Vec<Match> = held.into_iter().filter(|found| ids.contains(&found.id)).collect();
    for (id, version) in chosen {
        let found = held.iter().find(|found| found.id == *id).ok_or_else(Problem::not_found)?;
        version.check(found.version)?;
        w.in_state(found.state)?;
        if found.proposed_by == w.actor().account {
            return Err(Problem::conflict("own-proposal"));
        }
    }
    check_lots(w, &held).await?;
    check_dependency(w, &held).await?;
    let mut approved = Vec::with_capacity(held.len());
    for found in &held {
        approved.push(matches::decide(w, found, after(Move::Approve, found)?, None).await?);
    }
    Ok(approved)
}

/// Nothing is bought twice: two runs may have proposed the same units.
async fn check_lots(w: &Write, chosen: &[Match]) -> Result<(), Problem> {
    let service = Actor::system(w.actor().organisation);
    let mut units: BTreeMap<LotId, i64> = BTreeMap::new();
    let lots: BTreeSet<LotId> = chosen.iter().map(|found| found.lot).collect();
    for found in matches::approved_in(w.db(), &service, lots).await?.iter().chain(chosen) {
        *units.entry(found.lot).or_default() += found.quantity;
    }
    for (lot, units) in units {
        let (_, found) = requirements::store::lot(w.db(), &service, lot).await?;
        if units > found.quantity {
            let problem = Problem::conflict("lot-already-covered");
            return Err(problem
                .with("lot", &found.name)
                .with("units", units)
                .with("quantity", found.quantity));
        }
    }
    Ok(())
}

/// The rule on dependency, for every supplier and buyer group that gains.
async fn check_dependency(w: &Write, chosen: &[Match]) -> Result<(), Problem> {
    let day = w.at().day();
    let suppliers: BTreeSet<OrganisationId> = chosen.iter().map(|found| found.supplier).collect();
    let mut broken: Vec<(Problem, FieldError)> = Vec::new();
    for supplier in suppliers {
        let own: Vec<&Match> = chosen.iter().filter(|found| found.supplier == supplier).collect();
        let standing = Standing::of(w.db(), w.actor().organisation, supplier, &own, day).await?;
        for found in &own {
            let verdict = standing.verdict(found)?;
            if !verdict.allowed {
                let name = standing.name_of(found.lead_firm);
                broken.push((
                    exceeded(&verdict, name, standing.currency()),
                    FieldError::new(format!("/matches/{}", found.id), "over-the-cap"),
                ));
            }
        }
    }
    let (problems, errors): (Vec<_>, Vec<_>) = broken.into_iter().unzip();
    match problems.into_iter().next() {
        None => Ok(()),
        // A single match is named by the request already.
        Some(problem) if chosen.len() == 1 => Err(problem),
        Some(problem) => Err(Problem { errors, ..problem }),
    }
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

/// What an approval of these matches would mean for a supplier.
///
/// Everything is read by the service: what was approved elsewhere concerns the supplier as a whole, and
/// reaches people as sums only.
struct Standing {
    programme: Programme,
    before: Position,
    after: Position,
    firms: BTreeMap<OrganisationId, Organisation>,
    rules: BTreeMap<(ProgrammeId, Uuid), Rule>,
    /// In which programmes something from a group is approved, or would be.
    concerned: BTreeMap<Uuid, BTreeSet<ProgrammeId>>,
}

impl Standing {
    async fn of(
        db: &impl ConnectionTrait,
        organisation: OrganisationId,
        supplier: OrganisationId,
        chosen: &[&Match],
        day: Day,
    ) -> Result<Self, Problem> {
        let service = Actor::system(organisation);
        let profile = ledger::profile(db, &service, supplier).await?;
        let approved = matches::approved_for(db, &service, [supplier]).await?;
        let first = chosen.first().ok_or_else(Problem::not_found)?;
        let programme = programmes::store::find(db, &service, first.programme).await?;
        let currency = programme.currency;
        let buyers = approved.iter().chain(chosen.iter().copied()).map(|found| found.lead_firm);
        let buyers: BTreeSet<_> = buyers.chain(profile.buyer_sales.iter().map(|sales| sales.buyer)).collect();
        let firms = firms::find_all(db, &service, buyers).await?;
        let firms: BTreeMap<_, _> = firms.into_iter().map(|firm| (firm.id, firm)).collect();
        let group_of = |firm: OrganisationId| firms.get(&firm).map_or(firm.0, Organisation::buyer_key);

        let mut before =
            Position::of_ledger(&profile, currency, group_of).map_err(|c| other_currency(c, &programme))?;
        let mut concerned: BTreeMap<Uuid, BTreeSet<ProgrammeId>> = BTreeMap::new();
        for found in &approved {
            let group = group_of(found.lead_firm);
            before.approve(found, currency, group).map_err(|c| other_currency(c, &programme))?;
            concerned.entry(group).or_default().insert(found.programme);
        }
        let mut after = before.clone();
        for found in chosen {
            let group = group_of(found.lead_firm);
            after.approve(found, currency, group).map_err(|c| other_currency(c, &programme))?;
            concerned.entry(group).or_default().insert(found.programme);
        }
        let mut rules = BTreeMap::new();
        for id in concerned.values().flatten().collect::<BTreeSet<_>>() {
            let found = programmes::store::find(db, &service, *id).await?;
            let waivers = programmes::store::waivers_in_force(db, &service, *id, day).await?;
            for group in concerned.keys() {
                let waiver = waivers.iter().find(|w| w.supplier == supplier && w.buyer_group == *group);
                let rule = Rule::new(&found.rules, waiver.map(|w| w.dependency_cap), currency);
                rules.insert((*id, *group), rule.map_err(|c| other_currency(c, &programme))?);
            }
        }
        Ok(Self { programme, before, after, firms, rules, concerned })
    }

    /// What the rules say of the match's buyer group: the first that refuses, else that of its programme.
    fn verdict(&self, found: &Match) -> Result<Verdict, Problem> {
        let group = self.firms.get(&found.lead_firm).map_or(found.lead_firm.0, Organisation::buyer_key);
        let others = self.concerned.get(&group).into_iter().flatten().filter(|id| **id != found.programme);
        let mut of_programme = None;
        for id in [&found.programme].into_iter().chain(others) {
            let rule = self.rules.get(&(*id, group)).ok_or_else(|| Problem::internal("a rule is missing"))?;
            let verdict = rule.judge(&self.before, &self.after, group);
            if !verdict.allowed {
                return Ok(verdict);
            }
            of_programme.get_or_insert(verdict);
        }
        of_programme.ok_or_else(|| Problem::internal("a match without rules"))
    }

    fn name_of(&self, firm: OrganisationId) -> &str {
        self.firms.get(&firm).map_or("", |firm| firm.name.as_str())
    }

    const fn currency(&self) -> Currency {
        self.programme.currency
    }
}

fn other_currency(OtherCurrency(found): OtherCurrency, programme: &Programme) -> Problem {
    Problem::conflict("other-currency-in-position").with("found", found).with("expected", programme.currency)
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
    day: Day,
) -> Result<(Match, Option<Verdict>), Problem> {
    let found = matches::find(db, actor, id).await?;
    let undecided = Move::Reject.from(found.state).is_some();
    if !undecided || actor.kind() == Some(Kind::LeadFirm) {
        return Ok((found, None));
    }
    match Standing::of(db, actor.organisation, found.supplier, &[&found], day).await {
        Ok(standing) => standing.verdict(&found).map(|verdict| (found, Some(verdict))),
        // Nothing can be said before the figures agree; an approval would be told the same.
        Err(problem) if problem.code == "other-currency-in-position" => Ok((found, None)),
        Err(problem) => Err(problem),
    }
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
    let describe = |found: Match| {
        let requirement = requirements.get(&found.requirement).ok_or_else(Problem::not_found)?;
        let lot = requirement.lots.iter().find(|lot| lot.id == found.lot).ok_or_else(Problem::not_found)?;
        Ok(Described {
            supplier: name(found.supplier),
            lead_firm: name(found.lead_firm),
            requirement: requirement.title.clone(),
            lot: lot.name.clone(),
            unit: lot.unit.clone(),
            found,
        })
    };
    found.into_iter().map(describe).collect()
}
