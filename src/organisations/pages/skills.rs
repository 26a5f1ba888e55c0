//! What a supplier can do, at its own screen: its processes and certificates, and taking back what is not so any more.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use super::profile::own;
use crate::{
    foundation::{
        Base,
        access::May,
        fields::{Fields, Input, Nothing},
        http::Key,
        i18n::Locale,
        ids::CertificateId,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::{
        skills::{
            AddCertificate, NewCertificate, RemoveCapacity, RemoveCertificate, RemoveProcess, StateProcess,
            StatedProcess,
        },
        store::skills as store,
    },
};

/// Where every form leads.
const PROFILE: &str = "/profile";

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/profile/processes", get(process_page).post(state_process))
        .route("/profile/processes/remove", post(remove_process))
        .route("/profile/capacities/remove", post(remove_capacity))
        .route("/profile/certificates", get(certificate_page).post(add_certificate))
        .route("/profile/certificates/{id}/remove", post(remove_certificate))
}

/// A process to state.
#[derive(Template)]
#[template(path = "organisations/pages/process.html")]
struct ProcessPage;

impl Page for ProcessPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("process-title")
    }
}

async fn process_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateProcess>,
) -> Result<Response, Problem> {
    own(&base, may.actor()).await?;
    show(&view, &ProcessPage)
}

/// A process by its name.
struct Named {
    process: String,
    stated: StatedProcess,
}

impl Input for Named {
    fn read(f: &mut Fields) -> Option<Self> {
        let (process, stated) = (f.text("process", 1..=60), StatedProcess::read(f));
        Some(Self { process: process?, stated: stated? })
    }
}

async fn state_process(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateProcess>,
    form: Form<Named>,
) -> Result<Response, Problem> {
    let typed = form.typed.clone();
    let done = form.act(&base, may, async |w, Named { process, stated }| {
        store::state_process(w, process, stated).await?;
        Ok(PROFILE.to_owned())
    });
    or_again(done.await, async |problem| show_again(&view, &ProcessPage, problem, typed)).await
}

/// Which one to take back.
struct Which(String);

impl Input for Which {
    fn read(f: &mut Fields) -> Option<Self> {
        f.text("process", 1..=60).map(Self)
    }
}

async fn remove_process(
    Shared(base): Shared<Base>,
    may: May<RemoveProcess>,
    form: Form<Which>,
) -> Result<Response, Problem> {
    let done = form.act(&base, may, async |w, Which(process)| {
        store::remove_process(w, process).await?;
        Ok(PROFILE.to_owned())
    });
    Ok(done.await?.into_response())
}

async fn remove_capacity(
    Shared(base): Shared<Base>,
    may: May<RemoveCapacity>,
    form: Form<Which>,
) -> Result<Response, Problem> {
    let done = form.act(&base, may, async |w, Which(process)| {
        store::remove_capacity(w, process).await?;
        Ok(PROFILE.to_owned())
    });
    Ok(done.await?.into_response())
}

/// A certificate to add.
#[derive(Template)]
#[template(path = "organisations/pages/certificate.html")]
struct CertificatePage;

impl Page for CertificatePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("certificate-title")
    }
}

async fn certificate_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AddCertificate>,
) -> Result<Response, Problem> {
    own(&base, may.actor()).await?;
    show(&view, &CertificatePage)
}

async fn add_certificate(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AddCertificate>,
    form: Form<NewCertificate>,
) -> Result<Response, Problem> {
    let typed = form.typed.clone();
    let done = form.act(&base, may, async |w, new| {
        store::add_certificate(w, new).await?;
        Ok(PROFILE.to_owned())
    });
    or_again(done.await, async |problem| show_again(&view, &CertificatePage, problem, typed)).await
}

async fn remove_certificate(
    Shared(base): Shared<Base>,
    may: May<RemoveCertificate>,
    Key(id): Key<CertificateId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = form.act(&base, may, async |w, _| {
        store::remove_certificate(w, id).await?;
        Ok(PROFILE.to_owned())
    });
    Ok(done.await?.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::page::samples;

    #[test]
    fn skills_are_asked_in_both_languages() {
        samples(&ProcessPage);
        samples(&CertificatePage);
    }
}
