//! The amendments of a requirement at the screen: what changed, why, and what that voided.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::May,
        http::Key,
        i18n::Locale,
        ids::RequirementId,
        page::{Page, View, filters, show},
        problem::Problem,
        zone::Zone,
    },
    programmes,
    requirements::{ListAmendments, Requirement, amendments::Amendment, store},
};

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/requirements/{id}/amendments", get(list))
}

/// The amendments of a requirement, the latest first.
#[derive(Template)]
#[template(path = "requirements/pages/amendments.html")]
struct AmendmentsPage {
    requirement: Requirement,
    amendments: Vec<Amendment>,
    /// By whose clocks its moments are told.
    zone: Zone,
}

impl Page for AmendmentsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("amendments-title")
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListAmendments>,
    Key(id): Key<RequirementId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let requirement = store::find(db, actor, id).await?;
    let mut amendments = store::amendments(db, actor, id).await?;
    amendments.reverse();
    let zone = programmes::store::zones(db, actor, [requirement.programme]).await?;
    let zone = zone.into_values().next().unwrap_or_default();
    show(&view, &AmendmentsPage { requirement, amendments, zone })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, ids::LotId, page::samples},
        requirements::{State, amendments::Changes, pages::sample},
    };

    #[test]
    fn amendments_are_shown_in_both_languages() {
        let fields = ["title", "description", "closes_at", "questions_until", "max_supplier_share"];
        let amendment = Amendment {
            revision: 2,
            reason: "Se corrigió el <plano>.".to_owned(),
            changes: Changes {
                fields: fields.map(str::to_owned).to_vec(),
                criteria: true,
                demanded: true,
                lots_changed: vec![LotId(uuid::Uuid::nil())],
                lots_removed: vec![LotId(uuid::Uuid::nil())],
                lots_added: 1,
            },
            before: serde_json::Value::Null,
            amended_at: Timestamp::from_micros(0),
        };
        let plain = Amendment { changes: Changes::default(), ..amendment.clone() };
        for amendments in [vec![amendment, plain], Vec::new()] {
            let (requirement, zone) = (sample(State::Published), Zone::default());
            samples(&AmendmentsPage { requirement, amendments, zone });
        }
    }
}
