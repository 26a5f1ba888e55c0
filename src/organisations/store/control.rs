//! Declarations of common control, and the buyer groups that come of them.

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{buyer_group, control_declaration, institution_firm, organisation},
    firms, interests, ledger,
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
        control::{Confirming, Declaration, DeclarationMove, DeclarationState, NewDeclaration},
    },
};

/// Whom a declaration shows itself to: the firm that made it, and the institutions that work with the firm or look after
/// its group.
fn visible(actor: &Actor) -> Condition {
    match actor.kind() {
        None if actor.is_system() => Condition::all(),
        Some(Kind::LeadFirm) => {
            Condition::all().add(control_declaration::Column::FirmId.eq(actor.organisation))
        }
        Some(Kind::Institution) => {
            let worked_with = institution_firm::Entity::find()
                .select_only()
                .column(institution_firm::Column::FirmId)
                .filter(institution_firm::Column::InstitutionId.eq(actor.organisation))
                .into_query();
            let own_groups = buyer_group::Entity::find()
                .select_only()
                .column(buyer_group::Column::Id)
                .filter(buyer_group::Column::InstitutionId.eq(actor.organisation))
                .into_query();
            let looked_after = organisation::Entity::find()
                .select_only()
                .column(organisation::Column::Id)
                .filter(organisation::Column::BuyerGroupId.in_subquery(own_groups))
                .into_query();
            Condition::any()
                .add(control_declaration::Column::FirmId.in_subquery(worked_with))
                .add(control_declaration::Column::FirmId.in_subquery(looked_after))
        }
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
/// 422 for a cursor of another list.
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
    interests::demand_none(w, [Some(found.firm_id), found.with_firm_id].into_iter().flatten()).await?;
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

/// Changes of buyer groups wait for each other: who is in which group says whom the change concerns, and must not change
/// between that and the commit.
const GROUPS: i64 = 0x6275_7965_7273;

/// An institution confirms it: the firms belong to one buyer group from now on, or the firm to none.
///
/// # Errors
/// 404 for a firm with which it does not work, 412 for a stale version, 409 once it is decided, or when it would move
/// firms of a group that another institution looks after; 422 for a group that it can't be.
pub async fn confirm(
    w: &Write,
    id: DeclarationId,
    version: IfVersion,
    confirming: Confirming,
) -> Result<Declaration, Problem> {
    let Confirming { reason, buyer_group: named } = confirming;
    let declaration = decided(w, id, version, DeclarationMove::Confirm, Some(reason)).await?;
    w.alone(GROUPS).await?;
    let Some(with) = declaration.with else {
        if named.is_some() {
            return Err(Problem::field("/buyer_group", "no-such-buyer-group"));
        }
        separate(w, declaration.firm).await?;
        return Ok(declaration);
    };
    ledger::lock_buyers(w, &[declaration.firm, with]).await?;
    // Read once nobody else changes them.
    let service = Actor::system(w.actor().organisation);
    let firm = firms::find(w.db(), &service, declaration.firm).await?;
    let other = firms::find(w.db(), &service, with).await?;
    let group = match (firm.buyer_group, other.buyer_group) {
        (Some(one), Some(two)) if one != two => merge(w, (one, two), named).await?,
        (Some(present), _) | (None, Some(present)) => {
            if named.is_some_and(|named| named != present) {
                return Err(Problem::field("/buyer_group", "no-such-buyer-group"));
            }
            present
        }
        (None, None) => match named {
            Some(named) if is_own(w, named).await? => named,
            Some(_) => return Err(Problem::field("/buyer_group", "no-such-buyer-group")),
            None => {
                let new = NewBuyerGroup { name: format!("{} · {}", other.name, firm.name) };
                let created = firms::create_group(w, new).await;
                created.map_err(|_| Problem::field("/buyer_group", "buyer-group-there-already"))?.id
            }
        },
    };
    for found in [&firm, &other].into_iter().filter(|found| found.buyer_group.is_none()) {
        put_into(w, found, Some(group)).await?;
    }
    Ok(declaration)
}

/// Whether the actor's institution looks after the group.
async fn is_own(w: &Write, group: BuyerGroupId) -> Result<bool, Problem> {
    let found = buyer_group::Entity::find_by_id(group)
        .filter(buyer_group::Column::InstitutionId.eq(w.actor().organisation))
        .one(w.db())
        .await?;
    Ok(found.is_some())
}

/// All firms of one of two groups go over into the other, which stays: the named one, else the second where the actor's
/// institution looks after both; else that of the other institution. Which one stays.
async fn merge(
    w: &Write,
    (one, two): (BuyerGroupId, BuyerGroupId),
    named: Option<BuyerGroupId>,
) -> Result<BuyerGroupId, Problem> {
    let (from, to) = match named {
        Some(named) if named == one => (two, one),
        Some(named) if named != two => return Err(Problem::field("/buyer_group", "no-such-buyer-group")),
        None if !is_own(w, one).await? => (two, one),
        _ => (one, two),
    };
    if !is_own(w, from).await? {
        return Err(Problem::conflict("buyer-group-of-another"));
    }
    let moved = organisation::Entity::find()
        .filter(organisation::Column::BuyerGroupId.eq(from))
        .order_by_asc(organisation::Column::Id)
        .all(w.db())
        .await?;
    for firm in moved {
        put_into(w, &firm.into(), Some(to)).await?;
    }
    w.record("buyer_group", to, &json!({ "merged": from })).await?;
    Ok(to)
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
    if let Some(group) = found.buyer_group
        && !is_own(w, group).await?
    {
        return Err(Problem::conflict("buyer-group-of-another"));
    }
    put_into(w, &found, None).await
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
