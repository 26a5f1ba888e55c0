//! Setting a programme up: its frame, and when it begins and ends.
//!
//! Its rules are in `rules`, who takes part in `members`, and which supplier has a cap of its own in `waivers`.

mod members;
mod rules;
mod waivers;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::{IfVersion, Key},
        i18n::Locale,
        ids::ProgrammeId,
        page::{Confirm, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    programmes::{Close, Create, NewProgramme, Open, store},
};

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/new", get(new_page).post(create))
        .route("/programmes/{id}/open", get(open_page).post(open))
        .route("/programmes/{id}/close", get(close_page).post(close))
        .merge(rules::routes())
        .merge(members::routes())
        .merge(waivers::routes())
}

fn address(id: ProgrammeId) -> String {
    format!("/programmes/{id}")
}

/// A programme to set up; its rules are those that a programme begins with.
#[derive(Template)]
#[template(path = "programmes/pages/setting_up/new.html")]
struct NewPage;

impl Page for NewPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("programme-new")
    }
}

async fn new_page(view: View, _: May<Create>) -> Result<Response, Problem> {
    show(&view, &NewPage)
}

async fn create(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Create>,
    form: Form<NewProgramme>,
) -> Result<Response, Problem> {
    let typed = form.typed.clone();
    let done = form.act(&base, may, async |w, new| {
        let made = store::create(w, new).await?;
        Ok(format!("{}/rules", address(made.id)))
    });
    or_again(done.await, async |problem| show_again(&view, &NewPage, problem, typed)).await
}

/// What is asked before a programme begins or ends.
async fn before(base: &Base, actor: &Actor, id: ProgrammeId, stem: &'static str) -> Result<Confirm, Problem> {
    let found = store::find(base.db.reads(), actor, id).await?;
    let locale = actor.locale;
    let period = [
        ("from", filters::in_words(found.starts_on, locale)),
        ("to", filters::in_words(found.ends_on, locale)),
    ];
    let cap = found.cap_on(found.day(base.clock.now()));
    let cap = cap.map_or_else(|| locale.text("rule-none"), filters::share_of);
    let step = stem.trim_start_matches("programme-");
    let action = format!("{}/{step}", address(id));
    Ok(Confirm::new(stem, (address(id), found.name), action)
        .at(found.version)
        .with("programme-runs-from", locale.text_with("programme-period", &period))
        .with("rule-cap", cap))
}

async fn open_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Open>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &before(&base, may.actor(), id, "programme-open").await?)
}

async fn open(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Open>,
    Key(id): Key<ProgrammeId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version: IfVersion, _| {
        store::open(w, id, version).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before(&base, &actor, id, "programme-open").await?, problem, typed)
    })
    .await
}

async fn close_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Close>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &before(&base, may.actor(), id, "programme-close").await?)
}

async fn close(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Close>,
    Key(id): Key<ProgrammeId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version: IfVersion, _| {
        store::close(w, id, version).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before(&base, &actor, id, "programme-close").await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::page::samples;

    #[test]
    fn setting_up_is_shown_in_both_languages() {
        samples(&NewPage);
        for stem in ["programme-open", "programme-close"] {
            let back = ("/programmes/1".to_owned(), "Redes".to_owned());
            let confirm = Confirm::new(stem, back, "/programmes/1/open".to_owned()).at(2);
            samples(&confirm.with("programme-runs-from", "Del 1 al 2").with("rule-cap", "30 %"));
        }
    }
}
