//! Good practices as they are kept: who sees them, how they are reviewed, who has adopted them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveValue::Set, Condition, QuerySelect, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

use super::{
    comparing::of_network,
    entities::{adoption, practice},
    rounds::network,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        figure::brief,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{OrganisationId, PracticeId, ProgrammeId},
        problem::{FieldError, Problem},
    },
    monitoring::{
        DECIMALS,
        practices::{
            Adopted, Adoption, Cited, Content, Dimension, Figures, Move, NewAdoption, NewPractice, Practice,
            State, folded,
        },
    },
    organisations::store::{firms, interests},
    programmes,
};

/// Which practices to list.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct PracticeFilter {
    /// Words that all stand in it.
    pub words: Vec<String>,
    /// About this.
    pub dimension: Option<Dimension>,
    /// With this tag.
    pub tag: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// Of one programme.
    pub programme: Option<ProgrammeId>,
}

impl PracticeFilter {
    /// The words of a search, folded; signs that stand for others in a pattern part words.
    pub fn words_of(text: &str) -> Vec<String> {
        let parts = |c: char| c.is_whitespace() || matches!(c, '%' | '_' | '\\');
        folded(text).split(parts).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}

/// Whom a practice shows itself to: everybody once it is published; before, whoever writes it, and the institution that
/// reviews it.
fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    let published = practice::Column::State.is_in([State::Published, State::Retired]);
    let reviewed = Condition::all()
        .add(practice::Column::InstitutionId.eq(actor.organisation))
        .add(practice::Column::State.eq(State::InReview));
    Condition::any().add(published).add(practice::Column::AuthorId.eq(actor.organisation)).add(reviewed)
}

/// The practices that the actor sees.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list_practices(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: PracticeFilter,
    window: &Window,
) -> Result<Page<Practice>, Problem> {
    let mut query = practice::Entity::find().filter(visible(actor));
    for word in &filter.words {
        query = query.filter(practice::Column::Searched.like(format!("%{word}%")));
    }
    if let Some(dimension) = filter.dimension {
        query = query.filter(practice::Column::Dimension.eq(dimension));
    }
    if let Some(tag) = &filter.tag {
        query = query.filter(practice::Column::SearchedTags.like(format!("%|{tag}|%")));
    }
    if let Some(state) = filter.state {
        query = query.filter(practice::Column::State.eq(state));
    }
    if let Some(programme) = filter.programme {
        query = query.filter(practice::Column::ProgrammeId.eq(programme));
    }
    let page = window.fetch(actor, query, practice::Column::Id, |row| row.id.0, &filter, db).await?;
    let Page { items, next, prev } = page;
    Ok(Page { items: complete(db, actor, items).await?, next, prev })
}

/// The practice, when the actor sees it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_practice(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: PracticeId,
) -> Result<Practice, Problem> {
    let found = practice::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    complete_one(db, actor, found.ok_or_else(Problem::not_found)?).await
}

/// What these practices are called, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn practice_titles(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<PracticeId>,
) -> Result<Vec<(PracticeId, String)>, Problem> {
    let query = practice::Entity::find().filter(visible(actor)).filter(practice::Column::Id.is_in(ids));
    let title = |row: practice::Model| {
        let content: Content = serde_json::from_str(&row.content)?;
        Ok((row.id, content.title))
    };
    query.all(db).await?.into_iter().map(title).collect()
}

async fn complete_one(
    db: &impl ConnectionTrait,
    actor: &Actor,
    row: practice::Model,
) -> Result<Practice, Problem> {
    complete(db, actor, vec![row]).await?.pop().ok_or_else(|| Problem::internal("no practice of a row"))
}

async fn complete(
    db: &impl ConnectionTrait,
    actor: &Actor,
    rows: Vec<practice::Model>,
) -> Result<Vec<Practice>, Problem> {
    let standing = adoption::Entity::find()
        .filter(adoption::Column::PracticeId.is_in(rows.iter().map(|row| row.id)))
        .filter(adoption::Column::WithdrawnAt.is_null())
        .all(db)
        .await?;
    let adopters: BTreeSet<_> = standing.iter().map(|row| row.organisation_id).collect();
    let service = Actor::system(actor.organisation);
    let kinds: BTreeMap<OrganisationId, Kind> = firms::find_all(db, &service, adopters)
        .await?
        .into_iter()
        .map(|found| (found.id, found.kind))
        .collect();
    let mut adopted: BTreeMap<PracticeId, Adopted> = BTreeMap::new();
    for row in standing {
        let of = adopted.entry(row.practice_id).or_default();
        match kinds.get(&row.organisation_id) {
            Some(Kind::Institution) => of.institutions += 1,
            _ => of.firms += 1,
        }
        of.own |= row.organisation_id == actor.organisation;
    }
    let practice = |row: practice::Model| {
        Ok(Practice {
            id: row.id,
            programme: row.programme_id,
            institution: row.institution_id,
            author: row.author_id,
            written_by: row.written_by,
            state: row.state,
            content: serde_json::from_str(&row.content)?,
            figures: serde_json::from_str(&row.figures)?,
            reason: row.reason,
            published_at: row.published_at,
            adopted: adopted.remove(&row.id).unwrap_or_default(),
            version: row.version,
        })
    };
    rows.into_iter().map(practice).collect()
}

/// What is wrong with the figures that a practice cites: only the institution knows them, of its own networks.
async fn check_cited(w: &Write, programme: ProgrammeId, content: &Content) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for (at, cited) in content.indicators.iter().enumerate() {
        let found = match network(w.db(), w.actor(), cited.network).await {
            Ok(found) => Some(found).filter(|found| found.programme == programme),
            Err(problem) if problem == Problem::not_found() => None,
            Err(problem) => return Err(problem),
        };
        if found.is_none() {
            errors.push(FieldError::new(format!("/indicators/{at}/network"), "no-network-to-cite"));
        }
        if crate::monitoring::catalogue::present().find(&cited.indicator).is_none() {
            errors.push(FieldError::new(format!("/indicators/{at}/indicator"), "no-such-indicator"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

/// Writes a practice up, for the actor's own organisation.
///
/// # Errors
/// 422 for a programme that the actor does not see, or figures that it may not cite.
pub async fn write_practice(w: &Write, new: NewPractice) -> Result<Practice, Problem> {
    let programme = match programmes::store::find(w.db(), w.actor(), new.programme).await {
        Err(problem) if problem == Problem::not_found() => {
            return Err(Problem::field("/programme", "no-programme-of-ones-own"));
        }
        found => found?,
    };
    check_cited(w, programme.id, &new.content).await?;
    let row = practice::Model {
        id: w.new_id(),
        programme_id: programme.id,
        institution_id: programme.institution,
        author_id: w.actor().organisation,
        written_by: w.actor().account,
        state: State::Draft,
        dimension: new.content.dimension,
        searched: new.content.searched(),
        searched_tags: new.content.searched_tags(),
        content: serde_json::to_string(&new.content)?,
        figures: "[]".to_owned(),
        reason: None,
        reviewed_by: None,
        created_at: w.at(),
        published_at: None,
        version: 1,
    };
    practice::Entity::insert(practice::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    w.record("practice", row.id, &json!({ "title": new.content.title, "programme": programme.id })).await?;
    complete_one(w.db(), w.actor(), row).await
}

/// A practice that this write moves on.
async fn hold(w: &Write, id: PracticeId, version: IfVersion, of: Condition) -> Result<Practice, Problem> {
    let query = practice::Entity::find_by_id(id).filter(visible(w.actor())).filter(of).lock_exclusive();
    let row = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    let found = complete_one(w.db(), w.actor(), row).await?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    Ok(found)
}

fn by_author(actor: &Actor) -> Condition {
    Condition::all().add(practice::Column::AuthorId.eq(actor.organisation))
}

fn by_institution(actor: &Actor) -> Condition {
    Condition::all().add(practice::Column::InstitutionId.eq(actor.organisation))
}

async fn moved(
    w: &Write,
    found: &Practice,
    step: Move,
    row: practice::ActiveModel,
) -> Result<Practice, Problem> {
    let state = w.next(found.state, step.from(found.state))?;
    let row = practice::ActiveModel {
        id: Set(found.id),
        state: Set(state),
        version: Set(found.version + 1),
        ..row
    };
    let row = row.update(w.db()).await?;
    w.record("practice", found.id, &json!({ "state": state, "reason": row.reason })).await?;
    complete_one(w.db(), w.actor(), row).await
}

/// Rewrites a draft of the actor's own organisation.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is in review, 422 for figures that the actor may not cite.
pub async fn change_practice(
    w: &Write,
    id: PracticeId,
    version: IfVersion,
    content: Content,
) -> Result<Practice, Problem> {
    let found = hold(w, id, version, by_author(w.actor())).await?;
    check_cited(w, found.programme, &content).await?;
    let row = practice::ActiveModel {
        written_by: Set(w.actor().account),
        dimension: Set(content.dimension),
        searched: Set(content.searched()),
        searched_tags: Set(content.searched_tags()),
        content: Set(serde_json::to_string(&content)?),
        ..Default::default()
    };
    moved(w, &found, Move::Change, row).await
}

/// Asks somebody else of the institution to review a draft of the actor's own organisation.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is in review already.
pub async fn submit_practice(w: &Write, id: PracticeId, version: IfVersion) -> Result<Practice, Problem> {
    let found = hold(w, id, version, by_author(w.actor())).await?;
    moved(w, &found, Move::Submit, practice::ActiveModel { reason: Set(None), ..Default::default() }).await
}

/// A practice that the actor, somebody of its institution who did not write it, reviews.
async fn reviewed(w: &Write, id: PracticeId, version: IfVersion) -> Result<Practice, Problem> {
    let found = hold(w, id, version, by_institution(w.actor())).await?;
    if found.written_by == w.actor().account {
        return Err(Problem::conflict("own-practice"));
    }
    interests::demand_none(w, [found.author]).await?;
    Ok(found)
}

/// Sends a practice back to whoever wrote it, with a reason.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not in review, or the actor wrote it or has an interest in its author.
pub async fn return_practice(
    w: &Write,
    id: PracticeId,
    version: IfVersion,
    reason: String,
) -> Result<Practice, Problem> {
    let found = reviewed(w, id, version).await?;
    moved(w, &found, Move::Return, practice::ActiveModel { reason: Set(Some(reason)), ..Default::default() })
        .await
}

/// Publishes a practice, with its figures as they are now.
///
/// # Errors
/// 404, 412 for a stale version; 409 when it is not in review, or the actor wrote it or has an interest in its author; 422 for a figure that is withheld
/// or not there.
pub async fn publish_practice(w: &Write, id: PracticeId, version: IfVersion) -> Result<Practice, Problem> {
    let found = reviewed(w, id, version).await?;
    let (mut errors, mut figures) = (Vec::new(), Vec::new());
    for (at, cited) in found.content.indicators.iter().enumerate() {
        match figure(w, cited).await? {
            Some(figure) => figures.push(figure),
            None => errors.push(FieldError::new(format!("/indicators/{at}"), "figure-not-told")),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = practice::ActiveModel {
        figures: Set(serde_json::to_string(&figures)?),
        reviewed_by: Set(Some(w.actor().account)),
        published_at: Set(Some(w.at())),
        ..Default::default()
    };
    moved(w, &found, Move::Publish, row).await
}

/// A cited figure, when it may be told.
async fn figure(w: &Write, cited: &Cited) -> Result<Option<Figures>, Problem> {
    let service = Actor::system(w.actor().organisation);
    let rows = of_network(w.db(), &service, cited.network).await?;
    let row =
        rows.into_iter().find(|row| row.indicator.code == cited.indicator && row.moment == cited.moment);
    let Some(row) = row else { return Ok(None) };
    let Ok(Some(compared)) = row.compared else { return Ok(None) };
    Ok(Some(Figures {
        cited: cited.clone(),
        unit: row.unit,
        firms: compared.firms,
        mean_before: brief(&compared.mean_before, DECIMALS),
        mean_after: brief(&compared.mean_after, DECIMALS),
        change_percent: compared.percent_change.map(|percent| brief(&percent, DECIMALS)),
    }))
}

/// Recommends a practice of the institution no more, with a reason.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not published, or the actor has an interest in its author.
pub async fn retire_practice(
    w: &Write,
    id: PracticeId,
    version: IfVersion,
    reason: String,
) -> Result<Practice, Problem> {
    let found = hold(w, id, version, by_institution(w.actor())).await?;
    interests::demand_none(w, [found.author]).await?;
    moved(w, &found, Move::Retire, practice::ActiveModel { reason: Set(Some(reason)), ..Default::default() })
        .await
}

async fn seen(w: &Write, id: PracticeId) -> Result<(), Problem> {
    let found = find_practice(w.db(), w.actor(), id).await?;
    w.in_state(found.state)
}

/// Says that the actor's own organisation has adopted a practice; saying it again changes the note.
///
/// # Errors
/// 404, 409 when it is not published.
pub async fn adopt_practice(w: &Write, id: PracticeId, new: NewAdoption) -> Result<Practice, Problem> {
    seen(w, id).await?;
    let row = adoption::ActiveModel {
        practice_id: Set(id),
        organisation_id: Set(w.actor().organisation),
        note: Set(new.note),
        adopted_at: Set(w.at()),
        withdrawn_at: Set(None),
    };
    let key = [adoption::Column::PracticeId, adoption::Column::OrganisationId];
    let columns = [adoption::Column::Note, adoption::Column::AdoptedAt, adoption::Column::WithdrawnAt];
    adoption::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    w.record("practice", id, &json!({ "adopted_by": w.actor().organisation })).await?;
    find_practice(w.db(), w.actor(), id).await
}

/// Takes that back.
///
/// # Errors
/// 404 when the actor's organisation has not adopted it.
pub async fn withdraw_adoption(w: &Write, id: PracticeId) -> Result<(), Problem> {
    seen(w, id).await?;
    let row = adoption::ActiveModel { withdrawn_at: Set(Some(w.at())), ..Default::default() };
    let gone = adoption::Entity::update_many()
        .set(row)
        .filter(adoption::Column::PracticeId.eq(id))
        .filter(adoption::Column::OrganisationId.eq(w.actor().organisation))
        .filter(adoption::Column::WithdrawnAt.is_null())
        .exec(w.db())
        .await?;
    if gone.rows_affected == 0 {
        return Err(Problem::not_found());
    }
    w.record("practice", id, &json!({ "adoption_withdrawn": w.actor().organisation })).await
}

/// Who has adopted a practice, for the institution that published it.
///
/// # Errors
/// 404 for everybody else, 422 for a cursor of another list.
pub async fn list_adoptions(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: PracticeId,
    window: &Window,
) -> Result<Page<Adoption>, Problem> {
    let found = find_practice(db, actor, id).await?;
    if !actor.is_system() && found.institution != actor.organisation {
        return Err(Problem::not_found());
    }
    let query = adoption::Entity::find()
        .filter(adoption::Column::PracticeId.eq(id))
        .filter(adoption::Column::WithdrawnAt.is_null());
    let column = adoption::Column::OrganisationId;
    let page = window.fetch(actor, query, column, |row| row.organisation_id.0, &id, db).await?;
    Ok(page.map(|row| Adoption {
        organisation: row.organisation_id,
        adopted_at: row.adopted_at,
        note: row.note,
    }))
}
