//! Pages: what people see.
//!
//! A page is a struct, its title, and a template beside it. [`show`] puts it into the layout; with what
//! went wrong, [`show_again`] puts it there with a summary on top, the same words at each field, and
//! everything that was typed (`form`). Pages work without JavaScript, on a screen of 320 pixels and
//! over a weak connection: one stylesheet, one icon, no fonts (`assets`), and one small script that no
//! page needs: it shows what changes while one waits.
//!
//! Safe by construction: [`protect`] lets a change through only when the browser says that it comes
//! from these pages themselves (`same_site`), and every answer carries a content security policy
//! under which nothing inline runs. What fails is shown as a page (`problem`).
//!
//! Templates speak through `filters`: `{{ "login-title"|text }}` is in the reader's language.
//!
//! **Architecture invariant:** nothing here knows a stage, and no page holds a rule.

mod assets;
mod confirm;
mod course;
mod done;
pub(crate) mod filters;
mod form;
mod language;
mod menu;
mod places;
mod problem;
mod reference;
pub mod rows;
mod same_site;
mod styleguide;
mod view;

use askama::Template;
use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
};
use tower::ServiceBuilder;
use tower_http::{compression::CompressionLayer, set_header::SetResponseHeaderLayer};

use super::{Base, http, i18n::Locale, problem::Problem, zone::Zone};

pub use confirm::Confirm;
pub use course::course;
pub use done::number as number_on_record;
pub(crate) use form::sent;
pub use form::{Form, Typed, or_again};
pub use language::cookie as language_cookie;
pub use menu::{Entry, Menu, News};
use places::Places;
pub use problem::{not_found, problem_page};
pub use reference::reference;
pub use view::{View, Viewer, Whole, is_local};

/// Nothing inline, nothing from elsewhere, in nobody's frame; forms go nowhere else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Before the address of a page, the tables on it are had for a spreadsheet.
pub const TABLES: &str = "/tables";

/// A page: its fields are what it shows, its template how.
pub trait Page: Template {
    /// Stands in the window's title; the page's heading says the same.
    fn title(&self, locale: Locale) -> String;

    /// Of a page that is kept on paper: its programme, and by whose clocks it is told when it was printed.
    fn printed(&self) -> Option<(&str, &Zone)> {
        None
    }

    /// Whether it shows tables and wants all the width that there is.
    fn is_wide(&self) -> bool {
        false
    }
}

#[derive(Template)]
#[template(path = "foundation/page/layout.html")]
struct Layout<'a> {
    view: &'a View,
    title: String,
    /// The programme, and when: on paper.
    printed: Option<(String, String)>,
    wide: bool,
    content: &'a str,
    /// Where the fields are in it, when something is wrong with them.
    places: Places<'a>,
    stylesheet: &'static str,
    script: &'static str,
    icon: &'static str,
}

impl Layout<'_> {
    /// How many things are new behind all lines of the menu, which a phone shows folded.
    fn news(&self) -> u64 {
        self.view.menu.iter().map(|line| line.news).sum()
    }

    /// Whether the page has the field that a fault names; else the summary alone tells of it, and leads nowhere.
    fn is_here(&self, fault: &view::Fault) -> bool {
        self.places.has(&fault.field)
    }

    /// What a field is called on the page, as its HTML: the text of its label, or of the legend where it is one of several
    /// choices. Several fields can lack the same, and the summary tells them apart.
    fn label(&self, field: &str) -> Option<String> {
        self.places.label(field)
    }
}

/// A list's address with its filters, those that hold anything; it ends with ? or &, so that a cursor can follow.
pub fn list_address(path: &str, filters: &[(&str, &str)]) -> String {
    let filters: Vec<_> = filters.iter().filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_urlencoded::to_string(&filters).unwrap_or_default();
    format!("{path}?{query}{}", if query.is_empty() { "" } else { "&" })
}

/// Shows a page.
///
/// # Errors
/// 500 when its template fails.
pub fn show(view: &View, page: &impl Page) -> Result<Response, Problem> {
    answer(StatusCode::OK, view, page)
}

/// Shows a form again after something went wrong with it: what, where, and all that was typed.
///
/// # Errors
/// 500 when its template fails.
pub fn show_again(
    view: &View,
    page: &impl Page,
    problem: Problem,
    typed: Typed,
) -> Result<Response, Problem> {
    let (status, wait) = (problem.status, problem.retry_after);
    let mut response = show_as(status, &view.after(problem, typed), page)?;
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// Shows a page that is itself the answer of this status.
///
/// # Errors
/// 500 when its template fails.
pub fn show_as(status: StatusCode, view: &View, page: &impl Page) -> Result<Response, Problem> {
    let mut response = answer(status, view, page)?;
    response.extensions_mut().insert(http::Rendered);
    Ok(response)
}

fn answer(status: StatusCode, view: &View, page: &impl Page) -> Result<Response, Problem> {
    let html = render(view, page).map_err(Problem::internal)?;
    let language = HeaderValue::from_static(view.locale.word());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_LANGUAGE, language),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let mut response = (status, headers, html).into_response();
    if view.done.is_some() {
        response.headers_mut().append(header::SET_COOKIE, done::FORGET);
    }
    Ok(response)
}

/// The page in its layout.
pub(crate) fn render(view: &View, page: &impl Page) -> askama::Result<String> {
    let content = page.render_with_values(view)?;
    let layout = Layout {
        view,
        title: page.title(view.locale),
        printed: page.printed().zip(view.at).map(|((programme, zone), at)| {
            (programme.to_owned(), filters::at_in_words(at, zone, view.locale))
        }),
        wide: page.is_wide(),
        content: &content,
        places: if view.faults().is_empty() { Places::default() } else { Places::of(&content) },
        stylesheet: assets::stylesheet(),
        script: assets::script(),
        icon: assets::icon(),
    };
    let html = layout.render_with_values(view)?;
    Ok(html.replace(filters::DECIMAL, view.numbers().sign().encode_utf8(&mut [0; 4])))
}

/// What every installation has: stylesheet, icon, and the language switch; and, where it is switched on, the pieces of
/// which pages are made.
pub fn routes(has_styleguide: bool) -> Router<Base> {
    assets::routes().merge(language::routes()).merge(styleguide::routes(has_styleguide))
}

/// Wraps the router of the pages: problems become pages, changes come from here alone, and every answer
/// carries the headers that keep a browser from doing anything else.
pub fn protect(router: Router<Base>, base: &Base) -> Router<Base> {
    let router = router
        .layer(middleware::from_fn_with_state(base.clone(), done::remember))
        .layer(middleware::from_fn_with_state(base.clone(), same_site::demand));
    let always = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let secure = base.config.behind_tls_proxy.then(|| HeaderValue::from_static("max-age=31536000"));
    http::protect(router, base, problem_page).layer(
        ServiceBuilder::new()
            .layer(CompressionLayer::new())
            .layer(always(header::CONTENT_SECURITY_POLICY, POLICY))
            .layer(always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
            .layer(always(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
            .layer(SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, secure)),
    )
}

/// A page as somebody in Chile sees it, where numbers have a decimal comma; a test helper for every stage.
#[cfg(test)]
pub(crate) fn in_chile(page: &impl Page) -> String {
    let mut view = View::sample(Locale::Es);
    let viewer = view.viewer.take();
    view.viewer = viewer.map(|viewer| Viewer { numbers: super::numerals::Convention::of("CL"), ..viewer });
    render(&view, page).unwrap()
}

/// The pictures of a page, to be compared with those that were agreed; a test helper for every stage.
#[cfg(test)]
pub(crate) fn pictures(html: &str) -> String {
    let (_, main) = html.split_once("<main").unwrap();
    let pictures = main.split("<svg").skip(1).filter_map(|rest| rest.split_once("</svg>"));
    pictures.map(|(picture, _)| format!("<svg{picture}</svg>")).collect::<Vec<_>>().join("\n")
}

/// Renders a page with samples in both languages; a test helper for every stage.
#[cfg(test)]
pub(crate) fn samples(page: &impl Page) -> [String; 2] {
    [Locale::Es, Locale::En].map(|locale| {
        let view = View::sample(locale);
        let html = render(&view, page).unwrap();
        form::tests::check(&html, locale);
        html
    })
}
