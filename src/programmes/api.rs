//! The JSON operations of this stage.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    foundation::{
        Base,
        access::{Kind, May},
        clock::{Day, Timestamp},
        fields::{Fields, Input, Nothing},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, OrganisationId, ProgrammeId, WaiverId},
        money::Currency,
        problem::Problem,
        share::Share,
    },
    programmes::{
        AddMember, ChangeRules, Close, Create, CreateWaiver, List, ListMembers, ListWaivers, Member,
        NewMember, NewProgramme, NewWaiver, Open, Programme, Read, Rules, State, Waiver, store,
    },
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(read))
        .routes(routes!(open))
        .routes(routes!(close))
        .routes(routes!(change_rules))
        .routes(routes!(add_member, list_members))
        .routes(routes!(create_waiver, list_waivers))
}

/// A programme.
#[derive(Serialize, ToSchema)]
#[schema(as = Programme)]
struct ProgrammeJson {
    id: ProgrammeId,
    institution: OrganisationId,
    #[schema(example = "Proveedores de la minería 2026")]
    name: String,
    currency: Currency,
    starts_on: Day,
    /// The last day.
    ends_on: Day,
    state: State,
    rules: Rules,
    /// Grows with every change of the rules.
    rules_version: i64,
    #[schema(example = "\"3\"")]
    etag: String,
}

impl From<Programme> for ProgrammeJson {
    fn from(p: Programme) -> Self {
        Self {
            id: p.id,
            institution: p.institution,
            name: p.name,
            currency: p.currency,
            starts_on: p.starts_on,
            ends_on: p.ends_on,
            state: p.state,
            rules: p.rules,
            rules_version: p.rules_version,
            etag: etag(p.version),
        }
    }
}

fn answer(programme: Programme) -> Result<Reply, Problem> {
    let version = programme.version;
    Ok(Reply::ok(&ProgrammeJson::from(programme))?.version(version))
}

/// A programme to set up.
#[derive(ToSchema)]
#[schema(as = NewProgramme)]
#[expect(dead_code, reason = "describes what `NewProgramme` reads")]
struct NewProgrammeJson {
    #[schema(example = "Proveedores de la minería 2026", min_length = 2, max_length = 200)]
    name: String,
    /// The currency of all its amounts and prices.
    currency: Currency,
    starts_on: Day,
    /// The last day; not before the first.
    ends_on: Day,
    /// Absent: the default rules.
    rules: Option<RulesJson>,
}

/// Rules to set. What is absent has its default; only the allowance must be there.
#[derive(ToSchema)]
#[schema(as = NewRules)]
#[expect(dead_code, reason = "describes what `Rules` reads")]
struct RulesJson {
    /// Default 0.3; null: no cap.
    dependency_cap: Option<Share>,
    /// Default `projected`.
    dependency_base: Option<super::DependencyBase>,
    /// In the programme's currency.
    dependency_allowance: crate::foundation::money::Money,
    /// Default true.
    no_worsening: Option<bool>,
    /// Default green 0.8, yellow 0.6.
    thresholds: Option<super::Thresholds>,
    /// Default 0.5.
    yellow_max_share: Option<Share>,
    /// Default 0.01 each.
    objectives: Option<super::Objectives>,
}

/// Sets up a programme of one's institution, as a draft.
#[utoipa::path(
    post, path = "/programmes", operation_id = "programmes_create", tag = "programmes",
    request_body(content = NewProgrammeJson, example = json!({
        "name": "Proveedores de la minería 2026", "currency": "CLP",
        "starts_on": "2026-03-01", "ends_on": "2028-02-29",
        "rules": {
            "dependency_cap": "0.3", "dependency_allowance": { "amount": "5000000", "currency": "CLP" },
            "thresholds": { "green": "0.8", "yellow": "0.6" },
        },
    })),
    responses((status = CREATED, body = ProgrammeJson, links(
        ("read" = (operation_id = "programmes_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn create(
    Service(base): Service<Base>,
    may: May<Create>,
    Body { value, once }: Body<NewProgramme>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let programme = store::create(&w, value).await?;
        let (location, version) = (format!("/api/v1/programmes/{}", programme.id), programme.version);
        let reply = Reply::created(location, &ProgrammeJson::from(programme))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Looks at a programme and its rules.
#[utoipa::path(
    get, path = "/programmes/{id}", operation_id = "programmes_read", tag = "programmes",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = ProgrammeJson))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<Read>,
    Key(id): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id).await?)
}

struct Filter {
    state: Option<State>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (state, window) = (f.optional("state"), Window::read(f));
        Some(Self { state: state?, window: window? })
    }
}

/// Lists the programmes that one may see.
#[utoipa::path(
    get, path = "/programmes", operation_id = "programmes_list", tag = "programmes",
    params(("state" = Option<State>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<ProgrammeJson>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<List>,
    Params(filter): Params<Filter>,
) -> Result<Page<ProgrammeJson>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), filter.state, &filter.window).await?;
    Ok(page.map(ProgrammeJson::from))
}

/// Opens a programme: its lead firms can post requirements.
#[utoipa::path(
    post, path = "/programmes/{id}/open", operation_id = "programmes_open", tag = "programmes",
    params(("id" = ProgrammeId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = ProgrammeJson))
)]
async fn open(
    Service(base): Service<Base>,
    may: May<Open>,
    Key(id): Key<ProgrammeId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::open(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Closes a programme. There is no way back.
#[utoipa::path(
    post, path = "/programmes/{id}/close", operation_id = "programmes_close", tag = "programmes",
    params(("id" = ProgrammeId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = ProgrammeJson))
)]
async fn close(
    Service(base): Service<Base>,
    may: May<Close>,
    Key(id): Key<ProgrammeId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::close(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Replaces a programme's rules and raises their version. What is absent goes back to its default.
#[utoipa::path(
    put, path = "/programmes/{id}/rules", operation_id = "programmes_change_rules", tag = "programmes",
    params(("id" = ProgrammeId, Path), ("If-Match" = String, Header)),
    request_body(content = RulesJson, example = json!({
        "dependency_cap": "0.25", "dependency_base": "projected",
        "dependency_allowance": { "amount": "5000000", "currency": "CLP" }, "no_worsening": true,
        "thresholds": { "green": "0.8", "yellow": "0.6" }, "yellow_max_share": "0.5",
        "objectives": { "fit_tolerance": "0.01", "cost_tolerance": "0.01" },
    })),
    responses((status = OK, body = ProgrammeJson))
)]
async fn change_rules(
    Service(base): Service<Base>,
    may: May<ChangeRules>,
    Key(id): Key<ProgrammeId>,
    version: IfVersion,
    Body { value, once }: Body<Rules>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::change_rules(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
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

/// A cap of its own for one supplier towards one buyer.
#[derive(Serialize, ToSchema)]
#[schema(as = Waiver)]
struct WaiverJson {
    id: WaiverId,
    supplier: OrganisationId,
    /// The buyer group, or the lead firm that is in none.
    buyer_group: Uuid,
    dependency_cap: Share,
    reason: String,
    signed_by: AccountId,
    signed_at: Timestamp,
    /// The last day on which it holds.
    expires_on: Day,
}

impl From<Waiver> for WaiverJson {
    fn from(w: Waiver) -> Self {
        Self {
            id: w.id,
            supplier: w.supplier,
            buyer_group: w.buyer_group,
            dependency_cap: w.dependency_cap,
            reason: w.reason,
            signed_by: w.signed_by,
            signed_at: w.signed_at,
            expires_on: w.expires_on,
        }
    }
}

/// A waiver to sign.
#[derive(ToSchema)]
#[schema(as = NewWaiver)]
#[expect(dead_code, reason = "describes what `NewWaiver` reads")]
struct NewWaiverJson {
    supplier: OrganisationId,
    /// It holds for the whole buyer group in which the lead firm is.
    lead_firm: OrganisationId,
    #[schema(example = "0.45")]
    dependency_cap: Share,
    #[schema(example = "Único comprador de la zona hasta que abra la nueva planta.", min_length = 10)]
    reason: String,
    /// The last day on which it holds.
    expires_on: Day,
}

/// Signs a waiver of the dependency cap. A later one for the same supplier and buyer replaces it.
#[utoipa::path(
    post, path = "/programmes/{id}/waivers", operation_id = "waivers_create", tag = "programmes",
    params(("id" = ProgrammeId, Path)), request_body = NewWaiverJson,
    responses((status = CREATED, body = WaiverJson))
)]
async fn create_waiver(
    Service(base): Service<Base>,
    may: May<CreateWaiver>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewWaiver>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let waiver = store::sign_waiver(&w, id, value).await?;
        let reply = Reply::created(format!("/api/v1/programmes/{id}/waivers"), &WaiverJson::from(waiver))?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists a programme's waivers, expired ones too.
#[utoipa::path(
    get, path = "/programmes/{id}/waivers", operation_id = "waivers_list", tag = "programmes",
    params(("id" = ProgrammeId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<WaiverJson>))
)]
async fn list_waivers(
    Service(base): Service<Base>,
    may: May<ListWaivers>,
    Key(id): Key<ProgrammeId>,
    Params(window): Params<Window>,
) -> Result<Page<WaiverJson>, Problem> {
    let page = store::list_waivers(base.db.reads(), may.actor(), id, &window).await?;
    Ok(page.map(WaiverJson::from))
}
