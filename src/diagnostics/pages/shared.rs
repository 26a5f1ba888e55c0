//! What a supplier has scored by dimension, for a lead firm to which it has consented for that. No answer is shown.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use super::show::Scored;
use crate::{
    diagnostics::{ScoreWithConsent, store},
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        http::Key,
        i18n::Locale,
        ids::OrganisationId,
        page::{Page, View, filters, show},
        problem::Problem,
    },
    organisations::{consents::Purpose, reading_log, store::firms},
};

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/suppliers/{id}/scores", get(read))
}

/// The scores.
#[derive(Template)]
#[template(path = "diagnostics/pages/shared.html")]
struct SharedPage {
    supplier: String,
    submitted_at: Option<Timestamp>,
    valid_until: Option<Day>,
    scored: Scored,
}

impl Page for SharedPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("score-table")
    }
}

async fn read(
    State(base): State<Base>,
    view: View,
    may: May<ScoreWithConsent>,
    Key(supplier): Key<OrganisationId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let (found, answers) = store::with_consent(db, actor, supplier).await?;
    let on = firms::day(db, actor, found.organisation, base.clock.now()).await?;
    let page = SharedPage {
        supplier: firms::find(db, actor, supplier).await?.name,
        submitted_at: found.submitted_at,
        valid_until: found.valid_until,
        scored: Scored::of(found.instrument, &answers, on, view.locale),
    };
    let reading = vec![(supplier, found.id.0)];
    reading_log::note(&base, may, Purpose::Diagnostic, "diagnostic_scores", reading).await?;
    show(&view, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnostics::instrument,
        foundation::{access::Kind, page::samples},
    };

    #[test]
    fn scores_are_shown_in_both_languages() {
        let instrument = instrument::for_kind(Kind::Supplier).unwrap();
        let on = "2026-03-02".parse().unwrap();
        let page = SharedPage {
            supplier: "Tornos <Sur>".to_owned(),
            submitted_at: Some(Timestamp::from_micros(0)),
            valid_until: Some(on),
            scored: Scored::of(instrument, &[], on, Locale::Es),
        };
        samples(&page);
    }
}
