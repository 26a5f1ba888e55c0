//! Whom a supplier lets see what, at the screen, and who has looked.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fields, Input},
        http::{
            Key, Params,
            list::{Page as ListPage, Paged, Window},
        },
        i18n::Locale,
        ids::OrganisationId,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    organisations::{
        consents::{Give, ListConsents, Logged, Purpose, ReadLog},
        store::{consents as store, firms},
    },
};

/// So many lines stand on one page.
const PAGE: u64 = 50;
/// So many lead firms are listed.
const MOST: u64 = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/consents", get(list))
        .route("/consents/log", get(log))
        .route("/consents/{lead_firm}", get(ask).post(give))
}

/// Lead firms, and what each may see.
#[derive(Template)]
#[template(path = "organisations/pages/consents.html")]
struct ConsentsPage {
    firms: Vec<(OrganisationId, String, Vec<Purpose>)>,
    may_give: bool,
}

impl Page for ConsentsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("consents-title")
    }
}

async fn list(Shared(base): Shared<Base>, view: View, may: May<ListConsents>) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let given = store::consents(db, actor).await?;
    let found = firms::list(db, actor, Some(Kind::LeadFirm), &Window::first(MOST)).await?.items;
    let to = |id| given.iter().filter(|one| one.lead_firm == id).map(|one| one.purpose).collect();
    let firms = found.into_iter().map(|firm| (firm.id, firm.name, to(firm.id))).collect();
    show(&view, &ConsentsPage { firms, may_give: actor.may::<Give>().is_ok() })
}

/// What one lead firm may see.
#[derive(Template)]
#[template(path = "organisations/pages/consent.html")]
struct ConsentPage {
    lead_firm: OrganisationId,
    name: String,
    given: Vec<Purpose>,
}

impl ConsentPage {
    /// What the box of a purpose holds.
    fn saved(&self, purpose: Purpose) -> &str {
        if self.given.contains(&purpose) { purpose.word() } else { "" }
    }
}

impl Page for ConsentPage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("consent-title", &[("lead_firm", self.name.clone())])
    }
}

async fn page(base: &Base, actor: &Actor, id: OrganisationId) -> Result<ConsentPage, Problem> {
    let db = base.db.reads();
    let name = firms::find_kind(db, actor, id, Kind::LeadFirm).await?.name;
    let given = store::consents(db, actor).await?.into_iter().filter(|one| one.lead_firm == id);
    Ok(ConsentPage { lead_firm: id, name, given: given.map(|one| one.purpose).collect() })
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Give>,
    Key(id): Key<OrganisationId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id).await?)
}

/// The purposes that were ticked; none takes every consent back.
struct Ticked(Vec<Purpose>);

impl Input for Ticked {
    fn read(f: &mut Fields) -> Option<Self> {
        f.values("purposes", Purpose::ALL.len()).map(Self)
    }
}

async fn give(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Give>,
    Key(id): Key<OrganisationId>,
    form: Form<Ticked>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, Ticked(purposes)| {
        store::give(w, id, &purposes).await?;
        Ok("/consents".to_owned())
    });
    or_again(done.await, async |problem| show_again(&view, &page(&base, &actor, id).await?, problem, typed))
        .await
}

/// What became of one's consents, and who has read what under them.
#[derive(Template)]
#[template(path = "organisations/pages/log.html")]
struct LogPage {
    lines: Vec<(String, Logged)>,
    /// By whose clocks its moments are told.
    zone: Zone,
    next: Option<String>,
    prev: Option<String>,
}

impl Page for LogPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("consents-log")
    }
}

async fn log(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadLog>,
    Params(Paged(window)): Params<Paged<PAGE>>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let ListPage { items, next, prev } = store::read_log(db, actor, &window).await?;
    let names = firms::find_all(db, actor, items.iter().map(|line| line.lead_firm)).await?;
    let name =
        |id| names.iter().find(|firm| firm.id == id).map_or_else(|| "–".to_owned(), |firm| firm.name.clone());
    let lines = items.into_iter().map(|line| (name(line.lead_firm), line)).collect();
    let zone = firms::find(db, actor, actor.organisation).await?.country.zone();
    show(&view, &LogPage { lines, zone, next, prev })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, ids::AccountId, page::samples},
        organisations::consents::Event,
    };

    #[test]
    fn consents_are_shown_in_both_languages() {
        let id = OrganisationId(uuid::Uuid::nil());
        let name = || "Conservas <Pacífico>".to_owned();
        for given in [Vec::new(), Purpose::ALL.to_vec()] {
            samples(&ConsentsPage { firms: vec![(id, name(), given.clone())], may_give: true });
            samples(&ConsentPage { lead_firm: id, name: name(), given });
        }
        samples(&ConsentsPage { firms: Vec::new(), may_give: false });
        let line = |event| Logged {
            lead_firm: id,
            purpose: Purpose::Gaps,
            event,
            account: AccountId(uuid::Uuid::nil()),
            subject: Some("gap_act".to_owned()),
            subject_id: None,
            at: Timestamp::from_micros(0),
        };
        let lines = Event::ALL.iter().map(|event| (name(), line(*event))).collect();
        samples(&LogPage { lines, zone: Zone::default(), next: None, prev: None });
        samples(&LogPage { lines: Vec::new(), zone: Zone::default(), next: None, prev: None });
    }
}
