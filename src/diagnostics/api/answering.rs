//! Diagnostics: begun, answered, verified, scored, submitted.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::diagnostics::{
    Answer, Content, Create, Diagnostic, Give, Given, List, NewAnswer, NewDiagnostic, NewVerification,
    Provenance, Read, Score, ScoreWithConsent, State as DiagnosticState, Submit, Verify,
    assisted::Assisted,
    counted,
    prefill::{PrefillSource, Suggestion},
    score::{self, Band},
    store,
};
use crate::foundation::{
    Base,
    access::May,
    clock::{Day, Timestamp},
    db::Once,
    fields::{Fields, Input, Nothing},
    http::{
        Body, IfVersion, Key, Params, Reply, etag,
        list::{Page, Window},
    },
    ids::{AccountId, DiagnosticId, InstrumentId, MandateId, OrganisationId},
    problem::Problem,
    share::Share,
};
use crate::organisations::{
    consents::Purpose,
    interests::Queued,
    reading_log,
    store::{firms, interests},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(read))
        .routes(routes!(scores))
        .routes(routes!(scores_with_consent))
        .routes(routes!(answer))
        .routes(routes!(verify))
        .routes(routes!(submit))
}

/// A diagnostic.
#[derive(Serialize, ToSchema)]
#[schema(as = Diagnostic)]
pub(super) struct DiagnosticJson {
    id: DiagnosticId,
    organisation: OrganisationId,
    /// Code of the instrument that it answers.
    instrument: &'static str,
    instrument_version: i32,
    /// Its id, where an institution has made it.
    instrument_id: Option<InstrumentId>,
    state: DiagnosticState,
    created_at: Timestamp,
    submitted_at: Option<Timestamp>,
    /// The last day on which it counts.
    valid_until: Option<Day>,
    etag: String,
}

impl From<&Diagnostic> for DiagnosticJson {
    fn from(d: &Diagnostic) -> Self {
        Self {
            id: d.id,
            organisation: d.organisation,
            instrument: &d.instrument.code,
            instrument_version: d.instrument.version,
            instrument_id: d.authored,
            state: d.state,
            created_at: d.created_at,
            submitted_at: d.submitted_at,
            valid_until: d.valid_until,
            etag: etag(d.version),
        }
    }
}

/// An answer that was given.
#[derive(Serialize, ToSchema)]
#[schema(as = GivenAnswer)]
pub(super) struct GivenJson {
    question: String,
    provenance: Provenance,
    answer: Answer,
    /// Who issued the certificate.
    issuer: Option<String>,
    /// The client's count of its changes.
    revision: i64,
    answered_at: Timestamp,
    /// Who entered it for the firm, where an adviser did.
    assisted: Option<AssistedJson>,
}

/// An adviser who entered an answer for the firm, under its mandate.
#[derive(Serialize, ToSchema)]
#[schema(as = AssistedEntry)]
struct AssistedJson {
    by: AccountId,
    mandate: MandateId,
    /// When the firm confirmed it; null: it has not, and submits nothing before.
    confirmed_at: Option<Timestamp>,
}

impl From<Assisted> for AssistedJson {
    fn from(assisted: Assisted) -> Self {
        let Assisted { by, mandate, confirmed_at } = assisted;
        Self { by, mandate, confirmed_at }
    }
}

impl From<Given> for GivenJson {
    fn from(given: Given) -> Self {
        let Given { question, provenance, content, revision, answered_at, assisted, .. } = given;
        let Content { answer, issuer, .. } = content;
        let assisted = assisted.map(AssistedJson::from);
        Self { question, provenance, answer, issuer, revision, answered_at, assisted }
    }
}

/// A diagnostic with its answers.
#[derive(Serialize, ToSchema)]
struct AnsweredDiagnostic {
    #[serde(flatten)]
    diagnostic: DiagnosticJson,
    /// By question, then provenance. Of several the strongest provenance counts.
    answers: Vec<GivenJson>,
    /// In a draft: what is known already, from the profile or the last round. It counts once it is confirmed.
    prefilled: Vec<SuggestionJson>,
}

/// An answer that is yet to be confirmed.
#[derive(Serialize, ToSchema)]
#[schema(as = PrefilledAnswer)]
struct SuggestionJson {
    question: String,
    answer: Answer,
    issuer: Option<String>,
    source: PrefillSource,
}

impl From<Suggestion> for SuggestionJson {
    fn from(suggestion: Suggestion) -> Self {
        let Suggestion { question, content: Content { answer, issuer, .. }, source } = suggestion;
        Self { question, answer, issuer, source }
    }
}

/// On what to begin a diagnostic.
#[derive(ToSchema)]
#[schema(as = NewDiagnostic)]
#[expect(dead_code, reason = "describes what `NewDiagnostic` reads")]
struct NewDiagnosticJson {
    /// An instrument of an institution with which one's firm works; absent: the shipped one of one's kind.
    instrument: Option<InstrumentId>,
}

/// Begins a diagnostic of one's organisation. What is known already comes prefilled.
#[utoipa::path(
    post, path = "/diagnostics", operation_id = "diagnostics_create", tag = "diagnostics",
    request_body = NewDiagnosticJson,
    responses((status = CREATED, body = DiagnosticJson, links(
        ("read" = (operation_id = "diagnostics_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn create(
    State(base): State<Base>,
    may: May<Create>,
    Body { value, once }: Body<NewDiagnostic>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let begun = store::create(&w, value.instrument).await?;
        let location = format!("/api/v1/diagnostics/{}", begun.id);
        let reply = Reply::created(location, &DiagnosticJson::from(&begun))?.version(begun.version);
        Ok(w.done(reply))
    })
    .await
}

struct Filter {
    organisation: Option<OrganisationId>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (organisation, window) = (f.optional("organisation"), Window::read(f));
        Some(Self { organisation: organisation?, window: window? })
    }
}

/// Lists the diagnostics of one's organisation, or of a firm with which one's institution works.
#[utoipa::path(
    get, path = "/diagnostics", operation_id = "diagnostics_list", tag = "diagnostics",
    params(
        ("organisation" = Option<OrganisationId>, Query), ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query)
    ),
    responses((status = OK, body = Page<Queued<DiagnosticJson>>))
)]
async fn list(
    State(base): State<Base>,
    may: May<List>,
    Params(filter): Params<Filter>,
) -> Result<Page<Queued<DiagnosticJson>>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), filter.organisation, &filter.window).await?;
    let parties = |diagnostic: &Diagnostic| vec![diagnostic.organisation];
    let shown = |diagnostic: Diagnostic| DiagnosticJson::from(&diagnostic);
    interests::queued(&base, may.actor(), page, parties, shown).await
}

/// Looks at a diagnostic and its answers.
#[utoipa::path(
    get, path = "/diagnostics/{id}", operation_id = "diagnostics_read", tag = "diagnostics",
    params(("id" = DiagnosticId, Path)), responses((status = OK, body = AnsweredDiagnostic))
)]
async fn read(
    State(base): State<Base>,
    may: May<Read>,
    Key(id): Key<DiagnosticId>,
) -> Result<Reply, Problem> {
    let found = store::find(base.db.reads(), may.actor(), id).await?;
    let answers = store::answers(base.db.reads(), may.actor(), &found).await?;
    let now = base.clock.now();
    let prefilled = store::prefilled(base.db.reads(), may.actor(), &found, &answers, now).await?;
    let answered = AnsweredDiagnostic {
        diagnostic: DiagnosticJson::from(&found),
        answers: answers.into_iter().map(GivenJson::from).collect(),
        prefilled: prefilled.into_iter().map(SuggestionJson::from).collect(),
    };
    Ok(Reply::ok(&answered)?.version(found.version))
}

/// A score.
#[derive(Serialize, ToSchema)]
#[schema(as = Score)]
pub(super) struct ScoreJson {
    /// 0 to 100 with one decimal; null while nothing is answered.
    #[schema(example = "72.5")]
    points: Option<String>,
    /// The weight answered over the weight applicable.
    coverage: Share,
    band: Option<Band>,
}

impl From<score::Score> for ScoreJson {
    fn from(score: score::Score) -> Self {
        let points = score.share.map(Share::to_percent);
        Self { points, coverage: score.coverage, band: score.share.map(Band::of) }
    }
}

/// The score of a dimension.
#[derive(Serialize, ToSchema)]
struct DimensionScore {
    /// Code of the dimension.
    dimension: &'static str,
    #[serde(flatten)]
    score: ScoreJson,
}

/// The scores of a diagnostic. What is not answered is neither 0 nor 100 and shows in the coverage.
#[derive(Serialize, ToSchema)]
#[schema(as = Scores)]
struct ScoresJson {
    /// The day for which certificates were counted.
    on: Day,
    /// Whether the diagnostic is older than its last day and counts no longer.
    expired: bool,
    whole: ScoreJson,
    dimensions: Vec<DimensionScore>,
    /// The questions whose answer lies below their minimum.
    knocked_out: Vec<&'static str>,
}

/// Shows the scores of a diagnostic as of today.
#[utoipa::path(
    get, path = "/diagnostics/{id}/scores", operation_id = "diagnostics_score", tag = "diagnostics",
    params(("id" = DiagnosticId, Path)), responses((status = OK, body = ScoresJson))
)]
async fn scores(
    State(base): State<Base>,
    may: May<Score>,
    Key(id): Key<DiagnosticId>,
) -> Result<Reply, Problem> {
    let found = store::find(base.db.reads(), may.actor(), id).await?;
    let answers = store::answers(base.db.reads(), may.actor(), &found).await?;
    let on = firms::day(base.db.reads(), may.actor(), found.organisation, base.clock.now()).await?;
    let scores = score::scores(found.instrument, &counted(answers), on);
    let expired = found.valid_until.is_some_and(|last| last < on);
    Reply::ok(&ScoresJson {
        on,
        expired,
        whole: scores.whole.into(),
        dimensions: dimensions(scores.dimensions),
        knocked_out: scores.knocked_out,
    })
}

/// A supplier's scores, as far as it shares them: no answer, no text, no file.
#[derive(Serialize, ToSchema)]
#[schema(as = SharedScores)]
struct SharedScoresJson {
    supplier: OrganisationId,
    /// The day for which certificates were counted.
    on: Day,
    submitted_at: Option<Timestamp>,
    /// The last day on which the diagnostic counts.
    valid_until: Option<Day>,
    whole: ScoreJson,
    /// With the coverage of each: what is not answered is neither 0 nor 100.
    dimensions: Vec<DimensionScore>,
}

/// Shows the scores per dimension of the diagnostic that a supplier has submitted last, to a lead firm to which it has
/// consented for `diagnostic`. The supplier reads in its log who has looked at them.
#[utoipa::path(
    get, path = "/suppliers/{id}/diagnostic-scores", operation_id = "diagnostics_score_with_consent",
    tag = "diagnostics", params(("id" = OrganisationId, Path)),
    responses((status = OK, body = SharedScoresJson))
)]
async fn scores_with_consent(
    State(base): State<Base>,
    may: May<ScoreWithConsent>,
    Key(supplier): Key<OrganisationId>,
) -> Result<Reply, Problem> {
    let (found, answers) = store::with_consent(base.db.reads(), may.actor(), supplier).await?;
    let reading = vec![(supplier, found.id.0)];
    reading_log::note(&base, may, Purpose::Diagnostic, "diagnostic_scores", reading).await?;
    let on = firms::day(base.db.reads(), may.actor(), found.organisation, base.clock.now()).await?;
    let scores = score::scores(found.instrument, &counted(answers), on);
    Reply::ok(&SharedScoresJson {
        supplier,
        on,
        submitted_at: found.submitted_at,
        valid_until: found.valid_until,
        whole: scores.whole.into(),
        dimensions: dimensions(scores.dimensions),
    })
}

fn dimensions(scores: Vec<(&'static str, score::Score)>) -> Vec<DimensionScore> {
    scores.into_iter().map(|(dimension, score)| DimensionScore { dimension, score: score.into() }).collect()
}

/// An answer to give: a value, or that the question does not apply.
#[derive(ToSchema)]
#[schema(as = NewAnswer)]
#[expect(dead_code, reason = "describes what `NewAnswer` reads")]
pub(super) struct NewAnswerJson {
    /// By the question's kind: a level (`3`), yes or no (`true`), a number (`"97.5"`), the day on which the
    /// certificate expires (`"2027-01-31"`) or `false` for none.
    #[schema(value_type = Option<serde_json::Value>, example = 3)]
    value: Option<serde_json::Value>,
    /// `true` in place of a value.
    #[schema(default = false, required = false)]
    not_applicable: bool,
    /// Who issued the certificate.
    #[schema(max_length = 120)]
    issuer: Option<String>,
    /// The client's count of its changes: an older one never overwrites a newer one.
    #[schema(minimum = 1)]
    revision: i64,
}

pub(super) fn saved((diagnostic, given): (Diagnostic, Given)) -> Result<Reply, Problem> {
    Ok(Reply::ok(&GivenJson::from(given))?.version(diagnostic.version))
}

/// Saves one's answer to one question. The `ETag` is the diagnostic's; sending the same again changes
/// nothing.
#[utoipa::path(
    put, path = "/diagnostics/{id}/answers/{question}", operation_id = "diagnostics_answer", tag = "diagnostics",
    params(("id" = DiagnosticId, Path), ("question" = String, Path, example = "delivery-on-time")),
    request_body = NewAnswerJson, responses((status = OK, body = GivenJson))
)]
async fn answer(
    State(base): State<Base>,
    may: May<Give>,
    Key((id, question)): Key<(DiagnosticId, String)>,
    Body { value, .. }: Body<NewAnswer>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        let reply = saved(store::answer(&w, id, &question, &value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// A verifier's answer.
#[derive(ToSchema)]
#[schema(as = NewVerification)]
#[expect(dead_code, reason = "describes what `NewVerification` reads")]
struct NewVerificationJson {
    /// `document`, `visit` or `performance`.
    provenance: Provenance,
    #[schema(value_type = Option<serde_json::Value>, example = 2)]
    value: Option<serde_json::Value>,
    #[schema(default = false, required = false)]
    not_applicable: bool,
    #[schema(max_length = 120)]
    issuer: Option<String>,
    #[schema(minimum = 1)]
    revision: i64,
}

/// Saves a verifier's answer beside the organisation's own, which stays as it is.
#[utoipa::path(
    put, path = "/diagnostics/{id}/verifications/{question}", operation_id = "diagnostics_verify",
    tag = "diagnostics",
    params(("id" = DiagnosticId, Path), ("question" = String, Path, example = "delivery-on-time")),
    request_body = NewVerificationJson, responses((status = OK, body = GivenJson))
)]
async fn verify(
    State(base): State<Base>,
    may: May<Verify>,
    Key((id, question)): Key<(DiagnosticId, String)>,
    Body { value, .. }: Body<NewVerification>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        let reply = saved(store::verify(&w, id, &question, &value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Submits a diagnostic: it counts for twelve months and can't be changed any more.
#[utoipa::path(
    post, path = "/diagnostics/{id}/submit", operation_id = "diagnostics_submit", tag = "diagnostics",
    params(("id" = DiagnosticId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = DiagnosticJson))
)]
async fn submit(
    State(base): State<Base>,
    may: May<Submit>,
    Key(id): Key<DiagnosticId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let submitted = store::submit(&w, id, version).await?;
        let reply = Reply::ok(&DiagnosticJson::from(&submitted))?.version(submitted.version);
        Ok(w.done(reply))
    })
    .await
}
