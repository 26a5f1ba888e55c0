//! Signatures as they are kept: added, never changed or taken away.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, entity::prelude::*};

use crate::{
    foundation::{
        access::{Actor, Role},
        clock::Timestamp,
        db::Write,
        ids::{AccountId, OrganisationId, SignatureId},
        problem::{OnConstraint, Problem},
    },
    gaps::signing::{Side, Signature},
    organisations::store::people,
    words,
};

words! {
    /// What is signed.
    pub enum Subject {
        /// A gap act.
        GapAct = "gap_act",
        /// An improvement plan.
        Plan = "plan",
        /// A supply contract.
        Contract = "contract",
    }
}

mod signature {
    use super::{AccountId, OrganisationId, Role, Side, SignatureId, Subject, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "signatures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SignatureId,
        pub subject: Subject,
        pub subject_id: Uuid,
        pub side: Side,
        pub content_hash: String,
        pub organisation_id: OrganisationId,
        pub account_id: AccountId,
        pub name: String,
        pub role: Role,
        pub signed_at: Timestamp,
    }

    crate::unrelated!();
}

/// The actor's own signatures, the oldest first: under what, with which name, when.
///
/// # Errors
/// What the database said.
pub async fn of_account(
    db: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Vec<(Subject, Uuid, String, Timestamp)>, Problem> {
    let query = signature::Entity::find().filter(signature::Column::AccountId.eq(actor.account));
    let rows = query.order_by_asc(signature::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.subject, row.subject_id, row.name, row.signed_at)).collect())
}

/// The signatures under something that the actor has been shown, the oldest first.
///
/// # Errors
/// What the database said.
pub async fn under(
    db: &impl ConnectionTrait,
    actor: &Actor,
    subject: Subject,
    id: Uuid,
) -> Result<Vec<Signature>, Problem> {
    Ok(under_all(db, actor, subject, [id]).await?.remove(&id).unwrap_or_default())
}

/// The signatures under several things that the actor has been shown, by their ids.
///
/// # Errors
/// What the database said.
pub async fn under_all(
    db: &impl ConnectionTrait,
    _: &Actor,
    subject: Subject,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, Vec<Signature>>, Problem> {
    let query = signature::Entity::find()
        .filter(signature::Column::SubjectId.is_in(ids))
        .filter(signature::Column::Subject.eq(subject))
        .order_by_asc(signature::Column::Id);
    let mut signatures: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in query.all(db).await? {
        signatures.entry(row.subject_id).or_default().push(row.into());
    }
    Ok(signatures)
}

/// Signs for the actor's own firm. The caller has locked what is signed and checked its state.
///
/// # Errors
/// 409 when the side has signed exactly this already.
pub async fn sign(
    w: &Write,
    subject: Subject,
    id: impl Into<Uuid>,
    side: Side,
    hash: &str,
) -> Result<Signature, Problem> {
    let name = match people::own_account(w.db(), w.actor()).await {
        Ok(account) => account.name,
        // The service itself has no account.
        Err(problem) if w.actor().is_system() && problem == Problem::not_found() => "Eslabón".to_owned(),
        Err(problem) => return Err(problem),
    };
    let row = signature::Model {
        id: w.new_id(),
        subject,
        subject_id: id.into(),
        side,
        content_hash: hash.to_owned(),
        organisation_id: w.actor().organisation,
        account_id: w.actor().account,
        name,
        role: w.actor().role,
        signed_at: w.at(),
    };
    signature::Entity::insert(signature::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_signatures__subject_id__side__content_hash", || {
            Problem::conflict("already-signed")
        })?;
    Ok(row.into())
}

impl From<signature::Model> for Signature {
    fn from(row: signature::Model) -> Self {
        Self {
            side: row.side,
            organisation: row.organisation_id,
            name: row.name,
            role: row.role,
            signed_at: row.signed_at,
            hash: row.content_hash,
        }
    }
}
