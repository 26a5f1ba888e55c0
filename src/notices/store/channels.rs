//! How a person wants to be told.

use std::collections::HashMap;

use sea_orm::{QueryFilter, Set, entity::prelude::*};
use serde_json::json;

use super::entities::{channel, notice};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        ids::{AccountId, OrganisationId},
        problem::Problem,
    },
    notices::{Channel, Preferences, Rhythm, Topic},
};

/// How the people of an organisation are told of a topic; whoever has said nothing, in the usual way.
pub(super) async fn of_people(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    topic: Topic,
) -> Result<HashMap<AccountId, Channel>, Problem> {
    let rows = channel::Entity::find()
        .filter(channel::Column::OrganisationId.eq(organisation))
        .filter(channel::Column::Topic.eq(topic))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, Channel::from(row))).collect())
}

/// How the actor is told, of every topic.
///
/// # Errors
/// What the database said.
pub async fn preferences(db: &impl ConnectionTrait, actor: &Actor) -> Result<Preferences, Problem> {
    let rows = channel::Entity::find()
        .filter(channel::Column::AccountId.eq(actor.account))
        .filter(channel::Column::OrganisationId.eq(actor.organisation))
        .all(db)
        .await?;
    Ok(Preferences::complete(rows.into_iter().map(Channel::from)))
}

/// Says how the actor is told from now on. It holds for letters that are still to be put together, too.
///
/// # Errors
/// What the database said.
pub async fn put_preferences(w: &Write, new: &Preferences) -> Result<(), Problem> {
    let (account, organisation) = (w.actor().account, w.actor().organisation);
    channel::Entity::delete_many()
        .filter(channel::Column::AccountId.eq(account))
        .filter(channel::Column::OrganisationId.eq(organisation))
        .exec(w.db())
        .await?;
    let rows = new.topics.iter().map(|one| channel::ActiveModel {
        account_id: Set(account),
        organisation_id: Set(organisation),
        topic: Set(one.topic),
        inbox: Set(one.inbox),
        mail: Set(one.mail),
    });
    channel::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
    for one in &new.topics {
        // What has waited for a digest is in the next one.
        let mail = if one.mail == Rhythm::Now { Rhythm::Daily } else { one.mail };
        notice::Entity::update_many()
            .set(notice::ActiveModel { mail: Set(mail), ..Default::default() })
            .filter(notice::Column::AccountId.eq(account))
            .filter(notice::Column::OrganisationId.eq(organisation))
            .filter(notice::Column::Topic.eq(one.topic))
            .filter(notice::Column::Mail.is_in([Rhythm::Daily, Rhythm::Weekly]))
            .filter(notice::Column::LetterId.is_null())
            .exec(w.db())
            .await?;
    }
    w.record("account", account, &json!({ "topics": new.topics })).await
}

impl From<channel::Model> for Channel {
    fn from(row: channel::Model) -> Self {
        Self { topic: row.topic, inbox: row.inbox, mail: row.mail }
    }
}
