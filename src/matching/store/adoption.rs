//! What adopting a run proposes.

use std::collections::{BTreeMap, BTreeSet};

use eslabon_solver::{Decimal, read::Reading};

use super::matches;
use crate::{
    foundation::{
        db::Write,
        ids::{LotId, MatchId, OrganisationId, RequirementId},
        money::{Currency, Money, UnitPrice},
        problem::Problem,
        share::Share,
    },
    matching::{Match, MatchState, Run},
    programmes, requirements,
};

/// Whether a run was solved under a looser cap than the one that holds now.
pub(super) fn is_looser(run: Option<Decimal>, now: Option<Share>) -> bool {
    match (run, now.map(|cap| Decimal::new(cap.ppm(), 6))) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(run), Some(now)) => run > now,
    }
}

/// The run's awards as matches, in the order of the awards, in the name of the actor.
pub(super) async fn proposals(w: &Write, run: &Run, snapshot: &Reading) -> Result<Vec<Match>, Problem> {
    let requirements = requirements::store::closed_in_programme(w.db(), w.actor(), run.programme).await?;
    let mut lots: BTreeMap<String, (LotId, RequirementId, OrganisationId)> = BTreeMap::new();
    for requirement in &requirements {
        let of =
            |lot: &requirements::Lot| (lot.id.to_string(), (lot.id, requirement.id, requirement.lead_firm));
        lots.extend(requirement.lots.iter().map(of));
    }
    let announced: BTreeMap<_, _> = requirements
        .iter()
        .filter_map(|requirement| Some((requirement.id, requirement.announced?.0)))
        .collect();
    let instance = &snapshot.instance;
    let years: BTreeMap<&str, i64> =
        instance.lots.iter().map(|lot| (lot.id.as_str(), lot.years.to_integer().unwrap_or(1))).collect();
    let prices: BTreeMap<(&str, &str), Decimal> = instance
        .pairs
        .iter()
        .map(|pair| ((pair.supplier.as_str(), pair.lot.as_str()), pair.unit_price))
        .collect();
    let Some(outcome) = &run.outcome else { return Ok(Vec::new()) };
    let currency: Currency = outcome.currency.parse().map_err(Problem::internal)?;
    let mut matches = Vec::new();
    for award in &outcome.awards {
        // A consortium's members sell at the price of its offer.
        let key = (award.consortium.as_deref().unwrap_or(&award.supplier), award.lot.as_str());
        let (Some((lot, requirement, lead_firm)), Some(price)) = (lots.get(&award.lot), prices.get(&key))
        else {
            // A lot of a network that is not the actor's.
            return Err(Problem::not_found());
        };
        if let Some(at) = announced.get(requirement) {
            let at = programmes::store::moment(w, run.programme, *at).await?;
            return Err(Problem::conflict("already-announced").with("at", at));
        }
        let amount = |text: &str| Money::parse(text, currency).map_err(Problem::internal);
        matches.push(Match {
            id: w.new_id(),
            run: run.id,
            programme: run.programme,
            requirement: *requirement,
            lot: *lot,
            lead_firm: *lead_firm,
            supplier: award.supplier.parse().map_err(Problem::internal)?,
            consortium: award.consortium.as_deref().map(str::parse).transpose().map_err(Problem::internal)?,
            quantity: i64::try_from(award.quantity).map_err(Problem::internal)?,
            unit_price: UnitPrice::parse(&price.to_string()).map_err(Problem::internal)?,
            years: years.get(key.1).and_then(|years| i32::try_from(*years).ok()).unwrap_or(1),
            amount: amount(&award.amount)?,
            annual_amount: amount(&award.annual_amount)?,
            state: MatchState::Proposed,
            proposed_by: w.actor().account,
            decided_by: None,
            decided_at: None,
            reason: None,
            superseded_by: None,
            version: 1,
        });
    }
    Ok(matches)
}

/// No lot is proposed twice: what other runs have proposed for the same lots, and nobody has decided, is decided first,
/// or superseded for a reason. Which ones were.
pub(super) async fn supersede(
    w: &Write,
    runs: &[Run],
    (run, proposals): (&Run, &[Match]),
    reason: Option<&str>,
) -> Result<Vec<MatchId>, Problem> {
    let lots: BTreeSet<LotId> = proposals.iter().map(|found| found.lot).collect();
    let mut live = matches::hold_lots(w, lots).await?;
    live.retain(|found| found.state.is_undecided());
    let Some(first) = live.first() else { return Ok(Vec::new()) };
    let Some(reason) = reason else {
        let lots: BTreeSet<_> = live.iter().map(|found| found.lot).collect();
        let name = runs.iter().find(|run| run.id == first.run).map_or("", |run| run.name.as_str());
        return Err(Problem::conflict("lots-already-proposed")
            .with("run", name)
            .with("id", first.run)
            .with("lots", lots.len())
            .with("matches", live.len()));
    };
    for found in &live {
        matches::supersede(w, found, run.id, reason).await?;
    }
    Ok(live.into_iter().map(|found| found.id).collect())
}
