//! Diagnostics and their answers.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, entity::prelude::*, sea_query::OnConflict,
};
use serde_json::json;

use super::{
    assisted,
    entities::{answer, diagnostic, instruments},
    instruments::authored_one,
};
use crate::{
    diagnostics::{
        Content, Diagnostic, Given, Move, NewAnswer, NewVerification, Provenance, Standing, State,
        authoring::InstrumentState,
        instrument::{self, Instrument},
        valid_until,
    },
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{DiagnosticId, InstrumentId, OrganisationId},
        problem::Problem,
    },
    organisations::{
        consents::Purpose,
        store::{consents, firms, interests, ledger},
    },
};

/// How many ids go into one query; SQLite takes at most 32,766.
const CHUNK: usize = 1_000;

/// The diagnostic, when the actor may see its organisation's.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: DiagnosticId) -> Result<Diagnostic, Problem> {
    let row = diagnostic::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?;
    ledger::demand_sight(db, actor, row.organisation_id).await?;
    diagnosed(db, row).await
}

/// The same, locked until the write ends.
pub(super) async fn lock(w: &Write, id: DiagnosticId) -> Result<Diagnostic, Problem> {
    let row = diagnostic::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    ledger::demand_sight(w.db(), w.actor(), row.organisation_id).await?;
    diagnosed(w.db(), row).await
}

/// The diagnostics of the actor's own organisation, or of another that it may see into.
///
/// # Errors
/// 404 when it may not; 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    organisation: Option<OrganisationId>,
    window: &Window,
) -> Result<Page<Diagnostic>, Problem> {
    let organisation = organisation.unwrap_or(actor.organisation);
    ledger::demand_sight(db, actor, organisation).await?;
    let query = diagnostic::Entity::find().filter(diagnostic::Column::OrganisationId.eq(organisation));
    let page = window.fetch(actor, query, diagnostic::Column::Id, |row| row.id.0, &organisation, db).await?;
    let Page { items, next, prev } = page;
    let mut diagnostics = Vec::with_capacity(items.len());
    for row in items {
        diagnostics.push(diagnosed(db, row).await?);
    }
    Ok(Page { items: diagnostics, next, prev })
}

/// The answers of a diagnostic that the actor may see, by question and provenance.
///
/// # Errors
/// 404 when it may not.
pub async fn answers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    diagnostic: &Diagnostic,
) -> Result<Vec<Given>, Problem> {
    ledger::demand_sight(db, actor, diagnostic.organisation).await?;
    let rows = answer::Entity::find()
        .filter(answer::Column::DiagnosticId.eq(diagnostic.id))
        .order_by_asc(answer::Column::Question)
        .order_by_asc(answer::Column::Provenance)
        .all(db)
        .await?;
    let mut entered = assisted::of(db, actor, diagnostic.id).await?;
    let mut answers = rows.into_iter().map(Given::try_from).collect::<Result<Vec<_>, _>>()?;
    for given in answers.iter_mut().filter(|given| given.provenance == Provenance::SelfDeclared) {
        given.assisted = entered.remove(&given.question);
    }
    Ok(answers)
}

/// The latest diagnostic that a supplier has submitted on its shipped instrument, with what counts of it, for a lead
/// firm to which it has consented for that.
///
/// # Errors
/// 404 without such a consent, and where there is none.
pub async fn with_consent(
    db: &impl ConnectionTrait,
    actor: &Actor,
    supplier: OrganisationId,
) -> Result<(Diagnostic, Vec<Given>), Problem> {
    consents::demand_sight(db, actor, supplier, Purpose::Diagnostic).await?;
    let shipped = instrument::for_kind(Kind::Supplier).ok_or_else(Problem::not_found)?;
    latest_submitted(db, &Actor::system(supplier), supplier, &shipped.code)
        .await?
        .ok_or_else(Problem::not_found)
}

/// The latest diagnostic that an organisation has submitted on an instrument of this code, with its answers: for the
/// service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn latest_submitted(
    db: &impl ConnectionTrait,
    service: &Actor,
    organisation: OrganisationId,
    instrument: &str,
) -> Result<Option<(Diagnostic, Vec<Given>)>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let row = diagnostic::Entity::find()
        .filter(diagnostic::Column::OrganisationId.eq(organisation))
        .filter(diagnostic::Column::Instrument.eq(instrument))
        .filter(diagnostic::Column::State.eq(State::Submitted))
        .order_by_desc(diagnostic::Column::SubmittedAt)
        .order_by_desc(diagnostic::Column::Id)
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let found = diagnosed(db, row).await?;
    let answers = answers(db, service, &found).await?;
    Ok(Some((found, answers)))
}

/// When each of these organisations first submitted a diagnostic: for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn first_submitted(
    db: &impl ConnectionTrait,
    service: &Actor,
    organisations: &[OrganisationId],
) -> Result<BTreeMap<OrganisationId, Timestamp>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let mut first = BTreeMap::new();
    for ids in organisations.chunks(CHUNK) {
        let rows = diagnostic::Entity::find()
            .filter(diagnostic::Column::OrganisationId.is_in(ids.iter().copied()))
            .filter(diagnostic::Column::State.eq(State::Submitted))
            .order_by_asc(diagnostic::Column::SubmittedAt);
        for row in rows.all(db).await? {
            if let Some(at) = row.submitted_at {
                first.entry(row.organisation_id).or_insert(at);
            }
        }
    }
    Ok(first)
}

/// Begins a diagnostic of the actor's own organisation, on that instrument of an institution with which it
/// works, or on the present version of its kind's shipped one.
///
/// # Errors
/// 409 when one is being answered already, or when there is no instrument for the organisation; 422 for an
/// instrument that it may not answer.
pub async fn create(w: &Write, on: Option<InstrumentId>) -> Result<Diagnostic, Problem> {
    let organisation = w.actor().organisation;
    let kind = firms::find(w.db(), w.actor(), organisation).await?.kind;
    let (code, version) = match on {
        None => {
            let shipped = instrument::for_kind(kind).ok_or_else(|| Problem::conflict("no-instrument"))?;
            (shipped.code.clone(), shipped.version)
        }
        Some(id) => {
            let unknown = || Problem::field("/instrument", "no-such-instrument");
            let found = authored_one(w.db(), w.actor(), id).await.map_err(|_| unknown())?;
            if found.instrument.kind != kind {
                return Err(unknown());
            }
            (found.instrument.code, found.instrument.version)
        }
    };
    // Two at once would both find no draft.
    ledger::lock(w, [organisation]).await?;
    let draft = diagnostic::Entity::find()
        .filter(diagnostic::Column::OrganisationId.eq(organisation))
        .filter(diagnostic::Column::State.eq(State::Draft))
        .one(w.db())
        .await?;
    if let Some(draft) = draft {
        return Err(Problem::conflict("diagnostic-under-way").with("id", draft.id));
    }
    let row = diagnostic::Model {
        id: w.new_id(),
        organisation_id: organisation,
        instrument: code,
        instrument_version: version,
        instrument_id: on,
        state: State::Draft,
        created_at: w.at(),
        submitted_at: None,
        valid_until: None,
        version: 1,
    };
    diagnostic::Entity::insert(diagnostic::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    let details = json!({ "instrument": row.instrument, "instrument_version": row.instrument_version });
    w.record("diagnostic", row.id, &details).await?;
    diagnosed(w.db(), row).await
}

/// Saves the organisation's own answer to one question; the diagnostic must be a draft.
///
/// # Errors
/// 404 for a diagnostic of another organisation or no such question, 409 for a submitted one or an
/// older revision, 422 for an answer that is none.
pub async fn answer(
    w: &Write,
    id: DiagnosticId,
    question: &str,
    new: &NewAnswer,
) -> Result<(Diagnostic, Given), Problem> {
    let found = lock(w, id).await?;
    if found.organisation != w.actor().organisation {
        return Err(Problem::not_found());
    }
    let saved = put(w, found, question, Provenance::SelfDeclared, new).await?;
    assisted::answered_by_the_firm(w, id, &saved.1.question).await?;
    Ok(saved)
}

/// Saves a verifier's answer to one question, beside the organisation's own.
///
/// # Errors
/// 404 when the actor may not see the diagnostic or there is no such question, 409 for a draft or an
/// older revision, 422 for an answer that is none.
pub async fn verify(
    w: &Write,
    id: DiagnosticId,
    question: &str,
    new: &NewVerification,
) -> Result<(Diagnostic, Given), Problem> {
    let found = lock(w, id).await?;
    interests::demand_none(w, [found.organisation]).await?;
    put(w, found, question, new.provenance, &new.answer).await
}

pub(super) async fn put(
    w: &Write,
    found: Diagnostic,
    code: &str,
    provenance: Provenance,
    new: &NewAnswer,
) -> Result<(Diagnostic, Given), Problem> {
    let step = if provenance == Provenance::SelfDeclared { Move::Answer } else { Move::Verify };
    w.next(found.state, step.from(found.state))?;
    let question = found.question(code)?;
    let given = Given {
        question: question.code.clone(),
        provenance,
        content: new.content(question)?,
        revision: new.revision,
        answered_at: w.at(),
        answered_by: w.actor().account,
        assisted: None,
    };
    let key = (found.id, given.question.clone(), provenance);
    let present = answer::Entity::find_by_id(key).one(w.db()).await?.map(Given::try_from).transpose()?;
    let details = json!({ "question": code, "provenance": provenance, "revision": new.revision });
    w.record("diagnostic", found.id, &details).await?;
    match present {
        // The same again, for a client that did not get the answer.
        Some(present) if present.revision == given.revision && present.content == given.content => {
            return Ok((found, present));
        }
        Some(present) if present.revision >= given.revision => {
            return Err(Problem::conflict("older-revision")
                .with("revision", present.revision)
                .with("at", present.answered_at)
                .with("saved", present.content.answer)
                .with("sent", given.content.answer));
        }
        _ => {}
    }
    let row = answer::ActiveModel {
        diagnostic_id: Set(found.id),
        question: Set(given.question.clone()),
        provenance: Set(provenance),
        content: Set(serde_json::to_string(&given.content)?),
        revision: Set(given.revision),
        answered_at: Set(given.answered_at),
        answered_by: Set(given.answered_by),
    };
    let key = [answer::Column::DiagnosticId, answer::Column::Question, answer::Column::Provenance];
    let columns = [
        answer::Column::Content,
        answer::Column::Revision,
        answer::Column::AnsweredAt,
        answer::Column::AnsweredBy,
    ];
    answer::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok((touch(w, &found).await?, given))
}

/// The diagnostic in its next version.
pub(super) async fn touch(w: &Write, found: &Diagnostic) -> Result<Diagnostic, Problem> {
    let row =
        diagnostic::ActiveModel { id: Set(found.id), version: Set(found.version + 1), ..Default::default() };
    diagnosed(w.db(), row.update(w.db()).await?).await
}

/// Submits a diagnostic of the actor's own organisation: it counts for twelve months.
///
/// # Errors
/// 404 for another organisation's, 409 when it is submitted or empty, 412 for a stale version.
pub async fn submit(w: &Write, id: DiagnosticId, version: IfVersion) -> Result<Diagnostic, Problem> {
    let found = lock(w, id).await?;
    if found.organisation != w.actor().organisation {
        return Err(Problem::not_found());
    }
    let state = w.next(found.state, Move::Submit.from(found.state))?;
    version.check(found.version)?;
    let answered = answer::Entity::find().filter(answer::Column::DiagnosticId.eq(id)).one(w.db()).await?;
    if answered.is_none() {
        return Err(Problem::conflict("diagnostic-empty"));
    }
    assisted::demand_confirmed(w, id).await?;
    let last = valid_until(firms::day(w.db(), w.actor(), found.organisation, w.at()).await?);
    let row = diagnostic::ActiveModel {
        id: Set(id),
        state: Set(state),
        submitted_at: Set(Some(w.at())),
        valid_until: Set(Some(last)),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("diagnostic", id, &json!({ "valid_until": last })).await?;
    diagnosed(w.db(), row).await
}

/// What the latest submitted diagnostic on an instrument says about each organisation, in the order asked.
/// Questions that it does not have are answered by the latest ones on instruments of institutions that count
/// on that day. The service itself asks this for the suppliers of a programme; others only for whom they may
/// see.
///
/// # Errors
/// 404 when the actor may not see one of them.
pub async fn standings(
    db: &impl ConnectionTrait,
    actor: &Actor,
    organisations: &[OrganisationId],
    instrument: &Instrument,
    on: Day,
) -> Result<Vec<Standing>, Problem> {
    let mut latest = BTreeMap::<OrganisationId, BTreeMap<Option<InstrumentId>, Diagnostic>>::new();
    for ids in organisations.chunks(CHUNK) {
        for organisation in ids {
            ledger::demand_sight(db, actor, *organisation).await?;
        }
        let or_authored = Condition::any()
            .add(diagnostic::Column::Instrument.eq(&instrument.code))
            .add(diagnostic::Column::InstrumentId.is_not_null());
        let rows = diagnostic::Entity::find()
            .filter(diagnostic::Column::OrganisationId.is_in(ids.iter().copied()))
            .filter(or_authored)
            .filter(diagnostic::Column::State.eq(State::Submitted))
            .order_by_asc(diagnostic::Column::SubmittedAt)
            .order_by_asc(diagnostic::Column::Id)
            .all(db)
            .await?;
        let authored: BTreeSet<_> = rows.iter().filter_map(|row| row.instrument_id).collect();
        let authored = if authored.is_empty() {
            Vec::new()
        } else {
            instruments::Entity::find().filter(instruments::Column::Id.is_in(authored)).all(db).await?
        };
        for row in rows {
            let (organisation, on) = (row.organisation_id, row.instrument_id);
            let authored = authored.iter().find(|found| Some(found.id) == on);
            latest.entry(organisation).or_default().insert(on, with_instrument(&row, authored)?);
        }
    }
    let ids: Vec<DiagnosticId> =
        latest.values().flat_map(BTreeMap::values).map(|diagnostic| diagnostic.id).collect();
    let mut answers = BTreeMap::<DiagnosticId, Vec<Given>>::new();
    for ids in ids.chunks(CHUNK) {
        let rows = answer::Entity::find()
            .filter(answer::Column::DiagnosticId.is_in(ids.iter().copied()))
            .all(db)
            .await?;
        for row in rows {
            answers.entry(row.diagnostic_id).or_default().push(row.try_into()?);
        }
    }
    let standing = |organisation| {
        let mut rounds = latest.remove(organisation).unwrap_or_default();
        let mut says = |diagnostic: &Diagnostic| {
            diagnostic.standing(answers.remove(&diagnostic.id).unwrap_or_default(), on)
        };
        let shipped = rounds.remove(&None).map_or(Standing::Missing, |diagnostic| says(&diagnostic));
        rounds.values().map(says).fold(shipped, Standing::supplemented_by)
    };
    Ok(organisations.iter().map(standing).collect())
}

/// The diagnostic of a row, with its instrument.
pub(super) async fn diagnosed(
    db: &impl ConnectionTrait,
    row: diagnostic::Model,
) -> Result<Diagnostic, Problem> {
    let authored = match row.instrument_id {
        None => None,
        Some(id) => instruments::Entity::find_by_id(id).one(db).await?,
    };
    with_instrument(&row, authored.as_ref())
}

/// The same when the instrument is at hand, should an institution have made it.
fn with_instrument(
    row: &diagnostic::Model,
    authored: Option<&instruments::Model>,
) -> Result<Diagnostic, Problem> {
    let missing =
        || Problem::internal(format!("no instrument {} version {}", row.instrument, row.instrument_version));
    let instrument = if row.instrument_id.is_none() {
        instrument::find(&row.instrument, row.instrument_version).ok_or_else(missing)?
    } else {
        let published = authored.filter(|found| found.state == InstrumentState::Published);
        instrument::published(&published.ok_or_else(missing)?.content)?
    };
    Ok(Diagnostic {
        id: row.id,
        organisation: row.organisation_id,
        instrument,
        authored: row.instrument_id,
        state: row.state,
        created_at: row.created_at,
        submitted_at: row.submitted_at,
        valid_until: row.valid_until,
        version: row.version,
    })
}

impl TryFrom<answer::Model> for Given {
    type Error = Problem;

    fn try_from(row: answer::Model) -> Result<Self, Problem> {
        Ok(Self {
            question: row.question,
            provenance: row.provenance,
            content: serde_json::from_str::<Content>(&row.content)?,
            revision: row.revision,
            answered_at: row.answered_at,
            answered_by: row.answered_by,
            assisted: None,
        })
    }
}
