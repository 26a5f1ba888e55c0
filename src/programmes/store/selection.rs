//! Selection: invitations, applications and what the sides say to them.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{member, network, network_decision, network_member},
    members::find_firm,
    networks::{decisions, find_network, own, sides},
    programmes::demand_unclosed,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{AccountId, NetworkId, OrganisationId, ProgrammeId},
        problem::Problem,
    },
    organisations::{
        Organisation,
        store::{firms, interests},
    },
    programmes::networks::{
        Application, Decision, Membership, NewDecision, NewInvitation, Said, Standing, State, Step, outcome,
    },
};

/// 409 once the network is over, or its programme.
async fn demand_open(w: &Write, found: &network::Model) -> Result<(), Problem> {
    if found.state != State::Open {
        return Err(Problem::conflict("network-closed"));
    }
    demand_unclosed(w, found.programme_id).await
}

/// The supplier's row, which this write will change.
async fn held(
    w: &Write,
    id: NetworkId,
    firm: OrganisationId,
) -> Result<Option<network_member::Model>, Problem> {
    use sea_orm::QuerySelect;
    let query = network_member::Entity::find_by_id((id, firm));
    let query = query.filter(network_member::Column::Kind.eq(Kind::Supplier));
    Ok(query.lock_exclusive().one(w.db()).await?)
}

/// Takes a step of the table: inserts the row, or moves it on.
async fn take(
    w: &Write,
    id: NetworkId,
    firm: OrganisationId,
    present: Option<&network_member::Model>,
    step: Step,
    statement: Option<String>,
) -> Result<network_member::Model, Problem> {
    let Some(state) = step.from(present.map(|row| row.state)) else {
        // The row of the access table lists the same states; without a membership there is nothing to see.
        return Err(present.map_or_else(Problem::not_found, |row| {
            w.in_state(row.state).err().unwrap_or_else(Problem::not_found)
        }));
    };
    let applied_at = match step {
        Step::Apply => Some(w.at()),
        Step::Invite | Step::Leave => None,
        Step::Select | Step::Refuse | Step::Exclude | Step::Reopen => present.and_then(|row| row.applied_at),
    };
    if matches!(step, Step::Invite | Step::Apply | Step::Reopen) {
        // A new round: what was said to the last application says nothing about this one.
        network_decision::Entity::delete_many()
            .filter(network_decision::Column::NetworkId.eq(id))
            .filter(network_decision::Column::OrganisationId.eq(firm))
            .exec(w.db())
            .await?;
    }
    let Some(present) = present else {
        let row = network_member::Model {
            network_id: id,
            organisation_id: firm,
            kind: Kind::Supplier,
            state,
            statement: statement.unwrap_or_default(),
            changed_at: w.at(),
            applied_at,
            version: 1,
            first_at: Some(w.at()),
            selected_at: None,
        };
        network_member::Entity::insert(network_member::ActiveModel::from(row.clone()))
            .exec_without_returning(w.db())
            .await?;
        return Ok(row);
    };
    let row = network_member::ActiveModel {
        network_id: Set(id),
        organisation_id: Set(firm),
        state: Set(state),
        statement: Set(statement.unwrap_or_else(|| present.statement.clone())),
        changed_at: Set(w.at()),
        applied_at: Set(applied_at),
        version: Set(present.version + 1),
        selected_at: Set(if state == Standing::Selected { Some(w.at()) } else { present.selected_at }),
        ..Default::default()
    };
    Ok(row.update(w.db()).await?)
}

/// Invites a supplier, which need not be of the programme yet.
///
/// # Errors
/// 404 when the actor sees no such network; 409 when it or its programme is closed, or the supplier is invited, applying or
/// in it already; 422 for no such supplier.
pub async fn invite(w: &Write, id: NetworkId, new: &NewInvitation) -> Result<Membership, Problem> {
    let found = own(w, id).await?;
    demand_open(w, &found).await?;
    // A lead firm may name a supplier by its tax id, as the registration tells anybody that it is taken.
    let firm = match new {
        NewInvitation::TaxId(_) => find_firm(w.db(), &Actor::system(w.actor().organisation), new).await?,
        NewInvitation::Firm(_) => find_firm(w.db(), w.actor(), new).await?,
    };
    if firm.kind != Kind::Supplier {
        let pointer = if matches!(new, NewInvitation::TaxId(_)) { "/tax_id" } else { "/organisation" };
        return Err(Problem::field(pointer, "no-such-firm"));
    }
    let present = held(w, id, firm.id).await?;
    let row = take(w, id, firm.id, present.as_ref(), Step::Invite, Some(String::new())).await?;
    w.record("network", id, &json!({ "supplier": firm.id, "standing": row.state })).await?;
    Ok(membership(row, firm.name, Vec::new()))
}

/// The actor's own firm applies: invited, or as a supplier of the programme on an open call. With that it
/// shows the institution its profile and its diagnostics, on which the selection rests.
///
/// # Errors
/// 404 when the actor sees no such network; 409 when it or its programme is closed or the standing does not allow it.
pub async fn apply(w: &Write, id: NetworkId, new: Application) -> Result<Membership, Problem> {
    let firm = firms::find(w.db(), w.actor(), w.actor().organisation).await?;
    let found = own(w, id).await?;
    demand_open(w, &found).await?;
    let present = held(w, id, firm.id).await?;
    let is_invited = present.as_ref().is_some_and(|row| row.state == Standing::Invited);
    if !is_invited && Step::Apply.from(present.as_ref().map(|row| row.state)).is_some() {
        demand_call(w, &found, firm.id).await?;
    }
    let row = take(w, id, firm.id, present.as_ref(), Step::Apply, Some(new.statement)).await?;
    let service = Actor::system(firm.id);
    let programme = super::programmes::find(w.db(), &service, found.programme_id).await?;
    firms::work_with(w, programme.institution, firm.id).await?;
    w.record("network", id, &json!({ "supplier": firm.id, "standing": row.state })).await?;
    Ok(membership(row, firm.name, Vec::new()))
}

async fn demand_call(w: &Write, found: &network::Model, firm: OrganisationId) -> Result<(), Problem> {
    let row = member::Entity::find_by_id((found.programme_id, firm)).one(w.db()).await?;
    if found.call_open && row.is_some() { Ok(()) } else { Err(Problem::conflict("no-open-call")) }
}

/// The actor's own firm declines, withdraws or leaves.
///
/// # Errors
/// 404 when it has no membership, 409 when it is outside already.
pub async fn leave(w: &Write, id: NetworkId) -> Result<Membership, Problem> {
    let firm = firms::find(w.db(), w.actor(), w.actor().organisation).await?;
    own(w, id).await?;
    let present = held(w, id, firm.id).await?.ok_or_else(Problem::not_found)?;
    let row = take(w, id, firm.id, Some(&present), Step::Leave, None).await?;
    w.record("network", id, &json!({ "supplier": firm.id, "standing": row.state })).await?;
    Ok(membership(row, firm.name, Vec::new()))
}

/// One side, the institution or a lead firm of the network, says yes or no to an application. When all
/// sides have said yes the supplier is selected and belongs to the programme; one no refuses it. Until then
/// a side may change its mind.
///
/// # Errors
/// 404 when the actor sees no such network or application, or has no say in it; 412 for a stale version; 409
/// when nothing is to be decided, or the network or its programme is closed.
pub async fn decide(
    w: &Write,
    id: NetworkId,
    firm: OrganisationId,
    version: IfVersion,
    new: NewDecision,
) -> Result<Membership, Problem> {
    let found = own(w, id).await?;
    let sides = sides(w, &found).await?;
    if !w.actor().is_system() && !sides.contains(&w.actor().organisation) {
        return Err(Problem::not_found());
    }
    let present = held(w, id, firm).await?.ok_or_else(Problem::not_found)?;
    version.check(present.version)?;
    w.in_state(present.state)?;
    interests::demand_none(w, sides.iter().copied().chain([firm])).await?;
    demand_open(w, &found).await?;
    say(w, id, firm, new.decision, new.reason).await?;
    let said = decisions(w.db(), id, Some(firm)).await?;
    let spoken: Vec<_> = said.iter().map(|row| (row.decided_for, row.decision)).collect();
    let row = match outcome(&sides, &spoken) {
        // Nothing moves for the applicant, not even a version.
        None => present,
        Some(step) => take(w, id, firm, Some(&present), step, None).await?,
    };
    let service = Actor::system(w.actor().organisation);
    let supplier = firms::find(w.db(), &service, firm).await?;
    if row.state == Standing::Selected {
        super::members::enrol(w, found.programme_id, &supplier).await?;
    }
    let details = json!({ "supplier": firm, "decision": new.decision, "standing": row.state });
    w.record("network", id, &details).await?;
    Ok(membership(row, supplier.name, said.into_iter().map(Said::from).collect()))
}

/// Takes an invitation back or a supplier out. What it supplies under approved matches stands.
///
/// # Errors
/// 404 when the actor sees no such network or membership; 412 for a stale version; 409 when the supplier is
/// neither invited nor selected.
pub async fn exclude(
    w: &Write,
    id: NetworkId,
    firm: OrganisationId,
    version: IfVersion,
    reason: String,
) -> Result<Membership, Problem> {
    let found = own(w, id).await?;
    let present = held(w, id, firm).await?.ok_or_else(Problem::not_found)?;
    version.check(present.version)?;
    interests::demand_none(w, sides(w, &found).await?.into_iter().chain([firm])).await?;
    let row = take(w, id, firm, Some(&present), Step::Exclude, None).await?;
    say(w, id, firm, Decision::Refuse, reason).await?;
    w.record("network", id, &json!({ "supplier": firm, "standing": row.state })).await?;
    let said = decisions(w.db(), id, Some(firm)).await?.into_iter().map(Said::from).collect();
    let supplier = firms::find(w.db(), &Actor::system(w.actor().organisation), firm).await?;
    Ok(membership(row, supplier.name, said))
}

/// A decision about the actor's own organisation, to which it may object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// The programme.
    pub programme: ProgrammeId,
    /// When it was decided.
    pub at: Timestamp,
    /// Who took part in it.
    pub by: Vec<AccountId>,
}

/// How the network refused the actor's own firm, when that is how it stands and it had applied.
///
/// # Errors
/// 404 when the firm has no membership.
pub async fn own_refusal(w: &Write, id: NetworkId) -> Result<Option<Decided>, Problem> {
    let found = network::Entity::find_by_id(id).one(w.db()).await?.ok_or_else(Problem::not_found)?;
    let row = held(w, id, w.actor().organisation).await?.ok_or_else(Problem::not_found)?;
    if row.state != Standing::Refused || row.applied_at.is_none() {
        return Ok(None);
    }
    let said = decisions(w.db(), id, Some(row.organisation_id)).await?;
    let no = said.into_iter().filter(|said| said.decision == Decision::Refuse);
    let by = no.map(|said| said.decided_by).collect();
    Ok(Some(Decided { programme: found.programme_id, at: row.changed_at, by }))
}

/// Opens a refused application again, because a later stage has found that the refusal was wrong: all sides say anew.
/// Whether that was possible: the network and its programme are open and the firm still stands refused.
///
/// # Errors
/// What the database said.
pub async fn reopen(w: &Write, id: NetworkId, firm: OrganisationId) -> Result<bool, Problem> {
    let Ok(found) = own(w, id).await else { return Ok(false) };
    let Some(present) = held(w, id, firm).await? else { return Ok(false) };
    let is_possible = present.state == Standing::Refused && present.applied_at.is_some();
    if !is_possible || demand_open(w, &found).await.is_err() {
        return Ok(false);
    }
    let row = take(w, id, firm, Some(&present), Step::Reopen, None).await?;
    w.record("network", id, &json!({ "supplier": firm, "standing": row.state, "reopened": true })).await?;
    Ok(true)
}

async fn say(
    w: &Write,
    id: NetworkId,
    firm: OrganisationId,
    decision: Decision,
    reason: String,
) -> Result<(), Problem> {
    use sea_orm::sea_query::OnConflict;
    let row = network_decision::ActiveModel {
        network_id: Set(id),
        organisation_id: Set(firm),
        decided_for: Set(w.actor().organisation),
        decision: Set(decision),
        reason: Set(reason),
        decided_by: Set(w.actor().account),
        decided_at: Set(w.at()),
    };
    let key = [
        network_decision::Column::NetworkId,
        network_decision::Column::OrganisationId,
        network_decision::Column::DecidedFor,
    ];
    let columns = [
        network_decision::Column::Decision,
        network_decision::Column::Reason,
        network_decision::Column::DecidedBy,
        network_decision::Column::DecidedAt,
    ];
    network_decision::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

/// The actor's own membership. What the sides have said comes with the decision, not before.
///
/// # Errors
/// 404 when it has none.
pub async fn own_membership(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
) -> Result<Membership, Problem> {
    let firm = firms::find(db, actor, actor.organisation).await?;
    let row =
        network_member::Entity::find_by_id((id, firm.id)).one(db).await?.ok_or_else(Problem::not_found)?;
    let is_decided = matches!(row.state, Standing::Selected | Standing::Refused);
    let said = if is_decided { decisions(db, id, Some(firm.id)).await? } else { Vec::new() };
    Ok(membership(row, firm.name, said.into_iter().map(Said::from).collect()))
}

/// A network's members, invitations and applications, for its institution and its lead firms.
///
/// # Errors
/// 404 for everybody else, 422 for a cursor of another list.
pub async fn list_memberships(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
    standing: Option<Standing>,
    window: &Window,
) -> Result<Page<Membership>, Problem> {
    if actor.kind() == Some(Kind::Supplier) {
        return Err(Problem::not_found());
    }
    find_network(db, actor, id).await?;
    let mut query = network_member::Entity::find().filter(network_member::Column::NetworkId.eq(id));
    if let Some(standing) = standing {
        query = query.filter(network_member::Column::State.eq(standing));
    }
    let column = network_member::Column::OrganisationId;
    let page = window.fetch(actor, query, column, |row| row.organisation_id.0, &(id, standing), db).await?;
    let mut said = decisions(db, id, None).await?;
    // Whoever selects knows whom, whatever else it may see of a firm.
    let service = Actor::system(actor.organisation);
    let firms = firms::find_all(db, &service, page.items.iter().map(|row| row.organisation_id)).await?;
    Ok(page.map(|row| {
        let firm: Option<&Organisation> = firms.iter().find(|firm| firm.id == row.organisation_id);
        let (of_firm, others) = said.drain(..).partition(|said| said.organisation_id == row.organisation_id);
        said = others;
        let of_firm: Vec<network_decision::Model> = of_firm;
        let name = firm.map_or_else(String::new, |firm| firm.name.clone());
        membership(row, name, of_firm.into_iter().map(Said::from).collect())
    }))
}

/// One firm's membership of a network, for the network's institution and its lead firms.
///
/// # Errors
/// 404 for everybody else, and for a firm without a membership.
pub async fn find_membership(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
    firm: OrganisationId,
) -> Result<Membership, Problem> {
    if actor.kind() == Some(Kind::Supplier) {
        return Err(Problem::not_found());
    }
    find_network(db, actor, id).await?;
    let row = network_member::Entity::find_by_id((id, firm)).one(db).await?.ok_or_else(Problem::not_found)?;
    let said = decisions(db, id, Some(firm)).await?;
    let named = firms::find(db, &Actor::system(actor.organisation), firm).await?;
    Ok(membership(row, named.name, said.into_iter().map(Said::from).collect()))
}

/// A supplier's way into a network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entrance {
    /// The supplier.
    pub supplier: OrganisationId,
    /// How it stands now.
    pub standing: Standing,
    /// When it was first invited, or applied; `None`: before that was written down.
    pub first_at: Option<Timestamp>,
    /// When it was last selected; `None`: never, or before that was written down.
    pub selected_at: Option<Timestamp>,
}

/// How every supplier came into a network, or did not: for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn entrances(
    db: &impl ConnectionTrait,
    service: &Actor,
    id: NetworkId,
) -> Result<Vec<Entrance>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let rows = network_member::Entity::find()
        .filter(network_member::Column::NetworkId.eq(id))
        .filter(network_member::Column::Kind.eq(Kind::Supplier))
        .all(db)
        .await?;
    let entrance = |row: network_member::Model| Entrance {
        supplier: row.organisation_id,
        standing: row.state,
        first_at: row.first_at,
        selected_at: row.selected_at,
    };
    Ok(rows.into_iter().map(entrance).collect())
}

fn membership(row: network_member::Model, name: String, decisions: Vec<Said>) -> Membership {
    Membership {
        network: row.network_id,
        organisation: row.organisation_id,
        name,
        kind: row.kind,
        standing: row.state,
        statement: row.statement,
        changed_at: row.changed_at,
        decisions,
        version: row.version,
    }
}

impl From<network_decision::Model> for Said {
    fn from(row: network_decision::Model) -> Self {
        Self {
            side: row.decided_for,
            decision: row.decision,
            reason: row.reason,
            by: row.decided_by,
            at: row.decided_at,
        }
    }
}
