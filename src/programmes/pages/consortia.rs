//! Consortia at the screen: forming one, who is in it, and what each says.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::Response,
    routing::{get, post},
};

use super::{Within, within};
use crate::{
    foundation::{
        Base,
        access::{Actor, May, Operation},
        fields::Nothing,
        http::{Key, Params, list::Page as ListPage},
        i18n::Locale,
        ids::{ConsortiumId, NetworkId, OrganisationId, ProgrammeId},
        page::{Confirm, Form, Page, Typed, View, filters, or_again, rows, show, show_again},
        problem::Problem,
    },
    organisations::store::firms,
    programmes::{
        Programme,
        consortia::{
            Accept, Answer, Ask, Consortium, Decline, Dissolve, Form as FormOne, List, Member, Named,
            NewConsortium, Read, Remove, State, Step,
        },
        store,
    },
};

/// So many consortia stand on one page.
const ROWS: u64 = 50;
/// So many members a form has at first.
const MEMBERS: usize = 4;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/consortia", get(list))
        .route("/programmes/{id}/consortia/new", get(new_page).post(form_one))
        .route("/consortia/{id}", get(read))
        .route("/consortia/{id}/accept", post(accept))
        .route("/consortia/{id}/decline", get(decline_page).post(decline))
        .route("/consortia/{id}/ask", post(ask))
        .route("/consortia/{id}/remove", post(remove))
        .route("/consortia/{id}/dissolve", get(dissolve_page).post(dissolve))
}

fn address(id: ConsortiumId) -> String {
    format!("/consortia/{id}")
}

/// How a state is coloured.
const fn tone(state: State) -> &'static str {
    match state {
        State::Forming => "now",
        State::Ready => "good",
        State::Dissolved => "",
    }
}

/// How an answer is coloured.
const fn tone_of(answer: Answer) -> &'static str {
    match answer {
        Answer::Invited => "now",
        Answer::Accepted => "good",
        Answer::Declined => "bad",
    }
}

/// The consortia that one sees.
#[derive(Template)]
#[template(path = "programmes/pages/consortia/list.html")]
struct ConsortiaPage {
    within: Option<Programme>,
    items: Vec<Consortium>,
    may_form: bool,
    next: Option<String>,
    prev: Option<String>,
}

impl ConsortiaPage {
    fn filtered(&self) -> String {
        within("/consortia", self.within.as_ref())
    }
}

impl Page for ConsortiaPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("consortia-title")
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Params(Within { programme, window }): Params<Within<ROWS>>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let within = match programme {
        Some(id) => Some(store::find(db, actor, id).await?),
        None => None,
    };
    let ListPage { items, next, prev } = store::list_consortia(db, actor, programme, &window).await?;
    let may_form = actor.may::<FormOne>().is_ok();
    show(&view, &ConsortiaPage { within, items, may_form, next, prev })
}

/// A consortium to form.
#[derive(Template)]
#[template(path = "programmes/pages/consortia/new.html")]
struct NewPage {
    programme: Programme,
    /// In which it may bid alone.
    networks: Vec<(String, String)>,
    /// The fields of a member: country, tax id.
    members: Vec<(String, String)>,
}

impl Page for NewPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("consortium-new")
    }
}

async fn blank(base: &Base, actor: &Actor, id: ProgrammeId, typed: &Typed) -> Result<NewPage, Problem> {
    let db = base.db.reads();
    let programme = store::find(db, actor, id).await?;
    let all = crate::foundation::http::list::Window::first(200);
    let found = store::list_networks(db, actor, Some(id), &all).await?.items;
    let whole = (String::new(), actor.locale.text("consortium-whole"));
    let networks = found.into_iter().map(|one| (one.id.to_string(), one.name));
    let count = (rows::typed(typed, "members", 49) + 1).max(MEMBERS);
    let member = |at| (rows::name("members", at, "country"), rows::name("members", at, "tax_id"));
    Ok(NewPage {
        programme,
        networks: std::iter::once(whole).chain(networks).collect(),
        members: (0..count).map(member).collect(),
    })
}

async fn new_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<FormOne>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &blank(&base, may.actor(), id, &Typed::default()).await?)
}

async fn form_one(
    Shared(base): Shared<Base>,
    view: View,
    may: May<FormOne>,
    Key(id): Key<ProgrammeId>,
    form: Form<NewConsortium>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        let made = store::form(w, id, new).await?;
        Ok(address(made.id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &blank(&base, &actor, id, &typed).await?, problem, typed)
    })
    .await
}

/// A consortium.
#[derive(Template)]
#[template(path = "programmes/pages/consortia/consortium.html")]
struct ConsortiumPage {
    consortium: Consortium,
    programme: Programme,
    network: Option<(NetworkId, String)>,
    /// With the names of those who are in.
    members: Vec<(Member, Option<String>)>,
    /// What one's own firm says; none: one's firm is not in it.
    own: Option<Answer>,
    /// Whether one's firm speaks for it.
    speaks: bool,
    may_write: bool,
}

impl ConsortiumPage {
    fn is_speaker(&self, member: &Member) -> bool {
        member.supplier == Some(self.consortium.speaker)
    }

    fn is_open(&self) -> bool {
        self.may_write && self.consortium.state != State::Dissolved
    }

    fn may_answer(&self, step: Step) -> bool {
        self.is_open() && !self.speaks && self.own.is_some_and(|own| step.from(own).is_some())
    }

    fn may_recompose(&self) -> bool {
        self.is_open() && self.speaks
    }
}

impl Page for ConsortiumPage {
    fn title(&self, _: Locale) -> String {
        self.consortium.name.clone()
    }
}

async fn page(base: &Base, actor: &Actor, id: ConsortiumId) -> Result<ConsortiumPage, Problem> {
    let db = base.db.reads();
    let consortium = store::find_consortium(db, actor, id).await?;
    let programme = store::find(db, actor, consortium.programme).await?;
    let network = match consortium.network {
        Some(id) => Some((id, store::find_network(db, actor, id).await?.name)),
        None => None,
    };
    let names = firms::names(db, actor, consortium.suppliers()).await?;
    let name = |id: OrganisationId| names.get(&id).cloned();
    let members = consortium.members.iter().map(|one| (one.clone(), one.supplier.and_then(name)));
    let members = members.collect();
    let firm = firms::find(db, actor, actor.organisation).await?;
    let mut answers = consortium.members.iter();
    let own = answers.find(|one| (one.country, &one.tax_id) == (firm.country, &firm.tax_id));
    Ok(ConsortiumPage {
        members,
        network,
        own: own.map(|one| one.answer),
        speaks: consortium.speaker == actor.organisation,
        may_write: actor.may::<Ask>().is_ok(),
        consortium,
        programme,
    })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<ConsortiumId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id).await?)
}

async fn accept(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Accept>,
    Key(id): Key<ConsortiumId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    answer(&base, &view, may, id, Step::Accept, form).await
}

async fn decline(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Decline>,
    Key(id): Key<ConsortiumId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    answer(&base, &view, may, id, Step::Decline, form).await
}

async fn answer<O: Operation>(
    base: &Base,
    view: &View,
    may: May<O>,
    id: ConsortiumId,
    step: Step,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(base, may, async |w, version, _| {
        store::answer(w, id, version, step).await?;
        // Who has declined sees no more of it.
        Ok(if step == Step::Accept { address(id) } else { "/consortia".to_owned() })
    });
    or_again(done.await, async |problem| show_again(view, &page(base, &actor, id).await?, problem, typed))
        .await
}

async fn before(
    base: &Base,
    actor: &Actor,
    id: ConsortiumId,
    step: &'static str,
) -> Result<Confirm, Problem> {
    let found = page(base, actor, id).await?;
    let names = found.members.into_iter().map(|(one, name)| name.unwrap_or(one.tax_id));
    let names = names.collect::<Vec<_>>().join(", ");
    let action = format!("{}/{}", address(id), step.trim_start_matches("consortium-"));
    let back = (address(id), found.consortium.name);
    Ok(Confirm::new(step, back, action).at(found.consortium.version).with("consortium-members", names))
}

async fn decline_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Decline>,
    Key(id): Key<ConsortiumId>,
) -> Result<Response, Problem> {
    show(&view, &before(&base, may.actor(), id, "consortium-decline").await?)
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Ask>,
    Key(id): Key<ConsortiumId>,
    form: Form<Named>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, Named { tax_id }| {
        store::ask(w, id, version, &tax_id).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| show_again(&view, &page(&base, &actor, id).await?, problem, typed))
        .await
}

async fn remove(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Remove>,
    Key(id): Key<ConsortiumId>,
    form: Form<Named>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, Named { tax_id }| {
        store::remove(w, id, version, &tax_id).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| show_again(&view, &page(&base, &actor, id).await?, problem, typed))
        .await
}

async fn dissolve_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Dissolve>,
    Key(id): Key<ConsortiumId>,
) -> Result<Response, Problem> {
    show(&view, &before(&base, may.actor(), id, "consortium-dissolve").await?)
}

async fn dissolve(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Dissolve>,
    Key(id): Key<ConsortiumId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        store::dissolve(w, id, version).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before(&base, &actor, id, "consortium-dissolve").await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, page::samples},
        programmes::pages::tests::programme,
    };

    fn consortium(state: State) -> Consortium {
        let none = uuid::Uuid::nil();
        let member = |at: usize, answer: &Answer| Member {
            country: "CL".parse().unwrap(),
            tax_id: format!("7608642{at}-5"),
            supplier: (at == 0).then_some(OrganisationId(none)),
            answer: *answer,
            changed_at: Timestamp::from_micros(0),
        };
        Consortium {
            id: ConsortiumId(none),
            programme: ProgrammeId(none),
            network: None,
            name: "Torneros <del valle>".to_owned(),
            speaker: OrganisationId(none),
            state,
            members: Answer::ALL.iter().enumerate().map(|(at, answer)| member(at, answer)).collect(),
            version: 2,
        }
    }

    #[test]
    fn consortia_are_shown_in_both_languages() {
        let open = || programme(crate::programmes::State::Open);
        let items = || State::ALL.iter().map(|state| consortium(*state)).collect::<Vec<_>>();
        let (next, prev) = (Some("a1".to_owned()), None);
        samples(&ConsortiaPage { within: Some(open()), items: items(), may_form: true, next, prev });
        let nothing = Vec::new();
        samples(&ConsortiaPage { within: None, items: nothing, may_form: false, next: None, prev: None });
        let networks = vec![(String::new(), "Todo el programa".to_owned())];
        let members = vec![("members-0-country".to_owned(), "members-0-tax_id".to_owned())];
        samples(&NewPage { programme: open(), networks, members });
        for state in State::ALL {
            for (speaks, own) in
                [(true, Some(Answer::Accepted)), (false, Some(Answer::Invited)), (false, None)]
            {
                let consortium = consortium(*state);
                let named = |one: &Member| (one.clone(), one.supplier.map(|_| "Tornos <Sur>".to_owned()));
                samples(&ConsortiumPage {
                    members: consortium.members.iter().map(named).collect(),
                    network: own.map(|_| (NetworkId(uuid::Uuid::nil()), "Red".to_owned())),
                    consortium,
                    programme: open(),
                    own,
                    speaks,
                    may_write: true,
                });
            }
        }
        for stem in ["consortium-decline", "consortium-dissolve"] {
            let back = ("/consortia/1".to_owned(), "Torneros".to_owned());
            let confirm = Confirm::new(stem, back, "/consortia/1/x".to_owned()).at(2);
            samples(&confirm.with("consortium-members", "Tornos"));
        }
    }
}
