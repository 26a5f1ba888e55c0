//! Good practices.

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        clock::Timestamp,
        fields::{Fields, Input, Nothing, Reason},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{NetworkId, OrganisationId, PracticeId, ProgrammeId},
        problem::Problem,
    },
    monitoring::{
        AdoptPractice, ChangePractice, ListAdoptions, ListPractices, PublishPractice, ReadPractice,
        RetirePractice, ReturnPractice, SubmitPractice, WithdrawAdoption, WritePractice,
        figures::Withheld,
        practices::{
            Adoption, Cited, Content, Dimension, Figures, NewAdoption, NewPractice, Practice, State, folded,
        },
        rounds::Moment,
        store::{self, PracticeFilter},
    },
    organisations::{interests::Queued, store::interests},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(write, list))
        .routes(routes!(read, change))
        .routes(routes!(submit))
        .routes(routes!(send_back))
        .routes(routes!(publish))
        .routes(routes!(retire))
        .routes(routes!(adopt, withdraw))
        .routes(routes!(adoptions))
}

/// A good practice.
#[derive(Serialize, ToSchema)]
#[schema(as = Practice)]
struct PracticeJson {
    id: PracticeId,
    programme: ProgrammeId,
    /// The institution that reviews it.
    institution: OrganisationId,
    /// The firm or institution that wrote it; null where others may not know.
    author: Option<OrganisationId>,
    state: State,
    title: String,
    summary: String,
    /// How it is done.
    body: String,
    /// What shows that it works, in words.
    evidence: String,
    dimension: Dimension,
    tags: Vec<String>,
    /// Figures that it cites; before it is published, without values.
    figures: Vec<FigureJson>,
    /// Why it was sent back, or retired.
    reason: Option<String>,
    published_at: Option<Timestamp>,
    adopted: AdoptedJson,
    etag: String,
}

/// A figure that a practice cites: a network's indicator beside its baseline, over five firms at least.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeFigure)]
struct FigureJson {
    /// For its institution alone.
    network: Option<NetworkId>,
    #[schema(example = "on-time")]
    indicator: String,
    moment: Moment,
    unit: Option<String>,
    firms: Option<usize>,
    mean_before: Option<String>,
    mean_after: Option<String>,
    change_percent: Option<String>,
}

/// Who has adopted it.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeAdopted)]
struct AdoptedJson {
    institutions: usize,
    /// Null: fewer than five, and some.
    firms: Option<usize>,
    withheld: Option<Withheld>,
    /// Whether one's own organisation has.
    own: bool,
}

impl FigureJson {
    fn cited(cited: Cited, is_own: bool) -> Self {
        Self {
            network: is_own.then_some(cited.network),
            indicator: cited.indicator,
            moment: cited.moment,
            unit: None,
            firms: None,
            mean_before: None,
            mean_after: None,
            change_percent: None,
        }
    }

    fn frozen(figures: Figures, is_own: bool) -> Self {
        Self {
            unit: Some(figures.unit),
            firms: Some(figures.firms),
            mean_before: Some(figures.mean_before),
            mean_after: Some(figures.mean_after),
            change_percent: figures.change_percent,
            ..Self::cited(figures.cited, is_own)
        }
    }
}

impl PracticeJson {
    fn new(practice: Practice, actor: &Actor) -> Self {
        let is_own = practice.institution == actor.organisation;
        let shows_author = practice.shows_author_to(actor.organisation);
        let told = practice.adopted.firms_told();
        let figures = if practice.published_at.is_some() {
            practice.figures.into_iter().map(|figures| FigureJson::frozen(figures, is_own)).collect()
        } else {
            practice.content.indicators.into_iter().map(|cited| FigureJson::cited(cited, is_own)).collect()
        };
        Self {
            id: practice.id,
            programme: practice.programme,
            institution: practice.institution,
            author: shows_author.then_some(practice.author),
            state: practice.state,
            title: practice.content.title,
            summary: practice.content.summary,
            body: practice.content.body,
            evidence: practice.content.evidence,
            dimension: practice.content.dimension,
            tags: practice.content.tags,
            figures,
            reason: practice.reason,
            published_at: practice.published_at,
            adopted: AdoptedJson {
                institutions: practice.adopted.institutions,
                firms: told.ok(),
                withheld: told.err(),
                own: practice.adopted.own,
            },
            etag: etag(practice.version),
        }
    }
}

fn answer(practice: Practice, actor: &Actor) -> Result<Reply, Problem> {
    let version = practice.version;
    Ok(Reply::ok(&PracticeJson::new(practice, actor))?.version(version))
}

/// A figure to cite.
#[derive(ToSchema)]
#[schema(as = CitedFigure)]
#[expect(dead_code, reason = "describes what `Cited` reads")]
struct CitedJson {
    /// A network of the programme.
    network: NetworkId,
    #[schema(example = "on-time")]
    indicator: String,
    /// The moment that is compared with the baseline.
    moment: Moment,
}

/// What a practice says.
#[derive(ToSchema)]
#[schema(as = PracticeContent)]
#[expect(dead_code, reason = "describes what `Content` reads")]
struct ContentJson {
    #[schema(example = "Tablero de calidad por turno")]
    title: String,
    summary: String,
    /// How it is done.
    body: String,
    /// What shows that it works, in words.
    evidence: String,
    dimension: Dimension,
    /// Words by which it is found.
    tags: Option<Vec<String>>,
    /// Figures that show it; only the institution knows any.
    indicators: Option<Vec<CitedJson>>,
}

/// A practice to write up.
#[derive(ToSchema)]
#[schema(as = NewPractice)]
#[expect(dead_code, reason = "describes what `NewPractice` reads")]
struct NewPracticeJson {
    /// The programme from which it comes.
    programme: ProgrammeId,
    #[schema(example = "Tablero de calidad por turno")]
    title: String,
    summary: String,
    /// How it is done.
    body: String,
    /// What shows that it works, in words.
    evidence: String,
    dimension: Dimension,
    /// Words by which it is found.
    tags: Option<Vec<String>>,
    /// Figures that show it; only the institution knows any.
    indicators: Option<Vec<CitedJson>>,
}

/// Writes a good practice up; a firm proposes one to the institution of its programme that way.
#[utoipa::path(
    post, path = "/practices", operation_id = "practices_write", tag = "monitoring",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewPracticeJson,
    responses((status = CREATED, body = PracticeJson, links(
        ("read" = (operation_id = "practices_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn write(
    Shared(base): Shared<Base>,
    may: May<WritePractice>,
    Body { value, once }: Body<NewPractice>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let practice = store::write_practice(&w, value).await?;
        let (location, version) = (format!("/api/v1/practices/{}", practice.id), practice.version);
        let reply = Reply::created(location, &PracticeJson::new(practice, w.actor()))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

struct Listed {
    filter: PracticeFilter,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (q, dimension) = (f.optional_text("q", 1..=200), f.optional("dimension"));
        let (tag, state) = (f.optional_text("tag", 1..=40), f.optional("state"));
        let (programme, window) = (f.optional("programme"), Window::read(f));
        let words = q?.map(|text| PracticeFilter::words_of(&text)).unwrap_or_default();
        let tag = tag?.map(|tag| folded(&tag).replace(['%', '_', '\\'], ""));
        let filter =
            PracticeFilter { words, dimension: dimension?, tag, state: state?, programme: programme? };
        Some(Self { filter, window: window? })
    }
}

/// Lists the practices that one sees: all that are published, and one's own. `q` finds those in which all of its words
/// stand, whatever their capitals and accents.
#[utoipa::path(
    get, path = "/practices", operation_id = "practices_list", tag = "monitoring",
    params(
        ("q" = Option<String>, Query), ("dimension" = Option<Dimension>, Query), ("tag" = Option<String>, Query),
        ("state" = Option<State>, Query), ("programme" = Option<ProgrammeId>, Query), ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<Queued<PracticeJson>>))
)]
async fn list(
    Shared(base): Shared<Base>,
    may: May<ListPractices>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Page<Queued<PracticeJson>>, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let page = store::list_practices(db, actor, filter, &window).await?;
    // Of others' practices nobody is to learn who wrote them.
    let is_reviewed =
        |one: &&Practice| one.institution == actor.organisation && one.author != one.institution;
    let parties = |one: &Practice| Some(one).filter(is_reviewed).map(|one| one.author).into_iter().collect();
    let parties: Vec<_> = page.items.iter().map(parties).collect();
    let mut recused = interests::recused(db, actor, base.clock.now(), &parties).await?.into_iter();
    Ok(page.map(|practice| Queued::new(PracticeJson::new(practice, actor), recused.next().flatten())))
}

/// Looks at a practice.
#[utoipa::path(
    get, path = "/practices/{id}", operation_id = "practices_read", tag = "monitoring",
    params(("id" = PracticeId, Path)), responses((status = OK, body = PracticeJson))
)]
async fn read(
    Shared(base): Shared<Base>,
    may: May<ReadPractice>,
    Key(id): Key<PracticeId>,
) -> Result<Reply, Problem> {
    answer(store::find_practice(base.db.reads(), may.actor(), id).await?, may.actor())
}

/// Rewrites a draft of one's organisation.
#[utoipa::path(
    put, path = "/practices/{id}", operation_id = "practices_change", tag = "monitoring",
    params(("id" = PracticeId, Path), ("If-Match" = String, Header)), request_body = ContentJson,
    responses((status = OK, body = PracticeJson))
)]
async fn change(
    Shared(base): Shared<Base>,
    may: May<ChangePractice>,
    Key(id): Key<PracticeId>,
    version: IfVersion,
    Body { value, once }: Body<Content>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::change_practice(&w, id, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Asks for the review of a draft of one's organisation.
#[utoipa::path(
    post, path = "/practices/{id}/submit", operation_id = "practices_submit", tag = "monitoring",
    params(("id" = PracticeId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = OK, body = PracticeJson))
)]
async fn submit(
    Shared(base): Shared<Base>,
    may: May<SubmitPractice>,
    Key(id): Key<PracticeId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::submit_practice(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Sends a practice back to whoever wrote it, with a reason. Nobody reviews what they wrote.
#[utoipa::path(
    post, path = "/practices/{id}/return", operation_id = "practices_return", tag = "monitoring",
    params(("id" = PracticeId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Reason, responses((status = OK, body = PracticeJson))
)]
async fn send_back(
    Shared(base): Shared<Base>,
    may: May<ReturnPractice>,
    Key(id): Key<PracticeId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::return_practice(&w, id, version, value.reason).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Publishes a practice, with the figures that it cites as they are now: each must be one that is told. Nobody publishes
/// what they wrote.
#[utoipa::path(
    post, path = "/practices/{id}/publish", operation_id = "practices_publish", tag = "monitoring",
    params(("id" = PracticeId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = OK, body = PracticeJson))
)]
async fn publish(
    Shared(base): Shared<Base>,
    may: May<PublishPractice>,
    Key(id): Key<PracticeId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::publish_practice(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Recommends a practice of one's institution no more, with a reason.
#[utoipa::path(
    post, path = "/practices/{id}/retire", operation_id = "practices_retire", tag = "monitoring",
    params(("id" = PracticeId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Reason, responses((status = OK, body = PracticeJson))
)]
async fn retire(
    Shared(base): Shared<Base>,
    may: May<RetirePractice>,
    Key(id): Key<PracticeId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::retire_practice(&w, id, version, value.reason).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// A statement that one's organisation has adopted a practice.
#[derive(ToSchema)]
#[schema(as = NewPracticeAdoption)]
#[expect(dead_code, reason = "describes what `NewAdoption` reads")]
struct NewAdoptionJson {
    /// What it has done with it; its institution reads that.
    note: Option<String>,
}

/// Says that one's organisation has adopted a practice; saying it again changes the note.
#[utoipa::path(
    put, path = "/practices/{id}/adoption", operation_id = "practices_adopt", tag = "monitoring",
    params(("id" = PracticeId, Path)), request_body = NewAdoptionJson, responses((status = OK, body = PracticeJson))
)]
async fn adopt(
    Shared(base): Shared<Base>,
    may: May<AdoptPractice>,
    Key(id): Key<PracticeId>,
    Body { value, once }: Body<NewAdoption>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::adopt_practice(&w, id, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Takes that back.
#[utoipa::path(
    delete, path = "/practices/{id}/adoption", operation_id = "practices_withdraw_adoption", tag = "monitoring",
    params(("id" = PracticeId, Path)), responses((status = NO_CONTENT))
)]
async fn withdraw(
    Shared(base): Shared<Base>,
    may: May<WithdrawAdoption>,
    Key(id): Key<PracticeId>,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::withdraw_adoption(&w, id).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// An adoption that stands.
#[derive(Serialize, ToSchema)]
#[schema(as = PracticeAdoption)]
struct AdoptionJson {
    organisation: OrganisationId,
    adopted_at: Timestamp,
    note: Option<String>,
}

impl From<Adoption> for AdoptionJson {
    fn from(adoption: Adoption) -> Self {
        Self { organisation: adoption.organisation, adopted_at: adoption.adopted_at, note: adoption.note }
    }
}

/// Lists who has adopted a practice of one's institution.
#[utoipa::path(
    get, path = "/practices/{id}/adoptions", operation_id = "practices_adoptions", tag = "monitoring",
    params(("id" = PracticeId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<AdoptionJson>))
)]
async fn adoptions(
    Shared(base): Shared<Base>,
    may: May<ListAdoptions>,
    Key(id): Key<PracticeId>,
    Params(window): Params<Window>,
) -> Result<Page<AdoptionJson>, Problem> {
    Ok(store::list_adoptions(base.db.reads(), may.actor(), id, &window).await?.map(AdoptionJson::from))
}
