//! Calls at the screen: which there are, one with its rules, its evaluators and its ranking, and what happens to it.
//!
//! Writing one is in `writing`, what is proposed to it in `proposals`.

mod proposals;
mod proposing;
mod writing;

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Extension, Router,
    extract::State as Shared,
    response::Response,
    routing::{get, post},
};

use super::{Within, within};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::Nothing,
        http::{
            Key, Params, Reply,
            list::{Page as ListPage, Window},
        },
        i18n::Locale,
        ids::{AccountId, CallId, OrganisationId, ProgrammeId, ProposalId},
        page::{Confirm, Entry, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::store::{firms, people},
    programmes::{
        self, Programme,
        calls::{
            AppointEvaluator, Call, Cancel, Change, Create, DismissEvaluator, FinishEvaluation, List,
            ListEvaluators, NewEvaluator, Open, Propose, Read, ReadRanking, State,
            evaluations::Ranked,
            proposals::{Proposal, ProposalState},
        },
        store::{calls as store, governance},
    },
    words,
};

/// So many calls stand on one page.
const PAGE: u64 = 25;
/// So many proposals of a call are listed.
const MOST: u64 = 100;

pub(super) use proposing::ENTRY as COMMITMENTS;

/// What leads here from everywhere.
pub(super) const ENTRY: Entry = Entry { path: "/calls", text: "calls-title", kinds: &[Kind::Institution] };

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/calls", get(list))
        .route("/calls/{id}", get(read))
        .route("/calls/{id}/steps/{step}", get(ask).post(take))
        .route("/calls/{id}/evaluators", post(appoint))
        .route("/calls/{id}/evaluators/{account}/remove", post(dismiss))
        .merge(writing::routes())
        .merge(proposals::routes())
        .merge(proposing::routes())
}

fn address(id: CallId) -> String {
    format!("/calls/{id}")
}

/// How a state is coloured; its name stands beside.
const fn tone(state: State) -> &'static str {
    match state {
        State::Draft => "",
        State::Open | State::Evaluated => "now",
        State::Closed => "warn",
        State::Decided => "good",
        State::Cancelled => "bad",
    }
}

/// Points as they are kept, with four decimals, as people read them: with one, rounded half up.
fn tenths(points: &str) -> String {
    let all: i64 = points.replace('.', "").parse().unwrap_or_default();
    let tenths = (all + 500) / 1_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// How a proposal's state is coloured.
const fn tone_of(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Draft => "",
        ProposalState::Submitted => "now",
        ProposalState::Awarded => "good",
        ProposalState::Rejected => "bad",
        ProposalState::Withdrawn => "warn",
    }
}

/// The calls that one may see.
#[derive(Template)]
#[template(path = "programmes/pages/calls/list.html")]
struct CallsPage {
    within: Option<Programme>,
    items: Vec<(Call, State)>,
    /// Where one may be written.
    programmes: Vec<(ProgrammeId, String)>,
    next: Option<String>,
    prev: Option<String>,
}

impl CallsPage {
    /// The list's address with its filter.
    fn address(&self) -> String {
        within("/calls", self.within.as_ref())
    }
}

impl Page for CallsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("calls-title")
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Params(Within { programme, window }): Params<Within<PAGE>>,
) -> Result<Response, Problem> {
    let (db, actor, now) = (base.db.reads(), may.actor(), base.clock.now());
    let within = match programme {
        // Who may propose sees the calls of a programme, and need not see the programme.
        Some(id) => programmes::store::seen(db, actor, id).await?,
        None => None,
    };
    let ListPage { items, next, prev } = store::list(db, actor, store::Filter { programme }, &window).await?;
    let seen = programmes::store::list(db, actor, None, &Window::first(100)).await?.items;
    let writable = seen.iter().filter(|one| within.as_ref().is_none_or(|only| only.id == one.id));
    let writable = writable.filter(|one| actor.takes::<Create>(one.state));
    let programmes = writable.map(|one| (one.id, one.name.clone())).collect();
    let items = items.into_iter().map(|call| (call.state(now), call)).map(|(state, call)| (call, state));
    show(&view, &CallsPage { within, items: items.collect(), programmes, next, prev })
}

words! {
    /// What happens to a call on a page of its own.
    enum Step {
        /// Executing institutions see it.
        Open = "open",
        /// Its evaluations are complete.
        Finish = "finish",
        /// It is given up.
        Cancel = "cancel",
    }
}

impl Step {
    fn demand(self, actor: &Actor) -> Result<(), Problem> {
        match self {
            Self::Open => actor.may::<Open>().map(drop),
            Self::Finish => actor.may::<FinishEvaluation>().map(drop),
            Self::Cancel => actor.may::<Cancel>().map(drop),
        }
    }

    fn is_open(self, actor: &Actor, state: State) -> bool {
        match self {
            Self::Open => actor.takes::<Open>(state),
            Self::Finish => actor.takes::<FinishEvaluation>(state),
            Self::Cancel => actor.takes::<Cancel>(state),
        }
    }

    const fn stem(self) -> &'static str {
        match self {
            Self::Open => "call-open",
            Self::Finish => "call-finish",
            Self::Cancel => "call-cancel",
        }
    }
}

/// A call.
#[derive(Template)]
#[template(path = "programmes/pages/calls/call.html")]
struct CallPage {
    call: Call,
    programme: Programme,
    state: State,
    locale: Locale,
    proposals: Vec<(Proposal, String)>,
    /// None: not for the viewer, or not yet.
    ranking: Option<Vec<(Ranked, String)>>,
    /// Account, and how they are called: a colleague by name, others by their institution.
    evaluators: Vec<(AccountId, String)>,
    steps: Vec<Step>,
    may_propose: bool,
    may_change: bool,
    may_appoint: bool,
}

impl Page for CallPage {
    fn title(&self, _: Locale) -> String {
        self.call.terms.title.clone()
    }

    fn is_wide(&self) -> bool {
        true
    }
}

/// What is not there for the reader is left out of a page; every other problem is one.
fn seen<T>(found: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(problem) if problem == Problem::not_found() => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Whether the actor's institution coordinates the programme.
pub(super) async fn coordinates(base: &Base, actor: &Actor, id: ProgrammeId) -> Result<bool, Problem> {
    let functions = seen(governance::functions(base.db.reads(), actor, id).await)?;
    Ok(functions.is_some_and(|(_, functions)| functions.coordination == actor.organisation))
}

async fn names(
    base: &Base,
    actor: &Actor,
    ids: impl IntoIterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>, Problem> {
    firms::names(base.db.reads(), actor, ids).await
}

/// How a proposal stands in the ranking; none: not for the reader, or not yet.
async fn ranking_line(
    base: &Base,
    actor: &Actor,
    call: &Call,
    id: ProposalId,
) -> Result<Option<Ranked>, Problem> {
    let now = base.clock.now();
    if !actor.takes::<ReadRanking>(call.state(now)) {
        return Ok(None);
    }
    let found = seen(store::ranking(base.db.reads(), actor, call.id, now).await)?;
    Ok(found.and_then(|(_, all)| all.into_iter().find(|one| one.proposal == id)))
}

async fn page(base: &Base, actor: &Actor, id: CallId) -> Result<CallPage, Problem> {
    let (db, now) = (base.db.reads(), base.clock.now());
    let (call, programme) = store::find(db, actor, id).await?;
    let state = call.state(now);
    let found = store::list_proposals(db, actor, id, now, &Window::first(MOST)).await?.items;
    let ranking = if actor.takes::<ReadRanking>(state) {
        seen(store::ranking(db, actor, id, now).await)?.map(|(_, ranked)| ranked)
    } else {
        None
    };
    let appointed = match actor.may::<ListEvaluators>() {
        Ok(_) => store::list_evaluators(db, actor, id).await?,
        Err(_) => Vec::new(),
    };
    let colleagues = people::members(db, actor).await?;
    let ids = found.iter().map(|one| one.institution);
    let ids = ids.chain(ranking.iter().flatten().map(|one| one.institution));
    let names = names(base, actor, ids.chain(appointed.iter().map(|one| one.institution))).await?;
    let name = |id: &OrganisationId| names.get(id).cloned().unwrap_or_default();
    let person = |one: &programmes::calls::Appointed| {
        let colleague = colleagues.iter().find(|member| member.account.id == one.account);
        colleague.map_or_else(|| name(&one.institution), |member| member.account.name.clone())
    };
    let is_coordinator = coordinates(base, actor, call.programme).await?;
    let steps = Step::ALL.iter().copied().filter(|step| is_coordinator && step.is_open(actor, state));
    Ok(CallPage {
        proposals: found
            .into_iter()
            .map(|one| (name(&one.institution), one))
            .map(|(n, one)| (one, n))
            .collect(),
        ranking: ranking.map(|all| {
            all.into_iter().map(|one| (name(&one.institution), one)).map(|(n, one)| (one, n)).collect()
        }),
        evaluators: appointed.iter().map(|one| (one.account, person(one))).collect(),
        steps: steps.collect(),
        may_propose: !is_coordinator
            && actor.kind() == Some(Kind::Institution)
            && actor.takes::<Propose>(state),
        may_change: is_coordinator && actor.takes::<Change>(state),
        may_appoint: is_coordinator && actor.takes::<AppointEvaluator>(state),
        locale: actor.locale,
        call,
        programme,
        state,
    })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<CallId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id).await?)
}

async fn before(base: &Base, actor: &Actor, id: CallId, step: Step) -> Result<Confirm, Problem> {
    let (call, _) = store::find(base.db.reads(), actor, id).await?;
    let confirm =
        Confirm::new(step.stem(), (address(id), call.terms.title), format!("{}/steps/{step}", address(id)));
    let confirm = confirm.at(call.version).with("call-funds", filters::amount(&call.funds));
    Ok(if step == Step::Cancel { confirm.with_reason() } else { confirm })
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(CallId, Step)>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    show(&view, &before(&base, &actor, id, step).await?)
}

async fn take(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(CallId, Step)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    let typed = form.typed.clone();
    let done = async {
        match step {
            Step::Open => {
                let may = actor.may::<Open>()?;
                form.change(&base, may, async |w, version, _| {
                    store::open(w, id, version).await?;
                    Ok(address(id))
                })
                .await
            }
            Step::Finish => {
                let may = actor.may::<FinishEvaluation>()?;
                form.change(&base, may, async |w, version, _| {
                    store::finish_evaluation(w, id, version).await?;
                    Ok(address(id))
                })
                .await
            }
            Step::Cancel => {
                let may = actor.may::<Cancel>()?;
                form.with_reason()
                    .change(&base, may, async |w, version, why| {
                        store::cancel(w, id, version, why.reason).await?;
                        Ok(address(id))
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

async fn appoint(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AppointEvaluator>,
    Key(id): Key<CallId>,
    form: Form<NewEvaluator>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, NewEvaluator { email }| {
        store::appoint_evaluator(w, id, &email).await?;
        Ok(format!("{}#evaluators", address(id)))
    });
    or_again(done.await, async |problem| show_again(&view, &page(&base, &actor, id).await?, problem, typed))
        .await
}

async fn dismiss(
    Shared(base): Shared<Base>,
    view: View,
    may: May<DismissEvaluator>,
    Key((id, account)): Key<(CallId, AccountId)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = base.write(may, form.once, async |w| {
        store::dismiss_evaluator(&w, id, account).await?;
        Ok(w.done(Reply::see_other(format!("{}#evaluators", address(id)))))
    });
    or_again(done.await, async |problem| show_again(&view, &page(&base, &actor, id).await?, problem, typed))
        .await
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, money::Money, page::samples, share::Share},
        programmes::{
            calls::{
                Terms,
                criteria::usual,
                proposals::{
                    Cofinancing, Commitment, CommitmentState, Content, Decision, FundingSource, Goal,
                    PlannedMilestone,
                },
                results::ExpectedResult,
            },
            networks::Model,
            pages::tests::programme,
        },
    };

    pub(in crate::programmes::pages) fn amount(text: &str) -> Money {
        Money::parse(text, "CLP".parse().unwrap()).unwrap()
    }

    pub(super) fn call(written: State) -> Call {
        Call {
            id: CallId(uuid::Uuid::nil()),
            programme: ProgrammeId(uuid::Uuid::nil()),
            written,
            terms: Terms {
                title: "Redes <2026>".to_owned(),
                description: "Para redes\nde <proveedores>.".to_owned(),
                criteria: usual(),
                min_cofinancing: Share::percent(30),
                largest_grant: amount("45000000"),
                spread_threshold: "20".parse().unwrap(),
                justify_first: true,
            },
            funds: amount("90000000"),
            committed: amount("36000000"),
            opens_at: Some(Timestamp::from_micros(0)),
            closes_at: Timestamp::from_micros(0),
            opened_at: None,
            reason: (written == State::Cancelled).then(|| "No hay <fondos>.".to_owned()),
            version: 3,
        }
    }

    pub(super) fn proposal(state: ProposalState) -> Proposal {
        let none = uuid::Uuid::nil();
        let is_decided = matches!(state, ProposalState::Awarded | ProposalState::Rejected);
        let commitment = |state: &CommitmentState| Commitment {
            id: crate::foundation::ids::CommitmentId(none),
            proposal: ProposalId(none),
            title: String::new(),
            institution: OrganisationId(none),
            call: CallId(none),
            closes_at: Timestamp::from_micros(0),
            lead_firm: OrganisationId(none),
            state: *state,
            cofinancing: Some(amount("1")),
            purchase_intention: Some("Bujes <y más>.".to_owned()),
            answered_at: None,
            version: 1,
        };
        Proposal {
            id: ProposalId(none),
            call: CallId(none),
            programme: ProgrammeId(none),
            institution: OrganisationId(none),
            state,
            content: Content {
                title: "Talleres <del> Itata".to_owned(),
                summary: "Ocho talleres\nque <fabrican>.".to_owned(),
                model: Model::LeadFirm,
                grant: amount("30000000"),
                cofinancing: FundingSource::ALL
                    .iter()
                    .map(|source| Cofinancing {
                        source: *source,
                        amount: amount("1000"),
                        note: Some("<horas>".to_owned()),
                    })
                    .collect(),
                milestones: vec![PlannedMilestone {
                    deliverable: "Ocho <diagnósticos>".to_owned(),
                    due_on: "2027-03-31".parse().unwrap(),
                    amount: amount("30000000"),
                }],
                goals: vec![Goal {
                    result: ExpectedResult::ProductionStandards,
                    target: "Seis <ISO>".to_owned(),
                    measure: "Certificados".to_owned(),
                }],
            },
            commitments: CommitmentState::ALL.iter().map(commitment).collect(),
            submitted_at: Some(Timestamp::from_micros(0)),
            decision: is_decided.then(|| Decision {
                amount: (state == ProposalState::Awarded).then(|| amount("30000000")),
                reason: "Primera del <orden>.".to_owned(),
                decided_at: Timestamp::from_micros(0),
            }),
            authors: Vec::new(),
            version: 2,
        }
    }

    pub(super) fn ranked(is_done: bool) -> Ranked {
        Ranked {
            place: is_done.then_some(1),
            proposal: ProposalId(uuid::Uuid::nil()),
            institution: OrganisationId(uuid::Uuid::nil()),
            title: "Talleres <del> Itata".to_owned(),
            grant: amount("30000000"),
            evaluations: 2,
            needs_third: !is_done,
            points: is_done.then(|| "71.2500".to_owned()),
            points_exact: None,
            spread: is_done.then(|| "4.7500".to_owned()),
            is_within_funds: is_done.then_some(true),
            awarded: is_done.then(|| amount("30000000")),
        }
    }

    #[test]
    fn points_are_read_with_one_decimal() {
        let read = ["71.2500", "100.0000", "0.0499", "0.0500"].map(tenths);
        assert_eq!(read, ["71.3", "100.0", "0.0", "0.1"]);
    }

    #[test]
    fn calls_are_shown_in_both_languages() {
        let name = || "Corporación <Itata>".to_owned();
        for locale in [Locale::Es, Locale::En] {
            for state in State::ALL {
                let items = || vec![(call(*state), *state)];
                let programmes = vec![(ProgrammeId(uuid::Uuid::nil()), "Redes <2026>".to_owned())];
                let within = Some(programme(programmes::State::Open));
                samples(&CallsPage { within, items: items(), programmes, next: None, prev: None });
                for is_done in [true, false] {
                    let page = CallPage {
                        call: call(*state),
                        programme: programme(programmes::State::Open),
                        state: *state,
                        locale,
                        proposals: ProposalState::ALL.iter().map(|one| (proposal(*one), name())).collect(),
                        ranking: Some(vec![(ranked(is_done), name())]),
                        evaluators: vec![(AccountId(uuid::Uuid::nil()), "Ana <Rojas>".to_owned())],
                        steps: Step::ALL.to_vec(),
                        may_propose: true,
                        may_change: true,
                        may_appoint: true,
                    };
                    let [es, _] = samples(&page);
                    assert!(!es.contains("<2026>") && !es.contains("<Itata>") && !es.contains("<Rojas>"));
                    samples(&CallPage {
                        proposals: Vec::new(),
                        ranking: None,
                        evaluators: Vec::new(),
                        steps: Vec::new(),
                        may_propose: false,
                        may_change: false,
                        may_appoint: false,
                        ..page
                    });
                }
            }
        }
        let empty = Vec::new();
        samples(&CallsPage { within: None, items: empty, programmes: Vec::new(), next: None, prev: None });
        for step in Step::ALL {
            let back = ("/calls/1".to_owned(), "Redes".to_owned());
            samples(&Confirm::new(step.stem(), back, "/calls/1/steps/x".to_owned()).with("call-funds", "1"));
        }
    }
}
