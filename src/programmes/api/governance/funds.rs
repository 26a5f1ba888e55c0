//! A programme's funds.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        http::{
            Body, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::ProgrammeId,
        money::Money,
        problem::Problem,
    },
    programmes::{
        governance::{
            AssignFunds, ListFunds, ReadFunds,
            funds::{FundEntry, Funds, NewFundEntry},
        },
        store::governance as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(read_funds)).routes(routes!(assign, list_entries))
}

/// The sums of a programme's funds. Assigned is at least committed and reserved together, committed at least
/// disbursed, disbursed at least justified.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeFunds)]
struct FundsJson {
    /// By the strategic direction.
    assigned: Money,
    /// For running calls, and not awarded yet.
    reserved: Money,
    /// To projects.
    committed: Money,
    /// Paid to projects.
    disbursed: Money,
    /// Of that, justified by accepted expenses.
    justified: Money,
    /// Neither reserved nor committed.
    free: Money,
}

impl From<Funds> for FundsJson {
    fn from(funds: Funds) -> Self {
        let money = |minor| Money::new(minor, funds.currency);
        Self {
            assigned: money(funds.assigned),
            reserved: money(funds.reserved),
            committed: money(funds.committed),
            disbursed: money(funds.disbursed),
            justified: money(funds.justified),
            free: money(funds.free()),
        }
    }
}

/// Shows how much of a programme's funds is assigned, reserved, committed, disbursed and justified.
#[utoipa::path(
    get, path = "/programmes/{id}/funds", operation_id = "funds_read", tag = "governance",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = FundsJson))
)]
async fn read_funds(
    Service(base): Service<Base>,
    may: May<ReadFunds>,
    Key(id): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    Reply::ok(&FundsJson::from(store::funds(base.db.reads(), may.actor(), id).await?))
}

/// Assigns funds to a programme, or takes back what is neither reserved nor committed.
#[utoipa::path(
    post, path = "/programmes/{id}/fund-entries", operation_id = "funds_assign", tag = "governance",
    params(("id" = ProgrammeId, Path)), request_body = NewFundEntry,
    responses((status = CREATED, body = FundEntry))
)]
async fn assign(
    Service(base): Service<Base>,
    may: May<AssignFunds>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewFundEntry>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let entry = store::assign(&w, id, value).await?;
        let reply = Reply::created(format!("/api/v1/programmes/{id}/fund-entries"), &entry)?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the entries about funds that were assigned to a programme.
#[utoipa::path(
    get, path = "/programmes/{id}/fund-entries", operation_id = "funds_list", tag = "governance",
    params(("id" = ProgrammeId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<FundEntry>))
)]
async fn list_entries(
    Service(base): Service<Base>,
    may: May<ListFunds>,
    Key(id): Key<ProgrammeId>,
    Params(window): Params<Window>,
) -> Result<Page<FundEntry>, Problem> {
    store::list_fund_entries(base.db.reads(), may.actor(), id, &window).await
}
