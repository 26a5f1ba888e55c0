//! Calls: written, opened, ranked, cancelled.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        fields::{Fields, Input, Nothing, Reason},
        figure::Figure,
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        i18n::Locale,
        ids::{CallId, ProgrammeId},
        money::Money,
        problem::Problem,
        share::Share,
        zone::Zone,
    },
    programmes::{
        Programme,
        calls::{
            Call, Cancel, Change, Create, FinishEvaluation, List, ListResults, NewCall, Open, Read,
            ReadRanking, State,
            criteria::{SelectionCriterion, Weighted},
            evaluations::Ranked,
            results::{ExpectedResult, NetworkKind},
        },
        store::calls::{self as store, Filter},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(list))
        .routes(routes!(read, change))
        .routes(routes!(open))
        .routes(routes!(cancel))
        .routes(routes!(finish_evaluation))
        .routes(routes!(ranking))
        .routes(routes!(expected_results))
}

/// A call for projects.
#[derive(Serialize, ToSchema)]
#[schema(as = Call)]
struct CallJson {
    id: CallId,
    programme: ProgrammeId,
    #[schema(example = "Redes de proveedores 2026")]
    title: String,
    description: String,
    state: State,
    /// What it may award in all.
    funds: Money,
    /// What it has awarded.
    committed: Money,
    /// By what proposals are judged; the weights sum to 100.
    criteria: Vec<CriterionJson>,
    /// The least share of a project's whole cost that others pay.
    min_cofinancing: Share,
    /// The largest grant of a project.
    largest_grant: Money,
    /// The points by which two evaluators may differ before a third one is asked.
    spread_threshold: Figure,
    /// Whether a disbursement waits until the one before is justified.
    justify_first: bool,
    /// From when proposals can be submitted; null: from when it is opened.
    opens_at: Option<Timestamp>,
    /// When it closes by itself.
    closes_at: Timestamp,
    /// The programme's time zone, by which local times were read.
    time_zone: Zone,
    opened_at: Option<Timestamp>,
    /// Why it was cancelled.
    reason: Option<String>,
    #[schema(example = "\"3\"")]
    etag: String,
}

/// A criterion of a call.
#[derive(Serialize, ToSchema)]
#[schema(as = CallCriterion)]
struct CriterionJson {
    criterion: SelectionCriterion,
    weight: Figure,
    /// What it asks, in the caller's language.
    text: String,
}

impl CallJson {
    fn new(call: Call, programme: Programme, at: Timestamp, locale: Locale) -> Self {
        let criterion = |one: Weighted| CriterionJson {
            criterion: one.criterion,
            weight: one.weight,
            text: one.criterion.text(locale),
        };
        Self {
            id: call.id,
            programme: call.programme,
            state: call.state(at),
            funds: call.funds,
            committed: call.committed,
            criteria: call.terms.criteria.into_iter().map(criterion).collect(),
            title: call.terms.title,
            description: call.terms.description,
            min_cofinancing: call.terms.min_cofinancing,
            largest_grant: call.terms.largest_grant,
            spread_threshold: call.terms.spread_threshold,
            justify_first: call.terms.justify_first,
            opens_at: call.opens_at,
            closes_at: call.closes_at,
            time_zone: programme.time_zone,
            opened_at: call.opened_at,
            reason: call.reason,
            etag: etag(call.version),
        }
    }
}

fn answer((call, programme): (Call, Programme), at: Timestamp, locale: Locale) -> Result<Reply, Problem> {
    let version = call.version;
    Ok(Reply::ok(&CallJson::new(call, programme, at, locale))?.version(version))
}

/// A call to write.
#[derive(ToSchema)]
#[schema(as = NewCall)]
#[expect(dead_code, reason = "describes what `NewCall` reads")]
struct NewCallJson {
    #[schema(min_length = 3, max_length = 200)]
    title: String,
    #[schema(min_length = 10, max_length = 20_000)]
    description: String,
    /// What it may award in all, in the programme's currency.
    funds: Money,
    /// A time by the programme's clocks (`2026-10-01T09:00`), or with its offset. Absent: once it is opened.
    opens_at: Option<String>,
    /// The same: when it closes by itself.
    closes_at: String,
    /// Weights sum to 100 exactly. Absent: market outlook, participation, critical mass, feasibility and visibility,
    /// which weigh the same.
    #[schema(max_items = 10)]
    criteria: Option<Vec<Weighted>>,
    /// Default 0.
    min_cofinancing: Option<Share>,
    /// Default: all its funds.
    largest_grant: Option<Money>,
    /// Points by which two evaluators may differ before a third one is asked. Default 20.
    spread_threshold: Option<Figure>,
    /// Whether a disbursement waits until the one before is justified. Default true.
    justify_first: Option<bool>,
}

/// Writes a call of a programme, as a draft, in the name of the coordinating body.
#[utoipa::path(
    post, path = "/programmes/{id}/calls", operation_id = "calls_create", tag = "calls",
    params(("id" = ProgrammeId, Path)),
    request_body(content = NewCallJson, example = json!({
        "title": "Redes de proveedores 2026",
        "description": "Proyectos de redes de proveedores en torno a una empresa líder.",
        "funds": { "amount": "90000000", "currency": "CLP" }, "closes_at": "2026-12-15T18:00",
        "criteria": [
            { "criterion": "market_outlook", "weight": "30" }, { "criterion": "participation", "weight": "30" },
            { "criterion": "feasibility", "weight": "25" }, { "criterion": "replicability", "weight": "15" },
        ],
        "min_cofinancing": "0.3", "largest_grant": { "amount": "45000000", "currency": "CLP" },
    })),
    responses((status = CREATED, body = CallJson, links(
        ("read" = (operation_id = "calls_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn create(
    Service(base): Service<Base>,
    may: May<Create>,
    Key(id): Key<ProgrammeId>,
    locale: Locale,
    Body { value, once }: Body<NewCall>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let (call, programme) = store::create(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/calls/{}", call.id), call.version);
        let json = CallJson::new(call, programme, w.at(), locale);
        let reply = Reply::created(location, &json)?.version(version);
        Ok(w.done(reply))
    })
    .await
}

struct Listed {
    filter: Filter,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, window) = (f.optional("programme"), Window::read(f));
        Some(Self { filter: Filter { programme: programme? }, window: window? })
    }
}

/// A call in a list.
#[derive(Serialize, ToSchema)]
struct CallSummary {
    id: CallId,
    programme: ProgrammeId,
    title: String,
    state: State,
    funds: Money,
    closes_at: Timestamp,
    etag: String,
}

/// Lists the calls that one may see.
#[utoipa::path(
    get, path = "/calls", operation_id = "calls_list", tag = "calls",
    params(
        ("programme" = Option<ProgrammeId>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<CallSummary>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<List>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Page<CallSummary>, Problem> {
    let at = base.clock.now();
    let page = store::list(base.db.reads(), may.actor(), filter, &window).await?;
    Ok(page.map(|call| CallSummary {
        id: call.id,
        programme: call.programme,
        state: call.state(at),
        title: call.terms.title,
        funds: call.funds,
        closes_at: call.closes_at,
        etag: etag(call.version),
    }))
}

/// Looks at a call.
#[utoipa::path(
    get, path = "/calls/{id}", operation_id = "calls_read", tag = "calls",
    params(("id" = CallId, Path)), responses((status = OK, body = CallJson))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<Read>,
    Key(id): Key<CallId>,
    locale: Locale,
) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id).await?, base.clock.now(), locale)
}

/// Rewrites a draft.
#[utoipa::path(
    put, path = "/calls/{id}", operation_id = "calls_change", tag = "calls",
    params(("id" = CallId, Path), ("If-Match" = String, Header)), request_body = NewCallJson,
    responses((status = OK, body = CallJson))
)]
async fn change(
    Service(base): Service<Base>,
    may: May<Change>,
    Key(id): Key<CallId>,
    version: IfVersion,
    locale: Locale,
    Body { value, once }: Body<NewCall>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::change(&w, id, version, value).await?, w.at(), locale)?;
        Ok(w.done(reply))
    })
    .await
}

/// Opens a call to the executing institutions of the programme; its funds are reserved.
#[utoipa::path(
    post, path = "/calls/{id}/open", operation_id = "calls_open", tag = "calls",
    params(("id" = CallId, Path), ("If-Match" = String, Header)), responses((status = OK, body = CallJson))
)]
async fn open(
    Service(base): Service<Base>,
    may: May<Open>,
    Key(id): Key<CallId>,
    version: IfVersion,
    locale: Locale,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::open(&w, id, version).await?, w.at(), locale)?;
        Ok(w.done(reply))
    })
    .await
}

/// Cancels a call that is not evaluated; what was reserved for it is free again.
#[utoipa::path(
    post, path = "/calls/{id}/cancel", operation_id = "calls_cancel", tag = "calls",
    params(("id" = CallId, Path), ("If-Match" = String, Header)), request_body = Reason,
    responses((status = OK, body = CallJson))
)]
async fn cancel(
    Service(base): Service<Base>,
    may: May<Cancel>,
    Key(id): Key<CallId>,
    version: IfVersion,
    locale: Locale,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::cancel(&w, id, version, value.reason).await?, w.at(), locale)?;
        Ok(w.done(reply))
    })
    .await
}

/// Says that the evaluations of a closed call are complete: from now on scores are final, the ranking shows, and
/// proposals can be decided on.
#[utoipa::path(
    post, path = "/calls/{id}/finish-evaluation", operation_id = "calls_finish_evaluation", tag = "calls",
    params(("id" = CallId, Path), ("If-Match" = String, Header)), responses((status = OK, body = CallJson))
)]
async fn finish_evaluation(
    Service(base): Service<Base>,
    may: May<FinishEvaluation>,
    Key(id): Key<CallId>,
    version: IfVersion,
    locale: Locale,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::finish_evaluation(&w, id, version).await?, w.at(), locale)?;
        Ok(w.done(reply))
    })
    .await
}

/// Shows how the proposals of a call are ranked, to those who coordinate or steer. Until evaluations are complete it
/// shows who lacks which, and no points.
#[utoipa::path(
    get, path = "/calls/{id}/ranking", operation_id = "calls_ranking", tag = "calls",
    params(("id" = CallId, Path)), responses((status = OK, body = Items<Ranked>))
)]
async fn ranking(
    Service(base): Service<Base>,
    may: May<ReadRanking>,
    Key(id): Key<CallId>,
) -> Result<Reply, Problem> {
    let (state, items) = store::ranking(base.db.reads(), may.actor(), id, base.clock.now()).await?;
    may.in_state(state)?;
    Reply::ok(&Items { items })
}

/// A result that networks are expected to bring.
#[derive(Serialize, ToSchema)]
struct ExpectedResultJson {
    result: ExpectedResult,
    /// What it is, in the caller's language.
    text: String,
    /// The kinds of network in which it occurs.
    kinds: Vec<NetworkKind>,
}

struct OfKind(Option<NetworkKind>);

impl Input for OfKind {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self(f.optional("kind")?))
    }
}

/// Lists what networks are expected to bring, of one kind of network where asked. The goals of a project are chosen from
/// those of vertical networks.
#[utoipa::path(
    get, path = "/expected-results", operation_id = "expected_results_list", tag = "calls",
    params(("kind" = Option<NetworkKind>, Query)),
    responses((status = OK, body = Items<ExpectedResultJson>))
)]
async fn expected_results(
    _: May<ListResults>,
    locale: Locale,
    Params(OfKind(kind)): Params<OfKind>,
) -> Result<Reply, Problem> {
    let wanted = ExpectedResult::ALL.iter().filter(|one| kind.is_none_or(|kind| one.kinds().contains(&kind)));
    let shown = |one: &ExpectedResult| ExpectedResultJson {
        result: *one,
        text: one.text(locale),
        kinds: one.kinds().to_vec(),
    };
    Reply::ok(&Items { items: wanted.map(shown).collect::<Vec<_>>() })
}
