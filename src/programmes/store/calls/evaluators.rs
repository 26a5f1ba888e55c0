//! Who evaluates the proposals to a call.

use sea_orm::{QueryOrder, QuerySelect, QueryTrait, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

use super::{
    super::governance::demand,
    conduct::{find, hold},
    entities::{evaluation, evaluator, proposal},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        ids::{AccountId, CallId},
        problem::Problem,
    },
    organisations::store::{interests, people},
    programmes::{
        calls::{
            Appointed, Call,
            eligibility::{Evaluator, Proposed, Unfit},
        },
        governance::Function,
    },
};

/// Whether the actor may judge a proposal, as `unfit` looks at it.
///
/// # Errors
/// 409 with the ground; for a declared interest with the organisation in which it is.
pub(super) async fn demand_fit(
    w: &Write,
    proposed: &Proposed,
    unfit: impl Fn(&Evaluator, &Proposed) -> Option<Unfit>,
) -> Result<(), Problem> {
    let Actor { account, organisation: institution, .. } = *w.actor();
    let memberships = people::memberships_of(w.db(), &Actor::system(institution), account).await?;
    let member_of = memberships.into_iter().map(|(id, _)| id).collect();
    let interests = interests::ask(w, proposed.parties()).await?;
    let interested_in = interests.keys().copied().collect();
    let person = Evaluator { account, institution, member_of, interested_in };
    match (unfit(&person, proposed), interests.into_values().next()) {
        (None, _) => Ok(()),
        (Some(Unfit::Interest), Some(name)) => Err(interests::conflict(&name)),
        (Some(ground), _) => {
            Err(Problem::conflict("not-independent").with("ground", ground.said(w.actor().locale)))
        }
    }
}

async fn own(w: &Write, id: CallId) -> Result<Call, Problem> {
    let found = hold(w, id).await?;
    w.in_state(found.state(w.at()))?;
    demand(w, found.programme, Function::Coordination).await?;
    Ok(found)
}

/// Appoints an evaluator: somebody of the coordinating body, or of another institution. Doing it again changes nothing.
/// Which proposals they may evaluate is judged for each.
///
/// # Errors
/// 404, 409 for whoever does not coordinate or once evaluations are complete, 422 for nobody of an institution.
pub async fn appoint_evaluator(w: &Write, id: CallId, email: &str) -> Result<Appointed, Problem> {
    own(w, id).await?;
    let nobody = || Problem::field("/email", "no-such-evaluator");
    let (account, _) = people::for_login(w.db(), w.actor(), email).await?.ok_or_else(nobody)?;
    let service = Actor::system(w.actor().organisation);
    let memberships = people::memberships_of(w.db(), &service, account.id).await?;
    let institutions = memberships.into_iter().filter(|(_, role)| role.kind() == Some(Kind::Institution));
    let institutions: Vec<_> = institutions.map(|(institution, _)| institution).collect();
    let ours = institutions.iter().find(|institution| **institution == w.actor().organisation);
    let institution = *ours.or(institutions.first()).ok_or_else(nobody)?;
    let row = evaluator::Model {
        call_id: id,
        account_id: account.id,
        institution_id: institution,
        appointed_by: w.actor().account,
        appointed_at: w.at(),
    };
    evaluator::Entity::insert(evaluator::ActiveModel::from(row))
        .on_conflict(
            OnConflict::columns([evaluator::Column::CallId, evaluator::Column::AccountId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(w.db())
        .await?;
    w.record("call", id, &json!({ "evaluator": account.id, "institution": institution })).await?;
    let kept = evaluator::Entity::find_by_id((id, account.id)).one(w.db()).await?;
    kept.map(Appointed::from).ok_or_else(Problem::not_found)
}

/// Takes an evaluator off a call who has handed nothing in.
///
/// # Errors
/// 404, also for nobody who evaluates it; 409 for whoever does not coordinate, or once something was handed in.
pub async fn dismiss_evaluator(w: &Write, id: CallId, account: AccountId) -> Result<(), Problem> {
    own(w, id).await?;
    let proposals = proposal::Entity::find()
        .select_only()
        .column(proposal::Column::Id)
        .filter(proposal::Column::CallId.eq(id))
        .into_query();
    let handed_in = evaluation::Entity::find()
        .filter(evaluation::Column::EvaluatorId.eq(account))
        .filter(evaluation::Column::ProposalId.in_subquery(proposals));
    if handed_in.one(w.db()).await?.is_some() {
        return Err(Problem::conflict("evaluator-handed-in"));
    }
    let gone = evaluator::Entity::delete_by_id((id, account)).exec(w.db()).await?;
    if gone.rows_affected == 0 {
        return Err(Problem::not_found());
    }
    w.record("call", id, &json!({ "evaluator": account, "appointed": false })).await
}

/// The evaluators of a call, for those who coordinate or steer; an evaluator sees itself.
///
/// # Errors
/// 404 for whoever does not see the call.
pub async fn list_evaluators(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: CallId,
) -> Result<Vec<Appointed>, Problem> {
    let (call, _) = find(db, actor, id).await?;
    let query = evaluator::Entity::find()
        .filter(evaluator::Column::CallId.eq(id))
        .order_by_asc(evaluator::Column::AppointedAt)
        .order_by_asc(evaluator::Column::AccountId);
    let mut found: Vec<_> = query.all(db).await?.into_iter().map(Appointed::from).collect();
    if !judges(db, actor, &call).await? {
        found.retain(|one| one.account == actor.account);
    }
    Ok(found)
}

/// Whether the actor's institution coordinates or steers the call's programme.
pub(super) async fn judges(db: &impl ConnectionTrait, actor: &Actor, call: &Call) -> Result<bool, Problem> {
    if actor.is_system() {
        return Ok(true);
    }
    let service = Actor::system(actor.organisation);
    let (_, functions) = super::super::governance::functions(db, &service, call.programme).await?;
    Ok([Function::Direction, Function::Coordination]
        .iter()
        .any(|function| functions.has(actor.organisation, *function)))
}

impl From<evaluator::Model> for Appointed {
    fn from(row: evaluator::Model) -> Self {
        Self { account: row.account_id, institution: row.institution_id, appointed_at: row.appointed_at }
    }
}
