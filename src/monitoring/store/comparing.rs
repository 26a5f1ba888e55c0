//! Indicators compared with the baseline: of a network, and of a programme in all and by network.
//!
//! All figures of a programme are judged together, whoever asks for which, so that nobody learns from one list what is
//! withheld in another. Those of closed rounds alone are told.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use sea_orm::{ConnectionTrait, QueryOrder, entity::prelude::*};

use super::{
    entities::{answer, measurement},
    rounds::{network, of_programme as rounds_of},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        http::list::Window,
        ids::{MeasurementRoundId, NetworkId, OrganisationId, ProgrammeId},
        money::Currency,
        problem::Problem,
    },
    monitoring::{
        catalogue::{self, Indicator},
        figures::{Compared, Exact, Pairs, Withheld, withheld},
        rounds::{Moment, Round},
    },
    programmes,
};

/// An indicator at a moment, beside its baseline.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Of which network; `None`: of the whole programme.
    pub network: Option<NetworkId>,
    /// The indicator.
    pub indicator: &'static Indicator,
    /// The unit, as it is written.
    pub unit: String,
    /// The moment that is compared with the baseline.
    pub moment: Moment,
    /// The figures, or why there are none to be told. `None`: no firm is known at both.
    pub compared: Result<Option<Compared>, Withheld>,
}

/// What is known of firms in a round, by indicator.
type Values = BTreeMap<String, BTreeMap<OrganisationId, Option<Exact>>>;

async fn values(db: &impl ConnectionTrait, round: MeasurementRoundId) -> Result<Values, Problem> {
    let rows = measurement::Entity::find().filter(measurement::Column::RoundId.eq(round)).all(db).await?;
    let mut last = BTreeMap::new();
    for ids in rows.chunks(1_000) {
        let given = answer::Entity::find()
            .filter(answer::Column::MeasurementId.is_in(ids.iter().map(|row| row.id)))
            .order_by_asc(answer::Column::Revision);
        last.extend(given.all(db).await?.into_iter().map(|row| (row.measurement_id, row.value)));
    }
    let mut values = Values::new();
    for row in rows {
        let value = last.remove(&row.id).flatten().map(|text| text.parse::<BigRational>());
        let value = value.transpose().map_err(Problem::internal)?;
        values.entry(row.indicator).or_default().insert(row.firm_id, value);
    }
    Ok(values)
}

/// A comparison before it is judged.
struct Drawn {
    network: Option<NetworkId>,
    indicator: &'static Indicator,
    moment: Moment,
    pairs: Pairs,
    is_open: bool,
}

/// What a network's rounds have of one indicator at one moment.
struct OfNetwork {
    network: NetworkId,
    pairs: Pairs,
    /// Since when both rounds are closed; `None`: not yet.
    closed_at: Option<Timestamp>,
}

/// Every comparison of a programme, in the order in which they could be told: a network's when its rounds have closed,
/// before it the total that grows with it. Somebody may have read each.
async fn drawn(db: &impl ConnectionTrait, id: ProgrammeId) -> Result<Vec<Drawn>, Problem> {
    let mut by_network: BTreeMap<NetworkId, BTreeMap<Moment, (Round, Values)>> = BTreeMap::new();
    for round in rounds_of(db, id).await? {
        let known = values(db, round.id).await?;
        by_network.entry(round.network).or_default().insert(round.moment, (round, known));
    }
    let mut all = Vec::new();
    for indicator in &catalogue::present().indicators {
        for moment in [Moment::Month12, Moment::Month24] {
            let of_network = |(network, measured): (&NetworkId, &BTreeMap<Moment, (Round, Values)>)| {
                let (before, after) = (measured.get(&Moment::Baseline)?, measured.get(&moment)?);
                let (then, now) = (before.1.get(&indicator.code)?, after.1.get(&indicator.code)?);
                let closed_at = before.0.closed_at.zip(after.0.closed_at).map(|(one, other)| one.max(other));
                Some(OfNetwork { network: *network, pairs: Pairs::of(then, now), closed_at })
            };
            let mut found: Vec<OfNetwork> = by_network.iter().filter_map(of_network).collect();
            found.sort_by_key(|one| (one.closed_at.is_none(), one.closed_at));
            let mut total = Pairs::default();
            for (at, OfNetwork { network, pairs, closed_at }) in found.into_iter().enumerate() {
                let is_open = closed_at.is_none();
                if !is_open {
                    total.extend(&pairs);
                }
                if !is_open || at == 0 {
                    all.push(Drawn { network: None, indicator, moment, pairs: total.clone(), is_open });
                }
                all.push(Drawn { network: Some(network), indicator, moment, pairs, is_open });
            }
        }
    }
    Ok(all)
}

fn judged(drawn: Vec<Drawn>, currency: Currency) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut of_indicator: BTreeMap<&str, Vec<Drawn>> = BTreeMap::new();
    for one in drawn {
        of_indicator.entry(&one.indicator.code).or_default().push(one);
    }
    for indicator in &catalogue::present().indicators {
        let Some(drawn) = of_indicator.remove(indicator.code.as_str()) else { continue };
        let told: Vec<BTreeSet<OrganisationId>> =
            drawn.iter().map(|one| if one.is_open { BTreeSet::new() } else { one.pairs.firms() }).collect();
        for (one, why) in drawn.into_iter().zip(withheld(&told)) {
            let why = if one.is_open { Some(Withheld::RoundOpen) } else { why };
            let row = Row {
                network: one.network,
                indicator,
                unit: indicator.unit.name(currency).to_string(),
                moment: one.moment,
                compared: why.map_or_else(|| Ok(one.pairs.compared()), Err),
            };
            let is_same = |other: &&mut Row| {
                other.network.is_none()
                    && row.network.is_none()
                    && (&other.indicator.code, other.moment) == (&row.indicator.code, row.moment)
            };
            match rows.iter_mut().find(is_same) {
                // The total as it grew: the last that may be told stands.
                Some(before) if before.compared.is_err() || row.compared.is_ok() => *before = row,
                Some(_) => {}
                None => rows.push(row),
            }
        }
    }
    rows
}

/// A network's indicators beside its baseline.
///
/// # Errors
/// 404 when the actor is nobody of the institution who sees the network.
pub async fn of_network(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
) -> Result<Vec<Row>, Problem> {
    let found = network(db, actor, id).await?;
    let service = Actor::system(actor.organisation);
    let programme = programmes::store::find(db, &service, found.programme).await?;
    let mut rows = judged(drawn(db, found.programme).await?, programme.currency);
    rows.retain(|row| row.network == Some(id));
    Ok(rows)
}

/// A programme's indicators beside its baseline: in all, and of the networks that the actor sees.
///
/// # Errors
/// 404 when the actor is nobody of the institution.
pub async fn of_programme(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<Vec<Row>, Problem> {
    if !actor.is_system() && actor.kind() != Some(Kind::Institution) {
        return Err(Problem::not_found());
    }
    let programme = programmes::store::find(db, actor, id).await?;
    let (mut seen, mut cursor) = (BTreeSet::new(), None);
    loop {
        let window = Window::at(100, cursor);
        let page = programmes::store::list_networks(db, actor, Some(id), &window).await?;
        seen.extend(page.items.iter().map(|network| network.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let mut rows = judged(drawn(db, id).await?, programme.currency);
    rows.retain(|row| row.network.is_none_or(|network| seen.contains(&network)));
    Ok(rows)
}
