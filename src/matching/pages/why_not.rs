//! "Why not me": what kept the reader's own firm from a lot, or from more of it, and what it can do. Nothing about
//! others.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::show::percent;
use crate::{
    diagnostics::instrument,
    foundation::{
        Base,
        access::May,
        http::Key,
        i18n::Locale,
        ids::LotId,
        page::{Page, View, filters, show},
        problem::Problem,
    },
    matching::{AskWhyNot, store::explaining, why_not::Own},
    requirements::{self, Lot, Requirement},
};

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/lots/{id}/why-not", get(ask))
}

/// A reason in words.
struct Reason {
    text: String,
    /// The figures or names behind it.
    details: Vec<String>,
    /// Whether the firm's improvement plan is the way.
    leads_to_plan: bool,
}

impl Reason {
    fn new(own: &Own, locale: Locale) -> Self {
        let asked = |codes: &[String]| {
            codes.iter().map(|code| instrument::asked_of_suppliers(code, locale)).collect::<Vec<_>>()
        };
        let details = match own {
            Own::Gaps { unplanned, .. } => asked(unplanned),
            Own::Capacity(process) => vec![process.clone()],
            Own::Dependency { cap, after, .. } => {
                let said = |key: &str, share: &str| {
                    percent(share).map(|share| locale.text_with(key, &[("share", share)]))
                };
                let after = after.as_ref().and_then(|share| said("why-not-after", share));
                after.into_iter().chain(said("why-not-cap", cap)).collect()
            }
            _ => Vec::new(),
        };
        Self { text: locale.text(own.said().1), details, leads_to_plan: matches!(own, Own::Gaps { .. }) }
    }
}

/// What a firm got of a lot, and why no more.
#[derive(Template)]
#[template(path = "matching/pages/why_not.html")]
struct WhyNotPage {
    requirement: Requirement,
    lot: Lot,
    awarded: i64,
    reasons: Vec<Reason>,
}

impl Page for WhyNotPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("why-not-title")
    }
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AskWhyNot>,
    Key(id): Key<LotId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let (requirement, lot) = requirements::store::lot(db, actor, id).await?;
    let (awarded, reasons) = explaining::why_not_me(db, actor, id).await?;
    let reasons = reasons.iter().map(|own| Reason::new(own, view.locale)).collect();
    show(&view, &WhyNotPage { requirement, lot, awarded, reasons })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{foundation::page::samples, requirements::pages::sample};

    #[test]
    fn every_reason_is_told_in_both_languages() {
        let all = [
            Own::NoCandidate,
            Own::Forbidden,
            Own::Gaps { actions: vec!["x".to_owned()], unplanned: Vec::new() },
            Own::Gaps { actions: Vec::new(), unplanned: vec!["delivery-on-time".to_owned()] },
            Own::Capacity("torneado".to_owned()),
            Own::Dependency { group: "g".to_owned(), cap: "0.3".to_owned(), after: Some("0.29".to_owned()) },
            Own::Concentration,
            Own::LeadTime,
            Own::Price,
            Own::Rule("max_awards".to_owned()),
            Own::ServedOtherwise,
        ];
        let page = |awarded| {
            let requirement = sample(requirements::State::Awarded);
            let reasons = all.iter().map(|own| Reason::new(own, Locale::Es)).collect();
            WhyNotPage { lot: requirement.lots[0].clone(), requirement, awarded, reasons }
        };
        let [es, _] = samples(&page(0));
        assert!(es.contains("29.0") && es.contains("30.0"), "its own share and its cap: {es}");
        samples(&page(12));
    }
}
