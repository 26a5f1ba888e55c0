//! The pieces of which pages are made, each shown once with what it is for. For those who write pages: the operator
//! switches it on with `--styleguide`.

use askama::Template;
use axum::{Router, response::Response, routing::get};

use super::{Confirm, Page, Typed, View, filters, show};
use crate::foundation::{
    Base,
    i18n::Locale,
    problem::{FieldError, Problem},
};

/// The page, where it is switched on.
pub(super) fn routes(is_on: bool) -> Router<Base> {
    let pages = Router::new();
    if !is_on {
        return pages;
    }
    pages
        .route("/styleguide", get(async |view: View| show(&view, &Pieces)))
        .route("/styleguide/error", get(wrong))
        .route("/styleguide/confirm", get(async |view: View| show(&view, &confirm(view.locale))))
}

#[derive(Template)]
#[template(path = "foundation/page/styleguide.html")]
struct Pieces;

impl Page for Pieces {
    fn title(&self, locale: Locale) -> String {
        locale.text("styleguide-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

/// The same page after a form on it was sent and something was wrong with it.
async fn wrong(view: View) -> Result<Response, Problem> {
    let typed = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let typed = Typed::new(vec![typed("line", "1.234"), typed("area", "…")]);
    let number = FieldError::new("/line", "ambiguous-number").with("one", "1234").with("other", "1.234");
    let problem = Problem::invalid(vec![number, FieldError::new("/choice", "required")]);
    show(&view.after(problem, typed), &Pieces)
}

fn confirm(locale: Locale) -> Confirm {
    let back = ("/styleguide".to_owned(), locale.text("styleguide-title"));
    Confirm::new("styleguide-confirm", back, "/styleguide".to_owned())
        .with("styleguide-fact", locale.text("styleguide-value"))
        .with_reason()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{
        numerals::Convention,
        page::{render, samples},
    };

    #[test]
    fn the_pieces_are_shown_in_both_languages() {
        samples(&Pieces);
        // Numbers have the decimal mark of the country of whoever reads.
        let shown = |country: &str| {
            let mut view = View::sample(Locale::Es);
            view.viewer.as_mut().unwrap().numbers = Convention::of(country);
            render(&view, &Pieces).unwrap()
        };
        assert!(shown("CL").contains("98,5&nbsp;%") && shown("MX").contains("98.5&nbsp;%"));
        for locale in [Locale::Es, Locale::En] {
            samples(&confirm(locale));
        }
    }
}
