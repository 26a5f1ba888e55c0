//! Networks: who sees them, how they are set up and closed, which officers look after them.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    Condition, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{OnConflict, SelectStatement},
};
use serde_json::json;

use super::{
    entities::{member, network, network_decision, network_member, network_officer},
    programmes::{own as own_programme, seen_by as programmes_seen_by},
};
use crate::{
    foundation::{
        access::{Actor, Kind, Role},
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{AccountId, NetworkId, OrganisationId, ProgrammeId},
        problem::{FieldError, OnConstraint, Problem},
    },
    organisations::{Member, store::people},
    programmes::networks::{Network, NetworkChange, NewNetwork, Standing, State},
};

/// The networks to which the actor's firm belongs (`standing`: in which of these states).
fn joined(actor: &Actor, standing: &[Standing]) -> SelectStatement {
    network_member::Entity::find()
        .select_only()
        .column(network_member::Column::NetworkId)
        .filter(network_member::Column::OrganisationId.eq(actor.organisation))
        .filter(network_member::Column::State.is_in(standing.iter().copied()))
        .into_query()
}

/// Whom a network shows itself to: see the essay of [`networks`](crate::programmes::networks).
pub(super) fn visible(actor: &Actor) -> Condition {
    let within = || network::Column::ProgrammeId.in_subquery(programmes_seen_by(actor));
    match actor.role {
        Role::System => Condition::all(),
        Role::InstitutionAdministrator => Condition::all().add(within()),
        _ => match actor.kind() {
            Some(Kind::Institution) => Condition::all().add(within()).add(
                network::Column::Id.in_subquery(
                    network_officer::Entity::find()
                        .select_only()
                        .column(network_officer::Column::NetworkId)
                        .filter(network_officer::Column::AccountId.eq(actor.account))
                        .into_query(),
                ),
            ),
            Some(Kind::LeadFirm) => {
                Condition::all().add(network::Column::Id.in_subquery(joined(actor, Standing::ALL)))
            }
            Some(Kind::Supplier) => {
                let call = Condition::all().add(network::Column::CallOpen.eq(true));
                let call = call.add(network::Column::State.eq(State::Open)).add(within());
                Condition::any().add(network::Column::Id.in_subquery(joined(actor, Standing::ALL))).add(call)
            }
            None => Condition::all().add(network::Column::Id.is_null()),
        },
    }
}

/// The ids of the networks in whose work the actor takes part, as a subquery for the stages above: the
/// institution's administrators and the assigned officers, and the firms that were selected. An invitation
/// or an application shows the network, and nothing that is posted in it.
pub fn networks(actor: &Actor) -> SelectStatement {
    if matches!(actor.kind(), Some(Kind::Supplier | Kind::LeadFirm)) {
        return joined(actor, &[Standing::Selected]);
    }
    network::Entity::find().select_only().column(network::Column::Id).filter(visible(actor)).into_query()
}

/// The network, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_network(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
) -> Result<Network, Problem> {
    let found = network::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    complete(db, found.ok_or_else(Problem::not_found)?).await
}

/// What these networks are called, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn network_names(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<NetworkId>,
) -> Result<BTreeMap<NetworkId, String>, Problem> {
    let query = network::Entity::find()
        .select_only()
        .columns([network::Column::Id, network::Column::Name])
        .filter(visible(actor))
        .filter(network::Column::Id.is_in(ids));
    let found: Vec<(NetworkId, String)> = query.into_tuple().all(db).await?;
    Ok(found.into_iter().collect())
}

/// The network, which this write will change.
pub(super) async fn own(w: &Write, id: NetworkId) -> Result<network::Model, Problem> {
    let found =
        network::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive().one(w.db()).await?;
    found.ok_or_else(Problem::not_found)
}

/// The networks that the actor may see, of one programme where asked.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list_networks(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: Option<ProgrammeId>,
    window: &Window,
) -> Result<Page<Network>, Problem> {
    let mut query = network::Entity::find().filter(visible(actor));
    if let Some(programme) = programme {
        query = query.filter(network::Column::ProgrammeId.eq(programme));
    }
    let page = window.fetch(actor, query, network::Column::Id, |row| row.id.0, &programme, db).await?;
    let mut lead_firms = lead_firms(db, page.items.iter().map(|row| row.id).collect()).await?;
    Ok(page.map(|row| {
        let firms = lead_firms.remove(&row.id).unwrap_or_default();
        whole(row, firms)
    }))
}

async fn complete(db: &impl ConnectionTrait, row: network::Model) -> Result<Network, Problem> {
    let firms = lead_firms(db, vec![row.id]).await?.remove(&row.id).unwrap_or_default();
    Ok(whole(row, firms))
}

fn whole(row: network::Model, lead_firms: Vec<OrganisationId>) -> Network {
    Network {
        id: row.id,
        programme: row.programme_id,
        model: row.promoted_by,
        name: row.name,
        state: row.state,
        call_open: row.call_open,
        lead_firms,
        version: row.version,
    }
}

async fn lead_firms(
    db: &impl ConnectionTrait,
    ids: Vec<NetworkId>,
) -> Result<BTreeMap<NetworkId, Vec<OrganisationId>>, Problem> {
    let rows = network_member::Entity::find()
        .filter(network_member::Column::NetworkId.is_in(ids))
        .filter(network_member::Column::Kind.eq(Kind::LeadFirm))
        .order_by_asc(network_member::Column::OrganisationId)
        .all(db)
        .await?;
    let mut firms: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        firms.entry(row.network_id).or_default().push(row.organisation_id);
    }
    Ok(firms)
}

/// Sets up a network of a programme; whoever sets it up is assigned to it.
///
/// # Errors
/// 404 when the actor sees no such programme, 409 when it is closed, 422 for a taken name or a lead firm
/// that is no member of the programme.
pub async fn create_network(w: &Write, id: ProgrammeId, new: NewNetwork) -> Result<Network, Problem> {
    let programme = own_programme(w, id).await?;
    w.in_state(programme.state)?;
    let mut errors = Vec::new();
    for (at, firm) in new.lead_firms.iter().enumerate() {
        if !is_lead_firm_of(w, id, *firm).await? {
            errors.push(FieldError::new(format!("/lead_firms/{at}"), "not-a-member"));
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = network::Model {
        id: w.new_id(),
        programme_id: id,
        promoted_by: new.model,
        name: new.name,
        state: State::Open,
        call_open: new.call_open,
        created_at: w.at(),
        version: 1,
    };
    network::Entity::insert(network::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_networks__programme_id__name", || Problem::field("/name", "name-taken"))?;
    for firm in &new.lead_firms {
        put_lead_firm(w, row.id, *firm).await?;
    }
    if !w.actor().is_system() {
        put_officer(w, row.id, w.actor().account).await?;
    }
    let details =
        json!({ "programme": id, "model": row.promoted_by, "name": row.name, "lead_firms": new.lead_firms });
    w.record("network", row.id, &details).await?;
    complete(w.db(), row).await
}

async fn is_lead_firm_of(w: &Write, programme: ProgrammeId, firm: OrganisationId) -> Result<bool, Problem> {
    let row = member::Entity::find_by_id((programme, firm)).one(w.db()).await?;
    Ok(row.is_some_and(|row| row.kind == Kind::LeadFirm))
}

async fn put_lead_firm(w: &Write, id: NetworkId, firm: OrganisationId) -> Result<(), Problem> {
    let row = network_member::Model {
        network_id: id,
        organisation_id: firm,
        kind: Kind::LeadFirm,
        state: Standing::Selected,
        statement: String::new(),
        changed_at: w.at(),
        applied_at: None,
        version: 1,
        first_at: Some(w.at()),
        selected_at: Some(w.at()),
    };
    network_member::Entity::insert(network_member::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

/// Takes a lead firm of the programme into the network; doing it again changes nothing. From now on it has
/// its say about applicants.
///
/// # Errors
/// 404, also for a firm that is no lead firm of the programme; 409 once the network is closed.
pub async fn add_lead_firm(w: &Write, id: NetworkId, firm: OrganisationId) -> Result<Network, Problem> {
    let found = own(w, id).await?;
    w.in_state(found.state)?;
    if !is_lead_firm_of(w, found.programme_id, firm).await? {
        return Err(Problem::not_found());
    }
    put_lead_firm(w, id, firm).await?;
    w.record("network", id, &json!({ "lead_firm": firm })).await?;
    let row = network::ActiveModel { id: Set(id), version: Set(found.version + 1), ..Default::default() };
    complete(w.db(), row.update(w.db()).await?).await
}

/// Renames a network, opens or closes its call.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is closed, 422 for a taken name.
pub async fn change_network(
    w: &Write,
    id: NetworkId,
    version: IfVersion,
    change: NetworkChange,
) -> Result<Network, Problem> {
    let found = own(w, id).await?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    let row = network::ActiveModel {
        id: Set(id),
        name: Set(change.name),
        call_open: Set(change.call_open),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row
        .update(w.db())
        .await
        .on_constraint("uq_networks__programme_id__name", || Problem::field("/name", "name-taken"))?;
    w.record("network", id, &json!({ "name": row.name, "call_open": row.call_open })).await?;
    complete(w.db(), row).await
}

/// Closes a network and its call.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is closed already.
pub async fn close_network(w: &Write, id: NetworkId, version: IfVersion) -> Result<Network, Problem> {
    let found = own(w, id).await?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    let row = network::ActiveModel {
        id: Set(id),
        state: Set(State::Closed),
        call_open: Set(false),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("network", id, &json!({ "state": row.state })).await?;
    complete(w.db(), row).await
}

/// The sides that must say yes before the network takes a supplier in.
pub(super) async fn sides(w: &Write, found: &network::Model) -> Result<Vec<OrganisationId>, Problem> {
    let service = Actor::system(w.actor().organisation);
    let programme = super::programmes::find(w.db(), &service, found.programme_id).await?;
    Ok(complete(w.db(), found.clone()).await?.sides(programme.institution))
}

/// Takes a person off every network, because they are erased.
///
/// # Errors
/// What the database said.
pub async fn forget_officer(w: &Write, account: AccountId) -> Result<(), Problem> {
    let all = network_officer::Entity::delete_many().filter(network_officer::Column::AccountId.eq(account));
    all.exec(w.db()).await?;
    Ok(())
}

/// The people of the institution who are assigned to a network.
///
/// # Errors
/// 404 for everybody who does not see the network.
pub async fn officers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
) -> Result<Vec<Member>, Problem> {
    find_network(db, actor, id).await?;
    let rows =
        network_officer::Entity::find().filter(network_officer::Column::NetworkId.eq(id)).all(db).await?;
    let mut members = people::members(db, actor).await?;
    members.retain(|member| rows.iter().any(|row| row.account_id == member.account.id));
    Ok(members)
}

async fn put_officer(w: &Write, id: NetworkId, account: AccountId) -> Result<(), Problem> {
    let row = network_officer::ActiveModel {
        network_id: Set(id),
        account_id: Set(account),
        assigned_at: Set(w.at()),
    };
    network_officer::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

/// Assigns somebody of the institution to a network; doing it again changes nothing.
///
/// # Errors
/// 404 when the actor sees no such network, or the person is not of the institution.
pub async fn assign_officer(w: &Write, id: NetworkId, account: AccountId) -> Result<(), Problem> {
    own(w, id).await?;
    let people = people::members(w.db(), w.actor()).await?;
    if !people.iter().any(|member| member.account.id == account) {
        return Err(Problem::not_found());
    }
    put_officer(w, id, account).await?;
    w.record("network", id, &json!({ "officer": account, "assigned": true })).await
}

/// Takes somebody off a network.
///
/// # Errors
/// 404 when the actor sees no such network, or the person is not assigned to it.
pub async fn unassign_officer(w: &Write, id: NetworkId, account: AccountId) -> Result<(), Problem> {
    own(w, id).await?;
    let gone = network_officer::Entity::delete_by_id((id, account)).exec(w.db()).await?;
    if gone.rows_affected == 0 {
        return Err(Problem::not_found());
    }
    w.record("network", id, &json!({ "officer": account, "assigned": false })).await
}

/// The suppliers that a requirement of the programme, or of one network of it, is for, in id order: for the
/// institution and the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn participants(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    network: Option<NetworkId>,
) -> Result<Vec<OrganisationId>, Problem> {
    let members = super::members::members(db, actor, programme, Kind::Supplier).await?;
    let Some(network) = network else { return Ok(members) };
    let selected = network_member::Entity::find()
        .filter(network_member::Column::NetworkId.eq(network))
        .filter(network_member::Column::Kind.eq(Kind::Supplier))
        .filter(network_member::Column::State.eq(Standing::Selected))
        .all(db)
        .await?;
    let is_selected = |firm: &OrganisationId| selected.iter().any(|row| row.organisation_id == *firm);
    Ok(members.into_iter().filter(is_selected).collect())
}

/// The open network of the programme to which the actor's firm belongs, for what is posted in it.
///
/// # Errors
/// 422 at `pointer` when there is none: nobody learns which networks there are.
pub async fn working_network(
    w: &Write,
    id: NetworkId,
    programme: ProgrammeId,
    pointer: &str,
) -> Result<NetworkId, Problem> {
    let found = network::Entity::find_by_id(id)
        .filter(network::Column::Id.in_subquery(networks(w.actor())))
        .filter(network::Column::ProgrammeId.eq(programme))
        .filter(network::Column::State.eq(State::Open))
        .lock_shared()
        .one(w.db())
        .await?;
    found.map(|row| row.id).ok_or_else(|| Problem::field(pointer, "no-such-network"))
}

/// What the sides have said to applications, of one supplier where asked.
pub(super) async fn decisions(
    db: &impl ConnectionTrait,
    id: NetworkId,
    firm: Option<OrganisationId>,
) -> Result<Vec<network_decision::Model>, Problem> {
    let mut query = network_decision::Entity::find().filter(network_decision::Column::NetworkId.eq(id));
    if let Some(firm) = firm {
        query = query.filter(network_decision::Column::OrganisationId.eq(firm));
    }
    Ok(query.order_by_asc(network_decision::Column::DecidedFor).all(db).await?)
}
