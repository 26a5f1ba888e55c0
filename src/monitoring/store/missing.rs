//! Answers that are missing: for the service itself, which reminds, and for whoever is to give them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

use super::entities::{measurement, round};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        ids::{MeasurementId, MeasurementRoundId, OrganisationId},
        problem::Problem,
    },
    monitoring::{
        catalogue::{self, Reporter},
        rounds::{Round, Standing, State, reports},
    },
    programmes,
};

/// The open rounds whose due day lies between these.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn due_rounds(
    db: &impl ConnectionTrait,
    service: &Actor,
    from: Day,
    until: Day,
) -> Result<Vec<Round>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let rows = round::Entity::find()
        .filter(round::Column::State.eq(State::Open))
        .filter(round::Column::DueOn.between(from, until))
        .order_by_asc(round::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Round::from).collect())
}

/// The organisations that have not answered what a round asks of them.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn missing_from(
    db: &impl ConnectionTrait,
    service: &Actor,
    id: MeasurementRoundId,
) -> Result<BTreeSet<OrganisationId>, Problem> {
    let round = super::rounds::find_round(db, service, id).await?;
    let institution = programmes::store::find(db, service, round.programme).await?.institution;
    let asked = measurement::Entity::find()
        .filter(measurement::Column::RoundId.eq(id))
        .filter(measurement::Column::Standing.eq(Standing::Asked))
        .all(db)
        .await?;
    let catalogue = catalogue::version(round.catalogue);
    let whom = |row: measurement::Model| {
        let indicator = catalogue.and_then(|catalogue| catalogue.find(&row.indicator))?;
        match indicator.reporter {
            Reporter::Supplier | Reporter::LeadFirm => Some(row.firm_id),
            Reporter::Institution => Some(institution),
            Reporter::System => None,
        }
    };
    Ok(asked.into_iter().filter_map(whom).collect())
}

/// So many questions are looked at.
const MOST: u64 = 1_000;

/// What open rounds ask of the actor's organisation and it has not answered.
///
/// # Errors
/// What the database said.
pub async fn asked_of(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<MeasurementId>, Problem> {
    let is_institution = actor.kind() == Some(Kind::Institution);
    let open = round::Entity::find()
        .select_only()
        .columns([round::Column::Id, round::Column::Catalogue])
        .filter(round::Column::State.eq(State::Open));
    let open = if is_institution { open.filter(super::rounds::visible(actor)) } else { open };
    let open: Vec<(MeasurementRoundId, i32)> = open.into_tuple().all(db).await?;
    let catalogues: BTreeMap<_, _> = open.into_iter().collect();
    let query = measurement::Entity::find()
        .filter(measurement::Column::Standing.eq(Standing::Asked))
        .filter(measurement::Column::RoundId.is_in(catalogues.keys().copied()));
    let own = measurement::Column::FirmId.eq(actor.organisation);
    let query = if is_institution { query } else { query.filter(own) };
    let rows = query.order_by_asc(measurement::Column::Id).limit(MOST).all(db).await?;
    let waits = |row: &measurement::Model| {
        let catalogue = catalogues.get(&row.round_id).and_then(|number| catalogue::version(*number));
        let indicator = catalogue.and_then(|catalogue| catalogue.find(&row.indicator));
        indicator.is_some_and(|found| reports(found.reporter, !is_institution, is_institution))
    };
    Ok(rows.into_iter().filter(waits).map(|row| row.id).collect())
}
