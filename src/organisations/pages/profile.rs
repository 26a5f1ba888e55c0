//! A supplier's own profile at the screen: what it sells, to whom, and what it can make.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        clock::Day,
        fields::{Fields, Input},
        http::{IfVersion, Reply, list::Window},
        i18n::Locale,
        ids::OrganisationId,
        money::{Money, UnitPrice},
        page::{Entry, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::{
        Profile, ReadProfile, StateBuyerSales, StateCapacity, StateSales, StatedBuyerSales, StatedCapacity,
        StatedSales,
        skills::Skills,
        store::{firms, ledger, skills},
    },
};

/// What leads here from everywhere.
pub const ENTRY: Entry = Entry { path: "/profile", text: "profile-title", kinds: &[Kind::Supplier] };

/// So many lead firms stand in a list.
const MOST: u64 = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/profile", get(read))
        .route("/profile/sales", get(sales_page).post(state_sales))
        .route("/profile/buyers", get(buyer_page).post(state_buyer))
        .route("/profile/capacities", get(capacity_page).post(state_capacity))
}

/// A supplier's profile.
#[derive(Template)]
#[template(path = "organisations/pages/profile.html")]
struct ProfilePage {
    profile: Profile,
    /// Lead firms by id and name.
    names: Vec<(OrganisationId, String)>,
    skills: Skills,
    today: Day,
    may_state: bool,
}

impl ProfilePage {
    fn name(&self, id: &OrganisationId) -> &str {
        self.names.iter().find(|(known, _)| known == id).map_or("–", |(_, name)| name.as_str())
    }

    /// What it makes in a year of a process.
    const fn amount(millionths: i64) -> UnitPrice {
        UnitPrice(millionths)
    }
}

impl Page for ProfilePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("profile-title")
    }
}

/// The actor's own profile; a person of another kind of organisation has none.
pub(super) async fn own(base: &Base, actor: &Actor) -> Result<Profile, Problem> {
    if actor.kind() != Some(Kind::Supplier) {
        return Err(Problem::not_found());
    }
    ledger::profile(base.db.reads(), actor, actor.organisation).await
}

async fn read(Shared(base): Shared<Base>, view: View, may: May<ReadProfile>) -> Result<Response, Problem> {
    let profile = own(&base, may.actor()).await?;
    let ids = profile.buyer_sales.iter().map(|sales| sales.buyer);
    let names = firms::find_all(base.db.reads(), may.actor(), ids).await?;
    let names = names.into_iter().map(|firm| (firm.id, firm.name)).collect();
    let skills = skills::skills(base.db.reads(), may.actor(), profile.supplier).await?;
    let today = firms::find(base.db.reads(), may.actor(), profile.supplier).await?.day(base.clock.now());
    let may_state = may.actor().may::<StateSales>().is_ok();
    show(&view, &ProfilePage { profile, names, skills, today, may_state })
}

/// What a form of the profile states.
enum Part {
    /// The annual sales.
    Sales,
    /// The sales to one lead firm, out of these: id and name.
    Buyer(Vec<(String, String)>),
    /// The capacity in one process.
    Capacity,
}

/// A form of the profile.
#[derive(Template)]
#[template(path = "organisations/pages/state.html")]
struct StatePage {
    part: Part,
    profile: Profile,
    currency: String,
    today: String,
}

impl StatePage {
    const fn word(&self) -> &'static str {
        match self.part {
            Part::Sales => "sales",
            Part::Buyer(_) => "buyers",
            Part::Capacity => "capacities",
        }
    }

    fn sales(&self) -> String {
        self.profile.annual_sales.map_or_else(String::new, Money::amount)
    }
}

impl Page for StatePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(&format!("profile-{}-title", self.word()))
    }
}

async fn state_page(base: &Base, actor: &Actor, part: Part) -> Result<StatePage, Problem> {
    let profile = own(base, actor).await?;
    let firm = firms::find(base.db.reads(), actor, actor.organisation).await?;
    let today = firm.day(base.clock.now()).to_string();
    let currency = profile.currency.map_or_else(String::new, |currency| currency.to_string());
    Ok(StatePage { part, profile, currency, today })
}

async fn buyers(base: &Base, actor: &Actor) -> Result<Part, Problem> {
    let found = firms::list(base.db.reads(), actor, Some(Kind::LeadFirm), &Window::first(MOST)).await?.items;
    Ok(Part::Buyer(found.into_iter().map(|firm| (firm.id.to_string(), firm.name)).collect()))
}

async fn sales_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateSales>,
) -> Result<Response, Problem> {
    show(&view, &state_page(&base, may.actor(), Part::Sales).await?)
}

/// The form of the annual sales: an amount, or nothing, and its currency beside it.
struct Sales(StatedSales);

impl Input for Sales {
    fn read(f: &mut Fields) -> Option<Self> {
        let (currency, as_of) = (f.required("currency"), f.required("as_of"));
        let annual_sales = f.amount_in("annual_sales", currency?);
        Some(Self(StatedSales { annual_sales: annual_sales?, as_of: as_of? }))
    }
}

async fn state_sales(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateSales>,
    form: Form<Sales>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = async {
        let version: IfVersion = form.version()?;
        let Sales(stated) = form.value?;
        base.write(may, form.once, async |w| {
            ledger::state_sales(&w, stated, version).await?;
            Ok(w.done(Reply::see_other("/profile".to_owned())))
        })
        .await
    };
    or_again(done.await, async |problem| {
        show_again(&view, &state_page(&base, &actor, Part::Sales).await?, problem, typed)
    })
    .await
}

async fn buyer_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateBuyerSales>,
) -> Result<Response, Problem> {
    let part = buyers(&base, may.actor()).await?;
    show(&view, &state_page(&base, may.actor(), part).await?)
}

/// The form of the sales to one lead firm.
struct Buyer {
    buyer: OrganisationId,
    stated: StatedBuyerSales,
}

impl Input for Buyer {
    fn read(f: &mut Fields) -> Option<Self> {
        let (buyer, currency, as_of) = (f.required("buyer"), f.required("currency"), f.required("as_of"));
        let amount = f.required_amount_in("amount", currency?);
        Some(Self { buyer: buyer?, stated: StatedBuyerSales { amount: amount?, as_of: as_of? } })
    }
}

async fn state_buyer(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateBuyerSales>,
    form: Form<Buyer>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, Buyer { buyer, stated }| {
        ledger::state_buyer_sales(w, buyer, stated).await?;
        Ok("/profile".to_owned())
    });
    or_again(done.await, async |problem| {
        let part = buyers(&base, &actor).await?;
        show_again(&view, &state_page(&base, &actor, part).await?, problem, typed)
    })
    .await
}

async fn capacity_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateCapacity>,
) -> Result<Response, Problem> {
    show(&view, &state_page(&base, may.actor(), Part::Capacity).await?)
}

/// The form of the capacity in one process.
struct Process {
    process: String,
    stated: StatedCapacity,
}

impl Input for Process {
    fn read(f: &mut Fields) -> Option<Self> {
        let (process, stated) = (f.text("process", 1..=60), StatedCapacity::read(f));
        Some(Self { process: process?, stated: stated? })
    }
}

async fn state_capacity(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateCapacity>,
    form: Form<Process>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, Process { process, stated }| {
        ledger::state_capacity(w, process, stated).await?;
        Ok("/profile".to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &state_page(&base, &actor, Part::Capacity).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{ids::CertificateId, page::samples},
        organisations::{
            BuyerSales, Capacity, SalesSource,
            skills::{Certificate, Process},
        },
    };

    fn profile(is_known: bool) -> Profile {
        let money = Money::parse("1234567", "CLP".parse().unwrap()).unwrap();
        let (supplier, as_of) = (OrganisationId(uuid::Uuid::nil()), "2026-02-28".parse().unwrap());
        let sales = BuyerSales {
            buyer: supplier,
            amount: money,
            as_of,
            source: SalesSource::Contract,
            replaced_by_lot: None,
        };
        let capacity = Capacity {
            process: "torneado".to_owned(),
            unit: "pieza".to_owned(),
            amount_millionths: 12_500_000,
        };
        Profile {
            supplier,
            annual_sales: is_known.then_some(money),
            currency: is_known.then_some(money.currency),
            as_of: is_known.then_some(as_of),
            source: is_known.then_some(SalesSource::Declared),
            buyer_sales: if is_known { vec![sales] } else { Vec::new() },
            capacities: if is_known { vec![capacity] } else { Vec::new() },
            version: 1,
        }
    }

    fn skilled() -> Skills {
        let certificate = |expires_on: Option<&str>| Certificate {
            id: CertificateId(uuid::Uuid::nil()),
            scheme: "ISO <9001>".to_owned(),
            number: "7".to_owned(),
            issuer: "Certifica".to_owned(),
            scope: "Torneado".to_owned(),
            issued_on: "2024-01-01".parse().unwrap(),
            expires_on: expires_on.map(|day| day.parse().unwrap()),
        };
        let process = |code: Option<&str>| Process {
            process: "torneado".to_owned(),
            code: code.map(str::to_owned),
            description: "Hasta <400> mm".to_owned(),
            since_year: code.map(|_| 1_998),
        };
        Skills {
            processes: vec![process(Some("73181001")), process(None)],
            certificates: vec![certificate(None), certificate(Some("2025-12-31"))],
        }
    }

    #[test]
    fn a_profile_and_its_forms_are_shown_in_both_languages() {
        for is_known in [true, false] {
            let names = vec![(OrganisationId(uuid::Uuid::nil()), "Conservas <Pacífico>".to_owned())];
            let skills = if is_known { skilled() } else { Skills::default() };
            let today = "2026-03-02".parse().unwrap();
            samples(&ProfilePage { profile: profile(is_known), names, skills, today, may_state: is_known });
            for part in
                [Part::Sales, Part::Buyer(vec![("x".to_owned(), "Conservas".to_owned())]), Part::Capacity]
            {
                let (currency, today) = ("CLP".to_owned(), "2026-03-02".to_owned());
                samples(&StatePage { part, profile: profile(is_known), currency, today });
            }
        }
    }
}
