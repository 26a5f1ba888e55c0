//! Who evaluates the proposals to a call.

use axum::extract::State as Service;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{
    foundation::{
        Base,
        access::May,
        db::Once,
        http::{Body, Key, Reply},
        ids::{AccountId, CallId},
        problem::Problem,
    },
    programmes::{
        calls::{AppointEvaluator, Appointed, DismissEvaluator, ListEvaluators, NewEvaluator},
        store::calls as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(appoint, list)).routes(routes!(dismiss))
}

/// Appoints an evaluator: somebody of the coordinating body, or of another institution. Nobody evaluates what their own
/// institution proposes.
#[utoipa::path(
    post, path = "/calls/{id}/evaluators", operation_id = "evaluators_appoint", tag = "calls",
    params(("id" = CallId, Path)), request_body = NewEvaluator, responses((status = OK, body = Appointed))
)]
async fn appoint(
    Service(base): Service<Base>,
    may: May<AppointEvaluator>,
    Key(id): Key<CallId>,
    Body { value, once }: Body<NewEvaluator>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = Reply::ok(&store::appoint_evaluator(&w, id, &value.email).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the evaluators of a call: to those who coordinate or steer all of them, to an evaluator itself.
#[utoipa::path(
    get, path = "/calls/{id}/evaluators", operation_id = "evaluators_list", tag = "calls",
    params(("id" = CallId, Path)), responses((status = OK, body = Items<Appointed>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<ListEvaluators>,
    Key(id): Key<CallId>,
) -> Result<Reply, Problem> {
    Reply::ok(&Items { items: store::list_evaluators(base.db.reads(), may.actor(), id).await? })
}

/// Takes an evaluator off a call who has handed nothing in.
#[utoipa::path(
    delete, path = "/calls/{id}/evaluators/{account}", operation_id = "evaluators_dismiss", tag = "calls",
    params(("id" = CallId, Path), ("account" = AccountId, Path)), responses((status = NO_CONTENT))
)]
async fn dismiss(
    Service(base): Service<Base>,
    may: May<DismissEvaluator>,
    Key((id, account)): Key<(CallId, AccountId)>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::dismiss_evaluator(&w, id, account).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}
