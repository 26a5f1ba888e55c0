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
    /// Whether the viewer approves, and lacks the second factor that the settings ask for.
    lacks_factor: bool,
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
    show(&view, &Home { kind, diagnostic, due, lacks_factor })
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
                samples(&Home { kind: *kind, diagnostic, due: 2, lacks_factor: true });
            }
            samples(&Home { kind: *kind, diagnostic: None, due: 0, lacks_factor: false });
        }
    }
}
