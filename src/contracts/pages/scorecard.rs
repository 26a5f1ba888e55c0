//! A supplier's scorecard at the screen: how its deliveries came and how it was paid, from recorded facts alone.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};
use num_rational::BigRational;

use crate::{
    contracts::{
        Period, ReadScorecard,
        scorecard::{Deliveries, Paid, Scorecard},
        store,
    },
    foundation::{
        Base,
        access::{Actor, May},
        clock::Day,
        fields::{Fields, Input},
        figure,
        http::{Key, Params},
        i18n::Locale,
        ids::OrganisationId,
        page::{Page, View, filters, show},
        problem::Problem,
    },
    organisations::store::firms,
};

/// Without other words, a scorecard speaks of the last twelve months.
const DAYS: i64 = 365;

/// The page, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new().route("/suppliers/{id}/scorecard", get(read))
}

/// How a supplier has kept the contracts that the viewer sees.
#[derive(Template)]
#[template(path = "contracts/pages/scorecard.html")]
struct ScorecardPage {
    supplier: String,
    card: Scorecard,
    names: BTreeMap<OrganisationId, String>,
}

/// A figure as people read it; none: nothing is known.
fn known(figure: Option<BigRational>, scale: i64, decimals: u32) -> String {
    let scaled = figure.map(|figure| figure * BigRational::from_integer(scale.into()));
    scaled.map_or_else(|| "–".to_owned(), |figure| filters::grouped(&figure::rounded(&figure, decimals)))
}

impl ScorecardPage {
    fn on_time(deliveries: &Deliveries) -> String {
        known(deliveries.on_time_share(), 100, 1)
    }

    fn ppm(deliveries: &Deliveries) -> String {
        known(deliveries.ppm(), 1, 0)
    }

    fn days(paid: &Paid) -> String {
        known(paid.days_to_pay(), 1, 1)
    }

    fn name(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("–", String::as_str)
    }

    /// The months in which something was due.
    fn months(&self) -> Vec<&crate::contracts::scorecard::Month> {
        self.card.months.iter().filter(|month| month.deliveries.due > 0).collect()
    }
}

impl Page for ScorecardPage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("scorecard-title", &[("supplier", self.supplier.clone())])
    }

    fn is_wide(&self) -> bool {
        true
    }
}

/// The period that is asked for; none: the usual one.
struct Asked(Option<Period>);

impl Input for Asked {
    fn read(f: &mut Fields) -> Option<Self> {
        let (from, to) = (f.optional::<Day>("from")?, f.optional::<Day>("to")?);
        if from.is_none() && to.is_none() {
            return Some(Self(None));
        }
        Period::read(f).map(|period| Self(Some(period)))
    }
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadScorecard>,
    Key(supplier): Key<OrganisationId>,
    Params(Asked(period)): Params<Asked>,
) -> Result<Response, Problem> {
    let (db, actor, now) = (base.db.reads(), may.actor(), base.clock.now());
    let today = view.zone().day(now);
    let period = period.unwrap_or_else(|| Period { from: today.plus_days(-DAYS), to: today });
    let card = store::scorecard(db, actor, supplier, period, now).await?;
    // Who sees a contract reads in it who made it.
    let service = Actor::system(actor.organisation);
    let ids = card.paid.iter().map(|paid| paid.lead_firm).chain([supplier]);
    let mut names = firms::names(db, &service, ids).await?;
    let supplier = names.remove(&supplier).unwrap_or_default();
    show(&view, &ScorecardPage { supplier, card, names })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contracts::{NewDelivery, Payment, pages::tests::sample},
        foundation::{
            clock::Timestamp,
            ids::{AccountId, ContractId, DeliveryId, LotId, PaymentId},
            page::samples,
        },
    };

    #[test]
    fn a_scorecard_is_shown_in_both_languages() {
        let none = uuid::Uuid::nil();
        let day = |text: &str| text.parse::<Day>().unwrap();
        let delivery = |made_on: Option<Day>| crate::contracts::Delivery {
            id: DeliveryId(none),
            contract: ContractId(none),
            said: NewDelivery {
                lot: LotId(none),
                due_on: day("2026-02-01"),
                made_on,
                units: 100,
                accepted: made_on.map(|_| 90),
                rejected: made_on.map(|_| 10),
                note: None,
                corrects: None,
            },
            corrected_by: None,
            recorded_by: AccountId(none),
            recorded_at: Timestamp::from_micros(0),
        };
        let payment = Payment {
            id: PaymentId(none),
            contract: ContractId(none),
            invoice: "F-1".to_owned(),
            invoiced_on: day("2026-02-02"),
            due_on: day("2026-03-01"),
            paid_on: Some(day("2026-03-10")),
            amount: sample(crate::contracts::State::Active).contract.amount,
            note: None,
            corrects: None,
            corrected_by: None,
            recorded_by: AccountId(none),
            recorded_at: Timestamp::from_micros(0),
        };
        let (today, firm) = (day("2026-04-01"), OrganisationId(none));
        let period = Period { from: day("2026-01-01"), to: today };
        let deliveries = [(today, delivery(Some(day("2026-02-03")))), (today, delivery(None))];
        let names: BTreeMap<_, _> = [(firm, "Conservas <Sur>".to_owned())].into();
        for (deliveries, payments) in [(&deliveries[..], &[(today, firm, payment)][..]), (&[][..], &[][..])] {
            let card = Scorecard::new(firm, period, deliveries, payments);
            let (supplier, names) = ("Tornos".to_owned(), names.clone());
            samples(&ScorecardPage { supplier, card, names });
        }
    }
}
