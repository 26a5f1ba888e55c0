//! How the gaps of an act would be closed, at the screen: a box for each line that is open.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{
    acts::{act_page, address},
    closing::{Boxes, Written},
};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::Key,
        i18n::Locale,
        ids::{GapActId, OrganisationId},
        money::Currency,
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    gaps::{
        acts::{NewActions, PlanClosing, State},
        store::acts as kept,
    },
    organisations::{consents::Purpose, reading_log},
    programmes,
};

/// The page, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new().route("/gap-acts/{id}/actions", get(read).post(put))
}

/// A line that shows a gap, or of which nobody can tell.
struct OpenLine {
    /// Its place in the act, from 0.
    at: usize,
    question: String,
    demand: String,
    /// What the supplier has of it.
    stands: String,
    is_must: bool,
    written: Written,
}

/// The closing actions of an act, to be written.
#[derive(Template)]
#[template(path = "gaps/pages/actions.html")]
struct ActionsPage {
    act: GapActId,
    /// Whose act it is.
    of: OrganisationId,
    state: State,
    version: i64,
    supplier: String,
    currency: Currency,
    lines: Vec<OpenLine>,
}

impl Page for ActionsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("act-actions")
    }
}

async fn page_of(base: &Base, view: &View, actor: &Actor, id: GapActId) -> Result<ActionsPage, Problem> {
    let page = act_page(base, view, actor, id).await?;
    let programme = programmes::store::find(base.db.reads(), actor, page.act.programme).await?;
    let (act, supplier) = (page.act, page.supplier);
    let lines = page.lines.into_iter().filter(|line| act.basis.is_open(line.at)).enumerate();
    let lines = lines.map(|(place, line)| OpenLine {
        written: match act.actions.iter().find(|action| action.line == line.at) {
            Some(action) => Written::of(place, &action.closing),
            None => Written::empty(place),
        },
        at: line.at,
        question: line.demanded.question,
        demand: line.demanded.demand,
        stands: line.cell.actual.unwrap_or(line.cell.outcome),
        is_must: line.demanded.is_must,
    });
    Ok(ActionsPage {
        lines: lines.collect(),
        act: act.id,
        of: act.supplier,
        state: page.state,
        version: page.version,
        supplier,
        currency: programme.currency,
    })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<PlanClosing>,
    Key(id): Key<GapActId>,
) -> Result<Response, Problem> {
    let page = page_of(&base, &view, may.actor(), id).await?;
    may.in_state(page.state)?;
    reading_log::note(&base, may, Purpose::Gaps, "gap_act", vec![(page.of, page.act.0)]).await?;
    show(&view, &page)
}

async fn put(
    Shared(base): Shared<Base>,
    view: View,
    may: May<PlanClosing>,
    Key(id): Key<GapActId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let boxes = Boxes::of(&typed, &[]);
    let form = form.reading(|typed| typed.of(boxes.pairs()).read::<NewActions>());
    let done = form.change(&base, may, async |w, version, actions| {
        kept::put_actions(w, id, version, actions).await.map_err(|problem| boxes.in_place(problem))?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &page_of(&base, &view, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::page::samples;

    #[test]
    fn closing_actions_are_written_in_both_languages() {
        let line = |place: usize, is_must: bool| OpenLine {
            at: place + 2,
            question: "¿Mide a tiempo? <sí>".to_owned(),
            demand: "≥ 95 %".to_owned(),
            stands: "76 %".to_owned(),
            is_must,
            written: Written::empty(place),
        };
        let mut page = ActionsPage {
            act: GapActId(uuid::Uuid::nil()),
            of: OrganisationId(uuid::Uuid::nil()),
            state: State::Open,
            version: 3,
            supplier: "Tornos <Sur>".to_owned(),
            currency: "CLP".parse().unwrap(),
            lines: vec![line(0, true), line(1, false)],
        };
        assert!(samples(&page)[0].contains("name=\"actions-1-split-lead_firm\""));
        page.lines.clear();
        samples(&page);
    }
}
