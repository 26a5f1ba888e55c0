//! Objections at the screen: filed against a decision, taken up by another officer, upheld or dismissed with reasons.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use uuid::Uuid;

use super::{
    About, Dismiss, File, List, Move, NewObjection, Objection, Read, Review, State, Uphold, Upholding,
    Withdraw, store,
};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May, Operation},
        db::Write,
        fields::{Fields, Input, Nothing, Reason},
        http::{
            IfVersion, Key, Params,
            list::{Page as ListPage, Paged},
        },
        i18n::Locale,
        ids::ObjectionId,
        page::{Entry, Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    organisations::store::firms,
    programmes,
};

/// So many objections stand on one page.
const PAGE: u64 = 50;

/// What leads here from everywhere.
pub const MENU: &[Entry] = &[Entry { path: "/objections", text: "menu-objections", kinds: Kind::ALL }];

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/objections", get(list).post(file))
        .route("/objections/new", get(new_page))
        .route("/objections/{id}", get(read))
        .route("/objections/{id}/review", post(review))
        .route("/objections/{id}/withdraw", post(withdraw))
        .route("/objections/{id}/uphold", get(uphold_page).post(uphold))
        .route("/objections/{id}/dismiss", get(dismiss_page).post(dismiss))
}

fn address(id: ObjectionId) -> String {
    format!("/objections/{id}")
}

/// How a state is coloured; its name stands beside.
const fn tone(state: State) -> &'static str {
    match state {
        State::Filed => "warn",
        State::InReview => "now",
        State::Upheld => "good",
        State::Dismissed | State::Withdrawn => "",
    }
}

/// An objection with its names.
struct Named {
    objection: Objection,
    firm: String,
    programme: String,
    /// By whose clocks its moments are told.
    zone: Zone,
}

impl Named {
    /// The page of the decision to which it objects, where there is one.
    fn about(&self) -> Option<String> {
        let id = self.objection.about_id;
        match self.objection.about {
            About::Match => Some(format!("/matches/{id}")),
            About::Award => Some(format!("/requirements/{id}")),
            About::Membership | About::Proposal => None,
        }
    }
}

async fn named(base: &Base, actor: &Actor, objections: Vec<Objection>) -> Result<Vec<Named>, Problem> {
    let db = base.db.reads();
    // Who sees an objection reads in it who objects, and in which programme.
    let service = Actor::system(actor.organisation);
    let firms = firms::names(db, &service, objections.iter().map(|one| one.firm)).await?;
    let zones = programmes::store::zones(db, &service, objections.iter().map(|one| one.programme)).await?;
    let names = programmes::store::names(db, &service, objections.iter().map(|one| one.programme)).await?;
    let name = |objection: Objection| Named {
        firm: firms.get(&objection.firm).cloned().unwrap_or_default(),
        programme: names.get(&objection.programme).cloned().unwrap_or_default(),
        zone: zones.get(&objection.programme).cloned().unwrap_or_default(),
        objection,
    };
    Ok(objections.into_iter().map(name).collect())
}

/// The objections that one may see.
#[derive(Template)]
#[template(path = "objections/pages/list.html")]
struct ObjectionsPage {
    items: Vec<Named>,
    state: Option<State>,
    next: Option<String>,
    prev: Option<String>,
}

impl ObjectionsPage {
    /// Whether only those in that state are shown.
    fn shows(&self, state: State) -> bool {
        self.state == Some(state)
    }

    fn address(&self) -> String {
        self.state.map_or_else(|| "/objections?".to_owned(), |state| format!("/objections?state={state}&"))
    }
}

impl Page for ObjectionsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("objections-title")
    }
}

struct Filter {
    state: Option<State>,
    window: Paged<PAGE>,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (state, window) = (f.optional("state"), Paged::read(f));
        Some(Self { state: state?, window: window? })
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Params(Filter { state, window: Paged(window) }): Params<Filter>,
) -> Result<Response, Problem> {
    let ListPage { items, next, prev } = store::list(base.db.reads(), may.actor(), state, &window).await?;
    show(&view, &ObjectionsPage { items: named(&base, may.actor(), items).await?, state, next, prev })
}

/// An objection to file.
#[derive(Template)]
#[template(path = "objections/pages/new.html")]
struct NewPage {
    about: About,
    about_id: Uuid,
}

impl Page for NewPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("objection-new")
    }
}

/// Where one finds the decisions to which one may object: each has its link there.
#[derive(Template)]
#[template(path = "objections/pages/where.html")]
struct WherePage {
    kind: Kind,
}

impl Page for WherePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("objection-new")
    }
}

/// To what somebody objects; `None`: they have come without a decision.
struct Against(Option<(About, Uuid)>);

impl Input for Against {
    fn read(f: &mut Fields) -> Option<Self> {
        let (about, id) = (f.optional("about"), f.optional::<ObjectionId>("about_id"));
        match (about?, id?) {
            (None, None) => Some(Self(None)),
            (about, id) => {
                let about = about.or_else(|| f.required("about"));
                let id = id.or_else(|| f.required("about_id"));
                Some(Self(Some((about?, id?.0))))
            }
        }
    }
}

async fn new_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<File>,
    Params(Against(against)): Params<Against>,
) -> Result<Response, Problem> {
    let actor = may.actor();
    let Some((about, about_id)) = against else {
        return show(&view, &WherePage { kind: actor.kind().ok_or_else(Problem::not_found)? });
    };
    match store::filed(base.db.reads(), actor, about, about_id).await? {
        // There is one objection to a decision: this is what has become of it.
        Some(filed) => Ok(Redirect::to(&address(filed)).into_response()),
        None => show(&view, &NewPage { about, about_id }),
    }
}

async fn file(
    Shared(base): Shared<Base>,
    view: View,
    may: May<File>,
    form: Form<NewObjection>,
) -> Result<Response, Problem> {
    let typed = form.typed.clone();
    let against = || {
        let about = typed.get("about").and_then(|about| about.parse().ok());
        let id = typed.get("about_id").and_then(|id| id.parse().ok());
        about.zip(id).map(|(about, about_id)| NewPage { about, about_id })
    };
    let page = against();
    let done = form.act(&base, may, async |w, new| {
        let filed = store::file(w, new).await?;
        Ok(address(filed.id))
    });
    or_again(done.await, async |problem| match page {
        Some(page) => show_again(&view, &page, problem, typed),
        None => Err(problem),
    })
    .await
}

/// An objection.
#[derive(Template)]
#[template(path = "objections/pages/objection.html")]
struct ObjectionPage {
    named: Named,
    /// What the reader may do with it now.
    steps: Vec<Move>,
}

impl ObjectionPage {
    fn may(&self, step: Move) -> bool {
        self.steps.contains(&step)
    }
}

impl Page for ObjectionPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("objection-title")
    }
}

async fn one(base: &Base, actor: &Actor, id: ObjectionId) -> Result<Named, Problem> {
    let found = store::find(base.db.reads(), actor, id).await?;
    named(base, actor, vec![found]).await?.pop().ok_or_else(Problem::not_found)
}

async fn objection_page(base: &Base, actor: &Actor, id: ObjectionId) -> Result<ObjectionPage, Problem> {
    let named = one(base, actor, id).await?;
    let (state, own) = (named.objection.state, named.objection.firm == actor.organisation);
    let may = |step: &Move| match step {
        Move::Withdraw => own && actor.takes::<Withdraw>(state),
        Move::Review => !own && actor.takes::<Review>(state),
        Move::Uphold => !own && actor.takes::<Uphold>(state),
        Move::Dismiss => !own && actor.takes::<Dismiss>(state),
    };
    let steps = [Move::Review, Move::Uphold, Move::Dismiss, Move::Withdraw];
    Ok(ObjectionPage { steps: steps.into_iter().filter(may).collect(), named })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<ObjectionId>,
) -> Result<Response, Problem> {
    show(&view, &objection_page(&base, may.actor(), id).await?)
}

/// The end of an objection, to be reasoned.
#[derive(Template)]
#[template(path = "objections/pages/end.html")]
struct EndPage {
    named: Named,
    is_upheld: bool,
}

impl Page for EndPage {
    fn title(&self, locale: Locale) -> String {
        locale.text(if self.is_upheld { "objection-uphold" } else { "objection-dismiss" })
    }
}

/// Does to an objection what a form says; what is wrong with that is shown where it was typed. `end`: on the page that
/// upholds or dismisses it.
async fn take<O, T, F>(
    (base, view, may): (Base, View, May<O>),
    (id, end): (ObjectionId, Option<bool>),
    form: Form<T>,
    work: F,
) -> Result<Response, Problem>
where
    O: Operation,
    T: Input,
    F: AsyncFnOnce(&Write, IfVersion, T) -> Result<Objection, Problem>,
{
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, value| {
        work(w, version, value).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| again(&base, &view, &actor, (id, end), problem, typed).await).await
}

async fn again(
    base: &Base,
    view: &View,
    actor: &Actor,
    (id, end): (ObjectionId, Option<bool>),
    problem: Problem,
    typed: Typed,
) -> Result<Response, Problem> {
    match end {
        Some(is_upheld) => {
            show_again(view, &EndPage { named: one(base, actor, id).await?, is_upheld }, problem, typed)
        }
        None => show_again(view, &objection_page(base, actor, id).await?, problem, typed),
    }
}

async fn review(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Review>,
    Key(id): Key<ObjectionId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, _| store::review(w, id, version).await;
    take((base, view, may), (id, None), form, work).await
}

async fn withdraw(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Withdraw>,
    Key(id): Key<ObjectionId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, _| store::withdraw(w, id, version).await;
    take((base, view, may), (id, None), form, work).await
}

async fn uphold_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Uphold>,
    Key(id): Key<ObjectionId>,
) -> Result<Response, Problem> {
    show(&view, &EndPage { named: one(&base, may.actor(), id).await?, is_upheld: true })
}

async fn uphold(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Uphold>,
    Key(id): Key<ObjectionId>,
    form: Form<Upholding>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, new: Upholding| store::uphold(w, id, version, new).await;
    take((base, view, may), (id, Some(true)), form, work).await
}

async fn dismiss_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Dismiss>,
    Key(id): Key<ObjectionId>,
) -> Result<Response, Problem> {
    show(&view, &EndPage { named: one(&base, may.actor(), id).await?, is_upheld: false })
}

async fn dismiss(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Dismiss>,
    Key(id): Key<ObjectionId>,
    form: Form<Reason>,
) -> Result<Response, Problem> {
    let work = async |w: &Write, version, why: Reason| store::dismiss(w, id, version, why.reason).await;
    take((base, view, may), (id, Some(false)), form, work).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, OrganisationId, ProgrammeId},
            page::samples,
        },
        objections::Effect,
    };

    fn sample(state: State, about: About) -> Named {
        let (at, is_over) = (Timestamp::from_micros(0), matches!(state, State::Upheld | State::Dismissed));
        let objection = Objection {
            id: ObjectionId(Uuid::nil()),
            programme: ProgrammeId(Uuid::nil()),
            network: None,
            firm: OrganisationId(Uuid::nil()),
            other: None,
            about,
            about_id: Uuid::nil(),
            decided_at: at,
            deciders: vec![AccountId(Uuid::nil())],
            reasons: "La visita <no> se hizo.".to_owned(),
            state,
            filed_by: AccountId(Uuid::nil()),
            filed_at: at,
            handled_by: None,
            outcome_reason: is_over.then(|| "No consta".to_owned()),
            effect: (state == State::Upheld).then_some(Effect::Remedy),
            remedy: (state == State::Upheld).then(|| "Se repite la visita".to_owned()),
            closed_at: is_over.then_some(at),
            version: 1,
        };
        let (firm, programme) = ("Taller <Uno>".to_owned(), "Biobío".to_owned());
        Named { objection, firm, programme, zone: Zone::default() }
    }

    #[test]
    fn objections_are_shown_in_both_languages() {
        let steps = vec![Move::Review, Move::Uphold, Move::Dismiss, Move::Withdraw];
        for state in State::ALL {
            for about in About::ALL {
                samples(&ObjectionPage { named: sample(*state, *about), steps: steps.clone() });
                samples(&NewPage { about: *about, about_id: Uuid::nil() });
            }
        }
        for kind in Kind::ALL {
            samples(&WherePage { kind: *kind });
        }
        for is_upheld in [true, false] {
            samples(&EndPage { named: sample(State::InReview, About::Match), is_upheld });
        }
        let items = State::ALL.iter().map(|state| sample(*state, About::Award)).collect();
        samples(&ObjectionsPage { items, state: Some(State::Filed), next: Some("x".to_owned()), prev: None });
        samples(&ObjectionsPage { items: Vec::new(), state: None, next: None, prev: None });
    }
}
