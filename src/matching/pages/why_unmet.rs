//! How a lot of the reader's own lead firm fared in the run that was adopted, and what stood in the way of the rest of it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::May,
        http::Key,
        i18n::Locale,
        ids::{LotId, OrganisationId},
        page::{Page, View, filters, show},
        problem::Problem,
    },
    matching::{AskWhyUnmet, api::tell_why_unmet, store::explaining::WhyUnmet},
    organisations::store::firms,
    requirements::{self, Lot, Requirement},
};

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/lots/{id}/why-unmet", get(ask))
}

/// What a lot got, and what stood in the way of the rest.
#[derive(Template)]
#[template(path = "matching/pages/why_unmet.html")]
struct WhyUnmetPage {
    requirement: Requirement,
    lot: Lot,
    /// None: no run about it has been adopted.
    told: Option<WhyUnmet>,
    names: BTreeMap<OrganisationId, String>,
}

impl Page for WhyUnmetPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("why-unmet-title")
    }
}

impl WhyUnmetPage {
    /// Of the suppliers that let themselves be named, those whose names the reader sees.
    fn named<'a>(&'a self, suppliers: &'a [OrganisationId]) -> impl Iterator<Item = &'a String> {
        suppliers.iter().filter_map(|id| self.names.get(id))
    }
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AskWhyUnmet>,
    Key(id): Key<LotId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), *may.actor());
    let (requirement, lot) = requirements::store::lot(db, &actor, id).await?;
    let told = match tell_why_unmet(&base, may, id).await {
        Err(problem) if problem.code == "not-matched-yet" => None,
        told => Some(told?),
    };
    let suppliers =
        told.iter().flat_map(|told| &told.obstacles).flat_map(|(.., suppliers)| suppliers).copied();
    let names = firms::names(db, &actor, suppliers).await?;
    show(&view, &WhyUnmetPage { requirement, lot, told, names })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{foundation::page::samples, matching::why_unmet::Obstacle, requirements::pages::sample};

    #[test]
    fn what_stood_in_the_way_is_told_in_both_languages() {
        let id = OrganisationId(uuid::Uuid::nil());
        let page = |told| {
            let requirement = sample(requirements::State::Awarded);
            let names = BTreeMap::from([(id, "Tornos <Sur>".to_owned())]);
            WhyUnmetPage { lot: requirement.lots[0].clone(), requirement, told, names }
        };
        let obstacles = Obstacle::ALL.iter().map(|code| (*code, None, vec![id])).collect();
        let [es, _] = samples(&page(Some(WhyUnmet { awarded: 3, unmet: 7, obstacles })));
        assert!(
            es.contains("Tornos &#60;Sur&#62;") && es.contains(&Locale::Es.text("why-unmet-gaps")),
            "{es}"
        );
        let [es, _] = samples(&page(Some(WhyUnmet { awarded: 10, unmet: 0, obstacles: Vec::new() })));
        assert!(!es.contains("<ol class=\"reasons\">"), "nothing stood in the way: {es}");
        samples(&page(None));
    }
}
