//! Firms, institutions and buyer groups.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*,
    sea_query::OnConflict,
};
use serde_json::json;

use super::entities::{buyer_group, consent, institution_firm, membership, organisation};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        db::{Write, holds},
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::OrganisationId,
        problem::{FieldError, OnConstraint, Problem},
    },
    organisations::{BuyerGroup, NewBuyerGroup, NewOrganisation, Organisation, tax_id::TaxId},
};

/// Whom the actor sees: itself, institutions, lead firms; an institution also the firms that it works
/// with; a lead firm also the suppliers that have consented for it.
fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    let own = Condition::any()
        .add(organisation::Column::Id.eq(actor.organisation))
        .add(organisation::Column::Kind.is_in([Kind::Institution, Kind::LeadFirm]));
    let related = match actor.kind() {
        Some(Kind::Institution) => institution_firm::Entity::find()
            .select_only()
            .column(institution_firm::Column::FirmId)
            .filter(institution_firm::Column::InstitutionId.eq(actor.organisation))
            .into_query(),
        Some(Kind::LeadFirm) => consent::Entity::find()
            .select_only()
            .column(consent::Column::SupplierId)
            .filter(consent::Column::LeadFirmId.eq(actor.organisation))
            .filter(consent::Column::RevokedAt.is_null())
            .into_query(),
        _ => return own,
    };
    own.add(organisation::Column::Id.in_subquery(related))
}

/// The organisation, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: OrganisationId,
) -> Result<Organisation, Problem> {
    let found = organisation::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.map(Organisation::from).ok_or_else(Problem::not_found)
}

/// The organisation's calendar day at that moment, for whoever has shown that it may see what goes by it.
///
/// # Errors
/// 404 for no such organisation.
pub async fn day(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: OrganisationId,
    at: Timestamp,
) -> Result<Day, Problem> {
    let service = Actor { organisation: id, ..Actor::system(actor.organisation) };
    Ok(find(db, &service, id).await?.day(at))
}

/// The organisation of that kind, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_kind(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: OrganisationId,
    kind: Kind,
) -> Result<Organisation, Problem> {
    find(db, actor, id)
        .await
        .and_then(|found| if found.kind == kind { Ok(found) } else { Err(Problem::not_found()) })
}

/// The organisations of these ids that the actor may see, in id order.
///
/// # Errors
/// What the database said.
pub async fn find_all(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Organisation>, Problem> {
    let ids: Vec<_> = ids.into_iter().collect();
    let query =
        organisation::Entity::find().filter(visible(actor)).filter(organisation::Column::Id.is_in(ids));
    let mut found: Vec<Organisation> = query.all(db).await?.into_iter().map(Organisation::from).collect();
    found.sort_by_key(|organisation| organisation.id);
    Ok(found)
}

/// The ids of the organisations whose names hold this, as a subquery for lists that say themselves what the actor sees.
pub fn named(q: &str) -> sea_orm::sea_query::SelectStatement {
    let ids = organisation::Entity::find().select_only().column(organisation::Column::Id);
    ids.filter(holds(organisation::Column::Name, q)).into_query()
}

/// What those of these organisations are called that the actor may see.
///
/// # Errors
/// What the database said.
pub async fn names(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: impl IntoIterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>, Problem> {
    let found = find_all(db, actor, ids).await?;
    Ok(found.into_iter().map(|organisation| (organisation.id, organisation.name)).collect())
}

/// What these buyers are called, by what counts as one: a firm by its name, a group by those of its lead firms that the
/// actor may see.
///
/// # Errors
/// What the database said.
pub async fn buyer_names(
    db: &impl ConnectionTrait,
    actor: &Actor,
    keys: impl IntoIterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, String>, Problem> {
    let keys: BTreeSet<Uuid> = keys.into_iter().collect();
    let of_keys = Condition::any()
        .add(organisation::Column::Id.is_in(keys.iter().copied()))
        .add(organisation::Column::BuyerGroupId.is_in(keys.iter().copied()));
    let query = organisation::Entity::find().filter(visible(actor)).filter(of_keys);
    let mut names: BTreeMap<Uuid, String> = BTreeMap::new();
    for row in query.order_by_asc(organisation::Column::Id).all(db).await? {
        let firm = Organisation::from(row);
        // A waiver for a firm alone keeps that firm's name after it has joined a group.
        if keys.contains(&firm.id.0) {
            names.insert(firm.id.0, firm.name.clone());
        }
        let group = firm.buyer_group.map(|group| group.0).filter(|group| keys.contains(group));
        if let Some(group) = group.filter(|_| firm.kind == Kind::LeadFirm) {
            let together = names.entry(group).or_default();
            if !together.is_empty() {
                together.push_str(" + ");
            }
            together.push_str(&firm.name);
        }
    }
    Ok(names)
}

/// The firm with this tax id, for institutions that bring it into a programme. An institution may know
/// that a firm is registered here when it knows the firm's tax id.
///
/// # Errors
/// 404 when no firm has it.
pub async fn find_by_tax_id(
    db: &impl ConnectionTrait,
    actor: &Actor,
    tax_id: &TaxId,
) -> Result<Organisation, Problem> {
    if !actor.is_system() && actor.kind() != Some(Kind::Institution) {
        return Err(Problem::not_found());
    }
    let found = organisation::Entity::find()
        .filter(organisation::Column::Country.eq(tax_id.country))
        .filter(organisation::Column::TaxId.eq(tax_id.number.clone()))
        .one(db)
        .await?;
    found.map(Organisation::from).ok_or_else(Problem::not_found)
}

/// Whether others than the actor's institution, and one that is left out, speak for a firm: people of its own, or an
/// institution that works with it.
///
/// # Errors
/// What the database said.
pub async fn is_others_to_speak_for(
    db: &impl ConnectionTrait,
    actor: &Actor,
    firm: OrganisationId,
    left_out: Option<OrganisationId>,
) -> Result<bool, Problem> {
    let nobody = left_out.into_iter().chain([actor.organisation]);
    let people = membership::Entity::find().filter(membership::Column::OrganisationId.eq(firm));
    let institutions = institution_firm::Entity::find()
        .filter(institution_firm::Column::FirmId.eq(firm))
        .filter(institution_firm::Column::InstitutionId.is_not_in(nobody));
    Ok(people.one(db).await?.is_some() || institutions.one(db).await?.is_some())
}

/// The lead firm with this tax id, for whoever sees lead firms.
///
/// # Errors
/// 404 when no lead firm has it.
pub async fn lead_firm_by_tax_id(
    db: &impl ConnectionTrait,
    actor: &Actor,
    tax_id: &TaxId,
) -> Result<Organisation, Problem> {
    let found = organisation::Entity::find()
        .filter(visible(actor))
        .filter(organisation::Column::Kind.eq(Kind::LeadFirm))
        .filter(organisation::Column::Country.eq(tax_id.country))
        .filter(organisation::Column::TaxId.eq(tax_id.number.clone()))
        .one(db)
        .await?;
    found.map(Organisation::from).ok_or_else(Problem::not_found)
}

/// The organisations that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    kind: Option<Kind>,
    window: &Window,
) -> Result<Page<Organisation>, Problem> {
    let mut query = organisation::Entity::find().filter(visible(actor));
    if let Some(kind) = kind {
        query = query.filter(organisation::Column::Kind.eq(kind));
    }
    let page = window.fetch(actor, query, organisation::Column::Id, |row| row.id.0, &kind, db).await?;
    Ok(page.map(Organisation::from))
}

/// Registers a firm, or (the operator) an institution. An institution that registers a firm works with
/// it from then on.
///
/// # Errors
/// 422 when the tax id is registered already.
pub async fn register(w: &Write, new: NewOrganisation) -> Result<Organisation, Problem> {
    let row = organisation::Model {
        id: w.new_id(),
        kind: new.kind,
        name: new.name,
        country: new.tax_id.country,
        tax_id: new.tax_id.number,
        buyer_group_id: None,
        created_at: w.at(),
        version: 1,
        lei: None,
    };
    organisation::Entity::insert(organisation::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_organisations__country__tax_id", || {
            Problem::invalid(vec![FieldError::new("/organisation/tax_id", "tax-id-taken")])
        })?;
    let details =
        json!({ "kind": row.kind, "country": row.country, "tax_id_confirmed": new.tax_id.confirmed });
    w.record("organisation", row.id, &details).await?;
    if w.actor().kind() == Some(Kind::Institution) {
        work_with(w, w.actor().organisation, row.id).await?;
    }
    Ok(row.into())
}

/// States the legal entity identifier of the actor's own organisation.
///
/// # Errors
/// 404 for any other organisation, 412 for a stale version, 422 when another organisation has it.
pub async fn state_lei(
    w: &Write,
    id: OrganisationId,
    version: IfVersion,
    lei: Option<String>,
) -> Result<Organisation, Problem> {
    if id != w.actor().organisation {
        return Err(Problem::not_found());
    }
    lock(w, id).await?;
    let found = find(w.db(), w.actor(), id).await?;
    version.check(found.version)?;
    let row = organisation::ActiveModel {
        id: Set(id),
        lei: Set(lei),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await;
    let row = row.on_constraint("uq_organisations__lei", || Problem::field("/lei", "lei-taken"))?;
    w.record("organisation", id, &json!({ "lei": row.lei })).await?;
    Ok(row.into())
}

/// Writes down that an institution works with a firm, so that its officers see it.
///
/// # Errors
/// What the database said.
pub async fn work_with(w: &Write, institution: OrganisationId, firm: OrganisationId) -> Result<(), Problem> {
    let row = institution_firm::ActiveModel {
        institution_id: Set(institution),
        firm_id: Set(firm),
        since: Set(w.at()),
    };
    institution_firm::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

/// Declares a buyer group.
///
/// # Errors
/// 422 when the institution has one of this name.
pub async fn create_group(w: &Write, new: NewBuyerGroup) -> Result<BuyerGroup, Problem> {
    let row = buyer_group::Model {
        id: w.new_id(),
        name: new.name,
        institution_id: w.actor().organisation,
        created_at: w.at(),
        version: 1,
    };
    buyer_group::Entity::insert(buyer_group::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_buyer_groups__institution_id__name", || Problem::field("/name", "name-taken"))?;
    w.record("buyer_group", row.id, &json!({ "name": row.name })).await?;
    Ok(row.into())
}

/// The buyer groups that the actor's institution has declared.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list_groups(
    db: &impl ConnectionTrait,
    actor: &Actor,
    window: &Window,
) -> Result<Page<BuyerGroup>, Problem> {
    let query = buyer_group::Entity::find().filter(buyer_group::Column::InstitutionId.eq(actor.organisation));
    let page = window.fetch(actor, query, buyer_group::Column::Id, |row| row.id.0, &(), db).await?;
    Ok(page.map(BuyerGroup::from))
}

/// Locks an organisation's row until the write ends.
pub(super) async fn lock(w: &Write, id: OrganisationId) -> Result<(), Problem> {
    organisation::Entity::find_by_id(id)
        .lock_exclusive()
        .one(w.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(())
}

impl From<organisation::Model> for Organisation {
    fn from(row: organisation::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name: row.name,
            country: row.country,
            tax_id: row.tax_id,
            buyer_group: row.buyer_group_id,
            lei: row.lei,
            version: row.version,
        }
    }
}

impl From<buyer_group::Model> for BuyerGroup {
    fn from(row: buyer_group::Model) -> Self {
        Self { id: row.id, name: row.name, version: row.version }
    }
}
