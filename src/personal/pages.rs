//! Personal data at the screen: what is kept of oneself, for what and how long; taking it along, correcting it, and being
//! erased.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_sessions::Session;

use super::{
    Confirmation, Correct, Correction, Entry, Erase, Everything, Export, Kept, Part, ReadNotice, api, store,
};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        db::Once,
        http::Reply,
        i18n::Locale,
        ids::OrganisationId,
        page::{Form, Page, View, filters, or_again, show, show_again, show_as},
        problem::Problem,
        zone::Zone,
    },
    organisations::{session, store::firms},
};

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/me", get(read))
        .route("/me/data.json", get(take_along))
        .route("/me/correction", get(correction_page).post(correct))
        .route("/me/erasure", get(erasure_page).post(erase))
}

/// What is kept of somebody.
#[derive(Template)]
#[template(path = "personal/own.html")]
struct OwnPage {
    everything: Everything,
    /// The organisations that it names.
    names: BTreeMap<OrganisationId, String>,
    zone: Zone,
}

impl Page for OwnPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("own-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

impl OwnPage {
    fn name(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("–", String::as_str)
    }
}

async fn read(State(base): State<Base>, view: View, may: May<Export>) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let everything = store::export(db, actor).await?;
    let own = &everything.account;
    let named = own.memberships.iter().map(|(id, ..)| *id).chain(own.interests.iter().map(|(id, _)| *id));
    // What is kept of a person names organisations, which they know.
    let names = firms::names(db, &Actor::system(actor.organisation), named.collect::<Vec<_>>()).await?;
    show(&view, &OwnPage { everything, names, zone: view.zone() })
}

/// Everything as a file, as the API gives it.
async fn take_along(State(base): State<Base>, may: May<Export>) -> Result<Response, Problem> {
    let mut response = api::everything(&base, may.actor()).await?.into_response();
    let name = HeaderValue::from_static("attachment; filename=\"eslabon.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// What is right of oneself.
#[derive(Template)]
#[template(path = "personal/correction.html")]
struct CorrectionPage {
    name: String,
    email: String,
    locale: Locale,
    version: i64,
}

impl Page for CorrectionPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("own-correct")
    }
}

async fn correction(base: &Base, actor: &Actor) -> Result<CorrectionPage, Problem> {
    let own = store::export(base.db.reads(), actor).await?.account;
    Ok(CorrectionPage { name: own.name, email: own.email, locale: own.locale, version: own.version })
}

async fn correction_page(
    State(base): State<Base>,
    view: View,
    may: May<Correct>,
) -> Result<Response, Problem> {
    show(&view, &correction(&base, may.actor()).await?)
}

async fn correct(
    State(base): State<Base>,
    view: View,
    session: Session,
    may: May<Correct>,
    form: Form<Correction>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let name = form.value.as_ref().ok().map(|value| value.name.clone());
    let done = form.change(&base, may, async |w, version, value| {
        store::correct(w, version, &value).await?;
        Ok("/me".to_owned())
    });
    let done = done.await;
    if let (Ok(_), Some(name)) = (&done, &name) {
        session::rename(&session, name).await?;
    }
    or_again(done, async |problem| show_again(&view, &correction(&base, &actor).await?, problem, typed)).await
}

/// The question whether somebody means it.
#[derive(Template)]
#[template(path = "personal/erasure.html")]
struct ErasurePage;

impl Page for ErasurePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("own-erase")
    }
}

async fn erasure_page(view: View, _: May<Erase>) -> Result<Response, Problem> {
    show(&view, &ErasurePage)
}

/// What is said to somebody who is nobody any more.
#[derive(Template)]
#[template(path = "personal/erased.html")]
struct ErasedPage;

impl Page for ErasedPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("own-erased")
    }
}

async fn erase(
    State(base): State<Base>,
    view: View,
    session: Session,
    may: May<Erase>,
    form: Form<Confirmation>,
) -> Result<Response, Problem> {
    let done = async {
        form.value?;
        // As in the API, no answer is kept for a repetition.
        base.write(may, Once::never(), async |w| {
            store::erase(&w).await?;
            Ok(w.done(Reply::no_content()))
        })
        .await
    };
    match done.await {
        Ok(_) => {
            // What the session says of the person goes, too.
            session::end(&session).await?;
            show_as(StatusCode::OK, &view.of_nobody(), &ErasedPage)
        }
        done => or_again(done, async |problem| show_again(&view, &ErasurePage, problem, form.typed)).await,
    }
}

/// The notice on personal data, for everybody.
#[derive(Template)]
#[template(path = "personal/privacy.html")]
struct PrivacyPage;

impl Page for PrivacyPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("privacy-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

/// The notice, which needs no login.
pub fn open_routes() -> Router<Base> {
    Router::new().route("/privacy", get(privacy))
}

async fn privacy(view: View, _: May<ReadNotice>) -> Result<Response, Problem> {
    show(&view, &PrivacyPage)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        foundation::{access::Role, clock::Timestamp, ids::AccountId, page::samples},
        organisations::store::personal::Person,
    };

    #[test]
    fn every_page_is_shown_in_both_languages() {
        let (at, firm) = (Timestamp::from_micros(0), OrganisationId(Uuid::nil()));
        let account = Person {
            id: AccountId(Uuid::nil()),
            email: "ana@andes.example".to_owned(),
            name: "Ana <Rojas>".to_owned(),
            locale: Locale::Es,
            created_at: at,
            privacy_notice: Some(1),
            privacy_accepted_at: Some(at),
            version: 1,
            memberships: vec![(firm, Role::Officer, at)],
            tokens: vec![(crate::foundation::ids::TokenId(Uuid::nil()), "informe".to_owned(), at)],
            sessions: 1,
            second_factor_since: Some(at),
            invitations: Vec::new(),
            requests: Vec::new(),
            interests: vec![(firm, "Acciones".to_owned())],
            readings: Vec::new(),
        };
        let everything =
            Everything { account, signatures: Vec::new(), notices: Vec::new(), trail: Vec::new() };
        let names = BTreeMap::from([(firm, "Andes".to_owned())]);
        samples(&OwnPage { everything, names, zone: Zone::default() });
        let (name, email) = ("Ana".to_owned(), "ana@andes.example".to_owned());
        samples(&CorrectionPage { name, email, locale: Locale::En, version: 1 });
        samples(&ErasurePage);
        samples(&ErasedPage);
        samples(&PrivacyPage);
    }
}
