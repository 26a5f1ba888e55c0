//! Milestones and the expenses that justify what was paid for them.

use axum::extract::State as Service;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Versioned, conduct::answer};
use crate::{
    foundation::{
        Base,
        access::May,
        fields::{Nothing, Reason},
        http::{
            Body, IfVersion, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{ExpenseId, ProjectId},
        problem::Problem,
    },
    programmes::{
        projects::{
            Accept, DecideExpense, Disburse, Expense, ListExpenses, NewExpense, NewExpenseDecision,
            NewReport, Project, Report, SendBack, StateExpense,
        },
        store::projects as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(report))
        .routes(routes!(send_back))
        .routes(routes!(accept))
        .routes(routes!(disburse))
        .routes(routes!(state_expense))
        .routes(routes!(list_expenses))
        .routes(routes!(decide_expense))
}

/// Reports a milestone with its evidence, in the name of the institution that executes.
#[utoipa::path(
    post, path = "/projects/{id}/milestones/{milestone}/report", operation_id = "milestones_report",
    tag = "projects",
    params(("id" = ProjectId, Path), ("milestone" = i32, Path), ("If-Match" = String, Header)),
    request_body = NewReport, responses((status = OK, body = Versioned<Project>))
)]
async fn report(
    Service(base): Service<Base>,
    may: May<Report>,
    Key((id, milestone)): Key<(ProjectId, i32)>,
    version: IfVersion,
    Body { value, once }: Body<NewReport>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::report(&w, id, milestone, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Sends a reported milestone back, in the name of the coordinating body.
#[utoipa::path(
    post, path = "/projects/{id}/milestones/{milestone}/send-back", operation_id = "milestones_send_back",
    tag = "projects",
    params(("id" = ProjectId, Path), ("milestone" = i32, Path), ("If-Match" = String, Header)),
    request_body = Reason, responses((status = OK, body = Versioned<Project>))
)]
async fn send_back(
    Service(base): Service<Base>,
    may: May<SendBack>,
    Key((id, milestone)): Key<(ProjectId, i32)>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::send_back(&w, id, milestone, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Accepts a reported milestone, in the name of the coordinating body.
#[utoipa::path(
    post, path = "/projects/{id}/milestones/{milestone}/accept", operation_id = "milestones_accept",
    tag = "projects",
    params(("id" = ProjectId, Path), ("milestone" = i32, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = Versioned<Project>))
)]
async fn accept(
    Service(base): Service<Base>,
    may: May<Accept>,
    Key((id, milestone)): Key<(ProjectId, i32)>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::accept(&w, id, milestone, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Pays what an accepted milestone is worth. Where the call says so, what was paid before must be justified first.
#[utoipa::path(
    post, path = "/projects/{id}/milestones/{milestone}/disburse", operation_id = "milestones_disburse",
    tag = "projects",
    params(("id" = ProjectId, Path), ("milestone" = i32, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = Versioned<Project>))
)]
async fn disburse(
    Service(base): Service<Base>,
    may: May<Disburse>,
    Key((id, milestone)): Key<(ProjectId, i32)>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::disburse(&w, id, milestone, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// States an expense against what was paid for a milestone, in the name of the institution that executes.
#[utoipa::path(
    post, path = "/projects/{id}/milestones/{milestone}/expenses", operation_id = "expenses_create",
    tag = "projects",
    params(("id" = ProjectId, Path), ("milestone" = i32, Path), ("If-Match" = String, Header)),
    request_body = NewExpense, responses((status = CREATED, body = Expense))
)]
async fn state_expense(
    Service(base): Service<Base>,
    may: May<StateExpense>,
    Key((id, milestone)): Key<(ProjectId, i32)>,
    version: IfVersion,
    Body { value, once }: Body<NewExpense>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let (made, project) = store::state_expense(&w, id, milestone, version, value).await?;
        let location = format!("/api/v1/projects/{id}/expenses");
        let reply = Reply::created(location, &made)?.version(project.version);
        Ok(w.done(reply))
    })
    .await
}

/// Lists the expenses of a project.
#[utoipa::path(
    get, path = "/projects/{id}/expenses", operation_id = "expenses_list", tag = "projects",
    params(("id" = ProjectId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<Expense>))
)]
async fn list_expenses(
    Service(base): Service<Base>,
    may: May<ListExpenses>,
    Key(id): Key<ProjectId>,
    Params(window): Params<Window>,
) -> Result<Page<Expense>, Problem> {
    store::list_expenses(base.db.reads(), may.actor(), id, &window).await
}

/// Accepts an expense, which then justifies what was paid, or refuses it with a reason. `If-Match` names the project's
/// version.
#[utoipa::path(
    post, path = "/projects/{id}/expenses/{expense}/decision", operation_id = "expenses_decide", tag = "projects",
    params(("id" = ProjectId, Path), ("expense" = ExpenseId, Path), ("If-Match" = String, Header)),
    request_body = NewExpenseDecision, responses((status = OK, body = Expense))
)]
async fn decide_expense(
    Service(base): Service<Base>,
    may: May<DecideExpense>,
    Key((id, expense)): Key<(ProjectId, ExpenseId)>,
    version: IfVersion,
    Body { value, once }: Body<NewExpenseDecision>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let (decided, project) = store::decide_expense(&w, id, expense, version, value).await?;
        let reply = Reply::ok(&decided)?.version(project.version);
        Ok(w.done(reply))
    })
    .await
}
