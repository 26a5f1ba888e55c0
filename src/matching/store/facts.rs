//! Gathers what a programme knows, for the snapshot of a run.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use uuid::Uuid;

use crate::{
    foundation::{
        access::Actor,
        db::Write,
        ids::{LotId, OrganisationId},
        money::UnitPrice,
        problem::{FieldError, Problem},
        share::Share,
    },
    gaps::{self, GapAnalysis},
    matching::{
        Match, MatchState, Scenario,
        position::{Exchange, OtherCurrency, Position},
        scenario::{Decision, Ruling, Source},
        snapshot::{Candidate, Closing, Facts, Lot, Supplier},
        unplanned::Unplanned,
    },
    organisations::{
        Profile,
        store::{firms, ledger},
    },
    plans,
    programmes::{self, Programme, consortia::Consortium},
    requirements::{self, Offer, Requirement},
};

use super::matches;

/// Everything that the closed requirements of a programme and their candidates say now. Gaps are computed
/// anew, so that no run rests on an outdated diagnostic.
pub(super) async fn gather(
    w: &Write,
    programme: &Programme,
    mut scenario: Scenario,
) -> Result<Facts, Problem> {
    // The caller has shown that the programme is its own. What was approved elsewhere, and what a supplier
    // sells to firms outside, only the service reads; it goes into the snapshot as sums.
    let service = Actor::system(programme.institution);
    let (db, id) = (w.db(), programme.id);
    // Of the requirements, those that the actor sees: an officer matches the networks that are its own.
    let mut requirements = requirements::store::to_match(db, w.actor(), id).await?;
    if scenario.network.is_some() {
        requirements.retain(|requirement| requirement.network == scenario.network);
    }
    let ready = programmes::store::ready_consortia(db, &service, id).await?;
    let consortia = members_of(&ready);
    let (mut lots, mut late) = (Vec::new(), Vec::new());
    for requirement in &requirements {
        gaps::store::refresh(w, requirement).await?;
        let members = programmes::store::participants(db, &service, id, requirement.network).await?;
        let members: BTreeSet<OrganisationId> = members.into_iter().collect();
        // A consortium of a network bids there alone.
        let bids = |found: &&Consortium| found.network.is_none() || found.network == requirement.network;
        let bidding = members_of(ready.iter().filter(bids));
        let candidates = candidates(w, &service, requirement, programme, &members, &bidding).await?;
        lots.extend(requirement.lots.iter().map(|lot| open(requirement, lot, &candidates)));
        late.extend(candidates.late);
    }
    cover(w, &service, &mut lots).await?;

    let able = lots.iter().flat_map(|lot: &Lot| &lot.candidates);
    let mut able: BTreeSet<OrganisationId> = able.map(|candidate| candidate.supplier).collect();
    let bidding: Vec<_> = consortia.iter().filter(|(id, _)| able.contains(*id)).collect();
    let members: Vec<_> = bidding.iter().flat_map(|(_, members)| members.iter().copied()).collect();
    able.retain(|id| !consortia.contains_key(id));
    able.extend(members);
    let approved = matches::approved_for(db, &service, able.iter().copied()).await?;
    let to_make = matches::to_be_made_by(db, &service, able.iter().copied()).await?;
    let mut profiles = Vec::new();
    for supplier in &able {
        profiles.push(ledger::profile(db, &service, *supplier).await?);
    }
    let buyers: BTreeSet<OrganisationId> =
        requirements.iter().map(|requirement| requirement.lead_firm).collect();
    let groups = groups(w, &service, &buyers, &profiles, &approved).await?;
    let processes = processes(w, &service, &to_make).await?;

    let exchange = Exchange::of(programme);
    let stated = profiles.iter().flat_map(|profile| {
        let parts = profile.buyer_sales.iter().map(|sales| sales.amount);
        profile.annual_sales.into_iter().chain(parts).map(|amount| amount.currency)
    });
    let others = stated.chain(approved.iter().map(|found| found.annual_amount.currency));
    let rates = exchange.used(others.filter(|currency| *currency != programme.currency));
    let may_win = who_may_win(&lots, &consortia);
    let (mut suppliers, mut faults) = (BTreeMap::new(), Vec::new());
    for profile in profiles {
        let own = approved.iter().filter(|found| found.supplier == profile.supplier);
        let to_make = to_make.iter().filter(|found| found.supplier == profile.supplier);
        match supplier(&profile, own, to_make, &exchange, &groups, &processes) {
            Ok(supplier) => {
                suppliers.insert(profile.supplier, supplier);
            }
            // Only what it might be awarded needs its figures.
            Err(_) if !may_win.contains(&profile.supplier) => {}
            Err(OtherCurrency(currency)) => faults.push(
                FieldError::new(format!("/suppliers/{}", profile.supplier), "supplier-in-other-currency")
                    .with("supplier", profile.supplier)
                    .with("currency", currency)
                    .with("expected", programme.currency),
            ),
        }
    }
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    let waivers = programmes::store::waivers_in_force(db, &service, id, programme.day(w.at())).await?;
    let waivers = waivers.into_iter().map(|w| ((w.supplier, w.buyer_group), w.dependency_cap));
    let own = scenario.caps.iter().map(|c| ((c.supplier, group_of(&groups, c.lead_firm)), c.dependency_cap));
    // The scenario's own take the place of what is signed.
    let waivers: BTreeMap<_, _> = waivers.chain(own).collect();
    if scenario.decisions_taken {
        scenario.decide_besides(decisions_taken(w, &service, programme, &lots).await?);
    }
    scenario.decide_besides(late);
    Ok(Facts {
        currency: programme.currency,
        rules: programme.rules.clone(),
        cap_today: programme.cap_on(programme.day(w.at())),
        scenario,
        waivers: waivers.into_iter().map(|((supplier, group), cap)| (supplier, group, cap)).collect(),
        buyers: buyers.into_iter().map(|buyer| (buyer, group_of(&groups, buyer))).collect(),
        max_supplier_shares: max_supplier_shares(&requirements),
        rates,
        networks: requirements.iter().filter_map(|requirement| requirement.network).collect(),
        consortia,
        suppliers,
        lots,
    })
}

/// The members of consortia, by what stands for each like a supplier.
fn members_of<'a>(
    consortia: impl IntoIterator<Item = &'a Consortium>,
) -> BTreeMap<OrganisationId, Vec<OrganisationId>> {
    consortia.into_iter().map(|found| (OrganisationId(found.id.0), found.suppliers())).collect()
}

/// Who may be awarded anything, by itself or as a member.
fn who_may_win(
    lots: &[Lot],
    consortia: &BTreeMap<OrganisationId, Vec<OrganisationId>>,
) -> BTreeSet<OrganisationId> {
    let candidates = lots.iter().flat_map(|lot| &lot.candidates).filter(|found| found.may_win());
    let bidders = candidates.map(|candidate| candidate.supplier);
    let firms = |bidder| consortia.get(&bidder).cloned().unwrap_or_else(|| vec![bidder]);
    bidders.flat_map(firms).collect()
}

/// Of several requirements of a lead firm, the smallest share holds for all that it buys.
fn max_supplier_shares(requirements: &[Requirement]) -> BTreeMap<OrganisationId, Share> {
    let mut shares: BTreeMap<OrganisationId, Share> = BTreeMap::new();
    for requirement in requirements {
        let share = shares.entry(requirement.lead_firm).or_insert(requirement.max_supplier_share);
        *share = requirement.max_supplier_share.min(*share);
    }
    shares
}

/// 409: the programme's figures can't become an instance; each fault says which.
pub(super) fn refused(mut faults: Vec<FieldError>) -> Problem {
    faults.sort();
    Problem { errors: faults, ..Problem::conflict("snapshot-refused") }
}

/// Candidates of a requirement with their offers per lot.
struct Candidates {
    lights: Vec<Candidate>,
    offers: BTreeMap<(LotId, OrganisationId), (UnitPrice, Option<i64>)>,
    /// Against those whose own lead time is too long.
    late: Vec<Decision>,
}

async fn candidates(
    w: &Write,
    service: &Actor,
    requirement: &Requirement,
    programme: &Programme,
    members: &BTreeSet<OrganisationId>,
    consortia: &BTreeMap<OrganisationId, Vec<OrganisationId>>,
) -> Result<Candidates, Problem> {
    let analyses = gaps::store::all(w.db(), service, requirement.id).await?;
    let mut lights = Vec::new();
    for found in analyses.into_iter().filter(|found| members.contains(&found.supplier)) {
        let yellow = programme.rules.yellow_max_share;
        let mut light_share = found.analysis.light.max_share(yellow);
        let mut closing = Vec::new();
        if light_share == Share::NONE {
            closing = closing_of(w, service, requirement, &found, programme).await?;
            light_share = if closing.is_empty() { Share::NONE } else { yellow };
        }
        let fit = found.analysis.fit;
        lights.push(Candidate { supplier: found.supplier, light_share, fit, offer: None, closing });
    }
    lights.retain(|candidate| candidate.light_share > Share::NONE);
    let bidding: Vec<_> =
        consortia.iter().filter_map(|(id, members)| together(*id, members, &lights)).collect();
    lights.extend(bidding);
    lights.sort_by_key(|candidate| candidate.supplier);
    let mut offers = requirements::store::offers_for_matching(w.db(), service, requirement.id).await?;
    let today = programme.day(w.at());
    offers.retain(|offer| offer.holds_on(today));
    // A consortium's offer is not its speaker's.
    let bidder = |offer: &Offer| offer.consortium.map_or(offer.supplier, |found| OrganisationId(found.0));
    let late = offers.iter().filter_map(|offer| {
        let last = offer.last_order_on().filter(|last| *last < today)?;
        Some(Decision {
            supplier: bidder(offer),
            lot: offer.lot,
            decision: Ruling::Forbidden,
            quantity: None,
            reason: w.actor().locale.text_with("run-offer-too-late", &[("last", last.to_string())]),
            source: Source::LeadTime,
        })
    });
    let late = late.collect();
    let priced = |offer: Offer| ((offer.lot, bidder(&offer)), (offer.unit_price, offer.max_quantity));
    Ok(Candidates { lights, offers: offers.into_iter().map(priced).collect(), late })
}

/// A consortium as a candidate, when each member is one that no gap blocks: as good as its weakest member.
fn together(id: OrganisationId, members: &[OrganisationId], lights: &[Candidate]) -> Option<Candidate> {
    let free = |member: &OrganisationId| {
        lights.iter().find(|candidate| candidate.supplier == *member && candidate.closing.is_empty())
    };
    let members: Vec<&Candidate> = members.iter().map(free).collect::<Option<_>>()?;
    Some(Candidate {
        supplier: id,
        light_share: members.iter().map(|candidate| candidate.light_share).min()?,
        fit: members.iter().map(|candidate| candidate.fit).min()?,
        offer: None,
        closing: Vec::new(),
    })
}

/// What closes a red supplier's gaps, by its plan, as far as it is in the programme's currency; and what has to be closed
/// besides and stands in no plan.
async fn closing_of(
    w: &Write,
    service: &Actor,
    requirement: &Requirement,
    found: &GapAnalysis,
    programme: &Programme,
) -> Result<Vec<Closing>, Problem> {
    let supplier = found.supplier;
    let mut actions = plans::store::closing(w.db(), service, requirement.id, supplier).await?;
    if actions.iter().any(|action| action.programme_cost.currency != programme.currency) {
        actions.clear();
    }
    let needed = found.analysis.to_open(&programme.rules.thresholds).unwrap_or_default();
    let unplanned = needed.into_iter().filter(|c| !actions.iter().any(|action| action.criterion == **c));
    let questions: Vec<String> = unplanned.map(|criterion| criterion.question.clone()).collect();
    let open = actions.iter().filter(|action| !action.is_done);
    let mut closing: Vec<Closing> = open
        .map(|action| Closing {
            id: action.id.to_string(),
            cost: Some(action.programme_cost),
            months: action.months,
        })
        .collect();
    if !questions.is_empty() {
        let unplanned = Unplanned { requirement: requirement.id, supplier, questions };
        closing.push(Closing { id: unplanned.to_string(), cost: None, months: 0 });
    }
    Ok(closing)
}

/// What firms declined and the institution rejected, unless the same pair was approved all the same.
async fn decisions_taken(
    w: &Write,
    service: &Actor,
    programme: &Programme,
    lots: &[Lot],
) -> Result<Vec<Decision>, Problem> {
    let mut decisions: BTreeMap<_, Decision> = BTreeMap::new();
    for found in matches::refused(w.db(), service, programme.id).await? {
        let lot = lots.iter().find(|lot| lot.id == found.lot);
        let has_a_part = |lot: &Lot| {
            lot.covered.contains_key(&found.supplier) || lot.through.contains_key(&found.supplier)
        };
        if lot.is_none_or(has_a_part) {
            continue;
        }
        let declined = found.state == MatchState::Declined;
        let decision = Decision {
            supplier: found.supplier,
            lot: found.lot,
            decision: Ruling::Forbidden,
            quantity: None,
            reason: found.reason.unwrap_or_default(),
            source: if declined { Source::Declined } else { Source::Rejected },
        };
        decisions.insert((found.supplier, found.lot), decision);
    }
    Ok(decisions.into_values().collect())
}

fn open(requirement: &Requirement, lot: &requirements::Lot, candidates: &Candidates) -> Lot {
    let with_offer = |candidate: &Candidate| Candidate {
        offer: candidates.offers.get(&(lot.id, candidate.supplier)).copied(),
        ..candidate.clone()
    };
    Lot {
        id: lot.id,
        buyer: requirement.lead_firm,
        process: lot.process.clone(),
        quantity: lot.quantity,
        reference_price: lot.reference_price,
        weight_ppm: lot.weight.millionths(),
        max_share: lot.max_share,
        min_coverage: lot.min_coverage,
        years: i32::try_from(lot.years).unwrap_or(i32::MAX),
        sourcing: lot.sourcing,
        starts_in: lot.delivery.starts_in,
        covered: BTreeMap::new(),
        through: BTreeMap::new(),
        candidates: candidates.lights.iter().map(with_offer).collect(),
    }
}

/// Notes the units that approved matches cover.
async fn cover(w: &Write, service: &Actor, lots: &mut [Lot]) -> Result<(), Problem> {
    let approved = matches::approved_in(w.db(), service, lots.iter().map(|lot| lot.id)).await?;
    for lot in lots {
        for found in approved.iter().filter(|found| found.lot == lot.id) {
            let consortium = found.consortium.map(OrganisationId);
            *lot.covered.entry(consortium.unwrap_or(found.supplier)).or_default() += found.quantity;
            lot.through.extend(consortium.map(|consortium| (found.supplier, consortium)));
        }
    }
    Ok(())
}

async fn groups(
    w: &Write,
    service: &Actor,
    buyers: &BTreeSet<OrganisationId>,
    profiles: &[Profile],
    approved: &[Match],
) -> Result<BTreeMap<OrganisationId, Uuid>, Problem> {
    let sold_to = profiles.iter().flat_map(|profile| &profile.buyer_sales).map(|sales| sales.buyer);
    let firms: BTreeSet<_> =
        buyers.iter().copied().chain(sold_to).chain(approved.iter().map(|found| found.lead_firm)).collect();
    let firms = firms::find_all(w.db(), service, firms).await?;
    Ok(firms.into_iter().map(|firm| (firm.id, firm.buyer_key())).collect())
}

fn group_of(groups: &BTreeMap<OrganisationId, Uuid>, firm: OrganisationId) -> Uuid {
    groups.get(&firm).copied().unwrap_or(firm.0)
}

async fn processes(
    w: &Write,
    service: &Actor,
    approved: &[Match],
) -> Result<BTreeMap<LotId, String>, Problem> {
    let mut processes = BTreeMap::new();
    for found in approved {
        if let Entry::Vacant(entry) = processes.entry(found.lot) {
            let (_, lot) = requirements::store::lot(w.db(), service, found.lot).await?;
            entry.insert(lot.terms.process);
        }
    }
    Ok(processes)
}

fn supplier<'a>(
    profile: &Profile,
    approved: impl Iterator<Item = &'a Match>,
    to_make: impl Iterator<Item = &'a Match>,
    exchange: &Exchange,
    groups: &BTreeMap<OrganisationId, Uuid>,
    processes: &BTreeMap<LotId, String>,
) -> Result<Supplier, OtherCurrency> {
    let mut position = Position::of_ledger(profile, exchange, |firm| group_of(groups, firm))?;
    let mut committed_units: BTreeMap<String, i64> = BTreeMap::new();
    for found in approved {
        position.approve(found, exchange, group_of(groups, found.lead_firm))?;
    }
    for found in to_make {
        if let Some(process) = processes.get(&found.lot) {
            *committed_units.entry(process.clone()).or_default() += found.quantity;
        }
    }
    let capacities = profile.capacities.iter().map(|c| (c.process.clone(), c.amount_millionths)).collect();
    Ok(Supplier { position, capacities, committed_units })
}
