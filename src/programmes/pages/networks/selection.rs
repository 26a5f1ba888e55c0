//! Who comes into a network: invitations, applications, and what each side says to them, with reasons.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{Head, address, may_decide, may_exclude, own_membership, tone_of, tone_said};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::{Nothing, Reason},
        http::{Key, Reply, list::Window},
        i18n::Locale,
        ids::{NetworkId, OrganisationId},
        page::{Confirm, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::store::firms,
    programmes::{
        networks::{
            Application, Apply, Decide, Exclude, Invite, Leave, ListMembers, Membership, Network,
            NewDecision, NewInvitation, Standing,
        },
        store,
    },
};

/// So many suppliers are offered; others are named by their tax id.
const MOST: u64 = 100;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/networks/{id}/invite", get(invite_page).post(invite))
        .route("/networks/{id}/members/{firm}", get(member_page).post(decide))
        .route("/networks/{id}/members/{firm}/exclude", get(exclude_page).post(exclude))
        .route("/networks/{id}/apply", get(apply_page).post(apply))
        .route("/networks/{id}/leave", get(leave_page).post(leave))
}

/// Whom to invite.
#[derive(Template)]
#[template(path = "programmes/pages/networks/invite.html")]
struct InvitePage {
    network: Network,
    /// The suppliers that the viewer knows, and none of them.
    suppliers: Vec<(String, String)>,
    country: String,
}

impl Page for InvitePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("network-invite-title")
    }
}

async fn before_inviting(base: &Base, actor: &Actor, id: NetworkId) -> Result<InvitePage, Problem> {
    let db = base.db.reads();
    let network = store::find_network(db, actor, id).await?;
    let known = firms::list(db, actor, Some(Kind::Supplier), &Window::first(MOST)).await?.items;
    let mut suppliers: Vec<_> = known.into_iter().map(|firm| (firm.id.to_string(), firm.name)).collect();
    suppliers.sort_by(|a, b| a.1.cmp(&b.1));
    suppliers.insert(0, (String::new(), actor.locale.text("network-invite-by-tax-id")));
    let country = firms::find(db, actor, actor.organisation).await?.country.to_string();
    Ok(InvitePage { network, suppliers, country })
}

async fn invite_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Invite>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &before_inviting(&base, may.actor(), id).await?)
}

async fn invite(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Invite>,
    Key(id): Key<NetworkId>,
    form: Form<Invited>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, Invited(new)| {
        let made = store::invite(w, id, &new).await?;
        Ok(format!("/networks/{id}/members/{}", made.organisation))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_inviting(&base, &actor, id).await?, problem, typed)
    })
    .await
}

/// An invitation from a form, which sends country and tax id beside a supplier that was chosen.
struct Invited(NewInvitation);

impl crate::foundation::fields::Input for Invited {
    fn read(f: &mut crate::foundation::fields::Fields) -> Option<Self> {
        let new = NewInvitation::read(f);
        if matches!(new, Some(NewInvitation::Firm(_))) {
            f.optional::<String>("country")?;
            f.optional::<String>("tax_id")?;
        }
        new.map(Self)
    }
}

/// How one supplier stands to a network, and what the sides have said.
#[derive(Template)]
#[template(path = "programmes/pages/networks/member.html")]
struct MemberPage {
    head: Head,
    member: Membership,
    /// What the viewer's side has said.
    own: Option<(String, String)>,
    may_decide: bool,
    may_exclude: bool,
}

impl Page for MemberPage {
    fn title(&self, _: Locale) -> String {
        self.member.name.clone()
    }
}

async fn member(
    base: &Base,
    actor: &Actor,
    id: NetworkId,
    firm: OrganisationId,
) -> Result<MemberPage, Problem> {
    let head = Head::of(base, actor, id).await?;
    let member = store::find_membership(base.db.reads(), actor, id, firm).await?;
    let own = member.decisions.iter().find(|said| said.side == actor.organisation);
    Ok(MemberPage {
        own: own.map(|said| (said.decision.to_string(), said.reason.clone())),
        may_decide: may_decide(actor, &head, member.standing),
        may_exclude: may_exclude(actor, member.standing),
        head,
        member,
    })
}

async fn member_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListMembers>,
    Key((id, firm)): Key<(NetworkId, OrganisationId)>,
) -> Result<Response, Problem> {
    show(&view, &member(&base, may.actor(), id, firm).await?)
}

async fn decide(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Decide>,
    Key((id, firm)): Key<(NetworkId, OrganisationId)>,
    form: Form<NewDecision>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, new| {
        store::decide(w, id, firm, version, new).await?;
        Ok(format!("/networks/{id}/members/{firm}"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &member(&base, &actor, id, firm).await?, problem, typed)
    })
    .await
}

async fn before_excluding(
    base: &Base,
    actor: &Actor,
    id: NetworkId,
    firm: OrganisationId,
) -> Result<Confirm, Problem> {
    let found = store::find_membership(base.db.reads(), actor, id, firm).await?;
    let network = store::find_network(base.db.reads(), actor, id).await?;
    let there = format!("/networks/{id}/members/{firm}");
    let action = format!("{there}/exclude");
    let stem = if found.standing == Standing::Invited { "network-uninvite" } else { "network-exclude" };
    let confirm = Confirm::new(stem, (there, found.name), action).at(found.version);
    Ok(confirm.with("network-one", network.name).with_reason())
}

async fn exclude_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Exclude>,
    Key((id, firm)): Key<(NetworkId, OrganisationId)>,
) -> Result<Response, Problem> {
    show(&view, &before_excluding(&base, may.actor(), id, firm).await?)
}

async fn exclude(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Exclude>,
    Key((id, firm)): Key<(NetworkId, OrganisationId)>,
    form: Form<Reason>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, Reason { reason }| {
        store::exclude(w, id, firm, version, reason).await?;
        Ok(format!("/networks/{id}/members/{firm}"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_excluding(&base, &actor, id, firm).await?, problem, typed)
    })
    .await
}

/// A supplier's application, before it is sent.
#[derive(Template)]
#[template(path = "programmes/pages/networks/apply.html")]
struct ApplyPage {
    network: Network,
}

impl Page for ApplyPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("network-apply-title")
    }
}

async fn before_applying(base: &Base, actor: &Actor, id: NetworkId) -> Result<ApplyPage, Problem> {
    Ok(ApplyPage { network: store::find_network(base.db.reads(), actor, id).await? })
}

async fn apply_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Apply>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &before_applying(&base, may.actor(), id).await?)
}

async fn apply(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Apply>,
    Key(id): Key<NetworkId>,
    form: Form<Application>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        store::apply(w, id, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_applying(&base, &actor, id).await?, problem, typed)
    })
    .await
}

async fn before_leaving(base: &Base, actor: &Actor, id: NetworkId) -> Result<Confirm, Problem> {
    let network = store::find_network(base.db.reads(), actor, id).await?;
    let own = own_membership(base, actor, id).await?.ok_or_else(Problem::not_found)?;
    let stem = match own.standing {
        Standing::Invited => "network-decline",
        Standing::Applied => "network-withdraw",
        Standing::Selected | Standing::Refused | Standing::Left => "network-quit",
    };
    Ok(Confirm::new(stem, (address(id), network.name), format!("/networks/{id}/leave")))
}

async fn leave_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Leave>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &before_leaving(&base, may.actor(), id).await?)
}

async fn leave(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Leave>,
    Key(id): Key<NetworkId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = base.write(may, form.once, async |w| {
        store::leave(&w, id).await?;
        Ok(w.done(Reply::see_other(address(id))))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_leaving(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{head, member},
        *,
    };
    use crate::{
        foundation::page::samples,
        programmes::networks::{Decision, Model, State},
    };

    #[test]
    fn selection_is_shown_in_both_languages() {
        let network = || head(Model::LeadFirm, State::Open, true).network;
        let suppliers = vec![(String::new(), "–".to_owned()), ("x".to_owned(), "Tornos <Sur>".to_owned())];
        samples(&InvitePage { network: network(), suppliers, country: "CL".to_owned() });
        samples(&InvitePage { network: network(), suppliers: Vec::new(), country: "CL".to_owned() });
        samples(&ApplyPage { network: network() });
        for stem in
            ["network-uninvite", "network-exclude", "network-decline", "network-withdraw", "network-quit"]
        {
            let back = ("/networks/1".to_owned(), "Red".to_owned());
            samples(&Confirm::new(stem, back.clone(), "/networks/1/leave".to_owned()));
            let confirm = Confirm::new(stem, back, "/networks/1/leave".to_owned()).at(1).with_reason();
            samples(&confirm.with("network-one", "Red de <chancado>"));
        }
        for standing in Standing::ALL {
            for own in [None, Some((Decision::Refuse.to_string(), "Falta <algo>.".to_owned()))] {
                for may in [true, false] {
                    let head = head(Model::LeadFirm, State::Open, true);
                    let (member, own) = (member(*standing), own.clone());
                    samples(&MemberPage { head, member, own, may_decide: may, may_exclude: may });
                }
            }
        }
    }
}
