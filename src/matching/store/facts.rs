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
    gaps,
    matching::{
        Cap, Match,
        position::{OtherCurrency, Position},
        snapshot::{Candidate, Facts, Lot, Supplier},
    },
    organisations::{
        Profile,
        store::{firms, ledger},
    },
    programmes::{self, Programme},
    requirements::{self, Requirement},
};

use super::matches;

/// Everything that the closed requirements of a programme and their candidates say now. Gaps are computed
/// anew, so that no run rests on an outdated diagnostic.
pub(super) async fn gather(w: &Write, programme: &Programme, cap: Cap) -> Result<Facts, Problem> {
    // The caller has shown that the programme is its own. What was approved elsewhere, and what a supplier
    // sells to firms outside, only the service reads; it goes into the snapshot as sums.
    let service = Actor::system(programme.institution);
    let (db, id) = (w.db(), programme.id);
    let requirements = requirements::store::closed_in_programme(db, &service, id).await?;
    let mut lots = Vec::new();
    for requirement in &requirements {
        gaps::store::refresh(w, requirement).await?;
        let members = programmes::store::participants(db, &service, id, requirement.network).await?;
        let members: BTreeSet<OrganisationId> = members.into_iter().collect();
        let candidates = candidates(w, &service, requirement, programme, &members).await?;
        lots.extend(requirement.lots.iter().map(|lot| open(requirement, lot, &candidates)));
    }
    cover(w, &service, &mut lots).await?;

    let able = lots.iter().flat_map(|lot: &Lot| &lot.candidates);
    let able: BTreeSet<OrganisationId> = able.map(|candidate| candidate.supplier).collect();
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

    let (mut suppliers, mut faults) = (BTreeMap::new(), Vec::new());
    for profile in profiles {
        let own = approved.iter().filter(|found| found.supplier == profile.supplier);
        let to_make = to_make.iter().filter(|found| found.supplier == profile.supplier);
        match supplier(&profile, own, to_make, programme, &groups, &processes) {
            Ok(supplier) => {
                suppliers.insert(profile.supplier, supplier);
            }
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
    let waivers = programmes::store::waivers_in_force(db, &service, id, w.at().day()).await?;
    Ok(Facts {
        currency: programme.currency,
        rules: programme.rules.clone(),
        cap,
        waivers: waivers.into_iter().map(|w| (w.supplier, w.buyer_group, w.dependency_cap)).collect(),
        buyers: buyers.into_iter().map(|buyer| (buyer, group_of(&groups, buyer))).collect(),
        suppliers,
        lots,
    })
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
}

async fn candidates(
    w: &Write,
    service: &Actor,
    requirement: &Requirement,
    programme: &Programme,
    members: &BTreeSet<OrganisationId>,
) -> Result<Candidates, Problem> {
    let analyses = gaps::store::all(w.db(), service, requirement.id).await?;
    let lights =
        analyses.into_iter().filter(|found| members.contains(&found.supplier)).map(|found| Candidate {
            supplier: found.supplier,
            light_share: found.analysis.light.max_share(programme.rules.yellow_max_share),
            fit: found.analysis.fit,
            offer: None,
        });
    let mut lights: Vec<_> = lights.filter(|candidate| candidate.light_share > Share::NONE).collect();
    lights.sort_by_key(|candidate| candidate.supplier);
    let mut offers = requirements::store::offers_for_matching(w.db(), service, requirement.id).await?;
    offers.retain(|offer| offer.holds_on(w.at().day()));
    let offers =
        offers.into_iter().map(|offer| ((offer.lot, offer.supplier), (offer.unit_price, offer.max_quantity)));
    Ok(Candidates { lights, offers: offers.collect() })
}

fn open(requirement: &Requirement, lot: &requirements::Lot, candidates: &Candidates) -> Lot {
    let with_offer = |candidate: &Candidate| Candidate {
        offer: candidates.offers.get(&(lot.id, candidate.supplier)).copied(),
        ..*candidate
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
        covered: BTreeMap::new(),
        candidates: candidates.lights.iter().map(with_offer).collect(),
    }
}

/// Notes the units that approved matches cover.
async fn cover(w: &Write, service: &Actor, lots: &mut [Lot]) -> Result<(), Problem> {
    let mut covered: BTreeMap<LotId, BTreeMap<OrganisationId, i64>> = BTreeMap::new();
    for found in matches::approved_in(w.db(), service, lots.iter().map(|lot| lot.id)).await? {
        *covered.entry(found.lot).or_default().entry(found.supplier).or_default() += found.quantity;
    }
    for lot in lots {
        lot.covered = covered.remove(&lot.id).unwrap_or_default();
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
    programme: &Programme,
    groups: &BTreeMap<OrganisationId, Uuid>,
    processes: &BTreeMap<LotId, String>,
) -> Result<Supplier, OtherCurrency> {
    let currency = programme.currency;
    let mut position = Position::of_ledger(profile, currency, |firm| group_of(groups, firm))?;
    let mut committed_units: BTreeMap<String, i64> = BTreeMap::new();
    for found in approved {
        position.approve(found, currency, group_of(groups, found.lead_firm))?;
    }
    for found in to_make {
        if let Some(process) = processes.get(&found.lot) {
            *committed_units.entry(process.clone()).or_default() += found.quantity;
        }
    }
    let capacities = profile.capacities.iter().map(|c| (c.process.clone(), c.amount_millionths)).collect();
    Ok(Supplier { position, capacities, committed_units })
}
