//! Answers that an adviser has entered for a firm.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

use super::{
    diagnostics::{lock, put, touch},
    entities::{answer, assisted},
};
use crate::{
    diagnostics::{
        Diagnostic, Given, NewAnswer, Provenance,
        assisted::{Assisted, Confirmed},
    },
    foundation::{
        access::Actor,
        db::Write,
        ids::DiagnosticId,
        problem::{FieldError, Problem},
    },
    organisations::{mandates::Scope, store::mandates},
};

/// Enters an answer for the firm, under its mandate. A new one is confirmed anew.
///
/// # Errors
/// 404 for what the actor does not see, or no such question; 409 without a mandate, once the diagnostic is submitted, for
/// what the firm has answered itself, or an older revision; 422 for an answer that is none.
pub async fn assist(
    w: &Write,
    id: DiagnosticId,
    question: &str,
    new: &NewAnswer,
) -> Result<(Diagnostic, Given), Problem> {
    let found = lock(w, id).await?;
    let mandate = mandates::demand(w, found.organisation, Scope::Diagnostic).await?;
    w.in_state(found.state)?;
    let code = found.question(question)?.code.clone();
    let answered =
        answer::Entity::find_by_id((id, code.clone(), Provenance::SelfDeclared)).one(w.db()).await?;
    let entered = assisted::Entity::find_by_id((id, code.clone())).one(w.db()).await?;
    if answered.is_some() && entered.is_none() {
        return Err(Problem::conflict("answered-by-the-firm"));
    }
    let row = assisted::ActiveModel {
        diagnostic_id: Set(id),
        question: Set(code.clone()),
        mandate_id: Set(mandate),
        entered_by: Set(w.actor().account),
        entered_at: Set(w.at()),
        confirmed_by: Set(None),
        confirmed_at: Set(None),
    };
    let columns = [
        assisted::Column::MandateId,
        assisted::Column::EnteredBy,
        assisted::Column::EnteredAt,
        assisted::Column::ConfirmedBy,
        assisted::Column::ConfirmedAt,
    ];
    let (diagnostic, mut given) = put(w, found, question, Provenance::SelfDeclared, new).await?;
    assisted::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([assisted::Column::DiagnosticId, assisted::Column::Question])
                .update_columns(columns)
                .to_owned(),
        )
        .exec_without_returning(w.db())
        .await?;
    let by = w.actor().account;
    w.record("diagnostic", id, &json!({ "question": code, "assisted": true, "mandate": mandate })).await?;
    given.assisted = Some(Assisted { by, mandate, confirmed_at: None });
    Ok((diagnostic, given))
}

/// The firm confirms what an adviser has entered for it.
///
/// # Errors
/// 404 for another firm's, 409 once it is submitted, 422 for questions where nothing is to be confirmed.
pub async fn confirm_assisted(w: &Write, id: DiagnosticId, new: &Confirmed) -> Result<Diagnostic, Problem> {
    let found = lock(w, id).await?;
    if found.organisation != w.actor().organisation {
        return Err(Problem::not_found());
    }
    w.in_state(found.state)?;
    let waiting = unconfirmed(w, id).await?;
    let unknown = new.questions.iter().enumerate().filter(|(_, code)| !waiting.contains(*code));
    let errors: Vec<_> =
        unknown.map(|(at, _)| FieldError::new(format!("/questions/{at}"), "nothing-to-confirm")).collect();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let questions: BTreeSet<_> = new.questions.iter().cloned().collect();
    for question in &questions {
        let row = assisted::ActiveModel {
            diagnostic_id: Set(id),
            question: Set(question.clone()),
            confirmed_by: Set(Some(w.actor().account)),
            confirmed_at: Set(Some(w.at())),
            ..Default::default()
        };
        row.update(w.db()).await?;
    }
    w.record("diagnostic", id, &json!({ "confirmed_assisted": questions })).await?;
    touch(w, &found).await
}

/// The questions whose answers the firm has not confirmed.
async fn unconfirmed(w: &Write, id: DiagnosticId) -> Result<BTreeSet<String>, Problem> {
    let rows = assisted::Entity::find()
        .filter(assisted::Column::DiagnosticId.eq(id))
        .filter(assisted::Column::ConfirmedAt.is_null())
        .all(w.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.question).collect())
}

/// 409 while the firm has not confirmed what an adviser entered for it.
pub(super) async fn demand_confirmed(w: &Write, id: DiagnosticId) -> Result<(), Problem> {
    let waiting = unconfirmed(w, id).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let questions = waiting.into_iter().collect::<Vec<_>>().join(", ");
    Err(Problem::conflict("assisted-not-confirmed").with("questions", questions))
}

/// The firm has answered itself: nobody did it for it any more.
pub(super) async fn answered_by_the_firm(w: &Write, id: DiagnosticId, code: &str) -> Result<(), Problem> {
    assisted::Entity::delete_many()
        .filter(assisted::Column::DiagnosticId.eq(id))
        .filter(assisted::Column::Question.eq(code))
        .exec(w.db())
        .await?;
    Ok(())
}

/// Who entered which answers of a diagnostic for the firm, by question; for whoever has shown that they may see it.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    _: &Actor,
    id: DiagnosticId,
) -> Result<BTreeMap<String, Assisted>, Problem> {
    let rows = assisted::Entity::find().filter(assisted::Column::DiagnosticId.eq(id)).all(db).await?;
    let assisted = |row: assisted::Model| {
        let assisted =
            Assisted { by: row.entered_by, mandate: row.mandate_id, confirmed_at: row.confirmed_at };
        (row.question, assisted)
    };
    Ok(rows.into_iter().map(assisted).collect())
}
