//! Invitations, requests for membership, and leaving.

use sea_orm::{
    ActiveValue::Set,
    QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;

use super::{
    entities::{api_token, invitation, membership, membership_request, organisation},
    firms,
    people::{is_administrator, join, members, open_account, token_hash},
    personal,
};
use crate::{
    foundation::{
        access::{Actor, Kind, Role},
        clock::Timestamp,
        db::Write,
        http::IfVersion,
        ids::{AccountId, InvitationId},
        jobs::NewJob,
        mail::ATTEMPTS,
        problem::Problem,
    },
    organisations::{
        Account, Member, NewPerson, Organisation, Registration,
        jobs::MAIL_INVITATION,
        joining::{
            INVITATION_SECONDS, Invitation, InvitationMove, InvitationState, MembershipRequest,
            NewInvitation, NewRequest, RequestMove, RequestState,
        },
    },
};

/// Registers a firm with its first administrator, whose password is hashed already.
///
/// # Errors
/// 422 for a tax id or an e-mail address that is registered already.
pub async fn register(
    w: &Write,
    new: Registration,
    hash: String,
) -> Result<(Organisation, Account), Problem> {
    let organisation = firms::register(w, new.organisation).await?;
    let account = open_account(w, &new.administrator, hash).await?;
    let role = match organisation.kind {
        Kind::Supplier => Role::SupplierAdministrator,
        Kind::LeadFirm => Role::LeadFirmAdministrator,
        Kind::Institution => Role::InstitutionAdministrator,
    };
    join(w, organisation.id, organisation.kind, &account, role).await?;
    personal::accept_notice(w, account.id, new.privacy_notice).await?;
    Ok((organisation, account))
}

/// Invites a person into the actor's organisation; returns the secret, which is shown this once. An earlier
/// invitation of the same address is over with that.
///
/// # Errors
/// 422 for a role of another kind of organisation, or somebody who is a member already.
pub async fn invite(w: &Write, new: NewInvitation) -> Result<(Invitation, String), Problem> {
    let organisation = firms::find(w.db(), w.actor(), w.actor().organisation).await?;
    if new.role.kind() != Some(organisation.kind) {
        return Err(Problem::field("/role", "role-of-another-kind"));
    }
    if members(w.db(), w.actor()).await?.iter().any(|member| member.account.email == new.email) {
        return Err(Problem::field("/email", "member-already"));
    }
    invitation::Entity::update_many()
        .col_expr(invitation::Column::RevokedAt, Expr::value(w.at()))
        .filter(invitation::Column::OrganisationId.eq(organisation.id))
        .filter(invitation::Column::Email.eq(new.email.clone()))
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null())
        .exec(w.db())
        .await?;
    let secret = format!("esi_{}", w.ids().secret());
    let row = invitation::Model {
        id: w.new_id(),
        organisation_id: organisation.id,
        email: new.email,
        role: new.role,
        token_hash: token_hash(&secret),
        invited_by: w.actor().account,
        created_at: w.at(),
        expires_at: w.at().plus_seconds(INVITATION_SECONDS),
        accepted_at: None,
        revoked_at: None,
    };
    invitation::Entity::insert(invitation::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    w.record("invitation", row.id, &json!({ "role": row.role })).await?;
    Ok((row.into(), secret))
}

/// Has an invitation sent by e-mail, in the language of whoever invites.
///
/// # Errors
/// What the database said.
pub async fn send(w: &Write, id: InvitationId) -> Result<(), Problem> {
    let job = NewJob::new(MAIL_INVITATION, json!({ "invitation": id, "locale": w.actor().locale }));
    w.enqueue(NewJob { max_attempts: ATTEMPTS, ..job }).await
}

/// Gives an invitation another secret, for its letter: to whom that goes, and into which organisation it invites. `None`
/// when it can't be accepted any more.
///
/// # Errors
/// What the database said.
pub async fn seal(w: &Write, id: InvitationId) -> Result<Option<(String, String, String)>, Problem> {
    let row = invitation::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    let found = row.map(Invitation::from).filter(|found| found.state(w.at()) == InvitationState::Pending);
    w.record("invitation", id, &json!({ "letter": found.is_some() })).await?;
    let Some(found) = found else { return Ok(None) };
    let organisation = firms::find(w.db(), w.actor(), found.organisation).await?;
    let secret = format!("esi_{}", w.ids().secret());
    let hash = Set(token_hash(&secret));
    let row = invitation::ActiveModel { id: Set(id), token_hash: hash, ..Default::default() };
    row.update(w.db()).await?;
    Ok(Some((found.email, organisation.name, secret)))
}

/// The invitations of the actor's organisation, oldest first.
///
/// # Errors
/// What the database said.
pub async fn invitations(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<Invitation>, Problem> {
    let query = invitation::Entity::find().filter(invitation::Column::OrganisationId.eq(actor.organisation));
    let rows = query.order_by_asc(invitation::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(Invitation::from).collect())
}

/// Takes an invitation of the actor's organisation back.
///
/// # Errors
/// 404 for none of its, 409 when it is over already.
pub async fn revoke_invitation(w: &Write, id: InvitationId) -> Result<(), Problem> {
    let found = invitation::Entity::find_by_id(id)
        .filter(invitation::Column::OrganisationId.eq(w.actor().organisation))
        .lock_exclusive()
        .one(w.db())
        .await?;
    let found: Invitation = found.ok_or_else(Problem::not_found)?.into();
    w.next(found.state(w.at()), InvitationMove::Revoke.from(found.state(w.at())))?;
    let row = invitation::ActiveModel { id: Set(id), revoked_at: Set(Some(w.at())), ..Default::default() };
    row.update(w.db()).await?;
    w.record("invitation", id, &json!({ "revoked": true })).await
}

/// The invitation behind a secret, while it can be accepted. The secret stands in for the actor.
///
/// # Errors
/// 409 for an unknown, used, expired or revoked one: nobody can tell which.
pub async fn by_secret(
    db: &impl ConnectionTrait,
    _: &Actor,
    secret: &str,
    now: Timestamp,
) -> Result<Invitation, Problem> {
    let query = invitation::Entity::find().filter(invitation::Column::TokenHash.eq(token_hash(secret)));
    let found = query.one(db).await?.map(Invitation::from);
    found.filter(|found| found.state(now) == InvitationState::Pending).ok_or_else(unusable)
}

fn unusable() -> Problem {
    Problem::conflict("invitation-not-valid")
}

/// Who accepts: somebody with an account, whose password was checked, or somebody new with a hashed one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Guest {
    /// An account.
    Known(Account),
    /// A person, and the hash of their password.
    New(NewPerson, String),
}

/// Accepts an invitation, once: of two who come at the same time one is too late.
///
/// # Errors
/// 409 when it can't be accepted any more, 422 when the address got an account meanwhile.
pub async fn accept(w: &Write, id: InvitationId, guest: Guest) -> Result<(Organisation, Member), Problem> {
    let row = invitation::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    let found: Invitation = row.ok_or_else(unusable)?.into();
    InvitationMove::Accept.from(found.state(w.at())).ok_or_else(unusable)?;
    let service = Actor::system(found.organisation);
    let organisation = firms::find(w.db(), &service, found.organisation).await?;
    let account = match guest {
        Guest::Known(account) => account,
        Guest::New(person, hash) => open_account(w, &person, hash).await?,
    };
    if membership::Entity::find_by_id((account.id, organisation.id)).one(w.db()).await?.is_some() {
        return Err(unusable());
    }
    let member = join(w, organisation.id, organisation.kind, &account, found.role).await?;
    let row = invitation::ActiveModel { id: Set(id), accepted_at: Set(Some(w.at())), ..Default::default() };
    row.update(w.db()).await?;
    w.record("invitation", id, &json!({ "accepted_by": account.id })).await?;
    Ok((organisation, member))
}

/// Removes a member from the actor's organisation. Their tokens for it end; what they did stays theirs.
///
/// # Errors
/// 404 for no member of it, 412 for a stale version, 409 when it would leave the organisation without an
/// administrator.
pub async fn remove_member(w: &Write, account: AccountId, version: IfVersion) -> Result<(), Problem> {
    firms::lock(w, w.actor().organisation).await?;
    let present = members(w.db(), w.actor()).await?;
    let found = present.iter().find(|member| member.account.id == account).ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    let administrators = present.iter().filter(|member| is_administrator(member.role)).count();
    if is_administrator(found.role) && administrators == 1 {
        return Err(Problem::conflict("last-administrator"));
    }
    let organisation = w.actor().organisation;
    membership::Entity::delete_by_id((account, organisation)).exec(w.db()).await?;
    api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(w.at()))
        .filter(api_token::Column::AccountId.eq(account))
        .filter(api_token::Column::OrganisationId.eq(organisation))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(w.db())
        .await?;
    w.record("member", account, &json!({ "removed": true, "before": found.role })).await
}

/// Keeps a request for membership, when the tax id is that of an organisation. Whoever asks can't tell.
///
/// # Errors
/// What the database said.
pub async fn request(w: &Write, new: NewRequest) -> Result<(), Problem> {
    let found = organisation::Entity::find()
        .filter(organisation::Column::Country.eq(new.tax_id.country))
        .filter(organisation::Column::TaxId.eq(new.tax_id.number.clone()))
        .one(w.db())
        .await?;
    let id: InvitationId = w.new_id();
    if let Some(found) = found {
        let row = membership_request::ActiveModel {
            id: Set(id),
            organisation_id: Set(found.id),
            email: Set(new.email),
            name: Set(new.name),
            message: Set(new.message),
            state: Set(RequestState::Pending),
            created_at: Set(w.at()),
        };
        let key = [membership_request::Column::OrganisationId, membership_request::Column::Email];
        let columns = [
            membership_request::Column::Name,
            membership_request::Column::Message,
            membership_request::Column::State,
            membership_request::Column::CreatedAt,
        ];
        membership_request::Entity::insert(row)
            .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
            .exec_without_returning(w.db())
            .await?;
    }
    w.record("membership_request", id, &json!({ "country": new.tax_id.country })).await
}

/// The requests for membership of the actor's organisation, oldest first.
///
/// # Errors
/// What the database said.
pub async fn requests(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<MembershipRequest>, Problem> {
    let query = membership_request::Entity::find()
        .filter(membership_request::Column::OrganisationId.eq(actor.organisation));
    let rows = query.order_by_asc(membership_request::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(MembershipRequest::from).collect())
}

/// Decides a request of the actor's organisation; returns it as it was.
///
/// # Errors
/// 404 for none of its, 409 when it is decided already.
pub async fn decide_request(
    w: &Write,
    id: InvitationId,
    step: RequestMove,
) -> Result<MembershipRequest, Problem> {
    let found = membership_request::Entity::find_by_id(id)
        .filter(membership_request::Column::OrganisationId.eq(w.actor().organisation))
        .lock_exclusive()
        .one(w.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    let state = w.next(found.state, step.from(found.state))?;
    let row = membership_request::ActiveModel { id: Set(id), state: Set(state), ..Default::default() };
    row.update(w.db()).await?;
    w.record("membership_request", id, &json!({ "state": state })).await?;
    Ok(found.into())
}

impl From<invitation::Model> for Invitation {
    fn from(row: invitation::Model) -> Self {
        Self {
            id: row.id,
            organisation: row.organisation_id,
            email: row.email,
            role: row.role,
            invited_by: row.invited_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
            revoked_at: row.revoked_at,
        }
    }
}

impl From<membership_request::Model> for MembershipRequest {
    fn from(row: membership_request::Model) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            message: row.message,
            state: row.state,
            created_at: row.created_at,
        }
    }
}
