//! The JSON operations of this stage.

pub mod acts;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Analysis, Compute, GapAnalysis, List, Read,
    store::{self, worth::Worths},
};
use crate::{
    diagnostics::Answer,
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        fields::Nothing,
        http::{
            Body, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{GapAnalysisId, OrganisationId, RequirementId},
        money::Money,
        problem::Problem,
    },
    organisations::{consents::Purpose, reading_log},
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(compute, list)).routes(routes!(read)).merge(acts::routes())
}

/// The gap analysis of a supplier for a requirement.
#[derive(Serialize, ToSchema)]
#[schema(as = GapAnalysis)]
struct GapAnalysisJson {
    id: GapAnalysisId,
    requirement: RequirementId,
    supplier: OrganisationId,
    #[serde(flatten)]
    analysis: Analysis,
    /// For each line the best answer of the other suppliers of the programme, where five or more have one.
    best_peers: Vec<Option<Answer>>,
    /// For each line what the last run under the programme's rules found closing the gap worth: what more of the lots,
    /// at reference prices, would be covered. For the institution alone: it measures others too.
    #[serde(skip_serializing_if = "Option::is_none")]
    worths: Option<Vec<Option<Money>>>,
    /// SHA-256 of what will be signed: everything but best peers, worths and the time.
    hash: String,
    computed_at: Timestamp,
    etag: String,
}

impl GapAnalysisJson {
    fn new(found: GapAnalysis, worths: Option<&Worths>) -> Self {
        let etag = etag(found.version());
        let GapAnalysis { id, requirement, supplier, analysis, best_peers, hash, computed_at, .. } = found;
        let of_lines = |worths: &Worths| {
            let lines = analysis.lines.iter();
            lines.map(|line| worths.get(&line.criterion.question).copied()).collect()
        };
        let worths = worths.map(of_lines);
        Self { id, requirement, supplier, analysis, best_peers, worths, hash, computed_at, etag }
    }
}

/// That the analyses of a requirement were computed.
#[derive(Serialize, ToSchema)]
struct Computed {
    requirement: RequirementId,
    computed_at: Timestamp,
}

/// Computes the gaps of every supplier of the programme against a requirement.
#[utoipa::path(
    post, path = "/requirements/{id}/gap-analyses", operation_id = "gap_analyses_compute", tag = "gaps",
    params(("id" = RequirementId, Path)), responses((status = OK, body = Computed))
)]
async fn compute(
    State(base): State<Base>,
    may: May<Compute>,
    Key(id): Key<RequirementId>,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::compute(&w, id).await?;
        let reply = Reply::ok(&Computed { requirement: id, computed_at: w.at() })?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the gap analyses of a requirement that one may see: an institution all, a supplier its own, the lead
/// firm those of suppliers that have consented.
#[utoipa::path(
    get, path = "/requirements/{id}/gap-analyses", operation_id = "gap_analyses_list", tag = "gaps",
    params(
        ("id" = RequirementId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)
    ),
    responses((status = OK, body = Page<GapAnalysisJson>))
)]
async fn list(
    State(base): State<Base>,
    may: May<List>,
    Key(id): Key<RequirementId>,
    Params(window): Params<Window>,
) -> Result<Page<GapAnalysisJson>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), id, &window).await?;
    let suppliers = page.items.iter().map(|found| found.supplier);
    let worths = store::worth::shown_of(base.db.reads(), may.actor(), id, suppliers).await?;
    let readings = page.items.iter().map(|found| (found.supplier, found.id.0)).collect();
    reading_log::note(&base, may, Purpose::Gaps, "gap_analysis", readings).await?;
    Ok(page.map(|found| {
        let worths = worths.get(&found.supplier);
        GapAnalysisJson::new(found, worths)
    }))
}

/// Looks at a supplier's gap analysis for a requirement.
#[utoipa::path(
    get, path = "/requirements/{id}/gap-analyses/{supplier}", operation_id = "gap_analyses_read", tag = "gaps",
    params(("id" = RequirementId, Path), ("supplier" = OrganisationId, Path)),
    responses((status = OK, body = GapAnalysisJson))
)]
async fn read(
    State(base): State<Base>,
    may: May<Read>,
    Key((requirement, supplier)): Key<(RequirementId, OrganisationId)>,
) -> Result<Reply, Problem> {
    let found = store::find(base.db.reads(), may.actor(), requirement, supplier).await?;
    let worths = store::worth::shown_of(base.db.reads(), may.actor(), requirement, [supplier]).await?;
    let reading = vec![(found.supplier, found.id.0)];
    reading_log::note(&base, may, Purpose::Gaps, "gap_analysis", reading).await?;
    let version = found.version();
    Ok(Reply::ok(&GapAnalysisJson::new(found, worths.get(&supplier)))?.version(version))
}
