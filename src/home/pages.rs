//! The start page.

use askama::Template;
use axum::{Extension, Router, extract::State, response::Response, routing::get};

use crate::{
    approvals,
    diagnostics::pages::{Progress, progress},
    foundation::{
        Base,
        access::{Actor, Kind},
        i18n::Locale,
        page::{Entry, Page, View, filters, show},
        problem::Problem,
    },
    home::waiting::{Waiting, waiting},
    organisations::auth,
};

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[Entry { path: "/", text: "menu-home", kinds: Kind::ALL }];

/// The start page.
pub fn routes() -> Router<Base> {
    Router::new().route("/", get(home))
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct Home {
    kind: Kind,
    /// None: not for institutions.
    diagnostic: Option<Progress>,
    /// How many matches wait for the viewer's side.
    due: usize,
    /// What else waits, the most urgent first.
    waiting: Vec<Waiting>,
    /// Whether the viewer approves, and lacks the second factor that the settings ask for.
    lacks_factor: bool,
}

impl Waiting {
    /// The key of the text that says why.
    fn why(&self) -> String {
        format!("{}-why", self.text)
    }
}

impl Page for Home {
    fn title(&self, locale: Locale) -> String {
        locale.text("home-title")
    }
}

async fn home(
    State(base): State<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Problem> {
    let kind = actor.kind().ok_or_else(Problem::not_found)?;
    let diagnostic = match kind {
        Kind::Institution => None,
        Kind::Supplier | Kind::LeadFirm => Some(progress(&base, &actor).await?),
    };
    let due = approvals::pages::count_due(&base, &actor).await?;
    let lacks_factor = auth::lacks_second_factor(&base, &actor).await?;
    let waiting = waiting(&base, &actor, base.clock.now()).await?;
    show(&view, &Home { kind, diagnostic, due, waiting, lacks_factor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{ids::DiagnosticId, page::samples};

    #[test]
    fn every_kind_has_a_start_page_in_both_languages() {
        for kind in Kind::ALL {
            let id = DiagnosticId(uuid::Uuid::nil());
            let valid = Progress::Valid(id, "2027-03-02".parse().unwrap());
            for diagnostic in [None, Some(Progress::Missing), Some(Progress::UnderWay(id)), Some(valid)] {
                let waiting = waits();
                samples(&Home { kind: *kind, diagnostic, due: 2, waiting, lacks_factor: true });
            }
            let waiting = Vec::new();
            samples(&Home { kind: *kind, diagnostic: None, due: 0, waiting, lacks_factor: false });
        }
    }

    /// Everything that may wait, one thing of the first and two of the second and so on.
    fn waits() -> Vec<Waiting> {
        let texts = [
            "home-objections",
            "home-acts-answer",
            "home-acts-sign",
            "home-plans-propose",
            "home-plans-sign",
            "home-contracts-sign",
            "home-questions",
            "home-commitments",
            "home-calls",
            "home-evaluate",
            "home-decide",
            "home-plans-due",
            "home-deliveries",
            "home-payments",
            "home-measurements",
            "home-results",
        ];
        let waiting = |(at, text)| Waiting { text, address: format!("/there/{at}"), count: at + 1 };
        texts.into_iter().enumerate().map(waiting).collect()
    }
}
