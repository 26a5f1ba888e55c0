//! What the strategic direction of a programme sets: its operating criteria, and the funds that it is assigned.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::address;
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::{Fields, Input, Nothing},
        http::Key,
        i18n::Locale,
        ids::ProgrammeId,
        money::Money,
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    programmes::{
        Programme,
        governance::{AssignFunds, NewCriteria, OperatingCriteria, SetCriteria, funds::NewFundEntry},
        store::governance as store,
    },
};

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/{id}/operating-criteria", get(criteria_page).post(set_criteria))
        .route("/programmes/{id}/fund-entries/new", get(funds_page).post(assign))
}

/// The criteria by which a programme operates.
#[derive(Template)]
#[template(path = "programmes/pages/governance/criteria.html")]
struct CriteriaPage {
    programme: Programme,
    /// Those in force; none: nobody has set any.
    criteria: Option<OperatingCriteria>,
}

impl CriteriaPage {
    fn number(&self) -> i64 {
        self.criteria.as_ref().map_or(0, |criteria| criteria.number)
    }

    fn saved(&self) -> &str {
        self.criteria.as_ref().map_or("", |criteria| criteria.text.as_str())
    }
}

impl Page for CriteriaPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("operating-criteria")
    }
}

async fn in_force(base: &Base, actor: &Actor, id: ProgrammeId) -> Result<CriteriaPage, Problem> {
    let db = base.db.reads();
    let (programme, _) = store::functions(db, actor, id).await?;
    Ok(CriteriaPage { programme, criteria: store::criteria_versions(db, actor, id).await?.pop() })
}

async fn criteria_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<SetCriteria>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &in_force(&base, may.actor(), id).await?)
}

/// The text alone; what programs are to know is set through the API and stays.
struct Text(String);

impl Input for Text {
    fn read(f: &mut Fields) -> Option<Self> {
        f.text("text", 10..=20_000).map(Self)
    }
}

async fn set_criteria(
    Shared(base): Shared<Base>,
    view: View,
    may: May<SetCriteria>,
    Key(id): Key<ProgrammeId>,
    form: Form<Text>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, Text(text)| {
        let before = store::criteria_versions(w.db(), w.actor(), id).await?.pop();
        let data = before.map_or_else(|| serde_json::json!({}), |before| before.data);
        store::set_criteria(w, id, version, NewCriteria { text, data }).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &in_force(&base, &actor, id).await?, problem, typed)
    })
    .await
}

/// Funds to assign, or to take back.
#[derive(Template)]
#[template(path = "programmes/pages/governance/funds.html")]
struct FundsPage {
    programme: Programme,
    free: Money,
}

impl Page for FundsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("funds-assign")
    }
}

async fn before_assigning(base: &Base, actor: &Actor, id: ProgrammeId) -> Result<FundsPage, Problem> {
    let db = base.db.reads();
    let (programme, _) = store::functions(db, actor, id).await?;
    let free = Money::new(store::funds(db, actor, id).await?.free(), programme.currency);
    Ok(FundsPage { programme, free })
}

async fn funds_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AssignFunds>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    show(&view, &before_assigning(&base, may.actor(), id).await?)
}

async fn assign(
    Shared(base): Shared<Base>,
    view: View,
    may: May<AssignFunds>,
    Key(id): Key<ProgrammeId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let read = |typed: &Typed| typed.without_blank("amount", &["currency"]).read::<NewFundEntry>();
    let done = form.reading(read).act(&base, may, async |w, new| {
        store::assign(w, id, new).await?;
        Ok(format!("{}#funds", address(id)))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_assigning(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, ids::AccountId, page::samples},
        programmes::{
            State,
            pages::{calls::tests::amount, tests::programme},
        },
    };

    #[test]
    fn directing_is_shown_in_both_languages() {
        let criteria = OperatingCriteria {
            number: 2,
            text: "Redes de <cinco> pymes.".to_owned(),
            data: serde_json::json!({}),
            set_by: AccountId(uuid::Uuid::nil()),
            set_at: Timestamp::from_micros(0),
        };
        for criteria in [Some(criteria), None] {
            samples(&CriteriaPage { programme: programme(State::Open), criteria });
        }
        samples(&FundsPage { programme: programme(State::Open), free: amount("5") });
    }
}
