//! Writing a plan at the screen: objectives in a table, each action in a box of its own; what closes the agreed gaps is
//! filled in already.
//!
//! A box in which nothing was written is no action, and one that is emptied is taken away.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{PlanPage, address, plan_page};
use crate::{
    diagnostics::instrument,
    foundation::{
        Base,
        access::{Actor, May},
        clock::Day,
        fields::Nothing,
        http::{Key, list::Window},
        i18n::Locale,
        ids::{GapActId, OrganisationId, PlanId, RequirementId},
        money::Currency,
        page::{
            Form, Page, Typed, View, filters, or_again,
            rows::{self, Cell, Column, text},
            show, show_again,
        },
        problem::Problem,
    },
    gaps::{
        acts::State as ActState,
        closing::Closing,
        pages::closing::{self, Boxes},
        signing::Party,
        store::acts as gap_acts,
    },
    organisations::{consents::Purpose, reading_log, store::firms},
    plans::{
        Change, Create, NewPlan, Suggest,
        content::{MOST_ACTIONS, MOST_OBJECTIVES, NewContent, Objective},
        store,
    },
    requirements::{self, criteria::Criterion},
};

pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/gap-acts/{id}/plan", get(new_page))
        .route("/plans/{id}/edit", get(edit_page).post(change))
}

/// So many empty rows and boxes stand below the written ones.
const EMPTY: usize = 2;

/// What the table of objectives shows.
const OBJECTIVE: &[Column] = &[
    ("indicator", "", 22),
    ("unit", "", 6),
    ("baseline", "decimal", 8),
    ("target", "decimal", 8),
    ("due_on", "", 10),
];

/// What else of an action people write, beside what closing takes.
const ALSO: &[&str] = &["due_on", "evidence", "question"];

/// An action's box.
struct Written {
    closing: closing::Written,
    /// The id of the action that is rewritten.
    id: String,
    /// The criterion: its question, and its group behind a slash.
    criterion: String,
    owner: String,
    due_on: String,
    evidence: String,
}

impl Written {
    fn empty(at: usize) -> Self {
        Self {
            closing: closing::Written::empty(at),
            id: String::new(),
            criterion: String::new(),
            owner: Party::Supplier.to_string(),
            due_on: String::new(),
            evidence: String::new(),
        }
    }

    fn of(at: usize, criterion: Option<&Criterion>, owner: Party, closing: &Closing, due_on: Day) -> Self {
        Self {
            closing: closing::Written::of(at, closing),
            criterion: criterion.map_or_else(String::new, named),
            owner: owner.to_string(),
            due_on: due_on.to_string(),
            ..Self::empty(at)
        }
    }
}

/// A criterion as the form names it.
fn named(criterion: &Criterion) -> String {
    match &criterion.group {
        Some(group) => format!("{}/{group}", criterion.question),
        None => criterion.question.clone(),
    }
}

fn of_objective(objective: &Objective, field: &str) -> String {
    match field {
        "indicator" => objective.indicator.clone(),
        "unit" => objective.unit.clone().unwrap_or_default(),
        "baseline" => objective.baseline.to_string(),
        "target" => objective.target.to_string(),
        "due_on" => objective.due_on.to_string(),
        _ => String::new(),
    }
}

/// A plan being written.
#[derive(Template)]
#[template(path = "plans/pages/write.html")]
struct WritePage {
    /// To which the form is sent.
    address: String,
    /// Where giving up leads.
    back: String,
    is_new: bool,
    version: i64,
    /// Whose plan it is: the id, and the name.
    supplier: (OrganisationId, String),
    requirement: String,
    currency: Currency,
    objectives: Vec<(usize, Vec<Cell>)>,
    actions: Vec<Written>,
    criteria: Vec<(String, String)>,
    owners: Vec<(String, String)>,
}

impl Page for WritePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(if self.is_new { "plan-write-new" } else { "plan-write" })
    }

    fn is_wide(&self) -> bool {
        true
    }
}

/// What is filled in already.
struct Saved {
    objectives: Vec<Objective>,
    actions: Vec<Written>,
}

impl WritePage {
    fn fill(&mut self, saved: Saved, typed: &Typed) {
        let count = |saved: usize, list: &str, most: usize| {
            (saved.max(rows::typed(typed, list, most)) + EMPTY).min(most)
        };
        let objectives = count(saved.objectives.len(), "objectives", MOST_OBJECTIVES);
        let row = |at: usize| {
            let of = |field: &str| text(saved.objectives.get(at).map(|one| of_objective(one, field)));
            (at, rows::cells("objectives", at, OBJECTIVE, &of))
        };
        self.objectives = (0..objectives).map(row).collect();
        let (all, written) = (count(saved.actions.len(), "actions", MOST_ACTIONS), saved.actions.len());
        self.actions = saved.actions.into_iter().chain((written..all).map(Written::empty)).collect();
    }
}

fn criteria(of: &[Criterion], locale: Locale) -> Vec<(String, String)> {
    let said = |criterion: &Criterion| {
        let question = instrument::asked_of_suppliers(&criterion.question, locale);
        let group = criterion.group.as_ref().map_or_else(String::new, |group| format!(" ({group})"));
        (named(criterion), question + &group)
    };
    let whole = (String::new(), locale.text("plan-criterion-none"));
    std::iter::once(whole).chain(of.iter().map(said)).collect()
}

fn owners(locale: Locale) -> Vec<(String, String)> {
    Party::ALL.iter().map(|party| (party.to_string(), locale.text(&format!("side-{party}")))).collect()
}

/// The form as a plan is read from it.
fn complete(typed: &Typed) -> Boxes {
    let named = |(name, text): (String, String)| match name.strip_suffix("-question") {
        Some(row) => {
            let (question, group) = text.split_once('/').unwrap_or((&text, ""));
            vec![(name.clone(), question.to_owned()), (format!("{row}-group"), group.to_owned())]
        }
        None => vec![(name, text)],
    };
    Boxes::of(typed, ALSO).with(named)
}

async fn blank(
    base: &Base,
    view: &View,
    actor: &Actor,
    act: GapActId,
    typed: &Typed,
) -> Result<WritePage, Problem> {
    let db = base.db.reads();
    let (standing, suggestion) = store::suggest(db, actor, act, base.clock.now()).await?;
    let act = standing.act;
    let requirement = requirements::store::find(db, actor, act.requirement).await?;
    let supplier = firms::names(db, actor, [act.supplier]).await?.remove(&act.supplier);
    let mut page = WritePage {
        address: format!("/requirements/{}/plans", act.requirement),
        back: format!("/gap-acts/{}", act.id),
        is_new: true,
        version: 0,
        supplier: (act.supplier, supplier.unwrap_or_default()),
        requirement: requirement.title,
        currency: requirement.currency,
        objectives: Vec::new(),
        actions: Vec::new(),
        criteria: criteria(&requirement.criteria, view.locale),
        owners: owners(view.locale),
    };
    let actions = suggestion.actions.iter().enumerate().map(|(at, one)| {
        let mut written = Written::of(at, Some(&one.criterion), one.owner, &one.closing, one.due_on);
        if !one.is_costed {
            // Nobody has said what it costs: that is to be written, and not to be taken for nothing.
            written.closing.cost.clear();
        }
        written
    });
    page.fill(Saved { actions: actions.collect(), objectives: suggestion.objectives }, typed);
    Ok(page)
}

async fn new_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Suggest>,
    Key(id): Key<GapActId>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    actor.may::<Create>()?;
    let standing = gap_acts::find(base.db.reads(), &actor, id, base.clock.now()).await?;
    may.in_state(standing.state)?;
    let reading = vec![(standing.act.supplier, standing.act.id.0)];
    let page = blank(&base, &view, &actor, id, &Typed::default()).await?;
    reading_log::note(&base, may, Purpose::Gaps, "gap_act", reading).await?;
    show(&view, &page)
}

pub(super) async fn create(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Create>,
    Key(id): Key<RequirementId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let boxes = complete(&typed);
    let form = form.reading(|typed| typed.of(boxes.pairs()).read::<NewPlan>());
    let done = form.act(&base, may, async |w, new| {
        let drawn = store::create(w, id, new).await.map_err(|problem| boxes.in_place(problem))?;
        Ok(address(drawn.plan.id))
    });
    or_again(done.await, async |problem| {
        let supplier = typed.get("supplier").and_then(|id| id.parse().ok()).map(OrganisationId);
        let (db, now) = (base.db.reads(), base.clock.now());
        let acts = gap_acts::list(db, &actor, id, &Window::first(100), now).await?.items;
        let is_its =
            |act: &gap_acts::Standing| Some(act.act.supplier) == supplier && act.state == ActState::Agreed;
        let act = acts.into_iter().find(is_its);
        let Some(act) = act else { return Err(problem) };
        let page = blank(&base, &view, &actor, act.act.id, &typed).await?;
        show_again(&view, &page, problem, typed)
    })
    .await
}

/// A plan that stands, to be rewritten.
fn saved(plan: PlanPage, typed: &Typed, locale: Locale) -> WritePage {
    let PlanPage { plan, version, requirement, supplier, .. } = plan;
    let actions = plan.content.actions.iter().enumerate().map(|(at, action)| Written {
        id: action.id.to_string(),
        evidence: action.evidence.clone().unwrap_or_default(),
        ..Written::of(at, action.criterion.as_ref(), action.owner, &action.closing, action.due_on)
    });
    let mut page = WritePage {
        address: format!("{}/edit", address(plan.id)),
        back: address(plan.id),
        is_new: false,
        version,
        supplier: (plan.supplier, supplier),
        currency: requirement.currency,
        criteria: criteria(&requirement.criteria, locale),
        requirement: requirement.title,
        objectives: Vec::new(),
        actions: Vec::new(),
        owners: owners(locale),
    };
    page.fill(Saved { actions: actions.collect(), objectives: plan.content.objectives.clone() }, typed);
    page
}

async fn edit_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Change>,
    Key(id): Key<PlanId>,
) -> Result<Response, Problem> {
    let plan = plan_page(&base, &view, may.actor(), id).await?;
    may.in_state(plan.state)?;
    show(&view, &saved(plan, &Typed::default(), view.locale))
}

/// Shows what is missing in a plan where it can be written down.
pub(super) async fn mend(
    base: &Base,
    view: &View,
    actor: &Actor,
    id: PlanId,
    problem: Problem,
) -> Result<Response, Problem> {
    let plan = plan_page(base, view, actor, id).await?;
    show_again(view, &saved(plan, &Typed::default(), view.locale), problem, Typed::default())
}

async fn change(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Change>,
    Key(id): Key<PlanId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let boxes = complete(&typed);
    let form = form.reading(|typed| typed.of(boxes.pairs()).read::<NewContent>());
    let done = form.change(&base, may, async |w, version, content| {
        store::change(w, id, version, content).await.map_err(|problem| boxes.in_place(problem))?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        let page = saved(plan_page(&base, &view, &actor, id).await?, &typed, view.locale);
        show_again(&view, &page, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{super::tests::page, *};
    use crate::{foundation::page::samples, plans::State};

    fn typed(of: &[(&str, &str)]) -> Typed {
        Typed::new(of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn a_plan_is_written_in_both_languages() {
        let mut written = saved(page(State::Draft), &Typed::default(), Locale::Es);
        assert_eq!(written.actions.len(), 1 + EMPTY);
        samples(&written);
        written.is_new = true;
        samples(&written);
    }

    #[test]
    fn a_criterion_is_its_question_and_its_group() {
        let sent = typed(&[("actions-2-question", "delivery-on-time/A/B"), ("actions-2-owner", "supplier")]);
        let pairs = complete(&sent).pairs();
        let get = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
        assert_eq!(get("actions-2-question"), Some("delivery-on-time"));
        assert_eq!(get("actions-2-group"), Some("A/B"));
        let owned = typed(&[("actions-0-owner", "supplier"), ("actions-0-due_on", " ")]);
        assert!(complete(&owned).pairs().is_empty(), "a box in which nothing was written is no action");
    }
}
