//! What a person finds in the inbox.

use std::collections::HashSet;

use sea_orm::{PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set, entity::prelude::*};
use serde_json::json;

use super::entities::{channel, notice};
use crate::{
    foundation::{
        access::Actor,
        clock::Timestamp,
        db::Write,
        http::list::Page,
        ids::{self, AccountId, NoticeId, OrganisationId},
        problem::Problem,
    },
    notices::{Filter, Marked, Notice},
};

/// The actor's own notices, oldest first unless the window says otherwise.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: &Filter,
) -> Result<Page<Notice>, Problem> {
    let mut query = own(actor).filter(notice::Column::InInbox.eq(true));
    if filter.unread {
        query = query.filter(notice::Column::ReadAt.is_null());
    }
    if let Some(topic) = filter.topic {
        query = query.filter(notice::Column::Topic.eq(topic));
    }
    let filters = (actor.account, filter.unread, filter.topic);
    let page = filter.window.fetch(actor, query, notice::Column::Id, |row| row.id.0, &filters, db).await?;
    Ok(page.map(Notice::from))
}

/// What has come into the actor's inbox since a moment, oldest first, so many at most, without what is known already.
///
/// Writes end in another order than they begin, so whoever follows asks from some time before what came last.
///
/// # Errors
/// What the database said.
pub async fn arrived(
    db: &impl ConnectionTrait,
    actor: &Actor,
    since: Timestamp,
    known: impl IntoIterator<Item = NoticeId>,
    most: u64,
) -> Result<Vec<Notice>, Problem> {
    let rows = own(actor)
        .filter(notice::Column::InInbox.eq(true))
        .filter(notice::Column::Id.gte(NoticeId(ids::first_at(since))))
        .filter(notice::Column::Id.is_not_in(known))
        .order_by_asc(notice::Column::Id)
        .limit(most)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Notice::from).collect())
}

/// How many notices in the actor's inbox are not read.
///
/// # Errors
/// What the database said.
pub async fn count_unread(db: &impl ConnectionTrait, actor: &Actor) -> Result<u64, Problem> {
    let unread = own(actor).filter(notice::Column::InInbox.eq(true)).filter(notice::Column::ReadAt.is_null());
    Ok(unread.count(db).await?)
}

/// One of the actor's own notices, which a letter may name without it being in the inbox.
///
/// # Errors
/// 404 for nobody's, and for somebody else's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: NoticeId) -> Result<Notice, Problem> {
    let found = own(actor).filter(notice::Column::Id.eq(id)).one(db).await?;
    found.map(Notice::from).ok_or_else(Problem::not_found)
}

/// Whose of an organisation have not read the last notice of this event about this thing.
pub(super) async fn unread(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    event: &str,
    subject: Uuid,
) -> Result<HashSet<AccountId>, Problem> {
    let rows = notice::Entity::find()
        .filter(notice::Column::OrganisationId.eq(organisation))
        .filter(notice::Column::Event.eq(event))
        .filter(notice::Column::SubjectId.eq(subject))
        .filter(notice::Column::ReadAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

/// Everything that the actor was told, for whichever organisation.
///
/// # Errors
/// What the database said.
pub async fn of_account(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<Notice>, Problem> {
    let query = notice::Entity::find().filter(notice::Column::AccountId.eq(actor.account));
    let rows = query.order_by_asc(notice::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(Notice::from).collect())
}

/// Forgets what the actor was told, and how: they are erased.
///
/// # Errors
/// What the database said.
pub async fn forget(w: &Write) -> Result<(), Problem> {
    let account = w.actor().account;
    notice::Entity::delete_many().filter(notice::Column::AccountId.eq(account)).exec(w.db()).await?;
    channel::Entity::delete_many().filter(channel::Column::AccountId.eq(account)).exec(w.db()).await?;
    Ok(())
}

/// Deletes what was told before a moment; how many notices that were.
///
/// # Errors
/// What the database said.
pub async fn expire(w: &Write, before: Timestamp) -> Result<u64, Problem> {
    let old = notice::Column::At.lt(before);
    Ok(notice::Entity::delete_many().filter(old).exec(w.db()).await?.rows_affected)
}

fn own(actor: &Actor) -> Select<notice::Entity> {
    notice::Entity::find()
        .filter(notice::Column::AccountId.eq(actor.account))
        .filter(notice::Column::OrganisationId.eq(actor.organisation))
}

/// Marks notices of the actor's own as read: those that are named, or all. How many were not before.
///
/// # Errors
/// What the database said.
pub async fn mark_read(w: &Write, marked: &Marked) -> Result<u64, Problem> {
    let row = notice::ActiveModel { read_at: Set(Some(w.at())), ..Default::default() };
    let mut update = notice::Entity::update_many()
        .set(row)
        .filter(notice::Column::AccountId.eq(w.actor().account))
        .filter(notice::Column::OrganisationId.eq(w.actor().organisation))
        .filter(notice::Column::ReadAt.is_null());
    if !marked.notices.is_empty() {
        update = update.filter(notice::Column::Id.is_in(marked.notices.iter().copied()));
    }
    let changed = update.exec(w.db()).await?.rows_affected;
    w.record("account", w.actor().account, &json!({ "read": changed })).await?;
    Ok(changed)
}

impl From<notice::Model> for Notice {
    fn from(row: notice::Model) -> Self {
        Self {
            id: row.id,
            topic: row.topic,
            event: row.event,
            subject: row.subject,
            subject_id: row.subject_id,
            at: row.at,
            read_at: row.read_at,
        }
    }
}
