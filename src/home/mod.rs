//! What each role sees first: what to do next.

use askama::Template;
use axum::{Router, response::Response, routing::get};

use crate::foundation::{
    Base,
    access::{Actor, Kind},
    i18n::Locale,
    page::{Page, View, filters, show},
    problem::Problem,
};

/// The start page.
pub fn routes() -> Router<Base> {
    Router::new().route("/", get(home))
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct Home {
    kind: Option<Kind>,
}

impl Page for Home {
    fn title(&self, locale: Locale) -> String {
        locale.text("home-title")
    }
}

async fn home(view: View, axum::Extension(actor): axum::Extension<Actor>) -> Result<Response, Problem> {
    show(&view, &Home { kind: actor.kind() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_start_page_in_both_languages() {
        for kind in Kind::ALL {
            crate::foundation::page::samples(&Home { kind: Some(*kind) });
        }
    }
}
