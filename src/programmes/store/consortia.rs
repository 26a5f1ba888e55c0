//! Consortia: who sees them, and how they come about.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveValue::Set,
    Condition, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{OnConflict, SelectStatement},
};
use serde_json::json;

use super::{
    entities::{consortium, consortium_member, member, network},
    networks::{networks, working_network},
    programmes::{for_institution, hold, seen_by as programmes_seen_by},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{ConsortiumId, NetworkId, OrganisationId, ProgrammeId},
        problem::{FieldError, Problem},
    },
    organisations::{Organisation, store::firms, tax_id::TaxId},
    programmes::{
        State as ProgrammeState,
        consortia::{Answer, Consortium, MOST, Member, NewConsortium, State, Step, state_of},
    },
};

/// The consortia that a supplier is in or was asked into, by its tax id. Who has declined sees no more of it.
fn naming(firm: &Organisation) -> SelectStatement {
    consortium_member::Entity::find()
        .select_only()
        .column(consortium_member::Column::ConsortiumId)
        .filter(consortium_member::Column::Country.eq(firm.country))
        .filter(consortium_member::Column::TaxId.eq(firm.tax_id.clone()))
        .filter(consortium_member::Column::Answer.ne(Answer::Declined))
        .into_query()
}

/// Whom a consortium shows itself to: whoever is in it or asked into it, as a supplier of the programme; the
/// programme's institution; one that bids in a network to those of its people who look after that.
async fn visible(db: &impl ConnectionTrait, actor: &Actor) -> Result<Condition, Problem> {
    let within = consortium::Column::ProgrammeId.in_subquery(programmes_seen_by(actor));
    match actor.kind() {
        None if actor.is_system() => Ok(Condition::all()),
        Some(Kind::Institution) => {
            let own = Condition::any()
                .add(consortium::Column::NetworkId.is_null())
                .add(consortium::Column::NetworkId.in_subquery(networks(actor)));
            Ok(Condition::all().add(within).add(own))
        }
        Some(Kind::Supplier) => {
            let firm = firms::find(db, actor, actor.organisation).await?;
            Ok(Condition::all().add(within).add(consortium::Column::Id.in_subquery(naming(&firm))))
        }
        _ => Ok(Condition::all().add(consortium::Column::Id.is_null())),
    }
}

/// The consortium, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_consortium(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ConsortiumId,
) -> Result<Consortium, Problem> {
    let found = consortium::Entity::find_by_id(id).filter(visible(db, actor).await?).one(db).await?;
    complete(db, vec![found.ok_or_else(Problem::not_found)?]).await?.pop().ok_or_else(Problem::not_found)
}

/// What these consortia are called, of those that the actor may see.
///
/// # Errors
/// What the database said.
pub async fn consortium_names(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<ConsortiumId>,
) -> Result<Vec<(ConsortiumId, String)>, Problem> {
    let query = consortium::Entity::find()
        .select_only()
        .columns([consortium::Column::Id, consortium::Column::Name])
        .filter(visible(db, actor).await?)
        .filter(consortium::Column::Id.is_in(ids));
    Ok(query.into_tuple().all(db).await?)
}

/// The consortia that the actor may see, of one programme where asked.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list_consortia(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: Option<ProgrammeId>,
    window: &Window,
) -> Result<Page<Consortium>, Problem> {
    let mut query = consortium::Entity::find().filter(visible(db, actor).await?);
    if let Some(programme) = programme {
        query = query.filter(consortium::Column::ProgrammeId.eq(programme));
    }
    let page = window.fetch(actor, query, consortium::Column::Id, |row| row.id.0, &programme, db).await?;
    Ok(Page { items: complete(db, page.items).await?, next: page.next, prev: page.prev })
}

/// The consortia of a programme that may offer and be matched, in id order: for its institution and the service
/// itself. One whose member has left the programme is not among them.
///
/// # Errors
/// 404 for everybody else.
pub async fn ready_consortia(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<Consortium>, Problem> {
    for_institution(db, actor, programme).await?;
    let rows = consortium::Entity::find()
        .filter(consortium::Column::ProgrammeId.eq(programme))
        .filter(consortium::Column::State.eq(State::Ready))
        .order_by_asc(consortium::Column::Id)
        .all(db)
        .await?;
    complete(db, rows).await
}

/// The consortium for which the actor's own firm speaks and which may bid in the programme, and there in the
/// network or for the whole of it; held until the write ends.
///
/// # Errors
/// 404 when the actor sees no such consortium, 409 when it bids elsewhere or another firm speaks for it.
pub async fn speaks_for(
    w: &Write,
    id: ConsortiumId,
    (programme, network): (ProgrammeId, Option<NetworkId>),
) -> Result<Consortium, Problem> {
    let visible = visible(w.db(), w.actor()).await?;
    let row = consortium::Entity::find_by_id(id).filter(visible).lock_shared().one(w.db()).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    if row.speaker_id != w.actor().organisation {
        return Err(Problem::conflict("not-the-speaker"));
    }
    if row.programme_id != programme || (row.network_id.is_some() && row.network_id != network) {
        return Err(Problem::conflict("consortium-elsewhere"));
    }
    complete(w.db(), vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

/// The ids of the consortia in which the actor's own firm is, as a subquery: those that it has accepted.
pub fn belonging_to(actor: &Actor) -> SelectStatement {
    consortium_member::Entity::find()
        .select_only()
        .column(consortium_member::Column::ConsortiumId)
        .filter(consortium_member::Column::SupplierId.eq(actor.organisation))
        .filter(consortium_member::Column::Answer.eq(Answer::Accepted))
        .into_query()
}

/// State and version of those of the consortia that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn consortia_now(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: impl IntoIterator<Item = ConsortiumId>,
) -> Result<BTreeMap<ConsortiumId, (State, i64)>, Problem> {
    let ids: BTreeSet<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = consortium::Entity::find().filter(consortium::Column::Id.is_in(ids));
    let rows = query.filter(visible(db, actor).await?).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.state, row.version))).collect())
}

async fn complete(
    db: &impl ConnectionTrait,
    rows: Vec<consortium::Model>,
) -> Result<Vec<Consortium>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let members = consortium_member::Entity::find()
        .filter(consortium_member::Column::ConsortiumId.is_in(ids))
        .order_by_asc(consortium_member::Column::Country)
        .order_by_asc(consortium_member::Column::TaxId)
        .all(db)
        .await?;
    let mut members_of: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in members {
        members_of.entry(row.consortium_id).or_default().push(Member {
            country: row.country,
            tax_id: row.tax_id,
            supplier: row.supplier_id,
            answer: row.answer,
            changed_at: row.changed_at,
        });
    }
    let whole = |row: consortium::Model| Consortium {
        id: row.id,
        programme: row.programme_id,
        network: row.network_id,
        name: row.name,
        speaker: row.speaker_id,
        state: row.state,
        members: members_of.remove(&row.id).unwrap_or_default(),
        version: row.version,
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// Forms a consortium of which the actor's own firm is the speaker.
///
/// # Errors
/// 404 when the firm is not of such a programme, 409 when the programme is closed, 422 for a name or a member
/// that stands there already, and for a network that has not selected the firm.
pub async fn form(w: &Write, programme: ProgrammeId, new: NewConsortium) -> Result<Consortium, Problem> {
    let found = hold(w, programme).await?;
    demand_open(found.state)?;
    let firm = firms::find(w.db(), w.actor(), w.actor().organisation).await?;
    let itself = |(_, named): &(usize, &crate::programmes::consortia::Named)| is_of(&firm, &named.tax_id);
    if let Some((at, _)) = new.members.iter().enumerate().find(itself) {
        return Err(Problem::field(format!("/members/{at}/tax_id"), "twice"));
    }
    let network_id = match new.network {
        Some(network) => Some(working_network(w, network, programme, "/network").await?),
        None => None,
    };
    let row = consortium::Model {
        id: w.new_id(),
        programme_id: programme,
        network_id,
        name: new.name,
        speaker_id: firm.id,
        state: State::Forming,
        created_at: w.at(),
        version: 1,
    };
    consortium::Entity::insert(consortium::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    let own = TaxId { country: firm.country, number: firm.tax_id.clone(), confirmed: true };
    put(w, row.id, &own, Some(firm.id), Answer::Accepted).await?;
    for named in &new.members {
        put(w, row.id, &named.tax_id, None, Answer::Invited).await?;
    }
    w.record(
        "consortium",
        row.id,
        &json!({ "programme": programme, "network": row.network_id, "name": row.name }),
    )
    .await?;
    find_consortium(w.db(), w.actor(), row.id).await
}

fn demand_open(state: ProgrammeState) -> Result<(), Problem> {
    if state == ProgrammeState::Closed {
        return Err(Problem::conflict("programme-not-open").with("state", state));
    }
    Ok(())
}

fn is_of(firm: &Organisation, tax_id: &TaxId) -> bool {
    (firm.country, &firm.tax_id) == (tax_id.country, &tax_id.number)
}

/// Writes down what a supplier says to a consortium.
async fn put(
    w: &Write,
    id: ConsortiumId,
    tax_id: &TaxId,
    supplier: Option<OrganisationId>,
    answer: Answer,
) -> Result<(), Problem> {
    let row = consortium_member::ActiveModel {
        consortium_id: Set(id),
        country: Set(tax_id.country),
        tax_id: Set(tax_id.number.clone()),
        supplier_id: Set(supplier),
        answer: Set(answer),
        changed_at: Set(w.at()),
    };
    let key = [
        consortium_member::Column::ConsortiumId,
        consortium_member::Column::Country,
        consortium_member::Column::TaxId,
    ];
    let columns = [
        consortium_member::Column::SupplierId,
        consortium_member::Column::Answer,
        consortium_member::Column::ChangedAt,
    ];
    consortium_member::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

/// The consortium, which this write will change.
async fn held(w: &Write, id: ConsortiumId, version: IfVersion) -> Result<Consortium, Problem> {
    let visible = visible(w.db(), w.actor()).await?;
    let row = consortium::Entity::find_by_id(id).filter(visible).lock_exclusive().one(w.db()).await?;
    let found = complete(w.db(), vec![row.ok_or_else(Problem::not_found)?]).await?.pop();
    let found = found.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    Ok(found)
}

/// The same for its speaker alone: nobody else decides who is in it.
async fn spoken(w: &Write, id: ConsortiumId, version: IfVersion) -> Result<Consortium, Problem> {
    let found = held(w, id, version).await?;
    if found.speaker != w.actor().organisation {
        return Err(Problem::conflict("not-the-speaker"));
    }
    w.in_state(found.state)?;
    Ok(found)
}

/// Notes the state that the answers make, and the new version.
async fn settle(w: &Write, found: &Consortium, dissolved: bool) -> Result<Consortium, Problem> {
    let answers = consortium_member::Entity::find()
        .filter(consortium_member::Column::ConsortiumId.eq(found.id))
        .all(w.db())
        .await?;
    let state = if dissolved { State::Dissolved } else { state_of(answers.iter().map(|row| row.answer)) };
    let row = consortium::ActiveModel {
        id: Set(found.id),
        state: Set(state),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    complete(w.db(), vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

/// Everybody but the speaker is asked again.
async fn ask_again(w: &Write, found: &Consortium) -> Result<(), Problem> {
    for member in found.members.iter().filter(|member| member.supplier != Some(found.speaker)) {
        let Some(answer) = Step::Recompose.from(member.answer) else { continue };
        if answer != member.answer {
            let tax_id = TaxId { country: member.country, number: member.tax_id.clone(), confirmed: true };
            put(w, found.id, &tax_id, None, answer).await?;
        }
    }
    Ok(())
}

/// The speaker asks another supplier in, or one that had declined; whoever had accepted is asked again.
///
/// # Errors
/// 404 when the actor sees no such consortium, 412 for a stale version, 409 when it does not speak for it or it
/// is dissolved, 422 for somebody who is asked already or one too many.
pub async fn ask(
    w: &Write,
    id: ConsortiumId,
    version: IfVersion,
    tax_id: &TaxId,
) -> Result<Consortium, Problem> {
    let found = spoken(w, id, version).await?;
    let present = found.members.iter().find(|m| (m.country, &m.tax_id) == (tax_id.country, &tax_id.number));
    if present.is_some_and(|member| member.answer != Answer::Declined) {
        return Err(Problem::field("/tax_id", "twice"));
    }
    if present.is_none() && found.members.len() >= MOST {
        return Err(Problem::invalid(vec![FieldError::new("/tax_id", "too-many").with("most", MOST)]));
    }
    ask_again(w, &found).await?;
    put(w, id, tax_id, None, Answer::Invited).await?;
    w.record("consortium", id, &json!({ "asked": tax_id.number })).await?;
    settle(w, &found, false).await
}

/// The speaker takes a supplier out; whoever had accepted is asked again.
///
/// # Errors
/// 404 when the actor sees no such consortium, 412 for a stale version, 409 when it does not speak for it or it
/// is dissolved, 422 for somebody who is not in it, or the speaker itself.
pub async fn remove(
    w: &Write,
    id: ConsortiumId,
    version: IfVersion,
    tax_id: &TaxId,
) -> Result<Consortium, Problem> {
    let found = spoken(w, id, version).await?;
    let present = found.members.iter().find(|m| (m.country, &m.tax_id) == (tax_id.country, &tax_id.number));
    let Some(present) = present.filter(|member| member.supplier != Some(found.speaker)) else {
        return Err(Problem::field("/tax_id", "not-in-the-consortium"));
    };
    let key = (id, present.country, present.tax_id.clone());
    consortium_member::Entity::delete_by_id(key).exec(w.db()).await?;
    let members = found.members.iter().filter(|member| *member != present).cloned().collect();
    let found = Consortium { members, ..found };
    ask_again(w, &found).await?;
    w.record("consortium", id, &json!({ "removed": tax_id.number })).await?;
    settle(w, &found, false).await
}

/// The actor's own firm accepts or declines, for the members that it has read.
///
/// # Errors
/// 404 when the actor sees no such consortium, 412 when its members have changed since, 409 when the firm has
/// answered already, or the consortium is dissolved or its speaker the firm itself.
pub async fn answer(
    w: &Write,
    id: ConsortiumId,
    version: IfVersion,
    step: Step,
) -> Result<Consortium, Problem> {
    let found = held(w, id, version).await?;
    let firm = firms::find(w.db(), w.actor(), w.actor().organisation).await?;
    if found.state == State::Dissolved {
        return Err(Problem::conflict("consortium-dissolved"));
    }
    if found.speaker == firm.id {
        return Err(Problem::conflict("the-speaker-dissolves"));
    }
    let own = found.members.iter().find(|m| (m.country, &m.tax_id) == (firm.country, &firm.tax_id));
    let own = own.ok_or_else(Problem::not_found)?;
    w.in_state(own.answer)?;
    let Some(next) = step.from(own.answer) else { return Err(Problem::not_found()) };
    let is_member = member::Entity::find_by_id((found.programme, firm.id)).one(w.db()).await?.is_some();
    if !is_member || !is_selected(w, found.network).await? {
        return Err(Problem::not_found());
    }
    let tax_id = TaxId { country: own.country, number: own.tax_id.clone(), confirmed: true };
    put(w, id, &tax_id, (next == Answer::Accepted).then_some(firm.id), next).await?;
    w.record("consortium", id, &json!({ "answer": next })).await?;
    settle(w, &found, false).await
}

/// Whether the actor's own firm is one that the network has selected; every firm of the programme is, without one.
async fn is_selected(w: &Write, network: Option<NetworkId>) -> Result<bool, Problem> {
    let Some(network) = network else { return Ok(true) };
    let query = network::Entity::find_by_id(network)
        .filter(network::Column::Id.in_subquery(networks(w.actor())))
        .select_only()
        .column(network::Column::Id);
    Ok(query.into_tuple::<NetworkId>().one(w.db()).await?.is_some())
}

/// The speaker ends the consortium. What is approved stands.
///
/// # Errors
/// 404 when the actor sees no such consortium, 412 for a stale version, 409 when it does not speak for it or it
/// is dissolved already.
pub async fn dissolve(w: &Write, id: ConsortiumId, version: IfVersion) -> Result<Consortium, Problem> {
    let found = spoken(w, id, version).await?;
    w.record("consortium", id, &json!({ "state": State::Dissolved })).await?;
    settle(w, &found, true).await
}
