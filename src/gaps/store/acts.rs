//! Gap acts as they are kept, and who sees them: whoever sees how the supplier stands to the requirement.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    analyses_on, may_see, of_suppliers, programme_of,
    signatures::{self, Subject},
};
use crate::{
    foundation::{
        access::Actor,
        clock::Timestamp,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{GapActId, GapDisputeId, OrganisationId, RequirementId},
        problem::{FieldError, OnConstraint, Problem},
    },
    gaps::{
        acts::{
            Act, Basis, Demanded, Dispute, LineAction, Move, NewAct, NewActions, NewAnswer, NewDispute,
            NewSettlement, Outcome, Said, State, difference::Difference,
        },
        signing::{NewSignature, Party, Side, agreed_at, lapsed_version},
    },
    organisations::store::interests,
    programmes,
    requirements::{self, Requirement},
};

mod waiting;

pub use waiting::{Waiting, about, waiting};

mod act {
    use super::{GapActId, OrganisationId, RequirementId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gap_acts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GapActId,
        pub requirement_id: RequirementId,
        pub supplier_id: OrganisationId,
        pub round: i32,
        pub edition: i32,
        pub basis: String,
        pub actions: String,
        pub opened_at: Timestamp,
        pub renewed_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

mod dispute {
    use super::{GapActId, GapDisputeId, Outcome, Party, Side, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gap_disputes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GapDisputeId,
        pub act_id: GapActId,
        pub round: i32,
        pub line: i32,
        pub question: String,
        pub raised_by: Side,
        pub reason: String,
        pub raised_at: Timestamp,
        pub answer: Option<String>,
        pub answered_by: Option<Party>,
        pub answered_at: Option<Timestamp>,
        pub outcome: Option<Outcome>,
        pub note: Option<String>,
        pub settled_by: Option<Party>,
        pub settled_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

/// An act with what follows from it at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The act.
    pub act: Act,
    /// How far it is.
    pub state: State,
    /// SHA-256 of what is signed.
    pub hash: String,
    /// What has changed since it was drawn up.
    pub difference: Option<Difference>,
    /// Its version as it reads then: another one once it is void, and with each further change that voids it.
    pub version: i64,
}

impl Standing {
    fn of(act: Act, today: &Basis) -> Result<Self, Problem> {
        let (state, hash) = (act.state(today)?, act.hash()?);
        let difference = Difference::between(&act.basis, today);
        let version = match state {
            State::Void => lapsed_version(act.version, today)?,
            _ => act.version,
        };
        Ok(Self { act, state, hash, difference, version })
    }

    /// As what an actor who sees the act takes part in it.
    pub fn party(&self, actor: &Actor) -> Party {
        Party::of(actor, self.act.supplier, self.act.lead_firm)
    }
}

async fn basis_today(
    db: &impl ConnectionTrait,
    requirement: &Requirement,
    supplier: OrganisationId,
    at: Timestamp,
) -> Result<Basis, Problem> {
    let bases = bases_today(db, requirement, &[supplier], at).await?.into_values().next();
    bases.ok_or_else(|| Problem::internal("no basis of a supplier"))
}

/// The bases of several suppliers on the programme's day at that moment, in a fixed number of queries.
async fn bases_today(
    db: &impl ConnectionTrait,
    requirement: &Requirement,
    suppliers: &[OrganisationId],
    at: Timestamp,
) -> Result<BTreeMap<OrganisationId, Basis>, Problem> {
    let programme = programme_of(db, requirement).await?;
    let analyses = analyses_on(db, requirement, suppliers, &programme, programme.day(at)).await?;
    let basis = |analysis| Basis { demanded: Demanded::from(requirement), analysis };
    Ok(suppliers.iter().copied().zip(analyses.into_iter().map(basis)).collect())
}

/// The row as an act of that requirement.
async fn complete(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    row: act::Model,
) -> Result<Act, Problem> {
    let acts = complete_all(db, actor, requirement, vec![row]).await?.pop();
    acts.ok_or_else(|| Problem::internal("no act of a row"))
}

/// The rows as acts of that requirement, in their order and in a fixed number of queries.
async fn complete_all(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    rows: Vec<act::Model>,
) -> Result<Vec<Act>, Problem> {
    let found = dispute::Entity::find()
        .filter(dispute::Column::ActId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(dispute::Column::Id)
        .all(db)
        .await?;
    let mut disputes: BTreeMap<GapActId, Vec<Dispute>> = BTreeMap::new();
    for row in found {
        disputes.entry(row.act_id).or_default().push(row.into());
    }
    let ids = rows.iter().map(|row| row.id.0);
    let mut signatures = signatures::under_all(db, actor, Subject::GapAct, ids).await?;
    let act = |row: act::Model| {
        Ok(Act {
            id: row.id,
            programme: requirement.programme,
            requirement: requirement.id,
            lead_firm: requirement.lead_firm,
            supplier: row.supplier_id,
            round: row.round,
            edition: row.edition,
            basis: serde_json::from_str(&row.basis)?,
            sealed_basis: serde_json::from_str(&row.basis)?,
            actions: serde_json::from_str(&row.actions)?,
            sealed_actions: serde_json::from_str(&row.actions)?,
            disputes: disputes.remove(&row.id).unwrap_or_default(),
            signatures: signatures.remove(&row.id.0).unwrap_or_default(),
            opened_at: row.opened_at,
            renewed_at: row.renewed_at,
            version: row.version,
        })
    };
    rows.into_iter().map(act).collect()
}

/// The requirement of an act that the actor may see.
async fn shown(db: &impl ConnectionTrait, actor: &Actor, row: &act::Model) -> Result<Requirement, Problem> {
    let requirement = requirements::store::find(db, actor, row.requirement_id).await?;
    if may_see(db, actor, &requirement, row.supplier_id).await? {
        Ok(requirement)
    } else {
        Err(Problem::not_found())
    }
}

/// The act, as it stands at a moment.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: GapActId,
    at: Timestamp,
) -> Result<Standing, Problem> {
    let row = act::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?;
    let requirement = shown(db, actor, &row).await?;
    let today = basis_today(db, &requirement, row.supplier_id, at).await?;
    Standing::of(complete(db, actor, &requirement, row).await?, &today)
}

/// The acts of a requirement that the actor may see, as they stand at a moment.
///
/// # Errors
/// 404 when it may not see the requirement; 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    window: &Window,
    at: Timestamp,
) -> Result<Page<Standing>, Problem> {
    let requirement = requirements::store::find(db, actor, requirement).await?;
    let of_suppliers = of_suppliers(db, actor, &requirement, act::Column::SupplierId).await?;
    let query =
        act::Entity::find().filter(act::Column::RequirementId.eq(requirement.id)).filter(of_suppliers);
    let page =
        window.fetch(actor, query, act::Column::Id, |row| row.id.0, &("acts", requirement.id), db).await?;
    let Page { items, next, prev } = page;
    let suppliers: Vec<_> = items.iter().map(|row| row.supplier_id).collect();
    let bases = bases_today(db, &requirement, &suppliers, at).await?;
    let acts = complete_all(db, actor, &requirement, items).await?;
    let standing = |act: Act| {
        let today = bases.get(&act.supplier).ok_or_else(|| Problem::internal("no basis of a supplier"))?;
        Standing::of(act, today)
    };
    Ok(Page { items: acts.into_iter().map(standing).collect::<Result<_, _>>()?, next, prev })
}

/// The act of a requirement and a supplier when both sides have agreed on it and it holds at that moment: for the
/// stages above, which show it to whom they may.
///
/// # Errors
/// 404 when the actor does not see the requirement.
pub async fn agreed(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    supplier: OrganisationId,
    at: Timestamp,
) -> Result<Option<Standing>, Problem> {
    let found = act::Entity::find()
        .filter(act::Column::RequirementId.eq(requirement))
        .filter(act::Column::SupplierId.eq(supplier))
        .one(db)
        .await?;
    let requirement = requirements::store::find(db, actor, requirement).await?;
    let Some(row) = found else { return Ok(None) };
    let today = basis_today(db, &requirement, supplier, at).await?;
    let standing = Standing::of(complete(db, actor, &requirement, row).await?, &today)?;
    Ok((standing.state == State::Agreed).then_some(standing))
}

/// When suppliers first agreed on a gap act for one of these requirements: for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn agreements(
    db: &impl ConnectionTrait,
    service: &Actor,
    requirements: &[RequirementId],
) -> Result<Vec<(OrganisationId, Timestamp)>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let query = act::Entity::find().filter(act::Column::RequirementId.is_in(requirements.iter().copied()));
    let rows = query.all(db).await?;
    let ids = rows.iter().map(|row| row.id.0);
    let signatures = signatures::under_all(db, service, Subject::GapAct, ids).await?;
    let agreed = |row: &act::Model| Some((row.supplier_id, agreed_at(signatures.get(&row.id.0)?)?));
    Ok(rows.iter().filter_map(agreed).collect())
}

/// Opens an act, with what the analysis says today.
///
/// # Errors
/// 404 when the actor sees no such requirement of its own; 409 while that is a draft, or when there is such an
/// act; 422 when the actor sees no analysis of such a supplier.
pub async fn open(w: &Write, requirement: RequirementId, new: NewAct) -> Result<Standing, Problem> {
    let (db, actor) = (w.db(), w.actor());
    let (requirement, supplier) = super::of_two(w, requirement, new.supplier).await?;
    // Whom the actor may not see, who has no analysis, and who takes part no more, are told alike.
    let unknown = || Problem::field("/supplier", "no-such-analysis");
    match super::find(db, actor, requirement.id, supplier).await {
        Err(problem) if problem == Problem::not_found() => return Err(unknown()),
        found => found?,
    };
    let service = Actor::system(requirement.lead_firm);
    let (programme, network) = (requirement.programme, requirement.network);
    if !programmes::store::participants(db, &service, programme, network).await?.contains(&supplier) {
        return Err(unknown());
    }
    let basis = basis_today(db, &requirement, supplier, w.at()).await?;
    let row = act::Model {
        id: w.new_id(),
        requirement_id: requirement.id,
        supplier_id: supplier,
        round: 1,
        edition: 1,
        basis: serde_json::to_string(&basis)?,
        actions: "[]".to_owned(),
        opened_at: w.at(),
        renewed_at: w.at(),
        version: 1,
    };
    act::Entity::insert(act::ActiveModel::from(row.clone()))
        .exec_without_returning(db)
        .await
        .on_constraint("uq_gap_acts__requirement_id__supplier_id", || Problem::conflict("gap-act-exists"))?;
    let standing = Standing::of(complete(db, actor, &requirement, row).await?, &basis)?;
    record(w, &standing, json!({ "requirement": requirement.id, "supplier": supplier })).await?;
    Ok(standing)
}

/// An act that this write changes, with its requirement and today's basis.
struct Held {
    standing: Standing,
    requirement: Requirement,
    today: Basis,
}

impl Held {
    /// Locks the act; its state must be one of the operation's.
    async fn of(w: &Write, id: GapActId, version: Option<IfVersion>) -> Result<Self, Problem> {
        let found = act::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
        let row = found.ok_or_else(Problem::not_found)?;
        let requirement = shown(w.db(), w.actor(), &row).await?;
        let today = basis_today(w.db(), &requirement, row.supplier_id, w.at()).await?;
        let standing = Standing::of(complete(w.db(), w.actor(), &requirement, row).await?, &today)?;
        if let Some(version) = version {
            version.check(standing.version)?;
        }
        w.in_state(standing.state)?;
        Ok(Self { standing, requirement, today })
    }

    fn side(&self, w: &Write) -> Result<Side, Problem> {
        self.party(w).side()
    }

    fn party(&self, w: &Write) -> Party {
        self.standing.party(w.actor())
    }

    /// Writes the act down anew and shows it as it stands then, which must be where the move leads.
    async fn moved(
        self,
        w: &Write,
        step: Move,
        details: serde_json::Value,
        change: act::ActiveModel,
    ) -> Result<Standing, Problem> {
        let expected = step.from(self.standing.state);
        let act = &self.standing.act;
        let signs = matches!(step, Move::SupplierSigns | Move::LeadFirmSigns);
        let row = act::ActiveModel {
            id: Set(act.id),
            edition: Set(if signs { act.edition } else { act.edition + 1 }),
            version: Set(act.version + 1),
            ..change
        };
        let row = row.update(w.db()).await?;
        let act = complete(w.db(), w.actor(), &self.requirement, row).await?;
        let standing = Standing::of(act, &self.today)?;
        if expected != Some(standing.state) {
            return Err(Problem::internal(format!("{step:?} led to {}", standing.state)));
        }
        record(w, &standing, details).await?;
        Ok(standing)
    }
}

/// A move that only adds to the act.
fn unchanged() -> act::ActiveModel {
    act::ActiveModel { ..Default::default() }
}

async fn record(w: &Write, standing: &Standing, details: serde_json::Value) -> Result<(), Problem> {
    let act = &standing.act;
    let details = json!({
        "state": standing.state, "round": act.round, "hash": standing.hash, "with": details,
    });
    w.record("gap_act", act.id, &details).await
}

/// Says how the gaps of an act would be closed. What was said before is replaced.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is agreed or void; 422 for lines without a gap, named twice, or
/// costs in another currency.
pub async fn put_actions(
    w: &Write,
    id: GapActId,
    version: IfVersion,
    new: NewActions,
) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let act = &held.standing.act;
    let programme = programmes::store::find(w.db(), &Actor::system(act.lead_firm), act.programme).await?;
    let mut errors = Vec::new();
    let mut actions: BTreeMap<usize, LineAction> = BTreeMap::new();
    for (at, new) in new.0.into_iter().enumerate() {
        let pointer = format!("/actions/{at}");
        if !act.basis.is_open(new.line) {
            errors.push(FieldError::new(format!("{pointer}/line"), "no-gap-to-close"));
        }
        if actions.contains_key(&new.line) {
            errors.push(FieldError::new(format!("{pointer}/line"), "line-named-twice"));
        }
        let closing =
            new.closing.settle(&pointer, programme.currency, programme.rules.cofinancing, &mut errors);
        if let Some(closing) = closing {
            actions.insert(new.line, LineAction { line: new.line, closing });
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let actions: Vec<_> = actions.into_values().collect();
    let change = act::ActiveModel { actions: Set(serde_json::to_string(&actions)?), ..Default::default() };
    let details = json!({ "actions": actions.len() });
    if held.standing.act.actions == actions {
        // The same again: nothing changes, and nobody's signature falls.
        record(w, &held.standing, details).await?;
        return Ok(held.standing);
    }
    held.moved(w, Move::Change, details, change).await
}

/// Disputes a line for the actor's own firm.
///
/// # Errors
/// 404, 412 for a stale version, 409 when the act is agreed or void; 422 for a line that it has not.
pub async fn raise(
    w: &Write,
    id: GapActId,
    version: IfVersion,
    new: NewDispute,
) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let (act, side) = (&held.standing.act, held.side(w)?);
    let Some(line) = act.basis.analysis.lines.get(new.line) else {
        return Err(Problem::field("/line", "no-such-line"));
    };
    let row = dispute::Model {
        id: w.new_id(),
        act_id: act.id,
        round: act.round,
        line: i32::try_from(new.line).unwrap_or(i32::MAX),
        question: line.criterion.question.clone(),
        raised_by: side,
        reason: new.reason,
        raised_at: w.at(),
        answer: None,
        answered_by: None,
        answered_at: None,
        outcome: None,
        note: None,
        settled_by: None,
        settled_at: None,
    };
    let details = json!({ "dispute": row.id, "line": row.line, "side": side });
    dispute::Entity::insert(dispute::ActiveModel::from(row)).exec_without_returning(w.db()).await?;
    held.moved(w, Move::Dispute, details, unchanged()).await
}

fn dispute_of(act: &Act, id: GapDisputeId) -> Result<&Dispute, Problem> {
    act.disputes
        .iter()
        .find(|dispute| dispute.id == id && dispute.round == act.round)
        .ok_or_else(Problem::not_found)
}

/// Answers a dispute that the other side has raised.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is one's own, answered, or settled.
pub async fn answer(
    w: &Write,
    (id, dispute): (GapActId, GapDisputeId),
    version: IfVersion,
    new: NewAnswer,
) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let party = held.party(w);
    dispute_of(&held.standing.act, dispute)?.check_answer(party)?;
    let row = dispute::ActiveModel {
        id: Set(dispute),
        answer: Set(Some(new.text)),
        answered_by: Set(Some(party)),
        answered_at: Set(Some(w.at())),
        ..Default::default()
    };
    row.update(w.db()).await?;
    held.moved(w, Move::Change, json!({ "dispute": dispute, "by": party }), unchanged()).await
}

/// Settles a dispute.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is settled, or not for this party to settle so.
pub async fn settle(
    w: &Write,
    (id, dispute): (GapActId, GapDisputeId),
    version: IfVersion,
    new: NewSettlement,
) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    interests::demand_none(w, [held.standing.act.supplier, held.standing.act.lead_firm]).await?;
    let party = held.party(w);
    dispute_of(&held.standing.act, dispute)?.check_settlement(party, new.outcome)?;
    let row = dispute::ActiveModel {
        id: Set(dispute),
        outcome: Set(Some(new.outcome)),
        note: Set(Some(new.note)),
        settled_by: Set(Some(party)),
        settled_at: Set(Some(w.at())),
        ..Default::default()
    };
    row.update(w.db()).await?;
    let step = if held.standing.act.open_disputes() == 1 { Move::SettleLast } else { Move::SettleOne };
    let details = json!({ "dispute": dispute, "outcome": new.outcome, "by": party });
    held.moved(w, step, details, unchanged()).await
}

/// Signs an act for the actor's own firm. No version is needed: the hash says what was read, so that two who
/// sign at the same moment both succeed.
///
/// # Errors
/// 404; 409 when it is disputed, agreed or void, when the firm has signed already, or when the act says
/// something else than what was read.
pub async fn sign(w: &Write, id: GapActId, new: &NewSignature) -> Result<Standing, Problem> {
    let held = Held::of(w, id, None).await?;
    let side = held.side(w)?;
    new.check(&held.standing.hash)?;
    let step = Move::signing(side);
    if step.from(held.standing.state).is_none() {
        return Err(Problem::conflict("already-signed"));
    }
    signatures::sign(w, Subject::GapAct, id, side, &held.standing.hash).await?;
    held.moved(w, step, json!({ "side": side }), unchanged()).await
}

/// Begins another round, with what requirement, diagnostic and rules say today. Closing actions stay where
/// their gap is still open.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless the act is void.
pub async fn renew(w: &Write, id: GapActId, version: IfVersion) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let act = &held.standing.act;
    let change = act::ActiveModel {
        round: Set(act.round + 1),
        basis: Set(serde_json::to_string(&held.today)?),
        actions: Set(serde_json::to_string(&act.actions_under(&held.today))?),
        renewed_at: Set(w.at()),
        ..Default::default()
    };
    held.moved(w, Move::Renew, json!({}), change).await
}

impl From<dispute::Model> for Dispute {
    fn from(row: dispute::Model) -> Self {
        let said = |by: Option<Party>, text: Option<String>, at: Option<Timestamp>| {
            Some(Said { by: by?, text: text?, at: at? })
        };
        let note = said(row.settled_by, row.note, row.settled_at);
        Self {
            id: row.id,
            round: row.round,
            line: usize::try_from(row.line).unwrap_or_default(),
            question: row.question,
            raised_by: row.raised_by,
            reason: row.reason,
            raised_at: row.raised_at,
            answer: said(row.answered_by, row.answer, row.answered_at),
            settlement: row.outcome.zip(note),
        }
    }
}
