//! A supplier's sealed price for a lot, at the screen.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::Key,
        i18n::Locale,
        ids::LotId,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    organisations::store::firms,
    programmes,
    requirements::{
        Lot, NewOffer, Offer, OfferStanding, PutOffer, ReadOffer, Requirement, State, WithdrawOffer,
        store::{self, offer, put_offer, withdraw_offer},
    },
};

pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/lots/{id}/offer", get(read).post(put))
        .route("/lots/{id}/offer/withdraw", get(confirm).post(withdraw))
}

/// A lot and one's own offer for it.
#[derive(Template)]
#[template(path = "requirements/pages/offer.html")]
struct OfferPage {
    requirement: Requirement,
    lead_firm: String,
    lot: Lot,
    /// By whose clocks its moments are told.
    zone: Zone,
    offer: Option<Offer>,
    /// Whether offers are taken, and this person makes them.
    is_open: bool,
    /// Whether it asks for the decision to withdraw.
    withdraws: bool,
}

impl OfferPage {
    fn saved<T: ToString>(&self, of: impl Fn(&NewOffer) -> Option<T>) -> String {
        self.offer
            .as_ref()
            .and_then(|offer| of(&offer.terms))
            .map_or_else(String::new, |value| value.to_string())
    }

    fn price(&self) -> String {
        self.saved(|terms| Some(terms.unit_price))
    }

    fn quantity(&self) -> String {
        self.saved(|terms| terms.max_quantity)
    }

    fn lead_time(&self) -> String {
        self.saved(|terms| terms.lead_time_days)
    }

    fn last_day(&self) -> String {
        self.saved(|terms| terms.valid_until)
    }

    fn version(&self) -> i64 {
        self.offer.as_ref().map_or(0, |offer| offer.version)
    }
}

impl Page for OfferPage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("offer-title", &[("lot", self.lot.terms.name.clone())])
    }
}

async fn page(base: &Base, actor: &Actor, id: LotId, withdraws: bool) -> Result<OfferPage, Problem> {
    let db = base.db.reads();
    let (requirement, lot) = store::lot(db, actor, id).await?;
    let offer = match offer(db, actor, id, None).await {
        Ok(found) => Some(found),
        Err(problem) if problem == Problem::not_found() => None,
        Err(problem) => return Err(problem),
    };
    let lead_firm = firms::find_all(db, actor, [requirement.lead_firm]).await?;
    let lead_firm = lead_firm.into_iter().next().map(|firm| firm.name).unwrap_or_default();
    let is_open = requirement.state == State::Published && actor.may::<PutOffer>().is_ok();
    let zone = programmes::store::zones(db, actor, [requirement.programme]).await?;
    let zone = zone.into_values().next().unwrap_or_default();
    Ok(OfferPage { requirement, lead_firm, lot, zone, offer, is_open, withdraws })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadOffer>,
    Key(id): Key<LotId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id, false).await?)
}

async fn put(
    Shared(base): Shared<Base>,
    view: View,
    may: May<PutOffer>,
    Key(id): Key<LotId>,
    form: Form<NewOffer>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, new| {
        put_offer(w, id, None, new, version).await?;
        Ok(format!("/lots/{id}/offer"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &page(&base, &actor, id, false).await?, problem, typed)
    })
    .await
}

async fn confirm(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WithdrawOffer>,
    Key(id): Key<LotId>,
) -> Result<Response, Problem> {
    let page = page(&base, may.actor(), id, true).await?;
    if page.offer.is_none() {
        return Err(Problem::not_found());
    }
    show(&view, &page)
}

async fn withdraw(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WithdrawOffer>,
    Key(id): Key<LotId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        withdraw_offer(w, id, None, version).await?;
        Ok(format!("/lots/{id}/offer"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &page(&base, &actor, id, true).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            figure::Figure,
            ids::{OrganisationId, ProgrammeId, RequirementId},
            money::UnitPrice,
            page::samples,
            share::Share,
        },
        requirements::{
            LotTerms,
            lots::{Delivery, Sourcing},
        },
    };

    const NONE: uuid::Uuid = uuid::Uuid::nil();

    pub(crate) fn requirement(state: State) -> Requirement {
        let terms = LotTerms {
            name: "Ejes <torneados>".to_owned(),
            process: "torneado".to_owned(),
            unit: "pieza".to_owned(),
            unit_code: Some("H87".to_owned()),
            quantity: 12_000,
            reference_price: Some(UnitPrice(1_500_000)),
            weight: Figure::from_millionths(1_000_000),
            max_share: Share::percent(60),
            min_coverage: Share::NONE,
            years: 2,
            sourcing: Sourcing::default(),
            delivery: Delivery { to: "2027-03-01".parse().ok(), ..Delivery::default() },
            external_reference: None,
        };
        Requirement {
            id: RequirementId(NONE),
            programme: ProgrammeId(NONE),
            network: None,
            currency: "CLP".parse().unwrap(),
            lead_firm: OrganisationId(NONE),
            title: "Repuestos <2026>".to_owned(),
            description: String::new(),
            state,
            external_reference: None,
            published_at: Some(Timestamp::from_micros(0)),
            closed_at: None,
            closes_at: Some(Timestamp::from_micros(0)),
            questions_until: None,
            awarded_at: None,
            max_supplier_share: Share::ALL,
            revision: 1,
            version: 2,
            lots: vec![Lot { id: LotId(NONE), terms, revision: 1 }],
            criteria: Vec::new(),
        }
    }

    #[test]
    fn an_offer_is_shown_in_both_languages() {
        let offer = |standing| Offer {
            lot: LotId(NONE),
            supplier: OrganisationId(NONE),
            consortium: None,
            terms: NewOffer {
                unit_price: UnitPrice(1_200_000),
                max_quantity: Some(100),
                lead_time_days: Some(20),
                valid_until: "2027-01-01".parse().ok(),
            },
            standing,
            deliver_by: None,
            proof: None,
            offered_at: Timestamp::from_micros(0),
            version: 3,
        };
        for state in State::ALL {
            for offer in OfferStanding::ALL.iter().map(|standing| Some(offer(*standing))).chain([None]) {
                for withdraws in [false, true] {
                    let requirement = requirement(*state);
                    let page = OfferPage {
                        lot: requirement.lots[0].clone(),
                        zone: Zone::default(),
                        requirement,
                        lead_firm: "Conservas".to_owned(),
                        offer: offer.clone(),
                        is_open: *state == State::Published,
                        withdraws: withdraws && offer.is_some(),
                    };
                    let [html, _] = samples(&page);
                    assert!(!html.contains("<torneados>"));
                }
            }
        }
    }
}
