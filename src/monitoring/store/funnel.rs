//! The funnel of a network, from what every stage has on record.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::rounds::network;
use crate::{
    contracts, diagnostics,
    foundation::{
        access::Actor,
        clock::Timestamp,
        ids::{NetworkId, OrganisationId, RequirementId},
        problem::Problem,
    },
    gaps::{signing::agreed_at, store::acts},
    matching::store::matches,
    monitoring::funnel::{Stage, Step, Way, funnel},
    plans,
    programmes::{self, networks::Standing, store::Entrance},
    requirements,
};

/// The funnel of a network, over every supplier that was ever invited or applied.
///
/// # Errors
/// 404 when the actor is nobody of the institution who sees the network.
pub async fn read_funnel(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
) -> Result<Vec<Step>, Problem> {
    let found = network(db, actor, id).await?;
    let service = Actor::system(actor.organisation);
    let entrances = programmes::store::entrances(db, &service, id).await?;
    let mut ways: BTreeMap<OrganisationId, Way> =
        entrances.into_iter().map(|entrance| (entrance.supplier, entered(entrance))).collect();
    let suppliers: Vec<_> = ways.keys().copied().collect();
    let requirements: Vec<RequirementId> =
        requirements::store::within_network(db, &service, found.programme, id).await?;
    let mut reached: Vec<(OrganisationId, Stage, Timestamp)> = Vec::new();
    let diagnosed = diagnostics::store::first_submitted(db, &service, &suppliers).await?;
    reached.extend(diagnosed.into_iter().map(|(supplier, at)| (supplier, Stage::Diagnosed, at)));
    let agreed = acts::agreements(db, &service, &requirements).await?;
    reached.extend(agreed.into_iter().map(|(supplier, at)| (supplier, Stage::GapActAgreed, at)));
    let within: BTreeSet<_> = requirements.iter().copied().collect();
    for plan in plans::store::of_programme(db, &service, found.programme).await? {
        if let Some(at) = agreed_at(&plan.signatures).filter(|_| within.contains(&plan.requirement)) {
            reached.push((plan.supplier, Stage::PlanAgreed, at));
        }
    }
    for (supplier, proposed, approved) in matches::moments(db, &service, &requirements).await? {
        reached.push((supplier, Stage::Matched, proposed));
        reached.extend(approved.map(|at| (supplier, Stage::Approved, at)));
    }
    let signed = contracts::store::signings(db, &service, &requirements).await?;
    reached.extend(signed.into_iter().map(|(supplier, at)| (supplier, Stage::Contracted, at)));
    for (supplier, stage, at) in reached {
        // What suppliers do in the programme that the network has not selected is none of its funnel.
        if let Some(way) = ways.get_mut(&supplier).filter(|way| way.reached.contains_key(&Stage::Selected)) {
            way.reach(stage, Some(at));
        }
    }
    let ways: Vec<_> = ways.into_values().collect();
    Ok(funnel(&ways))
}

fn entered(entrance: Entrance) -> Way {
    let is_out = matches!(entrance.standing, Standing::Refused | Standing::Left);
    let mut way = Way { supplier: entrance.supplier, reached: BTreeMap::new(), is_out };
    way.reach(Stage::Invited, entrance.first_at);
    if entrance.standing == Standing::Selected || entrance.selected_at.is_some() {
        way.reach(Stage::Selected, entrance.selected_at);
    }
    way
}
