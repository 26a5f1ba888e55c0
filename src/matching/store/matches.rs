//! Matches: written when a run is adopted, decided about by the stage `approvals`.
//!
//! A firm sees the matches in which it takes part, an institution's people those of the programmes and networks
//! that they see; nobody else learns that there are any.

use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, Select, entity::prelude::*,
    sea_query::LockType,
};
use serde_json::json;

use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        db::Write,
        http::list::{Page, Window},
        ids::{LotId, MatchId, OrganisationId, ProgrammeId, RequirementId, RunId},
        money::Money,
        problem::Problem,
    },
    matching::{Match, MatchState},
    organisations::store::firms,
    requirements,
};

mod entity {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, LotId, MatchId, OrganisationId, ProgrammeId, RequirementId, RunId},
            money::{Currency, UnitPrice},
        },
        matching::MatchState,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "matches")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MatchId,
        pub run_id: RunId,
        pub programme_id: ProgrammeId,
        pub requirement_id: RequirementId,
        pub lot_id: LotId,
        pub lead_firm_id: OrganisationId,
        pub supplier_id: OrganisationId,
        pub consortium_id: Option<Uuid>,
        pub quantity: i64,
        pub unit_price: UnitPrice,
        pub years: i32,
        pub amount_minor: i64,
        pub annual_minor: i64,
        pub currency: Currency,
        pub state: MatchState,
        pub proposed_by: AccountId,
        pub decided_by: Option<AccountId>,
        pub decided_at: Option<Timestamp>,
        pub reason: Option<String>,
        pub superseded_by: Option<RunId>,
        pub contracted_at: Option<Timestamp>,
        pub fulfilled_at: Option<Timestamp>,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

/// How many rows go into one statement; SQLite takes at most 32,766 values.
const CHUNK: usize = 1_000;

/// Which matches to list.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Of one programme.
    pub programme: Option<ProgrammeId>,
    /// Of one run; only institutions know runs.
    pub run: Option<RunId>,
    /// In one state.
    pub state: Option<MatchState>,
    /// In which this firm takes part, on either side.
    pub firm: Option<OrganisationId>,
    /// Of one requirement.
    pub requirement: Option<RequirementId>,
    /// Of a requirement, a lot or a firm whose name holds this.
    pub q: Option<String>,
}

fn visible(actor: &Actor) -> Condition {
    let all = Condition::all();
    match actor.kind() {
        None if actor.is_system() => all,
        None => all.add(Expr::val(false)),
        Some(Kind::Institution) => {
            // Of the networks in whose work the actor takes part.
            all.add(entity::Column::RequirementId.in_subquery(requirements::store::seen_by(actor)))
        }
        Some(Kind::LeadFirm) => all.add(entity::Column::LeadFirmId.eq(actor.organisation)),
        Some(Kind::Supplier) => all.add(entity::Column::SupplierId.eq(actor.organisation)),
    }
}

/// The match, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: MatchId) -> Result<Match, Problem> {
    let found = entity::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.map(Match::from).ok_or_else(Problem::not_found)
}

/// The matches of these ids, in id order.
///
/// # Errors
/// 404 when the actor may not see all of them.
pub async fn find_all(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: &[MatchId],
) -> Result<Vec<Match>, Problem> {
    let query = entity::Entity::find().filter(visible(actor)).filter(entity::Column::Id.is_in(ids.to_vec()));
    let found = query.order_by_asc(entity::Column::Id).all(db).await?;
    if found.len() == ids.len() {
        Ok(found.into_iter().map(Match::from).collect())
    } else {
        Err(Problem::not_found())
    }
}

/// The approved matches of a requirement that the actor may see, in id order.
///
/// # Errors
/// What the database said.
pub async fn approved_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
) -> Result<Vec<Match>, Problem> {
    let query = entity::Entity::find()
        .filter(visible(actor))
        .filter(entity::Column::RequirementId.eq(requirement))
        .filter(entity::Column::State.eq(MatchState::Approved));
    let found = query.order_by_asc(entity::Column::Id).all(db).await?;
    Ok(found.into_iter().map(Match::from).collect())
}

/// The matches that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: Filter,
    window: &Window,
) -> Result<Page<Match>, Problem> {
    let query = wanted(actor, &filter);
    let page = window.fetch(actor, query, entity::Column::Id, |row| row.id.0, &filter, db).await?;
    Ok(page.map(Match::from))
}

/// How many matches there are that the actor may see and this filter lets through.
///
/// # Errors
/// What the database said.
pub async fn count(db: &impl ConnectionTrait, actor: &Actor, filter: &Filter) -> Result<u64, Problem> {
    Ok(wanted(actor, filter).count(db).await?)
}

/// The firms and the requirements of the matches that the actor may see: so many of each at most.
///
/// # Errors
/// What the database said.
pub async fn parties(
    db: &impl ConnectionTrait,
    actor: &Actor,
    most: u64,
) -> Result<(Vec<OrganisationId>, Vec<RequirementId>), Problem> {
    let of = |column: entity::Column| {
        let seen = entity::Entity::find().filter(visible(actor)).select_only().column(column).distinct();
        seen.order_by_desc(column).limit(most)
    };
    let mut firms: Vec<OrganisationId> = of(entity::Column::SupplierId).into_tuple().all(db).await?;
    firms.extend(of(entity::Column::LeadFirmId).into_tuple::<OrganisationId>().all(db).await?);
    Ok((firms, of(entity::Column::RequirementId).into_tuple().all(db).await?))
}

fn wanted(actor: &Actor, filter: &Filter) -> Select<entity::Entity> {
    let mut query = entity::Entity::find().filter(visible(actor));
    if let Some(programme) = filter.programme {
        query = query.filter(entity::Column::ProgrammeId.eq(programme));
    }
    if let Some(run) = filter.run {
        // To firms a run does not exist, so that they can't tell which matches came together.
        let known = actor.is_system() || actor.kind() == Some(Kind::Institution);
        query = query.filter(entity::Column::RunId.eq(run)).filter(Expr::val(known));
    }
    if let Some(state) = filter.state {
        query = query.filter(entity::Column::State.eq(state));
    }
    if let Some(firm) = filter.firm {
        let sides = [entity::Column::SupplierId, entity::Column::LeadFirmId].map(|side| side.eq(firm));
        query = query.filter(sides.into_iter().fold(Condition::any(), Condition::add));
    }
    if let Some(requirement) = filter.requirement {
        query = query.filter(entity::Column::RequirementId.eq(requirement));
    }
    if let Some(q) = &filter.q {
        let named = Condition::any()
            .add(entity::Column::RequirementId.in_subquery(requirements::store::titled(q)))
            .add(entity::Column::LotId.in_subquery(requirements::store::lots_named(q)))
            .add(entity::Column::SupplierId.in_subquery(firms::named(q)))
            .add(entity::Column::LeadFirmId.in_subquery(firms::named(q)));
        query = query.filter(named);
    }
    query
}

/// What is approved for these suppliers and not yet in the sales ledger, in all programmes, in id order; for
/// the service itself, which tests the rules on it. What a contract has brought into the ledger counts there.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn approved_for(
    db: &impl ConnectionTrait,
    actor: &Actor,
    suppliers: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Match>, Problem> {
    let suppliers: Vec<_> = suppliers.into_iter().collect();
    let of = Condition::all()
        .add(entity::Column::SupplierId.is_in(suppliers))
        .add(entity::Column::ContractedAt.is_null());
    approved(db, actor, of).await
}

/// What is approved for these suppliers and takes up capacity, under contract or not, in id order; for the
/// service itself.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn to_be_made_by(
    db: &impl ConnectionTrait,
    actor: &Actor,
    suppliers: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Match>, Problem> {
    let suppliers: Vec<_> = suppliers.into_iter().collect();
    let of = Condition::all()
        .add(entity::Column::SupplierId.is_in(suppliers))
        .add(entity::Column::FulfilledAt.is_null());
    approved(db, actor, of).await
}

/// What nobody has decided yet in a programme, in id order: of these suppliers or lots.
///
/// # Errors
/// What the database said; what the actor may not see is left out.
pub async fn undecided(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    suppliers: impl IntoIterator<Item = OrganisationId>,
    lots: impl IntoIterator<Item = LotId>,
) -> Result<Vec<Match>, Problem> {
    let undecided = MatchState::ALL.iter().copied().filter(|state| state.is_undecided());
    let (suppliers, lots): (Vec<_>, Vec<_>) = (suppliers.into_iter().collect(), lots.into_iter().collect());
    let of = Condition::any()
        .add(entity::Column::SupplierId.is_in(suppliers))
        .add(entity::Column::LotId.is_in(lots));
    let query = entity::Entity::find()
        .filter(visible(actor))
        .filter(entity::Column::ProgrammeId.eq(programme))
        .filter(entity::Column::State.is_in(undecided))
        .filter(of);
    Ok(query.order_by_asc(entity::Column::Id).all(db).await?.into_iter().map(Match::from).collect())
}

/// What the institution has decided about these lots, in id order. What another run's proposals took the place of nobody
/// decided.
///
/// # Errors
/// What the database said; what the actor may not see is left out.
pub async fn decided(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lots: impl IntoIterator<Item = LotId>,
) -> Result<Vec<Match>, Problem> {
    let query = entity::Entity::find()
        .filter(visible(actor))
        .filter(entity::Column::LotId.is_in(lots))
        .filter(entity::Column::SupersededBy.is_null())
        .filter(entity::Column::State.is_in([MatchState::Approved, MatchState::Rejected]));
    Ok(query.order_by_asc(entity::Column::Id).all(db).await?.into_iter().map(Match::from).collect())
}

/// Of which requirement, lot and supplier these matches are, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn about(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<MatchId>,
) -> Result<Vec<(MatchId, RequirementId, LotId, OrganisationId)>, Problem> {
    let columns = [
        entity::Column::Id,
        entity::Column::RequirementId,
        entity::Column::LotId,
        entity::Column::SupplierId,
    ];
    let query = entity::Entity::find()
        .select_only()
        .columns(columns)
        .filter(visible(actor))
        .filter(entity::Column::Id.is_in(ids));
    Ok(query.into_tuple().all(db).await?)
}

/// The closed requirements that the actor sees, with matches of which nobody has to decide any more, and whose result is
/// not announced.
///
/// # Errors
/// What the database said.
pub async fn settled(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<RequirementId>, Problem> {
    let undecided = entity::Entity::find()
        .select_only()
        .column(entity::Column::RequirementId)
        .filter(
            entity::Column::State.is_in(MatchState::ALL.iter().copied().filter(|state| state.is_undecided())),
        )
        .into_query();
    let query = entity::Entity::find()
        .select_only()
        .column(entity::Column::RequirementId)
        .distinct()
        .filter(visible(actor))
        .filter(entity::Column::RequirementId.in_subquery(requirements::store::closed(actor)))
        .filter(entity::Column::RequirementId.not_in_subquery(undecided))
        .order_by_asc(entity::Column::RequirementId);
    Ok(query.into_tuple().all(db).await?)
}

/// What firms or the institution have refused in a programme, in id order, for the institution and the
/// service. What another run's proposals took the place of was refused by nobody.
///
/// # Errors
/// What the database said; what the actor may not see is left out.
pub async fn refused(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<Match>, Problem> {
    let query = entity::Entity::find()
        .filter(visible(actor))
        .filter(entity::Column::ProgrammeId.eq(programme))
        .filter(entity::Column::SupersededBy.is_null())
        .filter(entity::Column::State.is_in([MatchState::Declined, MatchState::Rejected]));
    Ok(query.order_by_asc(entity::Column::Id).all(db).await?.into_iter().map(Match::from).collect())
}

/// Which suppliers have something approved in a programme that is not over, from which lead firms, in id order.
///
/// # Errors
/// What the database said; what the actor may not see is left out.
pub async fn approved_pairs(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<(OrganisationId, OrganisationId)>, Problem> {
    let query = entity::Entity::find()
        .filter(visible(actor))
        .filter(entity::Column::ProgrammeId.eq(programme))
        .filter(entity::Column::State.eq(MatchState::Approved))
        .filter(entity::Column::FulfilledAt.is_null())
        .select_only()
        .column(entity::Column::SupplierId)
        .column(entity::Column::LeadFirmId)
        .distinct()
        .order_by_asc(entity::Column::SupplierId)
        .order_by_asc(entity::Column::LeadFirmId);
    Ok(query.into_tuple().all(db).await?)
}

/// Writes down that an active contract has brought these matches into the sales ledger.
///
/// # Errors
/// What the database said.
pub async fn mark_contracted(w: &Write, ids: &[MatchId]) -> Result<(), Problem> {
    let row = entity::ActiveModel { contracted_at: Set(Some(w.at())), ..Default::default() };
    entity::Entity::update_many()
        .set(row)
        .filter(entity::Column::Id.is_in(ids.to_vec()))
        .exec(w.db())
        .await?;
    Ok(())
}

/// Writes down that the contract of these matches is over: what they took of the supplier's capacity is free.
///
/// # Errors
/// What the database said.
pub async fn mark_fulfilled(w: &Write, ids: &[MatchId]) -> Result<(), Problem> {
    let row = entity::ActiveModel { fulfilled_at: Set(Some(w.at())), ..Default::default() };
    entity::Entity::update_many()
        .set(row)
        .filter(entity::Column::Id.is_in(ids.to_vec()))
        .exec(w.db())
        .await?;
    Ok(())
}

/// What is approved for these lots, in id order; for the service itself.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn approved_in(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lots: impl IntoIterator<Item = LotId>,
) -> Result<Vec<Match>, Problem> {
    let lots: Vec<_> = lots.into_iter().collect();
    approved(db, actor, Condition::all().add(entity::Column::LotId.is_in(lots))).await
}

/// All matches of these lots, in id order; for the service itself.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn of_lots(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lots: impl IntoIterator<Item = LotId>,
) -> Result<Vec<Match>, Problem> {
    if !actor.is_system() {
        return Err(Problem::not_found());
    }
    let lots: Vec<_> = lots.into_iter().collect();
    let query = entity::Entity::find().filter(entity::Column::LotId.is_in(lots));
    Ok(query.order_by_asc(entity::Column::Id).all(db).await?.into_iter().map(Match::from).collect())
}

/// When suppliers were proposed for lots of these requirements, and when that was approved: for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn moments(
    db: &impl ConnectionTrait,
    service: &Actor,
    requirements: &[RequirementId],
) -> Result<Vec<(OrganisationId, Timestamp, Option<Timestamp>)>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let query = entity::Entity::find()
        .filter(entity::Column::RequirementId.is_in(requirements.iter().copied()))
        .order_by_asc(entity::Column::Id);
    let approved = |row: &entity::Model| row.decided_at.filter(|_| row.state == MatchState::Approved);
    let moments = |row: entity::Model| (row.supplier_id, row.created_at, approved(&row));
    Ok(query.all(db).await?.into_iter().map(moments).collect())
}

/// What is approved from these lead firms in a programme, in id order; for the service itself.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn approved_from(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    lead_firms: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Match>, Problem> {
    let lead_firms: Vec<_> = lead_firms.into_iter().collect();
    let of = Condition::all()
        .add(entity::Column::ProgrammeId.eq(programme))
        .add(entity::Column::LeadFirmId.is_in(lead_firms));
    approved(db, actor, of).await
}

async fn approved(db: &impl ConnectionTrait, actor: &Actor, of: Condition) -> Result<Vec<Match>, Problem> {
    if !actor.is_system() {
        return Err(Problem::not_found());
    }
    let query = entity::Entity::find().filter(entity::Column::State.eq(MatchState::Approved)).filter(of);
    Ok(query.order_by_asc(entity::Column::Id).all(db).await?.into_iter().map(Match::from).collect())
}

/// The match as it is now, which nobody else changes until the write ends.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn hold(w: &Write, id: MatchId) -> Result<Match, Problem> {
    let query = entity::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    query.one(w.db()).await?.map(Match::from).ok_or_else(Problem::not_found)
}

/// All matches of these lots as they are now, in id order, which nobody else changes until the write ends:
/// so two approvals that share a lot wait for each other.
///
/// # Errors
/// 409 `busy` when the wait was too long.
pub async fn hold_lots(w: &Write, lots: impl IntoIterator<Item = LotId>) -> Result<Vec<Match>, Problem> {
    let lots: Vec<_> = lots.into_iter().collect();
    let query =
        entity::Entity::find().filter(entity::Column::LotId.is_in(lots)).order_by_asc(entity::Column::Id);
    Ok(query.lock(LockType::Update).all(w.db()).await?.into_iter().map(Match::from).collect())
}

/// Moves a held match on, and writes down who did it.
///
/// # Errors
/// What the database said.
pub async fn decide(
    w: &Write,
    found: &Match,
    state: MatchState,
    reason: Option<String>,
) -> Result<Match, Problem> {
    let row = entity::ActiveModel {
        id: Set(found.id),
        state: Set(state),
        decided_by: Set(Some(w.actor().account)),
        decided_at: Set(Some(w.at())),
        reason: Set(reason.clone()),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("match", found.id, &json!({ "state": state, "reason": reason })).await?;
    Ok(row.into())
}

/// Withdraws a held match that nobody has decided, because a run's proposals take its place.
pub(super) async fn supersede(w: &Write, found: &Match, by: RunId, reason: &str) -> Result<(), Problem> {
    let row = entity::ActiveModel { id: Set(found.id), superseded_by: Set(Some(by)), ..Default::default() };
    row.update(w.db()).await?;
    decide(w, found, MatchState::Rejected, Some(reason.to_owned())).await?;
    w.record("match", found.id, &json!({ "superseded_by": by, "was": found.state })).await
}

/// Proposes matches.
pub(super) async fn propose(w: &Write, matches: &[Match]) -> Result<(), Problem> {
    let rows = matches.iter().map(|m| entity::ActiveModel {
        id: Set(m.id),
        run_id: Set(m.run),
        programme_id: Set(m.programme),
        requirement_id: Set(m.requirement),
        lot_id: Set(m.lot),
        lead_firm_id: Set(m.lead_firm),
        supplier_id: Set(m.supplier),
        consortium_id: Set(m.consortium),
        quantity: Set(m.quantity),
        unit_price: Set(m.unit_price),
        years: Set(m.years),
        amount_minor: Set(m.amount.minor),
        annual_minor: Set(m.annual_amount.minor),
        currency: Set(m.amount.currency),
        state: Set(m.state),
        proposed_by: Set(m.proposed_by),
        decided_by: Set(None),
        decided_at: Set(None),
        reason: Set(None),
        superseded_by: Set(None),
        contracted_at: Set(None),
        fulfilled_at: Set(None),
        created_at: Set(w.at()),
        version: Set(m.version),
    });
    let rows: Vec<_> = rows.collect();
    for rows in rows.chunks(CHUNK) {
        entity::Entity::insert_many(rows.to_vec()).exec_without_returning(w.db()).await?;
    }
    Ok(())
}

impl From<entity::Model> for Match {
    fn from(row: entity::Model) -> Self {
        Self {
            id: row.id,
            run: row.run_id,
            programme: row.programme_id,
            requirement: row.requirement_id,
            lot: row.lot_id,
            lead_firm: row.lead_firm_id,
            supplier: row.supplier_id,
            consortium: row.consortium_id,
            quantity: row.quantity,
            unit_price: row.unit_price,
            years: row.years,
            amount: Money::new(row.amount_minor, row.currency),
            annual_amount: Money::new(row.annual_minor, row.currency),
            state: row.state,
            proposed_by: row.proposed_by,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            reason: row.reason,
            superseded_by: row.superseded_by,
            version: row.version,
        }
    }
}
