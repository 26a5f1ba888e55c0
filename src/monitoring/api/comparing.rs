//! Indicators beside their baseline.

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::DECIMALS;
use crate::{
    foundation::{
        Base,
        access::May,
        figure::brief,
        http::{Key, Reply},
        i18n::Locale,
        ids::{NetworkId, ProgrammeId},
        problem::Problem,
    },
    monitoring::{
        Compare, CompareProgramme,
        catalogue::{About, Direction},
        figures::{Compared, Withheld},
        rounds::Moment,
        store::{self, Row},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(of_network)).routes(routes!(of_programme))
}

/// An indicator at a moment beside its baseline, over the firms that are known at both.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorComparison)]
struct RowJson {
    /// Null: the whole programme.
    network: Option<NetworkId>,
    #[schema(example = "sales")]
    indicator: String,
    /// Its name, in the caller's language.
    name: String,
    about: About,
    direction: Direction,
    unit: String,
    /// The moment that is compared with the baseline.
    moment: Moment,
    /// Why the figures are withheld; null: they are not.
    withheld: Option<Withheld>,
    /// Firms behind the figures; null where they are withheld.
    firms: Option<usize>,
    /// Exact, shown with at most six decimals; null: no firm is known at both.
    mean_before: Option<String>,
    mean_after: Option<String>,
    median_before: Option<String>,
    median_after: Option<String>,
    /// Difference of the means, in the unit.
    #[schema(example = "2.5")]
    change: Option<String>,
    /// The same in percent; null where the mean was 0.
    #[schema(example = "15")]
    change_percent: Option<String>,
}

impl RowJson {
    fn new(row: Row, locale: Locale) -> Self {
        let (withheld, compared) = match row.compared {
            Ok(compared) => (None, compared),
            Err(why) => (Some(why), None),
        };
        let shown = |of: fn(&Compared) -> &num_rational::BigRational| {
            compared.as_ref().map(|compared| brief(of(compared), DECIMALS))
        };
        let percent = compared.as_ref().and_then(|compared| compared.percent_change.as_ref());
        Self {
            network: row.network,
            indicator: row.indicator.code.clone(),
            name: row.indicator.name.get(locale).to_owned(),
            about: row.indicator.about,
            direction: row.indicator.direction,
            unit: row.unit,
            moment: row.moment,
            firms: withheld.is_none().then(|| compared.as_ref().map_or(0, |compared| compared.firms)),
            withheld,
            mean_before: shown(|compared| &compared.mean_before),
            mean_after: shown(|compared| &compared.mean_after),
            median_before: shown(|compared| &compared.median_before),
            median_after: shown(|compared| &compared.median_after),
            change: shown(|compared| &compared.change),
            change_percent: percent.map(|percent| brief(percent, DECIMALS)),
        }
    }
}

/// Indicators beside their baseline.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorComparisons)]
struct RowsJson {
    items: Vec<RowJson>,
}

fn answer(rows: Vec<Row>, locale: Locale) -> Result<Reply, Problem> {
    Reply::ok(&RowsJson { items: rows.into_iter().map(|row| RowJson::new(row, locale)).collect() })
}

/// Compares a network's indicators with its baseline, over the firms that are known at both moments, once both rounds
/// are closed. Figures of fewer than five firms are withheld, and those that would give fewer away beside others.
#[utoipa::path(
    get, path = "/networks/{id}/indicators", operation_id = "indicators_compare", tag = "monitoring",
    params(("id" = NetworkId, Path)), responses((status = OK, body = RowsJson))
)]
async fn of_network(
    Shared(base): Shared<Base>,
    may: May<Compare>,
    Key(id): Key<NetworkId>,
) -> Result<Reply, Problem> {
    answer(store::of_network(base.db.reads(), may.actor(), id).await?, may.actor().locale)
}

/// Compares a programme's indicators with the baseline: in all (each firm once), and of the networks that one sees.
#[utoipa::path(
    get, path = "/programmes/{id}/indicators", operation_id = "indicators_compare_programme", tag = "monitoring",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = RowsJson))
)]
async fn of_programme(
    Shared(base): Shared<Base>,
    may: May<CompareProgramme>,
    Key(id): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    answer(store::of_programme(base.db.reads(), may.actor(), id).await?, may.actor().locale)
}
