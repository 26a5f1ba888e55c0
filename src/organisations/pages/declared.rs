//! What an organisation and its people declare, at the screen: common control of lead firms, interests that could bias
//! whoever decides, and mandates by which a supplier lets an adviser answer for it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Extension, Router, extract::State as Shared, response::Response, routing::get};

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
        ids::{DeclarationId, InterestId, MandateId, OrganisationId},
        page::{Confirm, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::{
        control::{
            ConfirmDeclaration, Confirming, Declaration, DeclarationState, Declare as DeclareControl,
            ListDeclarations, NewDeclaration, RejectDeclaration, WithdrawDeclaration,
        },
        interests::{
            Declare as DeclareInterest, EndInterest, Interest, InterestState, ListInterests, Nature,
            NewInterest,
        },
        mandates::{Given, ListMandates, Mandate, MandateState, NewMandate, RevokeMandate, Scope},
        store::{control, firms, interests, mandates},
    },
    words,
};

/// So many stand on one page.
const ROWS: u64 = 50;
/// So many organisations are offered.
const MOST: u64 = 500;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/control-declarations", get(control_page).post(declare_control))
        .route("/control-declarations/{id}/{step}", get(ask_control).post(take_control))
        .route("/interests", get(interests_page).post(declare_interest))
        .route("/interests/{id}/end", get(end_page).post(end_interest))
        .route("/mandates", get(mandates_page).post(give))
        .route("/mandates/{id}/revoke", get(revoke_page).post(revoke))
}

/// The first rows of a list.
fn first() -> Window {
    Window::first(ROWS)
}

/// The organisations of one kind that the actor sees, to choose one.
async fn choices(base: &Base, actor: &Actor, kind: Option<Kind>) -> Result<Vec<(String, String)>, Problem> {
    let found = firms::list(base.db.reads(), actor, kind, &Window::first(MOST)).await?.items;
    let others = found.into_iter().filter(|firm| firm.id != actor.organisation);
    let mut named: Vec<_> = others.map(|firm| (firm.id.to_string(), firm.name)).collect();
    named.sort_by(|one, other| one.1.cmp(&other.1));
    named.insert(0, (String::new(), actor.locale.text("waiver-choose")));
    Ok(named)
}

async fn named(
    base: &Base,
    actor: &Actor,
    ids: Vec<OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>, Problem> {
    firms::names(base.db.reads(), actor, ids).await
}

fn name(names: &BTreeMap<OrganisationId, String>, id: OrganisationId) -> String {
    names.get(&id).cloned().unwrap_or_else(|| "–".to_owned())
}

/// The declarations of common control that one sees, and the form that makes one.
#[derive(Template)]
#[template(path = "organisations/pages/control.html")]
struct ControlPage {
    /// With the firm that declares, and the other one.
    items: Vec<(Declaration, String, String, Vec<Step>)>,
    firms: Vec<(String, String)>,
    may_declare: bool,
    next: Option<String>,
    prev: Option<String>,
}

/// How a declaration's state is coloured.
const fn tone(state: DeclarationState) -> &'static str {
    match state {
        DeclarationState::Declared => "now",
        DeclarationState::Confirmed => "good",
        DeclarationState::Rejected => "bad",
        DeclarationState::Withdrawn => "",
    }
}

impl Page for ControlPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("control-title")
    }
}

words! {
    /// What becomes of a declaration, on a page of its own.
    pub(super) enum Step {
        /// The institution believes it.
        Confirm = "confirm",
        /// It does not.
        Reject = "reject",
        /// The firm takes it back.
        Withdraw = "withdraw",
    }
}

impl Step {
    fn demand(self, actor: &Actor) -> Result<(), Problem> {
        match self {
            Self::Confirm => actor.may::<ConfirmDeclaration>().map(drop),
            Self::Reject => actor.may::<RejectDeclaration>().map(drop),
            Self::Withdraw => actor.may::<WithdrawDeclaration>().map(drop),
        }
    }

    fn is_open(self, actor: &Actor, declaration: &Declaration) -> bool {
        let state = declaration.state;
        match self {
            Self::Confirm => actor.takes::<ConfirmDeclaration>(state),
            Self::Reject => actor.takes::<RejectDeclaration>(state),
            Self::Withdraw => {
                declaration.firm == actor.organisation && actor.takes::<WithdrawDeclaration>(state)
            }
        }
    }

    const fn stem(self) -> &'static str {
        match self {
            Self::Confirm => "control-confirm",
            Self::Reject => "control-reject",
            Self::Withdraw => "control-withdraw",
        }
    }
}

async fn controls(base: &Base, actor: &Actor, window: &Window) -> Result<ControlPage, Problem> {
    let ListPage { items, next, prev } =
        control::list_declarations(base.db.reads(), actor, None, window).await?;
    let ids = items.iter().flat_map(|one| [Some(one.firm), one.with]).flatten().collect();
    let names = named(base, actor, ids).await?;
    let line = |one: Declaration| {
        let with = one.with.map_or_else(String::new, |with| name(&names, with));
        let steps = Step::ALL.iter().copied().filter(|step| step.is_open(actor, &one)).collect();
        (one.clone(), name(&names, one.firm), with, steps)
    };
    let may_declare = actor.may::<DeclareControl>().is_ok();
    let firms = if may_declare { choices(base, actor, Some(Kind::LeadFirm)).await? } else { Vec::new() };
    Ok(ControlPage { items: items.into_iter().map(line).collect(), firms, may_declare, next, prev })
}

async fn control_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListDeclarations>,
    Params(Paged(window)): Params<Paged<ROWS>>,
) -> Result<Response, Problem> {
    show(&view, &controls(&base, may.actor(), &window).await?)
}

async fn declare_control(
    Shared(base): Shared<Base>,
    view: View,
    may: May<DeclareControl>,
    form: Form<NewDeclaration>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        control::declare(w, new).await?;
        Ok("/control-declarations".to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &controls(&base, &actor, &first()).await?, problem, typed)
    })
    .await
}

async fn before(base: &Base, actor: &Actor, id: DeclarationId, step: Step) -> Result<Confirm, Problem> {
    let found = control::find_declaration(base.db.reads(), actor, id).await?;
    let names = named(base, actor, found.with.into_iter().chain([found.firm]).collect()).await?;
    let with = found.with.map_or_else(|| actor.locale.text("control-nobody"), |with| name(&names, with));
    let back = ("/control-declarations".to_owned(), actor.locale.text("control-title"));
    let confirm = Confirm::new(step.stem(), back, format!("/control-declarations/{id}/{step}"))
        .at(found.version)
        .with("match-lead-firm", name(&names, found.firm))
        .with("control-with", with)
        .with("control-ground", found.ground);
    Ok(if step == Step::Withdraw { confirm } else { confirm.with_reason() })
}

async fn ask_control(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(DeclarationId, Step)>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    show(&view, &before(&base, &actor, id, step).await?)
}

async fn take_control(
    Shared(base): Shared<Base>,
    view: View,
    Extension(actor): Extension<Actor>,
    Key((id, step)): Key<(DeclarationId, Step)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    step.demand(&actor)?;
    let typed = form.typed.clone();
    let there = || Ok("/control-declarations".to_owned());
    let done = async {
        match step {
            Step::Confirm => {
                let may = actor.may::<ConfirmDeclaration>()?;
                form.reading(crate::foundation::page::Typed::read::<Confirming>)
                    .change(&base, may, async |w, version, confirming| {
                        control::confirm(w, id, version, confirming).await?;
                        there()
                    })
                    .await
            }
            Step::Reject => {
                let may = actor.may::<RejectDeclaration>()?;
                form.with_reason()
                    .change(&base, may, async |w, version, why| {
                        control::reject(w, id, version, why.reason).await?;
                        there()
                    })
                    .await
            }
            Step::Withdraw => {
                let may = actor.may::<WithdrawDeclaration>()?;
                form.change(&base, may, async |w, version, _| {
                    control::withdraw(w, id, version).await?;
                    there()
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

/// The interests that one sees, and the form that declares one.
#[derive(Template)]
#[template(path = "organisations/pages/interests.html")]
struct InterestsPage {
    /// With the name of the party; whether it is one's own.
    items: Vec<(Interest, InterestState, String, bool)>,
    parties: Vec<(String, String)>,
    natures: Vec<(String, String)>,
    next: Option<String>,
    prev: Option<String>,
}

impl Page for InterestsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("interests-title")
    }
}

/// Whether an interest can still be ended.
fn is_open(state: InterestState) -> bool {
    state != InterestState::Over
}

async fn declared(base: &Base, actor: &Actor, window: &Window) -> Result<InterestsPage, Problem> {
    let ListPage { items, next, prev } =
        interests::list(base.db.reads(), actor, window, base.clock.now()).await?;
    let names = named(base, actor, items.iter().map(|(one, _)| one.party).collect()).await?;
    let line = |(one, state): (Interest, InterestState)| {
        let (party, is_own) = (name(&names, one.party), one.account == actor.account);
        (one, state, party, is_own)
    };
    let word = |one: &Nature| (one.to_string(), actor.locale.text(&format!("nature-{one}")));
    Ok(InterestsPage {
        items: items.into_iter().map(line).collect(),
        parties: choices(base, actor, None).await?,
        natures: Nature::ALL.iter().map(word).collect(),
        next,
        prev,
    })
}

async fn interests_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListInterests>,
    Params(Paged(window)): Params<Paged<ROWS>>,
) -> Result<Response, Problem> {
    show(&view, &declared(&base, may.actor(), &window).await?)
}

async fn declare_interest(
    Shared(base): Shared<Base>,
    view: View,
    may: May<DeclareInterest>,
    form: Form<NewInterest>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        interests::declare(w, new).await?;
        Ok("/interests".to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &declared(&base, &actor, &first()).await?, problem, typed)
    })
    .await
}

async fn before_ending(base: &Base, actor: &Actor, id: InterestId) -> Result<Confirm, Problem> {
    let (found, _) = interests::find(base.db.reads(), actor, id, base.clock.now()).await?;
    let names = named(base, actor, vec![found.party]).await?;
    let back = ("/interests".to_owned(), actor.locale.text("interests-title"));
    Ok(Confirm::new("interest-end", back, format!("/interests/{id}/end"))
        .at(found.version)
        .with("interest-party", name(&names, found.party))
        .with("interest-nature", actor.locale.text(&format!("nature-{}", found.nature)))
        .with_reason())
}

async fn end_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<EndInterest>,
    Key(id): Key<InterestId>,
) -> Result<Response, Problem> {
    show(&view, &before_ending(&base, may.actor(), id).await?)
}

async fn end_interest(
    Shared(base): Shared<Base>,
    view: View,
    may: May<EndInterest>,
    Key(id): Key<InterestId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.with_reason().change(&base, may, async |w, version, why| {
        interests::end(w, id, version, why.reason).await?;
        Ok("/interests".to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_ending(&base, &actor, id).await?, problem, typed)
    })
    .await
}

/// The mandates that one's supplier has given, or one's institution has; and the form that gives one.
#[derive(Template)]
#[template(path = "organisations/pages/mandates.html")]
struct MandatesPage {
    /// With the names of the supplier and the institution.
    items: Vec<(Given, MandateState, String, String)>,
    institutions: Vec<(String, String)>,
    scopes: Vec<(String, String)>,
    may_give: bool,
    next: Option<String>,
    prev: Option<String>,
}

impl MandatesPage {
    /// Whether a mandate can be taken back here.
    fn may_revoke(&self, state: MandateState) -> bool {
        self.may_give && state == MandateState::InForce
    }
}

impl Page for MandatesPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("mandates-title")
    }
}

async fn given(base: &Base, actor: &Actor, window: &Window) -> Result<MandatesPage, Problem> {
    let ListPage { items, next, prev } =
        mandates::list(base.db.reads(), actor, window, base.clock.now()).await?;
    let names =
        named(base, actor, items.iter().flat_map(|(one, _)| [one.firm, one.institution]).collect()).await?;
    let line = |(one, state): (Given, MandateState)| {
        let (firm, institution) = (name(&names, one.firm), name(&names, one.institution));
        (one, state, firm, institution)
    };
    let may_give = actor.may::<Mandate>().is_ok();
    let institutions =
        if may_give { choices(base, actor, Some(Kind::Institution)).await? } else { Vec::new() };
    let word = |one: &Scope| (one.to_string(), actor.locale.text(&format!("mandate-scope-{one}")));
    Ok(MandatesPage {
        items: items.into_iter().map(line).collect(),
        institutions,
        scopes: Scope::ALL.iter().map(word).collect(),
        may_give,
        next,
        prev,
    })
}

async fn mandates_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListMandates>,
    Params(Paged(window)): Params<Paged<ROWS>>,
) -> Result<Response, Problem> {
    show(&view, &given(&base, may.actor(), &window).await?)
}

async fn give(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Mandate>,
    form: Form<NewMandate>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        mandates::give(w, new).await?;
        Ok("/mandates".to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &given(&base, &actor, &first()).await?, problem, typed)
    })
    .await
}

async fn before_revoking(base: &Base, actor: &Actor, id: MandateId) -> Result<Confirm, Problem> {
    let (found, _) = mandates::find(base.db.reads(), actor, id, base.clock.now()).await?;
    let names = named(base, actor, vec![found.institution]).await?;
    let back = ("/mandates".to_owned(), actor.locale.text("mandates-title"));
    Ok(Confirm::new("mandate-revoke", back, format!("/mandates/{id}/revoke"))
        .at(found.version)
        .with("mandate-to", name(&names, found.institution))
        .with("mandate-until", filters::in_words(found.until, actor.locale)))
}

async fn revoke_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RevokeMandate>,
    Key(id): Key<MandateId>,
) -> Result<Response, Problem> {
    show(&view, &before_revoking(&base, may.actor(), id).await?)
}

async fn revoke(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RevokeMandate>,
    Key(id): Key<MandateId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        mandates::revoke(w, id, version).await?;
        Ok("/mandates".to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_revoking(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{clock::Timestamp, ids::AccountId, page::samples};

    const NONE: uuid::Uuid = uuid::Uuid::nil();

    #[test]
    fn what_is_declared_is_shown_in_both_languages() {
        let at = Timestamp::from_micros(0);
        let declaration = |state: DeclarationState| Declaration {
            id: DeclarationId(NONE),
            firm: OrganisationId(NONE),
            with: (state != DeclarationState::Withdrawn).then_some(OrganisationId(NONE)),
            ground: "Misma <matriz> desde 2020".to_owned(),
            state,
            declared_by: AccountId(NONE),
            declared_at: at,
            reason: (state == DeclarationState::Rejected).then(|| "No <consta>.".to_owned()),
            decided_at: None,
            version: 1,
        };
        let some = || vec![("x".to_owned(), "Otra <SpA>".to_owned())];
        let line = |state: &DeclarationState| {
            (declaration(*state), "Minera".to_owned(), "Otra <SpA>".to_owned(), Step::ALL.to_vec())
        };
        let items = DeclarationState::ALL.iter().map(line).collect();
        samples(&ControlPage { items, firms: some(), may_declare: true, next: None, prev: None });
        let nothing = Vec::new();
        samples(&ControlPage {
            items: nothing,
            firms: Vec::new(),
            may_declare: false,
            next: None,
            prev: None,
        });

        let interest = |nature: &Nature| Interest {
            id: InterestId(NONE),
            account: AccountId(NONE),
            organisation: OrganisationId(NONE),
            party: OrganisationId(NONE),
            nature: *nature,
            text: "Es de mi <hermano>".to_owned(),
            from: "2026-03-02".parse().unwrap(),
            until: (*nature == Nature::Family).then(|| "2026-12-31".parse().unwrap()),
            recorded_by: AccountId(NONE),
            recorded_at: at,
            ended_at: None,
            ended_because: None,
            version: 1,
        };
        let states = InterestState::ALL.iter().cycle();
        let items = Nature::ALL.iter().zip(states);
        let items = items.map(|(nature, state)| (interest(nature), *state, "Otra".to_owned(), true));
        let (parties, natures) = (some(), some());
        samples(&InterestsPage { items: items.collect(), parties, natures, next: None, prev: None });

        let mandate = || Given {
            id: MandateId(NONE),
            firm: OrganisationId(NONE),
            institution: OrganisationId(NONE),
            account: None,
            scope: Scope::Diagnostic,
            purpose: "Que nos <ayude>".to_owned(),
            until: "2026-12-31".parse().unwrap(),
            given_by: AccountId(NONE),
            given_at: at,
            revoked_at: None,
            version: 1,
        };
        for may_give in [true, false] {
            let line = |state: &MandateState| (mandate(), *state, "Tornos".to_owned(), "Agencia".to_owned());
            let items = MandateState::ALL.iter().map(line).collect();
            let (institutions, scopes) = (some(), some());
            samples(&MandatesPage { items, institutions, scopes, may_give, next: None, prev: None });
        }
        for stem in Step::ALL.iter().map(|step| step.stem()).chain(["interest-end", "mandate-revoke"]) {
            let back = ("/x".to_owned(), "Control".to_owned());
            let confirm = Confirm::new(stem, back, "/x".to_owned()).at(1).with("control-ground", "x");
            samples(&confirm.with("control-with", "x").with("mandate-to", "x").with_reason());
        }
    }
}
