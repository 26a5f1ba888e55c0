//! Operating criteria, the kind of coordination with its checklist, and reviews of the coordinating body.

use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

use super::{
    appointments::{demand_in_state, functions},
    entities::{coordination as row, criteria, review as review_row},
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::ProgrammeId,
        problem::Problem,
    },
    organisations::store::interests,
    programmes::{
        Programme,
        governance::{
            Function, NewCriteria, NewReview, OperatingCriteria, Review,
            coordination::{Coordination, NewCoordination},
        },
    },
};

/// Every version of the operating criteria, oldest first, for those who have a function in the programme.
///
/// # Errors
/// 404 for everybody else.
pub async fn criteria_versions(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<Vec<OperatingCriteria>, Problem> {
    functions(db, actor, id).await?;
    let rows = criteria::Entity::find()
        .filter(criteria::Column::ProgrammeId.eq(id))
        .order_by_asc(criteria::Column::Number);
    rows.all(db).await?.into_iter().map(OperatingCriteria::try_from).collect()
}

/// Sets new operating criteria; those of before are kept.
///
/// # Errors
/// 404, 409 for whoever does not steer the programme, 412 when others were set since.
pub async fn set_criteria(
    w: &Write,
    id: ProgrammeId,
    version: IfVersion,
    new: NewCriteria,
) -> Result<OperatingCriteria, Problem> {
    demand_in_state(w, id, Function::Direction).await?;
    let last = criteria_versions(w.db(), w.actor(), id).await?.last().map_or(0, |last| last.number);
    version.check(last)?;
    let row = criteria::Model {
        programme_id: id,
        number: last + 1,
        text: new.text,
        data: serde_json::to_string(&new.data)?,
        set_by: w.actor().account,
        set_at: w.at(),
    };
    criteria::Entity::insert(criteria::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({ "operating_criteria": row.number, "text": row.text, "data": new.data });
    w.record("programme", id, &details).await?;
    row.try_into()
}

/// What is recorded of the coordination, with the programme by whose calendar reviews are due.
///
/// # Errors
/// 404 for those who have no function in the programme; `None` while nobody has said anything.
pub async fn coordination(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<(Programme, Option<Coordination>), Problem> {
    let (programme, _) = functions(db, actor, id).await?;
    let found = row::Entity::find_by_id(id).one(db).await?;
    Ok((programme, found.map(Coordination::try_from).transpose()?))
}

/// Says of which kind coordination is, and how its weaknesses are handled: the direction or the coordinating body.
///
/// # Errors
/// 404, 409 for an institution that is neither, 412 for a stale version, 422 for a look on a day that is yet to come.
pub async fn set_coordination(
    w: &Write,
    id: ProgrammeId,
    version: IfVersion,
    new: NewCoordination,
) -> Result<(Programme, Option<Coordination>), Problem> {
    if let Err(refused) = demand_in_state(w, id, Function::Direction).await {
        if refused.code != "not-your-function" {
            return Err(refused);
        }
        demand_in_state(w, id, Function::Coordination).await?;
    }
    let (programme, before) = coordination(w.db(), w.actor(), id).await?;
    version.check(before.map_or(0, |before| before.version))?;
    let faults = new.faults(programme.day(w.at()));
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let row = row::ActiveModel {
        programme_id: Set(id),
        kind: Set(new.model),
        answers: Set(serde_json::to_string(&new.answers)?),
        changed_by: Set(w.actor().account),
        changed_at: Set(w.at()),
        version: Set(version.0 + 1),
    };
    let replaced = [
        row::Column::Kind,
        row::Column::Answers,
        row::Column::ChangedBy,
        row::Column::ChangedAt,
        row::Column::Version,
    ];
    row::Entity::insert(row)
        .on_conflict(OnConflict::column(row::Column::ProgrammeId).update_columns(replaced).to_owned())
        .exec_without_returning(w.db())
        .await?;
    w.record("programme", id, &json!({ "coordination": new.model, "answers": new.answers })).await?;
    coordination(w.db(), w.actor(), id).await
}

/// Writes down a review of the coordinating body, in the name of the strategic direction.
///
/// # Errors
/// 404, 409 for whoever does not steer the programme or has an interest in the body, 422 for a period that is not over.
pub async fn review(w: &Write, id: ProgrammeId, new: NewReview) -> Result<Review, Problem> {
    let (programme, functions) = demand_in_state(w, id, Function::Direction).await?;
    interests::demand_none(w, [functions.coordination]).await?;
    if new.to > programme.day(w.at()) {
        return Err(Problem::field("/to", "in-the-future"));
    }
    let row = review_row::Model {
        id: w.new_id(),
        programme_id: id,
        reviewed_id: functions.coordination,
        reviewer_id: functions.direction,
        from_day: new.from,
        to_day: new.to,
        findings: new.findings,
        measures: serde_json::to_string(&new.measures)?,
        recorded_by: w.actor().account,
        recorded_at: w.at(),
    };
    review_row::Entity::insert(review_row::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    let details = json!({ "programme": id, "reviewed": row.reviewed_id, "findings": row.findings, "measures": new.measures });
    w.record("coordination_review", row.id, &details).await?;
    row.try_into()
}

/// The reviews of the coordinating body, for those who have a function in the programme.
///
/// # Errors
/// 404 for everybody else, 422 for a cursor of another list.
pub async fn list_reviews(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    window: &Window,
) -> Result<Page<Review>, Problem> {
    functions(db, actor, id).await?;
    let query = review_row::Entity::find().filter(review_row::Column::ProgrammeId.eq(id));
    let page = window.fetch(actor, query, review_row::Column::Id, |row| row.id.0, &id, db).await?;
    let items = page.items.into_iter().map(Review::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next, prev: page.prev })
}

impl TryFrom<criteria::Model> for OperatingCriteria {
    type Error = Problem;

    fn try_from(row: criteria::Model) -> Result<Self, Problem> {
        Ok(Self {
            number: row.number,
            text: row.text,
            data: serde_json::from_str(&row.data)?,
            set_by: row.set_by,
            set_at: row.set_at,
        })
    }
}

impl TryFrom<row::Model> for Coordination {
    type Error = Problem;

    fn try_from(row: row::Model) -> Result<Self, Problem> {
        Ok(Self {
            said: NewCoordination { model: row.kind, answers: serde_json::from_str(&row.answers)? },
            changed_by: row.changed_by,
            changed_at: row.changed_at,
            version: row.version,
        })
    }
}

impl TryFrom<review_row::Model> for Review {
    type Error = Problem;

    fn try_from(row: review_row::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            reviewed: row.reviewed_id,
            reviewer: row.reviewer_id,
            is_own: row.reviewed_id == row.reviewer_id,
            from: row.from_day,
            to: row.to_day,
            findings: row.findings,
            measures: serde_json::from_str(&row.measures)?,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        })
    }
}
