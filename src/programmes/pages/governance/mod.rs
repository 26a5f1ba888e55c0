//! Governance at the screen: who steers, coordinates and executes in a programme, how coordination handles its known
//! weaknesses, and what of the funds is committed, paid and justified.

mod directing;
mod writing;

use std::collections::BTreeMap;

use askama::Template;
use axum::{Extension, Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::{Key, list::Window},
        i18n::Locale,
        ids::{AppointmentId, OrganisationId, ProgrammeId},
        money::Money,
        page::{Confirm, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::store::firms,
    programmes::{
        Programme,
        governance::{
            Accept, Appoint, Appointment, AppointmentState, AssignFunds, Decline, End, Functions,
            OperatingCriteria, ReadFunctions, RecordReview, Review, SetCoordination, SetCriteria,
            coordination::{Check, Model},
            funds::Funds,
        },
        pages::projects::tone as tone_of,
        projects::Project,
        store::{governance as store, projects as project_store, seen},
    },
    words,
};

/// So many of each are listed.
const MOST: u64 = 100;
/// A bar is so long.
const LENGTH: i128 = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/{id}/governance", get(read))
        .route("/appointments/{id}/{step}", get(ask).post(take))
        .merge(writing::routes())
        .merge(directing::routes())
}

fn address(id: ProgrammeId) -> String {
    format!("/programmes/{id}/governance")
}

/// How an appointment's state is coloured.
const fn tone(state: AppointmentState) -> &'static str {
    match state {
        AppointmentState::Offered => "now",
        AppointmentState::Held => "good",
        AppointmentState::Declined => "bad",
        AppointmentState::Ended => "",
    }
}

words! {
    /// What happens to an appointment on a page of its own.
    enum Step {
        /// The institution accepts.
        Accept = "accept",
        /// It declines.
        Decline = "decline",
        /// It ends.
        End = "end",
    }
}

impl Step {
    fn demand(self, actor: &Actor) -> Result<(), Problem> {
        match self {
            Self::Accept => actor.may::<Accept>().map(drop),
            Self::Decline => actor.may::<Decline>().map(drop),
            Self::End => actor.may::<End>().map(drop),
        }
    }

    const fn stem(self) -> &'static str {
        match self {
            Self::Accept => "appointment-accept",
            Self::Decline => "appointment-decline",
            Self::End => "appointment-end",
        }
    }

    fn is_open(self, actor: &Actor, appointment: &Appointment, functions: &Functions) -> bool {
        let state = appointment.state;
        let is_own = appointment.institution == actor.organisation;
        match self {
            Self::Accept => is_own && actor.takes::<Accept>(state),
            Self::Decline => is_own && actor.takes::<Decline>(state),
            Self::End => (is_own || functions.direction == actor.organisation) && actor.takes::<End>(state),
        }
    }
}

/// What a programme has, and what became of it.
struct Sums {
    /// Label's key, amount, and the length of its bar.
    lines: Vec<(&'static str, Money, i128)>,
}

impl Sums {
    fn of(funds: &Funds) -> Self {
        let all = i128::from(funds.assigned.max(1));
        let line = |label, minor: i64| {
            (label, Money::new(minor, funds.currency), (i128::from(minor) * LENGTH / all).clamp(0, LENGTH))
        };
        Self {
            lines: vec![
                line("funds-assigned", funds.assigned),
                line("funds-reserved", funds.reserved),
                line("funds-committed", funds.committed),
                line("funds-disbursed", funds.disbursed),
                line("funds-justified", funds.justified),
                line("funds-free", funds.free()),
            ],
        }
    }
}

/// What whoever reads the governance of a programme may do there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Right {
    Appoint,
    Coordinate,
    Review,
    SetCriteria,
    Assign,
}

impl Right {
    const ALL: [Self; 5] = [Self::Appoint, Self::Coordinate, Self::Review, Self::SetCriteria, Self::Assign];

    fn is_given(self, actor: &Actor, programme: &Programme, functions: &Functions) -> bool {
        let state = programme.state;
        let directs = functions.direction == actor.organisation;
        match self {
            Self::Appoint => directs && actor.takes::<Appoint>(state),
            Self::Coordinate => {
                (directs || functions.coordination == actor.organisation)
                    && actor.takes::<SetCoordination>(state)
            }
            Self::Review => directs && actor.takes::<RecordReview>(state),
            Self::SetCriteria => directs && actor.takes::<SetCriteria>(state),
            Self::Assign => directs && actor.takes::<AssignFunds>(state),
        }
    }
}

/// The governance of a programme.
#[derive(Template)]
#[template(path = "programmes/pages/governance/governance.html")]
struct GovernancePage {
    programme: Programme,
    /// Whether the reader sees the programme as well; who executes in it need not.
    leads_back: bool,
    /// Who has which function, by name.
    functions: Vec<(&'static str, Vec<String>)>,
    appointments: Vec<(Appointment, String, Vec<Step>)>,
    /// None: nobody has said.
    model: Option<Model>,
    checklist: Vec<Check>,
    reviews: Vec<(Review, String)>,
    criteria: Option<OperatingCriteria>,
    sums: Sums,
    projects: Vec<(Project, String)>,
    rights: Vec<Right>,
}

impl GovernancePage {
    fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

impl Page for GovernancePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("governance-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadFunctions>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let (programme, functions) = store::functions(db, actor, id).await?;
    let appointments = store::list_appointments(db, actor, Some(id), &Window::first(MOST)).await?.items;
    let (_, coordination) = store::coordination(db, actor, id).await?;
    let reviews = store::list_reviews(db, actor, id, &Window::first(MOST)).await?.items;
    let criteria = store::criteria_versions(db, actor, id).await?.pop();
    let sums = Sums::of(&store::funds(db, actor, id).await?);
    let filter = project_store::Filter { programme: Some(id), state: None };
    let projects = project_store::list(db, actor, filter, &Window::first(MOST)).await?.items;
    let ids = [functions.direction, functions.coordination].into_iter().chain(functions.execution.clone());
    let ids = ids.chain(appointments.iter().map(|one| one.institution));
    let ids = ids.chain(reviews.iter().flat_map(|one| [one.reviewed, one.reviewer]));
    let ids = ids.chain(projects.iter().map(|one| one.institution));
    let names = firms::names(db, actor, ids).await?;
    let today = programme.day(base.clock.now());
    let steps = |one: &Appointment| {
        Step::ALL.iter().copied().filter(|step| step.is_open(actor, one, &functions)).collect()
    };
    let page = GovernancePage {
        functions: named(&functions, &names),
        appointments: appointments
            .iter()
            .map(|one| (one.clone(), name(&names, one.institution), steps(one)))
            .collect(),
        model: coordination.as_ref().map(|found| found.said.model),
        checklist: coordination.map(|found| found.checklist(today, actor.locale)).unwrap_or_default(),
        reviews: reviews
            .into_iter()
            .map(|one| (name(&names, one.reviewed), one))
            .map(|(n, r)| (r, n))
            .collect(),
        criteria,
        sums,
        projects: projects
            .into_iter()
            .map(|one| (name(&names, one.institution), one))
            .map(|(n, p)| (p, n))
            .collect(),
        rights: Right::ALL
            .into_iter()
            .filter(|right| right.is_given(actor, &programme, &functions))
            .collect(),
        leads_back: seen(db, actor, id).await?.is_some(),
        programme,
    };
    show(&view, &page)
}

fn name(names: &BTreeMap<OrganisationId, String>, id: OrganisationId) -> String {
    names.get(&id).cloned().unwrap_or_default()
}

fn named(
    functions: &Functions,
    names: &BTreeMap<OrganisationId, String>,
) -> Vec<(&'static str, Vec<String>)> {
    let all = |ids: &[OrganisationId]| ids.iter().map(|id| name(names, *id)).collect();
    vec![
        ("direction", all(&[functions.direction])),
        ("coordination", all(&[functions.coordination])),
        ("execution", all(&functions.execution)),
    ]
}

async fn before(base: &Base, actor: &Actor, id: AppointmentId, step: Step) -> Result<Confirm, Problem> {
    let found = store::find_appointment(base.db.reads(), actor, id).await?;
    let back = (address(found.programme), found.programme_name.clone());
    let confirm = Confirm::new(step.stem(), back, format!("/appointments/{id}/{step}")).at(found.version);
    let function = actor.locale.text(&format!("function-{}", found.function));
    let confirm = confirm.with("appointment-function", function).with("appointment-why", found.statement);
    Ok(if step == Step::Accept { confirm } else { confirm.with_reason() })
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(AppointmentId, Step)>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    show(&view, &before(&base, &actor, id, step).await?)
}

async fn take(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(AppointmentId, Step)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    let typed = form.typed.clone();
    let done = async {
        match step {
            Step::Accept => {
                let may = actor.may::<Accept>()?;
                form.change(&base, may, async |w, version, _| {
                    Ok(address(store::accept(w, id, version).await?.programme))
                })
                .await
            }
            Step::Decline => {
                let may = actor.may::<Decline>()?;
                form.with_reason()
                    .change(&base, may, async |w, version, why| {
                        store::decline(w, id, version, why.reason).await?;
                        // Who has declined may not see the programme's governance any more.
                        Ok("/programmes".to_owned())
                    })
                    .await
            }
            Step::End => {
                let may = actor.may::<End>()?;
                form.with_reason()
                    .change(&base, may, async |w, version, why| {
                        let found = store::end(w, id, version, why.reason).await?;
                        let is_own = found.institution == w.actor().organisation;
                        Ok(if is_own { "/programmes".to_owned() } else { address(found.programme) })
                    })
                    .await
            }
        }
    };
    or_again(done.await, async |problem| {
        show_again(&view, &before(&base, &actor, id, step).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, ReviewId},
            page::samples,
        },
        programmes::{
            governance::{
                Function, Measure,
                coordination::{Coordination, Handling, NewCoordination},
            },
            pages::{projects::tests::project, tests::programme},
            projects,
        },
    };

    fn institution() -> OrganisationId {
        OrganisationId(uuid::Uuid::nil())
    }

    fn appointment(function: Function, state: AppointmentState) -> Appointment {
        Appointment {
            id: AppointmentId(uuid::Uuid::nil()),
            programme: ProgrammeId(uuid::Uuid::nil()),
            programme_name: "Redes <2026>".to_owned(),
            institution: institution(),
            function,
            state,
            statement: "Conoce el <sector>.".to_owned(),
            appointed_at: Timestamp::from_micros(0),
            answered_at: None,
            ended_at: None,
            reason: Some("No <puede>.".to_owned()),
            version: 1,
        }
    }

    #[test]
    fn governance_is_shown_in_both_languages() {
        let names = BTreeMap::from([(institution(), "Agencia <Sur>".to_owned())]);
        let functions = Functions::of(institution(), &[]);
        for locale in [Locale::Es, Locale::En] {
            for model in Model::ALL {
                let day = "2026-03-02".parse().unwrap();
                let handling = Handling {
                    weakness: model.weaknesses()[0],
                    how: "El <directorio> se renueva.".to_owned(),
                    reviewed_on: day,
                    review_due_on: Some(day),
                };
                let said = NewCoordination { model: *model, answers: vec![handling] };
                let account = AccountId(uuid::Uuid::nil());
                let at = Timestamp::from_micros(0);
                let coordination = Coordination { said, changed_by: account, changed_at: at, version: 1 };
                let review = Review {
                    id: ReviewId(uuid::Uuid::nil()),
                    reviewed: institution(),
                    reviewer: institution(),
                    is_own: true,
                    from: day,
                    to: day,
                    findings: "Faltan <puntajes>.".to_owned(),
                    measures: vec![Measure { what: "<Publicarlos>".to_owned(), due_on: Some(day) }],
                    recorded_by: account,
                    recorded_at: at,
                };
                let states = AppointmentState::ALL.iter().zip(Function::ALL.iter().cycle());
                let appointments = states.map(|(state, function)| {
                    (appointment(*function, *state), "Agencia <Sur>".to_owned(), Step::ALL.to_vec())
                });
                let funds = Funds {
                    currency: "CLP".parse().unwrap(),
                    assigned: 300,
                    reserved: 50,
                    committed: 36,
                    disbursed: 9,
                    justified: 0,
                };
                let projects = projects::State::ALL.iter().map(|state| (project(*state), "A".to_owned()));
                let page = GovernancePage {
                    programme: programme(crate::programmes::State::Open),
                    leads_back: true,
                    functions: named(&functions, &names),
                    appointments: appointments.collect(),
                    model: Some(*model),
                    checklist: coordination.checklist("2027-01-01".parse().unwrap(), locale),
                    reviews: vec![(review, "Agencia <Sur>".to_owned())],
                    criteria: Some(OperatingCriteria {
                        number: 2,
                        text: "Cinco <pymes>.".to_owned(),
                        data: serde_json::json!({}),
                        set_by: account,
                        set_at: at,
                    }),
                    sums: Sums::of(&funds),
                    projects: projects.collect(),
                    rights: Right::ALL.to_vec(),
                };
                let [es, _] = samples(&page);
                for raw in
                    ["<Sur>", "<puede>", "<directorio>", "<puntajes>", "<Publicarlos>", "<pymes>", "<del>"]
                {
                    assert!(!es.contains(raw), "{raw}");
                }
                samples(&GovernancePage {
                    leads_back: false,
                    appointments: Vec::new(),
                    model: None,
                    checklist: Vec::new(),
                    reviews: Vec::new(),
                    criteria: None,
                    projects: Vec::new(),
                    rights: Vec::new(),
                    ..page
                });
            }
        }
        for step in Step::ALL {
            let back = ("/programmes/1".to_owned(), "Redes".to_owned());
            let confirm = Confirm::new(step.stem(), back, "/appointments/1/x".to_owned()).with_reason();
            samples(&confirm.with("appointment-function", "x").with("appointment-why", "y"));
        }
    }
}
