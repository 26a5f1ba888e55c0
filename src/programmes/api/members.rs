//! Who takes part.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::{Kind, May},
        clock::Timestamp,
        fields::{Fields, Input},
        http::{
            Body, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{OrganisationId, ProgrammeId},
        problem::Problem,
    },
    programmes::{AddMember, ListMembers, Member, NewMember, store},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(add_member, list_members))
}

/// A firm in a programme.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeMember)]
struct MemberJson {
    organisation: OrganisationId,
    #[schema(example = "Metalmecánica Andes SpA")]
    name: String,
    kind: Kind,
    added_at: Timestamp,
}

impl From<Member> for MemberJson {
    fn from(m: Member) -> Self {
        Self { organisation: m.organisation, name: m.name, kind: m.kind, added_at: m.added_at }
    }
}

/// A firm to take in: `organisation`, or `country` and `tax_id`.
#[derive(ToSchema)]
#[schema(as = NewProgrammeMember)]
#[expect(dead_code, reason = "describes what `NewMember` reads")]
struct NewMemberJson {
    organisation: Option<OrganisationId>,
    #[schema(example = "CL")]
    country: Option<String>,
    #[schema(example = "76.086.428-5")]
    tax_id: Option<String>,
}

/// Takes a firm into a programme. The firm must be registered; taking it in again changes nothing.
#[utoipa::path(
    post, path = "/programmes/{id}/members", operation_id = "programmes_add_member", tag = "programmes",
    params(("id" = ProgrammeId, Path)),
    request_body(content = NewMemberJson, example = json!({ "country": "CL", "tax_id": "76.086.428-5" })),
    responses((status = CREATED, body = MemberJson))
)]
async fn add_member(
    Service(base): Service<Base>,
    may: May<AddMember>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewMember>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::find(w.db(), w.actor(), id).await?;
        let firm = store::find_firm(w.db(), w.actor(), &value).await?;
        let member = store::add_member(&w, id, &firm).await?;
        let reply = Reply::created(format!("/api/v1/programmes/{id}/members"), &MemberJson::from(member))?;
        Ok(w.done(reply))
    })
    .await
}

struct MemberFilter {
    kind: Option<Kind>,
    window: Window,
}

impl Input for MemberFilter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (kind, window) = (f.optional("kind"), Window::read(f));
        Some(Self { kind: kind?, window: window? })
    }
}

/// Lists a programme's members. Only its institution sees who takes part.
#[utoipa::path(
    get, path = "/programmes/{id}/members", operation_id = "programmes_list_members", tag = "programmes",
    params(
        ("id" = ProgrammeId, Path), ("kind" = Option<Kind>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<MemberJson>))
)]
async fn list_members(
    Service(base): Service<Base>,
    may: May<ListMembers>,
    Key(id): Key<ProgrammeId>,
    Params(filter): Params<MemberFilter>,
) -> Result<Page<MemberJson>, Problem> {
    let page = store::list_members(base.db.reads(), may.actor(), id, filter.kind, &filter.window).await?;
    Ok(page.map(MemberJson::from))
}
