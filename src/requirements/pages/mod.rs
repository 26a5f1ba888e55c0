//! The list of requirements at the screen. One requirement is shown with its gaps, by the stage `gaps`.

mod amendments;
mod offer;
mod questions;
mod step;

use std::collections::BTreeMap;

#[cfg(test)]
pub(crate) use offer::tests::requirement as sample;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use super::{Create, List, Summary, store};
use crate::{
    foundation::{
        Base,
        access::{Kind, May},
        fields::{Fields, Input},
        http::{
            Params,
            list::{CURSOR_LENGTH, Page as ListPage, Window},
        },
        i18n::Locale,
        ids::ProgrammeId,
        page::{Entry, Page, View, filters, list_address, show},
        problem::Problem,
        zone::Zone,
    },
    programmes,
};

/// So many requirements stand on one page.
const PAGE: u64 = 50;

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[Entry { path: "/requirements", text: "requirements-title", kinds: Kind::ALL }];

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/requirements", get(list))
        .merge(offer::routes())
        .merge(questions::routes())
        .merge(amendments::routes())
        .merge(step::routes())
}

/// How a state is coloured; its name stands beside.
const fn tone(state: super::State) -> &'static str {
    match state {
        super::State::Draft => "",
        super::State::Published => "now",
        super::State::Closed | super::State::Awarded => "good",
    }
}

/// The requirements that one may see.
#[derive(Template)]
#[template(path = "requirements/pages/list.html")]
struct RequirementsPage {
    kind: Kind,
    state: Option<super::State>,
    /// What was searched for.
    q: String,
    /// How many there are, on all pages.
    count: u64,
    items: Vec<Summary>,
    may_create: bool,
    /// By whose clocks the days of each programme are told.
    zones: BTreeMap<ProgrammeId, Zone>,
    next: Option<String>,
    prev: Option<String>,
}

impl RequirementsPage {
    /// The states by which the list can be filtered: suppliers see no drafts, and are not told of awards.
    fn states(&self) -> Vec<super::State> {
        let is_seen = |state: &super::State| {
            self.kind != Kind::Supplier || matches!(state, super::State::Published | super::State::Closed)
        };
        super::State::ALL.iter().copied().filter(is_seen).collect()
    }

    fn address(&self, state: Option<super::State>) -> String {
        let state = state.map_or("", super::State::word);
        list_address("/requirements", &[("state", state), ("q", self.q.as_str())])
    }

    /// The list's address with its filters.
    fn here(&self) -> String {
        self.address(self.state)
    }

    /// The same list in another state.
    fn in_state(&self, state: super::State) -> String {
        self.address(Some(state))
    }

    /// The same list in every state.
    fn in_every_state(&self) -> String {
        self.address(None)
    }

    fn is_in(&self, state: super::State) -> bool {
        self.state == Some(state)
    }

    fn is_filtered(&self) -> bool {
        self.state.is_some() || !self.q.is_empty()
    }

    fn zone_of(&self, item: &Summary) -> Zone {
        self.zones.get(&item.programme).cloned().unwrap_or_default()
    }
}

impl Page for RequirementsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("requirements-title")
    }
}

struct Listed {
    state: Option<super::State>,
    q: Option<String>,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (state, q, cursor) = (
            f.optional("state"),
            f.optional_text("q", 1..=200),
            f.optional_text("cursor", 1..=CURSOR_LENGTH),
        );
        Some(Self { state: state?, q: q?, window: Window::at(PAGE, cursor?) })
    }
}

async fn list(
    State(base): State<Base>,
    view: View,
    may: May<List>,
    Params(Listed { state, q, window }): Params<Listed>,
) -> Result<Response, Problem> {
    let kind = may.actor().kind().ok_or_else(Problem::not_found)?;
    let filter = store::Filter { programme: None, state, q };
    let ListPage { items, next, prev } = store::list(base.db.reads(), may.actor(), &filter, &window).await?;
    let count = store::count(base.db.reads(), may.actor(), &filter).await?;
    let of = items.iter().map(|item| item.programme);
    let zones = programmes::store::zones(base.db.reads(), may.actor(), of).await?;
    let may_create = may.actor().may::<Create>().is_ok();
    let q = filter.q.unwrap_or_default();
    show(&view, &RequirementsPage { kind, state, q, count, items, may_create, zones, next, prev })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{OrganisationId, RequirementId},
            page::samples,
        },
        requirements::State,
    };

    #[test]
    fn the_list_is_shown_in_both_languages() {
        let none = uuid::Uuid::nil();
        let item = |state| Summary {
            id: RequirementId(none),
            programme: ProgrammeId(none),
            network: None,
            lead_firm: OrganisationId(none),
            title: "Repuestos <2026>".to_owned(),
            state,
            published_at: Some(Timestamp::from_micros(0)),
            closed_at: None,
            closes_at: None,
            version: 1,
        };
        let items: Vec<_> = State::ALL.iter().map(|state| item(*state)).collect();
        let next = Some("a1".to_owned());
        samples(&RequirementsPage {
            kind: Kind::LeadFirm,
            state: Some(State::Published),
            q: "ejes & <bujes>".to_owned(),
            count: 4,
            items,
            may_create: true,
            zones: BTreeMap::new(),
            next,
            prev: None,
        });
        let (items, zones) = (Vec::new(), BTreeMap::new());
        samples(&RequirementsPage {
            kind: Kind::Supplier,
            state: None,
            q: String::new(),
            count: 0,
            items,
            may_create: false,
            zones,
            next: None,
            prev: None,
        });
    }
}
