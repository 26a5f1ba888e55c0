//! The people of an organisation at the screen: who there is, in which role, who is invited, and who asks to come in.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May, Role},
        db::Write,
        fields::Nothing,
        http::{Address, Key},
        i18n::Locale,
        ids::{AccountId, InvitationId},
        page::{Confirm, Entry, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    organisations::{
        ChangeMember, ListMembers, Member, RoleChange,
        control::ListDeclarations,
        joining::{
            DismissRequest, Grant, GrantRequest, Invitation, InvitationMove, InvitationState, Invite,
            MembershipRequest, NewInvitation, RemoveMember, RequestMove, RequestState, RevokeInvitation,
        },
        store::{joining, people},
    },
};

/// What leads here from everywhere.
pub const ENTRY: Entry = Entry { path: "/people", text: "people-title", kinds: Kind::ALL };

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/people", get(people_page).post(invite))
        .route("/people/{account}", get(member_page).post(change_role))
        .route("/people/{account}/remove", get(remove_page).post(remove))
        .route("/invitations/{id}/revoke", post(revoke))
        .route("/membership-requests/{id}/grant", post(grant))
        .route("/membership-requests/{id}/dismiss", post(dismiss))
}

/// The people of the viewer's organisation.
#[derive(Template)]
#[template(path = "organisations/pages/people.html")]
struct PeoplePage {
    members: Vec<Member>,
    /// For administrators: what can still be accepted, and who asks.
    invitations: Vec<(Invitation, InvitationState)>,
    requests: Vec<MembershipRequest>,
    /// The roles that this kind of organisation has; empty: the viewer does not manage people.
    roles: Vec<(String, String)>,
    /// Of an invitation that was just made, where letters do not reach people: the link to hand over.
    link: Option<(String, String)>,
    /// Whether common control concerns this kind of organisation, and whether mandates do.
    has_control: bool,
    has_mandates: bool,
}

impl PeoplePage {
    const fn manages(&self) -> bool {
        !self.roles.is_empty()
    }
}

impl Page for PeoplePage {
    fn title(&self, locale: Locale) -> String {
        locale.text("people-title")
    }
}

/// Whether an invitation can still be taken back.
fn is_open(state: InvitationState) -> bool {
    InvitationMove::Revoke.from(state).is_some()
}

/// The roles of one kind of organisation.
fn roles(actor: &Actor) -> Vec<(String, String)> {
    let own = Role::ALL.iter().filter(|role| role.kind().is_some() && role.kind() == actor.kind());
    own.map(|role| (role.to_string(), actor.locale.text(&format!("role-{role}")))).collect()
}

async fn present(base: &Base, actor: &Actor) -> Result<PeoplePage, Problem> {
    let (db, now) = (base.db.reads(), base.clock.now());
    let members = people::members(db, actor).await?;
    let mut page = PeoplePage {
        members,
        invitations: Vec::new(),
        requests: Vec::new(),
        roles: Vec::new(),
        link: None,
        has_control: actor.may::<ListDeclarations>().is_ok(),
        has_mandates: actor.kind() != Some(Kind::LeadFirm),
    };
    if actor.may::<Invite>().is_ok() {
        let sent = joining::invitations(db, actor).await?.into_iter();
        let sent = sent.map(|one| (one.clone(), one.state(now)));
        page.invitations = sent.filter(|(_, state)| *state != InvitationState::Revoked).collect();
        let asked = joining::requests(db, actor).await?.into_iter();
        page.requests = asked.filter(|one| one.state == RequestState::Pending).collect();
        page.roles = roles(actor);
    }
    Ok(page)
}

async fn people_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListMembers>,
) -> Result<Response, Problem> {
    show(&view, &present(&base, may.actor()).await?)
}

/// An invitation whose link its inviter has to hand over: to whom it goes, and the link.
type Handed = Option<(String, String)>;

/// Invites, by letter where letters reach people; else whoever invites gets the link.
async fn send(base: &Base, w: &Write, new: NewInvitation) -> Result<Handed, Problem> {
    let (invitation, secret) = joining::invite(w, new).await?;
    if base.mail.reaches_people() {
        joining::send(w, invitation.id).await?;
        return Ok(None);
    }
    Ok(Some((invitation.email, base.mail.link(&format!("/invitation?secret={secret}")))))
}

/// The page after an invitation was made: with its link, the one time that it is there.
async fn invited(base: &Base, view: &View, actor: &Actor, link: Handed) -> Result<Response, Problem> {
    show(view, &PeoplePage { link, ..present(base, actor).await? })
}

async fn invite(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Invite>,
    from: Address,
    form: Form<NewInvitation>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let mut link = None;
    let done = async {
        base.limit_inviting(&actor, from)?;
        form.act(&base, may, async |w, new| {
            link = send(&base, w, new).await?;
            Ok(ENTRY.path.to_owned())
        })
        .await
    };
    let done = done.await;
    if done.is_ok() && link.is_some() {
        return invited(&base, &view, &actor, link).await;
    }
    or_again(done, async |problem| show_again(&view, &present(&base, &actor).await?, problem, typed)).await
}

async fn revoke(
    Shared(base): Shared<Base>,
    may: May<RevokeInvitation>,
    Key(id): Key<InvitationId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = form.act(&base, may, async |w, _| {
        joining::revoke_invitation(w, id).await?;
        Ok(ENTRY.path.to_owned())
    });
    Ok(done.await?.into_response())
}

async fn grant(
    Shared(base): Shared<Base>,
    view: View,
    may: May<GrantRequest>,
    (Key(id), from): (Key<InvitationId>, Address),
    form: Form<Grant>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let mut link = None;
    let done = async {
        base.limit_inviting(&actor, from)?;
        form.act(&base, may, async |w, value| {
            let request = joining::decide_request(w, id, RequestMove::Grant).await?;
            link = send(&base, w, NewInvitation { email: request.email, role: value.role }).await?;
            Ok(ENTRY.path.to_owned())
        })
        .await
    };
    let done = done.await;
    if done.is_ok() && link.is_some() {
        return invited(&base, &view, &actor, link).await;
    }
    or_again(done, async |problem| show_again(&view, &present(&base, &actor).await?, problem, typed)).await
}

async fn dismiss(
    Shared(base): Shared<Base>,
    may: May<DismissRequest>,
    Key(id): Key<InvitationId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = form.act(&base, may, async |w, _| {
        joining::decide_request(w, id, RequestMove::Dismiss).await?;
        Ok(ENTRY.path.to_owned())
    });
    Ok(done.await?.into_response())
}

/// A member whose role can be changed.
#[derive(Template)]
#[template(path = "organisations/pages/member.html")]
struct MemberPage {
    member: Member,
    roles: Vec<(String, String)>,
}

impl Page for MemberPage {
    fn title(&self, _: Locale) -> String {
        self.member.account.name.clone()
    }
}

async fn member(base: &Base, actor: &Actor, account: AccountId) -> Result<Member, Problem> {
    let present = people::members(base.db.reads(), actor).await?;
    present.into_iter().find(|member| member.account.id == account).ok_or_else(Problem::not_found)
}

async fn saved(base: &Base, actor: &Actor, account: AccountId) -> Result<MemberPage, Problem> {
    Ok(MemberPage { member: member(base, actor, account).await?, roles: roles(actor) })
}

async fn member_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ChangeMember>,
    Key(account): Key<AccountId>,
) -> Result<Response, Problem> {
    show(&view, &saved(&base, may.actor(), account).await?)
}

async fn change_role(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ChangeMember>,
    Key(account): Key<AccountId>,
    form: Form<RoleChange>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, RoleChange { role }| {
        people::change_role(w, account, version, role).await?;
        Ok(ENTRY.path.to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &saved(&base, &actor, account).await?, problem, typed)
    })
    .await
}

async fn before_removing(base: &Base, actor: &Actor, account: AccountId) -> Result<Confirm, Problem> {
    let found = member(base, actor, account).await?;
    let back = (format!("/people/{account}"), found.account.name.clone());
    let role = actor.locale.text(&format!("role-{}", found.role));
    Ok(Confirm::new("person-remove", back, format!("/people/{account}/remove"))
        .at(found.version)
        .with("people-person", found.account.name)
        .with("people-role", role))
}

async fn remove_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RemoveMember>,
    Key(account): Key<AccountId>,
) -> Result<Response, Problem> {
    show(&view, &before_removing(&base, may.actor(), account).await?)
}

async fn remove(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RemoveMember>,
    Key(account): Key<AccountId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        joining::remove_member(w, account, version).await?;
        Ok(ENTRY.path.to_owned())
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_removing(&base, &actor, account).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, ids::OrganisationId, page::samples},
        organisations::Account,
    };

    fn member(role: Role) -> Member {
        let (id, password_at) = (AccountId(uuid::Uuid::nil()), Timestamp::from_micros(0));
        let (email, name) = ("ana@uno.example".to_owned(), "Ana <Rojas>".to_owned());
        Member { account: Account { id, email, name, locale: Locale::Es, password_at }, role, version: 1 }
    }

    #[test]
    fn people_are_shown_in_both_languages() {
        let invitation = Invitation {
            id: InvitationId(uuid::Uuid::nil()),
            organisation: OrganisationId(uuid::Uuid::nil()),
            email: "eva@uno.example".to_owned(),
            role: Role::SupplierMember,
            invited_by: AccountId(uuid::Uuid::nil()),
            created_at: Timestamp::from_micros(0),
            expires_at: Timestamp::from_micros(0),
            accepted_at: None,
            revoked_at: None,
        };
        let request = MembershipRequest {
            id: InvitationId(uuid::Uuid::nil()),
            email: "luz@uno.example".to_owned(),
            name: "Luz".to_owned(),
            message: "Llevo la <calidad>".to_owned(),
            state: RequestState::Pending,
            created_at: Timestamp::from_micros(0),
        };
        let roles = || vec![("supplier_member".to_owned(), "Proveedor".to_owned())];
        let members = || vec![member(Role::SupplierAdministrator), member(Role::SupplierReader)];
        samples(&PeoplePage {
            members: members(),
            invitations: InvitationState::ALL.iter().map(|state| (invitation.clone(), *state)).collect(),
            requests: vec![request],
            roles: roles(),
            link: Some(("eva@uno.example".to_owned(), "https://x.example/invitation?secret=esi".to_owned())),
            has_control: true,
            has_mandates: true,
        });
        let nothing = || (Vec::new(), Vec::new());
        for roles in [roles(), Vec::new()] {
            let (invitations, requests) = nothing();
            let (link, has_control, has_mandates) = (None, false, false);
            let members = members();
            samples(&PeoplePage { members, invitations, requests, roles, link, has_control, has_mandates });
        }
        samples(&MemberPage { member: member(Role::SupplierReader), roles: roles() });
        let back = ("/people/1".to_owned(), "Ana".to_owned());
        let confirm = Confirm::new("person-remove", back, "/people/1/remove".to_owned()).at(1);
        samples(&confirm.with("people-person", "Ana").with("people-role", "x"));
    }
}
