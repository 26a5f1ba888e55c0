//! The sales ledger: what suppliers sell, to whom, and what they can make; and who may see it.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set, Condition, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*,
    sea_query::OnConflict,
};
use serde_json::json;

use super::{
    consents,
    entities::{buyer_sale, capacity, institution_firm, organisation, supplier_profile},
    firms,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        http::IfVersion,
        ids::OrganisationId,
        money::{Currency, Money},
        problem::{FieldError, Problem},
    },
    organisations::{
        BuyerSales, Capacity, MOST_CAPACITIES, Profile, SalesSource, StatedBuyerSales, StatedCapacity,
        StatedSales, consents::Purpose,
    },
};

/// A firm's figures and diagnostics belong to the firm: its own people see them, and the officers of the
/// institutions that it works with.
///
/// # Errors
/// 404 for everybody else.
pub async fn demand_sight(
    db: &impl ConnectionTrait,
    actor: &Actor,
    firm: OrganisationId,
) -> Result<(), Problem> {
    if actor.is_system() || actor.organisation == firm {
        return Ok(());
    }
    let works_with = actor.kind() == Some(Kind::Institution)
        && institution_firm::Entity::find_by_id((actor.organisation, firm)).one(db).await?.is_some();
    if works_with { Ok(()) } else { Err(Problem::not_found()) }
}

/// The ids of the institutions that work with the actor's firm.
pub fn institutions_of(actor: &Actor) -> sea_orm::sea_query::SelectStatement {
    institution_firm::Entity::find()
        .select_only()
        .column(institution_firm::Column::InstitutionId)
        .filter(institution_firm::Column::FirmId.eq(actor.organisation))
        .into_query()
}

/// A supplier's profile. A supplier that has stated nothing has an empty one of version 0. A lead firm sees it with
/// the supplier's consent for that.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn profile(
    db: &impl ConnectionTrait,
    actor: &Actor,
    supplier: OrganisationId,
) -> Result<Profile, Problem> {
    consents::demand_sight(db, actor, supplier, Purpose::Profile).await?;
    firms::find_kind(db, actor, supplier, Kind::Supplier).await?;
    let stated = supplier_profile::Entity::find_by_id(supplier).one(db).await?;
    let sales = buyer_sale::Entity::find()
        .filter(buyer_sale::Column::SupplierId.eq(supplier))
        .order_by_asc(buyer_sale::Column::BuyerId)
        .order_by_asc(buyer_sale::Column::Source)
        .order_by_asc(buyer_sale::Column::Reference)
        .all(db)
        .await?;
    let capacities = capacity::Entity::find()
        .filter(capacity::Column::SupplierId.eq(supplier))
        .order_by_asc(capacity::Column::Process)
        .all(db)
        .await?;
    Ok(Profile {
        supplier,
        annual_sales: stated.as_ref().and_then(|s| Some(Money::new(s.annual_sales_minor?, s.currency))),
        currency: stated.as_ref().map(|s| s.currency).or(sales.first().map(|s| s.currency)),
        as_of: stated.as_ref().map(|s| s.as_of),
        source: stated.as_ref().map(|s| s.source),
        version: stated.as_ref().map_or(0, |s| s.version),
        buyer_sales: sales.into_iter().map(BuyerSales::from).collect(),
        capacities: capacities.into_iter().map(Capacity::from).collect(),
    })
}

/// States the annual sales of the actor's own firm. The first statement needs version 0.
///
/// # Errors
/// 412 for a stale version, 422 when the currency differs from the one used so far, for a day that is yet to come, or for
/// less than what is stated to single lead firms.
pub async fn state_sales(w: &Write, stated: StatedSales, version: IfVersion) -> Result<Profile, Problem> {
    let profile = put_sales(w, stated, version).await?;
    match beyond_all(&profile, "/annual_sales", true) {
        Some(fault) => Err(Problem::invalid(vec![fault])),
        None => Ok(profile),
    }
}

/// What is wrong when more is stated to single lead firms than in all; `is_of_all`: said of the whole, and not of a part.
pub fn beyond_all(profile: &Profile, pointer: &str, is_of_all: bool) -> Option<FieldError> {
    let (sum, all) = profile.stated_beyond_all()?;
    let code = if is_of_all { "less-than-to-buyers" } else { "more-than-in-all" };
    let said = |money: Money| format!("{} {}", money.amount(), money.currency);
    Some(FieldError::new(pointer, code).with("sum", said(sum)).with("all", said(all)))
}

/// [`state_sales`], one of several statements that are held against each other together.
///
/// # Errors
/// 412 for a stale version, 422 when the currency differs from the one used so far.
pub async fn put_sales(w: &Write, stated: StatedSales, version: IfVersion) -> Result<Profile, Problem> {
    let supplier = w.actor().organisation;
    lock(w, [supplier]).await?;
    let present = profile(w.db(), w.actor(), supplier).await?;
    version.check(present.version)?;
    let currency = stated.annual_sales.map(|money| money.currency).or(present.currency);
    let mut errors = yet_to_come(w, supplier, stated.as_of).await?;
    match currency {
        Some(currency) => errors.extend(other_currency(&present, currency, "/annual_sales")),
        None => errors.push(FieldError::new("/annual_sales", "required")),
    }
    let Some(currency) = currency.filter(|_| errors.is_empty()) else {
        return Err(Problem::invalid(errors));
    };
    put_profile(w, supplier, stated, currency, SalesSource::Declared, present.version + 1).await?;
    profile(w.db(), w.actor(), supplier).await
}

async fn put_profile(
    w: &Write,
    supplier: OrganisationId,
    stated: StatedSales,
    currency: Currency,
    source: SalesSource,
    version: i64,
) -> Result<(), Problem> {
    let row = supplier_profile::ActiveModel {
        supplier_id: Set(supplier),
        annual_sales_minor: Set(stated.annual_sales.map(|money| money.minor)),
        currency: Set(currency),
        as_of: Set(stated.as_of),
        source: Set(source),
        version: Set(version),
    };
    let columns = [
        supplier_profile::Column::AnnualSalesMinor,
        supplier_profile::Column::Currency,
        supplier_profile::Column::AsOf,
        supplier_profile::Column::Source,
        supplier_profile::Column::Version,
    ];
    supplier_profile::Entity::insert(row)
        .on_conflict(
            OnConflict::column(supplier_profile::Column::SupplierId).update_columns(columns).to_owned(),
        )
        .exec_without_returning(w.db())
        .await?;
    w.record(
        "profile",
        supplier,
        &json!({ "as_of": stated.as_of, "disclosed": stated.annual_sales.is_some() }),
    )
    .await
}

fn other_currency(present: &Profile, currency: Currency, pointer: &str) -> Option<FieldError> {
    let used = present.currency.filter(|used| *used != currency)?;
    Some(FieldError::new(pointer, "other-currency").with("currency", used))
}

/// What is wrong with the day of a statement: nobody knows what will have been sold.
async fn yet_to_come(w: &Write, supplier: OrganisationId, as_of: Day) -> Result<Vec<FieldError>, Problem> {
    let today = firms::day(w.db(), w.actor(), supplier, w.at()).await?;
    let is_to_come = as_of > today;
    Ok(is_to_come.then(|| FieldError::new("/as_of", "in-the-future")).into_iter().collect())
}

/// States the annual sales of the actor's own firm to one lead firm; 0 takes the statement back.
///
/// # Errors
/// 404 for no lead firm, 422 for another currency, for a day that is yet to come, or for more to all of them than is sold
/// in all.
pub async fn state_buyer_sales(
    w: &Write,
    buyer: OrganisationId,
    stated: StatedBuyerSales,
) -> Result<Profile, Problem> {
    let profile = put_sales_to(w, buyer, stated).await?;
    match beyond_all(&profile, "/amount", false) {
        Some(fault) => Err(Problem::invalid(vec![fault])),
        None => Ok(profile),
    }
}

/// [`state_buyer_sales`], one of several statements that are held against each other together.
///
/// # Errors
/// 404 for no lead firm, 422 for another currency.
pub async fn put_sales_to(
    w: &Write,
    buyer: OrganisationId,
    stated: StatedBuyerSales,
) -> Result<Profile, Problem> {
    let supplier = w.actor().organisation;
    firms::find_kind(w.db(), w.actor(), buyer, Kind::LeadFirm).await?;
    lock(w, [supplier]).await?;
    let present = profile(w.db(), w.actor(), supplier).await?;
    let mut errors = yet_to_come(w, supplier, stated.as_of).await?;
    errors.extend(other_currency(&present, stated.amount.currency, "/amount"));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    put_buyer_sales(w, supplier, buyer, stated, SalesSource::Declared, "").await?;
    profile(w.db(), w.actor(), supplier).await
}

/// Whether the ledger has an entry of that source and reference.
///
/// # Errors
/// What the database said.
pub async fn is_stated(
    w: &Write,
    supplier: OrganisationId,
    buyer: OrganisationId,
    source: SalesSource,
    reference: &str,
) -> Result<bool, Problem> {
    let id = (supplier, buyer, source, reference.to_owned());
    Ok(buyer_sale::Entity::find_by_id(id).one(w.db()).await?.is_some())
}

/// Writes an entry of the ledger, from whatever source; the same source and reference again replaces it. The
/// caller holds the supplier's [`lock`].
///
/// # Errors
/// What the database said.
pub async fn put_buyer_sales(
    w: &Write,
    supplier: OrganisationId,
    buyer: OrganisationId,
    stated: StatedBuyerSales,
    source: SalesSource,
    reference: &str,
) -> Result<(), Problem> {
    let row = buyer_sale::ActiveModel {
        supplier_id: Set(supplier),
        buyer_id: Set(buyer),
        source: Set(source),
        reference: Set(reference.to_owned()),
        amount_minor: Set(stated.amount.minor),
        currency: Set(stated.amount.currency),
        as_of: Set(stated.as_of),
        replaced_by_lot: Set(None),
    };
    let key = [
        buyer_sale::Column::SupplierId,
        buyer_sale::Column::BuyerId,
        buyer_sale::Column::Source,
        buyer_sale::Column::Reference,
    ];
    let columns = [buyer_sale::Column::AmountMinor, buyer_sale::Column::Currency, buyer_sale::Column::AsOf];
    buyer_sale::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    w.record("profile", supplier, &json!({ "buyer": buyer, "as_of": stated.as_of, "source": source })).await
}

/// States what the actor's own firm can make of one process in a year.
///
/// # Errors
/// 422 for one process more than a firm may state.
pub async fn state_capacity(w: &Write, process: String, stated: StatedCapacity) -> Result<Profile, Problem> {
    let supplier = w.actor().organisation;
    // So that two at once don't both find room for the last.
    lock(w, [supplier]).await?;
    let same = capacity::Entity::find_by_id((supplier, process.clone()));
    let own = capacity::Entity::find().filter(capacity::Column::SupplierId.eq(supplier));
    if same.one(w.db()).await?.is_none() && own.count(w.db()).await? >= MOST_CAPACITIES as u64 {
        let error = FieldError::new("/process", "too-many").with("most", MOST_CAPACITIES);
        return Err(Problem::invalid(vec![error]));
    }
    put_capacity(w, process, stated).await?;
    profile(w.db(), w.actor(), supplier).await
}

/// [`state_capacity`], one of several. The caller holds the supplier's [`lock`], and sees to it that there are not too
/// many.
///
/// # Errors
/// What the database said.
pub async fn put_capacity(w: &Write, process: String, stated: StatedCapacity) -> Result<(), Problem> {
    let supplier = w.actor().organisation;
    let row = capacity::ActiveModel {
        supplier_id: Set(supplier),
        process: Set(process.clone()),
        unit: Set(stated.unit),
        amount_millionths: Set(stated.amount_millionths),
    };
    let key = [capacity::Column::SupplierId, capacity::Column::Process];
    let columns = [capacity::Column::Unit, capacity::Column::AmountMillionths];
    capacity::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    w.record("profile", supplier, &json!({ "process": process })).await
}

/// Locks the positions of these suppliers until the write ends, in id order, so that two approvals that
/// share a supplier wait for each other instead of for ever. Whoever changes a position takes this lock
/// before reading it. SQLite's writes are alone anyway.
///
/// # Errors
/// 404 when one is no organisation, 409 `busy` when the wait was too long.
pub async fn lock(w: &Write, suppliers: impl IntoIterator<Item = OrganisationId>) -> Result<(), Problem> {
    let suppliers: BTreeSet<_> = suppliers.into_iter().collect();
    let asked = suppliers.len();
    let held = organisation::Entity::find()
        .select_only()
        .column(organisation::Column::Id)
        .filter(organisation::Column::Id.is_in(suppliers))
        .order_by_asc(organisation::Column::Id)
        .lock_exclusive()
        .into_tuple::<OrganisationId>()
        .all(w.db())
        .await?;
    if held.len() < asked { Err(Problem::not_found()) } else { Ok(()) }
}

/// Locks whom a change of these lead firms' buyer groups concerns: first every supplier whose business with
/// them, or with others of their groups, may be counted anew (those that sell to them, and those of the
/// institutions that work with them, where something may be approved), then the lead firms themselves.
///
/// # Errors
/// 409 `busy` when the wait was too long.
pub(super) async fn lock_buyers(w: &Write, firms: &[OrganisationId]) -> Result<(), Problem> {
    let groups = organisation::Entity::find()
        .select_only()
        .column(organisation::Column::BuyerGroupId)
        .filter(organisation::Column::Id.is_in(firms.iter().copied()))
        .filter(organisation::Column::BuyerGroupId.is_not_null())
        .into_query();
    let theirs = Condition::any()
        .add(organisation::Column::Id.is_in(firms.iter().copied()))
        .add(organisation::Column::BuyerGroupId.in_subquery(groups));
    let buyers = organisation::Entity::find().filter(theirs).all(w.db()).await?;
    let buyers: Vec<OrganisationId> = buyers.into_iter().map(|buyer| buyer.id).collect();
    let sellers = buyer_sale::Entity::find()
        .select_only()
        .column(buyer_sale::Column::SupplierId)
        .filter(buyer_sale::Column::BuyerId.is_in(buyers.iter().copied()))
        .into_query();
    let institutions = institution_firm::Entity::find()
        .select_only()
        .column(institution_firm::Column::InstitutionId)
        .filter(institution_firm::Column::FirmId.is_in(buyers.iter().copied()))
        .into_query();
    let of_institutions = institution_firm::Entity::find()
        .select_only()
        .column(institution_firm::Column::FirmId)
        .filter(institution_firm::Column::InstitutionId.in_subquery(institutions))
        .into_query();
    let concerned = Condition::any()
        .add(organisation::Column::Id.in_subquery(sellers))
        .add(organisation::Column::Id.in_subquery(of_institutions));
    let suppliers = organisation::Entity::find()
        .filter(organisation::Column::Kind.eq(Kind::Supplier))
        .filter(concerned)
        .all(w.db())
        .await?;
    lock(w, suppliers.into_iter().map(|supplier| supplier.id)).await?;
    lock(w, buyers).await
}

/// The suppliers that have consented that the actor's own lead firm sees their gaps.
///
/// # Errors
/// What the database said.
pub async fn consenting_suppliers(
    db: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Vec<OrganisationId>, Problem> {
    consents::consenting(db, actor, Purpose::Gaps).await
}

/// Sets what an import knows of a supplier: its position in the ledger, undisclosed annual sales. The caller
/// holds the supplier's [`lock`].
///
/// # Errors
/// What the database said.
pub async fn import_undisclosed(
    w: &Write,
    supplier: OrganisationId,
    currency: Currency,
    as_of: Day,
) -> Result<(), Problem> {
    if supplier_profile::Entity::find_by_id(supplier).one(w.db()).await?.is_some() {
        return Ok(());
    }
    let stated = StatedSales { annual_sales: None, as_of };
    put_profile(w, supplier, stated, currency, SalesSource::Import, 1).await
}

impl From<buyer_sale::Model> for BuyerSales {
    fn from(row: buyer_sale::Model) -> Self {
        let amount = Money::new(row.amount_minor, row.currency);
        Self {
            buyer: row.buyer_id,
            amount,
            as_of: row.as_of,
            source: row.source,
            replaced_by_lot: row.replaced_by_lot,
        }
    }
}

impl From<capacity::Model> for Capacity {
    fn from(row: capacity::Model) -> Self {
        Self { process: row.process, unit: row.unit, amount_millionths: row.amount_millionths }
    }
}
