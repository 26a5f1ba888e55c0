//! The catalogue, and rounds.

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        fields::Nothing,
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{MeasurementRoundId, NetworkId, ProgrammeId},
        problem::Problem,
    },
    monitoring::{
        CloseRound, ListIndicators, ListRounds, OpenRound, ReadRound,
        catalogue::{self, Indicator},
        rounds::{Moment, NewRound, Round, Standing, State},
        store::{self, Tally},
    },
    programmes,
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(list_indicators))
        .routes(routes!(open, list))
        .routes(routes!(read))
        .routes(routes!(close))
}

/// The indicators, in their present version.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorCatalogue)]
struct CatalogueJson {
    items: Vec<&'static Indicator>,
}

/// Lists the indicators, with definition, unit, source, direction, and at which moments they are measured.
#[utoipa::path(
    get, path = "/indicators", operation_id = "indicators_list", tag = "monitoring",
    responses((status = OK, body = CatalogueJson))
)]
async fn list_indicators(_: May<ListIndicators>) -> Result<Reply, Problem> {
    Reply::ok(&CatalogueJson { items: catalogue::present().indicators.iter().collect() })
}

/// A round in which a network's indicators are measured.
#[derive(Serialize, ToSchema)]
#[schema(as = MeasurementRound)]
struct RoundJson {
    id: MeasurementRoundId,
    network: NetworkId,
    programme: ProgrammeId,
    moment: Moment,
    /// The reference day.
    as_of: Day,
    /// Until when answers are asked for; later ones are taken and marked.
    due_on: Day,
    state: State,
    /// The version of the catalogue of indicators.
    catalogue: i32,
    opened_at: Timestamp,
    closed_at: Option<Timestamp>,
    etag: String,
}

impl From<Round> for RoundJson {
    fn from(round: Round) -> Self {
        Self {
            id: round.id,
            network: round.network,
            programme: round.programme,
            moment: round.moment,
            as_of: round.as_of,
            due_on: round.due_on,
            state: round.state,
            catalogue: round.catalogue,
            opened_at: round.opened_at,
            closed_at: round.closed_at,
            etag: etag(round.version),
        }
    }
}

/// A round, and how far its questions are.
#[derive(Serialize, ToSchema)]
#[schema(as = MeasurementRoundRead)]
struct ReadJson {
    #[serde(flatten)]
    round: RoundJson,
    /// Asked, and not answered yet.
    asked: i64,
    /// Of them, those that should have been by now.
    overdue: i64,
    answered: i64,
    /// Answered with a reason why it is not known.
    unknown: i64,
    /// Answered by the service from its records.
    known: i64,
    /// Not on record, and nobody is asked.
    not_on_record: i64,
}

impl ReadJson {
    fn new(round: Round, tally: &Tally) -> Self {
        let of = |standing| tally.by_standing.get(&standing).copied().unwrap_or_default();
        Self {
            round: round.into(),
            asked: of(Standing::Asked),
            overdue: tally.overdue,
            answered: of(Standing::Answered),
            unknown: of(Standing::Unknown),
            known: of(Standing::Known),
            not_on_record: of(Standing::NotOnRecord),
        }
    }
}

/// A round to open.
#[derive(ToSchema)]
#[schema(as = NewMeasurementRound)]
#[expect(dead_code, reason = "describes what `NewRound` reads")]
struct NewRoundJson {
    /// What it measures for. A network has one round for each moment.
    moment: Moment,
    /// The reference day, today or earlier; absent: today.
    as_of: Option<Day>,
    /// Until when answers are asked for.
    due_on: Day,
}

/// Opens a round of a network. What the service has on record it answers itself, with what that was computed from; the
/// rest is asked of the firms.
#[utoipa::path(
    post, path = "/networks/{id}/measurement-rounds", operation_id = "measurement_rounds_open", tag = "monitoring",
    params(("id" = NetworkId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewRoundJson, responses((status = CREATED, body = RoundJson, links(
        ("read" = (operation_id = "measurement_rounds_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn open(
    Shared(base): Shared<Base>,
    may: May<OpenRound>,
    Key(id): Key<NetworkId>,
    Body { value, once }: Body<NewRound>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let round = store::open_round(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/measurement-rounds/{}", round.id), round.version);
        let reply = Reply::created(location, &RoundJson::from(round))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Lists the rounds of a network.
#[utoipa::path(
    get, path = "/networks/{id}/measurement-rounds", operation_id = "measurement_rounds_list", tag = "monitoring",
    params(("id" = NetworkId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<RoundJson>))
)]
async fn list(
    Shared(base): Shared<Base>,
    may: May<ListRounds>,
    Key(id): Key<NetworkId>,
    Params(window): Params<Window>,
) -> Result<Page<RoundJson>, Problem> {
    Ok(store::list_rounds(base.db.reads(), may.actor(), id, &window).await?.map(RoundJson::from))
}

/// Looks at a round, and how far its questions are.
#[utoipa::path(
    get, path = "/measurement-rounds/{id}", operation_id = "measurement_rounds_read", tag = "monitoring",
    params(("id" = MeasurementRoundId, Path)), responses((status = OK, body = ReadJson))
)]
async fn read(
    Shared(base): Shared<Base>,
    may: May<ReadRound>,
    Key(id): Key<MeasurementRoundId>,
) -> Result<Reply, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let round = store::find_round(db, actor, id).await?;
    let today = programmes::store::find(db, actor, round.programme).await?.day(base.clock.now());
    let tally = store::tally(db, actor, &round, today).await?;
    let version = round.version;
    Ok(Reply::ok(&ReadJson::new(round, &tally))?.version(version))
}

/// Closes a round: it takes no more answers, and its figures are told.
#[utoipa::path(
    post, path = "/measurement-rounds/{id}/close", operation_id = "measurement_rounds_close", tag = "monitoring",
    params(
        ("id" = MeasurementRoundId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header),
    ),
    responses((status = OK, body = RoundJson))
)]
async fn close(
    Shared(base): Shared<Base>,
    may: May<CloseRound>,
    Key(id): Key<MeasurementRoundId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let round = store::close_round(&w, id, version).await?;
        let version = round.version;
        let reply = Reply::ok(&RoundJson::from(round))?.version(version);
        Ok(w.done(reply))
    })
    .await
}
