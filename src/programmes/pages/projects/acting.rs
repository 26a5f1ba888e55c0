//! What the institution that executes a project says: milestones with their evidence, and expenses.

use askama::Template;
use axum::{
    Router,
    extract::{Multipart, State as Shared, multipart::MultipartRejection},
    response::Response,
    routing::{get, post},
};

use super::address;
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        files::transfer::{Kept, body_limit, keep},
        http::{Key, Reply},
        i18n::Locale,
        ids::{EvidenceId, ProjectId},
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    programmes::{
        api::projects::send_evidence,
        projects::{AddEvidence, Milestone, NewExpense, NewReport, Project, Report, StateExpense},
        store::projects as store,
    },
};

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    let upload = Router::new()
        .route("/projects/{id}/milestones/{number}/evidence", post(add_evidence))
        .layer(body_limit());
    Router::new()
        .route("/projects/{id}/milestones/{number}/report", get(report_page).post(report))
        .route("/projects/{id}/milestones/{number}/expenses", get(expense_page).post(state_expense))
        .route("/projects/{id}/evidence/{evidence}", get(send_evidence))
        .merge(upload)
}

/// Where a milestone is reported.
fn report_address(id: ProjectId, number: i32) -> String {
    format!("{}/milestones/{number}/report", address(id))
}

/// A milestone to report.
#[derive(Template)]
#[template(path = "programmes/pages/projects/report.html")]
struct ReportPage {
    project: Project,
    milestone: Milestone,
    /// How many files there are beside it.
    files: usize,
}

impl Page for ReportPage {
    fn title(&self, locale: Locale) -> String {
        locale.text_with("milestone-report-title", &[("number", self.milestone.number.to_string())])
    }
}

async fn found(
    base: &Base,
    actor: &Actor,
    id: ProjectId,
    number: i32,
) -> Result<(Project, Milestone), Problem> {
    let project = store::find(base.db.reads(), actor, id).await?;
    let milestone = project.milestone(number).cloned().ok_or_else(Problem::not_found)?;
    Ok((project, milestone))
}

async fn reporting(base: &Base, actor: &Actor, id: ProjectId, number: i32) -> Result<ReportPage, Problem> {
    let (project, milestone) = found(base, actor, id, number).await?;
    let files = store::evidence_of(base.db.reads(), actor, id).await?;
    let files = files.into_iter().filter(|file| file.milestone == number).count();
    Ok(ReportPage { project, milestone, files })
}

async fn report_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Report>,
    Key((id, number)): Key<(ProjectId, i32)>,
) -> Result<Response, Problem> {
    show(&view, &reporting(&base, may.actor(), id, number).await?)
}

async fn report(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Report>,
    Key((id, number)): Key<(ProjectId, i32)>,
    form: Form<NewReport>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, new| {
        store::report(w, id, number, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &reporting(&base, &actor, id, number).await?, problem, typed)
    })
    .await
}

async fn add_evidence(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AddEvidence>,
    Key((id, number)): Key<(ProjectId, i32)>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    let done = async {
        // Nobody fills the disk beside a project that they can't see, or that takes no files.
        let (_, milestone) = found(&base, &actor, id, number).await?;
        may.in_state(milestone.state)?;
        keep(&base, may, upload, async |w, evidence: EvidenceId, file| {
            let (kept, is_new) = store::add_evidence(w, evidence, (id, number), file).await?;
            Ok(Kept { json: kept.id, location: address(id), is_new })
        })
        .await?;
        Ok(Reply::see_other(report_address(id, number)))
    };
    or_again(done.await, async |problem| {
        show_again(&view, &reporting(&base, &actor, id, number).await?, problem, Typed::default())
    })
    .await
}

/// An expense to state.
#[derive(Template)]
#[template(path = "programmes/pages/projects/expense.html")]
struct ExpensePage {
    project: Project,
    milestone: Milestone,
}

impl Page for ExpensePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("expense-new")
    }
}

async fn stating(base: &Base, actor: &Actor, id: ProjectId, number: i32) -> Result<ExpensePage, Problem> {
    let (project, milestone) = found(base, actor, id, number).await?;
    Ok(ExpensePage { project, milestone })
}

async fn expense_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateExpense>,
    Key((id, number)): Key<(ProjectId, i32)>,
) -> Result<Response, Problem> {
    show(&view, &stating(&base, may.actor(), id, number).await?)
}

async fn state_expense(
    Shared(base): Shared<Base>,
    view: View,
    may: May<StateExpense>,
    Key((id, number)): Key<(ProjectId, i32)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let read = |typed: &Typed| typed.without_blank("amount", &["currency"]).read::<NewExpense>();
    let done = form.reading(read).change(&base, may, async |w, version, new| {
        store::state_expense(w, id, number, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &stating(&base, &actor, id, number).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{super::tests::project, *};
    use crate::{foundation::page::samples, programmes::projects::State};

    #[test]
    fn acting_is_shown_in_both_languages() {
        let one = || project(State::Active);
        let milestone = || one().milestones[0].clone();
        for files in [0, 2] {
            samples(&ReportPage { project: one(), milestone: milestone(), files });
        }
        samples(&ExpensePage { project: one(), milestone: milestone() });
    }
}
