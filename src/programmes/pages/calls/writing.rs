//! Writing a call: its funds, its rules, and its criteria with their weights.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::address;
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::Key,
        i18n::Locale,
        ids::{CallId, ProgrammeId},
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    programmes::{
        self, Programme,
        calls::{
            Call, Change, Create, NewCall,
            criteria::{SelectionCriterion, usual},
        },
        store::calls as store,
    },
};

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/{id}/calls/new", get(new_page).post(create))
        .route("/calls/{id}/edit", get(edit_page).post(change))
}

/// A criterion's row: the names of its fields, which it is, what it asks, and its weight.
struct Row {
    criterion_field: String,
    weight_field: String,
    criterion: SelectionCriterion,
    text: String,
    weight: String,
}

/// A call being written.
#[derive(Template)]
#[template(path = "programmes/pages/calls/write.html")]
struct WritePage {
    address: String,
    back: String,
    version: Option<i64>,
    programme: Programme,
    title: String,
    description: String,
    funds: String,
    largest: String,
    opens_at: String,
    closes_at: String,
    cofinancing: String,
    spread: String,
    justify_first: bool,
    criteria: Vec<Row>,
}

impl Page for WritePage {
    fn title(&self, locale: Locale) -> String {
        locale.text(if self.version.is_some() { "call-edit" } else { "call-new" })
    }
}

impl WritePage {
    fn of(programme: Programme, found: Option<&Call>, locale: Locale) -> Self {
        let usual = usual();
        let weights = found.map_or(usual.as_slice(), |found| &found.terms.criteria);
        let row = |(at, criterion): (usize, &SelectionCriterion)| Row {
            criterion_field: format!("criteria-{at}-criterion"),
            weight_field: format!("criteria-{at}-weight"),
            criterion: *criterion,
            text: criterion.text(locale),
            weight: weights
                .iter()
                .find(|one| one.criterion == *criterion)
                .map_or_else(String::new, |one| one.weight.to_string()),
        };
        let local = |at| programme.time_zone.local(at);
        let terms = found.map(|found| &found.terms);
        Self {
            address: found.map_or_else(
                || format!("/programmes/{}/calls/new", programme.id),
                |found| format!("{}/edit", address(found.id)),
            ),
            back: found
                .map_or_else(|| format!("/calls?programme={}", programme.id), |found| address(found.id)),
            version: found.map(|found| found.version),
            title: terms.map_or_else(String::new, |terms| terms.title.clone()),
            description: terms.map_or_else(String::new, |terms| terms.description.clone()),
            funds: found.map_or_else(String::new, |found| found.funds.amount()),
            largest: terms.map_or_else(String::new, |terms| terms.largest_grant.amount()),
            opens_at: found.and_then(|found| found.opens_at).map_or_else(String::new, local),
            closes_at: found.map_or_else(String::new, |found| local(found.closes_at)),
            cofinancing: terms.map_or_else(String::new, |t| t.min_cofinancing.as_percent().to_string()),
            spread: terms.map_or_else(|| "20".to_owned(), |terms| terms.spread_threshold.to_string()),
            justify_first: terms.is_none_or(|terms| terms.justify_first),
            criteria: SelectionCriterion::ALL.iter().enumerate().map(row).collect(),
            programme,
        }
    }
}

/// Reads a call from its form: a criterion without a weight is none.
fn sent(typed: &Typed) -> Result<NewCall, Problem> {
    let filled = typed.without_blank("amount", &["currency"]).without_blank("weight", &["criterion"]);
    filled.read()
}

async fn blank(base: &Base, actor: &Actor, id: ProgrammeId) -> Result<WritePage, Problem> {
    let programme = programmes::store::find(base.db.reads(), actor, id).await?;
    Ok(WritePage::of(programme, None, actor.locale))
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
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(sent).act(&base, may, async |w, new| {
        let (call, _) = store::create(w, id, new).await?;
        Ok(address(call.id))
    });
    or_again(done.await, async |problem| show_again(&view, &blank(&base, &actor, id).await?, problem, typed))
        .await
}

async fn saved(base: &Base, actor: &Actor, id: CallId) -> Result<WritePage, Problem> {
    let (call, programme) = store::find(base.db.reads(), actor, id).await?;
    Ok(WritePage::of(programme, Some(&call), actor.locale))
}

async fn edit_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Change>,
    Key(id): Key<CallId>,
) -> Result<Response, Problem> {
    show(&view, &saved(&base, may.actor(), id).await?)
}

async fn change(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Change>,
    Key(id): Key<CallId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.reading(sent).change(&base, may, async |w, version, new| {
        store::change(w, id, version, new).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| show_again(&view, &saved(&base, &actor, id).await?, problem, typed))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::page::samples,
        programmes::{
            calls::State,
            pages::{calls::tests::call, tests::programme},
        },
    };

    #[test]
    fn writing_a_call_is_shown_in_both_languages() {
        for locale in [Locale::Es, Locale::En] {
            let programme = || programme(programmes::State::Open);
            let [es, _] = samples(&WritePage::of(programme(), Some(&call(State::Draft)), locale));
            assert!(!es.contains("<2026>"));
            samples(&WritePage::of(programme(), None, locale));
        }
    }

    #[test]
    fn a_criterion_without_a_weight_is_none() {
        let typed = [
            ("title", "Redes 2026"),
            ("description", "Proyectos de redes."),
            ("funds-amount", "90.000.000"),
            ("funds-currency", "CLP"),
            ("largest_grant-amount", ""),
            ("largest_grant-currency", "CLP"),
            ("closes_at", "2026-12-15T18:00"),
            ("min_cofinancing", "30"),
            ("criteria-0-criterion", "market_outlook"),
            ("criteria-0-weight", "60"),
            ("criteria-1-criterion", "participation"),
            ("criteria-1-weight", " "),
            ("criteria-2-criterion", "replicability"),
            ("criteria-2-weight", "40"),
        ];
        let typed =
            Typed::new(typed.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect());
        let new = sent(&typed).unwrap();
        assert_eq!(new.terms.criteria.len(), 2);
        assert_eq!(new.terms.largest_grant, new.funds);
        assert_eq!(new.terms.min_cofinancing.ppm(), 300_000);
    }
}
