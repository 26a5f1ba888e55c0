//! What governance writes down: an appointment, how coordination handles its weaknesses, a review of it.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::address;
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::Nothing,
        http::{Key, list::Window},
        i18n::Locale,
        ids::ProgrammeId,
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::store::firms,
    programmes::{
        Programme,
        governance::{
            Appoint, Function, NewAppointment, NewReview, RecordReview, SetCoordination,
            coordination::{Coordination, Model, NewCoordination, Weakness},
        },
        store::governance as store,
    },
};

/// So many institutions are offered.
const MOST: u64 = 100;
/// So many measures a form has.
const MEASURES: usize = 3;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/{id}/appointments/new", get(appoint_page).post(appoint))
        .route("/programmes/{id}/coordination", get(coordination_page).post(coordinate))
        .route("/programmes/{id}/coordination-reviews/new", get(review_page).post(review))
}

/// An institution to appoint.
#[derive(Template)]
#[template(path = "programmes/pages/governance/appoint.html")]
struct AppointPage {
    programme: Programme,
    institutions: Vec<(String, String)>,
    functions: Vec<(String, String)>,
}

impl Page for AppointPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("appoint-title")
    }
}

async fn before_appointing(base: &Base, actor: &Actor, id: ProgrammeId) -> Result<AppointPage, Problem> {
    let db = base.db.reads();
    let (programme, _) = store::functions(db, actor, id).await?;
    let found = firms::list(db, actor, Some(Kind::Institution), &Window::first(MOST)).await?.items;
    let word = |one: &Function| (one.to_string(), actor.locale.text(&format!("function-{one}")));
    Ok(AppointPage {
        programme,
        institutions: found.into_iter().map(|one| (one.id.to_string(), one.name)).collect(),
        functions: Function::ALL.iter().map(word).collect(),
    })
}

async fn appoint_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Appoint>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &before_appointing(&base, may.actor(), id).await?)
}

async fn appoint(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Appoint>,
    Key(id): Key<ProgrammeId>,
    form: Form<NewAppointment>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        store::appoint(w, id, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_appointing(&base, &actor, id).await?, problem, typed)
    })
    .await
}

/// A weakness to answer: the names of its fields, which it is, and what they hold.
struct Row {
    at: usize,
    weakness: Weakness,
    text: String,
    how: String,
    reviewed_on: String,
    review_due_on: String,
}

impl Row {
    fn field(&self, name: &str) -> String {
        format!("answers-{}-{name}", self.at)
    }
}

/// Of which kind coordination is, and how its weaknesses are handled.
#[derive(Template)]
#[template(path = "programmes/pages/governance/coordination.html")]
struct CoordinationPage {
    programme: Programme,
    version: i64,
    model: String,
    /// Of the model that is saved, or that was chosen.
    rows: Vec<Row>,
}

impl Page for CoordinationPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("coordination-title")
    }
}

impl CoordinationPage {
    fn of(programme: Programme, found: Option<&Coordination>, chosen: Option<Model>, locale: Locale) -> Self {
        let model = chosen.or_else(|| found.map(|found| found.said.model));
        let row = |(at, weakness): (usize, &Weakness)| {
            let mut answers = found.into_iter().flat_map(|found| &found.said.answers);
            let said = answers.find(|answer| answer.weakness == *weakness);
            Row {
                at,
                weakness: *weakness,
                text: weakness.text(locale),
                how: said.map_or_else(String::new, |said| said.how.clone()),
                reviewed_on: said.map_or_else(String::new, |said| said.reviewed_on.to_string()),
                review_due_on: said
                    .and_then(|said| said.review_due_on)
                    .map_or_else(String::new, |day| day.to_string()),
            }
        };
        Self {
            rows: model.map_or(&[][..], Model::weaknesses).iter().enumerate().map(row).collect(),
            model: model.map_or_else(String::new, |model| model.to_string()),
            version: found.map_or(0, |found| found.version),
            programme,
        }
    }
}

async fn coordinated(
    base: &Base,
    actor: &Actor,
    id: ProgrammeId,
    typed: &Typed,
) -> Result<CoordinationPage, Problem> {
    let (programme, found) = store::coordination(base.db.reads(), actor, id).await?;
    let chosen = typed.get("model").and_then(|word| word.parse().ok());
    Ok(CoordinationPage::of(programme, found.as_ref(), chosen, actor.locale))
}

async fn coordination_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<SetCoordination>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &coordinated(&base, may.actor(), id, &Typed::default()).await?)
}

/// Reads the checklist from its form: a weakness about which nothing was written is not answered, and those of another
/// kind of coordination than the one chosen went with it.
fn sent(typed: &Typed) -> Result<NewCoordination, Problem> {
    let chosen = typed.get("model").and_then(|word| word.parse::<Model>().ok());
    let row =
        |name: &str| name.strip_prefix("answers-").and_then(|rest| rest.split('-').next()).map(str::to_owned);
    let is_answered = |at: &str| {
        let field =
            |name: &str| typed.get(&format!("answers-{at}-{name}")).unwrap_or_default().trim().to_owned();
        let fits = field("weakness").parse().is_ok_and(|weakness: Weakness| {
            chosen.is_none_or(|model| model.weaknesses().contains(&weakness))
        });
        fits && ["how", "reviewed_on", "review_due_on"].iter().any(|name| !field(name).is_empty())
    };
    typed.only(|name, _| row(name).is_none_or(|at| is_answered(&at))).read()
}

async fn coordinate(
    Shared(base): Shared<Base>,
    view: View,
    may: May<SetCoordination>,
    Key(id): Key<ProgrammeId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(sent).change(&base, may, async |w, version, new| {
        let is_answered = !new.answers.is_empty();
        store::set_coordination(w, id, version, new).await?;
        // Whoever has only chosen the kind answers its weaknesses next.
        let there = if is_answered { address(id) } else { format!("/programmes/{id}/coordination") };
        Ok(there)
    });
    or_again(done.await, async |problem| {
        let page = coordinated(&base, &actor, id, &typed).await?;
        show_again(&view, &page, problem, typed)
    })
    .await
}

/// A review of the coordinating body.
#[derive(Template)]
#[template(path = "programmes/pages/governance/review.html")]
struct ReviewPage {
    programme: Programme,
    /// Number, and the names of the fields.
    measures: Vec<(usize, String, String)>,
}

impl Page for ReviewPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("review-title")
    }
}

async fn before_reviewing(base: &Base, actor: &Actor, id: ProgrammeId) -> Result<ReviewPage, Problem> {
    let (programme, _) = store::functions(base.db.reads(), actor, id).await?;
    let measure = |at: usize| (at + 1, format!("measures-{at}-what"), format!("measures-{at}-due_on"));
    Ok(ReviewPage { programme, measures: (0..MEASURES).map(measure).collect() })
}

async fn review_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordReview>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &before_reviewing(&base, may.actor(), id).await?)
}

async fn review(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordReview>,
    Key(id): Key<ProgrammeId>,
    form: Form<NewReview>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        store::review(w, id, new).await?;
        Ok(format!("{}#reviews", address(id)))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_reviewing(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{foundation::page::samples, programmes::pages::tests::programme};

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        Typed::new(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn writing_is_shown_in_both_languages() {
        let open = || programme(crate::programmes::State::Open);
        let options = || vec![("x".to_owned(), "Agencia <Sur>".to_owned())];
        samples(&AppointPage { programme: open(), institutions: options(), functions: options() });
        for locale in [Locale::Es, Locale::En] {
            for model in Model::ALL {
                samples(&CoordinationPage::of(open(), None, Some(*model), locale));
            }
            samples(&CoordinationPage::of(open(), None, None, locale));
        }
        let measures = vec![(1, "measures-0-what".to_owned(), "measures-0-due_on".to_owned())];
        samples(&ReviewPage { programme: open(), measures });
    }

    #[test]
    fn what_is_not_answered_is_left_out() {
        let form = typed(&[
            ("model", "private"),
            ("answers-0-weakness", "continuity"),
            ("answers-0-how", "Cada proyecto deja un informe."),
            ("answers-0-reviewed_on", "2026-03-02"),
            ("answers-0-review_due_on", ""),
            ("answers-1-weakness", "sustainability"),
            ("answers-1-how", " "),
            ("answers-1-reviewed_on", ""),
        ]);
        assert_eq!(sent(&form).unwrap().answers.len(), 1);
        let changed =
            typed(&[("model", "public"), ("answers-0-weakness", "continuity"), ("answers-0-how", "x")]);
        assert!(sent(&changed).unwrap().answers.is_empty());
        let missing =
            typed(&[("model", "private"), ("answers-0-weakness", "continuity"), ("answers-0-how", "x")]);
        assert!(sent(&missing).is_err());
    }
}
