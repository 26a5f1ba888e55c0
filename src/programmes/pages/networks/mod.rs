//! Networks at the screen: which there are, who belongs to one, and how one's own firm stands to it.
//!
//! Setting one up and looking after it is in `setting_up`, who comes in is in `selection`.

mod selection;
mod setting_up;

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{Within, within};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fields, Input},
        http::{
            Key, Params,
            list::{Page as ListPage, Window},
        },
        i18n::Locale,
        ids::{NetworkId, OrganisationId, ProgrammeId},
        page::{Entry, Page, View, filters, show},
        problem::Problem,
    },
    organisations::store::firms,
    programmes::{
        Programme,
        networks::{
            Apply, AssignOfficer, Change, Create, Decide, Decision, Exclude, Invite, Leave, List,
            ListOfficers, Membership, Network, Read, Said, Standing, State,
        },
        store,
    },
};

/// So many networks, or members of one, stand on one page.
const PAGE: u64 = 50;

/// What leads here from everywhere.
pub(super) const ENTRY: Entry = Entry { path: "/networks", text: "networks-title", kinds: Kind::ALL };

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/networks", get(list))
        .route("/networks/{id}", get(read))
        .merge(setting_up::routes())
        .merge(selection::routes())
}

fn address(id: NetworkId) -> String {
    format!("/networks/{id}")
}

/// How a state is coloured; its name stands beside.
const fn tone(state: State) -> &'static str {
    match state {
        State::Open => "now",
        State::Closed => "",
    }
}

/// How a standing is coloured.
const fn tone_of(standing: Standing) -> &'static str {
    match standing {
        Standing::Invited => "",
        Standing::Applied => "now",
        Standing::Selected => "good",
        Standing::Refused => "bad",
        Standing::Left => "warn",
    }
}

/// How what a side has said is coloured.
const fn tone_said(decision: Decision) -> &'static str {
    match decision {
        Decision::Select => "good",
        Decision::Refuse => "bad",
    }
}

/// A network in the list.
struct Line {
    network: Network,
    programme: String,
    /// Of the viewer's own firm, a supplier; none: it may apply on the open call.
    standing: Option<Standing>,
}

/// The networks that one may see.
#[derive(Template)]
#[template(path = "programmes/pages/networks/list.html")]
struct NetworksPage {
    kind: Kind,
    /// Of one programme.
    within: Option<Programme>,
    lines: Vec<Line>,
    /// Where one may be set up.
    programmes: Vec<(ProgrammeId, String)>,
    next: Option<String>,
    prev: Option<String>,
}

impl NetworksPage {
    /// The list's address with its filter.
    fn address(&self) -> String {
        within("/networks", self.within.as_ref())
    }
}

impl Page for NetworksPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("networks-title")
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Params(Within { programme, window }): Params<Within<PAGE>>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let kind = actor.kind().ok_or_else(Problem::not_found)?;
    let within = match programme {
        Some(id) => Some(store::find(db, actor, id).await?),
        None => None,
    };
    let ListPage { items, next, prev } = store::list_networks(db, actor, programme, &window).await?;
    let seen = store::list(db, actor, None, &Window::first(100)).await?.items;
    let mut lines = Vec::with_capacity(items.len());
    for network in items {
        let standing = own_membership(&base, actor, network.id).await?.map(|own| own.standing);
        let programme = seen.iter().find(|one| one.id == network.programme);
        let programme = programme.map_or_else(String::new, |one| one.name.clone());
        lines.push(Line { network, programme, standing });
    }
    let open = |one: &&Programme| {
        within.as_ref().is_none_or(|only| only.id == one.id)
            && actor.may::<Create>().is_ok_and(|may| may.in_state(one.state).is_ok())
    };
    let programmes = seen.iter().filter(open).map(|one| (one.id, one.name.clone())).collect();
    show(&view, &NetworksPage { kind, within, lines, programmes, next, prev })
}

/// How the actor's own firm, a supplier, stands to a network; none: not at all.
async fn own_membership(base: &Base, actor: &Actor, id: NetworkId) -> Result<Option<Membership>, Problem> {
    if actor.kind() != Some(Kind::Supplier) {
        return Ok(None);
    }
    match store::own_membership(base.db.reads(), actor, id).await {
        Ok(found) => Ok(Some(found)),
        Err(problem) if problem == Problem::not_found() => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// What the pages of one network say on top.
struct Head {
    network: Network,
    /// None: an invited firm does not see the programme yet.
    programme: Option<Programme>,
    /// The names of its lead firms.
    lead_firms: Vec<String>,
    /// The names of the sides that select, as far as their reader sees them.
    names: BTreeMap<OrganisationId, String>,
    /// The sides whose yes it takes; none where the programme is not seen.
    sides: Vec<OrganisationId>,
}

impl Head {
    async fn of(base: &Base, actor: &Actor, id: NetworkId) -> Result<Self, Problem> {
        let db = base.db.reads();
        let network = store::find_network(db, actor, id).await?;
        let programme = store::seen(db, actor, network.programme).await?;
        let sides = programme.as_ref().map_or_else(Vec::new, |found| network.sides(found.institution));
        let named = sides.iter().chain(&network.lead_firms).copied();
        let names = firms::names(db, actor, named).await?;
        let lead_firms = network.lead_firms.iter().filter_map(|firm| names.get(firm).cloned()).collect();
        Ok(Self { network, programme, lead_firms, names, sides })
    }

    fn is_open(&self) -> bool {
        self.network.state == State::Open
    }

    /// What a side is called.
    fn name(&self, side: &OrganisationId) -> &str {
        self.names.get(side).map_or("–", String::as_str)
    }

    /// Whether a side's name is known here.
    fn knows(&self, side: &OrganisationId) -> bool {
        self.names.contains_key(side)
    }

    /// What each side has said to an application, in order; none: nothing yet.
    fn said<'a>(&'a self, membership: &'a Membership) -> Vec<(&'a str, Option<&'a Said>)> {
        let by = |side: OrganisationId| membership.decisions.iter().find(|said| said.side == side);
        self.sides.iter().map(|side| (self.name(side), by(*side))).collect()
    }
}

/// A network, for those who look after it and its lead firms.
#[derive(Template)]
#[template(path = "programmes/pages/networks/network.html")]
struct NetworkPage {
    head: Head,
    kind: Kind,
    standing: Option<Standing>,
    members: Vec<Membership>,
    /// The names of those who look after it; none: not for the viewer.
    officers: Option<Vec<String>>,
    may_change: bool,
    may_assign: bool,
    may_invite: bool,
    next: Option<String>,
    prev: Option<String>,
}

impl NetworkPage {
    /// Whether the list is of those who stand so.
    fn is_shown(&self, standing: Standing) -> bool {
        self.standing == Some(standing)
    }

    /// The list's address with its filter.
    fn address(&self) -> String {
        let filter = self.standing.map_or_else(String::new, |standing| format!("standing={standing}&"));
        format!("/networks/{}?{filter}", self.head.network.id)
    }
}

impl Page for NetworkPage {
    fn title(&self, _: Locale) -> String {
        self.head.network.name.clone()
    }

    fn is_wide(&self) -> bool {
        true
    }
}

/// A network, for a supplier: what it is, and how one's own firm stands to it.
#[derive(Template)]
#[template(path = "programmes/pages/networks/own.html")]
struct OwnPage {
    head: Head,
    own: Option<Membership>,
    may_apply: bool,
    may_leave: bool,
    /// Whether the firm may still object to being refused.
    may_object: bool,
}

impl Page for OwnPage {
    fn title(&self, _: Locale) -> String {
        self.head.network.name.clone()
    }
}

struct Members {
    standing: Option<Standing>,
    window: Window,
}

impl Input for Members {
    fn read(f: &mut Fields) -> Option<Self> {
        let (standing, cursor) = (f.optional("standing"), f.optional_text("cursor", 1..=500));
        Some(Self { standing: standing?, window: Window::at(PAGE, cursor?) })
    }
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<NetworkId>,
    Params(Members { standing, window }): Params<Members>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let kind = actor.kind().ok_or_else(Problem::not_found)?;
    let head = Head::of(&base, actor, id).await?;
    if kind == Kind::Supplier {
        let own = own_membership(&base, actor, id).await?;
        let stands = |states: &[&str], standing: Standing| states.contains(&standing.word());
        let at = own.as_ref().map(|own| own.standing);
        let may_apply = actor.may::<Apply>().is_ok()
            && head.is_open()
            && at.is_none_or(|at| {
                stands(row::<Apply>(), at) && (at == Standing::Invited || head.network.call_open)
            });
        let may_leave = actor.may::<Leave>().is_ok() && at.is_some_and(|at| stands(row::<Leave>(), at));
        let refused =
            own.as_ref().filter(|own| own.standing == Standing::Refused && !own.decisions.is_empty());
        let may_object = match refused.filter(|_| actor.may::<Apply>().is_ok()) {
            Some(own) => {
                let service = Actor::system(actor.organisation);
                let programme = store::find(db, &service, head.network.programme).await?;
                programme.day(base.clock.now()) <= programme.last_day_to_object(own.changed_at)
            }
            None => false,
        };
        return show(&view, &OwnPage { head, own, may_apply, may_leave, may_object });
    }
    let ListPage { mut items, next, prev } =
        store::list_memberships(db, actor, id, standing, &window).await?;
    // Its lead firms stand on top already.
    items.retain(|member| member.kind == Kind::Supplier);
    // What waits for a decision comes first.
    items.sort_by_key(|member| (member.standing != Standing::Applied, member.name.clone()));
    let officers = match actor.may::<ListOfficers>() {
        Ok(_) => {
            let people = store::officers(db, actor, id).await?;
            Some(people.into_iter().map(|member| member.account.name).collect())
        }
        Err(_) => None,
    };
    let page = NetworkPage {
        may_change: actor.may::<Change>().is_ok() && head.is_open(),
        may_assign: actor.may::<AssignOfficer>().is_ok(),
        may_invite: actor.may::<Invite>().is_ok() && head.is_open(),
        head,
        kind,
        standing,
        members: items,
        officers,
        next,
        prev,
    };
    show(&view, &page)
}

/// The states of an operation's row.
const fn row<O: crate::foundation::access::Operation>() -> &'static [&'static str] {
    O::ROW.states
}

/// Whether the actor's side may still say something to an application.
fn may_decide(actor: &Actor, head: &Head, standing: Standing) -> bool {
    let is_side = head.sides.contains(&actor.organisation);
    head.is_open() && is_side && actor.may::<Decide>().is_ok_and(|may| may.in_state(standing).is_ok())
}

/// Whether the actor may take an invitation back, or a supplier out.
fn may_exclude(actor: &Actor, standing: Standing) -> bool {
    actor.may::<Exclude>().is_ok_and(|may| may.in_state(standing).is_ok())
}

#[cfg(test)]
pub(super) mod sample {
    use super::{Network, State, tests::head};
    use crate::programmes::networks::Model;

    /// An open network.
    pub(crate) fn network() -> Network {
        head(Model::LeadFirm, State::Open, true).network
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, ids::AccountId, page::samples},
        programmes::{networks::Model, pages::tests::programme},
    };

    pub(in crate::programmes::pages) fn firm(byte: u8) -> OrganisationId {
        OrganisationId(uuid::Uuid::from_bytes([byte; 16]))
    }

    pub(super) fn head(model: Model, state: State, with_programme: bool) -> Head {
        let network = Network {
            id: NetworkId(uuid::Uuid::nil()),
            programme: ProgrammeId(uuid::Uuid::nil()),
            model,
            name: "Red de <chancado>".to_owned(),
            state,
            call_open: state == State::Open,
            lead_firms: vec![firm(1)],
            version: 2,
        };
        let sides = network.sides(firm(2));
        let names = BTreeMap::from([(firm(1), "Minera <Alta>".to_owned()), (firm(2), "Agencia".to_owned())]);
        let programme = with_programme.then(|| programme(crate::programmes::State::Open));
        Head { network, programme, lead_firms: vec!["Minera <Alta>".to_owned()], names, sides }
    }

    pub(super) fn member(standing: Standing) -> Membership {
        let said = |side, decision| Said {
            side,
            decision,
            reason: "Cumple <todo>.".to_owned(),
            by: AccountId(uuid::Uuid::nil()),
            at: Timestamp::from_micros(0),
        };
        Membership {
            network: NetworkId(uuid::Uuid::nil()),
            organisation: firm(3),
            name: "Tornos <Sur>".to_owned(),
            kind: Kind::Supplier,
            standing,
            statement: "Torneamos\nbronce & <acero>.".to_owned(),
            changed_at: Timestamp::from_micros(0),
            decisions: vec![said(firm(1), Decision::Select), said(firm(2), Decision::Refuse)],
            version: 3,
        }
    }

    #[test]
    fn networks_are_shown_in_both_languages() {
        for kind in Kind::ALL {
            for model in Model::ALL {
                let line = |standing| Line {
                    network: head(*model, State::Open, true).network,
                    programme: "Redes <2026>".to_owned(),
                    standing,
                };
                let within = Some(programme(crate::programmes::State::Open));
                let programmes = vec![(ProgrammeId(uuid::Uuid::nil()), "Redes".to_owned())];
                let lines = vec![line(None), line(Some(Standing::Invited))];
                samples(&NetworksPage { kind: *kind, within, lines, programmes, next: None, prev: None });
            }
            let (lines, programmes) = (Vec::new(), Vec::new());
            samples(&NetworksPage { kind: *kind, within: None, lines, programmes, next: None, prev: None });
        }
    }

    #[test]
    fn a_network_is_shown_in_both_languages() {
        for (model, state) in Model::ALL.iter().flat_map(|model| State::ALL.iter().map(move |s| (model, s))) {
            for kind in [Kind::Institution, Kind::LeadFirm] {
                let page = NetworkPage {
                    head: head(*model, *state, true),
                    kind,
                    standing: None,
                    members: Standing::ALL.iter().map(|standing| member(*standing)).collect(),
                    officers: (kind == Kind::Institution).then(|| vec!["Ana <Rojas>".to_owned()]),
                    may_change: true,
                    may_assign: true,
                    may_invite: true,
                    next: Some("a1".to_owned()),
                    prev: None,
                };
                let [es, _] = samples(&page);
                assert!(!es.contains("<Sur>") && !es.contains("<Alta>"), "names are escaped");
                samples(&NetworkPage { members: Vec::new(), standing: Some(Standing::Applied), ..page });
            }
            for standing in Standing::ALL {
                let (head, own) = (head(*model, *state, false), Some(member(*standing)));
                samples(&OwnPage { head, own, may_apply: true, may_leave: true, may_object: true });
            }
            let head = head(*model, *state, true);
            samples(&OwnPage { head, own: None, may_apply: true, may_leave: false, may_object: false });
        }
    }
}
