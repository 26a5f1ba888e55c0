//! What is kept of programmes, and who sees it.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    Condition, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{OnConflict, SelectStatement},
};
use serde_json::json;

use super::{Member, NewMember, NewProgramme, NewWaiver, Programme, Rules, State, Waiver};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{OrganisationId, ProgrammeId},
        problem::{FieldError, Problem},
    },
    organisations::{Organisation, store::firms},
};

mod programme {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::{Day, Timestamp},
            ids::{OrganisationId, ProgrammeId},
            money::Currency,
        },
        programmes::State,
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programmes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProgrammeId,
        pub institution_id: OrganisationId,
        pub name: String,
        pub currency: Currency,
        pub starts_on: Day,
        pub ends_on: Day,
        pub state: State,
        pub rules: String,
        pub rules_version: i64,
        pub created_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod member {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        access::Kind,
        clock::Timestamp,
        ids::{OrganisationId, ProgrammeId},
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "programme_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub programme_id: ProgrammeId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        pub kind: Kind,
        pub added_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod waiver {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::{Day, Timestamp},
        ids::{AccountId, OrganisationId, ProgrammeId, WaiverId},
        share::Share,
    };

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "waivers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WaiverId,
        pub programme_id: ProgrammeId,
        pub supplier_id: OrganisationId,
        pub buyer_group_key: Uuid,
        pub dependency_cap_ppm: Share,
        pub reason: String,
        pub signed_by: AccountId,
        pub signed_at: Timestamp,
        pub expires_on: Day,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Whom a programme shows itself to: its institution, its members.
fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    if actor.kind() == Some(Kind::Institution) {
        return Condition::all().add(programme::Column::InstitutionId.eq(actor.organisation));
    }
    let mine = member::Entity::find()
        .select_only()
        .column(member::Column::ProgrammeId)
        .filter(member::Column::OrganisationId.eq(actor.organisation))
        .into_query();
    Condition::all().add(programme::Column::Id.in_subquery(mine))
}

/// The ids of the programmes that the actor sees, as a subquery for the stages above.
pub fn seen_by(actor: &Actor) -> SelectStatement {
    programme::Entity::find().select_only().column(programme::Column::Id).filter(visible(actor)).into_query()
}

/// The programme, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ProgrammeId) -> Result<Programme, Problem> {
    let found = programme::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// The programme, whose state and rules nobody changes until the write ends.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn hold(w: &Write, id: ProgrammeId) -> Result<Programme, Problem> {
    let found =
        programme::Entity::find_by_id(id).filter(visible(w.actor())).lock_shared().one(w.db()).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// The programme of the actor's own institution, which this write will change.
async fn own(w: &Write, id: ProgrammeId) -> Result<Programme, Problem> {
    let found =
        programme::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive().one(w.db()).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// Only the institution (and the service itself) sees who takes part.
async fn for_institution(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<Programme, Problem> {
    if !actor.is_system() && actor.kind() != Some(Kind::Institution) {
        return Err(Problem::not_found());
    }
    find(db, actor, id).await
}

/// The programmes that the actor may see.
///
/// # Errors
/// 400 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    state: Option<State>,
    window: &Window,
) -> Result<Page<Programme>, Problem> {
    let mut query = programme::Entity::find().filter(visible(actor));
    if let Some(state) = state {
        query = query.filter(programme::Column::State.eq(state));
    }
    let page = window.fetch(query, programme::Column::Id, |row| row.id.0, &state, db).await?;
    let items = page.items.into_iter().map(Programme::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next, prev: page.prev })
}

/// Sets up a programme of the actor's institution.
///
/// # Errors
/// What the database said.
pub async fn create(w: &Write, new: NewProgramme) -> Result<Programme, Problem> {
    let row = programme::Model {
        id: w.new_id(),
        institution_id: w.actor().organisation,
        name: new.name,
        currency: new.currency,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        state: State::Draft,
        rules: serde_json::to_string(&new.rules)?,
        rules_version: 1,
        created_at: w.at(),
        version: 1,
    };
    programme::Entity::insert(programme::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    w.record("programme", row.id, &json!({ "name": row.name, "rules": new.rules })).await?;
    row.try_into()
}

/// Opens a programme.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is no draft.
pub async fn open(w: &Write, id: ProgrammeId, version: IfVersion) -> Result<Programme, Problem> {
    move_to(w, id, version, State::Open).await
}

/// Closes a programme.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not open.
pub async fn close(w: &Write, id: ProgrammeId, version: IfVersion) -> Result<Programme, Problem> {
    move_to(w, id, version, State::Closed).await
}

async fn move_to(w: &Write, id: ProgrammeId, version: IfVersion, state: State) -> Result<Programme, Problem> {
    let found = own(w, id).await?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    let row = programme::ActiveModel {
        id: Set(id),
        state: Set(state),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("programme", id, &json!({ "state": state })).await?;
    row.try_into()
}

/// Changes the rules. What was solved or approved before keeps the rules of its time.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is closed, 422 for an allowance in another currency.
pub async fn change_rules(
    w: &Write,
    id: ProgrammeId,
    version: IfVersion,
    rules: Rules,
) -> Result<Programme, Problem> {
    let found = own(w, id).await?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    if rules.dependency_allowance.currency != found.currency {
        let error = FieldError::new("/dependency_allowance", "not-the-programmes-currency");
        return Err(Problem::invalid(vec![error.with("currency", found.currency)]));
    }
    let row = programme::ActiveModel {
        id: Set(id),
        rules: Set(serde_json::to_string(&rules)?),
        rules_version: Set(found.rules_version + 1),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    let details = json!({ "rules_version": row.rules_version, "rules": rules, "before": found.rules });
    w.record("programme", id, &details).await?;
    row.try_into()
}

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
    w.in_state(found.state)?;
    let row = member::Model { programme_id: id, organisation_id: firm.id, kind: firm.kind, added_at: w.at() };
    member::Entity::insert(member::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(w.db())
        .await?;
    firms::work_with(w, found.institution, firm.id).await?;
    w.record("programme", id, &json!({ "member": firm.id, "kind": firm.kind })).await?;
    let kept = member::Entity::find_by_id((id, firm.id)).one(w.db()).await?.ok_or_else(Problem::not_found)?;
    Ok(Member { organisation: firm.id, name: firm.name.clone(), kind: kept.kind, added_at: kept.added_at })
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
/// 404 for everybody else, 400 for a cursor of another list.
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
    let page = window.fetch(query, column, |row| row.organisation_id.0, &(id, kind), db).await?;
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

/// Signs a waiver. A later one for the same supplier and buyer takes the place of the earlier.
///
/// # Errors
/// 404 when the actor sees no such programme, 409 when it is closed, 422 for a supplier or lead firm that
/// is no member, or an expiry that has passed.
pub async fn sign_waiver(w: &Write, id: ProgrammeId, new: NewWaiver) -> Result<Waiver, Problem> {
    let found = own(w, id).await?;
    w.in_state(found.state)?;
    let mut errors = Vec::new();
    for (firm, kind, pointer) in
        [(new.supplier, Kind::Supplier, "/supplier"), (new.lead_firm, Kind::LeadFirm, "/lead_firm")]
    {
        let row = member::Entity::find_by_id((id, firm)).one(w.db()).await?;
        if row.is_none_or(|row| row.kind != kind) {
            errors.push(FieldError::new(pointer, "not-a-member"));
        }
    }
    if new.expires_on < w.at().day() {
        errors.push(FieldError::new("/expires_on", "in-the-past"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let lead_firm = firms::find_kind(w.db(), w.actor(), new.lead_firm, Kind::LeadFirm).await?;
    let row = waiver::Model {
        id: w.new_id(),
        programme_id: id,
        supplier_id: new.supplier,
        buyer_group_key: lead_firm.buyer_key(),
        dependency_cap_ppm: new.dependency_cap,
        reason: new.reason,
        signed_by: w.actor().account,
        signed_at: w.at(),
        expires_on: new.expires_on,
    };
    waiver::Entity::insert(waiver::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({
        "programme": id, "supplier": row.supplier_id, "buyer_group": row.buyer_group_key,
        "dependency_cap": row.dependency_cap_ppm, "reason": row.reason, "expires_on": row.expires_on,
    });
    w.record("waiver", row.id, &details).await?;
    Ok(row.into())
}

/// A programme's waivers, expired ones too, for its institution alone.
///
/// # Errors
/// 404 for everybody else, 400 for a cursor of another list.
pub async fn list_waivers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    window: &Window,
) -> Result<Page<Waiver>, Problem> {
    for_institution(db, actor, id).await?;
    let query = waiver::Entity::find().filter(waiver::Column::ProgrammeId.eq(id));
    let page = window.fetch(query, waiver::Column::Id, |row| row.id.0, &id, db).await?;
    Ok(page.map(Waiver::from))
}

/// The waivers that hold on a day: of several for the same supplier and buyer, the one signed last.
///
/// # Errors
/// 404 for everybody but the institution and the service itself.
pub async fn waivers_in_force(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    day: Day,
) -> Result<Vec<Waiver>, Problem> {
    for_institution(db, actor, id).await?;
    let rows = waiver::Entity::find()
        .filter(waiver::Column::ProgrammeId.eq(id))
        .filter(waiver::Column::ExpiresOn.gte(day))
        .order_by_asc(waiver::Column::SignedAt)
        .order_by_asc(waiver::Column::Id)
        .all(db)
        .await?;
    let latest: BTreeMap<_, _> =
        rows.into_iter().map(|row| ((row.supplier_id, row.buyer_group_key), Waiver::from(row))).collect();
    Ok(latest.into_values().collect())
}

impl TryFrom<programme::Model> for Programme {
    type Error = Problem;

    fn try_from(row: programme::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            institution: row.institution_id,
            name: row.name,
            currency: row.currency,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            state: row.state,
            rules: serde_json::from_str(&row.rules)?,
            rules_version: row.rules_version,
            version: row.version,
        })
    }
}

impl From<waiver::Model> for Waiver {
    fn from(row: waiver::Model) -> Self {
        Self {
            id: row.id,
            programme: row.programme_id,
            supplier: row.supplier_id,
            buyer_group: row.buyer_group_key,
            dependency_cap: row.dependency_cap_ppm,
            reason: row.reason,
            signed_by: row.signed_by,
            signed_at: row.signed_at,
            expires_on: row.expires_on,
        }
    }
}
