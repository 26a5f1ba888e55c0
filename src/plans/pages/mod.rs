//! Improvement plans at the screen: what is to be reached, what is done for it, by whom and until when, who pays; how
//! far it is.

mod acting;
mod writing;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{
    Abandon, AddEvidence, Change, Complete, Create, Evidence, List, Move, Plan, Progress, Propose, Read,
    RecordProgress, RecordVisit, Sign, Start, State,
    content::Action,
    store::{self, Standing},
};
use crate::{
    diagnostics::instrument,
    foundation::{
        Base,
        access::{Actor, May},
        clock::Day,
        http::{
            Key, Params,
            list::{Page as ListPage, Paged, Window},
        },
        i18n::Locale,
        ids::{GapActId, PlanId, RequirementId},
        money::Money,
        page::{self, Page, View, filters, show},
        problem::Problem,
        zone::Zone,
    },
    gaps::{acts::State as ActState, closing::Parts, signing::Signature, store::acts as gap_acts},
    organisations::{consents::Purpose, reading_log, store::firms},
    programmes,
    requirements::{self, Requirement},
    words,
};

/// So many plans stand on one page.
const PAGE: u64 = 50;

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/requirements/{id}/plans", get(list).post(writing::create))
        .route("/plans/{id}", get(read))
        .merge(writing::routes())
        .merge(acting::routes())
}

/// How a state is coloured; its name stands beside.
const fn tone(state: State) -> &'static str {
    match state {
        State::Agreed | State::Completed => "good",
        State::Void => "bad",
        State::Draft | State::Abandoned => "",
        State::Proposed | State::SignedBySupplier | State::SignedByLeadFirm | State::UnderWay => "now",
    }
}

/// How far a plan has come: what is void begins again, what was given up goes no further.
fn course(state: State) -> Vec<(&'static str, &'static str)> {
    let at = match state {
        State::Void => State::Draft,
        State::SignedBySupplier | State::SignedByLeadFirm => State::Proposed,
        other => other,
    };
    let way = [State::Draft, State::Proposed, State::Agreed, State::UnderWay, State::Completed];
    page::course(&way.map(State::word), at.word())
}

fn address(id: PlanId) -> String {
    format!("/plans/{id}")
}

words! {
    /// What the reader of a plan may do with it now.
    pub enum Step {
        /// Rewrite it.
        Change = "change",
        /// Lay it before both firms.
        Propose = "propose",
        /// Sign it.
        Sign = "sign",
        /// Begin it.
        Start = "start",
        /// Write down how far an action is.
        RecordProgress = "progress",
        /// Add a file beside an action.
        AddEvidence = "evidence",
        /// Write down a visit.
        RecordVisit = "visit",
        /// Complete it.
        Complete = "complete",
        /// Give it up.
        Abandon = "abandon",
    }
}

impl Step {
    /// The steps that an actor who sees the plan may take.
    fn of(actor: &Actor, standing: &Standing) -> Vec<Self> {
        let state = standing.state;
        let signs = |side| Move::signing(side).from(state).is_some();
        let may = |step: &Self| match step {
            Self::Change => actor.takes::<Change>(state),
            Self::Propose => actor.takes::<Propose>(state),
            Self::Sign => actor.takes::<Sign>(state) && standing.party(actor).side().is_ok_and(signs),
            Self::Start => actor.takes::<Start>(state),
            Self::RecordProgress => actor.takes::<RecordProgress>(state),
            Self::AddEvidence => actor.takes::<AddEvidence>(state),
            Self::RecordVisit => actor.takes::<RecordVisit>(state),
            Self::Complete => actor.takes::<Complete>(state),
            Self::Abandon => actor.takes::<Abandon>(state),
        };
        Self::ALL.iter().copied().filter(may).collect()
    }
}

/// The plans for a requirement, and the agreed acts from which none has been drawn up.
#[derive(Template)]
#[template(path = "plans/pages/list.html")]
struct PlansPage {
    requirement: Requirement,
    plans: Vec<(PlanId, String, State)>,
    /// Agreed acts without a plan: the act, and the supplier's name.
    others: Vec<(GapActId, String)>,
    next: Option<String>,
    prev: Option<String>,
}

impl PlansPage {
    fn address(&self) -> String {
        format!("/requirements/{}/plans?", self.requirement.id)
    }
}

impl Page for PlansPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("plans-title")
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Key(id): Key<RequirementId>,
    Params(Paged(window)): Params<Paged<PAGE>>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let requirement = requirements::store::find(db, actor, id).await?;
    let ListPage { items: found, next, prev } = store::list(db, actor, id, &window).await?;
    let mut agreed = Vec::new();
    if actor.may::<Create>().is_ok() {
        let acts = gap_acts::list(db, actor, id, &Window::first(100), base.clock.now()).await?;
        agreed = acts.items.into_iter().filter(|act| act.state == ActState::Agreed).collect();
        let is_over = |state| matches!(state, State::Completed | State::Abandoned);
        agreed.retain(|act| {
            found.iter().all(|plan| plan.plan.supplier != act.act.supplier || is_over(plan.state))
        });
    }
    let ids = found.iter().map(|one| one.plan.supplier).chain(agreed.iter().map(|act| act.act.supplier));
    let names = firms::names(db, actor, ids).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let page = PlansPage {
        plans: found.iter().map(|one| (one.plan.id, name(one.plan.supplier), one.state)).collect(),
        others: agreed.iter().map(|act| (act.act.id, name(act.act.supplier))).collect(),
        next,
        prev,
        requirement,
    };
    let readings = found.iter().map(|one| (one.plan.supplier, one.plan.id.0)).collect();
    reading_log::note(&base, may, Purpose::Gaps, "plan", readings).await?;
    show(&view, &page)
}

/// An action of a plan as the page shows it.
struct Shown {
    /// Its place, from 0.
    at: usize,
    action: Action,
    /// What the criterion asks that it is to fulfil.
    question: Option<String>,
    /// Whether the lead firm has amended that criterion.
    is_amended: bool,
    parts: Parts,
    /// What closing the gap is worth; for the institution.
    worth: Option<Money>,
    percent: i32,
    progress: Vec<Progress>,
    files: Vec<Evidence>,
}

/// A plan.
#[derive(Template)]
#[template(path = "plans/pages/plan.html")]
struct PlanPage {
    plan: Plan,
    state: State,
    hash: String,
    version: i64,
    requirement: Requirement,
    supplier: String,
    lead_firm: String,
    programme: String,
    /// By whose clocks its moments are told.
    zone: Zone,
    actions: Vec<Shown>,
    cost: Parts,
    steps: Vec<Step>,
    /// Today, where the plan lives.
    today: Day,
}

impl PlanPage {
    fn may(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }

    /// Whether a signature is of what stands there now.
    fn holds(&self, signature: &Signature) -> bool {
        self.state != State::Void && signature.hash == self.hash
    }

    /// How much of all actions is done, in percent: each counts alike.
    fn percent(&self) -> i64 {
        let done: i64 = self.actions.iter().map(|action| i64::from(action.percent)).sum();
        i64::try_from(self.actions.len()).ok().filter(|all| *all > 0).map_or(0, |all| done / all)
    }
}

impl Page for PlanPage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("plan-title", &[("supplier", self.supplier.clone())])
    }

    fn printed(&self) -> Option<(&str, &Zone)> {
        Some((self.programme.as_str(), &self.zone))
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn plan_page(base: &Base, view: &View, actor: &Actor, id: PlanId) -> Result<PlanPage, Problem> {
    let db = base.db.reads();
    let standing = store::find(db, actor, id).await?;
    let files = store::evidence_beside(db, actor, &standing.plan).await?;
    let requirement = requirements::store::find(db, actor, standing.plan.requirement).await?;
    let names = firms::names(db, actor, [standing.plan.supplier, standing.plan.lead_firm]).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let zone = programmes::store::zones(db, actor, [standing.plan.programme]).await?;
    let zone = zone.into_values().next().unwrap_or_default();
    let programme = programmes::store::names(db, actor, [standing.plan.programme]).await?;
    let steps = Step::of(actor, &standing);
    let Standing { plan, state, hash, currency, amended, worths, version } = standing;
    let shown = plan.content.actions.iter().enumerate().map(|(at, action)| {
        let criterion = action.criterion.as_ref();
        Shown {
            at,
            question: criterion.map(|one| instrument::asked_of_suppliers(&one.question, view.locale)),
            is_amended: criterion.is_some_and(|one| amended.contains(one)),
            parts: action.parts(),
            worth: criterion.and_then(|one| worths.get(&one.question).copied()),
            percent: plan.percent_of(action.id),
            progress: plan.progress.iter().filter(|entry| entry.action == action.id).cloned().collect(),
            files: files.iter().filter(|file| file.action == action.id).cloned().collect(),
            action: action.clone(),
        }
    });
    Ok(PlanPage {
        actions: shown.collect(),
        cost: plan.content.cost(currency),
        state,
        hash,
        version,
        supplier: name(plan.supplier),
        lead_firm: name(plan.lead_firm),
        programme: programme.into_values().next().unwrap_or_default(),
        today: zone.day(base.clock.now()),
        zone,
        steps,
        requirement,
        plan,
    })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<PlanId>,
) -> Result<Response, Problem> {
    let page = plan_page(&base, &view, may.actor(), id).await?;
    reading_log::note(&base, may, Purpose::Gaps, "plan", vec![(page.plan.supplier, page.plan.id.0)]).await?;
    show(&view, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            files::clean::MediaType,
            ids::EvidenceId,
            page::{pictures, samples},
        },
        gaps::signing::Party,
        plans::tests::carried_out,
        requirements::pages::sample,
    };

    /// A plan in that state, seen by who may do all that can be done.
    pub(super) fn page(state: State) -> PlanPage {
        let plan = carried_out();
        let action = plan.content.actions[0].clone();
        let file = Evidence {
            id: EvidenceId(uuid::Uuid::nil()),
            plan: plan.id,
            action: action.id,
            media_type: MediaType::Pdf,
            size: 1,
            sha256: "0".repeat(64),
            added_at: Timestamp::from_micros(0),
            added_by: Party::Supplier,
        };
        let shown = Shown {
            at: 0,
            question: Some("¿Entrega a <tiempo>?".to_owned()),
            is_amended: state == State::Void,
            parts: action.parts(),
            worth: Some(action.closing.cost),
            percent: 50,
            progress: plan.progress.clone(),
            files: vec![file],
            action,
        };
        PlanPage {
            actions: vec![shown],
            cost: plan.content.cost("USD".parse().unwrap()),
            state,
            hash: plan.hash().unwrap(),
            version: 3,
            requirement: sample(requirements::State::Published),
            supplier: "Taller <Uno>".to_owned(),
            lead_firm: "Grande".to_owned(),
            zone: Zone::default(),
            steps: Step::ALL.to_vec(),
            programme: "Redes <2026>".to_owned(),
            today: "2027-06-01".parse().unwrap(),
            plan,
        }
    }

    #[test]
    fn only_what_has_left_the_way_has_no_place_on_it() {
        let gone = State::ALL.iter().copied().filter(|state| course(*state).is_empty());
        assert_eq!(gone.collect::<Vec<_>>(), [State::Abandoned]);
        assert_eq!(course(State::Void), course(State::Draft));
    }

    #[test]
    fn a_plan_is_shown_in_every_state_in_both_languages() {
        for state in State::ALL {
            let [es, _] = samples(&page(*state));
            assert!(es.contains("Atrasada"), "what is late is said");
        }
        insta::assert_snapshot!("plan", pictures(&samples(&page(State::UnderWay))[0]));
        let mut empty = page(State::Draft);
        empty.plan.content.actions.clear();
        empty.actions.clear();
        empty.steps.clear();
        samples(&empty);
        assert_eq!(empty.percent(), 0);
    }

    #[test]
    fn plans_are_listed_in_both_languages() {
        let listed = PlansPage {
            requirement: sample(requirements::State::Published),
            plans: State::ALL.iter().map(|state| (carried_out().id, "Uno".to_owned(), *state)).collect(),
            others: vec![(carried_out().content.grounds.act, "Dos".to_owned())],
            next: Some("x".to_owned()),
            prev: None,
        };
        samples(&listed);
        samples(&PlansPage { plans: Vec::new(), others: Vec::new(), next: None, ..listed });
    }
}
