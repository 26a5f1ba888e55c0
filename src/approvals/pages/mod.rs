//! Matches at the screen: what is proposed, what it would mean, and the decision, each on a page of its
//! own that says what follows from it.

mod consequence;
mod result;
mod together;

use askama::Template;
use axum::{
    Extension, Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use self::consequence::Consequence;
use super::{Accept, Approve, ApproveBatch, Approving, Decline, List, Move, Read, Reject, store};
use crate::{
    approvals::store::{Described, Wanted},
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fields, Input, Reason},
        http::{
            IfVersion, Key, Params, Reply,
            list::{Page as ListPage, Window},
        },
        i18n::Locale,
        ids::MatchId,
        page::{self, Entry, Form, Page, View, filters, list_address, or_again, show, show_again},
        problem::{FieldError, Problem},
        zone::Zone,
    },
    matching::{
        Match, MatchState,
        store::matches::{self, Filter},
    },
    organisations::store::firms,
    programmes, requirements, words,
};

/// So many matches stand on one page.
const PAGE: u64 = 25;

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[Entry { path: "/matches", text: "matches-title", kinds: Kind::ALL }];

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/matches", get(list))
        .route("/matches/{id}", get(read))
        .route("/matches/{id}/{step}", get(decide_page).post(decide))
        .merge(together::routes())
        .merge(result::routes())
}

fn address(id: MatchId) -> String {
    format!("/matches/{id}")
}

words! {
    /// What can be decided on a page.
    enum Step {
        /// The firm wants the contract.
        Accept = "accept",
        /// It does not.
        Decline = "decline",
        /// The institution lets it come about.
        Approve = "approve",
        /// It does not.
        Reject = "reject",
    }
}

impl Step {
    /// Whether the actor's role has the step, and the match is where it is possible.
    fn is_open(self, actor: &Actor, state: MatchState) -> bool {
        let (role, step) = match self {
            Self::Accept if actor.kind() == Some(Kind::Supplier) => {
                (actor.may::<Accept>().is_ok(), Move::SupplierAccepts)
            }
            Self::Accept => (actor.may::<Accept>().is_ok(), Move::LeadFirmAccepts),
            Self::Decline => (actor.may::<Decline>().is_ok(), Move::Decline),
            Self::Approve => (actor.may::<Approve>().is_ok(), Move::Approve),
            Self::Reject => (actor.may::<Reject>().is_ok(), Move::Reject),
        };
        role && step.from(state).is_some()
    }

    /// Whether it needs a reason.
    const fn has_reason(self) -> bool {
        matches!(self, Self::Decline | Self::Reject)
    }

    /// Whether a red supplier may be let through with it, for a reason.
    const fn is_approval(self) -> bool {
        matches!(self, Self::Approve)
    }

    fn open(actor: &Actor, state: MatchState) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|step| step.is_open(actor, state)).collect()
    }
}

/// How a state is coloured; its name stands beside.
const fn tone(state: MatchState) -> &'static str {
    match state {
        MatchState::Approved => "good",
        MatchState::Declined | MatchState::Rejected => "bad",
        MatchState::Accepted => "now",
        _ => "",
    }
}

/// How far a match has come; what was declined or rejected goes no further unless the institution takes it up again.
fn course(state: MatchState) -> Vec<(&'static str, &'static str)> {
    let is_answered = matches!(state, MatchState::AcceptedBySupplier | MatchState::AcceptedByLeadFirm);
    let at = if is_answered { MatchState::Proposed } else { state };
    page::course(
        &[MatchState::Proposed, MatchState::Accepted, MatchState::Approved].map(MatchState::word),
        at.word(),
    )
}

/// A line of the list.
struct Line {
    described: Described,
    consequence: Option<Consequence>,
    /// Whether the viewer is the one to act.
    is_due: bool,
}

/// One of a list: its value and its name.
type Choice = (String, String);

/// The matches that one may see.
#[derive(Template)]
#[template(path = "approvals/pages/list.html")]
struct MatchesPage {
    kind: Kind,
    filter: Filter,
    /// The firms and the requirements by which an institution can filter: value and name.
    firms: Vec<Choice>,
    requirements: Vec<Choice>,
    /// How many there are, on all pages.
    count: u64,
    lines: Vec<Line>,
    /// Whether several can be ticked, to be decided together.
    can_tick: bool,
    next: Option<String>,
    prev: Option<String>,
}

/// An institution's lists: what waits for it comes first.
const TABS: &[MatchState] = &[
    MatchState::Accepted,
    MatchState::Proposed,
    MatchState::AcceptedBySupplier,
    MatchState::AcceptedByLeadFirm,
    MatchState::Approved,
    MatchState::Rejected,
    MatchState::Declined,
];
/// So many firms of each side, and so many requirements, can be chosen from; the search finds the others.
const CHOICES: u64 = 200;

impl MatchesPage {
    /// The list's address with its filter.
    fn address(&self) -> String {
        self.address_in(self.filter.state)
    }

    fn address_in(&self, state: Option<MatchState>) -> String {
        let (firm, requirement) = (self.firm(), self.requirement());
        let filters = [
            ("state", state.map_or("", MatchState::word)),
            ("firm", firm.as_str()),
            ("requirement", requirement.as_str()),
            ("q", self.filter.q.as_deref().unwrap_or_default()),
        ];
        list_address("/matches", &filters)
    }

    /// The address of the same list in another state.
    fn tab(&self, state: MatchState) -> String {
        self.address_in(Some(state))
    }

    /// The address of the same list in every state.
    fn tab_of_all(&self) -> String {
        self.address_in(None)
    }

    fn is_tab(&self, state: MatchState) -> bool {
        self.filter.state == Some(state)
    }

    fn firm(&self) -> String {
        self.filter.firm.map_or_else(String::new, |firm| firm.to_string())
    }

    fn requirement(&self) -> String {
        self.filter.requirement.map_or_else(String::new, |requirement| requirement.to_string())
    }

    /// The key of what the page is called: by its tab, for an institution.
    fn heading(&self) -> String {
        match (self.kind, self.filter.state) {
            (Kind::Institution, Some(state)) => format!("matches-title-{state}"),
            (Kind::Institution, None) => "matches-title-all".to_owned(),
            _ => "matches-title".to_owned(),
        }
    }
}

impl Page for MatchesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text(&self.heading())
    }

    fn is_wide(&self) -> bool {
        self.kind != Kind::Supplier
    }
}

struct Listed {
    filter: Filter,
    is_first: bool,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (state, firm, requirement) = (f.optional("state"), f.optional("firm"), f.optional("requirement"));
        let (q, cursor) = (f.optional_text("q", 1..=200), f.optional_text("cursor", 1..=500));
        let (state, firm, requirement, q) = (state?, firm?, requirement?, q?);
        let cursor = cursor?;
        let filter = Filter { state, firm, requirement, q, ..Filter::default() };
        Some(Self { filter, is_first: cursor.is_none(), window: Window::at(PAGE, cursor) })
    }
}

/// What an institution can choose from: the firms and the requirements of its matches, by name.
async fn choices(base: &Base, actor: &Actor, locale: Locale) -> Result<[Vec<Choice>; 2], Problem> {
    let db = base.db.reads();
    let (firms, requirements) = matches::parties(db, actor, CHOICES).await?;
    let firms = firms::names(db, actor, firms).await?;
    let requirements = requirements::store::titles(db, actor, requirements.into_iter().collect()).await?;
    let firms = firms.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let requirements = requirements.into_iter().map(|(id, (title, _))| (id.to_string(), title)).collect();
    Ok([by_name(firms, locale), by_name(requirements, locale)])
}

/// Options in the order of their names, after one that chooses none.
fn by_name(mut options: Vec<Choice>, locale: Locale) -> Vec<Choice> {
    options.sort_by_cached_key(|(_, name)| name.to_lowercase());
    options.insert(0, (String::new(), locale.text("list-all")));
    options
}

async fn list(
    State(base): State<Base>,
    view: View,
    may: May<List>,
    Params(Listed { filter, is_first, window }): Params<Listed>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let kind = actor.kind().ok_or_else(Problem::not_found)?;
    let ListPage { mut items, next, prev } = matches::list(db, actor, filter.clone(), &window).await?;
    let count = matches::count(db, actor, &filter).await?;
    let [firms, requirements] = match kind {
        Kind::Institution => choices(&base, actor, view.locale).await?,
        _ => [Vec::new(), Vec::new()],
    };
    if kind != Kind::Institution {
        // A firm sees first what waits for it, however old the rest is.
        items.retain(|found| !is_due(actor, found.state));
        if is_first {
            items.splice(0..0, due(&base, actor).await?);
        }
    }
    let mut lines = Vec::with_capacity(items.len());
    for described in store::described(db, actor, items).await? {
        let is_due = is_due(actor, described.found.state);
        let consequence = if is_due && kind == Kind::Institution {
            foresee(&base, actor, described.found.id).await?.1.consequence
        } else {
            None
        };
        lines.push(Line { described, consequence, is_due });
    }
    let can_tick = filter.state == Some(MatchState::Accepted) && actor.may::<ApproveBatch>().is_ok();
    show(&view, &MatchesPage { kind, filter, firms, requirements, count, lines, can_tick, next, prev })
}

/// Whether the match waits for the actor's side.
fn is_due(actor: &Actor, state: MatchState) -> bool {
    Step::Accept.is_open(actor, state) || Step::Approve.is_open(actor, state)
}

/// The matches that wait for the actor's side: at most a hundred of each state.
async fn due(base: &Base, actor: &Actor) -> Result<Vec<Match>, Problem> {
    let mut found = Vec::new();
    for state in MatchState::ALL.iter().copied().filter(|state| is_due(actor, *state)) {
        let filter = Filter { state: Some(state), ..Filter::default() };
        found.extend(matches::list(base.db.reads(), actor, filter, &Window::first(100)).await?.items);
    }
    Ok(found)
}

/// What approving it would mean, and everything that keeps the actor from it.
struct Foreseen {
    consequence: Option<Consequence>,
    reasons: Vec<FieldError>,
}

impl Foreseen {
    fn texts(&self, view: &View) -> Vec<String> {
        self.reasons.iter().map(|error| view.told(error)).collect()
    }
}

async fn foresee(base: &Base, actor: &Actor, id: MatchId) -> Result<(Match, Foreseen), Problem> {
    let store::Seen { found, verdict, reasons, .. } =
        store::read(base.db.reads(), actor, id, base.clock.now()).await?;
    let currency = found.amount.currency;
    let consequence = verdict.map(|verdict| Consequence::new(&verdict, currency));
    Ok((found, Foreseen { consequence, reasons }))
}

/// One match.
#[derive(Template)]
#[template(path = "approvals/pages/match.html")]
struct MatchPage {
    kind: Kind,
    described: Described,
    consequence: Option<Consequence>,
    steps: Vec<Step>,
    /// Whether the viewer's firm may still object to what was decided.
    may_object: bool,
}

impl Page for MatchPage {
    fn title(&self, _: Locale) -> String {
        self.described.lot.clone()
    }

    fn printed(&self) -> Option<(&str, &Zone)> {
        Some((self.described.programme.as_str(), &self.described.zone))
    }
}

async fn described(base: &Base, actor: &Actor, id: MatchId) -> Result<(Described, Foreseen), Problem> {
    let (found, foreseen) = foresee(base, actor, id).await?;
    let described = store::described(base.db.reads(), actor, vec![found]).await?;
    Ok((described.into_iter().next().ok_or_else(Problem::not_found)?, foreseen))
}

async fn read(
    State(base): State<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<MatchId>,
) -> Result<Response, Problem> {
    let kind = may.actor().kind().ok_or_else(Problem::not_found)?;
    let (described, Foreseen { consequence, .. }) = described(&base, may.actor(), id).await?;
    let steps = Step::open(may.actor(), described.found.state);
    let may_object = may_object(&base, may.actor(), &described.found).await?;
    show(&view, &MatchPage { kind, described, consequence, steps, may_object })
}

/// Whether the actor may object in its firm's name to what the institution decided: while the programme's rules take
/// it.
async fn may_object(base: &Base, actor: &Actor, found: &Match) -> Result<bool, Problem> {
    let Some(decided) = found.decision().filter(|_| actor.may::<Accept>().is_ok()) else { return Ok(false) };
    // The rules say it to everybody who takes part.
    let service = Actor::system(actor.organisation);
    let programme = programmes::store::find(base.db.reads(), &service, found.programme).await?;
    Ok(programme.day(base.clock.now()) <= programme.last_day_to_object(decided))
}

/// A decision, before it is taken.
#[derive(Template)]
#[template(path = "approvals/pages/decide.html")]
struct DecidePage {
    step: Step,
    described: Described,
    consequence: Option<Consequence>,
    /// What keeps the approver from it.
    reasons: Vec<String>,
    /// Whether the match is still where the step is possible.
    is_open: bool,
}

impl Page for DecidePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(&format!("match-{}-title", self.step))
    }
}

async fn decide_page(
    State(base): State<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(MatchId, Step)>,
) -> Result<Response, Problem> {
    demand(step, &actor)?;
    let (described, foreseen) = described(&base, &actor, id).await?;
    if !step.is_open(&actor, described.found.state) {
        return Ok(Redirect::to(&address(id)).into_response());
    }
    let (reasons, consequence) = (foreseen.texts(&view), foreseen.consequence);
    show(&view, &DecidePage { step, described, consequence, reasons, is_open: true })
}

fn demand(step: Step, actor: &Actor) -> Result<(), Problem> {
    match step {
        Step::Accept => actor.may::<Accept>().map(drop),
        Step::Decline => actor.may::<Decline>().map(drop),
        Step::Approve => actor.may::<Approve>().map(drop),
        Step::Reject => actor.may::<Reject>().map(drop),
    }
}

/// What the form holds: a reason where the step needs one, and what an approver may add.
struct Sent {
    reason: Option<Reason>,
    approving: Approving,
}

impl Input for Sent {
    fn read(f: &mut Fields) -> Option<Self> {
        let with_reason = f.or("with_reason", false)?;
        let reason = if with_reason { Some(Reason::read(f)?) } else { None };
        Some(Self { reason, approving: Approving::read(f)? })
    }
}

async fn decide(
    State(base): State<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(MatchId, Step)>,
    form: Form<Sent>,
) -> Result<Response, Problem> {
    demand(step, &actor)?;
    let typed = form.typed.clone();
    let done = take(&base, &actor, id, step, form).await;
    or_again(done, async |problem| {
        let (described, foreseen) = described(&base, &actor, id).await?;
        let is_open = step.is_open(&actor, described.found.state);
        // The problem itself says what is wrong.
        let (reasons, consequence) = (Vec::new(), foreseen.consequence);
        show_again(&view, &DecidePage { step, described, consequence, reasons, is_open }, problem, typed)
    })
    .await
}

async fn take(
    base: &Base,
    actor: &Actor,
    id: MatchId,
    step: Step,
    form: Form<Sent>,
) -> Result<Reply, Problem> {
    let version: IfVersion = form.version()?;
    let Sent { reason, approving } = form.value?;
    let reason = || reason.map(|reason| reason.reason).ok_or_else(|| Problem::field("/reason", "required"));
    let there = Reply::see_other(address(id));
    match step {
        Step::Accept => {
            base.write(actor.may::<Accept>()?, form.once, async |w| {
                store::accept(&w, id, version).await?;
                Ok(w.done(there))
            })
            .await
        }
        Step::Decline => {
            let reason = reason()?;
            base.write(actor.may::<Decline>()?, form.once, async |w| {
                store::decline(&w, id, version, reason).await?;
                Ok(w.done(there))
            })
            .await
        }
        Step::Approve => {
            let wanted = [Wanted { id, version, red_override: approving.red_override }];
            base.write(actor.may::<Approve>()?, form.once, async |w| {
                store::approve(&w, None, &wanted).await?;
                Ok(w.done(there))
            })
            .await
        }
        Step::Reject => {
            let reason = reason()?;
            base.write(actor.may::<Reject>()?, form.once, async |w| {
                store::reject(&w, id, version, reason).await?;
                Ok(w.done(there))
            })
            .await
        }
    }
}

/// How many matches wait for the actor's side: at most a hundred of each state are counted.
pub(crate) async fn count_due(base: &Base, actor: &Actor) -> Result<usize, Problem> {
    due(base, actor).await.map(|found| found.len())
}

#[cfg(test)]
mod tests {
    use num_rational::BigRational;

    use super::*;
    use crate::{
        approvals::dependency::{Sides, Verdict},
        foundation::{
            ids::{AccountId, LotId, OrganisationId, ProgrammeId, RequirementId, RunId},
            money::{Money, UnitPrice},
            page::{in_chile, pictures, samples},
            share::Share,
        },
    };

    pub(super) fn sample(state: MatchState) -> Described {
        let none = uuid::Uuid::nil();
        let amount = Money::parse("1234567", "CLP".parse().unwrap()).unwrap();
        let found = Match {
            id: MatchId(none),
            run: RunId(none),
            programme: ProgrammeId(none),
            requirement: RequirementId(none),
            lot: LotId(none),
            lead_firm: OrganisationId(none),
            supplier: OrganisationId(none),
            consortium: None,
            quantity: 1_200,
            unit_price: UnitPrice(1_000_000),
            years: 2,
            amount,
            annual_amount: amount,
            state,
            proposed_by: AccountId(none),
            decided_by: None,
            decided_at: None,
            reason: Some("No hay <capacidad>".to_owned()),
            superseded_by: None,
            version: 1,
        };
        Described {
            found,
            supplier: "Tornos del Sur".to_owned(),
            lead_firm: "Conservas <Pacífico>".to_owned(),
            requirement: "Repuestos 2026".to_owned(),
            lot: "Ejes".to_owned(),
            unit: "pieza".to_owned(),
            programme: "Redes <2026>".to_owned(),
            zone: Zone::default(),
        }
    }

    pub(super) fn consequence(before: Option<i64>, after: Option<i64>, allowed: bool) -> Consequence {
        let share =
            |percent: Option<i64>| percent.map(|percent| BigRational::new(percent.into(), 100.into()));
        let amount = |units: i64| BigRational::from_integer(units.into());
        let verdict = Verdict {
            share_before: share(before),
            share_after: share(after),
            cap: Some(Share::percent(30)),
            sides: Some(Sides { left: amount(5_000_000), right: amount(6_000_000) }),
            allowed,
        };
        Consequence::new(&verdict, "CLP".parse().unwrap())
    }

    fn queue(kind: Kind, state: Option<MatchState>, lines: Vec<Line>) -> MatchesPage {
        let q = Some("ejes & <bujes>".to_owned());
        let options =
            || vec![(String::new(), "Todo".to_owned()), ("7".to_owned(), "Tornos <Sur>".to_owned())];
        MatchesPage {
            kind,
            filter: Filter { state, q, ..Filter::default() },
            firms: options(),
            requirements: options(),
            count: 1_234,
            lines,
            can_tick: true,
            next: Some("a1".to_owned()),
            prev: None,
        }
    }

    #[test]
    fn only_what_has_left_the_way_has_no_place_on_it() {
        let gone = MatchState::ALL.iter().copied().filter(|state| course(*state).is_empty());
        assert_eq!(gone.collect::<Vec<_>>(), [MatchState::Declined, MatchState::Rejected]);
        assert_eq!(course(MatchState::AcceptedByLeadFirm), course(MatchState::Proposed));
    }

    #[test]
    fn shares_have_the_decimal_mark_of_whoever_looks() {
        let (described, steps) = (sample(MatchState::Accepted), Vec::new());
        let consequence = || Some(consequence(Some(12), Some(28), true));
        let kind = Kind::Institution;
        let page = MatchPage { kind, described, consequence: consequence(), steps, may_object: false };
        let html = in_chile(&page);
        assert!(html.contains("12,00&nbsp;%") && html.contains("28,00&nbsp;%"), "{html}");
        assert!(!html.contains("12.00") && !html.contains("28.00"), "{html}");
        let line = Line { described: page.described, consequence: consequence(), is_due: true };
        let html = in_chile(&queue(Kind::Institution, Some(MatchState::Accepted), vec![line]));
        assert!(html.contains("12,00 → <b>28,00&nbsp;%</b>"), "{html}");
    }

    #[test]
    fn a_consequence_is_drawn_as_was_agreed() {
        let drawn = |before, after, allowed| {
            let (described, steps) = (sample(MatchState::Accepted), Vec::new());
            let consequence = Some(consequence(Some(before), Some(after), allowed));
            let kind = Kind::Institution;
            pictures(&samples(&MatchPage { kind, described, consequence, steps, may_object: false })[0])
        };
        insta::assert_snapshot!("within-the-cap", drawn(12, 28, true));
        insta::assert_snapshot!("beyond-the-cap", drawn(10, 45, false));
    }

    #[test]
    fn every_page_is_shown_in_both_languages() {
        for state in MatchState::ALL {
            for (before, after, allowed) in
                [(Some(12), Some(28), true), (None, None, true), (Some(10), Some(45), false)]
            {
                let (described, steps) = (sample(*state), vec![Step::Accept, Step::Decline]);
                let consequence = Some(consequence(before, after, allowed));
                let kind = Kind::Supplier;
                let may_object = *state == MatchState::Rejected;
                let [es, _] = samples(&MatchPage { kind, described, consequence, steps, may_object });
                assert!(!es.contains("<Pacífico>") && !es.contains("<capacidad>"), "names are escaped");
                let on_paper = "Programa Redes &#60;2026&#62;. Impreso el 1 de enero de 1970, 00:00 UTC.";
                assert!(es.contains(on_paper), "{es}");
            }
            for kind in [Kind::Supplier, Kind::LeadFirm, Kind::Institution] {
                let line = Line {
                    described: sample(*state),
                    consequence: Some(consequence(Some(12), Some(28), true)),
                    is_due: *state == MatchState::Accepted,
                };
                let [es, en] = samples(&queue(kind, Some(*state), vec![line]));
                assert!(!es.contains("matches-title") && !en.contains("matches-title"), "{es}");
            }
        }
        for step in Step::ALL {
            for is_open in [true, false] {
                let consequence = Some(consequence(Some(12), Some(28), true));
                samples(&DecidePage {
                    step: *step,
                    described: sample(MatchState::Proposed),
                    consequence,
                    reasons: vec!["No tiene un plan <acordado>.".to_owned()],
                    is_open,
                });
            }
        }
        samples(&queue(Kind::Supplier, None, Vec::new()));
        let html = &samples(&queue(Kind::Institution, None, Vec::new()))[0];
        assert!(html.contains("<h1>Todos los emparejamientos</h1>"), "{html}");
        assert!(html.contains("state=proposed&#38;q=ejes+%26+%3Cbujes%3E&#38;"), "filters stay: {html}");
    }
}
