//! Contracts at the screen: drawn up from an approved match, signed by both firms, delivered and paid.

mod ending;
mod kept;
mod scorecard;

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{
    AnnounceRenewal, Contract, Create, Delivery, List, Move, NewContract, Payment, Read, RecordDelivery,
    RecordPayment, Sign, State,
    store::{self, Filter},
};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fields, Input, Nothing},
        http::{
            Key, Params,
            list::{Page as ListPage, Paged, Window},
        },
        i18n::Locale,
        ids::{ContractId, LotId, MatchId},
        page::{self, Entry, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    organisations::store::firms,
    programmes, requirements,
};

/// So many contracts stand on one page.
const PAGE: u64 = 50;

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[Entry { path: "/contracts", text: "contracts-title", kinds: Kind::ALL }];

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/contracts", get(list))
        .route("/contracts/new", get(new_page).post(create))
        .route("/contracts/{id}", get(read))
        .route("/contracts/{id}/sign", get(sign_page).post(sign))
        .merge(kept::routes())
        .merge(ending::routes())
        .merge(scorecard::routes())
}

/// How a state is coloured; its name stands beside.
const fn tone(state: State) -> &'static str {
    match state {
        State::Active => "good",
        State::Draft | State::SignedBySupplier | State::SignedByLeadFirm => "now",
        State::Ended => "",
        State::Terminated | State::Withdrawn => "bad",
    }
}

/// How far a contract has come; what was withdrawn or ended early goes no further.
fn course(state: State) -> Vec<(&'static str, &'static str)> {
    let is_signed = matches!(state, State::SignedBySupplier | State::SignedByLeadFirm);
    let way = [State::Draft, State::Active, State::Ended];
    page::course(&way.map(State::word), if is_signed { State::Draft } else { state }.word())
}

/// A contract with its names.
struct Named {
    contract: Contract,
    supplier: String,
    lead_firm: String,
    requirement: String,
    /// By whose clocks its moments are told.
    zone: Zone,
    lots: Vec<(LotId, String, String)>,
}

impl Named {
    /// The name of a lot, and in what it is counted.
    fn lot(&self, id: &LotId) -> (&str, &str) {
        let found = self.lots.iter().find(|(lot, ..)| lot == id);
        found.map_or(("–", ""), |(_, name, unit)| (name.as_str(), unit.as_str()))
    }
}

async fn named(base: &Base, actor: &Actor, contracts: Vec<Contract>) -> Result<Vec<Named>, Problem> {
    let db = base.db.reads();
    // Who sees a contract reads in it who made it and about what.
    let service = Actor::system(actor.organisation);
    let ids = contracts.iter().flat_map(|contract| [contract.supplier, contract.lead_firm]);
    let names = firms::names(db, &service, ids.collect::<BTreeSet<_>>()).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let zones =
        programmes::store::zones(db, &service, contracts.iter().map(|contract| contract.programme)).await?;
    let mut about = BTreeMap::new();
    for id in contracts.iter().map(|contract| contract.requirement).collect::<BTreeSet<_>>() {
        about.insert(id, requirements::store::find(db, &service, id).await?);
    }
    let mut all = Vec::with_capacity(contracts.len());
    for contract in contracts {
        let requirement = about.get(&contract.requirement).ok_or_else(Problem::not_found)?;
        let lots = requirement.lots.iter().map(|lot| (lot.id, lot.name.clone(), lot.unit.clone()));
        all.push(Named {
            supplier: name(contract.supplier),
            lead_firm: name(contract.lead_firm),
            requirement: requirement.title.clone(),
            zone: zones.get(&contract.programme).cloned().unwrap_or_default(),
            lots: lots.collect(),
            contract,
        });
    }
    Ok(all)
}

/// The contracts that one may see.
#[derive(Template)]
#[template(path = "contracts/pages/list.html")]
struct ContractsPage {
    kind: Kind,
    items: Vec<Named>,
    next: Option<String>,
    prev: Option<String>,
}

impl Page for ContractsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("contracts-title")
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Params(Paged(window)): Params<Paged<PAGE>>,
) -> Result<Response, Problem> {
    let kind = may.actor().kind().ok_or_else(Problem::not_found)?;
    let (db, actor) = (base.db.reads(), may.actor());
    let ListPage { items, next, prev } = store::list(db, actor, Filter::default(), &window).await?;
    show(&view, &ContractsPage { kind, items: named(&base, may.actor(), items).await?, next, prev })
}

/// A contract, and what has come of it.
#[derive(Template)]
#[template(path = "contracts/pages/contract.html")]
struct ContractPage {
    named: Named,
    deliveries: Vec<Delivery>,
    payments: Vec<Payment>,
    /// Whether there are more entries than are shown.
    has_more: bool,
    /// Whether who reads it may announce its renewal.
    may_renew: bool,
    may: Steps,
}

/// The steps that who reads the contract may take now.
struct Steps {
    sign: bool,
    record_delivery: bool,
    record_payment: bool,
    /// What ends it.
    ends: Vec<ending::Step>,
}

impl Page for ContractPage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("contract-title", &[("requirement", self.named.requirement.clone())])
    }

    fn is_wide(&self) -> bool {
        true
    }
}

fn may_sign(actor: &Actor, state: State) -> bool {
    let step = match actor.kind() {
        Some(Kind::Supplier) => Move::SupplierSigns,
        Some(Kind::LeadFirm) => Move::LeadFirmSigns,
        _ => return false,
    };
    actor.may::<Sign>().is_ok() && step.from(state).is_some()
}

async fn one(base: &Base, actor: &Actor, id: ContractId) -> Result<Named, Problem> {
    let found = store::find(base.db.reads(), actor, id).await?;
    named(base, actor, vec![found]).await?.pop().ok_or_else(Problem::not_found)
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<ContractId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let named = one(&base, actor, id).await?;
    let state = named.contract.state;
    let is_kept = matches!(state, State::Active | State::Ended | State::Terminated);
    let window = Window::first(PAGE);
    let deliveries = store::deliveries(db, actor, id, &window).await?;
    let payments = store::payments(db, actor, id, &window).await?;
    let page = ContractPage {
        may_renew: actor.takes::<AnnounceRenewal>(state),
        has_more: deliveries.next.is_some() || payments.next.is_some(),
        deliveries: deliveries.items,
        payments: payments.items,
        may: Steps {
            sign: may_sign(actor, state),
            record_delivery: is_kept && actor.may::<RecordDelivery>().is_ok(),
            record_payment: is_kept && actor.may::<RecordPayment>().is_ok(),
            ends: ending::Step::ALL
                .iter()
                .copied()
                .filter(|step| step.is_open(actor, &named.contract))
                .collect(),
        },
        named,
    };
    show(&view, &page)
}

/// The decision to sign.
#[derive(Template)]
#[template(path = "contracts/pages/sign.html")]
struct SignPage {
    named: Named,
}

impl Page for SignPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("contract-sign-title")
    }
}

async fn sign_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Sign>,
    Key(id): Key<ContractId>,
) -> Result<Response, Problem> {
    show(&view, &SignPage { named: one(&base, may.actor(), id).await? })
}

async fn sign(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Sign>,
    Key(id): Key<ContractId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        store::sign(w, id, version).await?;
        Ok(format!("/contracts/{id}"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &SignPage { named: one(&base, &actor, id).await? }, problem, typed)
    })
    .await
}

/// A contract to draw up from a match.
#[derive(Template)]
#[template(path = "contracts/pages/new.html")]
struct NewPage {
    wanted: MatchId,
}

impl Page for NewPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("contract-new-title")
    }
}

struct From(MatchId);

impl Input for From {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self(f.required("match")?))
    }
}

async fn new_page(
    view: View,
    _: May<Create>,
    Params(From(wanted)): Params<From>,
) -> Result<Response, Problem> {
    show(&view, &NewPage { wanted })
}

async fn create(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Create>,
    form: Form<NewContract>,
) -> Result<Response, Problem> {
    let typed = form.typed.clone();
    let wanted = typed.get("matches-0").and_then(|id| id.parse().ok());
    let done = form.act(&base, may, async |w, new| {
        let drawn = store::draw_up(w, new).await?;
        Ok(format!("/contracts/{}", drawn.id))
    });
    or_again(done.await, async |problem| {
        let wanted = wanted.ok_or_else(Problem::not_found)?;
        show_again(&view, &NewPage { wanted }, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        contracts::{Line, NewDelivery, Signature},
        foundation::{
            clock::Timestamp,
            ids::{AccountId, DeliveryId, OrganisationId, PaymentId, ProgrammeId, RequirementId},
            money::{Money, UnitPrice},
            page::samples,
        },
    };

    pub(super) fn sample(state: State) -> Named {
        let none = Uuid::nil();
        let amount = Money::parse("1234567", "CLP".parse().unwrap()).unwrap();
        let line = Line {
            r#match: MatchId(none),
            lot: LotId(none),
            quantity: 1_200,
            unit_price: UnitPrice(1_000_000),
            years: 2,
            amount,
        };
        let signature = Some(Signature { by: AccountId(none), at: Timestamp::from_micros(0) });
        let contract = Contract {
            id: ContractId(none),
            programme: ProgrammeId(none),
            requirement: RequirementId(none),
            lead_firm: OrganisationId(none),
            supplier: OrganisationId(none),
            state,
            starts_on: "2026-04-01".parse().unwrap(),
            ends_on: "2028-03-31".parse().unwrap(),
            payment_days: 30,
            amount,
            annual_amount: amount,
            renews: None,
            renewed_by_lot: None,
            content_hash: "f".repeat(64),
            supplier_signed: signature,
            lead_firm_signed: (state == State::Active).then_some(signature).flatten(),
            ended_on: None,
            reason: (state == State::Terminated).then(|| "Ya no <hay> demanda".to_owned()),
            created_at: Timestamp::from_micros(0),
            version: 2,
            lines: vec![line],
        };
        Named {
            contract,
            supplier: "Tornos <Sur>".to_owned(),
            lead_firm: "Conservas".to_owned(),
            requirement: "Repuestos".to_owned(),
            zone: Zone::default(),
            lots: vec![(LotId(none), "Ejes".to_owned(), "pieza".to_owned())],
        }
    }

    #[test]
    fn only_what_has_left_the_way_has_no_place_on_it() {
        let gone = State::ALL.iter().copied().filter(|state| course(*state).is_empty());
        assert_eq!(gone.collect::<Vec<_>>(), [State::Terminated, State::Withdrawn]);
        assert_eq!(course(State::SignedByLeadFirm), course(State::Draft));
    }

    #[test]
    fn contracts_are_shown_in_both_languages() {
        let none = Uuid::nil();
        for kind in Kind::ALL {
            let items = State::ALL.iter().map(|state| sample(*state)).collect();
            samples(&ContractsPage { kind: *kind, items, next: None, prev: None });
            samples(&ContractsPage { kind: *kind, items: Vec::new(), next: None, prev: None });
        }
        let delivery = |made_on: Option<&str>, corrected_by| Delivery {
            id: DeliveryId(none),
            contract: ContractId(none),
            said: NewDelivery {
                lot: LotId(none),
                due_on: "2026-05-01".parse().unwrap(),
                made_on: made_on.and_then(|day| day.parse().ok()),
                units: 100,
                accepted: made_on.map(|_| 90),
                rejected: made_on.map(|_| 10),
                note: None,
                corrects: None,
            },
            corrected_by,
            recorded_by: AccountId(none),
            recorded_at: Timestamp::from_micros(0),
        };
        for state in State::ALL {
            let named = sample(*state);
            let payment = Payment {
                id: PaymentId(none),
                contract: ContractId(none),
                invoice: "F-<1>".to_owned(),
                invoiced_on: "2026-05-02".parse().unwrap(),
                due_on: "2026-06-01".parse().unwrap(),
                paid_on: "2026-06-15".parse().ok(),
                amount: named.contract.amount,
                note: None,
                corrects: None,
                corrected_by: None,
                recorded_by: AccountId(none),
                recorded_at: Timestamp::from_micros(0),
            };
            let deliveries = vec![delivery(None, None), delivery(Some("2026-05-04"), Some(DeliveryId(none)))];
            let page = ContractPage {
                named,
                deliveries,
                payments: vec![payment],
                has_more: true,
                may_renew: true,
                may: Steps {
                    sign: true,
                    record_delivery: true,
                    record_payment: true,
                    ends: ending::Step::ALL.to_vec(),
                },
            };
            let [html, _] = samples(&page);
            assert!(!html.contains("<Sur>") && !html.contains("<1>"), "names are escaped");
        }
        samples(&SignPage { named: sample(State::Draft) });
        samples(&NewPage { wanted: MatchId(none) });
    }
}
