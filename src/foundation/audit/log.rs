//! The log: entries in a fixed order, as leaves of a Merkle tree whose hashes are kept.
//!
//! Writers do not wait for each other: a trigger leaves each entry's id in a table, and the sequencer takes it from there
//! once the entry has committed, in the order of ids, gives it the next place, and adds the hashes of the perfect subtrees
//! that are complete with it. Places are never given twice and never taken back, so the order of the log is that in which
//! entries were *placed*, some moments after they were written.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};

use super::{
    Entry, Written,
    checkpoint::{Checkpoint, Folder},
    entry, hash_of,
    merkle::{self, Edge, Hash, Plan, Subtree},
};
use crate::foundation::{
    Base,
    access::Actor,
    clock::Timestamp,
    db::{Engine, engine_of},
    http::list::{Page, Window},
    ids::{AuditEntryId, CheckpointId},
    problem::Problem,
};

/// One sequencer at a time.
const LOCK: i64 = 0x45_53_4c_4f_47;
/// How many entries are placed in one transaction: some ten milliseconds on SQLite, for which other writers wait.
pub const BATCH: u64 = 500;

mod unplaced {
    use super::AuditEntryId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_unplaced")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: AuditEntryId,
    }

    crate::unrelated!();
}

mod leaf {
    use super::AuditEntryId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_leaves")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub entry_id: AuditEntryId,
    }

    crate::unrelated!();
}

mod node {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_nodes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub level: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub hash: String,
    }

    crate::unrelated!();
}

mod signed {
    use super::{CheckpointId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_checkpoints")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CheckpointId,
        pub size: i64,
        pub at: Timestamp,
        pub note: String,
    }

    crate::unrelated!();
}

/// A checkpoint of the log, as it is listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// Its id.
    pub id: CheckpointId,
    /// How many entries.
    pub size: u64,
    /// When.
    pub at: Timestamp,
    /// The signed note.
    pub note: String,
}

impl From<signed::Model> for Signed {
    fn from(row: signed::Model) -> Self {
        Self { id: row.id, size: count(row.size), at: row.at, note: row.note }
    }
}

/// The proof that an entry stands in the log.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Inclusion {
    /// The entry.
    pub entry: Written,
    /// Its place, from 0.
    pub position: u64,
    /// The hashes from the leaf up, hexadecimal.
    pub path: Vec<String>,
    /// The signed note of the tree in which it stands.
    pub checkpoint: String,
}

/// The proof that the log of one checkpoint is the beginning of that of another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Consistency {
    /// The signed note of the smaller tree.
    pub from: String,
    /// The signed note of the larger tree.
    pub to: String,
    /// The hashes, hexadecimal.
    pub path: Vec<String>,
}

const fn count(number: i64) -> u64 {
    number.cast_unsigned()
}

const fn number(count: u64) -> i64 {
    count.cast_signed()
}

/// The hashes of these subtrees.
async fn nodes(db: &impl ConnectionTrait, of: &[Subtree]) -> Result<HashMap<Subtree, Hash>, Problem> {
    let mut any = Condition::any();
    for at in of {
        let level = node::Column::Level.eq(at.level);
        any = any.add(Condition::all().add(level).add(node::Column::Position.eq(number(at.index))));
    }
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = node::Entity::find().filter(any).all(db).await?;
    let known = rows.into_iter().filter_map(|row| {
        let at = Subtree { level: row.level.cast_unsigned(), index: count(row.position) };
        Some((at, hash_of(&row.hash)?))
    });
    Ok(known.collect())
}

/// How many entries have a place.
///
/// # Errors
/// What the database said.
pub async fn size(db: &impl ConnectionTrait) -> Result<u64, Problem> {
    let last = leaf::Entity::find().order_by_desc(leaf::Column::Position).limit(1).one(db).await?;
    Ok(last.map_or(0, |last| count(last.position) + 1))
}

/// How many entries wait for a place.
///
/// # Errors
/// What the database said.
pub async fn waiting(db: &impl ConnectionTrait) -> Result<u64, Problem> {
    Ok(unplaced::Entity::find().count(db).await?)
}

async fn edge(db: &impl ConnectionTrait, size: u64) -> Result<Edge, Problem> {
    let parts = merkle::cover(0, size);
    let known = nodes(db, &parts).await?;
    let hashes = parts.iter().filter_map(|part| known.get(part).copied()).collect();
    Edge::of(size, hashes).ok_or_else(|| Problem::conflict("trail-diverged").with("size", size))
}

async fn path(db: &impl ConnectionTrait, plan: &Plan) -> Result<Vec<String>, Problem> {
    let known = nodes(db, &plan.concat()).await?;
    let hashes = merkle::proof(plan, |at| known.get(&at).copied());
    let hashes = hashes.ok_or_else(|| Problem::internal("the log lacks hashes: see eslabon audit verify"))?;
    Ok(hashes.iter().map(hex::encode).collect())
}

/// Gives up to so many entries their places; how many there were.
///
/// # Errors
/// What the database said; nothing is placed then.
pub async fn place(base: &Base, most: u64) -> Result<u64, Problem> {
    // A look before the transaction: who has nothing to place must not take SQLite's write lock.
    if unplaced::Entity::find().limit(1).one(base.db.reads()).await?.is_none() {
        return Ok(0);
    }
    let transaction = base.db.begin().await?;
    alone(&transaction).await?;
    let tail = unplaced::Entity::find().order_by_asc(unplaced::Column::EntryId).limit(most);
    let ids: Vec<_> = tail.all(&transaction).await?.into_iter().map(|row| row.entry_id).collect();
    let found = entry::Entity::find().filter(entry::Column::Id.is_in(ids.clone()));
    let found = found.order_by_asc(entry::Column::Id).all(&transaction).await?;
    let mut edge = edge(&transaction, size(&transaction).await?).await?;
    let (mut leaves, mut made) = (Vec::new(), Vec::new());
    for row in &found {
        let hash = hash_of(&row.leaf_hash);
        let hash = hash.ok_or_else(|| Problem::internal(format!("entry {} has no hash", row.id)))?;
        let position = number(edge.size());
        leaves.push(leaf::ActiveModel { position: Set(position), entry_id: Set(row.id) });
        made.extend(edge.push(hash).into_iter().map(|(at, hash)| node::ActiveModel {
            level: Set(at.level.cast_signed()),
            position: Set(number(at.index)),
            hash: Set(hex::encode(hash)),
        }));
    }
    let placed = leaves.len() as u64;
    if placed > 0 {
        leaf::Entity::insert_many(leaves).exec_without_returning(&transaction).await?;
        node::Entity::insert_many(made).exec_without_returning(&transaction).await?;
    }
    unplaced::Entity::delete_many().filter(unplaced::Column::EntryId.is_in(ids)).exec(&transaction).await?;
    transaction.commit().await?;
    Ok(placed)
}

async fn alone(db: &impl ConnectionTrait) -> Result<(), Problem> {
    if engine_of(db) == Engine::Postgres {
        db.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    Ok(())
}

/// Places everything that has committed, and signs a checkpoint when the log has grown: the newest one.
///
/// # Errors
/// 409 `trail-diverged` when the log is not what was signed before, as after a restore: nothing is signed then.
pub async fn keep(base: &Base) -> Result<Option<Checkpoint>, Problem> {
    while place(base, BATCH).await? > 0 {}
    sign(base).await
}

async fn sign(base: &Base) -> Result<Option<Checkpoint>, Problem> {
    let folder = Folder::new(base.config.audit_dir());
    let broken = |error: std::io::Error| Problem::internal(format!("the audit folder: {error}"));
    let (signer, before) = (folder.signer(&base.ids).map_err(broken)?, folder.last().map_err(broken)?);
    let transaction = base.db.begin().await?;
    alone(&transaction).await?;
    let size = size(&transaction).await?;
    if let Some(before) = &before {
        extends(&transaction, size, before).await?;
    }
    let newest = newest(&transaction).await?;
    if let Some(row) = newest.filter(|row| row.size == size) {
        let same = Checkpoint::parse(&row.note).map_err(Problem::internal)?;
        if before.is_none_or(|before| before.size < size) {
            folder.keep(&same, &base.ids).map_err(broken)?;
        }
        return Ok(Some(same));
    }
    if size == 0 {
        return Ok(None);
    }
    let at = base.clock.now();
    let checkpoint = signer.sign(size, edge(&transaction, size).await?.root(), at);
    let row = signed::ActiveModel {
        id: Set(base.ids.new_id(at)),
        size: Set(number(size)),
        at: Set(at),
        note: Set(checkpoint.note.clone()),
    };
    signed::Entity::insert(row).exec_without_returning(&transaction).await?;
    transaction.commit().await?;
    folder.keep(&checkpoint, &base.ids).map_err(broken)?;
    Ok(Some(checkpoint))
}

/// Whether the log goes on from where it was signed before.
///
/// # Errors
/// 409 `trail-diverged` when it is shorter, or another one.
pub async fn extends(db: &impl ConnectionTrait, size: u64, before: &Checkpoint) -> Result<(), Problem> {
    if before.size <= size && edge(db, before.size).await?.root() == before.root {
        return Ok(());
    }
    Err(Problem::conflict("trail-diverged").with("size", before.size))
}

/// The newest checkpoint.
///
/// # Errors
/// What the database said.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Signed>, Problem> {
    let query = signed::Entity::find().order_by_desc(signed::Column::Size).limit(1);
    Ok(query.one(db).await?.map(Signed::from))
}

/// A page of the checkpoints, oldest first.
///
/// # Errors
/// 422 for an unknown cursor.
pub async fn checkpoints(
    db: &impl ConnectionTrait,
    actor: &Actor,
    window: &Window,
) -> Result<Page<Signed>, Problem> {
    let (query, id) = (signed::Entity::find(), signed::Column::Id);
    Ok(window.fetch(actor, query, id, |row| row.id.0, &(), db).await?.map(Signed::from))
}

/// All checkpoints, oldest first: for an export and for the verification.
pub(super) async fn all_checkpoints(db: &impl ConnectionTrait) -> Result<Vec<Signed>, Problem> {
    let rows = signed::Entity::find().order_by_asc(signed::Column::Size).all(db).await?;
    Ok(rows.into_iter().map(Signed::from).collect())
}

/// A page of the entries of the actor's organisation, oldest first, each with its place where it has one. They come without
/// details: what those were is for whoever may read the thing itself.
///
/// # Errors
/// 422 for an unknown cursor.
pub async fn entries(
    db: &impl ConnectionTrait,
    actor: &Actor,
    window: &Window,
) -> Result<Page<(Written, Option<u64>)>, Problem> {
    let (query, id) = (entry::Entity::find(), entry::Column::Id);
    let query = query.filter(entry::Column::OrganisationId.eq(actor.organisation));
    let page = window.fetch(actor, query, id, |row| row.id.0, &(), db).await?;
    let ids = page.items.iter().map(|row| row.id);
    let leaves = leaf::Entity::find().filter(leaf::Column::EntryId.is_in(ids)).all(db).await?;
    let places: HashMap<_, _> = leaves.into_iter().map(|row| (row.entry_id, count(row.position))).collect();
    Ok(page.map(|row| {
        let place = places.get(&row.id).copied();
        (without_details(Entry(row).written()), place)
    }))
}

fn without_details(written: Written) -> Written {
    Written { details: None, salt: None, ..written }
}

/// Proves that an entry of the actor's organisation stands in the log of the newest checkpoint; the service itself proves
/// every entry.
///
/// # Errors
/// 404, and 409 while no checkpoint covers it.
pub async fn prove(db: &impl ConnectionTrait, actor: &Actor, id: AuditEntryId) -> Result<Inclusion, Problem> {
    let row = entry::Entity::find_by_id(id).one(db).await?;
    let row = row.filter(|row| actor.is_system() || row.organisation_id == actor.organisation);
    let row = row.ok_or_else(Problem::not_found)?;
    let not_yet = || Problem { retry_after: Some(60), ..Problem::conflict("entry-not-in-checkpoint") };
    let leaf = leaf::Entity::find().filter(leaf::Column::EntryId.eq(id)).one(db).await?;
    let position = leaf.map(|leaf| count(leaf.position)).ok_or_else(not_yet)?;
    let checkpoint = newest(db).await?.filter(|newest| newest.size > position).ok_or_else(not_yet)?;
    let path = path(db, &merkle::inclusion_plan(position, checkpoint.size)).await?;
    let entry = without_details(Entry(row).written());
    Ok(Inclusion { entry, position, path, checkpoint: checkpoint.note })
}

/// Proves that the log of one checkpoint is the beginning of that of another.
///
/// # Errors
/// 404 when there is no checkpoint of one of the sizes.
pub async fn compare(db: &impl ConnectionTrait, from: u64, to: u64) -> Result<Consistency, Problem> {
    let of = async |size: u64| {
        let row = signed::Entity::find().filter(signed::Column::Size.eq(number(size))).one(db).await?;
        row.ok_or_else(Problem::not_found)
    };
    let (from_note, to_note) = (of(from).await?.note, of(to).await?.note);
    let path = path(db, &merkle::consistency_plan(from, to)).await?;
    Ok(Consistency { from: from_note, to: to_note, path })
}

/// A stretch of the log as it stands in the database: for each place from `from` on the entry, where there is one, and the
/// hash that is kept of it.
pub(super) struct Stretch {
    pub rows: Vec<(u64, AuditEntryId, Option<Written>)>,
    pub nodes: HashMap<Subtree, Hash>,
}

pub(super) async fn stretch(db: &impl ConnectionTrait, from: u64, most: u64) -> Result<Stretch, Problem> {
    let query = leaf::Entity::find().filter(leaf::Column::Position.gte(number(from)));
    let leaves = query.order_by_asc(leaf::Column::Position).limit(most).all(db).await?;
    let ids = leaves.iter().map(|leaf| leaf.entry_id);
    let entries = entry::Entity::find().filter(entry::Column::Id.is_in(ids)).all(db).await?;
    let mut entries: HashMap<_, _> = entries.into_iter().map(|row| (row.id, Entry(row).written())).collect();
    // The hashes that are complete with leaves of this stretch.
    let to = leaves.last().map_or(from, |last| count(last.position) + 1);
    let mut within = Condition::any();
    for level in 0..63 {
        let (first, end) = (from >> level, to >> level);
        if first < end {
            let of_level = Condition::all().add(node::Column::Level.eq(level));
            let from = of_level.add(node::Column::Position.gte(number(first)));
            within = within.add(from.add(node::Column::Position.lt(number(end))));
        }
    }
    let found = if to > from { node::Entity::find().filter(within).all(db).await? } else { Vec::new() };
    let known = found.into_iter().filter_map(|row| {
        Some((Subtree { level: row.level.cast_unsigned(), index: count(row.position) }, hash_of(&row.hash)?))
    });
    let rows = leaves.into_iter().map(|leaf| {
        let entry = entries.remove(&leaf.entry_id);
        (count(leaf.position), leaf.entry_id, entry)
    });
    Ok(Stretch { rows: rows.collect(), nodes: known.collect() })
}

/// Entries without a place, oldest first: up to so many after that one, and whether each one waits for its place.
pub(super) async fn without_place(
    db: &impl ConnectionTrait,
    after: AuditEntryId,
    most: u64,
) -> Result<Vec<(Written, bool)>, Problem> {
    let placed = Query::select().column(leaf::Column::EntryId).from(leaf::Entity).to_owned();
    let query = entry::Entity::find().filter(entry::Column::Id.gt(after));
    let query = query.filter(entry::Column::Id.not_in_subquery(placed));
    let rows = query.order_by_asc(entry::Column::Id).limit(most).all(db).await?;
    let ids = rows.iter().map(|row| row.id);
    let waiting = unplaced::Entity::find().filter(unplaced::Column::EntryId.is_in(ids)).all(db).await?;
    let waiting: std::collections::HashSet<_> = waiting.into_iter().map(|row| row.entry_id).collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let waits = waiting.contains(&row.id);
            (Entry(row).written(), waits)
        })
        .collect())
}
