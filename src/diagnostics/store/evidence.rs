//! Evidence files: what is known of them, and who sees it.

use sea_orm::{PaginatorTrait, QueryOrder, entity::prelude::*};
use serde_json::json;

use super::{diagnostics, entities::evidence};
use crate::{
    diagnostics::{Diagnostic, Evidence, Move, State, jobs::ERASE},
    foundation::{
        access::{Actor, Kind},
        db::Write,
        files::clean::{Clean, MOST_FILES},
        ids::{DiagnosticId, EvidenceId},
        jobs::NewJob,
        problem::{FieldError, Problem},
    },
    organisations::store::ledger,
};

/// Notes a file beside an answer: a firm's own while its diagnostic is a draft, a verifier's once it has been
/// submitted. The same file again is the same evidence; then nothing is to be kept.
///
/// # Errors
/// 404 for a diagnostic or question that there is not, 409 in the wrong state, 422 for too many files.
pub async fn add_evidence(
    w: &Write,
    id: EvidenceId,
    diagnostic: DiagnosticId,
    question: &str,
    file: &Clean,
) -> Result<(Evidence, bool), Problem> {
    let found = diagnostics::lock(w, diagnostic).await?;
    demand_turn(w.actor(), &found)?;
    let question = found.question(question)?;
    let beside = evidence::Entity::find()
        .filter(evidence::Column::DiagnosticId.eq(diagnostic))
        .filter(evidence::Column::Question.eq(&question.code));
    let same = beside.clone().filter(evidence::Column::Sha256.eq(&file.sha256)).one(w.db()).await?;
    if let Some(same) = same {
        w.record("evidence", same.id, &json!({ "again": true })).await?;
        return Ok((same.into(), false));
    }
    if beside.count(w.db()).await? >= MOST_FILES {
        return Err(Problem::invalid(vec![FieldError::new("/file", "too-many").with("most", MOST_FILES)]));
    }
    let row = evidence::Model {
        id,
        diagnostic_id: diagnostic,
        question: question.code.clone(),
        media_type: file.media_type,
        size: file.size(),
        sha256: file.sha256.clone(),
        added_at: w.at(),
        added_by: w.actor().account,
        added_for: w.actor().organisation,
    };
    evidence::Entity::insert(evidence::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({
        "diagnostic": diagnostic, "question": row.question, "media_type": row.media_type, "size": row.size,
        "sha256": row.sha256,
    });
    w.record("evidence", id, &details).await?;
    Ok((row.into(), true))
}

/// Whose turn it is: the firm's while it answers, a verifier's afterwards.
fn demand_turn(actor: &Actor, found: &Diagnostic) -> Result<(), Problem> {
    let (own, state) = (actor.organisation == found.organisation, found.state);
    match (own, state) {
        (true, State::Draft) => Ok(()),
        (false, State::Submitted) if actor.kind() == Some(Kind::Institution) => Ok(()),
        (true, State::Submitted) => Err(Problem::wrong_state(state.word(), &[State::Draft.word()])),
        (false, State::Draft) if actor.kind() == Some(Kind::Institution) => {
            Err(Problem::wrong_state(state.word(), &[State::Submitted.word()]))
        }
        (false, _) => Err(Problem::not_found()),
    }
}

/// The evidence of a diagnostic that the actor may see, in id order.
///
/// # Errors
/// 404 when it may not.
pub async fn evidence_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    diagnostic: DiagnosticId,
) -> Result<Vec<Evidence>, Problem> {
    diagnostics::find(db, actor, diagnostic).await?;
    let query = evidence::Entity::find().filter(evidence::Column::DiagnosticId.eq(diagnostic));
    let rows = query.order_by_asc(evidence::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(Evidence::from).collect())
}

/// One piece of evidence, when the actor may see its diagnostic.
///
/// # Errors
/// 404 otherwise.
pub async fn evidence(db: &impl ConnectionTrait, actor: &Actor, id: EvidenceId) -> Result<Evidence, Problem> {
    let row = evidence::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?;
    diagnostics::find(db, actor, row.diagnostic_id).await?;
    Ok(row.into())
}

/// Whether there is such evidence, for the job that erases files without any.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn has_evidence(db: &impl ConnectionTrait, actor: &Actor, id: EvidenceId) -> Result<bool, Problem> {
    if !actor.is_system() {
        return Err(Problem::not_found());
    }
    Ok(evidence::Entity::find_by_id(id).one(db).await?.is_some())
}

/// Takes evidence of the actor's own draft out; its file is erased once that has committed.
///
/// # Errors
/// 404 for another organisation's, 409 when the diagnostic is submitted.
pub async fn delete_evidence(w: &Write, id: EvidenceId) -> Result<(), Problem> {
    let row = evidence::Entity::find_by_id(id).one(w.db()).await?.ok_or_else(Problem::not_found)?;
    ledger::demand_sight(w.db(), w.actor(), row.added_for).await?;
    let found = diagnostics::lock(w, row.diagnostic_id).await?;
    if found.organisation != w.actor().organisation {
        return Err(Problem::not_found());
    }
    w.next(found.state, Move::DeleteEvidence.from(found.state))?;
    evidence::Entity::delete_by_id(id).exec(w.db()).await?;
    let details = json!({ "diagnostic": row.diagnostic_id, "question": row.question, "sha256": row.sha256 });
    w.record("evidence", id, &details).await?;
    w.enqueue(NewJob::new(ERASE, json!({ "evidence": id }))).await
}

impl From<evidence::Model> for Evidence {
    fn from(row: evidence::Model) -> Self {
        Self {
            id: row.id,
            diagnostic: row.diagnostic_id,
            question: row.question,
            media_type: row.media_type,
            size: row.size,
            sha256: row.sha256,
            added_at: row.added_at,
            added_for: row.added_for,
        }
    }
}
