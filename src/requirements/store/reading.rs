//! Requirements as the actor sees them.

use std::collections::BTreeMap;

use sea_orm::{
    Condition, QueryOrder, QuerySelect, QueryTrait, Select, entity::prelude::*, sea_query::SelectStatement,
};

use super::entities::{criterion, lot as lots, requirement};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        db::holds,
        http::list::{Page, Window},
        ids::{LotId, NetworkId, ProgrammeId, RequirementId},
        problem::Problem,
    },
    programmes,
    requirements::{
        Lot, LotTerms, Requirement, State, Summary,
        criteria::Criterion,
        lots::{Delivery, Sourcing},
    },
};

/// Whom a requirement shows itself to: its lead firm; the programme's institution; once it is published,
/// the programme's suppliers. One that was posted in a network: to the institution's people who are assigned
/// to it, and to the suppliers that it has selected.
pub(super) fn visible(actor: &Actor) -> Condition {
    let within = || {
        let network = Condition::any()
            .add(requirement::Column::NetworkId.is_null())
            .add(requirement::Column::NetworkId.in_subquery(programmes::store::networks(actor)));
        let programme = requirement::Column::ProgrammeId.in_subquery(programmes::store::seen_by(actor));
        Condition::all().add(programme).add(network)
    };
    match actor.kind() {
        None if actor.is_system() => Condition::all(),
        Some(Kind::LeadFirm) => Condition::all().add(requirement::Column::LeadFirmId.eq(actor.organisation)),
        Some(Kind::Institution) => Condition::all().add(within()),
        Some(Kind::Supplier) => Condition::all()
            .add(within())
            .add(requirement::Column::State.is_in([State::Published, State::Closed])),
        None => Condition::all().add(requirement::Column::Id.is_null()),
    }
}

/// The ids of the requirements that the actor sees, as a subquery for the stages above.
pub fn seen_by(actor: &Actor) -> SelectStatement {
    let ids = requirement::Entity::find().select_only().column(requirement::Column::Id);
    ids.filter(visible(actor)).into_query()
}

/// The ids of the requirements whose titles hold this, as a subquery for lists that say themselves what the actor sees.
pub fn titled(q: &str) -> SelectStatement {
    let ids = requirement::Entity::find().select_only().column(requirement::Column::Id);
    ids.filter(holds(requirement::Column::Title, q)).into_query()
}

/// The ids of the lots whose names hold this, likewise.
pub fn lots_named(q: &str) -> SelectStatement {
    let ids = lots::Entity::find().select_only().column(lots::Column::Id);
    ids.filter(holds(lots::Column::Name, q)).into_query()
}

/// The requirement, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Requirement, Problem> {
    let found = requirement::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    complete_one(db, actor, found.ok_or_else(Problem::not_found)?).await
}

/// The lot and its requirement, when the actor may see them.
///
/// # Errors
/// 404 otherwise.
pub async fn lot(db: &impl ConnectionTrait, actor: &Actor, id: LotId) -> Result<(Requirement, Lot), Problem> {
    let found = lots::Entity::find_by_id(id).one(db).await?.filter(|lot| lot.position >= 0);
    let found = found.ok_or_else(Problem::not_found)?;
    let requirement = find(db, actor, found.requirement_id).await?;
    Ok((requirement, found.into()))
}

/// Whether a programme has a requirement that is called so where it was imported from.
///
/// # Errors
/// What the database said.
pub async fn is_imported(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    reference: &str,
) -> Result<bool, Problem> {
    let found = requirement::Entity::find()
        .filter(visible(actor))
        .filter(requirement::Column::ProgrammeId.eq(programme))
        .filter(requirement::Column::ExternalReference.eq(reference))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Whether an open contracting id is that of a requirement which was posted here: such an id ends in the requirement's
/// own, after whatever prefix its publisher has.
///
/// # Errors
/// What the database said.
pub async fn is_of_here(db: &impl ConnectionTrait, actor: &Actor, reference: &str) -> Result<bool, Problem> {
    let last = reference.len().checked_sub(uuid::fmt::Hyphenated::LENGTH).and_then(|at| reference.get(at..));
    let Some(id) = last.and_then(|id| id.parse::<RequirementId>().ok()) else { return Ok(false) };
    Ok(requirement::Entity::find_by_id(id).filter(visible(actor)).one(db).await?.is_some())
}

/// Which requirements to list.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Of one programme.
    pub programme: Option<ProgrammeId>,
    /// In one state.
    pub state: Option<State>,
    /// Whose title or description holds this.
    pub q: Option<String>,
}

/// The requirements that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: &Filter,
    window: &Window,
) -> Result<Page<Summary>, Problem> {
    let query = wanted(actor, filter);
    let page = window.fetch(actor, query, requirement::Column::Id, |row| row.id.0, filter, db).await?;
    Ok(page.map(|row| Summary::from(row.seen_by(actor))))
}

/// How many requirements there are that the actor may see and this filter lets through.
///
/// # Errors
/// What the database said.
pub async fn count(db: &impl ConnectionTrait, actor: &Actor, filter: &Filter) -> Result<u64, Problem> {
    Ok(wanted(actor, filter).count(db).await?)
}

fn wanted(actor: &Actor, filter: &Filter) -> Select<requirement::Entity> {
    let mut query = requirement::Entity::find().filter(visible(actor));
    if let Some(programme) = filter.programme {
        query = query.filter(requirement::Column::ProgrammeId.eq(programme));
    }
    if let Some(state) = filter.state {
        query = query.filter(in_state(actor, state));
    }
    if let Some(q) = &filter.q {
        let said = holds(requirement::Column::Title, q).add(holds(requirement::Column::Description, q));
        query = query.filter(said);
    }
    query
}

/// What the table holds of a state: an awarded requirement is a closed one with the moment of its award, which suppliers
/// are not told.
fn in_state(actor: &Actor, state: State) -> Condition {
    if actor.kind() == Some(Kind::Supplier) {
        return Condition::all().add(requirement::Column::State.eq(state));
    }
    let kept = if state == State::Awarded { State::Closed } else { state };
    let awarded = match state {
        State::Awarded => requirement::Column::AwardedAt.is_not_null(),
        State::Draft | State::Published | State::Closed => requirement::Column::AwardedAt.is_null(),
    };
    Condition::all().add(requirement::Column::State.eq(kept)).add(awarded)
}

impl requirement::Model {
    /// How far the requirement is.
    pub(super) fn state(&self) -> State {
        if self.awarded_at.is_some() { State::Awarded } else { self.state }
    }

    /// As the actor sees it. That all of it has been awarded says to a supplier that there are others who were matched,
    /// and in a small network who they are: to suppliers it stays closed, and its version what it was.
    pub(super) fn seen_by(mut self, actor: &Actor) -> Self {
        if actor.kind() == Some(Kind::Supplier) && self.awarded_at.take().is_some() {
            self.version -= 1;
        }
        self
    }
}

/// The closed requirements of a programme that the actor may see, the awarded ones with them, whole, in id order.
///
/// # Errors
/// 404 when the actor sees no such programme.
pub async fn closed_in_programme(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<Requirement>, Problem> {
    programmes::store::find(db, actor, programme).await?;
    let rows = requirement::Entity::find()
        .filter(visible(actor))
        .filter(requirement::Column::ProgrammeId.eq(programme))
        .filter(requirement::Column::State.eq(State::Closed))
        .order_by_asc(requirement::Column::Id)
        .all(db)
        .await?;
    complete(db, actor, rows).await
}

/// Those of them that can be matched: when the result of one is announced, nothing more comes of it.
///
/// # Errors
/// 404 when the actor sees no such programme.
pub async fn to_match(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<Requirement>, Problem> {
    let mut found = closed_in_programme(db, actor, programme).await?;
    found.retain(|requirement| requirement.announced.is_none());
    Ok(found)
}

/// The published requirements that close by themselves after one moment and until another, and when.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn closing(
    db: &impl ConnectionTrait,
    service: &Actor,
    after: Timestamp,
    until: Timestamp,
) -> Result<Vec<(RequirementId, Timestamp)>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let rows = requirement::Entity::find()
        .filter(requirement::Column::State.eq(State::Published))
        .filter(requirement::Column::ClosesAt.gt(after))
        .filter(requirement::Column::ClosesAt.lte(until))
        .order_by_asc(requirement::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.closes_at?))).collect())
}

/// The ids of the requirements that concern a network, its own and those of its whole programme: for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn within_network(
    db: &impl ConnectionTrait,
    service: &Actor,
    programme: ProgrammeId,
    network: NetworkId,
) -> Result<Vec<RequirementId>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let of = Condition::any()
        .add(requirement::Column::NetworkId.eq(network))
        .add(requirement::Column::NetworkId.is_null());
    let ids = requirement::Entity::find()
        .select_only()
        .column(requirement::Column::Id)
        .filter(requirement::Column::ProgrammeId.eq(programme))
        .filter(of);
    Ok(ids.into_tuple().all(db).await?)
}

pub(super) async fn complete_one(
    db: &impl ConnectionTrait,
    actor: &Actor,
    row: requirement::Model,
) -> Result<Requirement, Problem> {
    complete(db, actor, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

/// The rows with their lots, criteria and currency. Whoever sees a requirement sees its programme.
async fn complete(
    db: &impl ConnectionTrait,
    actor: &Actor,
    rows: Vec<requirement::Model>,
) -> Result<Vec<Requirement>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut lots_of: BTreeMap<_, Vec<Lot>> = BTreeMap::new();
    let query = lots::Entity::find()
        .filter(lots::Column::RequirementId.is_in(ids.clone()))
        .filter(lots::Column::Position.gte(0));
    for row in query.order_by_asc(lots::Column::Position).all(db).await? {
        lots_of.entry(row.requirement_id).or_default().push(row.into());
    }
    let mut criteria_of: BTreeMap<_, Vec<Criterion>> = BTreeMap::new();
    let query = criterion::Entity::find().filter(criterion::Column::RequirementId.is_in(ids));
    for row in query.order_by_asc(criterion::Column::Position).all(db).await? {
        criteria_of.entry(row.requirement_id).or_default().push(serde_json::from_str(&row.content)?);
    }
    let mut currencies = BTreeMap::new();
    let mut requirements = Vec::with_capacity(rows.len());
    for row in rows {
        let row = row.seen_by(actor);
        let currency = match currencies.get(&row.programme_id) {
            Some(currency) => *currency,
            None => programmes::store::find(db, actor, row.programme_id).await?.currency,
        };
        currencies.insert(row.programme_id, currency);
        requirements.push(Requirement {
            state: row.state(),
            id: row.id,
            programme: row.programme_id,
            network: row.network_id,
            currency,
            lead_firm: row.lead_firm_id,
            title: row.title,
            description: row.description,
            external_reference: row.external_reference,
            published_at: row.published_at,
            closed_at: row.closed_at,
            closes_at: row.closes_at,
            questions_until: row.questions_until,
            awarded_at: row.awarded_at,
            announced: row.announced_at.zip(row.announced_by),
            max_supplier_share: row.max_supplier_share_ppm,
            revision: row.revision,
            version: row.version,
            lots: lots_of.remove(&row.id).unwrap_or_default(),
            criteria: criteria_of.remove(&row.id).unwrap_or_default(),
        });
    }
    Ok(requirements)
}

impl From<requirement::Model> for Summary {
    fn from(row: requirement::Model) -> Self {
        Self {
            state: row.state(),
            id: row.id,
            programme: row.programme_id,
            network: row.network_id,
            lead_firm: row.lead_firm_id,
            title: row.title,
            published_at: row.published_at,
            closed_at: row.closed_at,
            closes_at: row.closes_at,
            version: row.version,
        }
    }
}

impl From<lots::Model> for Lot {
    fn from(row: lots::Model) -> Self {
        let sourcing = Sourcing {
            min_suppliers: row.min_suppliers,
            max_suppliers: row.max_suppliers,
            min_share: row.min_share_ppm,
            divisible: row.divisible,
            must_award: row.must_award,
        };
        let terms = LotTerms {
            name: row.name,
            process: row.process,
            unit: row.unit,
            unit_code: row.unit_code,
            quantity: row.quantity,
            reference_price: row.reference_price,
            weight: row.weight_ppm,
            max_share: row.max_share_ppm,
            min_coverage: row.min_coverage_ppm,
            years: row.years.into(),
            sourcing,
            delivery: Delivery { from: row.delivery_from, to: row.delivery_to, starts_in: row.starts_in },
            external_reference: row.external_reference,
        };
        Self { id: row.id, terms, revision: row.revision }
    }
}
