//! Files beside an answer: added from a phone or a desk, looked at, and, in a draft, taken out again.

use askama::Template;
use axum::{
    Router,
    extract::{Multipart, State, multipart::MultipartRejection},
    response::Response,
    routing::{get, post},
};

use super::{Own, question_address};
use crate::{
    diagnostics::{AddEvidence, DeleteEvidence, Evidence, ListEvidence, api::send_evidence, store},
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        files::transfer::{Kept, body_limit, keep},
        http::{Key, Reply},
        i18n::Locale,
        ids::{DiagnosticId, EvidenceId},
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
};

pub(super) fn routes() -> Router<Base> {
    let upload = Router::new()
        .route("/diagnostics/{id}/questions/{code}/evidence", get(list).post(add))
        .layer(body_limit());
    Router::new()
        .route("/evidence/{id}", get(send_evidence))
        .route("/evidence/{id}/delete", post(delete))
        .merge(upload)
}

fn address(id: DiagnosticId, code: &str) -> String {
    format!("{}/questions/{code}/evidence", super::address(id))
}

/// The files beside an answer.
#[derive(Template)]
#[template(path = "diagnostics/pages/evidence.html")]
struct EvidencePage {
    /// Its own address.
    there: String,
    /// The question's page.
    back: String,
    question: String,
    /// What would show it.
    hint: String,
    files: Vec<Evidence>,
    may_add: bool,
    may_delete: bool,
}

impl Page for EvidencePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("evidence-title")
    }
}

async fn evidence_page(
    base: &Base,
    actor: &Actor,
    (id, code): (DiagnosticId, &str),
    locale: Locale,
) -> Result<EvidencePage, Problem> {
    let own = Own::find(base, actor, id).await?;
    let question = own.diagnostic.question(code)?;
    let mut files = store::evidence_of(base.db.reads(), actor, id).await?;
    files.retain(|file| file.question == code);
    let (state, is_own) = (own.diagnostic.state, own.diagnostic.organisation == actor.organisation);
    Ok(EvidencePage {
        there: address(id, code),
        back: if own.is_draft() { question_address(id, question) } else { super::address(id) },
        question: question.text.get(locale).to_owned(),
        hint: question.evidence.get(locale).to_owned(),
        files,
        may_add: actor.takes::<AddEvidence>(state) && is_own == own.is_draft(),
        may_delete: is_own && actor.takes::<DeleteEvidence>(state),
    })
}

async fn list(
    State(base): State<Base>,
    view: View,
    may: May<ListEvidence>,
    Key((id, code)): Key<(DiagnosticId, String)>,
) -> Result<Response, Problem> {
    show(&view, &evidence_page(&base, may.actor(), (id, &code), view.locale).await?)
}

async fn add(
    State(base): State<Base>,
    view: View,
    may: May<AddEvidence>,
    Key((id, code)): Key<(DiagnosticId, String)>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    let there = address(id, &code);
    let done = async {
        // Nobody fills the disk beside a diagnostic that they can't see.
        store::find(base.db.reads(), &actor, id).await?.question(&code)?;
        keep(&base, may, upload, async |w, evidence: EvidenceId, file| {
            let (kept, is_new) = store::add_evidence(w, evidence, id, &code, file).await?;
            Ok(Kept { json: kept.id, location: there.clone(), is_new })
        })
        .await?;
        Ok(Reply::see_other(there.clone()))
    };
    or_again(done.await, async |problem| {
        let page = evidence_page(&base, &actor, (id, &code), view.locale).await?;
        show_again(&view, &page, problem, Typed::default())
    })
    .await
}

async fn delete(
    State(base): State<Base>,
    may: May<DeleteEvidence>,
    Key(id): Key<EvidenceId>,
    form: Form<Nothing>,
) -> Result<Reply, Problem> {
    let found = store::evidence(base.db.reads(), may.actor(), id).await?;
    base.write(may, form.once, async |w| {
        store::delete_evidence(&w, id).await?;
        Ok(w.done(Reply::see_other(address(found.diagnostic, &found.question))))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{clock::Timestamp, files::clean::MediaType, ids::OrganisationId, page::samples};

    #[test]
    fn files_are_shown_in_both_languages() {
        let file = Evidence {
            id: EvidenceId(uuid::Uuid::nil()),
            diagnostic: DiagnosticId(uuid::Uuid::nil()),
            question: "quality-iso-9001".to_owned(),
            media_type: MediaType::Jpeg,
            size: 2_048,
            sha256: "0".repeat(64),
            added_at: Timestamp::from_micros(0),
            added_for: OrganisationId(uuid::Uuid::nil()),
        };
        for (files, may) in [(vec![file], true), (Vec::new(), false)] {
            let (back, question, hint) = ("/".to_owned(), "¿<ISO>?".to_owned(), "Certificado".to_owned());
            samples(&EvidencePage {
                there: back.clone(),
                back,
                question,
                hint,
                files,
                may_add: may,
                may_delete: may,
            });
        }
    }
}
