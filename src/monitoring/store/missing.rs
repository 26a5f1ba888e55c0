//! Answers that are missing: for the service itself, which reminds.

use std::collections::BTreeSet;

use sea_orm::{QueryOrder, entity::prelude::*};

use super::entities::{measurement, round};
use crate::{
    foundation::{
        access::Actor,
        clock::Day,
        ids::{MeasurementRoundId, OrganisationId},
        problem::Problem,
    },
    monitoring::{
        catalogue::{self, Reporter},
        rounds::{Round, Standing, State},
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
