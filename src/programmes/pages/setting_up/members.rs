//! Who takes part in a programme, at the institution's screen.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::address;
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Fields, Input},
        http::{
            Key, Params,
            list::{Page as ListPage, Paged, Window},
        },
        i18n::Locale,
        ids::ProgrammeId,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    programmes::{AddMember, ListMembers, Member, NewMember, Programme, store},
};

/// So many firms stand on one page.
const PAGE: u64 = 50;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new().route("/programmes/{id}/members", get(members).post(add))
}

/// The members of a programme, and the form that takes one in.
#[derive(Template)]
#[template(path = "programmes/pages/setting_up/members.html")]
struct MembersPage {
    programme: Programme,
    /// Only those of one kind.
    kind: Option<Kind>,
    items: Vec<Member>,
    next: Option<String>,
    prev: Option<String>,
    may_add: bool,
}

impl MembersPage {
    /// The address of this list with its filter, for what follows it.
    fn filtered(&self) -> String {
        let kind = self.kind.map(|kind| format!("kind={kind}&")).unwrap_or_default();
        format!("/programmes/{}/members?{kind}", self.programme.id)
    }

    fn is_of(&self, kind: Kind) -> bool {
        self.kind == Some(kind)
    }
}

impl Page for MembersPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("members-of-title")
    }
}

/// Which members are asked for.
struct Filter {
    kind: Option<Kind>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (kind, window) = (f.optional("kind"), Paged::<PAGE>::read(f));
        let Paged(window) = window?;
        Some(Self { kind: kind?, window })
    }
}

async fn listed(base: &Base, actor: &Actor, id: ProgrammeId, filter: Filter) -> Result<MembersPage, Problem> {
    let db = base.db.reads();
    let programme = store::find(db, actor, id).await?;
    let kind = filter.kind;
    let ListPage { items, next, prev } = store::list_members(db, actor, id, kind, &filter.window).await?;
    let may_add = programme.institution == actor.organisation && actor.takes::<AddMember>(programme.state);
    Ok(MembersPage { programme, kind, items, next, prev, may_add })
}

async fn members(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListMembers>,
    Key(id): Key<ProgrammeId>,
    Params(filter): Params<Filter>,
) -> Result<Response, Problem> {
    show(&view, &listed(&base, may.actor(), id, filter).await?)
}

async fn add(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AddMember>,
    Key(id): Key<ProgrammeId>,
    form: Form<NewMember>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        store::find(w.db(), w.actor(), id).await?;
        let firm = store::find_firm(w.db(), w.actor(), &new).await?;
        store::add_member(w, id, &firm).await?;
        Ok(format!("{}/members?kind={}", address(id), firm.kind))
    });
    or_again(done.await, async |problem| {
        let all = Filter { kind: None, window: Window::first(PAGE) };
        show_again(&view, &listed(&base, &actor, id, all).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, ids::OrganisationId, page::samples},
        programmes::{State, pages::tests::programme},
    };

    #[test]
    fn members_are_shown_in_both_languages() {
        let member = |kind| Member {
            organisation: OrganisationId(uuid::Uuid::nil()),
            name: "Tornos <Sur>".to_owned(),
            kind,
            added_at: Timestamp::from_micros(0),
        };
        let next = Some("a1".to_owned());
        for (kind, may_add) in [(None, true), (Some(Kind::Supplier), false)] {
            let items = vec![member(Kind::Supplier), member(Kind::LeadFirm)];
            let (programme, next) = (programme(State::Open), next.clone());
            samples(&MembersPage { programme, kind, items, next, prev: None, may_add });
        }
        let (programme, items) = (programme(State::Draft), Vec::new());
        samples(&MembersPage { programme, kind: None, items, next: None, prev: None, may_add: true });
    }
}
