//! What the coordinating body decides about a project: its milestones, its expenses, and its end.

use askama::Template;
use axum::{Extension, Router, extract::State as Shared, response::Response, routing::get};

use super::{address, page};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::Key,
        i18n::Locale,
        ids::{ExpenseId, ProjectId},
        page::{Confirm, Form, Page, View, filters, or_again, rows, show, show_again},
        problem::Problem,
    },
    programmes::{
        projects::{
            Accept, Achievement, Close, DecideExpense, Disburse, Expense, MilestoneState, NewClosing,
            NewExpenseDecision, Project, SendBack, Terminate,
        },
        store::projects as store,
    },
    words,
};

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/projects/{id}/milestones/{number}/{step}", get(ask).post(take))
        .route("/projects/{id}/expenses/{expense}", get(expense_page).post(decide_expense))
        .route("/projects/{id}/close", get(closing_page).post(close))
        .route("/projects/{id}/terminate", get(terminate_page).post(terminate))
}

words! {
    /// What the coordinating body does with a milestone.
    pub(super) enum Step {
        /// It is sent back.
        SendBack = "send-back",
        /// It is accepted.
        Accept = "accept",
        /// It is paid.
        Disburse = "disburse",
    }
}

impl Step {
    fn demand(self, actor: &Actor) -> Result<(), Problem> {
        match self {
            Self::SendBack => actor.may::<SendBack>().map(drop),
            Self::Accept => actor.may::<Accept>().map(drop),
            Self::Disburse => actor.may::<Disburse>().map(drop),
        }
    }

    /// Whether the actor may take it now.
    pub(super) fn is_open(self, actor: &Actor, state: MilestoneState) -> bool {
        match self {
            Self::SendBack => actor.takes::<SendBack>(state),
            Self::Accept => actor.takes::<Accept>(state),
            Self::Disburse => actor.takes::<Disburse>(state),
        }
    }

    const fn stem(self) -> &'static str {
        match self {
            Self::SendBack => "milestone-send-back",
            Self::Accept => "milestone-accept",
            Self::Disburse => "milestone-disburse",
        }
    }
}

async fn before(
    base: &Base,
    actor: &Actor,
    (id, number): (ProjectId, i32),
    step: Step,
) -> Result<Confirm, Problem> {
    let project = store::find(base.db.reads(), actor, id).await?;
    let milestone = project.milestone(number).cloned().ok_or_else(Problem::not_found)?;
    let action = format!("{}/milestones/{number}/{step}", address(id));
    let confirm = Confirm::new(step.stem(), (address(id), project.title), action)
        .at(project.version)
        .with("milestone", milestone.deliverable)
        .with("milestone-amount", filters::amount(&milestone.amount));
    let confirm = match milestone.report {
        Some(report) => confirm.with("milestone-report-text", report),
        None => confirm,
    };
    Ok(if step == Step::SendBack { confirm.with_reason() } else { confirm })
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, number, step)): Key<(ProjectId, i32, Step)>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    show(&view, &before(&base, &actor, (id, number), step).await?)
}

async fn take(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, number, step)): Key<(ProjectId, i32, Step)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    let typed = form.typed.clone();
    let done = async {
        match step {
            Step::SendBack => {
                let may = actor.may::<SendBack>()?;
                form.with_reason()
                    .change(&base, may, async |w, version, why| {
                        store::send_back(w, id, number, version, why.reason).await?;
                        Ok(address(id))
                    })
                    .await
            }
            Step::Accept => {
                let may = actor.may::<Accept>()?;
                form.change(&base, may, async |w, version, _| {
                    store::accept(w, id, number, version).await?;
                    Ok(address(id))
                })
                .await
            }
            Step::Disburse => {
                let may = actor.may::<Disburse>()?;
                form.change(&base, may, async |w, version, _| {
                    store::disburse(w, id, number, version).await?;
                    Ok(address(id))
                })
                .await
            }
        }
    };
    or_again(done.await, async |problem| {
        show_again(&view, &before(&base, &actor, (id, number), step).await?, problem, typed)
    })
    .await
}

/// An expense to accept or refuse.
#[derive(Template)]
#[template(path = "programmes/pages/projects/decide.html")]
struct ExpensePage {
    project: Project,
    expense: Expense,
}

impl Page for ExpensePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("expense-decide")
    }
}

async fn stated(
    base: &Base,
    actor: &Actor,
    id: ProjectId,
    expense: ExpenseId,
) -> Result<ExpensePage, Problem> {
    let page = page(base, actor, id).await?;
    let expense = page.expenses.into_iter().find(|one| one.id == expense).ok_or_else(Problem::not_found)?;
    Ok(ExpensePage { project: page.project, expense })
}

async fn expense_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<DecideExpense>,
    Key((id, expense)): Key<(ProjectId, ExpenseId)>,
) -> Result<Response, Problem> {
    show(&view, &stated(&base, may.actor(), id, expense).await?)
}

async fn decide_expense(
    Shared(base): Shared<Base>,
    view: View,
    may: May<DecideExpense>,
    Key((id, expense)): Key<(ProjectId, ExpenseId)>,
    form: Form<NewExpenseDecision>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, new| {
        store::decide_expense(w, id, expense, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &stated(&base, &actor, id, expense).await?, problem, typed)
    })
    .await
}

/// A goal of which the end says what became of it.
struct Row {
    result_field: String,
    achievement_field: String,
    note_field: String,
    result: String,
    text: String,
    target: String,
}

/// The end of a project.
#[derive(Template)]
#[template(path = "programmes/pages/projects/close.html")]
struct ClosingPage {
    project: Project,
    goals: Vec<Row>,
    achievements: Vec<(String, String)>,
}

impl Page for ClosingPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("project-close")
    }
}

impl ClosingPage {
    fn of(project: Project, locale: Locale) -> Self {
        let row = |(at, goal): (usize, &crate::programmes::calls::proposals::Goal)| Row {
            result_field: rows::name("results", at, "result"),
            achievement_field: rows::name("results", at, "achievement"),
            note_field: rows::name("results", at, "note"),
            result: goal.result.to_string(),
            text: goal.result.text(locale),
            target: goal.target.clone(),
        };
        let word = |one: &Achievement| (one.to_string(), locale.text(&format!("achievement-{one}")));
        Self {
            goals: project.goals.iter().enumerate().map(row).collect(),
            achievements: Achievement::ALL.iter().map(word).collect(),
            project,
        }
    }
}

async fn closing(base: &Base, actor: &Actor, id: ProjectId) -> Result<ClosingPage, Problem> {
    Ok(ClosingPage::of(store::find(base.db.reads(), actor, id).await?, actor.locale))
}

async fn closing_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Close>,
    Key(id): Key<ProjectId>,
) -> Result<Response, Problem> {
    show(&view, &closing(&base, may.actor(), id).await?)
}

async fn close(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Close>,
    Key(id): Key<ProjectId>,
    form: Form<NewClosing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, new| {
        store::close(w, id, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &closing(&base, &actor, id).await?, problem, typed)
    })
    .await
}

async fn before_terminating(base: &Base, actor: &Actor, id: ProjectId) -> Result<Confirm, Problem> {
    let project = store::find(base.db.reads(), actor, id).await?;
    let action = format!("{}/terminate", address(id));
    Ok(Confirm::new("project-terminate", (address(id), project.title), action)
        .at(project.version)
        .with("funds-committed", filters::amount(&project.committed))
        .with("funds-disbursed", filters::amount(&project.disbursed))
        .with_reason())
}

async fn terminate_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Terminate>,
    Key(id): Key<ProjectId>,
) -> Result<Response, Problem> {
    show(&view, &before_terminating(&base, may.actor(), id).await?)
}

async fn terminate(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Terminate>,
    Key(id): Key<ProjectId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.with_reason().change(&base, may, async |w, version, why| {
        store::terminate(w, id, version, why.reason).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_terminating(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{super::tests::project, *};
    use crate::{
        foundation::{clock::Timestamp, page::samples},
        programmes::{
            pages::calls::tests::amount,
            projects::{ExpenseState, State},
        },
    };

    #[test]
    fn deciding_is_shown_in_both_languages() {
        for stem in Step::ALL.iter().map(|step| step.stem()).chain(["project-terminate"]) {
            let back = ("/projects/1".to_owned(), "Talleres".to_owned());
            let confirm = Confirm::new(stem, back, "/x".to_owned()).at(2).with("milestone", "Ocho");
            samples(&confirm.with("milestone-report-text", "Ya <está>").with_reason());
        }
        let expense = Expense {
            id: ExpenseId(uuid::Uuid::nil()),
            milestone: 1,
            amount: amount("400"),
            spent_on: "2027-02-01".parse().unwrap(),
            document: "Factura <7>".to_owned(),
            description: "Honorarios".to_owned(),
            state: ExpenseState::Stated,
            reason: None,
            stated_at: Timestamp::from_micros(0),
            decided_at: None,
        };
        samples(&ExpensePage { project: project(State::Active), expense });
        for locale in [Locale::Es, Locale::En] {
            samples(&ClosingPage::of(project(State::Active), locale));
        }
    }
}
