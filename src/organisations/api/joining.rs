//! Invitations, requests for membership, and leaving.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{firms::OrganisationJson, people::MemberJson};
use crate::{
    foundation::{
        Base,
        access::{May, Role},
        clock::Timestamp,
        db::{Once, Write},
        fields::Nothing,
        http::{Address, Body, IfVersion, Key, Reply},
        i18n::Locale,
        ids::{AccountId, InvitationId},
        problem::Problem,
    },
    organisations::{
        auth,
        joining::{
            AcceptInvitation, Acceptance, AskForMembership, DismissRequest, Grant, GrantRequest, Invitation,
            InvitationState, Invite, ListInvitations, ListRequests, MembershipRequest, NewInvitation,
            NewRequest, RemoveMember, RequestMove, RequestState, RevokeInvitation,
        },
        store::{joining, personal},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(invite, list_invitations))
        .routes(routes!(revoke_invitation))
        .routes(routes!(accept))
        .routes(routes!(remove_member))
        .routes(routes!(ask_for_membership, list_requests))
        .routes(routes!(grant))
        .routes(routes!(dismiss))
}

/// An invitation, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
struct InvitationJson {
    id: InvitationId,
    #[schema(example = "eva@andes.example")]
    email: String,
    role: Role,
    state: InvitationState,
    invited_by: AccountId,
    created_at: Timestamp,
    expires_at: Timestamp,
}

fn json(invitation: Invitation, now: Timestamp) -> InvitationJson {
    InvitationJson {
        id: invitation.id,
        state: invitation.state(now),
        email: invitation.email,
        role: invitation.role,
        invited_by: invitation.invited_by,
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
    }
}

/// A person to invite.
#[derive(ToSchema)]
#[schema(as = NewInvitation)]
#[expect(dead_code, reason = "describes what `NewInvitation` reads")]
struct NewInvitationJson {
    #[schema(example = "eva@andes.example")]
    email: String,
    role: Role,
}

/// A new invitation with its secret.
#[derive(Serialize, ToSchema)]
struct Invited {
    invitation: InvitationJson,
    /// To hand to the person: it works once, for a week. Shown this once. Null when it goes there by e-mail.
    secret: Option<String>,
}

/// Invites, by e-mail where the service sends any; else whoever invites gets the secret.
async fn send(base: &Base, w: &Write, new: NewInvitation) -> Result<Reply, Problem> {
    let (invitation, secret) = joining::invite(w, new).await?;
    let secret = if base.mail.reaches_people() {
        joining::send(w, invitation.id).await?;
        None
    } else {
        Some(secret)
    };
    let invited = Invited { invitation: json(invitation, w.at()), secret };
    Ok(Reply::created("/api/v1/invitations", &invited)?.secret())
}

/// Invites a person into one's organisation. An earlier invitation of the same address is over with that.
#[utoipa::path(
    post, path = "/invitations", operation_id = "invitations_create", tag = "organisations",
    request_body = NewInvitationJson, responses((status = CREATED, body = Invited))
)]
async fn invite(
    State(base): State<Base>,
    may: May<Invite>,
    from: Address,
    Body { value, once }: Body<NewInvitation>,
) -> Result<Reply, Problem> {
    base.limit_inviting(may.actor(), from)?;
    base.write(may, once, async |w| {
        let reply = send(&base, &w, value).await?;
        Ok(w.done(reply))
    })
    .await
}

/// The invitations of one's organisation.
#[derive(Serialize, ToSchema)]
struct Invitations {
    /// Oldest first.
    items: Vec<InvitationJson>,
}

/// Lists the invitations of one's organisation, used and expired ones too.
#[utoipa::path(
    get, path = "/invitations", operation_id = "invitations_list", tag = "organisations",
    responses((status = OK, body = Invitations))
)]
async fn list_invitations(State(base): State<Base>, may: May<ListInvitations>) -> Result<Reply, Problem> {
    let (found, now) = (joining::invitations(base.db.reads(), may.actor()).await?, base.clock.now());
    Reply::ok(&Invitations { items: found.into_iter().map(|invitation| json(invitation, now)).collect() })
}

/// Takes an invitation back.
#[utoipa::path(
    delete, path = "/invitations/{id}", operation_id = "invitations_revoke", tag = "organisations",
    params(("id" = InvitationId, Path)), responses((status = NO_CONTENT))
)]
async fn revoke_invitation(
    State(base): State<Base>,
    may: May<RevokeInvitation>,
    Key(id): Key<InvitationId>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        joining::revoke_invitation(&w, id).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// An acceptance.
#[derive(ToSchema)]
#[schema(as = InvitationAcceptance)]
#[expect(dead_code, reason = "describes what `Acceptance` reads")]
struct AcceptanceJson {
    /// The invitation's secret.
    secret: String,
    /// Needed where the address has no account yet.
    #[schema(example = "Eva Soto")]
    name: Option<String>,
    /// The account's password; of a new account, the one that it shall have.
    #[schema(min_length = 10, max_length = 200)]
    password: String,
    locale: Option<Locale>,
    /// The version of the notice on personal data (`GET /privacy`) that they accept.
    #[schema(example = 1)]
    privacy_notice: i64,
}

/// Where one has become a member.
#[derive(Serialize, ToSchema)]
struct Joined {
    organisation: OrganisationJson,
    member: MemberJson,
}

/// Accepts an invitation: makes the account where there is none, and the membership.
#[utoipa::path(
    post, path = "/invitations/accept", operation_id = "invitations_accept", tag = "organisations",
    request_body = AcceptanceJson, responses((status = CREATED, body = Joined)), security(())
)]
async fn accept(
    State(base): State<Base>,
    may: May<AcceptInvitation>,
    from: Address,
    Body { value, once }: Body<Acceptance>,
) -> Result<Reply, Problem> {
    let notice = value.privacy_notice;
    let (invitation, guest) = auth::guest(&base, may.actor(), value, from).await?;
    base.write(may, once, async |w| {
        let (organisation, member) = joining::accept(&w, invitation, guest).await?;
        personal::accept_notice(&w, member.account.id, notice).await?;
        let joined = Joined { organisation: organisation.into(), member: member.into() };
        let reply = Reply::created("/api/v1/me", &joined)?;
        Ok(w.done(reply))
    })
    .await
}

/// Removes a member from one's organisation. Their tokens for it end. The last administrator stays.
#[utoipa::path(
    delete, path = "/members/{account}", operation_id = "members_remove", tag = "organisations",
    params(("account" = AccountId, Path), ("If-Match" = String, Header)), responses((status = NO_CONTENT))
)]
async fn remove_member(
    State(base): State<Base>,
    may: May<RemoveMember>,
    Key(account): Key<AccountId>,
    version: IfVersion,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        joining::remove_member(&w, account, version).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// A request for membership to send.
#[derive(ToSchema)]
#[schema(as = NewMembershipRequest)]
#[expect(dead_code, reason = "describes what `NewRequest` reads")]
struct NewRequestJson {
    #[schema(example = "CL")]
    country: String,
    #[schema(example = "76.086.428-5")]
    tax_id: String,
    #[schema(example = "eva@andes.example")]
    email: String,
    #[schema(example = "Eva Soto")]
    name: String,
    #[schema(example = "Llevo la calidad en la planta de Rancagua.", max_length = 1000)]
    message: Option<String>,
}

/// What happens to a request.
#[derive(Serialize, ToSchema)]
struct RequestReceived {
    /// Always true: the answer is the same whether the firm is registered or not.
    received: bool,
}

/// Asks for membership of the organisation that has a tax id. When there is one, its administrators see the
/// request; the answer tells nothing.
#[utoipa::path(
    post, path = "/membership-requests", operation_id = "membership_requests_create", tag = "organisations",
    request_body = NewRequestJson, responses((status = OK, body = RequestReceived)), security(())
)]
async fn ask_for_membership(
    State(base): State<Base>,
    may: May<AskForMembership>,
    from: Address,
    Body { value, once }: Body<NewRequest>,
) -> Result<Reply, Problem> {
    base.limit_asking(&value.email, from)?;
    base.write(may, once, async |w| {
        joining::request(&w, value).await?;
        let reply = Reply::ok(&RequestReceived { received: true })?;
        Ok(w.done(reply))
    })
    .await
}

/// A request for membership.
#[derive(Serialize, ToSchema)]
#[schema(as = MembershipRequest)]
struct RequestJson {
    id: InvitationId,
    email: String,
    name: String,
    message: String,
    state: RequestState,
    created_at: Timestamp,
}

/// The requests for membership of one's organisation.
#[derive(Serialize, ToSchema)]
struct MembershipRequests {
    /// Oldest first.
    items: Vec<RequestJson>,
}

/// Lists the requests for membership of one's organisation. Nobody has checked who they are.
#[utoipa::path(
    get, path = "/membership-requests", operation_id = "membership_requests_list", tag = "organisations",
    responses((status = OK, body = MembershipRequests))
)]
async fn list_requests(State(base): State<Base>, may: May<ListRequests>) -> Result<Reply, Problem> {
    let found = joining::requests(base.db.reads(), may.actor()).await?;
    let show = |MembershipRequest { id, email, name, message, state, created_at }| RequestJson {
        id,
        email,
        name,
        message,
        state,
        created_at,
    };
    Reply::ok(&MembershipRequests { items: found.into_iter().map(show).collect() })
}

/// The role for whoever asked.
#[derive(ToSchema)]
#[schema(as = MembershipGrant)]
#[expect(dead_code, reason = "describes what `Grant` reads")]
struct GrantJson {
    role: Role,
}

/// Invites who asked for membership; the secret is to be handed to them.
#[utoipa::path(
    post, path = "/membership-requests/{id}/grant", operation_id = "membership_requests_grant",
    tag = "organisations", params(("id" = InvitationId, Path)), request_body = GrantJson,
    responses((status = CREATED, body = Invited))
)]
async fn grant(
    State(base): State<Base>,
    may: May<GrantRequest>,
    from: Address,
    Key(id): Key<InvitationId>,
    Body { value, once }: Body<Grant>,
) -> Result<Reply, Problem> {
    base.limit_inviting(may.actor(), from)?;
    base.write(may, once, async |w| {
        let request = joining::decide_request(&w, id, RequestMove::Grant).await?;
        let new = NewInvitation { email: request.email, role: value.role };
        let reply = send(&base, &w, new).await?;
        Ok(w.done(reply))
    })
    .await
}

/// Dismisses a request for membership.
#[utoipa::path(
    post, path = "/membership-requests/{id}/dismiss", operation_id = "membership_requests_dismiss",
    tag = "organisations", params(("id" = InvitationId, Path)), responses((status = NO_CONTENT))
)]
async fn dismiss(
    State(base): State<Base>,
    may: May<DismissRequest>,
    Key(id): Key<InvitationId>,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        joining::decide_request(&w, id, RequestMove::Dismiss).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}
