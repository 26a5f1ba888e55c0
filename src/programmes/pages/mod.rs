//! Programmes at the screen: which there are, and the rules of one.

mod calls;
mod consortia;
mod governance;
mod meetings;
mod networks;
mod projects;
mod setting_up;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{
    ChangeRules, Close, Create, CreateWaiver, List, Open, Programme, Read, Rules, State, Waiver, WaiverState,
    store,
};
use crate::foundation::{
    Base,
    access::{Actor, Kind, May},
    fields::{Fields, Input},
    http::{
        Key, Params,
        list::{Page as ListPage, Paged, Window},
    },
    i18n::Locale,
    ids::ProgrammeId,
    page::{Entry, Page, View, filters, show},
    problem::Problem,
    share::Share,
};
use crate::organisations::store::firms;

/// So many programmes stand on one page.
const PAGE: u64 = 50;

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[
    networks::ENTRY,
    calls::ENTRY,
    calls::COMMITMENTS,
    Entry { path: "/programmes", text: "programmes-title", kinds: Kind::ALL },
];

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes", get(list))
        .route("/programmes/{id}", get(read))
        .merge(networks::routes())
        .merge(calls::routes())
        .merge(governance::routes())
        .merge(setting_up::routes())
        .merge(consortia::routes())
        .merge(meetings::routes())
        .merge(projects::routes())
}

/// How a state is coloured; its name stands beside.
const fn tone(state: State) -> &'static str {
    match state {
        State::Draft => "",
        State::Open => "now",
        State::Closed => "good",
    }
}

/// The programmes that one may see.
#[derive(Template)]
#[template(path = "programmes/pages/list.html")]
struct ProgrammesPage {
    items: Vec<Programme>,
    next: Option<String>,
    prev: Option<String>,
    may_create: bool,
}

impl Page for ProgrammesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("programmes-title")
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Params(Paged(window)): Params<Paged<PAGE>>,
) -> Result<Response, Problem> {
    let ListPage { items, next, prev } = store::list(base.db.reads(), may.actor(), None, &window).await?;
    let may_create = may.actor().may::<Create>().is_ok();
    show(&view, &ProgrammesPage { items, next, prev, may_create })
}

/// What the lists of networks and of calls are asked for: all that one sees, or those of one programme.
struct Within<const ROWS: u64> {
    programme: Option<ProgrammeId>,
    window: Window,
}

impl<const ROWS: u64> Input for Within<ROWS> {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, window) = (f.optional("programme"), Paged::<ROWS>::read(f));
        let Paged(window) = window?;
        Some(Self { programme: programme?, window })
    }
}

/// The address of such a list with its filter, for what follows it.
fn within(list: &str, programme: Option<&Programme>) -> String {
    let filter = programme.map(|programme| format!("programme={}&", programme.id));
    format!("{list}?{}", filter.unwrap_or_default())
}

/// A programme and its rules.
#[derive(Template)]
#[template(path = "programmes/pages/programme.html")]
struct ProgrammePage {
    kind: Kind,
    institution: String,
    programme: Programme,
    /// The cap of today.
    cap: Option<Share>,
    /// Suppliers that may exceed it, with the reason: for the institution.
    waivers: Vec<Waived>,
    steps: Vec<Step>,
}

/// What leads on from a programme.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Open,
    Close,
    ChangeRules,
    Waive,
}

impl Step {
    const ALL: [Self; 4] = [Self::Open, Self::Close, Self::ChangeRules, Self::Waive];

    fn is_open(self, actor: &Actor, programme: &Programme) -> bool {
        let state = programme.state;
        programme.institution == actor.organisation
            && match self {
                Self::Open => actor.takes::<Open>(state),
                Self::Close => actor.takes::<Close>(state),
                Self::ChangeRules => actor.takes::<ChangeRules>(state),
                Self::Waive => actor.takes::<CreateWaiver>(state),
            }
    }
}

/// A waiver with the firms' names.
struct Waived {
    supplier: String,
    /// None: a buyer group without a lead firm that the viewer may see.
    lead_firm: Option<String>,
    waiver: Waiver,
    state: WaiverState,
}

impl ProgrammePage {
    fn may(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }

    const fn rules(&self) -> &Rules {
        &self.programme.rules
    }
}

impl Page for ProgrammePage {
    fn title(&self, _: Locale) -> String {
        self.programme.name.clone()
    }

    fn is_wide(&self) -> bool {
        self.kind == Kind::Institution
    }
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let kind = actor.kind().ok_or_else(Problem::not_found)?;
    let programme = store::find(db, actor, id).await?;
    let institution = firms::names(db, actor, [programme.institution]).await?.into_values().next();
    let today = programme.day(base.clock.now());
    let cap = programme.cap_on(today);
    let waivers = if kind == Kind::Institution {
        let found = store::list_waivers(db, actor, id, &Window::first(100)).await?.items;
        let names = firms::names(db, actor, found.iter().map(|waiver| waiver.supplier)).await?;
        let buyers = firms::buyer_names(db, actor, found.iter().map(|waiver| waiver.buyer_group)).await?;
        let waived = |waiver: Waiver| Waived {
            supplier: names.get(&waiver.supplier).cloned().unwrap_or_default(),
            lead_firm: buyers.get(&waiver.buyer_group).cloned(),
            state: waiver.state(today),
            waiver,
        };
        found.into_iter().map(waived).collect()
    } else {
        Vec::new()
    };
    let steps = Step::ALL.into_iter().filter(|step| step.is_open(actor, &programme)).collect();
    let institution = institution.unwrap_or_default();
    show(&view, &ProgrammePage { kind, institution, programme, cap, waivers, steps })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, OrganisationId, WaiverId},
            money::Money,
            page::samples,
            zone::Zone,
        },
        programmes::Cofinancing,
    };

    /// A programme with most rules set.
    pub(crate) fn programme(state: State) -> Programme {
        let currency = "CLP".parse().unwrap();
        let mut rules = Rules::standard(currency);
        rules.glide_path = vec![Share::percent(60), Share::percent(30)];
        rules.hhi_cap = Some(2_500);
        rules.development_budget = Some(Money::parse("5000000", currency).unwrap());
        rules.dual_approval_above = rules.development_budget;
        rules.cofinancing = Some(Cofinancing {
            programme: Share::percent(50),
            lead_firm: Share::percent(30),
            supplier: Share::percent(20),
        });
        Programme {
            id: ProgrammeId(uuid::Uuid::nil()),
            institution: OrganisationId(uuid::Uuid::nil()),
            name: "Redes <2026>".to_owned(),
            currency,
            starts_on: "2026-01-01".parse().unwrap(),
            ends_on: "2027-12-31".parse().unwrap(),
            time_zone: Zone::default(),
            locality: "Biobío".to_owned(),
            state,
            rules,
            rules_version: 3,
            version: 4,
        }
    }

    /// A network of it.
    pub(crate) fn network() -> crate::programmes::networks::Network {
        networks::sample::network()
    }

    #[test]
    fn programmes_are_shown_in_both_languages() {
        let items: Vec<_> = State::ALL.iter().map(|state| programme(*state)).collect();
        samples(&ProgrammesPage { items, next: Some("a1".to_owned()), prev: None, may_create: true });
        samples(&ProgrammesPage { items: Vec::new(), next: None, prev: None, may_create: false });
        let none = uuid::Uuid::nil();
        for lead_firm in [Some("Conservas".to_owned()), None] {
            let waiver = Waiver {
                id: WaiverId(none),
                programme: ProgrammeId(none),
                supplier: OrganisationId(none),
                buyer_group: none,
                dependency_cap: Share::percent(50),
                reason: "Empieza <este> año".to_owned(),
                signed_by: AccountId(none),
                signed_at: Timestamp::from_micros(0),
                expires_on: "2027-01-01".parse().unwrap(),
                revoked: None,
            };
            for kind in Kind::ALL {
                let (programme, waiver) = (programme(State::Open), waiver.clone());
                let (supplier, lead_firm) = ("Tornos".to_owned(), lead_firm.clone());
                let waived = |state: &WaiverState| Waived {
                    supplier: supplier.clone(),
                    lead_firm: lead_firm.clone(),
                    waiver: waiver.clone(),
                    state: *state,
                };
                let waivers = WaiverState::ALL.iter().map(waived).collect();
                let cap = programme.rules.dependency_cap;
                let (institution, steps) = ("Agencia".to_owned(), Step::ALL.to_vec());
                samples(&ProgrammePage { kind: *kind, institution, programme, cap, waivers, steps });
            }
        }
    }
}
