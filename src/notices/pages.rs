//! Notices at the screen: what is new, one of them with where it leads, and how one is told.

use askama::Template;
use axum::{
    Router,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use super::{
    Channel, Filter, List, MarkRead, Marked, Notice, Preferences, PutPreferences, ReadPreferences, Rhythm,
    Thing, Topic, store, text_key,
};
use crate::foundation::{
    Base,
    access::{Actor, Kind, May},
    fields::{Fields, Input, Nothing},
    http::{
        Key, Params, Reply,
        list::{Page as ListPage, Paged},
    },
    i18n::Locale,
    ids::NoticeId,
    page::{Entry, Form, News, Page, View, filters, or_again, show, show_again},
    problem::Problem,
    zone::Zone,
};

/// So many notices stand on one page.
const PAGE: u64 = 25;

/// Whose pages are addressed as they are in the API.
const WITH_PAGES: &[&str] = &[
    "requirements",
    "gap-acts",
    "plans",
    "matches",
    "contracts",
    "diagnostics",
    "objections",
    "networks",
    "questions",
    "calls",
    "proposals",
    "projects",
    "practices",
];

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[Entry { path: "/notices", text: "notices-title", kinds: Kind::ALL }];

/// Counts what is new for whoever has logged in, for the menu.
pub async fn count_unread(State(base): State<Base>, mut request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Actor>().copied();
    if let Some(actor) = actor.filter(|actor| actor.kind().is_some()) {
        match store::count_unread(base.db.reads(), &actor).await {
            Ok(count) => {
                request.extensions_mut().insert(News { path: "/notices", count });
            }
            Err(problem) => return problem.into_response(),
        }
    }
    next.run(request).await
}

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/notices", get(list))
        .route("/notices/read", post(mark_all))
        .route("/notices/preferences", get(preferences_page).post(prefer))
        .route("/notices/{id}", get(read).post(mark))
}

impl Thing {
    /// In a line: the decision, the thing, its lot, the other firm.
    fn line(&self, locale: Locale) -> String {
        let objected = self.objected.map(|about| locale.text(&format!("objection-about-{about}")));
        let parts = [objected, self.title.clone(), self.lot.clone(), self.firm.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

/// The notices, each with what it is about.
async fn lines(
    base: &Base,
    actor: &Actor,
    locale: Locale,
    notices: Vec<Notice>,
) -> Result<Vec<(Notice, String)>, Problem> {
    let things = store::named(base.db.reads(), actor, &notices, base.clock.now()).await?;
    let line = |notice: Notice| {
        let thing = things.get(&notice.subject_id).map(|thing| thing.line(locale));
        (notice, thing.unwrap_or_default())
    };
    Ok(notices.into_iter().map(line).collect())
}

impl Notice {
    /// The page of what it is about, where there is one.
    fn address(&self) -> Option<String> {
        WITH_PAGES.contains(&self.subject.as_str()).then(|| format!("/{}/{}", self.subject, self.subject_id))
    }

    fn key(&self) -> String {
        text_key(&self.event)
    }
}

#[derive(Template)]
#[template(path = "notices/list.html")]
struct NoticesPage {
    /// Each with what it is about, in words.
    items: Vec<(Notice, String)>,
    next: Option<String>,
    prev: Option<String>,
    zone: Zone,
}

impl Page for NoticesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("notices-title")
    }
}

async fn list(
    State(base): State<Base>,
    view: View,
    may: May<List>,
    Params(Paged(window)): Params<Paged<PAGE>>,
) -> Result<Response, Problem> {
    let filter = Filter { unread: true, topic: None, window: window.newest_first() };
    let ListPage { items, next, prev } = store::list(base.db.reads(), may.actor(), &filter).await?;
    let items = lines(&base, may.actor(), view.locale, items).await?;
    show(&view, &NoticesPage { items, next, prev, zone: view.zone() })
}

#[derive(Template)]
#[template(path = "notices/notice.html")]
struct NoticePage {
    notice: Notice,
    /// What it is about; empty where its reader sees that no more.
    thing: String,
    zone: Zone,
}

impl Page for NoticePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(&self.notice.key())
    }
}

async fn read(
    State(base): State<Base>,
    view: View,
    may: May<List>,
    Key(id): Key<NoticeId>,
) -> Result<Response, Problem> {
    let notice = store::find(base.db.reads(), may.actor(), id).await?;
    let mut lines = lines(&base, may.actor(), view.locale, vec![notice]).await?;
    let (notice, thing) = lines.pop().ok_or_else(Problem::not_found)?;
    show(&view, &NoticePage { notice, thing, zone: view.zone() })
}

async fn mark(
    State(base): State<Base>,
    may: May<MarkRead>,
    Key(id): Key<NoticeId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let notice = store::find(base.db.reads(), may.actor(), id).await?;
    mark_read(&base, may, form, vec![notice.id]).await
}

async fn mark_all(
    State(base): State<Base>,
    may: May<MarkRead>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    mark_read(&base, may, form, Vec::new()).await
}

async fn mark_read(
    base: &Base,
    may: May<MarkRead>,
    form: Form<Nothing>,
    notices: Vec<NoticeId>,
) -> Result<Response, Problem> {
    let marked = base.write(may, form.once, async |w| {
        store::mark_read(&w, &Marked { notices }).await?;
        Ok(w.done(Reply::see_other("/notices")))
    });
    Ok(marked.await?.into_response())
}

#[derive(Template)]
#[template(path = "notices/preferences.html")]
struct PreferencesPage {
    topics: Vec<Channel>,
    rhythms: Vec<(Rhythm, String)>,
}

impl PreferencesPage {
    fn of(Preferences { topics }: Preferences, locale: Locale) -> Self {
        let named = |rhythm: &Rhythm| (*rhythm, locale.text(&format!("notice-mail-{}", rhythm.word())));
        Self { topics, rhythms: Rhythm::ALL.iter().map(named).collect() }
    }

    fn field(row: impl std::fmt::Display, name: &str) -> String {
        format!("topics-{row}-{name}")
    }
}

impl Page for PreferencesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("notice-preferences-title")
    }
}

async fn preferences_page(
    State(base): State<Base>,
    view: View,
    may: May<ReadPreferences>,
) -> Result<Response, Problem> {
    let preferences = store::preferences(base.db.reads(), may.actor()).await?;
    show(&view, &PreferencesPage::of(preferences, view.locale))
}

/// How one is told of a topic, as the form says it: a box that is not ticked is not sent.
struct Ticked(Channel);

impl Input for Ticked {
    fn read(f: &mut Fields) -> Option<Self> {
        let (topic, inbox, mail) = (f.required("topic"), f.or("inbox", false), f.required("mail"));
        Some(Self(Channel { topic: topic?, inbox: inbox?, mail: mail? }))
    }
}

/// What the form holds.
struct Chosen(Preferences);

impl Input for Chosen {
    fn read(f: &mut Fields) -> Option<Self> {
        let said: Vec<Ticked> = f.list("topics", Topic::ALL.len())?;
        Some(Self(Preferences::complete(said.into_iter().map(|Ticked(channel)| channel))))
    }
}

async fn prefer(
    State(base): State<Base>,
    view: View,
    may: May<PutPreferences>,
    form: Form<Chosen>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, Chosen(preferences)| {
        store::put_preferences(w, &preferences).await?;
        Ok("/notices".to_owned())
    });
    or_again(done.await, async |problem| {
        let preferences = store::preferences(base.db.reads(), &actor).await?;
        show_again(&view, &PreferencesPage::of(preferences, view.locale), problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        foundation::{clock::Timestamp, page::samples},
        notices::{TOLD, Told},
        objections::About,
    };

    #[test]
    fn every_notice_is_shown_in_both_languages() {
        let notice = |told: &Told| Notice {
            id: NoticeId(Uuid::nil()),
            topic: Topic::Matches,
            event: told.operation.to_owned(),
            subject: "matches".to_owned(),
            subject_id: Uuid::nil(),
            at: Timestamp::from_micros(0),
            read_at: None,
        };
        let items: Vec<_> = TOLD.iter().map(notice).collect();
        for notice in &items {
            let thing = "Bujes <2026> · Buje · Grande".to_owned();
            samples(&NoticePage { notice: notice.clone(), thing, zone: Zone::default() });
        }
        let elsewhere = Notice { subject: "runs".to_owned(), ..items[0].clone() };
        samples(&NoticePage { notice: elsewhere, thing: String::new(), zone: Zone::default() });
        let about = ["Bujes <2026> · Buje · Grande", ""].map(str::to_owned).into_iter().cycle();
        let items = items.into_iter().zip(about).collect();
        samples(&NoticesPage { items, next: Some("a1".to_owned()), prev: None, zone: Zone::default() });
        samples(&NoticesPage { items: Vec::new(), next: None, prev: None, zone: Zone::default() });
        for locale in [Locale::Es, Locale::En] {
            samples(&PreferencesPage::of(Preferences::complete([]), locale));
        }
    }

    #[test]
    fn a_thing_is_named_as_far_as_it_is_known() {
        let thing = Thing {
            title: Some("Bujes 2026".to_owned()),
            lot: Some("Buje".to_owned()),
            firm: Some("Grande".to_owned()),
            objected: None,
        };
        assert_eq!(thing.line(Locale::Es), "Bujes 2026 · Buje · Grande");
        assert_eq!(Thing::default().line(Locale::Es), "");
        for about in About::ALL.iter().copied() {
            let objected = Thing { objected: Some(about), ..Thing::default() };
            assert!(!objected.line(Locale::Es).contains("objection"), "{about}");
        }
    }
}
