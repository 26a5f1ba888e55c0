//! The JSON operations of this stage.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Channel, Filter, List, MarkRead, Marked, Notice, Preferences, PutPreferences, ReadPreferences, Topic,
    store, text_key,
};
use crate::foundation::{
    Base,
    access::May,
    clock::Timestamp,
    http::{Body, Params, Reply, list::Page},
    i18n::Locale,
    ids::NoticeId,
    problem::Problem,
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .merge(super::events::routes())
        .routes(routes!(mark_read))
        .routes(routes!(read_preferences, put_preferences))
}

/// Something that has happened, of which one is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Notice)]
pub(super) struct NoticeJson {
    id: NoticeId,
    topic: Topic,
    /// The operation that was done.
    #[schema(example = "matches.approve")]
    event: String,
    /// What was done, in the reader's language.
    #[schema(example = "La institución aprobó el emparejamiento.")]
    text: String,
    /// To what: the plural noun of the API.
    #[schema(example = "matches")]
    subject: String,
    subject_id: Uuid,
    at: Timestamp,
    read_at: Option<Timestamp>,
}

impl NoticeJson {
    pub(super) fn new(notice: Notice, locale: Locale) -> Self {
        let Notice { id, topic, event, subject, subject_id, at, read_at } = notice;
        Self { text: locale.text(&text_key(&event)), id, topic, event, subject, subject_id, at, read_at }
    }
}

/// Lists one's notices. They say what has happened to which thing, and nothing that the thing itself would not tell.
#[utoipa::path(
    get, path = "/notices", operation_id = "notices_list", tag = "notices",
    params(
        ("unread" = Option<bool>, Query), ("topic" = Option<Topic>, Query), ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<NoticeJson>))
)]
async fn list(
    State(base): State<Base>,
    may: May<List>,
    Params(filter): Params<Filter>,
) -> Result<Page<NoticeJson>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), &filter).await?;
    Ok(page.map(|notice| NoticeJson::new(notice, may.actor().locale)))
}

/// Which notices are read.
#[derive(ToSchema)]
#[schema(as = ReadNotices)]
#[expect(dead_code, reason = "describes what `Marked` reads")]
struct MarkedJson {
    /// Absent or empty: all.
    notices: Option<Vec<NoticeId>>,
}

/// How many notices were marked.
#[derive(Serialize, ToSchema)]
#[schema(as = MarkedNotices)]
struct CountJson {
    marked: u64,
}

/// Marks notices of one's own as read: those that are named, or all.
#[utoipa::path(
    post, path = "/notices/read", operation_id = "notices_mark_read", tag = "notices",
    request_body = MarkedJson, responses((status = OK, body = CountJson))
)]
async fn mark_read(
    State(base): State<Base>,
    may: May<MarkRead>,
    Body { value, once }: Body<Marked>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let marked = store::mark_read(&w, &value).await?;
        let reply = Reply::ok(&CountJson { marked })?;
        Ok(w.done(reply))
    })
    .await
}

/// How one is told.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticePreferences)]
struct PreferencesJson {
    /// Topics that are left out are told in the usual way: in the inbox, and in a letter a day.
    #[schema(required = false, nullable = true)]
    topics: Vec<Channel>,
}

/// How one is told, of every topic.
#[utoipa::path(
    get, path = "/notice-preferences", operation_id = "notice_preferences_read", tag = "notices",
    responses((status = OK, body = PreferencesJson))
)]
async fn read_preferences(State(base): State<Base>, may: May<ReadPreferences>) -> Result<Reply, Problem> {
    let Preferences { topics } = store::preferences(base.db.reads(), may.actor()).await?;
    Reply::ok(&PreferencesJson { topics })
}

/// Says how one is told from now on: in the inbox or not, and by e-mail at once, once a day, once a week or never.
#[utoipa::path(
    put, path = "/notice-preferences", operation_id = "notice_preferences_put", tag = "notices",
    request_body = PreferencesJson, responses((status = NO_CONTENT))
)]
async fn put_preferences(
    State(base): State<Base>,
    may: May<PutPreferences>,
    Body { value, once }: Body<Preferences>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::put_preferences(&w, &value).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}
