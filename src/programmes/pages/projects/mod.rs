//! Projects at the screen: milestones reported, accepted and paid, what was paid justified, and the end.
//!
//! The institution that executes reports and states expenses (`acting`); the coordinating body decides (`deciding`).

mod acting;
mod deciding;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::calls::coordinates;
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        http::{Key, list::Window},
        i18n::Locale,
        ids::ProjectId,
        money::Money,
        page::{Page, View, filters, show},
        problem::Problem,
    },
    organisations::store::firms,
    programmes::{
        projects::{
            Close, DecideExpense, Expense, ExpenseState, Milestone, MilestoneEvidence, MilestoneState,
            Project, Read, Report, State, StateExpense, Terminate,
        },
        store::projects as store,
    },
};

/// So many expenses are listed.
const MOST: u64 = 500;
/// A bar is so long.
const LENGTH: i128 = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new().route("/projects/{id}", get(read)).merge(acting::routes()).merge(deciding::routes())
}

fn address(id: ProjectId) -> String {
    format!("/projects/{id}")
}

/// How a project's state is coloured.
pub(super) const fn tone(state: State) -> &'static str {
    match state {
        State::Active => "now",
        State::Closed => "good",
        State::Terminated => "bad",
    }
}

/// How a milestone's state is coloured.
const fn tone_at(state: MilestoneState) -> &'static str {
    match state {
        MilestoneState::Pending => "",
        MilestoneState::Reported => "now",
        MilestoneState::Accepted => "warn",
        MilestoneState::Disbursed => "good",
    }
}

/// How an expense's state is coloured.
const fn tone_of(state: ExpenseState) -> &'static str {
    match state {
        ExpenseState::Stated => "now",
        ExpenseState::Accepted => "good",
        ExpenseState::Refused => "bad",
    }
}

/// A project: its milestones, and what of its grant was paid and justified.
#[derive(Template)]
#[template(path = "programmes/pages/projects/project.html")]
struct ProjectPage {
    project: Project,
    institution: String,
    expenses: Vec<Expense>,
    evidence: Vec<MilestoneEvidence>,
    locale: Locale,
    /// Whether the viewer's institution executes it, and whether it coordinates.
    executes: bool,
    coordinates: bool,
    actor: Option<Actor>,
}

impl ProjectPage {
    /// How long the bar of an amount is.
    fn length(&self, amount: &Money) -> i128 {
        let all = i128::from(self.project.committed.minor.max(1));
        (i128::from(amount.minor) * LENGTH / all).clamp(0, LENGTH)
    }

    fn files<'a>(&'a self, number: &'a i32) -> impl Iterator<Item = (usize, &'a MilestoneEvidence)> {
        (1..).zip(self.evidence.iter().filter(move |file| file.milestone == *number))
    }

    fn is_active(&self) -> bool {
        self.project.state == State::Active
    }

    fn takes<O: crate::foundation::access::Operation>(&self, state: impl std::fmt::Display) -> bool {
        self.is_active() && self.actor.is_some_and(|actor| actor.takes::<O>(state))
    }

    fn may_report(&self, milestone: &Milestone) -> bool {
        self.executes && self.takes::<Report>(milestone.state)
    }

    fn may_justify(&self, milestone: &Milestone) -> bool {
        self.executes
            && milestone.justified.minor < milestone.amount.minor
            && self.takes::<StateExpense>(milestone.state)
    }

    /// What the coordinating body can do with a milestone.
    fn steps(&self, milestone: &Milestone) -> Vec<deciding::Step> {
        let Some(actor) = self.actor.filter(|_| self.coordinates && self.is_active()) else {
            return Vec::new();
        };
        let open = deciding::Step::ALL.iter().copied();
        open.filter(|step| step.is_open(&actor, milestone.state)).collect()
    }

    fn may_decide(&self, expense: &Expense) -> bool {
        self.coordinates && self.actor.is_some_and(|actor| actor.takes::<DecideExpense>(expense.state))
    }

    fn may_close(&self) -> bool {
        self.coordinates && self.takes::<Close>(self.project.state)
    }

    fn may_terminate(&self) -> bool {
        self.coordinates && self.takes::<Terminate>(self.project.state)
    }
}

impl Page for ProjectPage {
    fn title(&self, _: Locale) -> String {
        self.project.title.clone()
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn page(base: &Base, actor: &Actor, id: ProjectId) -> Result<ProjectPage, Problem> {
    let db = base.db.reads();
    let project = store::find(db, actor, id).await?;
    let names = firms::names(db, actor, [project.institution]).await?;
    let expenses = store::list_expenses(db, actor, id, &Window::first(MOST)).await?.items;
    Ok(ProjectPage {
        institution: names.get(&project.institution).cloned().unwrap_or_default(),
        expenses,
        evidence: store::evidence_of(db, actor, id).await?,
        locale: actor.locale,
        executes: project.institution == actor.organisation,
        coordinates: coordinates(base, actor, project.programme).await?,
        actor: Some(*actor),
        project,
    })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<ProjectId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id).await?)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            files::clean::MediaType,
            ids::{CallId, EvidenceId, ExpenseId, OrganisationId, ProgrammeId, ProposalId},
            page::samples,
        },
        programmes::{
            calls::{proposals::Goal, results::ExpectedResult},
            pages::calls::tests::amount,
        },
    };

    pub(in crate::programmes::pages) fn project(state: State) -> Project {
        let milestone = |(number, state): (i32, &MilestoneState)| Milestone {
            number,
            deliverable: "Ocho <diagnósticos>".to_owned(),
            due_on: "2027-03-31".parse().unwrap(),
            amount: amount("1000"),
            justified: amount("400"),
            state: *state,
            report: Some("Ya <está>.".to_owned()),
            evidence_link: Some("https://corporacion.example/1.pdf".to_owned()),
            reported_at: None,
            returned_because: Some("Falta <uno>.".to_owned()),
            accepted_at: None,
            disbursed_at: Some(Timestamp::from_micros(0)),
        };
        Project {
            id: ProjectId(uuid::Uuid::nil()),
            proposal: ProposalId(uuid::Uuid::nil()),
            call: CallId(uuid::Uuid::nil()),
            programme: ProgrammeId(uuid::Uuid::nil()),
            institution: OrganisationId(uuid::Uuid::nil()),
            title: "Talleres <del> Itata".to_owned(),
            state,
            committed: amount("36000000"),
            disbursed: amount("9000000"),
            justified: amount("0"),
            justify_first: true,
            goals: vec![Goal {
                result: ExpectedResult::PooledCapacity,
                target: "Dos <lotes>".to_owned(),
                measure: "Contratos".to_owned(),
            }],
            results: Vec::new(),
            networks: Vec::new(),
            milestones: (1..).zip(MilestoneState::ALL).map(milestone).collect(),
            reason: (state == State::Terminated).then(|| "No <sigue>.".to_owned()),
            version: 1,
        }
    }

    #[test]
    fn projects_are_shown_in_both_languages() {
        let expense = |state: &ExpenseState| Expense {
            id: ExpenseId(uuid::Uuid::nil()),
            milestone: 4,
            amount: amount("400"),
            spent_on: "2027-02-01".parse().unwrap(),
            document: "Factura <7>".to_owned(),
            description: "Honorarios".to_owned(),
            state: *state,
            reason: (*state == ExpenseState::Refused).then(|| "No <es> del proyecto.".to_owned()),
            stated_at: Timestamp::from_micros(0),
            decided_at: None,
        };
        let file = MilestoneEvidence {
            id: EvidenceId(uuid::Uuid::nil()),
            project: ProjectId(uuid::Uuid::nil()),
            milestone: 1,
            media_type: MediaType::Pdf,
            size: 1_000,
            sha256: "f".repeat(64),
            added_at: Timestamp::from_micros(0),
        };
        let officer = Actor::system(OrganisationId(uuid::Uuid::nil()));
        for locale in [Locale::Es, Locale::En] {
            for state in State::ALL {
                for (executes, coordinates) in [(true, false), (false, true), (false, false)] {
                    let page = ProjectPage {
                        project: project(*state),
                        institution: "A".to_owned(),
                        expenses: ExpenseState::ALL.iter().map(expense).collect(),
                        evidence: vec![file.clone()],
                        locale,
                        executes,
                        coordinates,
                        actor: Some(officer),
                    };
                    let [es, _] = samples(&page);
                    assert!(!es.contains("<está>") && !es.contains("<uno>") && !es.contains("<lotes>"));
                    samples(&ProjectPage { expenses: Vec::new(), actor: None, ..page });
                }
            }
        }
    }
}
