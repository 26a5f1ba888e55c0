//! Announcing the result of a requirement, on a page that says what follows.

use axum::{Router, extract::State, response::Response, routing::get};

use crate::{
    approvals::store,
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::Key,
        ids::RequirementId,
        page::{Confirm, Form, View, or_again, show, show_again},
        problem::Problem,
    },
    requirements::{self, Announce},
};

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/requirements/{id}/result", get(ask).post(announce))
}

async fn page(base: &Base, actor: &Actor, id: RequirementId) -> Result<Confirm, Problem> {
    let found = requirements::store::find(base.db.reads(), actor, id).await?;
    let there = format!("/requirements/{id}");
    Ok(Confirm::new("result", (there.clone(), found.title), format!("{there}/result"))
        .at(found.version)
        .with("requirement-lots", found.lots.len().to_string()))
}

async fn ask(
    State(base): State<Base>,
    view: View,
    may: May<Announce>,
    Key(id): Key<RequirementId>,
) -> Result<Response, Problem> {
    show(&view, &page(&base, may.actor(), id).await?)
}

async fn announce(
    State(base): State<Base>,
    view: View,
    may: May<Announce>,
    Key(id): Key<RequirementId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, Nothing| {
        store::announce(w, id, version).await?;
        Ok(format!("/requirements/{id}"))
    });
    or_again(done.await, async |problem| show_again(&view, &page(&base, &actor, id).await?, problem, typed))
        .await
}
