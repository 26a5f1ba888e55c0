//! What a person is written.

use std::collections::BTreeMap;

use sea_orm::{Condition, QueryFilter, QueryOrder, QuerySelect, Set, entity::prelude::*};
use serde_json::json;
use uuid::Uuid;

use super::entities::notice;
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        ids::{AccountId, OrganisationId},
        jobs::NewJob,
        mail::ATTEMPTS,
        problem::Problem,
    },
    notices::{Notice, Rhythm, jobs::MAIL},
    organisations::{
        Account, Organisation,
        store::{firms, people},
    },
};

/// The letters that a write puts together: one for each person.
#[derive(Debug, Default)]
pub(super) struct Letters(BTreeMap<(AccountId, OrganisationId), Uuid>);

impl Letters {
    /// The letter to a person.
    pub(super) fn to(&mut self, w: &Write, account: AccountId, organisation: OrganisationId) -> Uuid {
        *self.0.entry((account, organisation)).or_insert_with(|| w.new_id())
    }

    /// Hands them over to the postman; they go when the write has committed.
    pub(super) async fn hand_over(self, w: &Write) -> Result<usize, Problem> {
        for letter in self.0.values() {
            let job = NewJob::new(MAIL, json!({ "letter": letter }));
            w.enqueue(NewJob { max_attempts: ATTEMPTS, ..job }).await?;
        }
        Ok(self.0.len())
    }
}

/// Puts the letters of these rhythms together: for each person one, of what waits for it. How many there are.
///
/// # Errors
/// What the database said.
pub async fn collect(w: &Write, rhythms: &[Rhythm]) -> Result<usize, Problem> {
    let waiting = || {
        let unwritten = Condition::all().add(notice::Column::LetterId.is_null());
        unwritten.add(notice::Column::Mail.is_in(rhythms.iter().copied()))
    };
    let people: Vec<(AccountId, OrganisationId)> = notice::Entity::find()
        .select_only()
        .column(notice::Column::AccountId)
        .column(notice::Column::OrganisationId)
        .filter(waiting())
        .distinct()
        .into_tuple()
        .all(w.db())
        .await?;
    let mut letters = Letters::default();
    for (account, organisation) in people {
        let letter = letters.to(w, account, organisation);
        notice::Entity::update_many()
            .set(notice::ActiveModel { letter_id: Set(Some(letter)), ..Default::default() })
            .filter(notice::Column::AccountId.eq(account))
            .filter(notice::Column::OrganisationId.eq(organisation))
            .filter(waiting())
            .exec(w.db())
            .await?;
    }
    let count = letters.hand_over(w).await?;
    w.record("notice", Uuid::nil(), &json!({ "letters": count })).await?;
    Ok(count)
}

/// A letter, as far as the stage knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// To whom.
    pub account: Account,
    /// As whose member.
    pub organisation: Organisation,
    /// Of what; at least one, oldest first.
    pub notices: Vec<Notice>,
}

/// What a letter says, while it is to be sent. `None`: it was sent, or its reader is a member no more.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn letter(
    db: &impl ConnectionTrait,
    service: &Actor,
    id: Uuid,
) -> Result<Option<Written>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let query = notice::Entity::find().filter(notice::Column::LetterId.eq(id));
    let unsent = query.filter(notice::Column::MailedAt.is_null());
    let rows = unsent.order_by_asc(notice::Column::Id).all(db).await?;
    let Some((account, organisation)) = rows.first().map(|row| (row.account_id, row.organisation_id)) else {
        return Ok(None);
    };
    let members = people::members(db, &Actor::system(organisation)).await?;
    let Some(member) = members.into_iter().find(|member| member.account.id == account) else {
        return Ok(None);
    };
    let organisation = firms::find(db, service, organisation).await?;
    let notices = rows.into_iter().map(Notice::from).collect();
    Ok(Some(Written { account: member.account, organisation, notices }))
}

/// Writes down that a letter was sent.
///
/// # Errors
/// What the database said.
pub async fn mark_mailed(w: &Write, id: Uuid) -> Result<(), Problem> {
    let row = notice::ActiveModel { mailed_at: Set(Some(w.at())), ..Default::default() };
    let sent =
        notice::Entity::update_many().set(row).filter(notice::Column::LetterId.eq(id)).exec(w.db()).await?;
    w.record("letter", id, &json!({ "notices": sent.rows_affected })).await
}
