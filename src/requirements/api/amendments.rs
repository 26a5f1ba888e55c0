//! Amendments of what is published.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{lots::AmendedLotJson, posting::RequirementJson};
use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        http::{Body, IfVersion, Key, Reply},
        ids::{LotId, RequirementId},
        problem::Problem,
        share::Share,
    },
    requirements::{
        Amend, ListAmendments,
        amendments::{Amendment, Changes, NewAmendment},
        criteria::Criterion,
        store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(amend, list))
}

/// What an amendment voids.
#[derive(Serialize, ToSchema)]
struct Voids {
    /// Offers on these lots count again once their suppliers confirm or replace them.
    offers_until_confirmed: Vec<LotId>,
    /// Offers on these lots count no longer.
    offers: Vec<LotId>,
    /// Gap acts signed before hold no longer: a criterion changed.
    gap_acts: bool,
}

/// An amendment.
#[derive(Serialize, ToSchema)]
#[schema(as = Amendment)]
struct AmendmentJson {
    /// The revision of the requirement that it made; 2 is the first amendment.
    revision: i64,
    /// Why.
    reason: String,
    changes: Changes,
    voids: Voids,
    /// What the requirement said before.
    #[schema(value_type = Object)]
    before: serde_json::Value,
    amended_at: Timestamp,
}

impl From<Amendment> for AmendmentJson {
    fn from(amendment: Amendment) -> Self {
        let Amendment { revision, reason, changes, before, amended_at } = amendment;
        let voids = Voids {
            offers_until_confirmed: changes.lots_changed.clone(),
            offers: changes.lots_removed.clone(),
            gap_acts: changes.criteria || changes.demanded,
        };
        Self { revision, reason, changes, voids, before, amended_at }
    }
}

/// The requirement as it is now, and the amendment that made it so.
#[derive(Serialize, ToSchema)]
struct Amended {
    requirement: RequirementJson,
    amendment: AmendmentJson,
}

/// An amendment to make: the whole requirement as it shall be, and why.
#[derive(ToSchema)]
#[schema(as = NewAmendment)]
#[expect(dead_code, reason = "describes what `NewAmendment` reads")]
struct NewAmendmentJson {
    /// For everybody who sees the requirement.
    #[schema(min_length = 10, max_length = 2000)]
    reason: String,
    #[schema(min_length = 3, max_length = 200)]
    title: String,
    description: Option<String>,
    /// With an offset from UTC, or by the clocks of the programme's time zone.
    #[schema(example = "2026-12-15T18:00")]
    closes_at: Option<String>,
    /// Until when suppliers may ask, written in the same way; absent: until it closes.
    questions_until: Option<String>,
    max_supplier_share: Option<Share>,
    /// All of them: a lot that is not named is taken out.
    #[schema(min_items = 1, max_items = 500)]
    lots: Vec<AmendedLotJson>,
    #[schema(max_items = 100)]
    criteria: Option<Vec<Criterion>>,
}

/// Amends a published requirement. The answer says what that voids; suppliers read it in the amendments.
#[utoipa::path(
    post, path = "/requirements/{id}/amendments", operation_id = "requirements_amend", tag = "requirements",
    params(("id" = RequirementId, Path), ("If-Match" = String, Header)),
    request_body(content = NewAmendmentJson, example = json!({
        "reason": "La planta norte adelantó su parada: se necesitan más bujes.",
        "title": "Repuestos de chancado 2026",
        "closes_at": "2026-12-15T18:00",
        "lots": [
            { "id": "01990000-0000-7000-8000-000000000000", "name": "Bujes de bronce", "process": "torneado",
              "unit": "pieza", "quantity": 520, "reference_price": "18500" },
        ],
        "criteria": [
            { "question": "delivery-on-time", "kind": "number", "minimum": "95", "necessity": "must", "criticality": 4 },
        ],
    })),
    responses((status = CREATED, body = Amended))
)]
async fn amend(
    Service(base): Service<Base>,
    may: May<Amend>,
    Key(id): Key<RequirementId>,
    version: IfVersion,
    Body { value, once }: Body<NewAmendment>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let (requirement, amendment) = store::amend(&w, id, version, &value).await?;
        let version = requirement.version;
        let amended = Amended { requirement: requirement.into(), amendment: amendment.into() };
        let reply = Reply::created(format!("/api/v1/requirements/{id}/amendments"), &amended)?;
        Ok(w.done(reply.version(version)))
    })
    .await
}

/// The amendments of a requirement.
#[derive(Serialize, ToSchema)]
struct Amendments {
    /// The first one first.
    items: Vec<AmendmentJson>,
}

/// Lists the amendments of a requirement: what changed, why, and what it said before.
#[utoipa::path(
    get, path = "/requirements/{id}/amendments", operation_id = "requirements_amendments", tag = "requirements",
    params(("id" = RequirementId, Path)), responses((status = OK, body = Amendments))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<ListAmendments>,
    Key(id): Key<RequirementId>,
) -> Result<Reply, Problem> {
    let found = store::amendments(base.db.reads(), may.actor(), id).await?;
    Reply::ok(&Amendments { items: found.into_iter().map(AmendmentJson::from).collect() })
}
