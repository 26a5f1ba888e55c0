//! Coming and going: accept an invitation, log in, give a second factor, replace a forgotten password, choose the
//! organisation, log out.

mod invitation;
mod passwords;

mod consents;
mod countries;
mod declared;
mod logins;
mod people;
mod profile;
mod registering;
mod second_factor;
mod skills;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use tower_sessions::Session;

use super::{
    Account, Organisation, auth,
    session::{self, Whence},
    store::{firms, people as accounts, second_factor as factors},
};
use crate::foundation::{
    Base,
    access::{Actor, Role},
    fields::{Fields, Input},
    http::Params,
    i18n::Locale,
    ids::{AccountId, OrganisationId},
    page::{Entry, Form, Page, Typed, View, filters, is_local, language_cookie, show, show_again},
    problem::Problem,
};

/// The pages that need no login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/login", get(login_page).post(log_in))
        .route("/logout", post(log_out))
        .route("/logged-out", get(logged_out))
        .route("/organisation", get(choice_page).post(choose))
        .merge(passwords::routes())
        .merge(second_factor::routes())
        .merge(invitation::routes())
        .merge(registering::routes())
}

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[profile::ENTRY, people::ENTRY];

/// The pages behind a login.
pub fn own() -> Router<Base> {
    profile::routes()
        .merge(skills::routes())
        .merge(consents::routes())
        .merge(people::routes())
        .merge(logins::routes())
        .merge(second_factor::own())
        .merge(declared::routes())
}

#[derive(Template)]
#[template(path = "organisations/pages/login.html")]
struct LoginPage {
    back: String,
}

impl Page for LoginPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("login-title")
    }
}

/// Where to go after a login.
struct Back(String);

impl Input for Back {
    fn read(f: &mut Fields) -> Option<Self> {
        let back: Option<String> = f.optional("back")?;
        Some(Self(back.filter(|back| is_local(back)).unwrap_or_else(|| "/".to_owned())))
    }
}

async fn login_page(view: View, Params(Back(back)): Params<Back>) -> Result<Response, Problem> {
    if view.viewer.is_some() {
        return Ok(Redirect::to(&back).into_response());
    }
    show(&view, &LoginPage { back })
}

/// What the login form holds.
struct Credentials {
    email: String,
    password: String,
    back: Back,
}

impl Input for Credentials {
    fn read(f: &mut Fields) -> Option<Self> {
        let (email, password) = (f.text("email", 1..=254), f.text("password", 1..=200));
        let back = Back::read(f);
        Some(Self { email: email?.to_lowercase(), password: password?, back: back? })
    }
}

async fn log_in(
    State(base): State<Base>,
    view: View,
    session: Session,
    (whence, headers): (Whence, HeaderMap),
    form: Form<Credentials>,
) -> Result<Response, Problem> {
    let nobody = Actor::anonymous(view.locale);
    let entered = async {
        let Credentials { email, password, back } = form.value?;
        let account = auth::check(&base, &nobody, (&email, password), whence.from).await?;
        let factor = factors::state_of(base.db.reads(), &nobody, account.id).await?;
        if factor.is_active() {
            session::begin_half(&session, &account, base.clock.now()).await?;
        } else {
            session::begin(&base, &session, &account, whence).await?;
        }
        Ok((account, back, factor.is_active()))
    };
    match entered.await {
        Ok((_, Back(back), true)) => {
            Ok(Redirect::to(&session::with_back(second_factor::AT_LOGIN, &back)).into_response())
        }
        Ok((account, back, false)) => enter(&base, &session, &account, back, &headers).await,
        Err(problem) => {
            let back = back_of(&form.typed);
            show_again(&view, &LoginPage { back }, problem, form.typed)
        }
    }
}

/// Goes on with a session that has begun, in the person's language unless another one was chosen.
async fn enter(
    base: &Base,
    session: &Session,
    account: &Account,
    Back(back): Back,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    tracing::info!(account = %account.id, "logged in");
    let next = after_login(base, session, account, back).await?;
    let mut response = Redirect::to(&next).into_response();
    if Locale::chosen(headers).is_none() {
        let cookie = language_cookie(account.locale, base.config.behind_tls_proxy)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The organisations of a person, by name, with their role there.
async fn choices(base: &Base, account: AccountId) -> Result<Vec<(Organisation, Role)>, Problem> {
    let service = Actor::system(OrganisationId(account.0));
    let mut roles = accounts::memberships_of(base.db.reads(), &service, account).await?;
    let found = firms::find_all(base.db.reads(), &service, roles.iter().map(|(id, _)| *id)).await?;
    roles.sort_unstable();
    let role_of = |id| roles.iter().find(|(of, _)| *of == id).map(|(_, role)| *role);
    let mut choices: Vec<_> =
        found.into_iter().filter_map(|o| Some((role_of(o.id)?, o))).map(|(r, o)| (o, r)).collect();
    choices.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    Ok(choices)
}

/// The only organisation is chosen at once; among several the person chooses.
async fn after_login(
    base: &Base,
    session: &Session,
    account: &Account,
    back: String,
) -> Result<String, Problem> {
    let choices = choices(base, account.id).await?;
    if let [(only, _)] = choices.as_slice() {
        session::act_for(session, only, false).await?;
        return Ok(back);
    }
    Ok(session::with_back("/organisation", &back))
}

#[derive(Template)]
#[template(path = "organisations/pages/choice.html")]
struct ChoicePage {
    choices: Vec<(Organisation, Role)>,
    present: String,
    back: String,
}

impl Page for ChoicePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("choice-title")
    }
}

async fn choice_page(
    State(base): State<Base>,
    view: View,
    session: Session,
    Params(Back(back)): Params<Back>,
) -> Result<Response, Problem> {
    let Some(login) = session::login(&session).await? else {
        return Ok(Redirect::to(&session::with_back("/login", &back)).into_response());
    };
    let choices = choices(&base, login.account).await?;
    let present = login.organisation.map_or_else(String::new, |id| id.to_string());
    show(&view, &ChoicePage { choices, present, back })
}

struct Choice {
    organisation: OrganisationId,
    back: Back,
}

impl Input for Choice {
    fn read(f: &mut Fields) -> Option<Self> {
        let (organisation, back) = (f.required("organisation"), Back::read(f));
        Some(Self { organisation: organisation?, back: back? })
    }
}

async fn choose(
    State(base): State<Base>,
    view: View,
    session: Session,
    form: Form<Choice>,
) -> Result<Response, Problem> {
    let Some(login) = session::login(&session).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    let choices = choices(&base, login.account).await?;
    let chosen = form.value.and_then(|choice| {
        let found = choices.iter().find(|(organisation, _)| organisation.id == choice.organisation);
        found
            .map(|(organisation, _)| (organisation, choice.back))
            .ok_or_else(|| Problem::field("/organisation", "required"))
    });
    match chosen {
        Ok((organisation, Back(back))) => {
            session::act_for(&session, organisation, choices.len() > 1).await?;
            Ok(Redirect::to(&back).into_response())
        }
        Err(problem) => {
            let present = login.organisation.map_or_else(String::new, |id| id.to_string());
            let back = back_of(&form.typed);
            show_again(&view, &ChoicePage { choices, present, back }, problem, form.typed)
        }
    }
}

fn back_of(typed: &Typed) -> String {
    typed.get("back").filter(|back| is_local(back)).unwrap_or("/").to_owned()
}

async fn log_out(session: Session) -> Result<Redirect, Problem> {
    session::end(&session).await?;
    Ok(Redirect::to("/logged-out"))
}

#[derive(Template)]
#[template(path = "organisations/pages/logged_out.html")]
struct LoggedOut;

impl Page for LoggedOut {
    fn title(&self, locale: Locale) -> String {
        locale.text("logged-out-title")
    }
}

async fn logged_out(view: View) -> Result<Response, Problem> {
    show(&view, &LoggedOut)
}

/// Shown to whose session ended while they were typing.
#[derive(Template)]
#[template(path = "organisations/pages/session_over.html")]
pub(super) struct SessionOver {
    pub(super) path: String,
    pub(super) login: String,
    pub(super) typed: Typed,
}

impl Page for SessionOver {
    fn title(&self, locale: Locale) -> String {
        locale.text("session-over-title")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{access::Kind, page::samples};

    #[test]
    fn every_page_is_shown_in_both_languages() {
        let organisation = Organisation {
            id: OrganisationId(uuid::Uuid::nil()),
            kind: Kind::Supplier,
            name: "Tornos <Sur>".to_owned(),
            country: "CL".parse().unwrap(),
            tax_id: "760864285".to_owned(),
            buyer_group: None,
            lei: None,
            version: 1,
        };
        samples(&LoginPage { back: "/x\"><b>".to_owned() });
        let [es, _] = samples(&ChoicePage {
            choices: vec![(organisation, Role::SupplierMember)],
            present: String::new(),
            back: "/".to_owned(),
        });
        assert!(!es.contains("<Sur>"), "names are escaped");
        samples(&LoggedOut);
        let (path, login) = ("/x".to_owned(), "/login".to_owned());
        samples(&SessionOver { path, login, typed: Typed::default() });
    }
}
