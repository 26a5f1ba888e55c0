//! What is kept of gap analyses, and who sees it.
//!
//! The institution of the programme sees all, the supplier its own, the lead firm of the requirement
//! those of the suppliers that have consented for it. Everybody else sees nothing, and nobody learns how
//! many there are.

use sea_orm::{ActiveValue::Set, Condition, entity::prelude::*, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Analysis, GapAnalysis, Light,
    analysis::{Peers, analyse},
};
use crate::{
    diagnostics::{self, Answer, Standing, instrument},
    foundation::{
        access::{Actor, Kind},
        canonical,
        clock::{Day, Timestamp},
        db::Write,
        http::list::{Page, Window},
        ids::{DiagnosticId, GapAnalysisId, OrganisationId, RequirementId},
        problem::Problem,
    },
    organisations::store::ledger,
    programmes::{self, Programme},
    requirements::{self, Requirement},
};

pub mod acts;
pub mod signatures;
pub mod worth;

/// How many rows go into one statement; SQLite takes at most 32,766 values.
const CHUNK: usize = 1_000;

mod gap_analysis {
    use super::{DiagnosticId, GapAnalysisId, Light, OrganisationId, RequirementId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gap_analyses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GapAnalysisId,
        pub requirement_id: RequirementId,
        pub supplier_id: OrganisationId,
        pub diagnostic_id: Option<DiagnosticId>,
        pub light: Light,
        pub content: String,
        pub content_hash: String,
        pub computed_at: Timestamp,
    }

    crate::unrelated!();
}

/// What a row's `content` holds; only the analysis is hashed.
#[derive(Serialize, Deserialize)]
struct Content {
    analysis: Analysis,
    best_peers: Vec<Option<Answer>>,
}

/// Of which suppliers the actor, who sees the requirement, sees what was analysed and agreed on for it: as a condition
/// on the column with the supplier.
///
/// # Errors
/// 404 for a lead firm whose requirement it is not.
pub async fn of_suppliers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    supplier: impl ColumnTrait,
) -> Result<Condition, Problem> {
    match actor.kind() {
        None if actor.is_system() => Ok(Condition::all()),
        // An institution that finds the requirement is the one of its programme.
        Some(Kind::Institution) => Ok(Condition::all()),
        Some(Kind::Supplier) => Ok(Condition::all().add(supplier.eq(actor.organisation))),
        Some(Kind::LeadFirm) if actor.organisation == requirement.lead_firm => {
            let consenting = ledger::consenting_suppliers(db, actor).await?;
            Ok(Condition::all().add(supplier.is_in(consenting)))
        }
        _ => Err(Problem::not_found()),
    }
}

/// The same for every requirement that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn of_any_suppliers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    supplier: impl ColumnTrait,
) -> Result<Condition, Problem> {
    let all = Condition::all();
    Ok(match actor.kind() {
        None if actor.is_system() => all,
        None => all.add(Expr::val(false)),
        Some(Kind::Institution) => all,
        Some(Kind::Supplier) => all.add(supplier.eq(actor.organisation)),
        Some(Kind::LeadFirm) => all.add(supplier.is_in(ledger::consenting_suppliers(db, actor).await?)),
    })
}

/// Which analyses of a requirement the actor may see.
async fn visible(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
) -> Result<Condition, Problem> {
    let of_suppliers = of_suppliers(db, actor, requirement, gap_analysis::Column::SupplierId).await?;
    Ok(of_suppliers.add(gap_analysis::Column::RequirementId.eq(requirement.id)))
}

/// Whether an actor who sees the requirement may see how this supplier stands to it: the institution, the
/// supplier itself, and the requirement's lead firm with the supplier's consent.
///
/// # Errors
/// What the database said.
pub async fn may_see(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    supplier: OrganisationId,
) -> Result<bool, Problem> {
    Ok(match actor.kind() {
        None => actor.is_system(),
        Some(Kind::Institution) => true,
        Some(Kind::Supplier) => actor.organisation == supplier,
        Some(Kind::LeadFirm) => {
            actor.organisation == requirement.lead_firm
                && ledger::consenting_suppliers(db, actor).await?.contains(&supplier)
        }
    })
}

/// The requirement and the supplier of something that two firms are to agree on and that the actor begins: with its
/// own firm as the supplier, unless it says with whom.
///
/// # Errors
/// 404 when the actor sees no such requirement, or is a lead firm and it is another's; 409 when that is in no state
/// for it; 422 when it does not say with which supplier.
pub async fn of_two(
    w: &Write,
    requirement: RequirementId,
    supplier: Option<OrganisationId>,
) -> Result<(Requirement, OrganisationId), Problem> {
    let actor = w.actor();
    let requirement = requirements::store::find(w.db(), actor, requirement).await?;
    if actor.kind() == Some(Kind::LeadFirm) && actor.organisation != requirement.lead_firm {
        return Err(Problem::not_found());
    }
    w.in_state(requirement.state)?;
    match supplier {
        None if actor.kind() == Some(Kind::Supplier) => Ok((requirement, actor.organisation)),
        None => Err(Problem::field("/supplier", "required")),
        Some(supplier) => Ok((requirement, supplier)),
    }
}

/// The analyses of a requirement that the actor may see.
///
/// # Errors
/// 404 when it may not see the requirement; 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    window: &Window,
) -> Result<Page<GapAnalysis>, Problem> {
    let requirement = requirements::store::find(db, actor, requirement).await?;
    let query = gap_analysis::Entity::find().filter(visible(db, actor, &requirement).await?);
    let page =
        window.fetch(actor, query, gap_analysis::Column::Id, |row| row.id.0, &requirement.id, db).await?;
    let Page { items, next, prev } = page;
    let items = items.into_iter().map(GapAnalysis::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next, prev })
}

/// All analyses of a requirement that the actor may see, for stages that need them together.
///
/// # Errors
/// 404 when it may not see the requirement.
pub async fn all(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
) -> Result<Vec<GapAnalysis>, Problem> {
    of_light(db, actor, requirement, None).await
}

/// The same of one light alone, where one is asked for.
///
/// # Errors
/// 404 when it may not see the requirement.
pub async fn of_light(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    light: Option<Light>,
) -> Result<Vec<GapAnalysis>, Problem> {
    let requirement = requirements::store::find(db, actor, requirement).await?;
    let mut query = gap_analysis::Entity::find().filter(visible(db, actor, &requirement).await?);
    if let Some(light) = light {
        query = query.filter(gap_analysis::Column::Light.eq(light));
    }
    query.all(db).await?.into_iter().map(GapAnalysis::try_from).collect()
}

/// The analysis of one supplier for a requirement.
///
/// # Errors
/// 404 when there is none that the actor may see.
pub async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    supplier: OrganisationId,
) -> Result<GapAnalysis, Problem> {
    let requirement = requirements::store::find(db, actor, requirement).await?;
    let query = gap_analysis::Entity::find().filter(visible(db, actor, &requirement).await?);
    let row = query.filter(gap_analysis::Column::SupplierId.eq(supplier)).one(db).await?;
    row.ok_or_else(Problem::not_found)?.try_into()
}

/// Computes the analyses of all suppliers of the programme, on behalf of the lead firm or an officer.
///
/// # Errors
/// 404 unless it is the lead firm's own requirement, or of a programme of the institution; 409 while it
/// is a draft.
pub async fn compute(w: &Write, requirement: RequirementId) -> Result<(), Problem> {
    let requirement = requirements::store::find(w.db(), w.actor(), requirement).await?;
    if w.actor().kind() == Some(Kind::LeadFirm) && w.actor().organisation != requirement.lead_firm {
        return Err(Problem::not_found());
    }
    w.in_state(requirement.state)?;
    refresh(w, &requirement).await
}

/// The same for callers that have checked who asks and in which state the requirement is (matching).
///
/// # Errors
/// What the database said.
pub async fn refresh(w: &Write, requirement: &Requirement) -> Result<(), Problem> {
    // The service reads the diagnostics; whoever asked for the analysis sees none of them.
    let service = Actor::system(requirement.lead_firm);
    let programme = programme_of(w.db(), requirement).await?;
    let (programme_id, network) = (requirement.programme, requirement.network);
    let suppliers = programmes::store::participants(w.db(), &service, programme_id, network).await?;
    let on = programme.day(w.at());
    let standings = standings(w.db(), &service, &suppliers, on).await?;
    let criteria = &requirement.criteria;
    let peers = Peers::among(criteria, &standings, on);
    let mut rows = Vec::with_capacity(suppliers.len());
    for (at, (supplier, standing)) in suppliers.iter().zip(&standings).enumerate() {
        let analysis = analyse(criteria, standing, &programme.rules.thresholds, on);
        let content_hash = canonical::hash(&analysis)?;
        rows.push(gap_analysis::ActiveModel {
            id: Set(w.new_id()),
            requirement_id: Set(requirement.id),
            supplier_id: Set(*supplier),
            diagnostic_id: Set(standing.diagnostic()),
            light: Set(analysis.light),
            content: Set(serde_json::to_string(&Content { analysis, best_peers: peers.beside(at) })?),
            content_hash: Set(content_hash),
            computed_at: Set(w.at()),
        });
    }
    // In one order everywhere, so that two computations wait for each other instead of for ever.
    rows.sort_by_key(|row| row.supplier_id.clone().take());
    for rows in rows.chunks(CHUNK) {
        upsert(w, rows.to_vec()).await?;
    }
    // No number of suppliers: the lead firm reads its own trail.
    w.record("requirement", requirement.id, &json!({ "programme": requirement.programme })).await
}

/// The programme of a requirement, whose rules and calendar day count, seen or not.
async fn programme_of(db: &impl ConnectionTrait, requirement: &Requirement) -> Result<Programme, Problem> {
    programmes::store::find(db, &Actor::system(requirement.lead_firm), requirement.programme).await
}

async fn standings(
    db: &impl ConnectionTrait,
    service: &Actor,
    suppliers: &[OrganisationId],
    on: Day,
) -> Result<Vec<Standing>, Problem> {
    let instrument =
        instrument::for_kind(Kind::Supplier).ok_or_else(|| Problem::conflict("no-instrument"))?;
    diagnostics::store::standings(db, service, suppliers, instrument, on).await
}

/// How a supplier stands to a requirement on a day of the programme, whatever was computed last.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn analysis_today(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    supplier: OrganisationId,
    on: Day,
) -> Result<Analysis, Problem> {
    if !may_see(db, actor, requirement, supplier).await? {
        return Err(Problem::not_found());
    }
    let programme = programme_of(db, requirement).await?;
    let analyses = analyses_on(db, requirement, &[supplier], &programme, on).await?.pop();
    analyses.ok_or_else(Problem::not_found)
}

/// The same for several suppliers, in their order, for callers who have shown that they may see it.
async fn analyses_on(
    db: &impl ConnectionTrait,
    requirement: &Requirement,
    suppliers: &[OrganisationId],
    programme: &Programme,
    on: Day,
) -> Result<Vec<Analysis>, Problem> {
    let service = Actor::system(requirement.lead_firm);
    let standings = standings(db, &service, suppliers, on).await?;
    let analysis = |standing| analyse(&requirement.criteria, standing, &programme.rules.thresholds, on);
    Ok(standings.iter().map(analysis).collect())
}

/// Keeps the id of an analysis that is there already.
async fn upsert(w: &Write, rows: Vec<gap_analysis::ActiveModel>) -> Result<(), Problem> {
    let key = [gap_analysis::Column::RequirementId, gap_analysis::Column::SupplierId];
    let columns = [
        gap_analysis::Column::DiagnosticId,
        gap_analysis::Column::Light,
        gap_analysis::Column::Content,
        gap_analysis::Column::ContentHash,
        gap_analysis::Column::ComputedAt,
    ];
    gap_analysis::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

impl TryFrom<gap_analysis::Model> for GapAnalysis {
    type Error = Problem;

    fn try_from(row: gap_analysis::Model) -> Result<Self, Problem> {
        let Content { analysis, best_peers } = serde_json::from_str(&row.content)?;
        Ok(Self {
            id: row.id,
            requirement: row.requirement_id,
            supplier: row.supplier_id,
            diagnostic: row.diagnostic_id,
            analysis,
            best_peers,
            hash: row.content_hash,
            computed_at: row.computed_at,
        })
    }
}
