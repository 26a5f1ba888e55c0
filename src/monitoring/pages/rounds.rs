//! Rounds: opening one, how far its questions are, and closing it.

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::Nothing,
        http::Key,
        i18n::Locale,
        ids::{MeasurementRoundId, NetworkId},
        page::{Confirm, Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
    },
    monitoring::{
        CloseRound, OpenRound, ReadRound,
        rounds::{Moment, NewRound, Round, Standing, State},
        store::{self, Tally},
    },
    programmes::{self, networks::Network},
};

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/networks/{id}/rounds/new", get(new_page).post(open))
        .route("/measurement-rounds/{id}", get(read))
        .route("/measurement-rounds/{id}/close", get(close_page).post(close))
}

fn address(id: MeasurementRoundId) -> String {
    format!("/measurement-rounds/{id}")
}

/// A round to open.
#[derive(Template)]
#[template(path = "monitoring/pages/new.html")]
struct NewPage {
    network: Network,
    moments: Vec<(String, String)>,
    today: String,
}

impl Page for NewPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("round-open")
    }
}

async fn blank(base: &Base, actor: &Actor, id: NetworkId) -> Result<NewPage, Problem> {
    let db = base.db.reads();
    let network = programmes::store::find_network(db, actor, id).await?;
    let programme = programmes::store::find(db, actor, network.programme).await?;
    let moment = |moment: &Moment| (moment.to_string(), actor.locale.text(&format!("moment-{moment}")));
    let moments = Moment::ALL.iter().map(moment).collect();
    Ok(NewPage { network, moments, today: programme.day(base.clock.now()).to_string() })
}

async fn new_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<OpenRound>,
    Key(id): Key<NetworkId>,
) -> Result<Response, Problem> {
    show(&view, &blank(&base, may.actor(), id).await?)
}

async fn open(
    Shared(base): Shared<Base>,
    view: View,
    may: May<OpenRound>,
    Key(id): Key<NetworkId>,
    form: Form<NewRound>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        let round = store::open_round(w, id, new).await?;
        Ok(address(round.id))
    });
    or_again(done.await, async |problem| show_again(&view, &blank(&base, &actor, id).await?, problem, typed))
        .await
}

/// A round, and how far its questions are.
#[derive(Template)]
#[template(path = "monitoring/pages/round.html")]
struct RoundPage {
    round: Round,
    network: String,
    /// How many stand how.
    standings: Vec<(Standing, i64)>,
    overdue: i64,
    may_close: bool,
}

impl Page for RoundPage {
    fn title(&self, locale: Locale) -> String {
        locale.text(&format!("moment-{}", self.round.moment))
    }
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadRound>,
    Key(id): Key<MeasurementRoundId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let round = store::find_round(db, actor, id).await?;
    let today = programmes::store::find(db, actor, round.programme).await?.day(base.clock.now());
    let network = programmes::store::find_network(db, actor, round.network).await?.name;
    let Tally { by_standing, overdue } = store::tally(db, actor, &round, today).await?;
    let of = |standing: &Standing| (*standing, by_standing.get(standing).copied().unwrap_or_default());
    let standings = Standing::ALL.iter().map(of).collect();
    let may_close = actor.may::<CloseRound>().is_ok_and(|may| may.in_state(round.state).is_ok());
    show(&view, &RoundPage { round, network, standings, overdue, may_close })
}

async fn before_closing(base: &Base, actor: &Actor, id: MeasurementRoundId) -> Result<Confirm, Problem> {
    let db = base.db.reads();
    let round = store::find_round(db, actor, id).await?;
    let today = programmes::store::find(db, actor, round.programme).await?.day(base.clock.now());
    let tally = store::tally(db, actor, &round, today).await?;
    let missing = tally.by_standing.get(&Standing::Asked).copied().unwrap_or_default();
    let back = (address(id), actor.locale.text(&format!("moment-{}", round.moment)));
    let confirm = Confirm::new("round-close", back, format!("{}/close", address(id)));
    Ok(confirm.at(round.version).with("round-missing", missing.to_string()))
}

async fn close_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<CloseRound>,
    Key(id): Key<MeasurementRoundId>,
) -> Result<Response, Problem> {
    show(&view, &before_closing(&base, may.actor(), id).await?)
}

async fn close(
    Shared(base): Shared<Base>,
    view: View,
    may: May<CloseRound>,
    Key(id): Key<MeasurementRoundId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, _| {
        let round = store::close_round(w, id, version).await?;
        Ok(format!("/networks/{}/monitoring", round.network))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &before_closing(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{super::dashboard::tests::round, *};
    use crate::{foundation::page::samples, programmes::pages::tests::network};

    #[test]
    fn rounds_are_shown_in_both_languages() {
        let moments = vec![("baseline".to_owned(), "Línea <base>".to_owned())];
        samples(&NewPage { network: network(), moments, today: "2026-03-02".to_owned() });
        for (moment, state) in Moment::ALL.iter().zip([State::Open, State::Closed, State::Open]) {
            let standings = Standing::ALL.iter().map(|standing| (*standing, 4)).collect();
            let (round, network) = (round(*moment, state), "Red <chancado>".to_owned());
            samples(&RoundPage { round, network, standings, overdue: 2, may_close: state == State::Open });
        }
        let back = ("/x".to_owned(), "Línea de base".to_owned());
        samples(&Confirm::new("round-close", back, "/x/close".to_owned()).at(1).with("round-missing", "3"));
    }
}
