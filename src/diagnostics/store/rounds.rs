//! Rounds of one firm: the one before, what has changed since, and what can be prefilled from it.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};
use serde_json::json;

use super::{
    diagnostics::{answers, diagnosed, find, lock, touch},
    entities::{answer, diagnostic},
};
use crate::{
    diagnostics::{
        Diagnostic, Given, Move, NewConfirmation, Provenance, State, counted,
        prefill::{self, Suggestion},
        rounds::{self, Changes, Round},
    },
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        db::Write,
        ids::DiagnosticId,
        problem::{FieldError, Problem},
    },
    organisations::store::{firms, ledger, skills},
};

/// The latest round of the same firm on an instrument of the same code before this diagnostic.
async fn round_before(
    db: &impl ConnectionTrait,
    actor: &Actor,
    of: &Diagnostic,
) -> Result<Option<Diagnostic>, Problem> {
    ledger::demand_sight(db, actor, of.organisation).await?;
    let mut query = diagnostic::Entity::find()
        .filter(diagnostic::Column::OrganisationId.eq(of.organisation))
        .filter(diagnostic::Column::Instrument.eq(&of.instrument.code))
        .filter(diagnostic::Column::State.eq(State::Submitted))
        .filter(diagnostic::Column::Id.ne(of.id))
        .order_by_desc(diagnostic::Column::SubmittedAt)
        .order_by_desc(diagnostic::Column::Id);
    if let Some(at) = of.submitted_at {
        query =
            query.filter(diagnostic::Column::SubmittedAt.lte(at)).filter(diagnostic::Column::Id.lt(of.id));
    }
    match query.one(db).await? {
        Some(row) => diagnosed(db, row).await.map(Some),
        None => Ok(None),
    }
}

/// What has changed in a diagnostic since an earlier round of the same firm; none named: the one before.
///
/// # Errors
/// 404 when the actor may not see it, 409 when there is no earlier round, 422 for another firm's or a later one.
pub async fn changes(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: DiagnosticId,
    since: Option<DiagnosticId>,
    at: Timestamp,
) -> Result<(DiagnosticId, Changes), Problem> {
    let later = find(db, actor, id).await?;
    let earlier = match since {
        None => round_before(db, actor, &later).await?.ok_or_else(|| Problem::conflict("first-round"))?,
        Some(since) => earlier_round(db, actor, &later, since).await?,
    };
    let (before, after) = (answers(db, actor, &earlier).await?, answers(db, actor, &later).await?);
    let (before, after) = (counted(before), counted(after));
    let firm = firms::find(db, &Actor::system(later.organisation), later.organisation).await?;
    let day = |of: &Diagnostic| firm.day(of.submitted_at.unwrap_or(at));
    let changes = rounds::changes(
        Round { diagnostic: &earlier, counted: &before, on: day(&earlier) },
        Round { diagnostic: &later, counted: &after, on: day(&later) },
    );
    Ok((earlier.id, changes))
}

async fn earlier_round(
    db: &impl ConnectionTrait,
    actor: &Actor,
    later: &Diagnostic,
    since: DiagnosticId,
) -> Result<Diagnostic, Problem> {
    let unknown = || Problem::field("/since", "no-such-round");
    let found = match find(db, actor, since).await {
        Err(problem) if problem == Problem::not_found() => return Err(unknown()),
        found => found?,
    };
    let is_one = found.organisation == later.organisation
        && found.instrument.code == later.instrument.code
        && found.state == State::Submitted
        && found.id < later.id;
    if is_one { Ok(found) } else { Err(unknown()) }
}

/// What can be suggested to the firm for the open questions of its draft; nothing for one that is submitted.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn prefilled(
    db: &impl ConnectionTrait,
    actor: &Actor,
    of: &Diagnostic,
    given: &[Given],
    at: Timestamp,
) -> Result<Vec<Suggestion>, Problem> {
    if of.state != State::Draft {
        return Ok(Vec::new());
    }
    let last = match round_before(db, actor, of).await? {
        Some(last) => answers(db, actor, &last).await?,
        None => Vec::new(),
    };
    let firm = firms::find(db, actor, of.organisation).await?;
    let is_supplier = firm.kind == Kind::Supplier;
    let certificates =
        if is_supplier { skills::skills(db, actor, of.organisation).await?.certificates } else { Vec::new() };
    let profile = if is_supplier { Some(ledger::profile(db, actor, of.organisation).await?) } else { None };
    let profile = profile.as_ref().map(|profile| (profile, certificates.as_slice()));
    Ok(prefill::suggestions(of.instrument, given, &last, profile, firm.day(at)))
}

/// Makes suggestions the firm's own answers, with revision 1.
///
/// # Errors
/// 404 for another organisation's, 409 when it is submitted, 422 for questions without a suggestion.
pub async fn confirm(w: &Write, id: DiagnosticId, new: &NewConfirmation) -> Result<Diagnostic, Problem> {
    let found = lock(w, id).await?;
    if found.organisation != w.actor().organisation {
        return Err(Problem::not_found());
    }
    w.next(found.state, Move::Confirm.from(found.state))?;
    let given = answers(w.db(), w.actor(), &found).await?;
    let suggested = prefilled(w.db(), w.actor(), &found, &given, w.at()).await?;
    let (mut rows, mut errors, mut confirmed) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (at, code) in new.questions.iter().enumerate() {
        if !confirmed.insert(code) {
            continue;
        }
        let Some(suggestion) = suggested.iter().find(|suggestion| suggestion.question == *code) else {
            errors.push(FieldError::new(format!("/questions/{at}"), "nothing-to-confirm"));
            continue;
        };
        rows.push(answer::ActiveModel {
            diagnostic_id: Set(id),
            question: Set(suggestion.question.clone()),
            provenance: Set(Provenance::SelfDeclared),
            content: Set(serde_json::to_string(&suggestion.content)?),
            revision: Set(1),
            answered_at: Set(w.at()),
            answered_by: Set(w.actor().account),
        });
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    answer::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
    w.record("diagnostic", id, &json!({ "confirmed": confirmed })).await?;
    touch(w, &found).await
}
