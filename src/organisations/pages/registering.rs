//! Coming in without an invitation: register a firm, or ask the administrators of one that is registered.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use super::countries::countries;
use crate::{
    foundation::{
        Base,
        access::Actor,
        http::{Address, Reply},
        i18n::Locale,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::{
        PRIVACY_NOTICE, Register, Registration,
        joining::{AskForMembership, NewRequest},
        password,
        store::joining,
    },
};

/// The pages, which need no login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/register", get(register_page).post(register))
        .route("/register/done", get(registered))
        .route("/register/ask", get(ask_page).post(ask))
        .route("/register/asked", get(asked))
}

/// A firm with its first administrator.
#[derive(Template)]
#[template(path = "organisations/pages/register.html")]
struct RegisterPage {
    locale: Locale,
    /// The countries: code and name.
    countries: Vec<(String, String)>,
    /// The version of the notice on personal data that is in force.
    notice: i64,
}

impl Page for RegisterPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("register-title")
    }
}

fn blank(view: &View) -> RegisterPage {
    RegisterPage { locale: view.locale, countries: countries(view.locale), notice: PRIVACY_NOTICE }
}

async fn register_page(view: View) -> Result<Response, Problem> {
    show(&view, &blank(&view))
}

async fn register(
    State(base): State<Base>,
    view: View,
    from: Address,
    form: Form<Registration>,
) -> Result<Response, Problem> {
    let done = async {
        let registration = form.value?;
        base.limit_asking(&registration.administrator.email, from)?;
        let may = Actor::anonymous(view.locale).may::<Register>()?;
        let hash = password::hash(registration.administrator.password.clone(), &base.ids).await?;
        base.write(may, form.once, async |w| {
            joining::register(&w, registration, hash).await?;
            Ok(w.done(Reply::see_other("/register/done")))
        })
        .await
    };
    or_again(done.await, async |problem| show_again(&view, &blank(&view), problem, form.typed)).await
}

/// What was done, and where to go from there.
#[derive(Template)]
#[template(path = "organisations/pages/registered.html")]
struct DonePage {
    stem: &'static str,
}

impl DonePage {
    fn key(&self, part: &str) -> String {
        format!("{}-{part}", self.stem)
    }
}

impl Page for DonePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(&self.key("title"))
    }
}

async fn registered(view: View) -> Result<Response, Problem> {
    show(&view, &DonePage { stem: "registered" })
}

/// A request to the administrators of a firm that is registered.
#[derive(Template)]
#[template(path = "organisations/pages/ask.html")]
pub(super) struct AskPage {
    /// The countries: code and name.
    countries: Vec<(String, String)>,
}

impl AskPage {
    pub(super) fn new(locale: Locale) -> Self {
        Self { countries: countries(locale) }
    }
}

impl Page for AskPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("ask-title")
    }
}

async fn ask_page(view: View) -> Result<Response, Problem> {
    show(&view, &AskPage::new(view.locale))
}

async fn ask(
    State(base): State<Base>,
    view: View,
    from: Address,
    form: Form<NewRequest>,
) -> Result<Response, Problem> {
    let may = Actor::anonymous(view.locale).may::<AskForMembership>()?;
    let typed = form.typed.clone();
    let done = async {
        if let Ok(new) = &form.value {
            base.limit_asking(&new.email, from)?;
        }
        form.act(&base, may, async |w, new| {
            joining::request(w, new).await?;
            Ok("/register/asked".to_owned())
        })
        .await
    };
    or_again(done.await, async |problem| show_again(&view, &AskPage::new(view.locale), problem, typed)).await
}

/// The same for everybody, whether there is such a firm or not.
async fn asked(view: View) -> Result<Response, Problem> {
    show(&view, &DonePage { stem: "asked" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::page::samples;

    #[test]
    fn coming_in_is_shown_in_both_languages() {
        for locale in [Locale::Es, Locale::En] {
            samples(&RegisterPage { locale, countries: countries(locale), notice: PRIVACY_NOTICE });
            samples(&AskPage::new(locale));
        }
        for stem in ["registered", "asked"] {
            samples(&DonePage { stem });
        }
    }
}
