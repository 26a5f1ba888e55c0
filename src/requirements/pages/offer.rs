//! A supplier's sealed price for a lot, at the screen.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::{Actor, May, Operation},
        fields::Nothing,
        http::{Key, list::Window},
        i18n::Locale,
        ids::{ConsortiumId, LotId},
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    organisations::store::firms,
    programmes::{
        self,
        consortia::{self, Consortium},
    },
    requirements::{
        Lot, NewOffer, Offer, OfferStanding, PutConsortiumOffer, PutOffer, ReadConsortiumOffer, ReadOffer,
        Requirement, State, WithdrawConsortiumOffer, WithdrawOffer,
        store::{self, offer, put_offer, withdraw_offer},
    },
};

/// So many consortia are looked through.
const MOST: u64 = 200;

pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/lots/{id}/offer", get(read).post(put))
        .route("/lots/{id}/offer/withdraw", get(confirm).post(withdraw))
        .route("/lots/{id}/consortia/{consortium}/offer", get(read_joint).post(put_joint))
        .route("/lots/{id}/consortia/{consortium}/offer/withdraw", get(confirm_joint).post(withdraw_joint))
}

/// Where an offer for a lot is: one's own, or that of a consortium.
fn address(lot: LotId, consortium: Option<ConsortiumId>) -> String {
    let joint = consortium.map(|id| format!("/consortia/{id}")).unwrap_or_default();
    format!("/lots/{lot}{joint}/offer")
}

/// A lot and one's own offer for it, or that of a consortium.
#[derive(Template)]
#[template(path = "requirements/pages/offer.html")]
struct OfferPage {
    requirement: Requirement,
    lead_firm: String,
    lot: Lot,
    /// By whose clocks its moments are told.
    zone: Zone,
    offer: Option<Offer>,
    /// For which consortium it is; none: one's own.
    consortium: Option<Consortium>,
    /// The consortia for which one could make another.
    others: Vec<Consortium>,
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

    fn address(&self) -> String {
        address(self.lot.id, self.consortium.as_ref().map(|one| one.id))
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

/// The consortia for which the actor's firm speaks and that may bid for the requirement.
async fn spoken_for(
    base: &Base,
    actor: &Actor,
    requirement: &Requirement,
) -> Result<Vec<Consortium>, Problem> {
    if actor.may::<PutConsortiumOffer>().is_err() {
        return Ok(Vec::new());
    }
    let (db, programme) = (base.db.reads(), Some(requirement.programme));
    let found = programmes::store::list_consortia(db, actor, programme, &Window::first(MOST)).await?.items;
    let fits = |one: &Consortium| {
        one.speaker == actor.organisation
            && one.state == consortia::State::Ready
            && (one.network.is_none() || one.network == requirement.network)
    };
    Ok(found.into_iter().filter(fits).collect())
}

async fn page(
    base: &Base,
    actor: &Actor,
    id: LotId,
    consortium: Option<ConsortiumId>,
    withdraws: bool,
) -> Result<OfferPage, Problem> {
    let db = base.db.reads();
    let (requirement, lot) = store::lot(db, actor, id).await?;
    let consortium = match consortium {
        Some(id) => Some(programmes::store::find_consortium(db, actor, id).await?),
        None => None,
    };
    let offer = match offer(db, actor, id, consortium.as_ref().map(|one| one.id)).await {
        Ok(found) => Some(found),
        Err(problem) if problem == Problem::not_found() => None,
        Err(problem) => return Err(problem),
    };
    let lead_firm = firms::find_all(db, actor, [requirement.lead_firm]).await?;
    let lead_firm = lead_firm.into_iter().next().map(|firm| firm.name).unwrap_or_default();
    let speaks = consortium.as_ref().is_none_or(|one| one.speaker == actor.organisation);
    let is_open = requirement.state == State::Published && actor.may::<PutOffer>().is_ok() && speaks;
    let others = if is_open && consortium.is_none() {
        spoken_for(base, actor, &requirement).await?
    } else {
        Vec::new()
    };
    let zone = programmes::store::zones(db, actor, [requirement.programme]).await?;
    let zone = zone.into_values().next().unwrap_or_default();
    Ok(OfferPage { requirement, lead_firm, lot, zone, offer, consortium, others, is_open, withdraws })
}

/// The page that asks before an offer is withdrawn.
async fn before_withdrawing(
    base: &Base,
    actor: &Actor,
    id: LotId,
    consortium: Option<ConsortiumId>,
) -> Result<OfferPage, Problem> {
    let page = page(base, actor, id, consortium, true).await?;
    if page.offer.is_none() { Err(Problem::not_found()) } else { Ok(page) }
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadOffer>,
    Key(id): Key<LotId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id, None, false).await?)
}

async fn read_joint(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadConsortiumOffer>,
    Key((id, consortium)): Key<(LotId, ConsortiumId)>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id, Some(consortium), false).await?)
}

async fn put(
    Shared(base): Shared<Base>,
    view: View,
    may: May<PutOffer>,
    Key(id): Key<LotId>,
    form: Form<NewOffer>,
) -> Result<Response, Problem> {
    offer_for(&base, &view, may, id, None, form).await
}

async fn put_joint(
    Shared(base): Shared<Base>,
    view: View,
    may: May<PutConsortiumOffer>,
    Key((id, consortium)): Key<(LotId, ConsortiumId)>,
    form: Form<NewOffer>,
) -> Result<Response, Problem> {
    offer_for(&base, &view, may, id, Some(consortium), form).await
}

async fn offer_for<O: Operation>(
    base: &Base,
    view: &View,
    may: May<O>,
    id: LotId,
    consortium: Option<ConsortiumId>,
    form: Form<NewOffer>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(base, may, async |w, version, new| {
        put_offer(w, id, consortium, new, version).await?;
        Ok(address(id, consortium))
    });
    or_again(done.await, async |problem| {
        show_again(view, &page(base, &actor, id, consortium, false).await?, problem, typed)
    })
    .await
}

async fn confirm(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WithdrawOffer>,
    Key(id): Key<LotId>,
) -> Result<Response, Problem> {
    show(&view, &before_withdrawing(&base, may.actor(), id, None).await?)
}

async fn confirm_joint(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WithdrawConsortiumOffer>,
    Key((id, consortium)): Key<(LotId, ConsortiumId)>,
) -> Result<Response, Problem> {
    show(&view, &before_withdrawing(&base, may.actor(), id, Some(consortium)).await?)
}

async fn withdraw(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WithdrawOffer>,
    Key(id): Key<LotId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    take_back(&base, &view, may, id, None, form).await
}

async fn withdraw_joint(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WithdrawConsortiumOffer>,
    Key((id, consortium)): Key<(LotId, ConsortiumId)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    take_back(&base, &view, may, id, Some(consortium), form).await
}

async fn take_back<O: Operation>(
    base: &Base,
    view: &View,
    may: May<O>,
    id: LotId,
    consortium: Option<ConsortiumId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(base, may, async |w, version, _| {
        withdraw_offer(w, id, consortium, version).await?;
        Ok(address(id, consortium))
    });
    or_again(done.await, async |problem| {
        show_again(view, &page(base, &actor, id, consortium, true).await?, problem, typed)
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
            announced: None,
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
                for (withdraws, is_joint) in [(false, false), (true, true)] {
                    let requirement = requirement(*state);
                    let joint = || Consortium {
                        id: ConsortiumId(NONE),
                        programme: ProgrammeId(NONE),
                        network: None,
                        name: "Torneros <del valle>".to_owned(),
                        speaker: OrganisationId(NONE),
                        state: consortia::State::Ready,
                        members: Vec::new(),
                        version: 1,
                    };
                    let page = OfferPage {
                        lot: requirement.lots[0].clone(),
                        zone: Zone::default(),
                        requirement,
                        lead_firm: "Conservas".to_owned(),
                        offer: offer.clone(),
                        consortium: is_joint.then(joint),
                        others: if is_joint { Vec::new() } else { vec![joint()] },
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
