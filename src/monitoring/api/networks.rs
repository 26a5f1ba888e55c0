//! The funnel of a network and its dependency over time, and how a lead firm pays.

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::DECIMALS;
use crate::{
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        fields::{Fields, Input, Nothing},
        figure::brief,
        http::{Body, Key, Params, Reply},
        i18n::Locale,
        ids::{NetworkId, OrganisationId},
        problem::Problem,
        share::Share,
    },
    monitoring::{
        ReadDependency, ReadFunnel, ReadOwnDependency, ReadPaymentDays, RecordDependency,
        dependency::{Band, MERGER_MARKS, Turn},
        figures::{Exact, Withheld},
        funnel::{Stage, Step},
        payment_days::PaymentDays,
        store::{self, Dependency, Record},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(funnel))
        .routes(routes!(dependency, record))
        .routes(routes!(own_dependency))
        .routes(routes!(payment_days))
}

/// A stage of the funnel.
#[derive(Serialize, ToSchema)]
#[schema(as = FunnelStep)]
struct StepJson {
    stage: Stage,
    /// Its name, in the caller's language.
    name: String,
    /// Suppliers that have come this far, or further.
    came: usize,
    /// Those of which the stage itself is on record.
    passed: usize,
    /// Those that have come no further, and may.
    waiting: usize,
    /// Those that have come no further, and have left or were refused.
    dropped: usize,
    /// Of those that came this far, percent that dropped off here; null of fewer than five.
    #[schema(example = "12.5")]
    drop_off_percent: Option<String>,
    /// Median of the days since the stage before that is on record of the same supplier; null of fewer than five, and
    /// of the first stage, before which there is none.
    #[schema(example = "21")]
    median_days: Option<String>,
    /// Why drop-off or days are withheld.
    withheld: Option<Withheld>,
}

/// The funnel of a network.
#[derive(Serialize, ToSchema)]
#[schema(as = Funnel)]
struct FunnelJson {
    items: Vec<StepJson>,
}

/// Looks at the funnel of a network: how many suppliers have come how far, how many days that took, where they drop off.
#[utoipa::path(
    get, path = "/networks/{id}/funnel", operation_id = "funnels_read", tag = "monitoring",
    params(("id" = NetworkId, Path)), responses((status = OK, body = FunnelJson))
)]
async fn funnel(
    Shared(base): Shared<Base>,
    may: May<ReadFunnel>,
    Key(id): Key<NetworkId>,
) -> Result<Reply, Problem> {
    let locale = may.actor().locale;
    let shown = |step: Step| StepJson {
        name: step.stage.name(locale),
        stage: step.stage,
        came: step.came,
        passed: step.passed,
        waiting: step.waiting,
        dropped: step.dropped,
        withheld: step.is_withheld().then_some(Withheld::FewerThanFive),
        drop_off_percent: step.drop_off.map(|percent| brief(&percent, DECIMALS)),
        median_days: step.median_days.map(|days| brief(&days, DECIMALS)),
    };
    let steps = store::read_funnel(base.db.reads(), may.actor(), id).await?;
    Reply::ok(&FunnelJson { items: steps.into_iter().map(shown).collect() })
}

/// Where a supplier stood to its buyers at a moment.
#[derive(Serialize, ToSchema)]
#[schema(as = DependencyRecord)]
struct RecordJson {
    supplier: OrganisationId,
    /// Null: now.
    recorded_at: Option<Timestamp>,
    /// The buyer group, or the firm alone, with the largest share of its sales.
    buyer_group: Option<Uuid>,
    /// That share, of 1; null: its sales are undisclosed, or there are none.
    #[schema(example = "0.24")]
    share: Option<String>,
    band: Band,
    /// Which way the band went since the record before: `worse` is an alert.
    turn: Option<Turn>,
    /// Index of concentration of the supplier's buyers, 0…10,000.
    #[schema(example = "1850")]
    hhi: Option<String>,
}

impl From<Record> for RecordJson {
    fn from(record: Record) -> Self {
        let shown = |exact: Option<Exact>, decimals| exact.map(|exact| brief(&exact, decimals));
        Self {
            supplier: record.supplier,
            recorded_at: record.recorded_at,
            buyer_group: record.buyer_group,
            share: shown(record.share, DECIMALS),
            band: record.band,
            turn: record.turn,
            hhi: shown(record.hhi, 2),
        }
    }
}

/// Concentration of all that known buyers buy of the network's suppliers: context, not a lever.
#[derive(Serialize, ToSchema)]
#[schema(as = MarketConcentration)]
struct MarketJson {
    /// Index of concentration, 0…10,000; null: withheld, or nothing is bought.
    hhi: Option<String>,
    /// Why it is withheld.
    withheld: Option<Withheld>,
    /// Reference marks of merger guidelines.
    #[schema(example = json!([1000, 1800, 2500]))]
    merger_marks: [i64; 3],
    /// What the marks are, and are not.
    note: String,
}

/// How a network's suppliers depend on their buyers, over time.
#[derive(Serialize, ToSchema)]
#[schema(as = NetworkDependency)]
struct DependencyJson {
    /// By supplier, in the order of time, the present last.
    items: Vec<RecordJson>,
    /// The programme's cap today.
    cap: Option<Share>,
    market: MarketJson,
}

impl DependencyJson {
    fn new(found: Dependency, only_alerts: bool, locale: Locale) -> Self {
        let records = found.records.into_iter();
        let records = records.filter(|record| !only_alerts || record.turn == Some(Turn::Worse));
        let (hhi, withheld) = match found.market {
            Ok(hhi) => (hhi.map(|hhi| brief(&hhi, 2)), None),
            Err(why) => (None, Some(why)),
        };
        let note = locale.text("market-marks-note");
        Self {
            items: records.map(RecordJson::from).collect(),
            cap: found.cap,
            market: MarketJson { hhi, withheld, merger_marks: MERGER_MARKS, note },
        }
    }
}

struct Asked {
    alerts: bool,
}

impl Input for Asked {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { alerts: f.or("alerts", false)? })
    }
}

/// Looks at how a network's suppliers depend on their buyers, now and over time: the share of the largest buyer group,
/// its band, and the index of concentration. `alerts=true`: only where the band became a more dangerous one.
#[utoipa::path(
    get, path = "/networks/{id}/dependency", operation_id = "dependency_read", tag = "monitoring",
    params(("id" = NetworkId, Path), ("alerts" = Option<bool>, Query)), responses((status = OK, body = DependencyJson))
)]
async fn dependency(
    Shared(base): Shared<Base>,
    may: May<ReadDependency>,
    Key(id): Key<NetworkId>,
    Params(Asked { alerts }): Params<Asked>,
) -> Result<Reply, Problem> {
    let found = store::read_dependency(base.db.reads(), may.actor(), id, base.clock.now()).await?;
    Reply::ok(&DependencyJson::new(found, alerts, may.actor().locale))
}

/// How one's own firm depends on its buyers, over time.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnDependency)]
struct OwnDependencyJson {
    /// In the order of time, the present last.
    records: Vec<RecordJson>,
    /// The programme's cap today.
    cap: Option<Share>,
}

/// Looks at how one's own firm depends on its buyers, now and over time, as a network that has selected it follows that:
/// nothing about anybody else.
#[utoipa::path(
    get, path = "/networks/{id}/own-dependency", operation_id = "dependency_read_own", tag = "monitoring",
    params(("id" = NetworkId, Path)), responses((status = OK, body = OwnDependencyJson))
)]
async fn own_dependency(
    Shared(base): Shared<Base>,
    may: May<ReadOwnDependency>,
    Key(id): Key<NetworkId>,
) -> Result<Reply, Problem> {
    let (records, cap) =
        store::read_own_dependency(base.db.reads(), may.actor(), id, base.clock.now()).await?;
    let records = records.into_iter().map(RecordJson::from).collect();
    Reply::ok(&OwnDependencyJson { records, cap })
}

/// How many were written down.
#[derive(Serialize, ToSchema)]
#[schema(as = DependencyRecorded)]
struct RecordedJson {
    /// Suppliers of which something was written down.
    recorded: usize,
}

/// Writes down where a network's suppliers stand to their buyers today; what has not changed this month stands already.
/// The service itself does so every month from the first round on.
#[utoipa::path(
    post, path = "/networks/{id}/dependency", operation_id = "dependency_record", tag = "monitoring",
    params(("id" = NetworkId, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = OK, body = RecordedJson))
)]
async fn record(
    Shared(base): Shared<Base>,
    may: May<RecordDependency>,
    Key(id): Key<NetworkId>,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let recorded = store::record_dependency(&w, id).await?;
        let reply = Reply::ok(&RecordedJson { recorded })?;
        Ok(w.done(reply))
    })
    .await
}

/// How many days a lead firm takes to pay.
#[derive(Serialize, ToSchema)]
#[schema(as = LeadFirmPaymentDays)]
struct PaymentDaysJson {
    lead_firm: OrganisationId,
    from: Day,
    to: Day,
    /// Why the figure is withheld.
    withheld: Option<Withheld>,
    /// Mean days from the invoice to its payment, of those paid; null: unknown or withheld.
    #[schema(example = "41.5")]
    days_to_pay: Option<String>,
    /// Their median: for the lead firm and its institutions, as all that follows.
    median_days: Option<String>,
    invoices: Option<usize>,
    paid: Option<usize>,
    /// Paid after the due day, or open beyond it.
    late: Option<usize>,
    suppliers: Option<usize>,
}

impl PaymentDaysJson {
    fn new(lead_firm: OrganisationId, found: PaymentDays) -> Self {
        let shown = |days: Option<Exact>| days.map(|days| brief(&days, DECIMALS));
        Self {
            lead_firm,
            from: found.from,
            to: found.to,
            withheld: found.withheld,
            days_to_pay: shown(found.mean),
            median_days: shown(found.median),
            invoices: found.counts.map(|counts| counts.invoices),
            paid: found.counts.map(|counts| counts.paid),
            late: found.counts.map(|counts| counts.late),
            suppliers: found.counts.map(|counts| counts.suppliers),
        }
    }
}

/// Looks at how many days a lead firm takes to pay. Itself and the institutions that work with it read the twelve months
/// up to today; a supplier under contract with it the mean of the twelve months to the end of the last quarter, when five
/// suppliers stand behind that.
#[utoipa::path(
    get, path = "/lead-firms/{id}/days-to-pay", operation_id = "payment_days_read", tag = "monitoring",
    params(("id" = OrganisationId, Path)), responses((status = OK, body = PaymentDaysJson))
)]
async fn payment_days(
    Shared(base): Shared<Base>,
    may: May<ReadPaymentDays>,
    Key(id): Key<OrganisationId>,
) -> Result<Reply, Problem> {
    let found = store::payment_days(base.db.reads(), may.actor(), id, base.clock.now()).await?;
    Reply::ok(&PaymentDaysJson::new(id, found))
}
