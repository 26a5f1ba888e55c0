//! Declarations of common control.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        clock::Timestamp,
        fields::{Fields, Input, Nothing, Reason},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, BuyerGroupId, DeclarationId, OrganisationId},
        problem::Problem,
    },
    organisations::{
        control::{
            ConfirmDeclaration, Confirming, Declaration, DeclarationState, Declare, ListDeclarations,
            NewDeclaration, ReadDeclaration, RejectDeclaration, WithdrawDeclaration,
        },
        store::control as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(declare, list_declarations))
        .routes(routes!(read_declaration))
        .routes(routes!(withdraw))
        .routes(routes!(confirm))
        .routes(routes!(reject))
}

/// A declaration of common control, or of its end.
#[derive(Serialize, ToSchema)]
#[schema(as = ControlDeclaration)]
struct DeclarationJson {
    id: DeclarationId,
    firm: OrganisationId,
    /// Null: with nobody any more.
    with: Option<OrganisationId>,
    ground: String,
    state: DeclarationState,
    /// The person; null for the institution.
    declared_by: Option<AccountId>,
    declared_at: Timestamp,
    /// What the institution said to it.
    reason: Option<String>,
    decided_at: Option<Timestamp>,
    #[schema(example = "\"1\"")]
    etag: String,
}

fn json(d: Declaration, actor: &Actor) -> DeclarationJson {
    let is_own = actor.kind() == Some(Kind::LeadFirm);
    DeclarationJson {
        id: d.id,
        firm: d.firm,
        with: d.with,
        ground: d.ground,
        state: d.state,
        declared_by: Some(d.declared_by).filter(|_| is_own),
        declared_at: d.declared_at,
        reason: d.reason,
        decided_at: d.decided_at,
        etag: etag(d.version),
    }
}

fn answer(declaration: Declaration, actor: &Actor) -> Result<Reply, Problem> {
    let version = declaration.version;
    Ok(Reply::ok(&json(declaration, actor))?.version(version))
}

/// A declaration to make.
#[derive(ToSchema)]
#[schema(as = NewControlDeclaration)]
#[expect(dead_code, reason = "describes what `NewDeclaration` reads")]
struct NewDeclarationJson {
    /// The other lead firm; null or absent: with nobody any more.
    with: Option<OrganisationId>,
    #[schema(example = "Ambas pertenecen en más del 50 % a Inversiones Cordillera.", min_length = 10)]
    ground: String,
}

/// Declares that one's lead firm is under common control with another, or no longer is with anybody. It holds
/// once an institution has confirmed it.
#[utoipa::path(
    post, path = "/control-declarations", operation_id = "control_declarations_create", tag = "organisations",
    request_body = NewDeclarationJson, responses((status = CREATED, body = DeclarationJson, links(
        ("read" = (operation_id = "control_declarations_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn declare(
    State(base): State<Base>,
    may: May<Declare>,
    Body { value, once }: Body<NewDeclaration>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let declaration = store::declare(&w, value).await?;
        let location = format!("/api/v1/control-declarations/{}", declaration.id);
        let version = declaration.version;
        let reply = Reply::created(location, &json(declaration, w.actor()))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

struct Filter {
    state: Option<DeclarationState>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (state, window) = (f.optional("state"), Window::read(f));
        Some(Self { state: state?, window: window? })
    }
}

/// Lists one's own declarations; for an institution, those of the firms with which it works.
#[utoipa::path(
    get, path = "/control-declarations", operation_id = "control_declarations_list", tag = "organisations",
    params(
        ("state" = Option<DeclarationState>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<DeclarationJson>))
)]
async fn list_declarations(
    State(base): State<Base>,
    may: May<ListDeclarations>,
    Params(filter): Params<Filter>,
) -> Result<Page<DeclarationJson>, Problem> {
    let page = store::list_declarations(base.db.reads(), may.actor(), filter.state, &filter.window).await?;
    Ok(page.map(|declaration| json(declaration, may.actor())))
}

/// Looks at a declaration.
#[utoipa::path(
    get, path = "/control-declarations/{id}", operation_id = "control_declarations_read", tag = "organisations",
    params(("id" = DeclarationId, Path)), responses((status = OK, body = DeclarationJson))
)]
async fn read_declaration(
    State(base): State<Base>,
    may: May<ReadDeclaration>,
    Key(id): Key<DeclarationId>,
) -> Result<Reply, Problem> {
    answer(store::find_declaration(base.db.reads(), may.actor(), id).await?, may.actor())
}

/// Takes one's declaration back.
#[utoipa::path(
    post, path = "/control-declarations/{id}/withdraw", operation_id = "control_declarations_withdraw",
    tag = "organisations", params(("id" = DeclarationId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = DeclarationJson))
)]
async fn withdraw(
    State(base): State<Base>,
    may: May<WithdrawDeclaration>,
    Key(id): Key<DeclarationId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::withdraw(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// How to confirm it.
#[derive(ToSchema)]
#[schema(as = ConfirmControlDeclaration)]
#[expect(dead_code, reason = "describes what `Confirming` reads")]
struct ConfirmingJson {
    #[schema(example = "Consta en el registro de accionistas.", min_length = 10, max_length = 2000)]
    reason: String,
    /// Which group it shall be: one of one's own institution where the firms are in none, or that of the two which
    /// stays.
    buyer_group: Option<BuyerGroupId>,
}

/// Confirms a declaration: both firms count as one buyer from now on (two groups become one), or the firm leaves
/// its group. What was approved before stands. Of two groups one's own goes over into another institution's; nobody
/// moves firms of a group that another institution looks after.
#[utoipa::path(
    post, path = "/control-declarations/{id}/confirm", operation_id = "control_declarations_confirm",
    tag = "organisations", params(("id" = DeclarationId, Path), ("If-Match" = String, Header)),
    request_body = ConfirmingJson, responses((status = OK, body = DeclarationJson))
)]
async fn confirm(
    State(base): State<Base>,
    may: May<ConfirmDeclaration>,
    Key(id): Key<DeclarationId>,
    version: IfVersion,
    Body { value, once }: Body<Confirming>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::confirm(&w, id, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Rejects a declaration, with the reason.
#[utoipa::path(
    post, path = "/control-declarations/{id}/reject", operation_id = "control_declarations_reject",
    tag = "organisations", params(("id" = DeclarationId, Path), ("If-Match" = String, Header)),
    request_body = Reason, responses((status = OK, body = DeclarationJson))
)]
async fn reject(
    State(base): State<Base>,
    may: May<RejectDeclaration>,
    Key(id): Key<DeclarationId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::reject(&w, id, version, value.reason).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}
