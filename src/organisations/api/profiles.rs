//! Suppliers' profiles: sales and capacities, with what they can do.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::skills::{CertificateJson, ProcessJson, process_name};
use crate::{
    foundation::{
        Base,
        access::May,
        clock::Day,
        db::{Once, Write},
        http::{Body, IfVersion, Key, Reply, etag},
        ids::OrganisationId,
        money::{Money, UnitPrice},
        problem::Problem,
    },
    organisations::{
        BuyerSales, Capacity, Profile, ReadProfile, SalesSource, StateBuyerSales, StateCapacity, StateSales,
        StatedBuyerSales, StatedCapacity, StatedSales, consents::Purpose, reading_log, skills::Skills, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(state_sales))
        .routes(routes!(state_buyer_sales))
        .routes(routes!(state_capacity))
}

/// A supplier's economic position.
#[derive(Serialize, ToSchema)]
#[schema(as = Profile)]
struct ProfileJson {
    supplier: OrganisationId,
    /// Sales of the last twelve months; null = undisclosed.
    annual_sales: Option<Money>,
    as_of: Option<Day>,
    /// Where the annual sales come from.
    source: Option<SalesSource>,
    buyer_sales: Vec<BuyerSalesJson>,
    capacities: Vec<CapacityJson>,
    processes: Vec<ProcessJson>,
    certificates: Vec<CertificateJson>,
    etag: String,
}

/// Annual sales to one buyer.
#[derive(Serialize, ToSchema)]
#[schema(as = BuyerSales)]
struct BuyerSalesJson {
    buyer: OrganisationId,
    amount: Money,
    as_of: Day,
    source: SalesSource,
}

/// What a supplier can make of one process in a year.
#[derive(Serialize, ToSchema)]
#[schema(as = Capacity)]
struct CapacityJson {
    process: String,
    unit: String,
    /// Decimal.
    #[schema(value_type = String)]
    amount: UnitPrice,
}

impl ProfileJson {
    fn new(p: Profile, skills: Skills, today: Day) -> Self {
        let sales = p.buyer_sales.into_iter().map(|BuyerSales { buyer, amount, as_of, source, .. }| {
            BuyerSalesJson { buyer, amount, as_of, source }
        });
        let capacities = p.capacities.into_iter().map(|Capacity { process, unit, amount_millionths }| {
            CapacityJson { process, unit, amount: UnitPrice(amount_millionths) }
        });
        let certificates = skills.certificates.into_iter().map(|c| CertificateJson::new(c, today));
        Self {
            supplier: p.supplier,
            annual_sales: p.annual_sales,
            as_of: p.as_of,
            source: p.source,
            buyer_sales: sales.collect(),
            capacities: capacities.collect(),
            processes: skills.processes.into_iter().map(ProcessJson::from).collect(),
            certificates: certificates.collect(),
            etag: etag(p.version),
        }
    }
}

/// One's own profile as it is after a change.
async fn answer(w: &Write, profile: Profile) -> Result<Reply, Problem> {
    let skills = store::skills::skills(w.db(), w.actor(), profile.supplier).await?;
    let today = store::firms::day(w.db(), w.actor(), profile.supplier, w.at()).await?;
    let version = profile.version;
    Ok(Reply::ok(&ProfileJson::new(profile, skills, today))?.version(version))
}

/// Looks at a supplier's profile. Undisclosed stays undisclosed; figures come with their day and source. A lead firm
/// needs the supplier's consent, and the supplier reads in its log who looked.
#[utoipa::path(
    get, path = "/organisations/{id}/profile", operation_id = "profiles_read", tag = "organisations",
    params(("id" = OrganisationId, Path)), responses((status = OK, body = ProfileJson))
)]
async fn read(
    State(base): State<Base>,
    may: May<ReadProfile>,
    Key(id): Key<OrganisationId>,
) -> Result<Reply, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let profile = store::ledger::profile(db, actor, id).await?;
    let skills = store::skills::skills(db, actor, id).await?;
    reading_log::note(&base, may, Purpose::Profile, "profile", vec![(id, id.0)]).await?;
    let today = store::firms::day(db, actor, id, base.clock.now()).await?;
    let version = profile.version;
    Ok(Reply::ok(&ProfileJson::new(profile, skills, today))?.version(version))
}

/// Annual sales, as stated by the supplier.
#[derive(ToSchema)]
#[schema(as = StatedSales)]
#[expect(dead_code, reason = "describes what `StatedSales` reads")]
struct StatedSalesJson {
    /// Absent or null: undisclosed. Undisclosed is not zero: only the programme's allowance applies then.
    annual_sales: Option<Money>,
    as_of: Day,
}

/// States one's annual sales, as of today or an earlier day where the firm is. The first statement goes with
/// `If-Match: "0"`.
#[utoipa::path(
    put, path = "/profile/sales", operation_id = "profiles_state_sales", tag = "organisations",
    params(("If-Match" = String, Header)), request_body = StatedSalesJson,
    responses((status = OK, body = ProfileJson))
)]
async fn state_sales(
    State(base): State<Base>,
    may: May<StateSales>,
    version: IfVersion,
    Body { value, .. }: Body<StatedSales>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        let profile = store::ledger::state_sales(&w, value, version).await?;
        let reply = answer(&w, profile).await?;
        Ok(w.done(reply))
    })
    .await
}

/// Annual sales to one lead firm, as stated by the supplier.
#[derive(ToSchema)]
#[schema(as = StatedBuyerSales)]
#[expect(dead_code, reason = "describes what `StatedBuyerSales` reads")]
struct StatedBuyerSalesJson {
    amount: Money,
    as_of: Day,
}

/// States one's annual sales to one lead firm, as of today or an earlier day where the firm is; stating it again
/// replaces it.
#[utoipa::path(
    put, path = "/profile/sales/{buyer}", operation_id = "profiles_state_buyer_sales", tag = "organisations",
    params(("buyer" = OrganisationId, Path)), request_body = StatedBuyerSalesJson,
    responses((status = OK, body = ProfileJson))
)]
async fn state_buyer_sales(
    State(base): State<Base>,
    may: May<StateBuyerSales>,
    Key(buyer): Key<OrganisationId>,
    Body { value, .. }: Body<StatedBuyerSales>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        let profile = store::ledger::state_buyer_sales(&w, buyer, value).await?;
        let reply = answer(&w, profile).await?;
        Ok(w.done(reply))
    })
    .await
}

/// Capacity in one process, as stated by the supplier.
#[derive(ToSchema)]
#[schema(as = StatedCapacity)]
#[expect(dead_code, reason = "describes what `StatedCapacity` reads")]
struct StatedCapacityJson {
    #[schema(example = "kg")]
    unit: String,
    /// Decimal.
    #[schema(example = "12000")]
    amount: String,
}

/// States one's yearly capacity in one process; stating it again replaces it.
#[utoipa::path(
    put, path = "/profile/capacities/{process}", operation_id = "profiles_state_capacity", tag = "organisations",
    params(("process" = String, Path)), request_body = StatedCapacityJson,
    responses((status = OK, body = ProfileJson))
)]
async fn state_capacity(
    State(base): State<Base>,
    may: May<StateCapacity>,
    Key(process): Key<String>,
    Body { value, .. }: Body<StatedCapacity>,
) -> Result<Reply, Problem> {
    let process = process_name(process)?;
    base.write(may, Once::never(), async |w| {
        let profile = store::ledger::state_capacity(&w, process, value).await?;
        let reply = answer(&w, profile).await?;
        Ok(w.done(reply))
    })
    .await
}
