//! Instruments that institutions have made.

use sea_orm::{ActiveValue::Set, Condition, PaginatorTrait, QueryOrder, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::entities::instruments;
use crate::{
    diagnostics::{
        authoring::{Authored, InstrumentState, MOST_PUBLISHED, NewInstrument},
        instrument::{self, Instrument},
    },
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::IfVersion,
        ids::InstrumentId,
        problem::Problem,
    },
    organisations::store::ledger,
};

/// Whom an instrument shows itself to: its institution; once it is published, the firms that work with it.
fn visible(actor: &Actor) -> Condition {
    match actor.kind() {
        None if actor.is_system() => Condition::all(),
        Some(Kind::Institution) => {
            Condition::all().add(instruments::Column::InstitutionId.eq(actor.organisation))
        }
        Some(kind) => Condition::all()
            .add(instruments::Column::Kind.eq(kind))
            .add(instruments::Column::State.eq(InstrumentState::Published))
            .add(instruments::Column::InstitutionId.in_subquery(ledger::institutions_of(actor))),
        None => Condition::all().add(instruments::Column::Id.is_null()),
    }
}

/// The instruments that the actor may see, in id order.
///
/// # Errors
/// What the database said.
pub async fn authored(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<Authored>, Problem> {
    let query = instruments::Entity::find().filter(visible(actor)).order_by_asc(instruments::Column::Id);
    query.all(db).await?.into_iter().map(Authored::try_from).collect()
}

/// The instrument, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn authored_one(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: InstrumentId,
) -> Result<Authored, Problem> {
    let found = instruments::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// Makes an instrument of the actor's institution, as a draft: the first version of its code, or the next.
///
/// # Errors
/// 422 for a code that is shipped, or used for another kind of firm; 409 while a draft of it is under way.
pub async fn create_instrument(w: &Write, new: NewInstrument) -> Result<Authored, Problem> {
    let NewInstrument(mut instrument) = new;
    if instrument::all().iter().any(|shipped| shipped.code == instrument.code) {
        return Err(Problem::field("/code", "code-is-shipped"));
    }
    let latest = instruments::Entity::find()
        .filter(instruments::Column::InstitutionId.eq(w.actor().organisation))
        .filter(instruments::Column::Code.eq(&instrument.code))
        .order_by_desc(instruments::Column::Number)
        .one(w.db())
        .await?;
    match &latest {
        Some(draft) if draft.state == InstrumentState::Draft => {
            return Err(Problem::conflict("instrument-under-way").with("id", draft.id));
        }
        Some(other) if other.kind != instrument.kind => {
            return Err(Problem::field("/kind", "code-of-another-kind"));
        }
        _ => {}
    }
    instrument.version = latest.map_or(0, |latest| latest.number) + 1;
    let row = instruments::Model {
        id: w.new_id(),
        institution_id: w.actor().organisation,
        code: instrument.code.clone(),
        number: instrument.version,
        kind: instrument.kind,
        state: InstrumentState::Draft,
        content: serde_json::to_string(&instrument)?,
        created_at: w.at(),
        published_at: None,
        version: 1,
    };
    instruments::Entity::insert(instruments::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    w.record("instrument", row.id, &json!({ "code": row.code, "number": row.number })).await?;
    row.try_into()
}

/// The instrument of the actor's institution that this write will change.
async fn own(w: &Write, id: InstrumentId, version: IfVersion) -> Result<instruments::Model, Problem> {
    let found =
        instruments::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive().one(w.db()).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    Ok(found)
}

/// Rewrites a draft whole.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is published, 422 for another code or kind.
pub async fn change_instrument(
    w: &Write,
    id: InstrumentId,
    version: IfVersion,
    new: NewInstrument,
) -> Result<Authored, Problem> {
    let found = own(w, id, version).await?;
    let NewInstrument(mut instrument) = new;
    if instrument.code != found.code {
        return Err(Problem::field("/code", "code-stays"));
    }
    if instrument.kind != found.kind {
        return Err(Problem::field("/kind", "code-of-another-kind"));
    }
    instrument.version = found.number;
    let row = instruments::ActiveModel {
        id: Set(id),
        content: Set(serde_json::to_string(&instrument)?),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    let details = json!({ "code": row.code, "questions": instrument.questions.len() });
    w.record("instrument", id, &details).await?;
    row.try_into()
}

/// Publishes a draft.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is published or when the institution has too many.
pub async fn publish_instrument(
    w: &Write,
    id: InstrumentId,
    version: IfVersion,
) -> Result<Authored, Problem> {
    let found = own(w, id, version).await?;
    let published = instruments::Entity::find()
        .filter(instruments::Column::InstitutionId.eq(found.institution_id))
        .filter(instruments::Column::State.eq(InstrumentState::Published))
        .count(w.db())
        .await?;
    if published >= MOST_PUBLISHED {
        return Err(Problem::conflict("too-many-instruments").with("most", MOST_PUBLISHED));
    }
    let row = instruments::ActiveModel {
        id: Set(id),
        state: Set(InstrumentState::Published),
        published_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("instrument", id, &json!({ "state": row.state, "number": row.number })).await?;
    row.try_into()
}

impl TryFrom<instruments::Model> for Authored {
    type Error = Problem;

    fn try_from(row: instruments::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            institution: row.institution_id,
            state: row.state,
            instrument: serde_json::from_str::<Instrument>(&row.content)?,
            published_at: row.published_at,
            version: row.version,
        })
    }
}
