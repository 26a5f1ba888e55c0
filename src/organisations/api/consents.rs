//! Whom a supplier lets see what, and who has.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        db::Once,
        http::{
            Body, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{AccountId, OrganisationId},
        problem::Problem,
    },
    organisations::{
        consents::{Consent, Event, Give, ListConsents, Logged, Purpose, Purposes, ReadLog, Revoke},
        store::consents as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(give, revoke))
        .routes(routes!(list_consents))
        .routes(routes!(read_log))
}

/// For what a lead firm has one's consent.
#[derive(ToSchema)]
#[schema(as = ConsentPurposes)]
#[expect(dead_code, reason = "describes what `Purposes` reads")]
struct PurposesJson {
    /// These and no others. Absent: `gaps`.
    purposes: Option<Vec<Purpose>>,
}

/// Consents that a lead firm sees one's gaps for its requirements, one's profile or one's diagnostic: for the
/// purposes that are named, and no longer for the others.
#[utoipa::path(
    put, path = "/consents/{lead_firm}", operation_id = "consents_give", tag = "organisations",
    params(("lead_firm" = OrganisationId, Path)),
    request_body(content = PurposesJson, example = json!({ "purposes": ["gaps", "profile"] })),
    responses((status = NO_CONTENT))
)]
async fn give(
    State(base): State<Base>,
    may: May<Give>,
    Key(lead_firm): Key<OrganisationId>,
    Body { value, once }: Body<Purposes>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::give(&w, lead_firm, &value.0).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// Takes every consent for a lead firm back.
#[utoipa::path(
    delete, path = "/consents/{lead_firm}", operation_id = "consents_revoke", tag = "organisations",
    params(("lead_firm" = OrganisationId, Path)), responses((status = NO_CONTENT))
)]
async fn revoke(
    State(base): State<Base>,
    may: May<Revoke>,
    Key(lead_firm): Key<OrganisationId>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::revoke(&w, lead_firm).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// A consent that holds.
#[derive(Serialize, ToSchema)]
#[schema(as = Consent)]
struct ConsentJson {
    lead_firm: OrganisationId,
    purpose: Purpose,
    granted_at: Timestamp,
    granted_by: AccountId,
}

/// One's consents.
#[derive(Serialize, ToSchema)]
struct Consents {
    /// By lead firm.
    items: Vec<ConsentJson>,
}

/// Lists the consents that hold.
#[utoipa::path(
    get, path = "/consents", operation_id = "consents_list", tag = "organisations",
    responses((status = OK, body = Consents))
)]
async fn list_consents(State(base): State<Base>, may: May<ListConsents>) -> Result<Reply, Problem> {
    let consents = store::consents(base.db.reads(), may.actor()).await?;
    let show = |Consent { lead_firm, purpose, granted_at, granted_by }| ConsentJson {
        lead_firm,
        purpose,
        granted_at,
        granted_by,
    };
    Reply::ok(&Consents { items: consents.into_iter().map(show).collect() })
}

/// A line of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsentLogLine)]
struct LoggedJson {
    lead_firm: OrganisationId,
    purpose: Purpose,
    event: Event,
    /// Who gave, revoked or read.
    account: AccountId,
    /// What was read.
    #[schema(example = "gap_analysis")]
    subject: Option<String>,
    subject_id: Option<Uuid>,
    at: Timestamp,
}

impl From<Logged> for LoggedJson {
    fn from(l: Logged) -> Self {
        let Logged { lead_firm, purpose, event, account, subject, subject_id, at } = l;
        Self { lead_firm, purpose, event, account, subject, subject_id, at }
    }
}

/// Tells what became of one's consents, and who read what under them. The same person reading the same again
/// within an hour stands there once.
#[utoipa::path(
    get, path = "/consents/log", operation_id = "consents_log", tag = "organisations",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<LoggedJson>))
)]
async fn read_log(
    State(base): State<Base>,
    may: May<ReadLog>,
    Params(window): Params<Window>,
) -> Result<Page<LoggedJson>, Problem> {
    Ok(store::read_log(base.db.reads(), may.actor(), &window).await?.map(LoggedJson::from))
}
