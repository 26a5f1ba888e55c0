//! What is done once a day, whichever instance is the first to see it begin.

use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;
use uuid::Uuid;

use super::entities::day;
use crate::{
    foundation::{access::Actor, clock::Day, db::Write, jobs::NewJob, mail::ATTEMPTS, problem::Problem},
    notices::jobs::DAY,
};

/// Whether a day has begun.
///
/// # Errors
/// What the database said.
pub async fn has_begun(db: &impl ConnectionTrait, _: &Actor, today: Day) -> Result<bool, Problem> {
    Ok(day::Entity::find_by_id(today).one(db).await?.is_some())
}

/// Begins a day, once: of two instances that try, one does. What there is to do is a job.
///
/// # Errors
/// What the database said.
pub async fn begin(w: &Write, today: Day) -> Result<bool, Problem> {
    let unbegun = OnConflict::column(day::Column::Day).do_nothing().to_owned();
    let insert = day::Entity::insert(day::ActiveModel { day: Set(today) }).on_conflict(unbegun);
    let is_first = insert.exec_without_returning(w.db()).await? == 1;
    if is_first {
        let job = NewJob::new(DAY, json!({ "day": today }));
        w.enqueue(NewJob { max_attempts: ATTEMPTS, ..job }).await?;
    }
    w.record("notice", Uuid::nil(), &json!({ "day": today, "first": is_first })).await?;
    Ok(is_first)
}
