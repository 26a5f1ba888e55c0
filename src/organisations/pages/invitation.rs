//! An invitation, as its letter's link leads to it.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use super::{passwords::Brought, registering::AskPage};
use crate::{
    foundation::{
        Base,
        access::Actor,
        http::{Address, Params, Reply},
        i18n::Locale,
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::{
        PRIVACY_NOTICE, auth,
        joining::{AcceptInvitation, Acceptance},
        store::{firms, joining, people, personal},
    },
};

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/invitation", get(page).post(accept))
}

#[derive(Template)]
#[template(path = "organisations/pages/invitation.html")]
struct InvitationPage {
    organisation: String,
    email: String,
    is_new: bool,
    secret: String,
    locale: Locale,
    /// The version of the notice on personal data that is in force.
    notice: i64,
}

impl Page for InvitationPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("invitation-title")
    }
}

/// What an invitation says to whoever holds its secret.
async fn invited(base: &Base, locale: Locale, secret: String) -> Result<InvitationPage, Problem> {
    let (db, nobody) = (base.db.reads(), Actor::anonymous(locale));
    let found = joining::by_secret(db, &nobody, &secret, base.clock.now()).await?;
    let service = Actor::system(found.organisation);
    let organisation = firms::find(db, &service, found.organisation).await?.name;
    let is_new = people::for_login(db, &nobody, &found.email).await?.is_none();
    Ok(InvitationPage { organisation, email: found.email, is_new, secret, locale, notice: PRIVACY_NOTICE })
}

/// Whose invitation is of no use any more asks the firm's administrators for another.
fn spent(view: &View, problem: Problem) -> Result<Response, Problem> {
    match problem.code {
        "invitation-not-valid" => show_again(view, &AskPage::new(view.locale), problem, Typed::default()),
        _ => Err(problem),
    }
}

async fn page(
    State(base): State<Base>,
    view: View,
    Params(Brought(secret)): Params<Brought>,
) -> Result<Response, Problem> {
    match invited(&base, view.locale, secret).await {
        Ok(page) => show(&view, &page),
        Err(problem) => spent(&view, problem),
    }
}

async fn accept(
    State(base): State<Base>,
    view: View,
    from: Address,
    form: Form<Acceptance>,
) -> Result<Response, Problem> {
    let secret = form.typed.get("secret").unwrap_or_default().to_owned();
    let page = match invited(&base, view.locale, secret).await {
        Ok(page) => page,
        Err(problem) => return spent(&view, problem),
    };
    let nobody = Actor::anonymous(view.locale);
    let done = async {
        let acceptance = form.value?;
        let notice = acceptance.privacy_notice;
        let (invitation, guest) = auth::guest(&base, &nobody, acceptance, from).await?;
        base.write(nobody.may::<AcceptInvitation>()?, form.once, async |w| {
            let (_, member) = joining::accept(&w, invitation, guest).await?;
            personal::accept_notice(&w, member.account.id, notice).await?;
            Ok(w.done(Reply::see_other("/login")))
        })
        .await
    };
    match done.await {
        // Another's password: it is asked for again.
        Err(problem) if problem.code == "wrong-credentials" => show_again(&view, &page, problem, form.typed),
        done => or_again(done, async |problem| show_again(&view, &page, problem, form.typed)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::page::samples;

    #[test]
    fn an_invitation_is_shown_in_both_languages() {
        for is_new in [true, false] {
            samples(&InvitationPage {
                organisation: "Tornos <Sur>".to_owned(),
                email: "eva@uno.example".to_owned(),
                is_new,
                secret: "esi_0123456789".to_owned(),
                locale: Locale::Es,
                notice: PRIVACY_NOTICE,
            });
        }
    }
}
