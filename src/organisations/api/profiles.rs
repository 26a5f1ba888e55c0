//! Suppliers' sales and capacities, and whom they let see their gaps.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::Day,
        db::Once,
        http::{Body, IfVersion, Key, Reply, etag},
        ids::OrganisationId,
        money::{Money, UnitPrice},
        problem::{FieldError, Problem},
    },
    organisations::{
        BuyerSales, Capacity, Consent, ListConsents, Profile, ReadProfile, RevokeConsent, SalesSource,
        StateBuyerSales, StateCapacity, StateSales, StatedBuyerSales, StatedCapacity, StatedSales, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(state_sales))
        .routes(routes!(state_buyer_sales))
        .routes(routes!(state_capacity))
        .routes(routes!(consent, revoke))
        .routes(routes!(list_consents))
}

/// A supplier's economic position.
#[derive(Serialize, ToSchema)]
#[schema(as = Profile)]
struct ProfileJson {
    supplier: OrganisationId,
    /// Sales of the last twelve months; null = undisclosed.
    annual_sales: Option<Money>,
    as_of: Option<Day>,
    buyer_sales: Vec<BuyerSalesJson>,
    capacities: Vec<CapacityJson>,
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

impl From<Profile> for ProfileJson {
    fn from(p: Profile) -> Self {
        let sales = p.buyer_sales.into_iter().map(|BuyerSales { buyer, amount, as_of, source, .. }| {
            BuyerSalesJson { buyer, amount, as_of, source }
        });
        let capacities = p.capacities.into_iter().map(|Capacity { process, unit, amount_millionths }| {
            CapacityJson { process, unit, amount: UnitPrice(amount_millionths) }
        });
        Self {
            supplier: p.supplier,
            annual_sales: p.annual_sales,
            as_of: p.as_of,
            buyer_sales: sales.collect(),
            capacities: capacities.collect(),
            etag: etag(p.version),
        }
    }
}

fn answer(profile: Profile) -> Result<Reply, Problem> {
    let version = profile.version;
    Ok(Reply::ok(&ProfileJson::from(profile))?.version(version))
}

/// Looks at a supplier's sales and capacities.
#[utoipa::path(
    get, path = "/organisations/{id}/profile", operation_id = "profiles_read", tag = "organisations",
    params(("id" = OrganisationId, Path)), responses((status = OK, body = ProfileJson))
)]
async fn read(
    State(base): State<Base>,
    may: May<ReadProfile>,
    Key(id): Key<OrganisationId>,
) -> Result<Reply, Problem> {
    answer(store::ledger::profile(base.db.reads(), may.actor(), id).await?)
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

/// States one's annual sales. The first statement goes with `If-Match: "0"`.
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
        let reply = answer(store::ledger::state_sales(&w, value, version).await?)?;
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

/// States one's annual sales to one lead firm; stating it again replaces it.
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
        let reply = answer(store::ledger::state_buyer_sales(&w, buyer, value).await?)?;
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
    if !(1..=60).contains(&process.chars().count()) {
        let error = FieldError::new("/process", "wrong-length").with("least", 1).with("most", 60);
        return Err(Problem::invalid(vec![error]));
    }
    base.write(may, Once::never(), async |w| {
        let reply = answer(store::ledger::state_capacity(&w, process, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Lets a lead firm see one's gaps for its requirements.
#[utoipa::path(
    put, path = "/consents/{lead_firm}", operation_id = "consents_give", tag = "organisations",
    params(("lead_firm" = OrganisationId, Path)), responses((status = NO_CONTENT))
)]
async fn consent(
    State(base): State<Base>,
    may: May<Consent>,
    Key(lead_firm): Key<OrganisationId>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::ledger::consent(&w, lead_firm).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// Takes a consent back.
#[utoipa::path(
    delete, path = "/consents/{lead_firm}", operation_id = "consents_revoke", tag = "organisations",
    params(("lead_firm" = OrganisationId, Path)), responses((status = NO_CONTENT))
)]
async fn revoke(
    State(base): State<Base>,
    may: May<RevokeConsent>,
    Key(lead_firm): Key<OrganisationId>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::ledger::revoke_consent(&w, lead_firm).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// The lead firms that see one's gaps.
#[derive(Serialize, ToSchema)]
struct Consents {
    items: Vec<OrganisationId>,
}

/// Lists the lead firms that see one's gaps.
#[utoipa::path(
    get, path = "/consents", operation_id = "consents_list", tag = "organisations",
    responses((status = OK, body = Consents))
)]
async fn list_consents(State(base): State<Base>, may: May<ListConsents>) -> Result<Reply, Problem> {
    Reply::ok(&Consents { items: store::ledger::consents(base.db.reads(), may.actor()).await? })
}
