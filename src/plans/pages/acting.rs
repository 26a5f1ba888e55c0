//! What happens to a plan: proposed, signed, begun, carried out action by action, visited, completed, given up.

use askama::Template;
use axum::{
    Router,
    extract::{Multipart, State as Shared, multipart::MultipartRejection},
    response::Response,
    routing::{get, post},
};

use super::{PlanPage, Shown, Step, address, plan_page, writing};
use crate::{
    foundation::{
        Base,
        access::{Actor, May, Operation},
        db::Write,
        fields::{Input, Nothing, Reason},
        files::transfer::{Kept, body_limit, keep},
        http::{IfVersion, Key, Reply},
        i18n::Locale,
        ids::{EvidenceId, PlanActionId, PlanId},
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    gaps::signing::NewSignature,
    organisations::{consents::Purpose, reading_log},
    plans::{
        Abandon, AddEvidence, Complete, NewProgress, NewVisit, Propose, Read, RecordProgress, RecordVisit,
        Sign, Start,
        api::send_evidence,
        store::{self, Standing},
    },
};

pub(super) fn routes() -> Router<Base> {
    let upload =
        Router::new().route("/plans/{id}/actions/{action}/evidence", post(add_evidence)).layer(body_limit());
    Router::new()
        .route("/plans/{id}/propose", post(propose))
        .route("/plans/{id}/start", post(start))
        .route("/plans/{id}/complete", post(complete))
        .route("/plans/{id}/signatures", post(sign))
        .route("/plans/{id}/actions/{action}", get(action_page).post(record_progress))
        .route("/plans/{id}/evidence/{evidence}", get(send_evidence))
        .route("/plans/{id}/visits", get(visit_page).post(record_visit))
        .route("/plans/{id}/abandon", get(abandon_page).post(abandon))
        .merge(upload)
}

/// Where a form that failed is shown again.
#[derive(Clone, Copy)]
enum Place {
    Plan,
    Edit,
    Action(PlanActionId),
    Visit,
    Abandon,
}

/// Does to a plan what a form says; what is wrong with that is shown where it was typed.
async fn take<O, T, F>(
    (base, view, may): (Base, View, May<O>),
    (id, place): (PlanId, Place),
    form: Form<T>,
    work: F,
) -> Result<Response, Problem>
where
    O: Operation,
    T: Input,
    F: AsyncFnOnce(&Write, IfVersion, T) -> Result<Standing, Problem>,
{
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, value| {
        work(w, version, value).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| again(&base, &view, &actor, (id, place), problem, typed).await).await
}

async fn again(
    base: &Base,
    view: &View,
    actor: &Actor,
    (id, place): (PlanId, Place),
    problem: Problem,
    typed: Typed,
) -> Result<Response, Problem> {
    // What is missing in a plan is said where it can be written down.
    if matches!(place, Place::Edit) && !problem.errors.is_empty() {
        return writing::mend(base, view, actor, id, problem).await;
    }
    let plan = plan_page(base, view, actor, id).await?;
    match place {
        Place::Plan | Place::Edit => show_again(view, &plan, problem, typed),
        Place::Action(action) => show_again(view, &ActionPage::of(plan, action)?, problem, typed),
        Place::Visit => show_again(view, &VisitPage { plan }, problem, typed),
        Place::Abandon => show_again(view, &AbandonPage { plan }, problem, typed),
    }
}

async fn propose(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Propose>,
    Key(id): Key<PlanId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, _| store::propose(w, id, version).await;
    take((base, view, may), (id, Place::Edit), form, work).await
}

async fn start(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Start>,
    Key(id): Key<PlanId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, _| store::start(w, id, version).await;
    take((base, view, may), (id, Place::Plan), form, work).await
}

async fn complete(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Complete>,
    Key(id): Key<PlanId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, _| store::complete(w, id, version).await;
    take((base, view, may), (id, Place::Plan), form, work).await
}

async fn sign(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Sign>,
    Key(id): Key<PlanId>,
    form: Form<NewSignature>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, _, new: NewSignature| store::sign(w, id, &new).await;
    take((base, view, may), (id, Place::Plan), form, work).await
}

/// An action: how far it is, and what shows it.
#[derive(Template)]
#[template(path = "plans/pages/action.html")]
struct ActionPage {
    plan: PlanPage,
    shown: Shown,
}

impl ActionPage {
    fn of(mut plan: PlanPage, action: PlanActionId) -> Result<Self, Problem> {
        let at =
            plan.actions.iter().position(|one| one.action.id == action).ok_or_else(Problem::not_found)?;
        let shown = plan.actions.swap_remove(at);
        Ok(Self { plan, shown })
    }
}

impl Page for ActionPage {
    fn title(&self, _: Locale) -> String {
        self.shown.action.closing.description.clone()
    }
}

async fn action_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key((id, action)): Key<(PlanId, PlanActionId)>,
) -> Result<Response, Problem> {
    let page = ActionPage::of(plan_page(&base, &view, may.actor(), id).await?, action)?;
    let reading = vec![(page.plan.plan.supplier, id.0)];
    reading_log::note(&base, may, Purpose::Gaps, "plan", reading).await?;
    show(&view, &page)
}

async fn record_progress(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordProgress>,
    Key((id, action)): Key<(PlanId, PlanActionId)>,
    form: Form<NewProgress>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, new: NewProgress| {
        if new.action != action {
            return Err(Problem::not_found());
        }
        store::record_progress(w, id, version, new).await
    };
    take((base, view, may), (id, Place::Action(action)), form, work).await
}

async fn add_evidence(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AddEvidence>,
    Key((id, action)): Key<(PlanId, PlanActionId)>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    let done = async {
        // Nobody fills the disk beside a plan that they can't see, or that takes no files.
        let found = store::find(base.db.reads(), &actor, id).await?;
        store::action_of(&found.plan, action)?;
        may.in_state(found.state)?;
        keep(&base, may, upload, async |w, evidence: EvidenceId, file| {
            let (kept, is_new) = store::add_evidence(w, evidence, (id, action), file).await?;
            Ok(Kept { json: kept.id, location: address(id), is_new })
        })
        .await?;
        Ok(Reply::see_other(format!("{}/actions/{action}", address(id))))
    };
    let place = (id, Place::Action(action));
    or_again(done.await, async |problem| again(&base, &view, &actor, place, problem, Typed::default()).await)
        .await
}

/// A visit to write down.
#[derive(Template)]
#[template(path = "plans/pages/visit.html")]
struct VisitPage {
    plan: PlanPage,
}

impl Page for VisitPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("plan-visit-title")
    }
}

async fn visit_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordVisit>,
    Key(id): Key<PlanId>,
) -> Result<Response, Problem> {
    let plan = plan_page(&base, &view, may.actor(), id).await?;
    may.in_state(plan.state)?;
    show(&view, &VisitPage { plan })
}

async fn record_visit(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RecordVisit>,
    Key(id): Key<PlanId>,
    form: Form<NewVisit>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, new: NewVisit| store::record_visit(w, id, version, new).await;
    take((base, view, may), (id, Place::Visit), form, work).await
}

/// Giving a plan up.
#[derive(Template)]
#[template(path = "plans/pages/abandon.html")]
struct AbandonPage {
    plan: PlanPage,
}

impl Page for AbandonPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("plan-abandon")
    }
}

async fn abandon_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Abandon>,
    Key(id): Key<PlanId>,
) -> Result<Response, Problem> {
    let plan = plan_page(&base, &view, may.actor(), id).await?;
    may.in_state(plan.state)?;
    show(&view, &AbandonPage { plan })
}

async fn abandon(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Abandon>,
    Key(id): Key<PlanId>,
    form: Form<Reason>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, why: Reason| store::abandon(w, id, version, why.reason).await;
    take((base, view, may), (id, Place::Abandon), form, work).await
}

#[cfg(test)]
mod tests {
    use super::{super::tests::page, *};
    use crate::{foundation::page::samples, plans::State};

    #[test]
    fn what_happens_to_a_plan_is_written_down_in_both_languages() {
        let action = page(State::UnderWay).actions[0].action.id;
        samples(&ActionPage::of(page(State::UnderWay), action).unwrap());
        samples(&VisitPage { plan: page(State::Agreed) });
        samples(&AbandonPage { plan: page(State::Draft) });
    }
}
