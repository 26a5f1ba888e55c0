//! Which requirements are open, and what of them goes out.

use std::collections::BTreeSet;

use sea_orm::{entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

use crate::{
    contracts,
    exchange::ocds::publish::Publication,
    foundation::{
        access::{Actor, Kind},
        db::Write,
        ids::{OrganisationId, RequirementId},
        problem::Problem,
    },
    matching::store::matches,
    organisations::store::firms,
    requirements::{self, Requirement, State},
};

mod entity {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{AccountId, RequirementId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "open_requirements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub requirement_id: RequirementId,
        pub opened_at: Timestamp,
        pub opened_by: AccountId,
    }

    crate::unrelated!();
}

/// Opens a requirement of the actor's lead firm as data, or takes that back.
///
/// # Errors
/// 404 when it is not the actor's, 409 for a draft.
pub async fn put(w: &Write, id: RequirementId, open: bool) -> Result<(), Problem> {
    let found = requirements::store::find(w.db(), w.actor(), id).await?;
    w.in_state(found.state)?;
    if open {
        let row = entity::Model { requirement_id: id, opened_at: w.at(), opened_by: w.actor().account };
        entity::Entity::insert(entity::ActiveModel::from(row))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(w.db())
            .await?;
    } else {
        entity::Entity::delete_by_id(id).exec(w.db()).await?;
    }
    w.record("requirement", id, &json!({ "open_data": open })).await
}

/// An open requirement, with everything about it that the actor may see.
///
/// # Errors
/// 404 when the actor may not see it or it is not open.
pub async fn publication(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
    prefix: Option<String>,
) -> Result<Publication, Problem> {
    let requirement = requirements::store::find(db, actor, id).await?;
    entity::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?;
    let offers = if unsealed_for(actor, &requirement) {
        requirements::store::offers_for_matching(db, actor, id).await?
    } else {
        Vec::new()
    };
    let matches = matches::approved_of(db, actor, id).await?;
    let contracts = contracts::store::list_of(db, actor, id).await?;
    let mut publication = Publication { requirement, firms: Vec::new(), offers, matches, contracts, prefix };
    // Whoever sees a match, a contract or an offer knows whose it is.
    let service = Actor::system(actor.organisation);
    publication.firms = firms::find_all(db, &service, publication.named()).await?;
    Ok(publication)
}

fn unsealed_for(actor: &Actor, requirement: &Requirement) -> bool {
    let reads = actor.is_system() || actor.kind() == Some(Kind::Institution);
    reads && matches!(requirement.state, State::Closed | State::Awarded)
}

/// The institution that runs the programme of a requirement that the actor may see: it publishes.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn publisher(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
) -> Result<String, Problem> {
    let programme = crate::programmes::store::find(db, actor, requirement.programme).await?;
    let institution =
        firms::find_all(db, &Actor::system(actor.organisation), [programme.institution]).await?;
    Ok(institution.into_iter().next().map_or_else(String::new, |institution| institution.name))
}

impl Publication {
    /// The ids of everybody whose name goes out.
    fn named(&self) -> BTreeSet<OrganisationId> {
        let bidders = self.offers.iter().filter(|offer| self.names(offer)).map(|offer| offer.supplier);
        let sellers = self.matches.iter().map(|found| found.supplier);
        let contracted = self.contracts.iter().map(|contract| contract.supplier);
        bidders.chain(sellers).chain(contracted).chain([self.requirement.lead_firm]).collect()
    }
}
