//! Drawing up, signing and ending contracts.

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    contracts::{
        AnnounceRenewal, Contract, Create, End, Line, List, NewContract, Read, Renewal, Sign, State,
        Terminate, Withdraw, WithdrawRenewal,
        store::{self, Filter},
    },
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        fields::{Fields, Input, Nothing, Reason},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{ContractId, LotId, MatchId, OrganisationId, ProgrammeId, RequirementId},
        money::{Money, UnitPrice},
        problem::Problem,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(read))
        .routes(routes!(sign))
        .routes(routes!(withdraw))
        .routes(routes!(end))
        .routes(routes!(terminate))
        .routes(routes!(announce_renewal))
        .routes(routes!(withdraw_renewal))
}

/// A supply contract.
#[derive(Serialize, ToSchema)]
#[schema(as = Contract)]
struct ContractJson {
    id: ContractId,
    programme: ProgrammeId,
    requirement: RequirementId,
    lead_firm: OrganisationId,
    supplier: OrganisationId,
    state: State,
    starts_on: Day,
    /// Its last day.
    ends_on: Day,
    /// Days from the invoice to the payment, as agreed.
    payment_days: i32,
    lines: Vec<LineJson>,
    /// Sum of its lines.
    amount: Money,
    /// What it brings in a year: what enters the supplier's sales ledger while it is active.
    annual_amount: Money,
    /// The contract that it renews.
    renews: Option<ContractId>,
    /// The lot that is announced to renew it: the supplier's match of that lot replaces its sales.
    renewed_by_lot: Option<LotId>,
    /// SHA-256 of the terms: what both sign.
    content_hash: String,
    /// When the supplier signed.
    supplier_signed_at: Option<Timestamp>,
    /// When the lead firm signed.
    lead_firm_signed_at: Option<Timestamp>,
    /// The day on which it ended.
    ended_on: Option<Day>,
    /// Why it was withdrawn or terminated.
    reason: Option<String>,
    created_at: Timestamp,
    etag: String,
}

/// A line of a contract: an approved match.
#[derive(Serialize, ToSchema)]
#[schema(as = ContractLine)]
struct LineJson {
    r#match: MatchId,
    lot: LotId,
    /// Whole units.
    quantity: i64,
    unit_price: UnitPrice,
    years: i32,
    amount: Money,
}

impl From<Contract> for ContractJson {
    fn from(contract: Contract) -> Self {
        let line = |line: Line| LineJson {
            r#match: line.r#match,
            lot: line.lot,
            quantity: line.quantity,
            unit_price: line.unit_price,
            years: line.years,
            amount: line.amount,
        };
        Self {
            id: contract.id,
            programme: contract.programme,
            requirement: contract.requirement,
            lead_firm: contract.lead_firm,
            supplier: contract.supplier,
            state: contract.state,
            starts_on: contract.starts_on,
            ends_on: contract.ends_on,
            payment_days: contract.payment_days,
            lines: contract.lines.into_iter().map(line).collect(),
            amount: contract.amount,
            annual_amount: contract.annual_amount,
            renews: contract.renews,
            renewed_by_lot: contract.renewed_by_lot,
            content_hash: contract.content_hash,
            supplier_signed_at: contract.supplier_signed.map(|signature| signature.at),
            lead_firm_signed_at: contract.lead_firm_signed.map(|signature| signature.at),
            ended_on: contract.ended_on,
            reason: contract.reason,
            created_at: contract.created_at,
            etag: etag(contract.version),
        }
    }
}

fn answer(contract: Contract) -> Result<Reply, Problem> {
    let version = contract.version;
    Ok(Reply::ok(&ContractJson::from(contract))?.version(version))
}

/// A contract to draw up.
#[derive(ToSchema)]
#[schema(as = NewContract)]
#[expect(dead_code, reason = "describes what `NewContract` reads")]
struct NewContractJson {
    /// Approved matches of one requirement and supplier.
    matches: Vec<MatchId>,
    starts_on: Day,
    /// Days from the invoice to the payment.
    #[schema(example = 30)]
    payment_days: i32,
    /// An active contract between the same firms, which ends when this one becomes active.
    renews: Option<ContractId>,
}

/// Draws a contract up from approved matches. Both firms must sign it.
#[utoipa::path(
    post, path = "/contracts", operation_id = "contracts_create", tag = "contracts",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewContractJson,
    responses((status = CREATED, body = ContractJson, links(
        ("read" = (operation_id = "contracts_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn create(
    Shared(base): Shared<Base>,
    may: May<Create>,
    Body { value, once }: Body<NewContract>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let contract = store::draw_up(&w, value).await?;
        let (location, version) = (format!("/api/v1/contracts/{}", contract.id), contract.version);
        let reply = Reply::created(location, &ContractJson::from(contract))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Looks at a contract in which one's firm takes part, or of one's programme.
#[utoipa::path(
    get, path = "/contracts/{id}", operation_id = "contracts_read", tag = "contracts",
    params(("id" = ContractId, Path)), responses((status = OK, body = ContractJson))
)]
async fn read(
    Shared(base): Shared<Base>,
    may: May<Read>,
    Key(id): Key<ContractId>,
) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id).await?)
}

struct Listed {
    filter: Filter,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, state) = (f.optional("programme"), f.optional("state"));
        let window = Window::read(f);
        Some(Self { filter: Filter { programme: programme?, state: state? }, window: window? })
    }
}

/// Lists the contracts that one may see.
#[utoipa::path(
    get, path = "/contracts", operation_id = "contracts_list", tag = "contracts",
    params(
        ("programme" = Option<ProgrammeId>, Query), ("state" = Option<State>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)
    ),
    responses((status = OK, body = Page<ContractJson>))
)]
async fn list(
    Shared(base): Shared<Base>,
    may: May<List>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Page<ContractJson>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), filter, &window).await?;
    Ok(page.map(ContractJson::from))
}

/// Signs a contract for one's firm. With the second signature it is active and enters the sales ledger.
#[utoipa::path(
    post, path = "/contracts/{id}/sign", operation_id = "contracts_sign", tag = "contracts",
    params(("id" = ContractId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = OK, body = ContractJson))
)]
async fn sign(
    Shared(base): Shared<Base>,
    may: May<Sign>,
    Key(id): Key<ContractId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::sign(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Withdraws a contract that is not active yet; its matches can be drawn up again.
#[utoipa::path(
    post, path = "/contracts/{id}/withdraw", operation_id = "contracts_withdraw", tag = "contracts",
    params(("id" = ContractId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Reason, responses((status = OK, body = ContractJson))
)]
async fn withdraw(
    Shared(base): Shared<Base>,
    may: May<Withdraw>,
    Key(id): Key<ContractId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::withdraw(&w, id, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Ends a contract whose last day has passed: its sales leave the ledger.
#[utoipa::path(
    post, path = "/contracts/{id}/end", operation_id = "contracts_end", tag = "contracts",
    params(("id" = ContractId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = OK, body = ContractJson))
)]
async fn end(
    Shared(base): Shared<Base>,
    may: May<End>,
    Key(id): Key<ContractId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::end(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Terminates a contract before its term is over: its sales leave the ledger.
#[utoipa::path(
    post, path = "/contracts/{id}/terminate", operation_id = "contracts_terminate", tag = "contracts",
    params(("id" = ContractId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Reason, responses((status = OK, body = ContractJson))
)]
async fn terminate(
    Shared(base): Shared<Base>,
    may: May<Terminate>,
    Key(id): Key<ContractId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::terminate(&w, id, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// The lot that renews a contract.
#[derive(ToSchema)]
#[schema(as = Renewal)]
#[expect(dead_code, reason = "describes what `Renewal` reads")]
struct RenewalJson {
    /// A lot of the same lead firm.
    lot: LotId,
}

/// Announces that a lot renews a contract: where the supplier is awarded that lot, the contract's sales are left
/// out, because a renewal replaces the sales that it renews. Until then they count.
#[utoipa::path(
    post, path = "/contracts/{id}/renewal", operation_id = "contracts_announce_renewal", tag = "contracts",
    params(("id" = ContractId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = RenewalJson, responses((status = OK, body = ContractJson))
)]
async fn announce_renewal(
    Shared(base): Shared<Base>,
    may: May<AnnounceRenewal>,
    Key(id): Key<ContractId>,
    version: IfVersion,
    Body { value, once }: Body<Renewal>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::announce_renewal(&w, id, version, value.lot).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Takes the announcement of a renewal back: whatever is awarded, the contract's sales count.
#[utoipa::path(
    post, path = "/contracts/{id}/renewal/withdraw", operation_id = "contracts_withdraw_renewal", tag = "contracts",
    params(("id" = ContractId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = OK, body = ContractJson))
)]
async fn withdraw_renewal(
    Shared(base): Shared<Base>,
    may: May<WithdrawRenewal>,
    Key(id): Key<ContractId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::withdraw_renewal(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}
