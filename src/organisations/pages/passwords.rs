//! A forgotten password: ask for a letter, and give a new one by the letter's secret.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::Actor,
        fields::{Fields, Input},
        http::{Address, Params, Reply},
        i18n::Locale,
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::{
        auth,
        resets::{AskForReset, Forgotten, NewPassword, ResetPassword},
        store::resets,
    },
};

pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/password/forgotten", get(forgotten_page).post(ask))
        .route("/password/sent", get(sent))
        .route("/password/new", get(new_page).post(replace))
        .route("/password/replaced", get(replaced))
}

#[derive(Template)]
#[template(path = "organisations/pages/forgotten.html")]
struct ForgottenPage;

impl Page for ForgottenPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("forgotten-title")
    }
}

async fn forgotten_page(view: View) -> Result<Response, Problem> {
    show(&view, &ForgottenPage)
}

async fn ask(
    State(base): State<Base>,
    view: View,
    from: Address,
    form: Form<Forgotten>,
) -> Result<Response, Problem> {
    let done = async {
        let may = Actor::anonymous(view.locale).may::<AskForReset>()?;
        let forgotten = form.value?;
        base.limit_asking(&forgotten.email, from)?;
        base.write(may, form.once, async |w| {
            resets::ask(&w, forgotten).await?;
            Ok(w.done(Reply::see_other("/password/sent")))
        })
        .await
    };
    or_again(done.await, async |problem| show_again(&view, &ForgottenPage, problem, form.typed)).await
}

#[derive(Template)]
#[template(path = "organisations/pages/sent.html")]
struct SentPage;

impl Page for SentPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("forgotten-sent-title")
    }
}

/// The same for everybody, whether there is such an account or not.
async fn sent(view: View) -> Result<Response, Problem> {
    show(&view, &SentPage)
}

#[derive(Template)]
#[template(path = "organisations/pages/new_password.html")]
struct NewPasswordPage {
    secret: String,
}

impl Page for NewPasswordPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("new-password-title")
    }
}

/// What is said of a link that was used, or whose hour is over.
const SPENT: &str = "reset-not-valid";

/// The secret of a letter, as its link brings it.
pub(super) struct Brought(pub(super) String);

impl Input for Brought {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self(f.text("secret", 10..=200)?))
    }
}

async fn new_page(
    State(base): State<Base>,
    view: View,
    Params(Brought(secret)): Params<Brought>,
) -> Result<Response, Problem> {
    // Who follows an old link learns so before thinking up a password, and asks for another there.
    let nobody = Actor::anonymous(view.locale);
    match resets::check(base.db.reads(), &nobody, &secret, base.clock.now()).await {
        Ok(()) => show(&view, &NewPasswordPage { secret }),
        Err(problem) if problem.code == SPENT => show_again(&view, &ForgottenPage, problem, Typed::default()),
        Err(problem) => Err(problem),
    }
}

async fn replace(State(base): State<Base>, view: View, form: Form<NewPassword>) -> Result<Response, Problem> {
    let secret = form.typed.get("secret").unwrap_or_default().to_owned();
    let done = async {
        let may = Actor::anonymous(view.locale).may::<ResetPassword>()?;
        auth::replace_password(&base, may, form.once, form.value?, Reply::see_other("/password/replaced"))
            .await
    };
    let again = async |problem: Problem| match problem.code {
        SPENT => show_again(&view, &ForgottenPage, problem, Typed::default()),
        _ => show_again(&view, &NewPasswordPage { secret }, problem, form.typed),
    };
    or_again(done.await, again).await
}

#[derive(Template)]
#[template(path = "organisations/pages/replaced.html")]
struct ReplacedPage;

impl Page for ReplacedPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("password-replaced-title")
    }
}

async fn replaced(view: View) -> Result<Response, Problem> {
    show(&view, &ReplacedPage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::page::samples;

    #[test]
    fn every_page_is_shown_in_both_languages() {
        samples(&ForgottenPage);
        samples(&SentPage);
        samples(&ReplacedPage);
        let [es, _] = samples(&NewPasswordPage { secret: "\"><b>".to_owned() });
        assert!(!es.contains("\"><b>"), "what a link brings is escaped");
    }
}
