//! Waivers at the approver's screen: a cap of its own for one supplier towards one buyer, with a reason and a last day.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::address;
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::Nothing,
        http::{Key, list::Window},
        i18n::Locale,
        ids::{ProgrammeId, WaiverId},
        page::{Confirm, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        share::Share,
    },
    organisations::store::firms,
    programmes::{CreateWaiver, NewWaiver, Programme, RevokeWaiver, store},
};

/// So many firms of a programme are offered.
const MOST: u64 = 500;

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/{id}/waivers/new", get(sign_page).post(sign))
        .route("/programmes/{id}/waivers/{waiver}/revoke", get(revoke_page).post(revoke))
}

/// A waiver to sign.
#[derive(Template)]
#[template(path = "programmes/pages/setting_up/waiver.html")]
struct WaiverPage {
    programme: Programme,
    /// The cap that it takes the place of.
    cap: Option<Share>,
    suppliers: Vec<(String, String)>,
    lead_firms: Vec<(String, String)>,
}

impl Page for WaiverPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("waiver-new")
    }
}

async fn firms_of(
    base: &Base,
    actor: &Actor,
    id: ProgrammeId,
    kind: Kind,
) -> Result<Vec<(String, String)>, Problem> {
    let found = store::list_members(base.db.reads(), actor, id, Some(kind), &Window::first(MOST)).await?;
    let named = found.items.into_iter().map(|member| (member.organisation.to_string(), member.name));
    let mut named: Vec<_> = named.collect();
    named.sort_by(|one, other| one.1.cmp(&other.1));
    named.insert(0, (String::new(), actor.locale.text("waiver-choose")));
    Ok(named)
}

async fn blank(base: &Base, actor: &Actor, id: ProgrammeId) -> Result<WaiverPage, Problem> {
    let programme = store::find(base.db.reads(), actor, id).await?;
    let cap = programme.cap_on(programme.day(base.clock.now()));
    let suppliers = firms_of(base, actor, id, Kind::Supplier).await?;
    Ok(WaiverPage { programme, cap, suppliers, lead_firms: firms_of(base, actor, id, Kind::LeadFirm).await? })
}

async fn sign_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<CreateWaiver>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &blank(&base, may.actor(), id).await?)
}

async fn sign(
    Shared(base): Shared<Base>,
    view: View,
    may: May<CreateWaiver>,
    Key(id): Key<ProgrammeId>,
    form: Form<NewWaiver>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        store::sign_waiver(w, id, new).await?;
        Ok(format!("{}#waivers", address(id)))
    });
    or_again(done.await, async |problem| show_again(&view, &blank(&base, &actor, id).await?, problem, typed))
        .await
}

async fn before_revoking(
    base: &Base,
    actor: &Actor,
    id: ProgrammeId,
    waiver: WaiverId,
) -> Result<Confirm, Problem> {
    let db = base.db.reads();
    let programme = store::find(db, actor, id).await?;
    let found = store::find_waiver(db, actor, id, waiver).await?;
    let supplier = firms::names(db, actor, [found.supplier]).await?.into_values().next();
    let buyer = firms::buyer_names(db, actor, [found.buyer_group]).await?.into_values().next();
    let action = format!("{}/waivers/{waiver}/revoke", address(id));
    let group = || actor.locale.text("buyer-group");
    Ok(Confirm::new("waiver-revoke", (address(id), programme.name), action)
        .with("match-supplier", supplier.unwrap_or_default())
        .with("match-lead-firm", buyer.unwrap_or_else(group))
        .with("rule-cap", filters::whole_share(found.dependency_cap))
        .with("waiver-until", filters::in_words(found.expires_on, actor.locale))
        .with_reason())
}

async fn revoke_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RevokeWaiver>,
    Key((id, waiver)): Key<(ProgrammeId, WaiverId)>,
) -> Result<Response, Problem> {
    show(&view, &before_revoking(&base, may.actor(), id, waiver).await?)
}

async fn revoke(
    Shared(base): Shared<Base>,
    view: View,
    may: May<RevokeWaiver>,
    Key((id, waiver)): Key<(ProgrammeId, WaiverId)>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.with_reason().act(&base, may, async |w, why| {
        store::revoke_waiver(w, id, waiver, why.reason).await?;
        Ok(format!("{}#waivers", address(id)))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_revoking(&base, &actor, id, waiver).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::page::samples,
        programmes::{State, pages::tests::programme},
    };

    #[test]
    fn waivers_are_shown_in_both_languages() {
        let firms = || vec![("x".to_owned(), "Tornos <Sur>".to_owned())];
        for cap in [None, Some(Share::percent(30))] {
            let programme = programme(State::Open);
            samples(&WaiverPage { programme, cap, suppliers: firms(), lead_firms: firms() });
        }
        let back = ("/programmes/1".to_owned(), "Redes".to_owned());
        samples(
            &Confirm::new("waiver-revoke", back, "/x".to_owned()).with("waiver-until", "x").with_reason(),
        );
    }
}
