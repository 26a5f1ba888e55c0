//! A proposal as its institution writes it: new, changed, submitted, taken back; and what the lead firms that it names
//! commit themselves to.

use askama::Template;
use axum::{Extension, Router, extract::State as Shared, response::Response, routing::get};

use super::{names, proposals::address};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::Nothing,
        http::{
            Key, Params,
            list::{Page as ListPage, Paged, Window},
        },
        i18n::Locale,
        ids::{CallId, CommitmentId, ProposalId},
        page::{Confirm, Entry, Form, Page, Typed, View, filters, or_again, rows, show, show_again},
        problem::Problem,
    },
    organisations::store::firms,
    programmes::{
        calls::{
            Call, ChangeProposal, Confirm as CommitTo, ListCommitments, Propose, ReadCommitment, Reopen,
            Submit, WithdrawCommitment, WithdrawProposal,
            proposals::{
                Commitment, CommitmentState, Content, FundingSource, NewCommitment, NewProposal, Proposal,
            },
            results::{ExpectedResult, NetworkKind},
        },
        networks,
        store::calls as store,
    },
    words,
};

/// What leads here from everywhere.
pub(in crate::programmes::pages) const ENTRY: Entry =
    Entry { path: "/commitments", text: "commitments-title", kinds: &[Kind::LeadFirm] };

/// So many lead firms are offered, and commitments stand on one page.
const MOST: u64 = 200;
const ROWS: u64 = 50;
/// So many rows a form has at first.
const FEW: usize = 3;
/// So many it has at most.
const MANY: usize = 50;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/calls/{id}/proposals/new", get(new_page).post(propose))
        .route("/proposals/{id}/edit", get(edit_page).post(change))
        .route("/proposals/{id}/steps/{step}", get(ask).post(take))
        .route("/commitments", get(commitments))
        .route("/commitments/{id}", get(commitment_page).post(commit))
        .route("/commitments/{id}/withdraw", get(withdraw_page).post(withdraw))
}

/// A row of a table of the form: its fields with what is saved.
struct Row {
    cells: Vec<rows::Cell>,
    /// Of a row that begins with a choice: the field and what is saved.
    choice: (String, String),
    /// Of a row with an amount: its field and what is saved.
    amount: (String, String),
}

/// A proposal being written.
#[derive(Template)]
#[template(path = "programmes/pages/calls/propose.html")]
struct ProposePage {
    call: Call,
    action: String,
    back: String,
    version: Option<i64>,
    title: String,
    summary: String,
    model: String,
    grant: String,
    milestones: Vec<Row>,
    cofinancing: Vec<Row>,
    goals: Vec<Row>,
    sources: Vec<(String, String)>,
    results: Vec<(String, String)>,
    /// Field, id and name of the lead firms that can be asked, and whether they are.
    lead_firms: Vec<(String, String, String, bool)>,
}

impl Page for ProposePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(if self.version.is_some() { "proposal-edit" } else { "proposal-new" })
    }
}

/// The rows of a list: those that are saved or were typed, and one more.
fn count(typed: &Typed, list: &str, saved: usize) -> usize {
    (rows::typed(&sent(typed), list, MANY).max(saved) + 1).clamp(FEW, MANY)
}

impl ProposePage {
    fn of(
        call: Call,
        found: Option<&Proposal>,
        firms: &[(String, String)],
        typed: &Typed,
        locale: Locale,
    ) -> Self {
        const MILESTONE: &[rows::Column] = &[("deliverable", "", 30), ("due_on", "", 10)];
        const GOAL: &[rows::Column] = &[("target", "", 24), ("measure", "", 24)];
        const NOTE: &[rows::Column] = &[("note", "", 24)];
        let content = found.map(|found| &found.content);
        let amount = |list: &str, at: usize, saved: Option<String>| {
            (rows::name(list, at, "amount"), saved.unwrap_or_default())
        };
        let none = || (String::new(), String::new());
        let milestone = |at: usize| {
            let saved = content.and_then(|content| content.milestones.get(at));
            let of = |column: &str| match (saved, column) {
                (None, _) => String::new(),
                (Some(one), "due_on") => one.due_on.to_string(),
                (Some(one), _) => one.deliverable.clone(),
            };
            Row {
                cells: rows::cells("milestones", at, MILESTONE, &of),
                choice: none(),
                amount: amount("milestones", at, saved.map(|one| one.amount.amount())),
            }
        };
        let cofinancing = |at: usize| {
            let saved = content.and_then(|content| content.cofinancing.get(at));
            let of = |_: &str| rows::text(saved.and_then(|one| one.note.as_ref()));
            Row {
                cells: rows::cells("cofinancing", at, NOTE, &of),
                choice: (rows::name("cofinancing", at, "source"), rows::text(saved.map(|one| one.source))),
                amount: amount("cofinancing", at, saved.map(|one| one.amount.amount())),
            }
        };
        let goal = |at: usize| {
            let saved = content.and_then(|content| content.goals.get(at));
            let of = |column: &str| match (saved, column) {
                (None, _) => String::new(),
                (Some(one), "target") => one.target.clone(),
                (Some(one), _) => one.measure.clone(),
            };
            Row {
                cells: rows::cells("goals", at, GOAL, &of),
                choice: (rows::name("goals", at, "result"), rows::text(saved.map(|one| one.result))),
                amount: none(),
            }
        };
        let all = |list: &str, of: fn(&Content) -> usize| count(typed, list, content.map_or(0, of));
        // Those that are asked come first, in their order: what is wrong with one is said by its place.
        let asked: Vec<_> = found.into_iter().flat_map(|found| &found.commitments).collect();
        let place = |id: &str| asked.iter().position(|one| one.lead_firm.to_string() == id);
        let mut firms = firms.to_vec();
        firms.sort_by_key(|(id, _)| place(id).unwrap_or(usize::MAX));
        let firm = |(at, (id, name)): (usize, &(String, String))| {
            (format!("lead_firms-{at}"), id.clone(), name.clone(), place(id).is_some())
        };
        let source = |one: &FundingSource| (one.to_string(), locale.text(&format!("funding-{one}")));
        let vertical = ExpectedResult::ALL.iter().filter(|one| one.kinds().contains(&NetworkKind::Vertical));
        let choose = || (String::new(), locale.text("waiver-choose"));
        let result = |one: &ExpectedResult| (one.to_string(), one.text(locale));
        Self {
            action: found.map_or_else(
                || format!("/calls/{}/proposals/new", call.id),
                |found| format!("{}/edit", address(found.id)),
            ),
            back: found.map_or_else(|| format!("/calls/{}", call.id), |found| address(found.id)),
            version: found.map(|found| found.version),
            title: rows::text(content.map(|content| content.title.as_str())),
            summary: rows::text(content.map(|content| content.summary.as_str())),
            model: rows::text(content.map(|content| content.model)),
            grant: rows::text(content.map(|content| content.grant.amount())),
            milestones: (0..all("milestones", |content| content.milestones.len())).map(milestone).collect(),
            cofinancing: (0..all("cofinancing", |content| content.cofinancing.len()))
                .map(cofinancing)
                .collect(),
            goals: (0..all("goals", |content| content.goals.len()).min(ExpectedResult::ALL.len()))
                .map(goal)
                .collect(),
            sources: std::iter::once(choose()).chain(FundingSource::ALL.iter().map(source)).collect(),
            results: std::iter::once(choose()).chain(vertical.map(result)).collect(),
            lead_firms: firms.iter().enumerate().map(firm).collect(),
            call,
        }
    }

    /// What the box of a lead firm holds: it, when it is asked.
    fn asked(id: &str, is_asked: bool) -> &str {
        if is_asked { id } else { "" }
    }

    const fn currency(&self) -> crate::foundation::money::Currency {
        self.call.funds.currency
    }
}

/// The form without the currencies of amounts that were left empty.
fn sent(typed: &Typed) -> Typed {
    typed.without_blank("amount", &["currency"])
}

fn read(typed: &Typed) -> Result<NewProposal, Problem> {
    sent(typed).read()
}

async fn lead_firms(base: &Base, actor: &Actor) -> Result<Vec<(String, String)>, Problem> {
    let window = Window::first(MOST);
    let found = firms::list(base.db.reads(), actor, Some(Kind::LeadFirm), &window).await?.items;
    Ok(found.into_iter().map(|firm| (firm.id.to_string(), firm.name)).collect())
}

async fn blank(base: &Base, actor: &Actor, id: CallId, typed: &Typed) -> Result<ProposePage, Problem> {
    let (call, _) = store::find(base.db.reads(), actor, id).await?;
    let firms = lead_firms(base, actor).await?;
    Ok(ProposePage::of(call, None, &firms, typed, actor.locale))
}

async fn new_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Propose>,
    Key(id): Key<CallId>,
) -> Result<Response, Problem> {
    show(&view, &blank(&base, may.actor(), id, &Typed::default()).await?)
}

async fn propose(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Propose>,
    Key(id): Key<CallId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(read).act(&base, may, async |w, new| {
        let made = store::propose(w, id, new).await?;
        Ok(address(made.id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &blank(&base, &actor, id, &typed).await?, problem, typed)
    })
    .await
}

async fn saved(base: &Base, actor: &Actor, id: ProposalId, typed: &Typed) -> Result<ProposePage, Problem> {
    let (found, call) = store::find_proposal(base.db.reads(), actor, id, base.clock.now()).await?;
    if found.institution != actor.organisation {
        return Err(Problem::not_found());
    }
    let firms = lead_firms(base, actor).await?;
    Ok(ProposePage::of(call, Some(&found), &firms, typed, actor.locale))
}

async fn edit_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ChangeProposal>,
    Key(id): Key<ProposalId>,
) -> Result<Response, Problem> {
    show(&view, &saved(&base, may.actor(), id, &Typed::default()).await?)
}

async fn change(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ChangeProposal>,
    Key(id): Key<ProposalId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(read).change(&base, may, async |w, version, new| {
        store::change_proposal(w, id, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &saved(&base, &actor, id, &typed).await?, problem, typed)
    })
    .await
}

words! {
    /// What its institution does with a proposal, on a page of its own.
    pub(super) enum Step {
        /// It takes part.
        Submit = "submit",
        /// It is taken back to be rewritten.
        Reopen = "reopen",
        /// It takes part no more.
        Withdraw = "withdraw",
    }
}

impl Step {
    fn demand(self, actor: &Actor) -> Result<(), Problem> {
        match self {
            Self::Submit => actor.may::<Submit>().map(drop),
            Self::Reopen => actor.may::<Reopen>().map(drop),
            Self::Withdraw => actor.may::<WithdrawProposal>().map(drop),
        }
    }

    /// Whether the actor may take it now.
    pub(super) fn is_open(self, actor: &Actor, proposal: &Proposal) -> bool {
        proposal.institution == actor.organisation
            && match self {
                Self::Submit => actor.takes::<Submit>(proposal.state),
                Self::Reopen => actor.takes::<Reopen>(proposal.state),
                Self::Withdraw => actor.takes::<WithdrawProposal>(proposal.state),
            }
    }

    const fn stem(self) -> &'static str {
        match self {
            Self::Submit => "proposal-submit",
            Self::Reopen => "proposal-reopen",
            Self::Withdraw => "proposal-withdraw",
        }
    }
}

async fn before(base: &Base, actor: &Actor, id: ProposalId, step: Step) -> Result<Confirm, Problem> {
    let (found, call) = store::find_proposal(base.db.reads(), actor, id, base.clock.now()).await?;
    if found.institution != actor.organisation {
        return Err(Problem::not_found());
    }
    let action = format!("{}/steps/{step}", address(id));
    Ok(Confirm::new(step.stem(), (address(id), found.content.title), action)
        .at(found.version)
        .with("proposal-call", call.terms.title)
        .with("proposal-grant", filters::amount(&found.content.grant)))
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(ProposalId, Step)>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    show(&view, &before(&base, &actor, id, step).await?)
}

async fn take(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(ProposalId, Step)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    let typed = form.typed.clone();
    let done = async {
        match step {
            Step::Submit => {
                let may = actor.may::<Submit>()?;
                form.change(&base, may, async |w, version, _| {
                    store::submit(w, id, version).await?;
                    Ok(address(id))
                })
                .await
            }
            Step::Reopen => {
                let may = actor.may::<Reopen>()?;
                form.change(&base, may, async |w, version, _| {
                    store::reopen(w, id, version).await?;
                    Ok(address(id))
                })
                .await
            }
            Step::Withdraw => {
                let may = actor.may::<WithdrawProposal>()?;
                form.change(&base, may, async |w, version, _| {
                    store::withdraw_proposal(w, id, version).await?;
                    Ok(address(id))
                })
                .await
            }
        }
    };
    or_again(done.await, async |problem| {
        // What the call asks for and the proposal has not, is mended where it is written.
        if problem.errors.is_empty() {
            show_again(&view, &before(&base, &actor, id, step).await?, problem, typed)
        } else {
            show_again(&view, &saved(&base, &actor, id, &Typed::default()).await?, problem, Typed::default())
        }
    })
    .await
}

/// What one's lead firm is asked to commit itself to.
#[derive(Template)]
#[template(path = "programmes/pages/calls/commitments.html")]
struct CommitmentsPage {
    items: Vec<(Commitment, String)>,
    next: Option<String>,
    prev: Option<String>,
}

impl Page for CommitmentsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("commitments-title")
    }
}

/// How a commitment's state is coloured.
const fn tone(state: CommitmentState) -> &'static str {
    match state {
        CommitmentState::Asked => "now",
        CommitmentState::Confirmed => "good",
        CommitmentState::Withdrawn => "",
    }
}

async fn commitments(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListCommitments>,
    Params(Paged(window)): Params<Paged<ROWS>>,
) -> Result<Response, Problem> {
    let actor = may.actor();
    let ListPage { items, next, prev } = store::list_commitments(base.db.reads(), actor, &window).await?;
    let service = Actor::system(actor.organisation);
    let ids: Vec<_> = items.iter().map(|one| one.institution).collect();
    let names = names(&base, &service, ids).await?;
    let named = |one: Commitment| {
        let name = names.get(&one.institution).cloned().unwrap_or_default();
        (one, name)
    };
    show(&view, &CommitmentsPage { items: items.into_iter().map(named).collect(), next, prev })
}

/// A commitment to confirm.
#[derive(Template)]
#[template(path = "programmes/pages/calls/commitment.html")]
struct CommitmentPage {
    commitment: Commitment,
    institution: String,
    currency: String,
    may_confirm: bool,
    may_withdraw: bool,
}

impl CommitmentPage {
    fn cofinancing(&self) -> String {
        rows::text(self.commitment.cofinancing.map(crate::foundation::money::Money::amount))
    }

    fn intention(&self) -> &str {
        self.commitment.purchase_intention.as_deref().unwrap_or_default()
    }
}

impl Page for CommitmentPage {
    fn title(&self, _: Locale) -> String {
        self.commitment.title.clone()
    }
}

async fn asked_for(base: &Base, actor: &Actor, id: CommitmentId) -> Result<CommitmentPage, Problem> {
    let db = base.db.reads();
    let commitment = store::find_commitment(db, actor, id).await?;
    // Who is asked to commit itself knows by whom, and in which currency.
    let service = Actor::system(actor.organisation);
    let mut names = names(base, &service, [commitment.institution]).await?;
    let (call, _) = store::find(db, &service, commitment.call).await?;
    let is_open = commitment.closes_at > base.clock.now();
    Ok(CommitmentPage {
        institution: names.remove(&commitment.institution).unwrap_or_default(),
        currency: call.funds.currency.to_string(),
        may_confirm: is_open && actor.takes::<CommitTo>(commitment.state),
        may_withdraw: is_open && actor.takes::<WithdrawCommitment>(commitment.state),
        commitment,
    })
}

async fn commitment_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadCommitment>,
    Key(id): Key<CommitmentId>,
) -> Result<Response, Problem> {
    show(&view, &asked_for(&base, may.actor(), id).await?)
}

fn commitment_address(id: CommitmentId) -> String {
    format!("/commitments/{id}")
}

async fn commit(
    Shared(base): Shared<Base>,
    view: View,
    may: May<CommitTo>,
    Key(id): Key<CommitmentId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let read = |typed: &Typed| sent(typed).read::<NewCommitment>();
    let done = form.reading(read).change(&base, may, async |w, version, new| {
        store::confirm(w, id, version, new).await?;
        Ok(commitment_address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &asked_for(&base, &actor, id).await?, problem, typed)
    })
    .await
}

async fn before_withdrawing(base: &Base, actor: &Actor, id: CommitmentId) -> Result<Confirm, Problem> {
    let found = asked_for(base, actor, id).await?;
    let back = (commitment_address(id), found.commitment.title);
    Ok(Confirm::new("commitment-withdraw", back, format!("{}/withdraw", commitment_address(id)))
        .at(found.commitment.version)
        .with("commitment-by", found.institution))
}

async fn withdraw_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WithdrawCommitment>,
    Key(id): Key<CommitmentId>,
) -> Result<Response, Problem> {
    show(&view, &before_withdrawing(&base, may.actor(), id).await?)
}

async fn withdraw(
    Shared(base): Shared<Base>,
    view: View,
    may: May<WithdrawCommitment>,
    Key(id): Key<CommitmentId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        store::withdraw_commitment(w, id, version).await?;
        Ok(commitment_address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_withdrawing(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{amount, call, proposal},
        *,
    };
    use crate::{
        foundation::{clock::Timestamp, ids::OrganisationId, page::samples},
        programmes::calls::{State, proposals::ProposalState},
    };

    #[test]
    fn proposing_is_shown_in_both_languages() {
        let firms = vec![("x".to_owned(), "Minera <Alta>".to_owned())];
        for locale in [Locale::Es, Locale::En] {
            let written = proposal(ProposalState::Draft);
            let none = Typed::default();
            samples(&ProposePage::of(call(State::Open), None, &[], &none, locale));
            let [html, _] =
                samples(&ProposePage::of(call(State::Open), Some(&written), &firms, &none, locale));
            assert!(!html.contains("<Alta>"));
        }
        for stem in Step::ALL.iter().map(|step| step.stem()).chain(["commitment-withdraw"]) {
            let back = ("/proposals/1".to_owned(), "Redes".to_owned());
            samples(&Confirm::new(stem, back, "/x".to_owned()).at(2).with("proposal-call", "Fondo"));
        }
        let commitment = |state: CommitmentState| Commitment {
            id: CommitmentId(uuid::Uuid::nil()),
            proposal: ProposalId(uuid::Uuid::nil()),
            title: "Talleres <del> Itata".to_owned(),
            institution: OrganisationId(uuid::Uuid::nil()),
            call: CallId(uuid::Uuid::nil()),
            closes_at: Timestamp::from_micros(0),
            lead_firm: OrganisationId(uuid::Uuid::nil()),
            state,
            cofinancing: (state == CommitmentState::Confirmed).then(|| amount("400")),
            purchase_intention: (state == CommitmentState::Confirmed).then(|| "Bujes & ejes".to_owned()),
            answered_at: None,
            version: 1,
        };
        for state in CommitmentState::ALL {
            let (institution, currency) = ("Corporación".to_owned(), "CLP".to_owned());
            let (may_confirm, may_withdraw) = (true, *state != CommitmentState::Withdrawn);
            let commitment = commitment(*state);
            samples(&CommitmentPage { commitment, institution, currency, may_confirm, may_withdraw });
        }
        let items = CommitmentState::ALL.iter().map(|state| (commitment(*state), "Corporación".to_owned()));
        samples(&CommitmentsPage { items: items.collect(), next: None, prev: None });
        samples(&CommitmentsPage { items: Vec::new(), next: None, prev: None });
    }

    #[test]
    fn a_proposal_is_read_from_its_form() {
        let pair = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let typed = Typed::new(
            [
                ("title", "Talleres del Itata"),
                ("summary", "Ocho talleres que tornean bronce."),
                ("model", "lead_firm"),
                ("grant-amount", "36.000.000"),
                ("grant-currency", "CLP"),
                ("milestones-0-deliverable", "Ocho diagnósticos"),
                ("milestones-0-due_on", "2027-03-31"),
                ("milestones-0-amount-amount", "36 000 000"),
                ("milestones-0-amount-currency", "CLP"),
                ("milestones-1-deliverable", ""),
                ("milestones-1-amount-amount", ""),
                ("milestones-1-amount-currency", "CLP"),
                ("cofinancing-0-source", ""),
                ("cofinancing-0-amount-amount", ""),
                ("cofinancing-0-amount-currency", "CLP"),
                ("goals-0-result", "pooled_capacity"),
                ("goals-0-target", "Dos lotes grandes"),
                ("goals-0-measure", "Contratos"),
            ]
            .iter()
            .map(pair)
            .collect(),
        );
        let new = read(&typed).unwrap();
        assert_eq!(
            (new.content.milestones.len(), new.content.cofinancing.len(), new.content.goals.len()),
            (1, 0, 1)
        );
        assert_eq!(new.content.grant, new.content.milestones[0].amount);
    }
}
