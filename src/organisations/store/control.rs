//! Declarations of common control, and the buyer groups that come of them.

use sea_orm::{
    ActiveValue::Set,
    Condition, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;

use super::{
    entities::{buyer_group, control_declaration, institution_firm, organisation},
    firms, ledger,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{BuyerGroupId, DeclarationId, OrganisationId},
        problem::Problem,
    },
    organisations::{
        NewBuyerGroup, Organisation,
        control::{Declaration, DeclarationMove, DeclarationState, NewDeclaration},
    },
};

/// Whom a declaration shows itself to: the firm that made it, and the institutions that work with the firm.
fn visible(actor: &Actor) -> Condition {
    match actor.kind() {
        None if actor.is_system() => Condition::all(),
        Some(Kind::LeadFirm) => {
            Condition::all().add(control_declaration::Column::FirmId.eq(actor.organisation))
        }
        Some(Kind::Institution) => Condition::all().add(
            control_declaration::Column::FirmId.in_subquery(
                institution_firm::Entity::find()
                    .select_only()
                    .column(institution_firm::Column::FirmId)
                    .filter(institution_firm::Column::InstitutionId.eq(actor.organisation))
                    .into_query(),
            ),
        ),
        _ => Condition::all().add(control_declaration::Column::Id.is_null()),
    }
}

/// Declares common control of the actor's own firm with another lead firm, or its end.
///
/// # Errors
/// 422 for no such lead firm, for the firm itself, or the end of what is not.
pub async fn declare(w: &Write, new: NewDeclaration) -> Result<Declaration, Problem> {
    let firm = firms::find(w.db(), w.actor(), w.actor().organisation).await?;
    match new.with {
        None if firm.buyer_group.is_none() => return Err(Problem::field("/with", "in-no-buyer-group")),
        None => {}
        Some(other) if other == firm.id => return Err(Problem::field("/with", "no-such-firm")),
        Some(other) => {
            let found = firms::find_kind(w.db(), w.actor(), other, Kind::LeadFirm).await;
            found.map_err(|problem| {
                if problem == Problem::not_found() {
                    Problem::field("/with", "no-such-firm")
                } else {
                    problem
                }
            })?;
        }
    }
    let row = control_declaration::Model {
        id: w.new_id(),
        firm_id: firm.id,
        with_firm_id: new.with,
        ground: new.ground,
        state: DeclarationState::Declared,
        declared_by: w.actor().account,
        declared_at: w.at(),
        decided_by: None,
        decided_at: None,
        reason: None,
        version: 1,
    };
    control_declaration::Entity::insert(control_declaration::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    w.record("control_declaration", row.id, &json!({ "firm": firm.id, "with": row.with_firm_id })).await?;
    Ok(row.into())
}

/// The declaration, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_declaration(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: DeclarationId,
) -> Result<Declaration, Problem> {
    let found = control_declaration::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.map(Declaration::from).ok_or_else(Problem::not_found)
}

/// The declarations that the actor may see.
///
/// # Errors
/// 400 for a cursor of another list.
pub async fn list_declarations(
    db: &impl ConnectionTrait,
    actor: &Actor,
    state: Option<DeclarationState>,
    window: &Window,
) -> Result<Page<Declaration>, Problem> {
    let mut query = control_declaration::Entity::find().filter(visible(actor));
    if let Some(state) = state {
        query = query.filter(control_declaration::Column::State.eq(state));
    }
    let page =
        window.fetch(actor, query, control_declaration::Column::Id, |row| row.id.0, &state, db).await?;
    Ok(page.map(Declaration::from))
}

async fn decided(
    w: &Write,
    id: DeclarationId,
    version: IfVersion,
    step: DeclarationMove,
    reason: Option<String>,
) -> Result<Declaration, Problem> {
    let found = control_declaration::Entity::find_by_id(id)
        .filter(visible(w.actor()))
        .lock_exclusive()
        .one(w.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    let state = w.next(found.state, step.from(found.state))?;
    let row = control_declaration::ActiveModel {
        id: Set(id),
        state: Set(state),
        decided_by: Set(Some(w.actor().account)),
        decided_at: Set(Some(w.at())),
        reason: Set(reason),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("control_declaration", id, &json!({ "state": state, "reason": row.reason })).await?;
    Ok(row.into())
}

/// The firm takes its declaration back.
///
/// # Errors
/// 404 for none of its own, 412 for a stale version, 409 once it is decided.
pub async fn withdraw(w: &Write, id: DeclarationId, version: IfVersion) -> Result<Declaration, Problem> {
    decided(w, id, version, DeclarationMove::Withdraw, None).await
}

/// An institution does not believe it.
///
/// # Errors
/// 404 for a firm with which it does not work, 412 for a stale version, 409 once it is decided.
pub async fn reject(
    w: &Write,
    id: DeclarationId,
    version: IfVersion,
    reason: String,
) -> Result<Declaration, Problem> {
    decided(w, id, version, DeclarationMove::Reject, Some(reason)).await
}

/// An institution confirms it: the firms belong to one buyer group from now on, or the firm to none.
///
/// # Errors
/// 404 for a firm with which it does not work, 412 for a stale version, 409 once it is decided.
pub async fn confirm(
    w: &Write,
    id: DeclarationId,
    version: IfVersion,
    reason: String,
) -> Result<Declaration, Problem> {
    let declaration = decided(w, id, version, DeclarationMove::Confirm, Some(reason)).await?;
    let Some(with) = declaration.with else {
        separate(w, declaration.firm).await?;
        return Ok(declaration);
    };
    ledger::lock_buyers(w, &[declaration.firm, with]).await?;
    let service = Actor::system(w.actor().organisation);
    let firm = firms::find(w.db(), &service, declaration.firm).await?;
    let other = firms::find(w.db(), &service, with).await?;
    let group = match (firm.buyer_group, other.buyer_group) {
        (_, Some(group)) | (Some(group), None) => group,
        (None, None) => {
            let new = NewBuyerGroup { name: format!("{} · {}", other.name, firm.name) };
            firms::create_group(w, new).await?.id
        }
    };
    for found in [&firm, &other] {
        match found.buyer_group {
            Some(present) if present != group => merge(w, present, group).await?,
            Some(_) => {}
            None => put_into(w, found, Some(group)).await?,
        }
    }
    Ok(declaration)
}

/// All firms of one group go over to another.
async fn merge(w: &Write, from: BuyerGroupId, to: BuyerGroupId) -> Result<(), Problem> {
    organisation::Entity::update_many()
        .col_expr(organisation::Column::BuyerGroupId, Expr::value(to))
        .col_expr(organisation::Column::Version, Expr::col(organisation::Column::Version).add(1))
        .filter(organisation::Column::BuyerGroupId.eq(from))
        .exec(w.db())
        .await?;
    w.record("buyer_group", to, &json!({ "merged": from })).await
}

async fn put_into(w: &Write, firm: &Organisation, group: Option<BuyerGroupId>) -> Result<(), Problem> {
    let row = organisation::ActiveModel {
        id: Set(firm.id),
        buyer_group_id: Set(group),
        version: Set(firm.version + 1),
        ..Default::default()
    };
    row.update(w.db()).await?;
    w.record("organisation", firm.id, &json!({ "buyer_group": group, "before": firm.buyer_group })).await
}

async fn separate(w: &Write, firm: OrganisationId) -> Result<(), Problem> {
    ledger::lock_buyers(w, &[firm]).await?;
    let found = firms::find(w.db(), &Actor::system(w.actor().organisation), firm).await?;
    put_into(w, &found, None).await
}

/// Takes a lead firm out of a buyer group of the actor's institution.
///
/// # Errors
/// 404 when the institution has no such group, or the firm is not in it.
pub async fn leave_group(w: &Write, group: BuyerGroupId, firm: OrganisationId) -> Result<(), Problem> {
    let own = buyer_group::Entity::find_by_id(group)
        .filter(buyer_group::Column::InstitutionId.eq(w.actor().organisation))
        .one(w.db())
        .await?;
    let group = own.ok_or_else(Problem::not_found)?.id;
    let found = firms::find_kind(w.db(), w.actor(), firm, Kind::LeadFirm).await?;
    if found.buyer_group != Some(group) {
        return Err(Problem::not_found());
    }
    separate(w, firm).await
}

impl From<control_declaration::Model> for Declaration {
    fn from(row: control_declaration::Model) -> Self {
        Self {
            id: row.id,
            firm: row.firm_id,
            with: row.with_firm_id,
            ground: row.ground,
            state: row.state,
            declared_by: row.declared_by,
            declared_at: row.declared_at,
            reason: row.reason,
            decided_at: row.decided_at,
            version: row.version,
        }
    }
}
