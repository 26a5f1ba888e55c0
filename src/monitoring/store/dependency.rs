//! Where suppliers stand to their buyers: from the ledger and what is approved on top.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{Signed, Zero};
use sea_orm::{QueryOrder, entity::prelude::*};
use serde_json::json;

use super::{entities::dependency_record, rounds::network};
use crate::{
    approvals::dependency::hhi,
    foundation::{
        access::Actor,
        clock::Timestamp,
        db::Write,
        ids::{NetworkId, OrganisationId},
        problem::Problem,
        share::Share,
    },
    matching::{
        position::{Exact, Exchange, Position},
        store::matches,
    },
    monitoring::{
        dependency::{Band, Turn, turn},
        figures::{FEWEST, Withheld},
    },
    organisations::store::{firms, ledger},
    programmes::{self, DependencyBase, Programme, networks::State as NetworkState},
};

/// Suppliers with their positions, in id order; `None` where figures are in a currency without a rate.
type Positions = BTreeMap<OrganisationId, Option<Position>>;

/// Where suppliers stand today, in all programmes.
pub(super) async fn positions(
    db: &impl ConnectionTrait,
    programme: &Programme,
    suppliers: &[OrganisationId],
) -> Result<Positions, Problem> {
    let service = Actor::system(programme.institution);
    let approved = matches::approved_for(db, &service, suppliers.iter().copied()).await?;
    let mut profiles = Vec::new();
    for supplier in suppliers {
        profiles.push(ledger::profile(db, &service, *supplier).await?);
    }
    let mut buyers: BTreeSet<_> = approved.iter().map(|found| found.lead_firm).collect();
    buyers.extend(profiles.iter().flat_map(|profile| &profile.buyer_sales).map(|sales| sales.buyer));
    let keys: BTreeMap<OrganisationId, Uuid> =
        firms::find_all(db, &service, buyers).await?.iter().map(|firm| (firm.id, firm.buyer_key())).collect();
    let group_of = |firm: OrganisationId| keys.get(&firm).copied().unwrap_or(firm.0);
    let exchange = Exchange::of(programme);
    let position = |supplier: OrganisationId, profile| {
        let mut position = Position::of_ledger(profile, &exchange, group_of).ok()?;
        for found in approved.iter().filter(|found| found.supplier == supplier) {
            position.approve(found, &exchange, group_of(found.lead_firm)).ok()?;
        }
        Some(position)
    };
    Ok(suppliers.iter().zip(&profiles).map(|(supplier, of)| (*supplier, position(*supplier, of))).collect())
}

/// The buyer group with the largest share of a supplier's sales, and that share; `None` where its sales are undisclosed
/// or there are none.
pub(super) fn largest(position: &Position) -> Option<(Uuid, Exact)> {
    let groups: BTreeSet<Uuid> = position.existing.keys().chain(position.approved.keys()).copied().collect();
    let shares = groups.into_iter().filter_map(|group| Some((group, position.share(group)?)));
    shares.max_by(|(_, one), (_, other)| one.cmp(other))
}

/// Where a supplier stood to its buyers at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The supplier.
    pub supplier: OrganisationId,
    /// When; `None`: now, and not written down.
    pub recorded_at: Option<Timestamp>,
    /// The buyer group with the largest share of its sales.
    pub buyer_group: Option<Uuid>,
    /// That share, exact; `None`: its sales are undisclosed, or there are none.
    pub share: Option<Exact>,
    /// The index of its buyers, exact.
    pub hhi: Option<Exact>,
    /// The band of the share.
    pub band: Band,
    /// Which way its band went since the record before.
    pub turn: Option<Turn>,
}

/// How a network's suppliers depend on their buyers, and did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dependency {
    /// By supplier, each in the order of time, the present last.
    pub records: Vec<Record>,
    /// The cap of the programme today.
    pub cap: Option<Share>,
    /// The index of all that buyers buy of the network's suppliers, or why it is withheld. `None`: nothing is bought.
    pub market: Result<Option<Exact>, Withheld>,
}

/// What a supplier's position says now.
fn present(supplier: OrganisationId, position: Option<&Position>, base: DependencyBase) -> Record {
    let largest = position.and_then(largest);
    let band = Band::of(largest.as_ref().map(|(_, share)| share));
    let (buyer_group, share) = largest.unzip();
    // Of whom nobody knows what it sells to whom, the index is as little known as the share.
    let hhi = share.as_ref().and(position).and_then(|position| hhi(position, base));
    Record { supplier, recorded_at: None, buyer_group, share, hhi, band, turn: None }
}

/// The positions of a network's suppliers.
async fn of_network(
    db: &impl ConnectionTrait,
    programme: &Programme,
    network: NetworkId,
) -> Result<Positions, Problem> {
    let service = Actor::system(programme.institution);
    let suppliers = programmes::store::participants(db, &service, programme.id, Some(network)).await?;
    positions(db, programme, &suppliers).await
}

/// The index of all that is bought of these suppliers: buyers' shares of what known buyers buy.
fn market(positions: &Positions) -> Result<Option<Exact>, Withheld> {
    let mut bought: BTreeMap<Uuid, Exact> = BTreeMap::new();
    let mut suppliers = 0;
    for position in positions.values().flatten() {
        let sales =
            position.existing.iter().chain(&position.approved).filter(|(_, sales)| sales.is_positive());
        let mut sells = false;
        for (group, sales) in sales {
            *bought.entry(*group).or_default() += sales;
            sells = true;
        }
        suppliers += usize::from(sells);
    }
    if (1..FEWEST).contains(&suppliers) {
        return Err(Withheld::FewerThanFive);
    }
    let all: Exact = bought.values().sum();
    if all.is_zero() {
        return Ok(None);
    }
    let squares: Exact = bought.values().map(|sales| (sales / &all) * (sales / &all)).sum();
    Ok(Some(squares * Exact::from_integer(10_000.into())))
}

/// What was written down of a network's suppliers, or of one of them, in the order of time.
async fn recorded(
    db: &impl ConnectionTrait,
    network: NetworkId,
    supplier: Option<OrganisationId>,
) -> Result<Vec<Record>, Problem> {
    let mut query =
        dependency_record::Entity::find().filter(dependency_record::Column::NetworkId.eq(network));
    if let Some(supplier) = supplier {
        query = query.filter(dependency_record::Column::SupplierId.eq(supplier));
    }
    let rows = query.order_by_asc(dependency_record::Column::Id).all(db).await?;
    let exact = |text: Option<String>| text.map(|text| text.parse()).transpose().map_err(Problem::internal);
    let record = |row: dependency_record::Model| {
        Ok(Record {
            supplier: row.supplier_id,
            recorded_at: Some(row.recorded_at),
            buyer_group: row.buyer_group_key,
            share: exact(row.share)?,
            hhi: exact(row.hhi)?,
            band: row.band,
            turn: None,
        })
    };
    rows.into_iter().map(record).collect()
}

/// How a network's suppliers depend on their buyers, over time.
///
/// # Errors
/// 404 when the actor is nobody of the institution who sees the network.
pub async fn read_dependency(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
    at: Timestamp,
) -> Result<Dependency, Problem> {
    let found = network(db, actor, id).await?;
    let programme = programmes::store::find(db, &Actor::system(actor.organisation), found.programme).await?;
    let positions = of_network(db, &programme, id).await?;
    let mut by_supplier: BTreeMap<OrganisationId, Vec<Record>> = BTreeMap::new();
    for record in recorded(db, id, None).await? {
        by_supplier.entry(record.supplier).or_default().push(record);
    }
    for (supplier, position) in &positions {
        let now = present(*supplier, position.as_ref(), programme.rules.dependency_base);
        by_supplier.entry(*supplier).or_default().push(now);
    }
    let records = by_supplier.into_values().flat_map(turned).collect();
    Ok(Dependency { records, cap: programme.cap_on(programme.day(at)), market: market(&positions) })
}

/// The records of a supplier in the order of time, with which way each went since the one before.
fn turned(mut records: Vec<Record>) -> Vec<Record> {
    for at in 1..records.len() {
        records[at].turn = turn(records[at - 1].band, records[at].band);
    }
    records
}

/// How the actor's own firm depends on its buyers, over time, as a network that has selected it follows that: its records,
/// the present last, and the programme's cap today.
///
/// # Errors
/// 404 when it takes no part in the network.
pub async fn read_own_dependency(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
    at: Timestamp,
) -> Result<(Vec<Record>, Option<Share>), Problem> {
    let found = programmes::store::find_network(db, actor, id).await?;
    let (service, own) = (Actor::system(actor.organisation), actor.organisation);
    let programme = programmes::store::find(db, &service, found.programme).await?;
    let suppliers = programmes::store::participants(db, &service, programme.id, Some(id)).await?;
    if !suppliers.contains(&own) {
        return Err(Problem::not_found());
    }
    let position = positions(db, &programme, &[own]).await?.remove(&own).flatten();
    let mut records = recorded(db, id, Some(own)).await?;
    records.push(present(own, position.as_ref(), programme.rules.dependency_base));
    Ok((turned(records), programme.cap_on(programme.day(at))))
}

/// Writes down where the suppliers of a network stand to their buyers: each at least once a month, and whenever that has
/// changed. Answers how many were written down.
///
/// # Errors
/// 404 when the actor is nobody of the institution who sees the network.
pub async fn record_dependency(w: &Write, id: NetworkId) -> Result<usize, Problem> {
    let found = network(w.db(), w.actor(), id).await?;
    // Two at once would both find the same records.
    w.alone(lock_key(id)).await?;
    let service = Actor::system(w.actor().organisation);
    let programme = programmes::store::find(w.db(), &service, found.programme).await?;
    let month = |at: Timestamp| {
        let day = programme.day(at).date();
        (day.year(), u8::from(day.month()))
    };
    let mut last: BTreeMap<OrganisationId, Record> = BTreeMap::new();
    last.extend(recorded(w.db(), id, None).await?.into_iter().map(|record| (record.supplier, record)));
    let mut written = 0;
    for (supplier, position) in of_network(w.db(), &programme, id).await? {
        let now = present(supplier, position.as_ref(), programme.rules.dependency_base);
        let is_known = last.get(&supplier).is_some_and(|before| {
            before.recorded_at.is_some_and(|at| month(at) == month(w.at()))
                && (&before.share, &before.hhi, &before.buyer_group)
                    == (&now.share, &now.hhi, &now.buyer_group)
        });
        if is_known {
            continue;
        }
        let turned = last.get(&supplier).and_then(|before| turn(before.band, now.band));
        let row = dependency_record::Model {
            id: w.new_id(),
            network_id: id,
            supplier_id: supplier,
            recorded_at: w.at(),
            buyer_group_key: now.buyer_group,
            share: now.share.map(|share| share.to_string()),
            hhi: now.hhi.map(|hhi| hhi.to_string()),
            band: now.band,
        };
        dependency_record::Entity::insert(dependency_record::ActiveModel::from(row))
            .exec_without_returning(w.db())
            .await?;
        if turned == Some(Turn::Worse) {
            w.record("dependency", id, &json!({ "supplier": supplier, "band": now.band })).await?;
        }
        written += 1;
    }
    w.record("network", id, &json!({ "dependency_recorded": written })).await?;
    Ok(written)
}

/// Whether a network is followed: until it is closed.
///
/// # Errors
/// 404 for no such network.
pub async fn is_followed(db: &impl ConnectionTrait, actor: &Actor, id: NetworkId) -> Result<bool, Problem> {
    Ok(network(db, actor, id).await?.state == NetworkState::Open)
}

fn lock_key(id: NetworkId) -> i64 {
    let bytes = id.0.as_bytes();
    i64::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]])
}
