//! Problems as pages: what happened, what became of the data, and what to do now.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Page, View, answer, filters, view::Fault};
use crate::foundation::{i18n::Locale, problem::Problem};

#[derive(Template)]
#[template(path = "foundation/page/problem.html")]
struct ProblemPage<'a> {
    title: String,
    detail: String,
    faults: Vec<Fault>,
    /// Whether it was refused before anything was done.
    is_refused: bool,
    request: &'a str,
}

impl Page for ProblemPage<'_> {
    fn title(&self, _: Locale) -> String {
        self.title.clone()
    }
}

impl<'a> ProblemPage<'a> {
    fn new(view: &View, problem: &Problem, request: &'a str) -> Self {
        let (title, detail) = view.said(problem);
        let faults = problem.errors.iter().map(|error| view.fault(error)).collect();
        let is_refused = problem.status.is_client_error() && problem.status != StatusCode::NOT_FOUND;
        Self { title, detail, faults, is_refused, request }
    }
}

/// The problem as it is shown to people.
pub fn problem_page(problem: &Problem, locale: Locale, request_id: &str) -> Response {
    let view = View::bare(locale);
    let page = ProblemPage::new(&view, problem, request_id);
    answer(problem.status, &view, &page).unwrap_or_else(IntoResponse::into_response)
}

/// For addresses that lead nowhere.
pub async fn not_found() -> Problem {
    Problem::not_found()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::page::{form::tests::check, render};

    #[test]
    fn every_status_is_shown_in_both_languages() {
        for problem in [
            Problem::not_found(),
            Problem::forbidden(),
            Problem::stale(),
            Problem::conflict("busy"),
            Problem::too_many(61),
            Problem::field("/name", "required"),
            Problem::new(StatusCode::FORBIDDEN, "cross-site"),
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        ] {
            for locale in [Locale::Es, Locale::En] {
                let view = View::bare(locale);
                let html = render(&view, &ProblemPage::new(&view, &problem, "abc12345")).unwrap();
                check(&html, locale);
                assert!(!html.contains("problem-"), "{html}");
            }
        }
    }
}
