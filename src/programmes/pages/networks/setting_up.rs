//! Setting a network up, changing it, and who looks after it.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::Response,
    routing::{get, post},
};

use super::{Head, address};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May, Role},
        fields::{Fields, Input, Nothing},
        http::{Key, Reply, list::Window},
        i18n::Locale,
        ids::{AccountId, NetworkId, OrganisationId, ProgrammeId},
        page::{Confirm, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::store::people,
    programmes::{
        Programme,
        networks::{
            AddLeadFirm, AssignOfficer, Change, Close, Create, ListOfficers, Network, NetworkChange,
            NewNetwork, UnassignOfficer,
        },
        store,
    },
};

/// So many lead firms of a programme are offered.
const MOST: u64 = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/{id}/networks/new", get(new_page).post(create))
        .route("/networks/{id}/edit", get(edit_page).post(change))
        .route("/networks/{id}/close", get(close_page).post(close))
        .route("/networks/{id}/lead-firms", post(add_lead_firm))
        .route("/networks/{id}/officers", get(officers_page).post(assign))
        .route("/networks/{id}/officers/{account}/remove", post(unassign))
}

/// The programme's lead firms: id and name.
async fn lead_firms(
    base: &Base,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<(OrganisationId, String)>, Problem> {
    let (db, window) = (base.db.reads(), Window::first(MOST));
    let found = store::list_members(db, actor, programme, Some(Kind::LeadFirm), &window).await?;
    Ok(found.items.into_iter().map(|member| (member.organisation, member.name)).collect())
}

/// A network being set up.
#[derive(Template)]
#[template(path = "programmes/pages/networks/new.html")]
struct NewPage {
    programme: Programme,
    /// The field's name, the firm's id and its name.
    lead_firms: Vec<(String, String, String)>,
}

impl Page for NewPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("network-new")
    }
}

async fn blank(base: &Base, actor: &Actor, id: ProgrammeId) -> Result<NewPage, Problem> {
    let programme = store::find(base.db.reads(), actor, id).await?;
    let all = lead_firms(base, actor, id).await?.into_iter().enumerate();
    let lead_firms = all.map(|(at, (firm, name))| (format!("lead_firms-{at}"), firm.to_string(), name));
    Ok(NewPage { programme, lead_firms: lead_firms.collect() })
}

async fn new_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Create>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &blank(&base, may.actor(), id).await?)
}

async fn create(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Create>,
    Key(id): Key<ProgrammeId>,
    form: Form<NewNetwork>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        let made = store::create_network(w, id, new).await?;
        Ok(address(made.id))
    });
    or_again(done.await, async |problem| show_again(&view, &blank(&base, &actor, id).await?, problem, typed))
        .await
}

/// What can be changed of a network.
#[derive(Template)]
#[template(path = "programmes/pages/networks/edit.html")]
struct EditPage {
    network: Network,
    /// The programme's other lead firms.
    others: Vec<(String, String)>,
}

impl Page for EditPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("network-edit")
    }
}

async fn saved(base: &Base, actor: &Actor, id: NetworkId) -> Result<EditPage, Problem> {
    let network = store::find_network(base.db.reads(), actor, id).await?;
    let all = lead_firms(base, actor, network.programme).await?.into_iter();
    let others = all.filter(|(firm, _)| !network.lead_firms.contains(firm));
    Ok(EditPage { others: others.map(|(firm, name)| (firm.to_string(), name)).collect(), network })
}

async fn edit_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Change>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &saved(&base, may.actor(), id).await?)
}

async fn change(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Change>,
    Key(id): Key<NetworkId>,
    form: Form<NetworkChange>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, new| {
        store::change_network(w, id, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| show_again(&view, &saved(&base, &actor, id).await?, problem, typed))
        .await
}

/// A lead firm to take in.
struct Chosen(OrganisationId);

impl Input for Chosen {
    fn read(f: &mut Fields) -> Option<Self> {
        f.required("lead_firm").map(Self)
    }
}

async fn add_lead_firm(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AddLeadFirm>,
    Key(id): Key<NetworkId>,
    form: Form<Chosen>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, Chosen(firm)| {
        store::add_lead_firm(w, id, firm).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| show_again(&view, &saved(&base, &actor, id).await?, problem, typed))
        .await
}

async fn before_closing(base: &Base, actor: &Actor, id: NetworkId) -> Result<Confirm, Problem> {
    let Head { network, lead_firms, .. } = Head::of(base, actor, id).await?;
    let confirm = Confirm::new("network-close", (address(id), network.name), format!("/networks/{id}/close"));
    Ok(confirm.at(network.version).with("network-lead-firms", lead_firms.join(", ")))
}

async fn close_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Close>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &before_closing(&base, may.actor(), id).await?)
}

async fn close(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Close>,
    Key(id): Key<NetworkId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        store::close_network(w, id, version).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_closing(&base, &actor, id).await?, problem, typed)
    })
    .await
}

/// Who looks after a network.
#[derive(Template)]
#[template(path = "programmes/pages/networks/officers.html")]
struct OfficersPage {
    network: Network,
    officers: Vec<(AccountId, String, Role)>,
    /// Of the institution, who could be assigned; none: not by the viewer.
    others: Option<Vec<(String, String)>>,
}

impl Page for OfficersPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("network-officers")
    }
}

async fn looked_after(base: &Base, actor: &Actor, id: NetworkId) -> Result<OfficersPage, Problem> {
    let db = base.db.reads();
    let network = store::find_network(db, actor, id).await?;
    let assigned = store::officers(db, actor, id).await?;
    let others = if actor.may::<AssignOfficer>().is_ok() {
        let all = people::members(db, actor).await?.into_iter();
        let others = all.filter(|one| !assigned.iter().any(|officer| officer.account.id == one.account.id));
        Some(others.map(|one| (one.account.id.to_string(), one.account.name)).collect())
    } else {
        None
    };
    let officers = assigned.into_iter().map(|one| (one.account.id, one.account.name, one.role)).collect();
    Ok(OfficersPage { network, officers, others })
}

async fn officers_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListOfficers>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &looked_after(&base, may.actor(), id).await?)
}

/// Somebody to assign.
struct Assigned(AccountId);

impl Input for Assigned {
    fn read(f: &mut Fields) -> Option<Self> {
        f.required("account").map(Self)
    }
}

async fn assign(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AssignOfficer>,
    Key(id): Key<NetworkId>,
    form: Form<Assigned>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, Assigned(account)| {
        store::assign_officer(w, id, account).await?;
        Ok(format!("/networks/{id}/officers"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &looked_after(&base, &actor, id).await?, problem, typed)
    })
    .await
}

async fn unassign(
    Shared(base): Shared<Base>,
    view: View,
    may: May<UnassignOfficer>,
    Key((id, account)): Key<(NetworkId, AccountId)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = base.write(may, form.once, async |w| {
        store::unassign_officer(&w, id, account).await?;
        Ok(w.done(Reply::see_other(format!("/networks/{id}/officers"))))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &looked_after(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{firm, head},
        *,
    };
    use crate::{
        foundation::page::samples,
        programmes::{
            networks::{Model, State},
            pages::tests::programme,
        },
    };

    #[test]
    fn setting_up_is_shown_in_both_languages() {
        let network = || head(Model::LeadFirm, State::Open, true).network;
        let one = ("lead_firms-0".to_owned(), firm(1).to_string(), "Minera <Alta>".to_owned());
        for lead_firms in [vec![one], Vec::new()] {
            let others = lead_firms.iter().map(|(_, id, name)| (id.clone(), name.clone())).collect();
            samples(&NewPage { programme: programme(crate::programmes::State::Open), lead_firms });
            samples(&EditPage { network: network(), others });
        }
        let back = ("/networks/1".to_owned(), "Red".to_owned());
        let confirm = Confirm::new("network-close", back, "/networks/1/close".to_owned()).at(2);
        samples(&confirm.with("network-lead-firms", "Minera <Alta>"));
        for others in [None, Some(Vec::new()), Some(vec![("x".to_owned(), "Ana <Rojas>".to_owned())])] {
            let officers = vec![(AccountId(uuid::Uuid::nil()), "Óscar".to_owned(), Role::Officer)];
            samples(&OfficersPage { network: network(), officers, others: others.clone() });
            samples(&OfficersPage { network: network(), officers: Vec::new(), others });
        }
    }
}
