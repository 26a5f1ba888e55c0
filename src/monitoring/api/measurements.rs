//! What is measured of firms, and their answers.

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::DECIMALS;
use crate::{
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        fields::{Fields, Input},
        figure::{Figure, brief},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{MeasurementId, MeasurementRoundId, NetworkId, OrganisationId},
        problem::Problem,
    },
    monitoring::{
        AnswerMeasurement, ListMeasurements, ReadMeasurement,
        catalogue::{Direction, Reporter},
        rounds::{Because, Given, Measurement, Moment, NewAnswer, Said, Standing},
        store::{self, Filter},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)).routes(routes!(answer))
}

/// An indicator of a firm in a round.
#[derive(Serialize, ToSchema)]
#[schema(as = Measurement)]
struct MeasurementJson {
    id: MeasurementId,
    round: MeasurementRoundId,
    network: NetworkId,
    moment: Moment,
    /// The reference day.
    as_of: Day,
    /// The firm of which it speaks.
    firm: OrganisationId,
    #[schema(example = "employment")]
    indicator: String,
    /// What is asked, in the caller's language; null where nobody is.
    question: Option<String>,
    /// Who answers.
    reporter: Reporter,
    /// The unit, which an answer repeats.
    #[schema(example = "persons")]
    unit: String,
    direction: Direction,
    state: Standing,
    due_on: Day,
    /// Whether it should have been answered by now.
    overdue: bool,
    reminded_at: Option<Timestamp>,
    /// Null: unknown, which is no 0. At most six decimals of what was computed exactly.
    #[schema(example = "12.5")]
    value: Option<String>,
    /// Why it is unknown.
    unknown: Option<Because>,
    note: Option<String>,
    /// Whether the answer came after the due day.
    late: bool,
    answered_at: Option<Timestamp>,
    /// How many answers there are: an answer is never overwritten.
    revision: i64,
    etag: String,
}

/// An indicator of a firm in a round, with every answer.
#[derive(Serialize, ToSchema)]
#[schema(as = MeasurementRead)]
struct ReadJson {
    #[serde(flatten)]
    measurement: MeasurementJson,
    /// Every answer, the oldest first.
    answers: Vec<GivenJson>,
}

/// An answer as it was given, or found on record.
#[derive(Serialize, ToSchema)]
#[schema(as = MeasurementAnswer)]
struct GivenJson {
    revision: i64,
    value: Option<String>,
    unknown: Option<Because>,
    note: Option<String>,
    /// What it was computed from, where the service has it on record.
    basis: Option<serde_json::Value>,
    late: bool,
    answered_at: Timestamp,
}

impl From<&Given> for GivenJson {
    fn from(given: &Given) -> Self {
        let (unknown, note) = reason(Some(given));
        Self {
            revision: given.revision,
            value: given.said.value().map(|value| brief(value, DECIMALS)),
            unknown,
            note,
            basis: given.basis.clone(),
            late: given.late,
            answered_at: given.at,
        }
    }
}

fn reason(given: Option<&Given>) -> (Option<Because>, Option<String>) {
    match given.map(|given| &given.said) {
        Some(Said::Unknown(because, note)) => (Some(*because), note.clone()),
        _ => (None, None),
    }
}

impl MeasurementJson {
    fn new(found: &Measurement, locale: crate::foundation::i18n::Locale) -> Self {
        let (present, indicator) = (found.present(), found.indicator);
        let (unknown, note) = reason(present);
        Self {
            id: found.id,
            round: found.round.id,
            network: found.round.network,
            moment: found.round.moment,
            as_of: found.round.as_of,
            firm: found.firm,
            indicator: indicator.code.clone(),
            question: indicator.question.as_ref().map(|text| text.get(locale).to_owned()),
            reporter: indicator.reporter,
            unit: found.unit.clone(),
            direction: indicator.direction,
            state: found.standing,
            due_on: found.round.due_on,
            overdue: found.overdue,
            reminded_at: found.reminded_at,
            value: present.and_then(|given| given.said.value()).map(|value| brief(value, DECIMALS)),
            unknown,
            note,
            late: present.is_some_and(|given| given.late),
            answered_at: present.map(|given| given.at),
            revision: present.map_or(0, |given| given.revision),
            etag: etag(found.version),
        }
    }
}

fn shown(found: &Measurement, locale: crate::foundation::i18n::Locale) -> Result<Reply, Problem> {
    let answers = found.answers.iter().map(GivenJson::from).collect();
    let json = ReadJson { measurement: MeasurementJson::new(found, locale), answers };
    Ok(Reply::ok(&json)?.version(found.version))
}

struct Listed {
    filter: Filter,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (round, firm) = (f.optional("round"), f.optional("firm"));
        let (indicator, state) = (f.optional_text("indicator", 1..=60), f.optional("state"));
        let (overdue, window) = (f.or("overdue", false), Window::read(f));
        let filter =
            Filter { round: round?, firm: firm?, indicator: indicator?, state: state?, overdue: overdue? };
        Some(Self { filter, window: window? })
    }
}

/// Lists what is measured of one's firm; for the institution, of the networks that one sees. `overdue=true` is the list
/// of reminders.
#[utoipa::path(
    get, path = "/measurements", operation_id = "measurements_list", tag = "monitoring",
    params(
        ("round" = Option<MeasurementRoundId>, Query), ("firm" = Option<OrganisationId>, Query),
        ("indicator" = Option<String>, Query), ("state" = Option<Standing>, Query), ("overdue" = Option<bool>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<MeasurementJson>))
)]
async fn list(
    Shared(base): Shared<Base>,
    may: May<ListMeasurements>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Page<MeasurementJson>, Problem> {
    let (actor, now) = (may.actor(), base.clock.now());
    let page = store::list_measurements(base.db.reads(), actor, filter, now, &window).await?;
    Ok(page.map(|found| MeasurementJson::new(&found, actor.locale)))
}

/// Looks at what was measured, with every answer and what the service computed its own from.
#[utoipa::path(
    get, path = "/measurements/{id}", operation_id = "measurements_read", tag = "monitoring",
    params(("id" = MeasurementId, Path)), responses((status = OK, body = ReadJson))
)]
async fn read(
    Shared(base): Shared<Base>,
    may: May<ReadMeasurement>,
    Key(id): Key<MeasurementId>,
) -> Result<Reply, Problem> {
    let found = store::find_measurement(base.db.reads(), may.actor(), id, base.clock.now()).await?;
    shown(&found, may.actor().locale)
}

/// A value with its unit, or a reason why it is unknown.
#[derive(ToSchema)]
#[schema(as = NewMeasurementAnswer)]
#[expect(dead_code, reason = "describes what `NewAnswer` reads")]
struct NewAnswerJson {
    value: Option<Figure>,
    /// The unit of the value: that of the question.
    #[schema(example = "persons")]
    unit: Option<String>,
    /// In place of a value: why there is none.
    unknown: Option<Because>,
    /// What else is to be said of that.
    note: Option<String>,
}

/// Answers for one's firm or institution. Answers of before stay on record; one after the due day is taken and marked.
#[utoipa::path(
    put, path = "/measurements/{id}/answer", operation_id = "measurements_answer", tag = "monitoring",
    params(("id" = MeasurementId, Path), ("If-Match" = String, Header)),
    request_body = NewAnswerJson, responses((status = OK, body = ReadJson))
)]
async fn answer(
    Shared(base): Shared<Base>,
    may: May<AnswerMeasurement>,
    Key(id): Key<MeasurementId>,
    version: IfVersion,
    Body { value, once }: Body<NewAnswer>,
) -> Result<Reply, Problem> {
    let locale = may.actor().locale;
    base.write(may, once, async |w| {
        let found = store::answer(&w, id, version, value).await?;
        let reply = shown(&found, locale)?;
        Ok(w.done(reply))
    })
    .await
}
