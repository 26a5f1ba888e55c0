//! Programmes and their rules.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        clock::{Day, Timestamp},
        fields::{Fields, Input, Nothing},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, OrganisationId, ProgrammeId},
        money::{Currency, Money},
        problem::Problem,
        share::Share,
        zone::Zone,
    },
    programmes::{
        ChangeRules, Close, Cofinancing, Create, DependencyBase, ExchangeRate, List, ListRules, NewProgramme,
        Open, Programme, Read, ReadRules, Rules, RulesVersion, State, Thresholds, Tier, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(read))
        .routes(routes!(open))
        .routes(routes!(close))
        .routes(routes!(change_rules, list_rules))
        .routes(routes!(read_rules))
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
    time_zone: Zone,
    /// Where it works; may be empty.
    #[schema(example = "Región de Antofagasta")]
    locality: String,
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
            time_zone: p.time_zone,
            locality: p.locality,
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
    /// Absent: UTC.
    time_zone: Option<Zone>,
    /// Where it works.
    #[schema(example = "Región de Antofagasta", min_length = 2, max_length = 200)]
    locality: Option<String>,
    /// Absent: the default rules.
    rules: Option<RulesJson>,
}

/// Rules to set. What is absent has its default; only the allowance must be there.
#[derive(ToSchema)]
#[schema(as = NewRules)]
#[expect(dead_code, reason = "describes what `Rules` reads")]
struct RulesJson {
    /// Default 0.3; null: no cap. Leave it out beside a glide path, which takes its place.
    dependency_cap: Option<Share>,
    /// Cold start: the cap by year of the programme, never rising; the last holds on.
    #[schema(max_items = 20)]
    glide_path: Option<Vec<Share>>,
    /// Default `projected`.
    dependency_base: Option<DependencyBase>,
    /// Cold start: by how much the annual sales to one buyer group may exceed the cap. In the programme's
    /// currency.
    dependency_allowance: Money,
    /// Cold start: who is above its cap may only become less dependent. Default true.
    no_worsening: Option<bool>,
    /// HHI in percent points. Default null: no such cap.
    #[schema(minimum = 1, maximum = 10_000)]
    hhi_cap: Option<i64>,
    /// Default green 0.8, yellow 0.6.
    thresholds: Option<Thresholds>,
    /// Default 0.5.
    yellow_max_share: Option<Share>,
    /// Most important first; coverage among them, none twice. Default coverage, fit, cost.
    objectives: Option<Vec<ObjectiveJson>>,
    /// Default null: no limit is set.
    development_budget: Option<Money>,
    /// Default null: each plan says who pays.
    cofinancing: Option<Cofinancing>,
    /// Default null: one approver is enough.
    dual_approval_above: Option<Money>,
    /// Units of the programme's currency for one unit of another; none twice.
    exchange_rates: Option<Vec<ExchangeRate>>,
}

/// An aim of the solver.
#[derive(ToSchema)]
#[schema(as = NewObjective)]
#[expect(dead_code, reason = "describes what `Objective` reads")]
struct ObjectiveJson {
    tier: Tier,
    /// The share of its best value that may be given up for the aims after it. Default 0 for coverage, else
    /// 0.01.
    tolerance: Option<Share>,
}

/// Sets up a programme of one's institution, as a draft.
#[utoipa::path(
    post, path = "/programmes", operation_id = "programmes_create", tag = "programmes",
    request_body(content = NewProgrammeJson, example = json!({
        "name": "Proveedores de la minería 2026", "currency": "CLP",
        "starts_on": "2026-03-01", "ends_on": "2028-02-29",
        "time_zone": "America/Santiago", "locality": "Región de Antofagasta",
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
        "glide_path": ["0.6", "0.45", "0.3"], "dependency_base": "projected",
        "dependency_allowance": { "amount": "5000000", "currency": "CLP" }, "no_worsening": true,
        "thresholds": { "green": "0.8", "yellow": "0.6" }, "yellow_max_share": "0.5",
        "objectives": [
            { "tier": "coverage" }, { "tier": "fit", "tolerance": "0.01" }, { "tier": "cost", "tolerance": "0.01" },
        ],
        "cofinancing": { "programme": "0.5", "lead_firm": "0.3", "supplier": "0.2" },
        "dual_approval_above": { "amount": "50000000", "currency": "CLP" },
        "exchange_rates": [
            { "currency": "USD", "rate": "942.35", "as_of": "2026-03-02", "source": "Banco Central de Chile" },
        ],
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

/// A version of a programme's rules.
#[derive(Serialize, ToSchema)]
#[schema(as = RulesVersion)]
struct RulesVersionJson {
    /// Runs name the version under which they were solved.
    rules_version: i64,
    rules: Rules,
    /// Who set them: for the institution.
    changed_by: Option<AccountId>,
    changed_at: Timestamp,
}

fn rules_json(version: RulesVersion, actor: &Actor) -> RulesVersionJson {
    let RulesVersion { version, rules, changed_by, changed_at } = version;
    let is_inside = actor.kind() == Some(Kind::Institution);
    let changed_by = changed_by.filter(|_| is_inside);
    RulesVersionJson { rules_version: version, rules, changed_by, changed_at }
}

/// Every version of a programme's rules.
#[derive(Serialize, ToSchema)]
struct RulesVersions {
    /// Oldest first.
    items: Vec<RulesVersionJson>,
}

/// Lists every version of a programme's rules.
#[utoipa::path(
    get, path = "/programmes/{id}/rules", operation_id = "programmes_list_rules", tag = "programmes",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = RulesVersions))
)]
async fn list_rules(
    Service(base): Service<Base>,
    may: May<ListRules>,
    Key(id): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    let versions = store::rules_versions(base.db.reads(), may.actor(), id).await?;
    let items = versions.into_iter().map(|version| rules_json(version, may.actor())).collect();
    Reply::ok(&RulesVersions { items })
}

/// Looks at one version of a programme's rules.
#[utoipa::path(
    get, path = "/programmes/{id}/rules/{version}", operation_id = "programmes_read_rules", tag = "programmes",
    params(("id" = ProgrammeId, Path), ("version" = i64, Path)),
    responses((status = OK, body = RulesVersionJson))
)]
async fn read_rules(
    Service(base): Service<Base>,
    may: May<ReadRules>,
    Key((id, version)): Key<(ProgrammeId, i64)>,
) -> Result<Reply, Problem> {
    let found = store::rules_version(base.db.reads(), may.actor(), id, version).await?;
    Reply::ok(&rules_json(found, may.actor()))
}
