//! Members: only the institution sees who takes part.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

use super::{
    entities::member,
    programmes::{for_institution, own},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::list::{Page, Window},
        ids::{OrganisationId, ProgrammeId},
        problem::Problem,
    },
    organisations::{Organisation, store::firms},
    programmes::{Member, Move, NewMember},
};

/// The firm that the institution means.
///
/// # Errors
/// 422 when it sees no such firm.
pub async fn find_firm(
    db: &impl ConnectionTrait,
    actor: &Actor,
    new: &NewMember,
) -> Result<Organisation, Problem> {
    let (found, pointer) = match new {
        NewMember::Firm(id) => (firms::find(db, actor, *id).await, "/organisation"),
        NewMember::TaxId(tax_id) => (firms::find_by_tax_id(db, actor, tax_id).await, "/tax_id"),
    };
    match found {
        Ok(firm) if firm.kind != Kind::Institution => Ok(firm),
        Ok(_) => Err(Problem::field(pointer, "no-such-firm")),
        Err(problem) if problem == Problem::not_found() => Err(Problem::field(pointer, "no-such-firm")),
        Err(problem) => Err(problem),
    }
}

/// Takes a firm into a programme; the institution works with it from then on. Taking it in again
/// changes nothing.
///
/// # Errors
/// 404 when the actor sees no such programme, 409 when it is closed.
pub async fn add_member(w: &Write, id: ProgrammeId, firm: &Organisation) -> Result<Member, Problem> {
    let found = own(w, id).await?;
    w.next(found.state, Move::AddMember.from(found.state))?;
    enrol(w, id, firm).await?;
    w.record("programme", id, &json!({ "member": firm.id, "kind": firm.kind })).await?;
    let kept = member::Entity::find_by_id((id, firm.id)).one(w.db()).await?.ok_or_else(Problem::not_found)?;
    Ok(Member { organisation: firm.id, name: firm.name.clone(), kind: kept.kind, added_at: kept.added_at })
}

/// Writes down that a firm belongs to a programme, and so that its institution works with it.
pub(super) async fn enrol(w: &Write, id: ProgrammeId, firm: &Organisation) -> Result<(), Problem> {
    let row = member::Model { programme_id: id, organisation_id: firm.id, kind: firm.kind, added_at: w.at() };
    member::Entity::insert(member::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(w.db())
        .await?;
    let service = Actor::system(w.actor().organisation);
    let programme = super::programmes::find(w.db(), &service, id).await?;
    firms::work_with(w, programme.institution, firm.id).await
}

/// A programme's members of one kind, in id order: for its institution and the service itself alone.
///
/// # Errors
/// 404 for everybody else.
pub async fn members(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    kind: Kind,
) -> Result<Vec<OrganisationId>, Problem> {
    for_institution(db, actor, id).await?;
    let query = member::Entity::find()
        .select_only()
        .column(member::Column::OrganisationId)
        .filter(member::Column::ProgrammeId.eq(id))
        .filter(member::Column::Kind.eq(kind))
        .order_by_asc(member::Column::OrganisationId);
    Ok(query.into_tuple().all(db).await?)
}

/// A programme's members, for its institution alone.
///
/// # Errors
/// 404 for everybody else, 422 for a cursor of another list.
pub async fn list_members(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    kind: Option<Kind>,
    window: &Window,
) -> Result<Page<Member>, Problem> {
    for_institution(db, actor, id).await?;
    let mut query = member::Entity::find().filter(member::Column::ProgrammeId.eq(id));
    if let Some(kind) = kind {
        query = query.filter(member::Column::Kind.eq(kind));
    }
    let column = member::Column::OrganisationId;
    let page = window.fetch(actor, query, column, |row| row.organisation_id.0, &(id, kind), db).await?;
    let firms = firms::find_all(db, actor, page.items.iter().map(|row| row.organisation_id)).await?;
    let mut names: BTreeMap<_, _> = firms.into_iter().map(|firm| (firm.id, firm.name)).collect();
    Ok(page.map(|row| Member {
        organisation: row.organisation_id,
        name: names.remove(&row.organisation_id).unwrap_or_default(),
        kind: row.kind,
        added_at: row.added_at,
    }))
}

/// Whether a firm is a member. A firm may ask for itself; the institution for every firm.
///
/// # Errors
/// 404 for everybody else.
pub async fn is_member(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    firm: OrganisationId,
) -> Result<bool, Problem> {
    if firm != actor.organisation {
        for_institution(db, actor, id).await?;
    }
    Ok(member::Entity::find_by_id((id, firm)).one(db).await?.is_some())
}
