//! The second factor at the screen: set up, given at a login, taken away.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use qrcodegen::{QrCode, QrCodeEcc};
use tower_sessions::Session;

use super::{Back, back_of, enter};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::{Fields, Input},
        http::{Address, Params},
        i18n::Locale,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    organisations::{
        auth,
        second_factor::{Code, Confirm, OwnPassword, ReadSecondFactor, Remove, Secret, SetUp, State},
        session::{self, Presented, Whence},
        store::{logins, people, second_factor},
    },
};

const HERE: &str = "/me/second-factor";
/// Where a login goes on that lacks it.
pub(super) const AT_LOGIN: &str = "/login/code";

/// The page of a login under way.
pub(super) fn routes() -> Router<Base> {
    Router::new().route(AT_LOGIN, get(code_page).post(give_code))
}

/// The pages behind a login.
pub(super) fn own() -> Router<Base> {
    Router::new()
        .route(HERE, get(factor_page).post(set_up))
        .route("/me/second-factor/confirm", post(confirm))
        .route("/me/second-factor/remove", post(remove))
}

/// The question for a code, once the password was right.
#[derive(Template)]
#[template(path = "organisations/pages/code.html")]
struct CodePage {
    back: String,
}

impl Page for CodePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("code-title")
    }
}

/// What the form of a login under way holds.
struct LoginCode {
    code: String,
    back: Back,
}

impl Input for LoginCode {
    fn read(f: &mut Fields) -> Option<Self> {
        let (code, back) = (Code::read(f), Back::read(f));
        Some(Self { code: code?.code, back: back? })
    }
}

fn to_login(back: &str) -> Response {
    Redirect::to(&session::with_back("/login", back)).into_response()
}

async fn code_page(
    Shared(base): Shared<Base>,
    view: View,
    session: Session,
    Params(Back(back)): Params<Back>,
) -> Result<Response, Problem> {
    match session::half(&session, base.clock.now()).await? {
        Some(_) => show(&view, &CodePage { back }),
        None => Ok(to_login(&back)),
    }
}

async fn give_code(
    Shared(base): Shared<Base>,
    view: View,
    session: Session,
    (whence, headers): (Whence, HeaderMap),
    form: Form<LoginCode>,
) -> Result<Response, Problem> {
    let back = back_of(&form.typed);
    let Some((account, password_at)) = session::half(&session, base.clock.now()).await? else {
        return Ok(to_login(&back));
    };
    let nobody = Actor::anonymous(view.locale);
    let Ok(account) = people::under_password(base.db.reads(), &nobody, account, password_at).await else {
        session::end(&session).await?;
        return Ok(to_login(&back));
    };
    let given = async {
        let LoginCode { code, back } = form.value?;
        auth::second_factor_at_login(&base, &account, &code, whence.from).await?;
        session::begin(&base, &session, &account, whence).await?;
        Ok(back)
    };
    match given.await {
        Ok(back) => enter(&base, &session, &account, back, &headers).await,
        Err(problem) => {
            // A code that was typed serves no second time.
            let typed = form.typed.only(|name, _| name != "code");
            show_again(&view, &CodePage { back }, problem, typed)
        }
    }
}

/// Somebody's second factor.
#[derive(Template)]
#[template(path = "organisations/pages/second_factor.html")]
struct FactorPage {
    state: State,
    zone: Zone,
}

impl Page for FactorPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("factor-title")
    }
}

async fn present(base: &Base, view: &View, actor: &Actor) -> Result<FactorPage, Problem> {
    Ok(FactorPage { state: second_factor::state(base.db.reads(), actor).await?, zone: view.zone() })
}

async fn factor_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadSecondFactor>,
) -> Result<Response, Problem> {
    show(&view, &present(&base, &view, may.actor()).await?)
}

/// The key, for the phone, and the question for the first code.
#[derive(Template)]
#[template(path = "organisations/pages/second_factor_key.html")]
struct KeyPage {
    /// The key in groups of four, its address, and its picture; not shown a second time.
    key: Option<(String, String, String)>,
}

impl KeyPage {
    fn of(secret: &Secret, email: &str) -> Result<Self, Problem> {
        let plain = secret.to_base32();
        let groups: Vec<_> = plain.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        let uri = secret.uri(email);
        let picture = picture(&uri)?;
        Ok(Self { key: Some((groups.join(" "), uri, picture)) })
    }
}

impl Page for KeyPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("factor-key-title")
    }
}

/// A text as a QR code: dark squares on a light ground in every colour scheme, as cameras want it.
fn picture(text: &str) -> Result<String, Problem> {
    use std::fmt::Write;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(Problem::internal)?;
    let (border, mut path) = (4, String::new());
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{},{}h1v1h-1z", x + border, y + border);
        }
    }
    let size = code.size() + 2 * border;
    Ok(format!(
        "<svg viewBox=\"0 0 {size} {size}\" width=\"220\" height=\"220\" aria-hidden=\"true\">\
         <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

async fn set_up(
    Shared(base): Shared<Base>,
    view: View,
    may: May<SetUp>,
    from: Address,
    form: Form<OwnPassword>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let mut key = None;
    let done = async {
        let OwnPassword { password } = form.value.clone()?;
        let account = auth::again(&base, &actor, password, from).await?;
        form.act(&base, may, async |w, _| {
            key = Some(KeyPage::of(&second_factor::set_up(w).await?, &account.email)?);
            Ok(HERE.to_owned())
        })
        .await
    };
    let done = done.await;
    if let (Ok(_), Some(page)) = (&done, &key) {
        return show(&view, page);
    }
    or_again(done, async |problem| show_again(&view, &present(&base, &view, &actor).await?, problem, typed))
        .await
}

/// The recovery codes, the one time that they are shown.
#[derive(Template)]
#[template(path = "organisations/pages/recovery_codes.html")]
struct CodesPage {
    codes: Vec<String>,
}

impl Page for CodesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("codes-title")
    }
}

async fn confirm(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Confirm>,
    (from, with): (Address, Presented),
    form: Form<Code>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.only(|name, _| name != "code"));
    let mut codes = Vec::new();
    let done = form.act(&base, may, async |w, value| {
        codes = second_factor::confirm(w, &value.code).await?;
        logins::end_others(w, with).await?;
        Ok(HERE.to_owned())
    });
    let done = auth::with_code(&base, (actor.account, from), done).await;
    if done.is_ok() && !codes.is_empty() {
        return show(&view, &CodesPage { codes });
    }
    or_again(done, async |problem| show_again(&view, &KeyPage { key: None }, problem, typed)).await
}

async fn remove(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Remove>,
    from: Address,
    form: Form<Code>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.only(|name, _| name != "code"));
    let done = form.act(&base, may, async |w, value| {
        second_factor::remove(w, &value.code).await?;
        Ok(HERE.to_owned())
    });
    or_again(auth::with_code(&base, (actor.account, from), done).await, async |problem| {
        show_again(&view, &present(&base, &view, &actor).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{clock::Timestamp, ids::Ids, page::samples};

    #[test]
    fn the_second_factor_is_shown_in_both_languages() {
        samples(&CodePage { back: "/x\"><b>".to_owned() });
        let since = Timestamp::from_micros(0);
        for state in
            [State::None, State::Begun, State::Active { since, codes: 1 }, State::Active { since, codes: 9 }]
        {
            samples(&FactorPage { state, zone: Zone::default() });
        }
        let [es, _] = samples(&KeyPage::of(&Secret::new(&Ids::seeded(1)), "ana+x@andes.example").unwrap());
        assert!(es.contains("otpauth://totp/Eslabon:ana%2Bx%40andes.example?secret="));
        samples(&KeyPage { key: None });
        samples(&CodesPage { codes: vec!["abcd-2fgh".to_owned()] });
    }
}
