//! What lead firms commit themselves to.

use axum::extract::State as Service;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Versioned;
use crate::{
    foundation::{
        Base,
        access::May,
        fields::Nothing,
        http::{
            Body, IfVersion, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::CommitmentId,
        problem::Problem,
    },
    programmes::{
        calls::{
            Confirm, ListCommitments, ReadCommitment, WithdrawCommitment,
            proposals::{Commitment, NewCommitment},
        },
        store::calls as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(confirm))
        .routes(routes!(withdraw))
}

fn answer(commitment: Commitment) -> Result<Reply, Problem> {
    let version = commitment.version;
    Versioned::answer(commitment, version)
}

/// Lists the commitments that one's lead firm is asked for.
#[utoipa::path(
    get, path = "/commitments", operation_id = "commitments_list", tag = "calls",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<Versioned<Commitment>>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<ListCommitments>,
    Params(window): Params<Window>,
) -> Result<Page<Versioned<Commitment>>, Problem> {
    let page = store::list_commitments(base.db.reads(), may.actor(), &window).await?;
    Ok(page.map(|found| {
        let version = found.version;
        Versioned::new(found, version)
    }))
}

/// Looks at a commitment that one's lead firm is asked for.
#[utoipa::path(
    get, path = "/commitments/{id}", operation_id = "commitments_read", tag = "calls",
    params(("id" = CommitmentId, Path)), responses((status = OK, body = Versioned<Commitment>))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<ReadCommitment>,
    Key(id): Key<CommitmentId>,
) -> Result<Reply, Problem> {
    answer(store::find_commitment(base.db.reads(), may.actor(), id).await?)
}

/// Commits one's lead firm to a proposal, until the call closes. With less than before, a submitted proposal goes back to
/// its institution.
#[utoipa::path(
    post, path = "/commitments/{id}/confirm", operation_id = "commitments_confirm", tag = "calls",
    params(("id" = CommitmentId, Path), ("If-Match" = String, Header)), request_body = NewCommitment,
    responses((status = OK, body = Versioned<Commitment>))
)]
async fn confirm(
    Service(base): Service<Base>,
    may: May<Confirm>,
    Key(id): Key<CommitmentId>,
    version: IfVersion,
    Body { value, once }: Body<NewCommitment>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::confirm(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Refuses a commitment, or takes it back, until the call closes. A submitted proposal goes back to its institution.
#[utoipa::path(
    post, path = "/commitments/{id}/withdraw", operation_id = "commitments_withdraw", tag = "calls",
    params(("id" = CommitmentId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = Versioned<Commitment>))
)]
async fn withdraw(
    Service(base): Service<Base>,
    may: May<WithdrawCommitment>,
    Key(id): Key<CommitmentId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::withdraw_commitment(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}
