//! The first step of a network: invitations, applications, selection.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::{Kind, May},
        clock::Timestamp,
        fields::{Fields, Input, Nothing, Reason},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, NetworkId, OrganisationId},
        problem::Problem,
    },
    organisations::{interests::Queued, store::interests},
    programmes::{
        networks::{
            Application, Apply, Decide, Decision, Exclude, Invite, Leave, ListMembers, Membership,
            NewDecision, NewInvitation, ReadOwn, Said, Standing,
        },
        store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(invite))
        .routes(routes!(list_memberships))
        .routes(routes!(decide))
        .routes(routes!(exclude))
        .routes(routes!(own_membership))
        .routes(routes!(apply))
        .routes(routes!(leave))
}

/// A firm's membership of a network.
#[derive(Serialize, ToSchema)]
#[schema(as = NetworkMembership)]
struct MembershipJson {
    network: NetworkId,
    organisation: OrganisationId,
    #[schema(example = "Metalmecánica Andes SpA")]
    name: String,
    kind: Kind,
    standing: Standing,
    /// What it said when it applied.
    statement: String,
    changed_at: Timestamp,
    /// What the sides have said. The applicant itself reads it once it is selected or refused.
    decisions: Vec<SaidJson>,
    #[schema(example = "\"2\"")]
    etag: String,
}

/// What one side said to an application.
#[derive(Serialize, ToSchema)]
#[schema(as = SelectionSaid)]
struct SaidJson {
    /// The institution, or a lead firm of the network.
    side: OrganisationId,
    decision: Decision,
    #[schema(example = "Tiene la capacidad y la certificación que pide la red.")]
    reason: String,
    /// The person; null for the applicant itself.
    by: Option<AccountId>,
    at: Timestamp,
}

/// A membership for one of the sides, or (`with_people` false) for the applicant.
fn json(m: Membership, with_people: bool) -> MembershipJson {
    let said = |Said { side, decision, reason, by, at }| SaidJson {
        side,
        decision,
        reason,
        by: with_people.then_some(by),
        at,
    };
    MembershipJson {
        network: m.network,
        organisation: m.organisation,
        name: m.name,
        kind: m.kind,
        standing: m.standing,
        statement: m.statement,
        changed_at: m.changed_at,
        decisions: m.decisions.into_iter().map(said).collect(),
        etag: etag(m.version),
    }
}

fn answer(membership: Membership, with_people: bool) -> Result<Reply, Problem> {
    let version = membership.version;
    Ok(Reply::ok(&json(membership, with_people))?.version(version))
}

/// A supplier to invite: `organisation`, or `country` and `tax_id`.
#[derive(ToSchema)]
#[schema(as = NewNetworkInvitation)]
#[expect(dead_code, reason = "describes what `NewInvitation` reads")]
struct NewInvitationJson {
    organisation: Option<OrganisationId>,
    #[schema(example = "CL")]
    country: Option<String>,
    #[schema(example = "76.086.428-5")]
    tax_id: Option<String>,
}

/// Invites a supplier to a network, for the institution or a lead firm of it. The supplier must be
/// registered; it need not be of the programme yet. Who was refused or has left may be invited anew.
#[utoipa::path(
    post, path = "/networks/{id}/invitations", operation_id = "network_members_invite", tag = "networks",
    params(("id" = NetworkId, Path)),
    request_body(content = NewInvitationJson, example = json!({ "country": "CL", "tax_id": "76.086.428-5" })),
    responses((status = CREATED, body = MembershipJson))
)]
async fn invite(
    Service(base): Service<Base>,
    may: May<Invite>,
    Key(id): Key<NetworkId>,
    Body { value, once }: Body<NewInvitation>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let membership = store::invite(&w, id, &value).await?;
        let version = membership.version;
        let location = format!("/api/v1/networks/{id}/members");
        let reply = Reply::created(location, &json(membership, true))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

struct Filter {
    standing: Option<Standing>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (standing, window) = (f.optional("standing"), Window::read(f));
        Some(Self { standing: standing?, window: window? })
    }
}

/// Lists a network's members, invitations and applications, with what each side has said. Only the
/// institution and the network's lead firms see it.
#[utoipa::path(
    get, path = "/networks/{id}/members", operation_id = "network_members_list", tag = "networks",
    params(
        ("id" = NetworkId, Path), ("standing" = Option<Standing>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<Queued<MembershipJson>>))
)]
async fn list_memberships(
    Service(base): Service<Base>,
    may: May<ListMembers>,
    Key(id): Key<NetworkId>,
    Params(filter): Params<Filter>,
) -> Result<Page<Queued<MembershipJson>>, Problem> {
    let Filter { standing, window } = filter;
    let (db, actor) = (base.db.reads(), may.actor());
    let page = store::list_memberships(db, actor, id, standing, &window).await?;
    let network = store::find_network(db, actor, id).await?;
    let parties = |one: &Membership| [&network.lead_firms[..], &[one.organisation]].concat();
    interests::queued(&base, actor, page, parties, |membership| json(membership, true)).await
}

/// A side's decision about an application.
#[derive(ToSchema)]
#[schema(as = NewSelectionDecision)]
#[expect(dead_code, reason = "describes what `NewDecision` reads")]
struct NewDecisionJson {
    decision: Decision,
    /// The applicant reads it once everything is decided.
    #[schema(
        example = "Tiene la capacidad y la certificación que pide la red.",
        min_length = 10,
        max_length = 2000
    )]
    reason: String,
}

/// Selects or refuses an applicant, with reasons, for the institution or a lead firm of the network. All sides
/// must select; one refusal is enough. Until all have spoken each may change its mind. Selected, the supplier
/// belongs to the programme too.
#[utoipa::path(
    post, path = "/networks/{id}/members/{firm}/decision", operation_id = "network_members_decide",
    tag = "networks",
    params(("id" = NetworkId, Path), ("firm" = OrganisationId, Path), ("If-Match" = String, Header)),
    request_body = NewDecisionJson, responses((status = OK, body = MembershipJson))
)]
async fn decide(
    Service(base): Service<Base>,
    may: May<Decide>,
    Key((id, firm)): Key<(NetworkId, OrganisationId)>,
    version: IfVersion,
    Body { value, once }: Body<NewDecision>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::decide(&w, id, firm, version, value).await?, true)?;
        Ok(w.done(reply))
    })
    .await
}

/// Takes an invitation back, or a supplier out of the network, with reasons, which it reads. What it supplies
/// under approved matches stands.
#[utoipa::path(
    post, path = "/networks/{id}/members/{firm}/exclude", operation_id = "network_members_exclude",
    tag = "networks",
    params(("id" = NetworkId, Path), ("firm" = OrganisationId, Path), ("If-Match" = String, Header)),
    request_body = Reason, responses((status = OK, body = MembershipJson))
)]
async fn exclude(
    Service(base): Service<Base>,
    may: May<Exclude>,
    Key((id, firm)): Key<(NetworkId, OrganisationId)>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::exclude(&w, id, firm, version, value.reason).await?, true)?;
        Ok(w.done(reply))
    })
    .await
}

/// Looks at one's own membership of a network, with the reasons once it is decided.
#[utoipa::path(
    get, path = "/networks/{id}/membership", operation_id = "network_members_own", tag = "networks",
    params(("id" = NetworkId, Path)), responses((status = OK, body = MembershipJson))
)]
async fn own_membership(
    Service(base): Service<Base>,
    may: May<ReadOwn>,
    Key(id): Key<NetworkId>,
) -> Result<Reply, Problem> {
    answer(store::own_membership(base.db.reads(), may.actor(), id).await?, false)
}

/// An application.
#[derive(ToSchema)]
#[schema(as = NetworkApplication)]
#[expect(dead_code, reason = "describes what `Application` reads")]
struct ApplicationJson {
    #[schema(example = "Torneamos bronce desde 2011 y queremos certificar calidad.", max_length = 2000)]
    statement: Option<String>,
}

/// Applies to a network: invited, or as a supplier of the programme while its call is open. With that the
/// institution sees one's profile and diagnostics, on which the selection rests.
#[utoipa::path(
    post, path = "/networks/{id}/apply", operation_id = "network_members_apply", tag = "networks",
    params(("id" = NetworkId, Path)), request_body = ApplicationJson,
    responses((status = OK, body = MembershipJson))
)]
async fn apply(
    Service(base): Service<Base>,
    may: May<Apply>,
    Key(id): Key<NetworkId>,
    Body { value, once }: Body<Application>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::apply(&w, id, value).await?, false)?;
        Ok(w.done(reply))
    })
    .await
}

/// Declines an invitation, withdraws an application, or leaves a network. What is approved stands.
#[utoipa::path(
    post, path = "/networks/{id}/leave", operation_id = "network_members_leave", tag = "networks",
    params(("id" = NetworkId, Path)), responses((status = OK, body = MembershipJson))
)]
async fn leave(
    Service(base): Service<Base>,
    may: May<Leave>,
    Key(id): Key<NetworkId>,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::leave(&w, id).await?, false)?;
        Ok(w.done(reply))
    })
    .await
}
